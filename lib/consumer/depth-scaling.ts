import { Duration } from 'aws-cdk-lib/core';

/** From which backlog on how many instances are added. */
export interface DepthStep {
  /** Visible messages, at least 1. */
  readonly depth: number;

  /** Instances to add each minute while the backlog is at this depth or above, and below the next step's. */
  readonly add: number;
}

/** How DepthScaling gets rid of instances again. */
export interface DepthScalingOptions {
  /**
   * For how long the queue must have been empty, nothing in flight either, before instances are removed: whole minutes,
   * up to a day.
   *
   * @default Duration.minutes(5)
   */
  readonly emptyFor?: Duration;

  /**
   * Instances to remove each minute while the queue stays empty.
   *
   * @default 1
   */
  readonly remove?: number;
}

/** Step scaling on the depth of the queue, which SQS reports once a minute. */
export class DepthScaling {
  /** Adds instances in the given steps, by rising depth. */
  public static steps(steps: DepthStep[], options: DepthScalingOptions = {}): DepthScaling {
    return new DepthScaling(steps, options.emptyFor ?? Duration.minutes(5), options.remove ?? 1);
  }

  private constructor(
    /** @internal */
    public readonly _steps: DepthStep[],
    /** @internal */
    public readonly _emptyFor: Duration,
    /** @internal */
    public readonly _remove: number,
  ) {}
}
