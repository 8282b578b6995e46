import type { CreateScheduleInput, UpdateScheduleInput } from '@aws-sdk/client-scheduler';
import { ModelConstraints } from '../../../core';
import { TimeZone, UTC, type Zone } from '../../../clock';
import { validation } from '../errors';
import { LIMITS } from '../limits';
import { checkName } from '../names';
import type { UniversalTargets } from '../ports';
import { parseExpression } from './expression';
import type { ScheduleSettings } from './schedule';
import { checkedTarget, checkTargetMembers } from './target-checks';

const KMS_KEY = String.raw`arn:aws(-[a-z]+)?:kms:[a-z0-9\-]+:\d{12}:(key|alias)\/[0-9a-zA-Z-_]*`;

/**
 * Checks the settings of a schedule.
 * @throws AwsError ValidationException
 */
export function readScheduleSettings(
  input: CreateScheduleInput | UpdateScheduleInput,
  universalTargets: UniversalTargets,
  now: number,
): ScheduleSettings {
  checkMembers(input);
  const { ScheduleExpression: text = '', ScheduleExpressionTimezone: zoneName = 'UTC' } = input;
  const expression = parseExpression(text);
  if (expression === undefined) throw validation(`Invalid Schedule Expression ${text}.`);
  const { Mode, MaximumWindowInMinutes: minutes } = input.FlexibleTimeWindow ?? {};
  if (Mode === 'FLEXIBLE' && minutes === undefined) {
    throw validation('MaximumWindowInMinutes must be given for a flexible time window of the mode FLEXIBLE.');
  }
  if (Mode === 'OFF' && minutes !== undefined) {
    throw validation('MaximumWindowInMinutes must not be given for a flexible time window of the mode OFF.');
  }
  const [start, end] = [input.StartDate?.getTime(), input.EndDate?.getTime()];
  if (!expression.isOneTime) checkDates(start, end, now);
  return {
    text,
    expression,
    zoneName,
    zone: zoneOf(zoneName),
    window: { Mode, MaximumWindowInMinutes: minutes },
    target: checkedTarget(input.Target, universalTargets),
    start,
    end,
    state: input.State ?? 'ENABLED',
    afterCompletion: input.ActionAfterCompletion ?? 'NONE',
    description: input.Description,
    kmsKeyArn: input.KmsKeyArn,
  };
}

function checkDates(start: number | undefined, end: number | undefined, now: number): void {
  if (start !== undefined && start < now - LIMITS.startInThePast) {
    throw validation('The StartDate you specify cannot be earlier than 5 minutes ago.');
  }
  if (end !== undefined && end < now) throw validation('The EndDate you specify cannot be in the past.');
  if (start !== undefined && end !== undefined && start >= end) throw validation('EndDate must be after StartDate.');
}

function zoneOf(name: string): Zone {
  if (name === 'UTC') return UTC;
  try {
    return new TimeZone(name);
  } catch (error) {
    if (error instanceof RangeError) throw validation(`Invalid Schedule Expression Timezone ${name}.`);
    throw error;
  }
}

function checkMembers(input: CreateScheduleInput | UpdateScheduleInput): void {
  const { Target: target, FlexibleTimeWindow: window } = input;
  const constraints = new ModelConstraints();
  checkName(constraints, 'name', input.Name);
  checkName(constraints, 'groupName', input.GroupName);
  constraints
    .length('scheduleExpression', input.ScheduleExpression, 1, 256)
    .length('scheduleExpressionTimezone', input.ScheduleExpressionTimezone, 1, 50)
    .length('description', input.Description, 0, 512)
    .oneOf('state', input.State, ['ENABLED', 'DISABLED'])
    .oneOf('actionAfterCompletion', input.ActionAfterCompletion, ['NONE', 'DELETE'])
    .oneOf('flexibleTimeWindow.mode', window?.Mode, ['OFF', 'FLEXIBLE'])
    .range('flexibleTimeWindow.maximumWindowInMinutes', window?.MaximumWindowInMinutes, 1, 1_440)
    .length('kmsKeyArn', input.KmsKeyArn, 1, 2_048)
    .pattern('kmsKeyArn', input.KmsKeyArn, KMS_KEY)
    .length('clientToken', input.ClientToken, 1, 64)
    .pattern('clientToken', input.ClientToken, '[a-zA-Z0-9-_]+');
  if (target !== undefined) checkTargetMembers(constraints, target);
  constraints.check('ValidationException');
}
