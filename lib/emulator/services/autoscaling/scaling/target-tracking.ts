import type {
  Alarm,
  CustomizedMetricSpecification,
  PutScalingPolicyType,
  TargetTrackingConfiguration,
  TargetTrackingMetricDataQuery,
} from '@aws-sdk/client-auto-scaling';
import type { MetricDataQuery, PutMetricAlarmInput, StandardUnit } from '@aws-sdk/client-cloudwatch';
import { MINUTE, SECOND } from '../../../clock';
import { checkOneOf, missing, validationError } from '../errors';

/** Stores the alarms of target-tracking policies. */
export interface PolicyAlarms {
  /** Creates or replaces an alarm. Throws AWS's error if its metric is invalid. */
  put(alarm: PutMetricAlarmInput): void;
  delete(alarmNames: readonly string[]): void;
  /** Whether an alarm is in the state ALARM. */
  isInAlarm(alarmName: string): boolean;
}

/** The target of a target-tracking policy, and its two alarms. */
export interface TargetTracking {
  /** The metric's target value: more than 0. */
  readonly target: number;
  readonly scalesIn: boolean;
  readonly high: Alarm;
  readonly low: Alarm;
}

/** The number of periods for which the metric must exceed its target. */
const HIGH_PERIODS = 3;
/** The time for which the metric must be below the low threshold, in milliseconds. */
export const LOW_FOR = 15 * MINUTE;

const STATISTICS = ['Average', 'Minimum', 'Maximum', 'SampleCount', 'Sum'];
/** In seconds. */
const PERIODS = [10, 20, 30, 60];

/** Validates the target-tracking configuration of PutScalingPolicy. */
export function checkTargetTracking(input: PutScalingPolicyType): void {
  for (const member of [
    'AdjustmentType',
    'MinAdjustmentStep',
    'MinAdjustmentMagnitude',
    'ScalingAdjustment',
    'Cooldown',
    'MetricAggregationType',
    'StepAdjustments',
  ] as const) {
    const value = input[member];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0))
      throw validationError(`${member} cannot be specified for a policy of type TargetTrackingScaling.`);
  }
  const { TargetValue, PredefinedMetricSpecification, CustomizedMetricSpecification } = configurationOf(input);
  if (TargetValue === undefined) throw missing('TargetTrackingConfiguration.TargetValue');
  if (!(TargetValue > 0 && Number.isFinite(TargetValue)))
    throw validationError(`The value ${TargetValue} for TargetValue is invalid: a number above 0 is allowed.`);
  if ((PredefinedMetricSpecification === undefined) === (CustomizedMetricSpecification === undefined)) {
    throw validationError(
      'Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified in a TargetTrackingConfiguration.',
    );
  }
  if (PredefinedMetricSpecification !== undefined) {
    // Instances are processes on this machine and not behind a load balancer: such a policy would never act.
    throw validationError(
      `The predefined metric ${PredefinedMetricSpecification.PredefinedMetricType} is not supported: instances have no CPU, network or load balancer of their own here. A CustomizedMetricSpecification is supported.`,
    );
  }
  checkMetric(CustomizedMetricSpecification as CustomizedMetricSpecification);
}

function checkMetric(metric: CustomizedMetricSpecification): void {
  const single = ['MetricName', 'Namespace', 'Dimensions', 'Statistic', 'Unit', 'Period'] as const;
  if (metric.Metrics !== undefined) {
    for (const member of single) {
      if (metric[member] !== undefined)
        throw validationError(`${member} and Metrics cannot both be specified in a CustomizedMetricSpecification.`);
    }
    for (const { MetricStat, Period } of metric.Metrics) {
      checkPeriod(MetricStat?.Period);
      checkPeriod(Period);
    }
    return;
  }
  for (const member of ['MetricName', 'Namespace', 'Statistic'] as const) {
    if (metric[member] === undefined)
      throw validationError(`A CustomizedMetricSpecification without Metrics must have ${member}.`);
  }
  checkOneOf('Statistic', metric.Statistic, STATISTICS);
  checkPeriod(metric.Period);
}

function checkPeriod(seconds: number | undefined): void {
  if (seconds === undefined || PERIODS.includes(seconds)) return;
  throw validationError(`The value ${seconds} for Period is invalid: ${PERIODS.join(', ')} seconds are allowed.`);
}

/** The target of a policy that {@link checkTargetTracking} has validated. */
export function trackingOf(input: PutScalingPolicyType, alarms: Pick<TargetTracking, 'high' | 'low'>): TargetTracking {
  const { TargetValue, DisableScaleIn = false } = configurationOf(input);
  return { ...alarms, target: TargetValue as number, scalesIn: !DisableScaleIn };
}

/**
 * The PutMetricAlarm inputs of a policy's two alarms.
 *
 * @param scaleInShare the low alarm's threshold, as a share of the target
 */
export function trackingAlarms(
  input: PutScalingPolicyType,
  { high, low, target }: TargetTracking,
  policyArn: string,
  scaleInShare: number,
): PutMetricAlarmInput[] {
  const metric = metricOf(configurationOf(input).CustomizedMetricSpecification ?? {});
  const alarm = {
    ...metric.watched,
    AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${policyArn}.`,
    AlarmActions: [policyArn],
  };
  return [
    {
      ...alarm,
      AlarmName: high.AlarmName,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: target,
      EvaluationPeriods: HIGH_PERIODS,
    },
    {
      ...alarm,
      AlarmName: low.AlarmName,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: target * scaleInShare,
      EvaluationPeriods: LOW_FOR / (metric.period * SECOND),
    },
  ];
}

/** The alarms' metric, and its period in seconds. */
function metricOf(metric: CustomizedMetricSpecification): {
  readonly watched: Partial<PutMetricAlarmInput>;
  readonly period: number;
} {
  if (metric.Metrics !== undefined) {
    const period = Math.max(...metric.Metrics.map(({ MetricStat }) => MetricStat?.Period ?? 0)) || 60;
    return { watched: { Metrics: metric.Metrics.map(alarmQuery) }, period };
  }
  const { MetricName, Namespace, Dimensions, Statistic, Unit, Period = 60 } = metric;
  // The service validates the unit against the enum of the SDK's type.
  const watched = { MetricName, Namespace, Dimensions, Statistic, Unit: Unit as StandardUnit | undefined, Period };
  return { watched, period: Period };
}

function alarmQuery({ MetricStat, ...query }: TargetTrackingMetricDataQuery): MetricDataQuery {
  if (MetricStat === undefined) return query;
  const { Metric, Stat, Unit, Period = 60 } = MetricStat;
  return { ...query, MetricStat: { Metric, Stat, Unit: Unit as StandardUnit | undefined, Period } };
}

function configurationOf({ TargetTrackingConfiguration }: PutScalingPolicyType): TargetTrackingConfiguration {
  if (TargetTrackingConfiguration !== undefined) return TargetTrackingConfiguration;
  throw validationError('You must specify a TargetTrackingConfiguration for policy type: TargetTrackingScaling');
}
