import type { ComparisonOperator, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { parseArn } from '../api';
import { DAY, HOUR, MINUTE, SECOND } from '../clock';
import { readDimensions } from './dimensions';
import { constraint, invalidParameterCombination, missingParameter, validationError } from './errors';
import type { EvaluationRule, MissingData } from './evaluation';
import { type ParsedQuery, parseQueries, runQueries } from './metric-query';
import { isExtendedStatistic } from './extended-statistics';
import { NO_DATA } from './metric-store';
import { isStatistic } from './statistics';

/** An alarm's configuration, checked. */
export interface AlarmDefinition {
  readonly name: string;
  readonly input: PutMetricAlarmInput;
  /** The metrics and expressions that it watches: one metric, or a list. */
  readonly queries: readonly ParsedQuery[];
  /** The query whose values are held against the threshold. */
  readonly watched: ParsedQuery;
  /** In milliseconds. */
  readonly period: number;
  readonly rule: EvaluationRule;
  readonly threshold: number;
  /** Whether the window begins at whole periods of the clock, and is read without points beyond N. */
  readonly wallClock: boolean;
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
const UNSUPPORTED = [
  'ThresholdMetricId',
  'EvaluationCriteria',
  'EvaluationInterval',
  'WarmUpConfiguration',
  'ActionConfiguration',
] as const;
const MOST_METRICS = 10;
const MOST_ACTIONS = 5;

/** Checks what PutMetricAlarm was given. */
export function defineAlarm(input: PutMetricAlarmInput): AlarmDefinition {
  const name = input.AlarmName;
  if (name === undefined) throw missingParameter('AlarmName');
  if (name.length < 1 || name.length > 255)
    throw constraint(name, 'alarmName', 'Member must have length between 1 and 255');
  if ((input.AlarmDescription?.length ?? 0) > 1_024) {
    throw constraint(input.AlarmDescription, 'alarmDescription', 'Member must have length less than or equal to 1024');
  }
  for (const member of UNSUPPORTED) {
    if (input[member] !== undefined) throw validationError(`${member} is not supported.`);
  }
  checkActions(input);
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
    wallClock: wallClockOf(input, period),
  };
}

function checkActions(input: PutMetricAlarmInput): void {
  for (const member of ['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const) {
    const actions = input[member] ?? [];
    if (actions.length > MOST_ACTIONS)
      throw constraint(actions, member, `Member must have length less than or equal to ${MOST_ACTIONS}`);
    for (const action of actions) {
      if (parseArn(action) === undefined) throw validationError(`Invalid arn syntax in ${member}: ${action}`);
    }
  }
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
    throw constraint(
      Statistic,
      'statistic',
      'Member must satisfy enum value set: [Minimum, Maximum, Sum, SampleCount, Average]',
    );
  }
  if (ExtendedStatistic !== undefined && !isExtendedStatistic(ExtendedStatistic)) {
    throw validationError(`The value ${ExtendedStatistic} for parameter ExtendedStatistic is not supported.`);
  }
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
    throw validationError(`Exactly one element of the metrics list should return data, got ${returning.length}.`);
  }
  const metrics = queries.filter((query) => query.source !== undefined).length;
  if (metrics === 0 || metrics > MOST_METRICS) {
    throw validationError(`The metrics list must have 1 to ${MOST_METRICS} metrics, got ${metrics}.`);
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
  if (kind !== 'series')
    throw validationError(`Error in expression '${id}': an alarm needs a single time series, and this is a ${kind}.`);
  return queries;
}

function checkPeriod(seconds: number): void {
  if (![10, 20, 30].includes(seconds) && !(seconds > 0 && seconds % 60 === 0)) {
    throw validationError(`Period must be 10, 20, 30 or a multiple of 60, got ${seconds}.`);
  }
}

function ruleOf(input: PutMetricAlarmInput, period: number): EvaluationRule {
  const { EvaluationPeriods, DatapointsToAlarm, ComparisonOperator: operator, Threshold } = input;
  if (EvaluationPeriods === undefined) throw missingParameter('EvaluationPeriods');
  if (!Number.isInteger(EvaluationPeriods) || EvaluationPeriods < 1) {
    throw constraint(EvaluationPeriods, 'evaluationPeriods', 'Member must have value greater than or equal to 1');
  }
  checkSpan(EvaluationPeriods, period);
  if (DatapointsToAlarm !== undefined && !(Number.isInteger(DatapointsToAlarm) && DatapointsToAlarm >= 1)) {
    throw constraint(DatapointsToAlarm, 'datapointsToAlarm', 'Member must have value greater than or equal to 1');
  }
  if (DatapointsToAlarm !== undefined && DatapointsToAlarm > EvaluationPeriods) {
    throw validationError(
      `DatapointsToAlarm must be less than or equal to EvaluationPeriods (${EvaluationPeriods}), got ${DatapointsToAlarm}.`,
    );
  }
  if (operator === undefined) throw missingParameter('ComparisonOperator');
  const compare = COMPARISONS[operator];
  if (compare === undefined) {
    throw constraint(
      operator,
      'comparisonOperator',
      `Member must satisfy enum value set: [${Object.keys(COMPARISONS).join(', ')}]`,
    );
  }
  if (Threshold === undefined) throw missingParameter('Threshold');
  if (!Number.isFinite(Threshold)) throw validationError(`The value ${Threshold} for parameter Threshold is invalid.`);
  if (input.EvaluateLowSampleCountPercentile !== undefined && input.EvaluateLowSampleCountPercentile !== 'evaluate') {
    throw validationError(
      `Option ${input.EvaluateLowSampleCountPercentile} is not supported for EvaluateLowSampleCountPercentile: evaluate is.`,
    );
  }
  return {
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: DatapointsToAlarm ?? EvaluationPeriods,
    treatMissingData: missingDataOf(input),
    breaches: (value) => compare(value, Threshold),
  };
}

function checkSpan(evaluationPeriods: number, period: number): void {
  const span = evaluationPeriods * period;
  if (period < HOUR && span > DAY) {
    throw validationError(
      'Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).',
    );
  }
  if (span > 7 * DAY) {
    throw validationError(
      'Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800).',
    );
  }
}

function missingDataOf(input: PutMetricAlarmInput): MissingData {
  const setting = input.TreatMissingData;
  // A table without requests has no data: its alarms would go to INSUFFICIENT_DATA all the time.
  if (setting === undefined) return input.Namespace === 'AWS/DynamoDB' ? 'ignore' : 'missing';
  if (!MISSING_DATA.includes(setting)) {
    throw validationError(
      `Unsupported treat missing data value: ${setting}. Valid values are ${MISSING_DATA.join(', ')}.`,
    );
  }
  return setting as MissingData;
}

function wallClockOf({ EvaluationWindow: window }: PutMetricAlarmInput, period: number): boolean {
  if (window?.WallClockWindow === undefined) return false;
  const { Timezone } = window.WallClockWindow;
  if (Timezone !== undefined && Timezone !== 'UTC') {
    throw validationError(`EvaluationWindow.WallClockWindow.Timezone ${Timezone} is not supported: UTC is.`);
  }
  if (![MINUTE, 5 * MINUTE, HOUR, DAY].includes(period)) {
    throw validationError(
      `A wall clock window needs a Period of 60, 300, 3600 or 86400 seconds, got ${period / SECOND}.`,
    );
  }
  return true;
}
