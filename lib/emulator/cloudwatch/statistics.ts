import { type Aggregate, valuesOf } from './metric-store';

const STATISTICS: Readonly<Record<string, (data: Aggregate) => number>> = {
  Average: (data) => data.sum / data.sampleCount,
  Sum: (data) => data.sum,
  Minimum: (data) => data.minimum,
  Maximum: (data) => data.maximum,
  SampleCount: (data) => data.sampleCount,
};

const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;

/** Whether `name` is one of Average, Sum, Minimum, Maximum and SampleCount. */
export function isStatistic(name: string): boolean {
  return Object.hasOwn(STATISTICS, name);
}

/** Whether `name` is a percentile: p0 to p100, with up to ten decimals. */
export function isPercentile(name: string): boolean {
  return PERCENTILE.test(name);
}

/**
 * The value of a statistic over the data of a period. A percentile needs the single values: where they are not known,
 * because data came in as statistic sets, there is no data point, as on AWS.
 */
export function statistic(name: string, data: Aggregate): number | undefined {
  const known = STATISTICS[name] as ((data: Aggregate) => number) | undefined;
  if (known !== undefined) return known(data);
  const percentile = PERCENTILE.exec(name);
  const values = valuesOf(data);
  if (percentile === null || values === undefined) return undefined;
  return nearestRank(Number(percentile[1]), values, data.sampleCount);
}

function nearestRank(
  percentile: number,
  values: Iterable<readonly [number, number]>,
  sampleCount: number,
): number | undefined {
  let remaining = Math.max((percentile / 100) * sampleCount, Number.MIN_VALUE);
  for (const [value, count] of [...values].sort(([a], [b]) => a - b)) {
    remaining -= count;
    if (remaining <= 0) return value;
  }
  return undefined;
}
