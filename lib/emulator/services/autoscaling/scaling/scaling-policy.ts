import type { Alarm, PutScalingPolicyType, ScalingPolicy as DescribedPolicy } from '@aws-sdk/client-auto-scaling';
import { checkInteger, checkOneOf, missing, validationError } from '../errors';
import { ADJUSTMENT_TYPES, checkSteps } from './step-adjustments';
import { checkTargetTracking, type TargetTracking, trackingOf } from './target-tracking';

/** A scaling policy of a group. */
export interface ScalingPolicy {
  readonly name: string;
  readonly arn: string;
  readonly groupName: string;
  readonly type: 'SimpleScaling' | 'StepScaling' | 'TargetTrackingScaling';
  readonly input: PutScalingPolicyType;
  /** Of a target-tracking policy. */
  readonly tracking?: TargetTracking;
}

/**
 * Validates the input of PutScalingPolicy.
 *
 * @param alarms returns the names of a target-tracking policy's alarms
 */
export function definePolicy(
  input: PutScalingPolicyType,
  groupName: string,
  arn: string,
  alarms: () => Pick<TargetTracking, 'high' | 'low'>,
): ScalingPolicy {
  const { PolicyName: name, PolicyType = 'SimpleScaling' } = input;
  if (name === undefined) throw missing('PolicyName');
  if (name.length < 1 || name.length > 255 || name.includes(':')) {
    throw validationError(
      `The value ${name} for PolicyName is invalid: 1 to 255 characters without a colon are allowed.`,
    );
  }
  if (PolicyType !== 'SimpleScaling' && PolicyType !== 'StepScaling' && PolicyType !== 'TargetTrackingScaling') {
    throw validationError(
      `The policy type ${PolicyType} is not supported: SimpleScaling, StepScaling and TargetTrackingScaling are.`,
    );
  }
  for (const member of ['TargetTrackingConfiguration', 'PredictiveScalingConfiguration'] as const) {
    if (member === 'TargetTrackingConfiguration' && PolicyType === 'TargetTrackingScaling') continue;
    if (input[member] !== undefined)
      throw validationError(`${member} cannot be specified for a policy of type ${PolicyType}.`);
  }
  checkInteger('EstimatedInstanceWarmup', input.EstimatedInstanceWarmup, 0);
  if (PolicyType === 'TargetTrackingScaling') {
    checkTargetTracking(input);
    return { name, arn, groupName, type: PolicyType, input, tracking: trackingOf(input, alarms()) };
  }
  if (input.AdjustmentType === undefined)
    throw validationError(`You must specify an AdjustmentType for policy type: ${PolicyType}`);
  checkOneOf('AdjustmentType', input.AdjustmentType, ADJUSTMENT_TYPES);
  checkInteger('Cooldown', input.Cooldown, 0);
  checkMagnitude(input);
  if (PolicyType === 'SimpleScaling') checkSimple(input);
  else checkStep(input);
  return { name, arn, groupName, type: PolicyType, input };
}

export function describePolicy({ name, arn, groupName, type, input, tracking }: ScalingPolicy): DescribedPolicy {
  return {
    ...input,
    AutoScalingGroupName: groupName,
    PolicyName: name,
    PolicyARN: arn,
    PolicyType: type,
    StepAdjustments: input.StepAdjustments ?? [],
    MetricAggregationType: type === 'StepScaling' ? (input.MetricAggregationType ?? 'Average') : undefined,
    Enabled: input.Enabled ?? true,
    Alarms: alarmsOf(tracking),
  };
}

/** The alarms that a policy creates. */
export function alarmsOf(tracking: TargetTracking | undefined): Alarm[] {
  return tracking === undefined ? [] : [tracking.high, tracking.low];
}

function checkMagnitude(input: PutScalingPolicyType): void {
  for (const member of ['MinAdjustmentMagnitude', 'MinAdjustmentStep'] as const) {
    if (input[member] === undefined) continue;
    checkInteger(member, input[member], 1);
    if (input.AdjustmentType !== 'PercentChangeInCapacity') {
      throw validationError(
        `${member} can only be specified with the adjustment type PercentChangeInCapacity, got ${input.AdjustmentType}.`,
      );
    }
  }
}

function checkSimple(input: PutScalingPolicyType): void {
  for (const member of ['StepAdjustments', 'MetricAggregationType', 'EstimatedInstanceWarmup'] as const) {
    const value = input[member];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) {
      throw validationError(`${member} cannot be specified for a policy of type SimpleScaling.`);
    }
  }
  if (input.ScalingAdjustment === undefined)
    throw validationError('You must specify a ScalingAdjustment for policy type: SimpleScaling');
  if (!Number.isInteger(input.ScalingAdjustment)) {
    throw validationError(
      `The value ${input.ScalingAdjustment} for ScalingAdjustment is invalid: a whole number is required.`,
    );
  }
}

function checkStep(input: PutScalingPolicyType): void {
  for (const member of ['ScalingAdjustment', 'Cooldown'] as const) {
    if (input[member] !== undefined)
      throw validationError(`${member} cannot be specified for a policy of type StepScaling.`);
  }
  checkOneOf('MetricAggregationType', input.MetricAggregationType, ['Average', 'Minimum', 'Maximum']);
  checkSteps(input.StepAdjustments ?? []);
}
