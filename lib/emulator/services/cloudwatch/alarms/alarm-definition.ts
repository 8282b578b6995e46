import type { ComparisonOperator, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { SECOND } from '../../../clock';
import { checkActions } from './action-targets';
import { checkPeriod, checkSpan, type WarmUp, warmUpOf, zoneOf } from './alarm-timing';
import { readDimensions } from '../metrics/dimensions';
import {
  checkAlarmName,
  checkRange,
  constraint,
  invalidParameterCombination,
  missingParameter,
  validationError,
} from '../errors';
import type { EvaluationRule, MissingData } from './evaluation';
import { isExtendedStatistic, percentileOf } from '../metrics/extended-statistics';
import { type ParsedQuery, parseQueries, runQueries } from '../metrics/metric-query';
import { NO_DATA } from '../metrics/metric-store';
import { isStatistic, STATISTIC_NAMES } from '../metrics/statistics';
import { unknownUnit } from '../metrics/units';
import type { WallClock } from './wall-clock';

/** An alarm's validated configuration. */
export interface AlarmDefinition {
  readonly name: string;
  readonly input: PutMetricAlarmInput;
  /** The metrics and expressions of the alarm: one metric, or a list. */
  readonly queries: readonly ParsedQuery[];
  /** The query whose values are compared with the threshold. */
  readonly watched: ParsedQuery;
  /** In milliseconds. */
  readonly period: number;
  readonly rule: EvaluationRule;
  readonly threshold: number;
  /** The time zone to which periods align; undefined for a sliding window. */
  readonly zone?: WallClock;
  /** A percentile of fewer samples than this leaves the state unchanged. */
  readonly leastSamples: number;
  readonly warmUp?: WarmUp;
  /** Whether an expression uses the current time. */
  readonly dependsOnTime: boolean;
}

const COMPARISONS: Partial<Record<ComparisonOperator, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

const MISSING_DATA: readonly string[] = ['missing', 'ignore', 'breaching', 'notBreaching'] satisfies MissingData[];

const SINGLE_METRIC = [
  'MetricName',
  'Namespace',
  'Statistic',
  'ExtendedStatistic',
  'Dimensions',
  'Period',
  'Unit',
] as const;
const UNSUPPORTED = {
  ThresholdMetricId: 'there are no anomaly detection models',
  EvaluationCriteria: 'there are no PromQL queries',
  EvaluationInterval: 'there are no PromQL queries',
  ActionConfiguration: 'actions are not told of tags',
} as const;
const BAND_OPERATORS: readonly string[] = [
  'LessThanLowerOrGreaterThanUpperThreshold',
  'LessThanLowerThreshold',
  'GreaterThanUpperThreshold',
] satisfies ComparisonOperator[];
/** Functions that can change each minute although their operands do not. */
const TIME_FUNCTIONS = /\b(MINUTE|HOUR|DAY|DATE|MONTH|YEAR|EPOCH)\s*\(/i;
const MOST_METRICS = 10;

/** Validates the input of PutMetricAlarm. */
export function defineAlarm(input: PutMetricAlarmInput): AlarmDefinition {
  const name = checkAlarmName(input.AlarmName, input.AlarmDescription);
  for (const [member, why] of Object.entries(UNSUPPORTED)) {
    if (input[member as keyof typeof UNSUPPORTED] !== undefined)
      throw validationError(`${member} is not emulated: ${why}.`);
  }
  checkActions(input, 'MetricAlarm');
  const queries = input.Metrics === undefined ? [singleMetric(input)] : metricList(input);
  const watched = queries.find((query) => query.returnData) as ParsedQuery;
  const period = watched.period;
  return {
    name,
    input,
    queries,
    watched,
    period,
    rule: ruleOf(input, period),
    threshold: input.Threshold as number,
    zone: zoneOf(input, queries),
    leastSamples: leastSamplesOf(input),
    warmUp: warmUpOf(input),
    dependsOnTime: (input.Metrics ?? []).some(({ Expression }) => TIME_FUNCTIONS.test(Expression ?? '')),
  };
}

function singleMetric(input: PutMetricAlarmInput): ParsedQuery {
  const { Namespace, MetricName, Statistic, ExtendedStatistic, Period } = input;
  if (!MetricName) throw missingParameter('MetricName');
  if (!Namespace) throw missingParameter('Namespace');
  if (Statistic !== undefined && ExtendedStatistic !== undefined) {
    throw invalidParameterCombination(
      'The parameters Statistic and ExtendedStatistic are mutually exclusive and you have specified both.',
    );
  }
  const stat = Statistic ?? ExtendedStatistic;
  if (stat === undefined) throw validationError('Exactly one of Statistic or ExtendedStatistic must be specified.');
  if (Statistic !== undefined && !isStatistic(Statistic)) {
    throw constraint(Statistic, 'statistic', `Member must satisfy enum value set: [${STATISTIC_NAMES.join(', ')}]`);
  }
  if (ExtendedStatistic !== undefined && !isExtendedStatistic(ExtendedStatistic)) {
    throw validationError(`The value ${ExtendedStatistic} for parameter ExtendedStatistic is not supported.`);
  }
  const badUnit = input.Unit === undefined ? undefined : unknownUnit(input.Unit);
  if (badUnit !== undefined) throw constraint(input.Unit, 'unit', badUnit);
  if (Period === undefined) throw missingParameter('Period');
  checkPeriod(Period);
  const dimensions = readDimensions(input.Dimensions, 'Dimensions');
  const period = Period * SECOND;
  const source = { metric: { namespace: Namespace, name: MetricName, dimensions }, unit: input.Unit, stat, period };
  return { id: 'metric', label: undefined, returnData: true, source, period };
}

function metricList(input: PutMetricAlarmInput): ParsedQuery[] {
  for (const member of SINGLE_METRIC) {
    if (input[member] !== undefined) {
      throw invalidParameterCombination(
        `The parameters Metrics and ${member} are mutually exclusive and you have specified both.`,
      );
    }
  }
  const queries = parseQueries(input.Metrics ?? [], 'Metrics');
  const returning = queries.filter((query) => query.returnData);
  if (returning.length !== 1) {
    throw validationError('Exactly one element of the metrics list should return data.');
  }
  const metrics = queries.filter((query) => query.source !== undefined).length;
  if (metrics === 0) throw validationError('The expression for an alarm must include at least one metric');
  if (metrics > MOST_METRICS) {
    throw validationError(`The metrics list must have at most ${MOST_METRICS} metrics, got ${metrics}.`);
  }
  const periods = new Set(queries.map((query) => query.period));
  if (periods.size > 1) {
    throw validationError(
      `All elements of the metrics list must have the same period, got ${[...periods].map((p) => p / SECOND).join(', ')} seconds.`,
    );
  }
  checkPeriod(queries[0].period / SECOND);
  const [{ id }] = returning;
  const kind = runQueries(queries, NO_DATA, () => [0]).get(id)?.kind;
  if (kind === 'array') {
    throw validationError(
      'Metrics expression that return multi time series are only allowed for MetricsInsights expression with an ORDER BY clause',
    );
  }
  if (kind !== 'series')
    throw validationError(`Error in expression '${id}': an alarm needs a single time series, and this is a ${kind}.`);
  return queries;
}

function ruleOf(input: PutMetricAlarmInput, period: number): EvaluationRule {
  const { EvaluationPeriods, DatapointsToAlarm, ComparisonOperator: operator, Threshold } = input;
  if (EvaluationPeriods === undefined) throw missingParameter('EvaluationPeriods');
  checkRange(EvaluationPeriods, 'evaluationPeriods', 1);
  checkSpan(EvaluationPeriods, period);
  if (DatapointsToAlarm !== undefined) checkRange(DatapointsToAlarm, 'datapointsToAlarm', 1);
  if (DatapointsToAlarm !== undefined && DatapointsToAlarm > EvaluationPeriods) {
    throw validationError('DatapointsToAlarm must be less than or equal to EvaluationPeriods');
  }
  if (operator === undefined) throw missingParameter('ComparisonOperator');
  if (BAND_OPERATORS.includes(operator)) {
    throw validationError(`ComparisonOperator ${operator} is not emulated: there are no anomaly detection models.`);
  }
  const compare = COMPARISONS[operator];
  if (compare === undefined) {
    throw constraint(
      operator,
      'comparisonOperator',
      `Member must satisfy enum value set: [${[...Object.keys(COMPARISONS), ...BAND_OPERATORS].join(', ')}]`,
    );
  }
  if (Threshold === undefined) throw missingParameter('Threshold');
  if (!Number.isFinite(Threshold)) throw validationError(`The value ${Threshold} for parameter Threshold is invalid.`);
  return {
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: DatapointsToAlarm ?? EvaluationPeriods,
    treatMissingData: missingDataOf(input),
    breaches: (value) => compare(value, Threshold),
  };
}

function missingDataOf(input: PutMetricAlarmInput): MissingData {
  const { TreatMissingData: setting = 'missing' } = input;
  if (!MISSING_DATA.includes(setting)) {
    throw validationError(
      `Unsupported treat missing data value: ${setting}. Valid values are ${MISSING_DATA.join(', ')}.`,
    );
  }
  // A DynamoDB table without requests has no data: such alarms would often be in INSUFFICIENT_DATA.
  return input.Namespace === 'AWS/DynamoDB' ? 'ignore' : (setting as MissingData);
}

/** The number of samples that makes a percentile significant: ten beyond it, on the side that has fewer. */
function leastSamplesOf({ EvaluateLowSampleCountPercentile: setting, ExtendedStatistic }: PutMetricAlarmInput): number {
  if (setting !== undefined && setting !== 'evaluate' && setting !== 'ignore') {
    throw validationError(
      `Option ${setting} is not supported for EvaluateLowSampleCountPercentile: evaluate and ignore are.`,
    );
  }
  const percentile = ExtendedStatistic === undefined ? undefined : percentileOf(ExtendedStatistic);
  if (setting !== 'ignore' || percentile === undefined || percentile === 0 || percentile === 1) return 0;
  return Math.round(10 / Math.min(percentile, 1 - percentile));
}
