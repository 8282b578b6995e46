import { DAY, HOUR, MINUTE } from '../../../clock';
import { keptFor } from './metric-store';

/** Data may be as far ahead of time as this, and a little less. */
const AHEAD = 3 * HOUR;

/** Where `count` points of a length begin, and where the last one ends. */
export function cutsOf(start: number, count: number, period: number): number[] {
  return Array.from({ length: count + 1 }, (_, index) => start + index * period);
}

/** What AWS answers to a range that has no time in it; undefined if it has. */
export function rangeDisorder(start: Date, end: Date): string | undefined {
  if (start < end) return undefined;
  if (start > end) return 'The parameter StartTime must be less than the parameter EndTime.';
  return 'The parameter StartTime must not equal parameter EndTime.';
}

/**
 * Where the first point of a request begins. As on AWS that is the request's own minute, whatever the period; of older
 * data, its five minutes or its hour; of a shorter period, a whole one.
 */
function firstPoint(start: Date, period: number, now: number): number {
  const age = now - start.getTime();
  const step = age > 63 * DAY ? HOUR : age > 15 * DAY ? 5 * MINUTE : Math.min(period, MINUTE);
  return Math.floor(start.getTime() / step) * step;
}

/**
 * Where the points of a request begin, and where the last one ends; without those that are so long ago, or so far
 * ahead, that there cannot be any.
 */
export function requestedCuts(start: Date, end: Date, period: number, now: number): number[] {
  const first = firstPoint(start, period, now);
  const skipped = Math.max(0, Math.floor((now - keptFor(period) - first) / period));
  const from = first + skipped * period;
  const to = Math.min(end.getTime(), now + AHEAD);
  return cutsOf(from, Math.max(0, Math.ceil((to - from) / period)), period);
}
