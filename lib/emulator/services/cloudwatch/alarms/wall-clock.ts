import { DAY, HOUR, MINUTE } from '../../../clock';

/** A time zone: how far its clocks are ahead of UTC at an instant, in milliseconds. */
export type TimeZone = (instant: number) => number;

const WEEK = 7 * DAY;
/** The first Monday of the epoch, whose first day was a Thursday. */
const MONDAY = 4 * DAY;
const OFFSET = /^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?$/;

/** The periods that there are calendar boundaries for, in milliseconds. */
export const WALL_CLOCK_PERIODS: readonly number[] = [MINUTE, 5 * MINUTE, HOUR, DAY, WEEK];

/**
 * The time zone of a name such as `America/New_York`, or of an offset such as `+05:30`, `UTC-8` and `Z`; undefined
 * where there is none, or it is no multiple of five minutes ahead of UTC.
 */
export function timeZone(name: string): TimeZone | undefined {
  if (['UTC', 'GMT', 'UT', 'Z'].includes(name)) return () => 0;
  const offset = OFFSET.exec(name);
  if (offset !== null) {
    const [, sign, hours, minutes = '0'] = offset;
    const ahead = (Number(hours) * 60 + Number(minutes)) * MINUTE * (sign === '-' ? -1 : 1);
    const valid = Number(minutes) < 60 && Math.abs(ahead) <= 18 * HOUR && ahead % (5 * MINUTE) === 0;
    return valid ? () => ahead : undefined;
  }
  return namedZone(name);
}

function namedZone(name: string): TimeZone | undefined {
  let format: Intl.DateTimeFormat;
  try {
    const numbers = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, hourCycle: 'h23', era: 'short', ...numbers });
  } catch {
    return undefined;
  }
  return (instant) => {
    const minute = Math.floor(instant / MINUTE) * MINUTE;
    const parts = new Map(format.formatToParts(minute).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) - minute;
  };
}

/**
 * Where the last `count` whole periods that ended at `end` or before begin by the clocks of a zone, and where the last
 * one ends: a day begins at midnight, a week on Monday. Where clocks change, days are of 23 and of 25 hours.
 */
export function wallClockCuts(end: number, count: number, period: number, zone: TimeZone): number[] {
  const cuts = [startOfPeriod(end, period, zone)];
  while (cuts.length <= count) cuts.unshift(startOfPeriod(cuts[0] - 1, period, zone));
  return cuts;
}

function startOfPeriod(instant: number, period: number, zone: TimeZone): number {
  const first = period === WEEK ? MONDAY : 0;
  const ahead = zone(instant);
  const local = Math.floor((instant + ahead - first) / period) * period + first;
  const start = local - ahead;
  // The clocks may have changed since.
  const before = zone(start);
  return before === ahead ? start : Math.min(local - before, instant);
}
