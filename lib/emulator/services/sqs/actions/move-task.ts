import type { ListMessageMoveTasksResultEntry } from '@aws-sdk/client-sqs';
import { AwsError } from '../../../core';
import { type Clock, SECOND, type Timer } from '../../../clock';
import { couldNotDetermineMessageSource, queueDoesNotExist } from '../errors';
import type { SqsLimits } from '../limits';
import type { QueuedMessage } from '../queue/message';
import type { Queue } from '../queue/queue';

/** The collaborators of {@link MoveTask}. */
export interface MoveContext {
  readonly clock: Clock;
  readonly limits: SqsLimits;
  readonly find: (arn: string) => Queue | undefined;
  /** Sends a message of `source` to `target`, as a new message. */
  readonly resend: (message: QueuedMessage, source: Queue, target: Queue) => void;
}

/** The request of StartMessageMoveTask. */
export interface MoveOrder {
  readonly sourceArn: string;
  /** If absent, each message returns to the queue that it came from. */
  readonly destinationArn?: string;
  /** Messages per second. */
  readonly rate?: number;
}

type Status = 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';

const SHORTEST_PAUSE = 100;

/**
 * A message move task: moves the messages of a dead-letter queue to other queues, at a given rate, until no message is
 * visible.
 */
export class MoveTask {
  public moved = 0;
  private status: Status = 'RUNNING';
  private failure?: string;
  private timer?: Timer;
  private readonly startedAt: number;
  private readonly toMove: number;
  private readonly rate: number;

  constructor(
    public readonly id: string,
    private readonly order: MoveOrder,
    source: Queue,
    private readonly context: MoveContext,
  ) {
    this.startedAt = context.clock.now();
    this.rate = order.rate ?? context.limits.moveTaskRate;
    this.toMove = source.counts.visible;
    this.wait();
  }

  /** Whether it is running or being cancelled. */
  public get active(): boolean {
    return this.status === 'RUNNING' || this.status === 'CANCELLING';
  }

  /** Whether it can be cancelled. */
  public get running(): boolean {
    return this.status === 'RUNNING';
  }

  /** The task handle, by which it can be cancelled. */
  public get handle(): string {
    return writeHandle(this.id, this.order.sourceArn);
  }

  /** Stops moving messages. The task ends when the move in progress is done. */
  public cancel(): void {
    this.status = 'CANCELLING';
  }

  /** Stops it without changing its status. */
  public stop(): void {
    this.timer?.cancel();
  }

  public describe(): ListMessageMoveTasksResultEntry {
    const { sourceArn, destinationArn, rate } = this.order;
    return {
      ...(this.running && { TaskHandle: this.handle }),
      Status: this.status,
      SourceArn: sourceArn,
      ...(destinationArn !== undefined && { DestinationArn: destinationArn }),
      ...(rate !== undefined && { MaxNumberOfMessagesPerSecond: rate }),
      ApproximateNumberOfMessagesMoved: this.moved,
      ApproximateNumberOfMessagesToMove: this.toMove,
      ...(this.failure !== undefined && { FailureReason: this.failure }),
      StartedTimestamp: this.startedAt,
    };
  }

  private wait(): void {
    const { clock } = this.context;
    const pause = Math.max(SHORTEST_PAUSE, SECOND / this.rate);
    this.timer = clock.schedule(clock.now() + pause, () => this.go(), 'a move task goes on');
  }

  private go(): void {
    if (this.status === 'CANCELLING') {
      this.status = 'CANCELLED';
      return;
    }
    const { clock, limits } = this.context;
    const elapsed = clock.now() - this.startedAt;
    if (elapsed >= limits.moveTaskTime) {
      this.fail('TaskTimedOut');
      return;
    }
    try {
      const due = Math.floor((elapsed * this.rate) / SECOND);
      // A queue that is its own dead-letter queue gets its messages back: the task ends once each has been moved.
      const last = this.returnsToSource ? this.toMove : Infinity;
      if (this.move(Math.min(due, last) - this.moved) && this.moved < last) this.wait();
      else this.status = 'COMPLETED';
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.fail(error.queryCode);
    }
  }

  /** Moves up to `count` messages. Returns whether there may be more. */
  private move(count: number): boolean {
    const source = this.existing(this.order.sourceArn);
    const { destinationArn } = this.order;
    if (destinationArn !== undefined) this.existing(destinationArn);
    source.catchUp();
    const targets = new Set<Queue>();
    try {
      source.moveOut(count, (message) => {
        const target = this.existing(destinationArn ?? originOf(message));
        this.context.resend(message, source, target);
        targets.add(target);
        this.moved++;
      });
    } finally {
      for (const target of targets) target.serve();
    }
    return source.counts.visible > 0;
  }

  private get returnsToSource(): boolean {
    const { sourceArn, destinationArn } = this.order;
    return (
      destinationArn === undefined && this.context.find(sourceArn)?.settings.redrive?.deadLetterTargetArn === sourceArn
    );
  }

  private existing(arn: string): Queue {
    const queue = this.context.find(arn);
    if (queue === undefined) throw queueDoesNotExist();
    return queue;
  }

  private fail(reason: string): void {
    this.status = 'FAILED';
    this.failure = reason;
  }
}

function originOf({ extras }: QueuedMessage): string {
  const origin = extras?.deadLetterSource;
  if (origin === undefined) throw couldNotDetermineMessageSource();
  return origin;
}

function writeHandle(taskId: string, sourceArn: string): string {
  return Buffer.from(JSON.stringify({ taskId, sourceArn })).toString('base64');
}

/** Parses a task handle; undefined if it is malformed. */
export function readHandle(handle: string): { taskId: string; sourceArn: string } | undefined {
  try {
    const { taskId, sourceArn } = JSON.parse(Buffer.from(handle, 'base64').toString()) as Record<string, unknown>;
    return typeof taskId === 'string' && typeof sourceArn === 'string' ? { taskId, sourceArn } : undefined;
  } catch {
    return undefined; // not JSON, so not one of our handles
  }
}
