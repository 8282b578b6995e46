import { type Duration } from 'aws-cdk-lib/core';
import { type BacklogStep } from './backlog-scaling';

/** What BacklogScaling.steps was told, defaults filled in. */
export interface StepsPlan {
  /** In any order. */
  readonly steps: readonly BacklogStep[];
  /** For how long there must have been nothing to do. */
  readonly emptyFor: Duration;
  /** How many workers go each minute. */
  readonly remove: number;
}

/** What BacklogScaling.targetTracking was told, defaults filled in. */
export interface TargetPlan {
  /** How long a message may wait until it has been processed. */
  readonly acceptableLatency: Duration;
  /** How long that takes on average. */
  readonly processingTime: Duration;
  /** How many messages a worker processes at a time. */
  readonly concurrency: number;
}
