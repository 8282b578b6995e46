import { CronExpression, DAY, HOUR, MINUTE, UTC } from '../../../clock';

const UNITS: Readonly<Record<string, number>> = { minute: MINUTE, hour: HOUR, day: DAY };
const RATE = /^rate\((\d+) (minute|hour|day)(s?)\)$/;
const CRON = /^cron\((.*)\)$/s;

/** When a scheduled rule fires, in UTC. */
export interface RuleSchedule {
  /** The first firing after an instant; undefined if there is none. */
  next(after: number): number | undefined;
}

/** Parses a rule's ScheduleExpression: `rate(5 minutes)` or `cron(…)`. Returns undefined if it is invalid. */
export function parseRuleSchedule(expression: string): RuleSchedule | undefined {
  const rate = RATE.exec(expression);
  if (rate !== null) {
    const [, digits, unit, plural] = rate;
    const count = Number(digits);
    // The unit is singular for one, and plural for more.
    if (!Number.isSafeInteger(count) || count < 1 || (count === 1) !== (plural === '')) return undefined;
    return { next: (after) => after + count * UNITS[unit] };
  }
  const cron = CronExpression.parse(CRON.exec(expression)?.[1] ?? '');
  return cron && { next: (after) => cron.next(after, UTC) };
}
