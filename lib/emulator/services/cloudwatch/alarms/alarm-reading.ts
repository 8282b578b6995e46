import { MINUTE, SECOND } from '../../../clock';
import type { AlarmDefinition } from './alarm-definition';
import { evaluationRange } from './evaluation';
import { runQueries } from '../metrics/metric-query';
import type { MetricReader } from '../metrics/metric-store';
import { cutsOf } from '../metrics/query-range';
import { statistic } from '../metrics/statistics';
import { wallClockCuts } from './wall-clock';

/** The data that an alarm evaluates: one element per period, oldest first. */
export interface Reading {
  /** The start of each period. */
  readonly starts: readonly number[];
  /** The data points; undefined for periods without data. */
  readonly values: readonly (number | undefined)[];
  /** The number of samples in each period; undefined for an alarm on an expression. */
  readonly sampleCounts?: readonly number[];
}

/**
 * Reads the watched series over an alarm's evaluation range. A sliding range is longer than N periods, and ends with
 * the newest visible minute; a wall-clock range covers the newest N whole periods.
 * @param visibleUntil the instant up to which data is visible
 */
export function readAlarm(definition: AlarmDefinition, reader: MetricReader, visibleUntil: number): Reading {
  const cuts = cutsFor(definition, visibleUntil);
  const { queries, watched, period } = definition;
  const starts = cuts.slice(0, -1);
  const { source } = watched;
  if (source !== undefined) {
    const pieces = reader.read(source.metric, source.unit, cuts, period);
    const values = pieces.map((piece) => (piece === undefined ? undefined : statistic(source.stat, piece)));
    return { starts, values, sampleCounts: pieces.map((piece) => piece?.sampleCount ?? 0) };
  }
  const series = runQueries(queries, reader, () => cuts).get(watched.id);
  const points = series?.kind === 'series' ? series.points : new Map<number, number>();
  return { starts, values: starts.map((start) => points.get(start)) };
}

function cutsFor({ period, rule, zone }: AlarmDefinition, visibleUntil: number): number[] {
  const { evaluationPeriods } = rule;
  if (zone !== undefined) return wallClockCuts(visibleUntil, evaluationPeriods, period, zone);
  const count = evaluationRange(evaluationPeriods);
  const step = slideOf(period);
  const end = Math.floor(visibleUntil / step) * step;
  return cutsOf(end - count * period, count, period);
}

/** The step by which a range slides: a minute, or ten seconds if the period is shorter than a minute. */
function slideOf(period: number): number {
  return period < MINUTE ? 10 * SECOND : MINUTE;
}

/**
 * Whether an alarm's warm-up can end early: its newest period has a data point, and its metrics had data when its N
 * periods began.
 */
export function isFull(
  { queries, period, rule }: AlarmDefinition,
  { starts, values }: Reading,
  reader: MetricReader,
): boolean {
  if (values.at(-1) === undefined) return false;
  const start = starts[starts.length - rule.evaluationPeriods];
  const step = slideOf(period);
  const before = [start - period, start + step];
  return queries.every(({ source }) => source === undefined || reader.units(source.metric, before, step).length > 0);
}
