import { type Aggregate, valuesOf } from './aggregate';
import { extendedStatistic, isExtendedStatistic } from './extended-statistics';

const STATISTICS: Readonly<Record<string, (data: Aggregate) => number>> = {
  SampleCount: (data) => data.sampleCount,
  Average: (data) => data.sum / data.sampleCount,
  Sum: (data) => data.sum,
  Minimum: (data) => data.minimum,
  Maximum: (data) => data.maximum,
};

/** The names of the statistics that do not need single values, as error messages list them. */
export const STATISTIC_NAMES: readonly string[] = Object.keys(STATISTICS);

/** Whether `name` is Average, Sum, Minimum, Maximum or SampleCount. */
export function isStatistic(name: string): boolean {
  return Object.hasOwn(STATISTICS, name);
}

/** Whether `name` is a statistic of any kind. */
export function isAnyStatistic(name: string): boolean {
  return isStatistic(name) || isExtendedStatistic(name);
}

/**
 * The value of a statistic over a period's data. Extended statistics need single values: as on AWS, there is no data
 * point if they are not known, because the data came in statistic sets, or if some are negative.
 */
export function statistic(name: string, data: Aggregate): number | undefined {
  if (isStatistic(name)) return STATISTICS[name](data);
  const values = data.minimum < 0 ? undefined : valuesOf(data);
  return values === undefined ? undefined : extendedStatistic(name, [...values], data.sampleCount);
}
