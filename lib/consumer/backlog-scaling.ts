import { Duration } from 'aws-cdk-lib/core';
import { type StepsPlan, type TargetPlan } from './backlog-plan';

/** From which backlog on how many workers are added. */
export interface BacklogStep {
  /** Visible messages, at least 1. */
  readonly depth: number;

  /** Workers to add each minute while the backlog is at this depth or above, and below the next step's. */
  readonly add: number;
}

/** How BacklogScaling.steps gets rid of workers again. */
export interface BacklogStepsOptions {
  /**
   * For how long the queue must have been empty, nothing in flight either, before workers are removed: whole minutes,
   * up to a day.
   *
   * @default Duration.minutes(5)
   */
  readonly emptyFor?: Duration;

  /**
   * Workers to remove each minute while the queue stays empty.
   *
   * @default 1
   */
  readonly remove?: number;
}

/** What BacklogScaling.targetTracking aims at. */
export interface BacklogTargetOptions {
  /** How long a message may wait until it has been processed; at least `processingTime`. */
  readonly acceptableLatency: Duration;

  /**
   * How long processing one message takes on average: at most the consumer's own `processingTime`, which is the
   * longest. A target that assumes too short a time adds too few workers.
   */
  readonly processingTime: Duration;

  /**
   * How many messages one worker (instance or task) processes at a time.
   *
   * @default 1
   */
  readonly concurrency?: number;
}

/** When a consumer gets more workers, and fewer: on the messages that wait, and on those that are being processed. */
export class BacklogScaling {
  /**
   * Keeps the backlog per worker at what one worker can process within the acceptable latency. The number of workers
   * follows the backlog in proportion, after about 3 minutes out and 15 minutes in.
   *
   * It grows with the visible messages, and shrinks only when those in flight would leave workers idle as well. Where
   * the fewest workers are 0, the first message starts one and 15 minutes without any message end all.
   */
  public static targetTracking(options: BacklogTargetOptions): BacklogScaling {
    return new BacklogScaling(undefined, { ...options, concurrency: options.concurrency ?? 1 });
  }

  /**
   * Adds workers in the given steps of the number of visible messages, a minute after SQS has reported it, and removes
   * them once nothing has been visible or in flight for a while.
   *
   * @param steps 1 to 20 steps of different depths, in any order
   * @param options how workers are removed
   */
  public static steps(steps: BacklogStep[], options: BacklogStepsOptions = {}): BacklogScaling {
    const { emptyFor = Duration.minutes(5), remove = 1 } = options;
    return new BacklogScaling({ steps, emptyFor, remove });
  }

  private constructor(
    /** @internal */
    public readonly _steps?: StepsPlan,
    /** @internal */
    public readonly _target?: TargetPlan,
  ) {}
}
