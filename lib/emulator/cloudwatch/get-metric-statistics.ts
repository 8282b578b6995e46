import type {
  Datapoint,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  StandardUnit,
} from '@aws-sdk/client-cloudwatch';
import { SECOND } from '../clock';
import { readDimensions } from './dimensions';
import { constraint, invalidParameterCombination, invalidParameterValue, missingParameter } from './errors';
import { isPeriod } from './metric-query';
import type { Aggregate, MetricStore } from './metric-store';
import { isPercentile, isStatistic, statistic } from './statistics';

const MOST_DATAPOINTS = 1_440;

/** Answers GetMetricStatistics: unlike GetMetricData it keeps data of different units apart. */
export function getMetricStatistics(input: GetMetricStatisticsInput, store: MetricStore): GetMetricStatisticsOutput {
  const { Namespace, MetricName, StartTime, EndTime, Period, Statistics, ExtendedStatistics, Unit } = input;
  if (!Namespace) throw missingParameter('Namespace');
  if (!MetricName) throw missingParameter('MetricName');
  if (StartTime === undefined) throw missingParameter('StartTime');
  if (EndTime === undefined) throw missingParameter('EndTime');
  if (Period === undefined) throw missingParameter('Period');
  if (!isPeriod(Period)) {
    throw invalidParameterValue(`The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60, got ${Period}.`);
  }
  if (StartTime >= EndTime)
    throw invalidParameterCombination('The parameter StartTime must be less than the parameter EndTime.');
  const names = [...(Statistics ?? []), ...(ExtendedStatistics ?? [])];
  if (names.length === 0) throw missingParameter('Statistics');
  for (const name of Statistics ?? []) {
    if (!isStatistic(name))
      throw constraint(
        name,
        'statistics',
        'Member must satisfy enum value set: [Minimum, Maximum, Sum, SampleCount, Average]',
      );
  }
  for (const name of ExtendedStatistics ?? []) {
    if (!isPercentile(name))
      throw invalidParameterValue(
        `The value ${name} for parameter ExtendedStatistics is not supported: p0 to p100 are.`,
      );
  }
  const period = Period * SECOND;
  const start = Math.floor(StartTime.getTime() / period) * period;
  const end = Math.ceil(EndTime.getTime() / period) * period;
  const count = (end - start) / period;
  if (count > MOST_DATAPOINTS) {
    throw invalidParameterCombination(
      `You have requested up to ${count} datapoints, which exceeds the limit of ${MOST_DATAPOINTS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  }
  const metric = { namespace: Namespace, name: MetricName, dimensions: readDimensions(input.Dimensions, 'Dimensions') };
  const units = Unit === undefined ? store.units(metric) : [Unit];
  const datapoints = units.flatMap((unit) =>
    store
      .read(metric, unit, start, end, period)
      .flatMap((data, index) => (data === undefined ? [] : [datapoint(data, start + index * period, unit, names)])),
  );
  return { Label: MetricName, Datapoints: datapoints };
}

function datapoint(data: Aggregate, timestamp: number, unit: string, names: readonly string[]): Datapoint {
  const values = names.flatMap((name) => {
    const value = statistic(name, data);
    return value === undefined ? [] : [[name, value] as const];
  });
  const extended = values.filter(([name]) => isPercentile(name));
  return {
    Timestamp: new Date(timestamp),
    // A unit that nobody knows can only have come in through ingest: it is shown as it came.
    Unit: unit as StandardUnit,
    ...Object.fromEntries(values.filter(([name]) => isStatistic(name))),
    ...(extended.length === 0 ? {} : { ExtendedStatistics: Object.fromEntries(extended) }),
  };
}
