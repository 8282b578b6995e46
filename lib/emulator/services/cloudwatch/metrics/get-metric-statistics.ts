import type {
  Datapoint,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  StandardUnit,
} from '@aws-sdk/client-cloudwatch';
import { SECOND } from '../../../clock';
import { readDimensions } from './dimensions';
import { constraint, invalidParameterCombination, invalidParameterValue, missingParameter } from '../errors';
import { isPeriod } from './metric-query';
import type { Aggregate } from './aggregate';
import { isExtendedStatistic } from './extended-statistics';
import type { MetricReader } from './metric-store';
import { rangeDisorder, requestedCuts } from './query-range';
import { isStatistic, statistic, STATISTIC_NAMES } from './statistics';
import { unknownUnit } from './units';

const MOST_DATAPOINTS = 1_440;

/** Implements GetMetricStatistics. Unlike GetMetricData, it returns the data of all units, separately. */
export function getMetricStatistics(
  input: GetMetricStatisticsInput,
  reader: MetricReader,
  now: number,
): GetMetricStatisticsOutput {
  const { Namespace, MetricName, StartTime, EndTime, Period, Unit } = input;
  if (!Namespace) throw missingParameter('Namespace');
  if (!MetricName) throw missingParameter('MetricName');
  if (StartTime === undefined) throw missingParameter('StartTime');
  if (EndTime === undefined) throw missingParameter('EndTime');
  if (Period === undefined) throw missingParameter('Period');
  if (!isPeriod(Period)) {
    throw invalidParameterValue(`The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60, got ${Period}.`);
  }
  const disorder = rangeDisorder(StartTime, EndTime);
  if (disorder !== undefined) throw invalidParameterValue(disorder);
  const names = statisticsOf(input);
  const badUnit = Unit === undefined ? undefined : unknownUnit(Unit);
  if (badUnit !== undefined) throw constraint(Unit, 'unit', badUnit);
  const period = Period * SECOND;
  // The span counts: a day of minutes is 1,440 points, even if it begins within a minute and touches 1,441.
  const count = Math.ceil((EndTime.getTime() - StartTime.getTime()) / period);
  if (count > MOST_DATAPOINTS) {
    throw invalidParameterCombination(
      `You have requested up to ${count} datapoints, which exceeds the limit of ${MOST_DATAPOINTS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  }
  const metric = { namespace: Namespace, name: MetricName, dimensions: readDimensions(input.Dimensions, 'Dimensions') };
  const cuts = requestedCuts(StartTime, EndTime, period, now);
  const units = Unit === undefined ? reader.units(metric, cuts, period) : [Unit];
  const datapoints = units.flatMap((unit) =>
    reader
      .read(metric, unit, cuts, period)
      .flatMap((data, index) => (data === undefined ? [] : [datapoint(data, cuts[index], unit, names)])),
  );
  return { Label: MetricName, Datapoints: datapoints };
}

function statisticsOf({ Statistics, ExtendedStatistics }: GetMetricStatisticsInput): readonly string[] {
  if (Statistics === undefined && ExtendedStatistics === undefined) {
    throw missingParameter('Statistics');
  }
  if (Statistics !== undefined && ExtendedStatistics !== undefined) {
    throw invalidParameterCombination(
      'The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.',
    );
  }
  checkLength(Statistics, 'statistics', 5);
  checkLength(ExtendedStatistics, 'extendedStatistics', 10);
  for (const name of Statistics ?? []) {
    if (!isStatistic(name))
      throw constraint(name, 'statistics', `Member must satisfy enum value set: [${STATISTIC_NAMES.join(', ')}]`);
  }
  for (const name of ExtendedStatistics ?? []) {
    if (!isExtendedStatistic(name))
      throw invalidParameterValue(`The value ${name} for parameter ExtendedStatistics is not supported.`);
  }
  return Statistics ?? ExtendedStatistics ?? [];
}

function checkLength(list: readonly string[] | undefined, member: string, most: number): void {
  if (list === undefined) return;
  if (list.length === 0) throw constraint('[]', member, 'Member must have length greater than or equal to 1');
  if (list.length > most)
    throw constraint(`[${list.join(', ')}]`, member, `Member must have length less than or equal to ${most}`);
}

function datapoint(data: Aggregate, timestamp: number, unit: string, names: readonly string[]): Datapoint {
  const values = names.flatMap((name) => {
    const value = statistic(name, data);
    return value === undefined ? [] : [[name, value] as const];
  });
  const extended = values.filter(([name]) => !isStatistic(name));
  return {
    Timestamp: new Date(timestamp),
    // An unknown unit can only come from the services' own metrics, and is returned as it is.
    Unit: unit as StandardUnit,
    ...Object.fromEntries(values.filter(([name]) => isStatistic(name))),
    ...(extended.length === 0 ? {} : { ExtendedStatistics: Object.fromEntries(extended) }),
  };
}
