import { parseArn } from '../../../core';
import type { AlarmActions, AlarmKind } from './any-alarm';
import { constraint, validationError } from '../errors';

const MOST_ACTIONS = 5;

/** The services that alarm actions can target. `automate` and `swf` stand for EC2 instance actions. */
const TARGETS: Readonly<Record<AlarmKind, readonly string[]>> = {
  MetricAlarm: ['aiops', 'automate', 'autoscaling', 'lambda', 'sns', 'ssm', 'ssm-incidents', 'swf'],
  CompositeAlarm: ['aiops', 'lambda', 'sns', 'ssm', 'ssm-incidents'],
};

/** Validates the actions of all states. */
export function checkActions(input: AlarmActions, kind: AlarmKind): void {
  for (const member of ['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const) {
    const actions = input[member] ?? [];
    if (actions.length > MOST_ACTIONS) {
      const location = member[0].toLowerCase() + member.slice(1);
      const list = `[${actions.join(', ')}]`;
      throw constraint(list, location, `Member must have length less than or equal to ${MOST_ACTIONS}`);
    }
    for (const action of actions) checkTarget(member, action, kind);
  }
}

function checkTarget(member: string, action: string, kind: AlarmKind): void {
  const service = parseArn(action)?.service;
  if (service === undefined) throw validationError(`Invalid arn syntax in ${member}: ${action}`);
  if (TARGETS[kind].includes(service)) return;
  if (kind === 'CompositeAlarm' && TARGETS.MetricAlarm.includes(service))
    throw validationError(`${member} of a composite alarm cannot be of Auto Scaling or EC2, got ${action}.`);
  throw validationError(
    `Unsupported action in ${member}: ${action}. An alarm's actions are of ${TARGETS[kind].join(', ')}.`,
  );
}

/** Whether an action is a scaling policy, which is repeated for as long as the state lasts. */
export function isScalingPolicy(action: string): boolean {
  return action.includes(':scalingPolicy:');
}
