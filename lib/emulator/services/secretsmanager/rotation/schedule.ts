import type { RotationRulesType } from '@aws-sdk/client-secrets-manager';
import { CronExpression, DAY, HOUR, UTC } from '../../../clock';
import { invalidParameter } from '../errors';

/** Throws if AWS would refuse the rules of a rotation. */
export function checkRules({ AutomaticallyAfterDays: days, ScheduleExpression: expression }: RotationRulesType): void {
  if (days !== undefined && expression !== undefined) {
    throw invalidParameter("You can't specify both AutomaticallyAfterDays and ScheduleExpression.");
  }
  if (days !== undefined && !(days >= 1 && days <= 1_000)) {
    throw invalidParameter(`AutomaticallyAfterDays must be between 1 and 1000, but was ${days}.`);
  }
  if (expression !== undefined && nextRotation({ ScheduleExpression: expression }, 0) === undefined) {
    throw invalidParameter(`Invalid ScheduleExpression: ${expression}.`);
  }
}

/** When a secret that was rotated at `last` is due again; undefined if it is not rotated on a schedule. */
export function nextRotation(rules: RotationRulesType, last: number): number | undefined {
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression } = rules;
  if (days !== undefined) return last + days * DAY;
  const rate = /^rate\((\d+) (hours?|days?)\)$/.exec(expression ?? '');
  if (rate !== null) {
    const hours = Number(rate[1]) * (rate[2].startsWith('day') ? 24 : 1);
    return hours >= 4 && hours <= 999 * 24 ? last + hours * HOUR : undefined;
  }
  const cron = /^cron\((.+)\)$/.exec(expression ?? '')?.[1];
  return cron === undefined ? undefined : CronExpression.parse(cron)?.next(last, UTC);
}
