import { DAY, HOUR, MINUTE, TimeZone } from '../../../clock';

/** A named time zone, or a fixed offset from UTC. */
export type WallClock = Pick<TimeZone, 'offsetAt'>;

const WEEK = 7 * DAY;
/** The first Monday after the epoch, which began on a Thursday. */
const MONDAY = 4 * DAY;
const OFFSET = /^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?$/;

/** The periods that align to the calendar, in milliseconds. */
export const WALL_CLOCK_PERIODS: readonly number[] = [MINUTE, 5 * MINUTE, HOUR, DAY, WEEK];

/**
 * Parses an IANA name such as `America/New_York`, or an offset such as `+05:30`, `UTC-8` or `Z`. Returns undefined if
 * there is no such time zone, or if the offset is not a multiple of five minutes.
 */
export function parseWallClock(name: string): WallClock | undefined {
  if (['UTC', 'GMT', 'UT', 'Z'].includes(name)) return fixedOffset(0);
  const offset = OFFSET.exec(name);
  if (offset !== null) {
    const [, sign, hours, minutes = '0'] = offset;
    const ahead = (Number(hours) * 60 + Number(minutes)) * MINUTE * (sign === '-' ? -1 : 1);
    const valid = Number(minutes) < 60 && Math.abs(ahead) <= 18 * HOUR && ahead % (5 * MINUTE) === 0;
    return valid ? fixedOffset(ahead) : undefined;
  }
  return namedZone(name);
}

function fixedOffset(offset: number): WallClock {
  return { offsetAt: () => offset };
}

function namedZone(name: string): TimeZone | undefined {
  try {
    return new TimeZone(name);
  } catch {
    return undefined;
  }
}

/**
 * The boundaries of the last `count` whole periods that ended at or before `end`, by local time: days begin at midnight,
 * weeks on Monday. Days with a clock change have 23 or 25 hours.
 */
export function wallClockCuts(end: number, count: number, period: number, zone: WallClock): number[] {
  const cuts = [startOfPeriod(end, period, zone)];
  while (cuts.length <= count) cuts.unshift(startOfPeriod(cuts[0] - 1, period, zone));
  return cuts;
}

function startOfPeriod(instant: number, period: number, zone: WallClock): number {
  const first = period === WEEK ? MONDAY : 0;
  const ahead = zone.offsetAt(instant);
  const local = Math.floor((instant + ahead - first) / period) * period + first;
  const start = local - ahead;
  // The offset may have changed since.
  const before = zone.offsetAt(start);
  return before === ahead ? start : Math.min(local - before, instant);
}
