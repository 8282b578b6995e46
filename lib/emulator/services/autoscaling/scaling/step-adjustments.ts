import type { StepAdjustment } from '@aws-sdk/client-auto-scaling';
import { validationError } from '../errors';

export const ADJUSTMENT_TYPES = ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'];

const MOST_STEPS = 20;

/**
 * Validates that steps neither overlap nor leave gaps, and that steps on one side of the threshold cover it to its end.
 */
export function checkSteps(steps: readonly StepAdjustment[]): void {
  if (steps.length === 0)
    throw validationError('You must specify at least one StepAdjustment for policy type: StepScaling');
  if (steps.length > MOST_STEPS)
    throw validationError(`A policy can have at most ${MOST_STEPS} step adjustments, got ${steps.length}.`);
  const sorted = steps.map(boundsOf).sort((a, b) => a.lower - b.lower);
  for (const { lower, upper, adjustment } of sorted) {
    if (!Number.isInteger(adjustment))
      throw validationError(`The value ${adjustment} for ScalingAdjustment is invalid: a whole number is required.`);
    if (lower === -Infinity && upper === Infinity) {
      throw validationError(
        'At least one of MetricIntervalLowerBound and MetricIntervalUpperBound must be specified in each StepAdjustment.',
      );
    }
    if (!(lower < upper)) {
      throw validationError(
        `MetricIntervalLowerBound must be less than MetricIntervalUpperBound, got ${lower} and ${upper}.`,
      );
    }
  }
  for (const [index, { lower }] of sorted.entries()) {
    if (index === 0) continue;
    const { upper } = sorted[index - 1];
    if (lower < upper)
      throw validationError(
        `Step adjustments cannot overlap: one begins at ${lower}, before another ends at ${upper}.`,
      );
    if (lower > upper)
      throw validationError(
        `Step adjustments cannot have a gap between them: there is none from ${upper} to ${lower}.`,
      );
  }
  const [first] = sorted;
  const last = sorted[sorted.length - 1];
  if (first.lower < 0 && first.lower !== -Infinity) {
    throw validationError(
      'With a negative MetricIntervalLowerBound there must be a step adjustment without a lower bound.',
    );
  }
  if (last.upper > 0 && last.upper !== Infinity) {
    throw validationError(
      'With a positive MetricIntervalUpperBound there must be a step adjustment without an upper bound.',
    );
  }
}

/**
 * The step for a metric that is `difference` above its alarm's threshold (below if negative); undefined if there is
 * none. Above the threshold a step includes its lower bound and excludes its upper one; below it, vice versa.
 */
export function stepFor(steps: readonly StepAdjustment[], difference: number): StepAdjustment | undefined {
  const above = (step: StepAdjustment) => {
    const { lower, upper } = boundsOf(step);
    return lower <= difference && difference < upper;
  };
  const below = (step: StepAdjustment) => {
    const { lower, upper } = boundsOf(step);
    return lower < difference && difference <= upper;
  };
  if (difference > 0) return steps.find(above);
  if (difference < 0) return steps.find(below);
  return steps.find(above) ?? steps.find(below);
}

/** The capacity after an adjustment, before it is limited to the group's bounds. */
export function adjusted(capacity: number, type: string, adjustment: number, minMagnitude = 0): number {
  if (type === 'ExactCapacity') return adjustment;
  if (type === 'ChangeInCapacity') return capacity + adjustment;
  const change = rounded((capacity * adjustment) / 100);
  if (adjustment === 0) return capacity;
  return capacity + Math.sign(adjustment) * Math.max(Math.abs(change), minMagnitude);
}

/** Rounds toward zero, but never to zero: a percentage of few instances is at least one. */
function rounded(change: number): number {
  if (change > 0 && change < 1) return 1;
  if (change < 0 && change > -1) return -1;
  return Math.trunc(change);
}

function boundsOf(step: StepAdjustment): {
  readonly lower: number;
  readonly upper: number;
  readonly adjustment: number;
} {
  return {
    lower: step.MetricIntervalLowerBound ?? -Infinity,
    upper: step.MetricIntervalUpperBound ?? Infinity,
    adjustment: step.ScalingAdjustment ?? NaN,
  };
}
