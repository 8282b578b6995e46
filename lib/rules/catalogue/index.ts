import { type Deployment } from '../template/deployment';
import { isAcknowledged } from '../acknowledged';
import { ALARMS } from './alarms';
import { CIRCLES } from './circles';
import { DEAD_LETTERS } from './dead-letters';
import { MAPPINGS } from './mappings';
import { NETWORKS } from './networks';
import { NOTIFICATIONS } from './notifications';
import { PIPES } from './pipes';
import { POLICIES } from './policies';
import { PRODUCERS } from './producers';
import { QUEUE_SETTINGS } from './queue-settings';
import { ROLES } from './roles';
import { SCALING } from './scaling';
import { type Finding } from './template-rule';

const CHECKS = [
  QUEUE_SETTINGS,
  DEAD_LETTERS,
  ...MAPPINGS,
  PRODUCERS,
  NOTIFICATIONS,
  ...POLICIES,
  ...ALARMS,
  ...SCALING,
  PIPES,
  ROLES,
  ...NETWORKS,
  CIRCLES,
];

/** The ids of all rules on templates. */
export const RULE_IDS: readonly string[] = [...new Set(CHECKS.flatMap(({ ids }) => ids))];

/** All that a deployment breaks and nobody has acknowledged. */
export function findingsIn(app: Deployment): Finding[] {
  return CHECKS.flatMap(({ run }) => run(app)).filter(({ id, resource }) => !isAcknowledged(resource, id));
}
