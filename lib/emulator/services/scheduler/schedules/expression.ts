import { CronExpression, DAY, HOUR, type LocalTime, MINUTE, SECOND, type Zone } from '../../../clock';

/** When a schedule runs. */
export interface Expression {
  /** Whether it runs once. */
  readonly isOneTime: boolean;
  /**
   * The first run at or after an instant; undefined if there is none.
   * @param anchor when a rate begins
   */
  next(from: number, anchor: number, zone: Zone): number | undefined;
}

const AT = /^at\((\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\)$/;
const RATE = /^rate\((\d+) (minute|hour|day)s?\)$/;
const CRON = /^cron\((.*)\)$/s;
const UNITS: Readonly<Record<string, number>> = { minute: MINUTE, hour: HOUR, day: DAY };

/** Parses a ScheduleExpression: `at(…)`, `rate(…)` or `cron(…)`. Returns undefined if it is invalid. */
export function parseExpression(text: string): Expression | undefined {
  const at = AT.exec(text);
  if (at !== null) return oneTime(at.slice(1).map(Number));
  const rate = RATE.exec(text);
  if (rate !== null) return recurring(Number(rate[1]) * UNITS[rate[2]]);
  const cron = CRON.exec(text);
  if (cron === null) return undefined;
  // The year may be left out.
  const fields = cron[1].split(' ').filter((field) => field !== '');
  const parsed = CronExpression.parse([...fields, ...(fields.length === 5 ? ['*'] : [])].join(' '));
  return parsed && { isOneTime: false, next: (from, _anchor, zone) => parsed.next(from - 1, zone) };
}

function oneTime([year, month, day, hour, minute, second]: number[]): Expression | undefined {
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const isDate = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  if (!isDate || hour > 23 || minute > 59 || second > 59) return undefined;
  const local: LocalTime = { year, month, day, hour, minute };
  return {
    isOneTime: true,
    next(from, _anchor, zone) {
      const start = zone.toInstant(local);
      const at = start === undefined ? undefined : start + second * SECOND;
      return at === undefined || at < from ? undefined : at;
    },
  };
}

function recurring(period: number): Expression | undefined {
  if (!Number.isSafeInteger(period) || period < MINUTE) return undefined;
  return {
    isOneTime: false,
    next: (from, anchor) => anchor + Math.max(0, Math.ceil((from - anchor) / period)) * period,
  };
}
