import { type Deployment } from '../template/deployment';
import { isAcknowledged } from '../acknowledged';
import { ALARMS } from './alarms';
import { DEAD_LETTERS } from './dead-letters';
import { MAPPINGS } from './mappings';
import { NOTIFICATIONS } from './notifications';
import { POLICIES } from './policies';
import { PRODUCERS } from './producers';
import { QUEUE_SETTINGS } from './queue-settings';
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
];

/** The ids of all rules on templates. */
export const RULE_IDS: readonly string[] = [...new Set(CHECKS.flatMap(({ ids }) => ids))];

/** All that a deployment breaks and nobody has acknowledged. */
export function findingsIn(app: Deployment): Finding[] {
  return CHECKS.flatMap(({ run }) => run(app)).filter(({ id, resource }) => !isAcknowledged(resource, id));
}
