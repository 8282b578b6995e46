import { DAY, HOUR, MINUTE } from '../../../clock';
import { keptFor } from './metric-store';

/** Data may be almost this far in the future. */
const AHEAD = 3 * HOUR;

/** The starts of `count` points, and the end of the last one. */
export function cutsOf(start: number, count: number, period: number): number[] {
  return Array.from({ length: count + 1 }, (_, index) => start + index * period);
}

/** AWS's message for an empty or inverted range; undefined if it is valid. */
export function rangeDisorder(start: Date, end: Date): string | undefined {
  if (start < end) return undefined;
  if (start > end) return 'The parameter StartTime must be less than the parameter EndTime.';
  return 'The parameter StartTime must not equal parameter EndTime.';
}

/**
 * The start of a request's first point. As on AWS it is the request's minute, whatever the period; for older data, its
 * five minutes or hour; for a shorter period, a multiple of it.
 */
function firstPoint(start: Date, period: number, now: number): number {
  const age = now - start.getTime();
  const step = age > 63 * DAY ? HOUR : age > 15 * DAY ? 5 * MINUTE : Math.min(period, MINUTE);
  return Math.floor(start.getTime() / step) * step;
}

/** The boundaries of a request's points, without those that are too old, or too far in the future, to have data. */
export function requestedCuts(start: Date, end: Date, period: number, now: number): number[] {
  const first = firstPoint(start, period, now);
  const skipped = Math.max(0, Math.floor((now - keptFor(period) - first) / period));
  const from = first + skipped * period;
  const to = Math.min(end.getTime(), now + AHEAD);
  return cutsOf(from, Math.max(0, Math.ceil((to - from) / period)), period);
}
