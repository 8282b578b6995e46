import { type Aggregate, valuesOf } from './aggregate';
import { extendedStatistic, isExtendedStatistic } from './extended-statistics';

const STATISTICS: Readonly<Record<string, (data: Aggregate) => number>> = {
  SampleCount: (data) => data.sampleCount,
  Average: (data) => data.sum / data.sampleCount,
  Sum: (data) => data.sum,
  Minimum: (data) => data.minimum,
  Maximum: (data) => data.maximum,
};

/** The names of the statistics that need no single values, as error messages list them. */
export const STATISTIC_NAMES: readonly string[] = Object.keys(STATISTICS);

/** Whether `name` is one of Average, Sum, Minimum, Maximum and SampleCount. */
export function isStatistic(name: string): boolean {
  return Object.hasOwn(STATISTICS, name);
}

/** Whether `name` is a statistic of any kind. */
export function isAnyStatistic(name: string): boolean {
  return isStatistic(name) || isExtendedStatistic(name);
}

/**
 * The value of a statistic over the data of a period. Extended statistics need the single values: where they are not
 * known, because data came in as statistic sets, or some are negative, there is no data point, as on AWS.
 */
export function statistic(name: string, data: Aggregate): number | undefined {
  if (isStatistic(name)) return STATISTICS[name](data);
  const values = data.minimum < 0 ? undefined : valuesOf(data);
  return values === undefined ? undefined : extendedStatistic(name, [...values], data.sampleCount);
}
