import { jittered } from './backoff';
import { type Failure } from './failure-log';
import { pause } from './pause';

/** The longest pause between failed requests, in milliseconds. */
const MAX_PAUSE = 30_000;
/** How long SQS may say that a queue does not exist before we believe it: a new queue is not known everywhere at once. */
const GONE_AFTER = 60_000;

/** The queue of a worker does not exist, and has not for a minute. */
export class QueueGoneError extends Error {
  public override readonly name = 'QueueGoneError';

  constructor(queueUrl: string, cause: unknown) {
    super(`${queueUrl} does not exist: the worker has stopped. Was the queue deleted or replaced?`, { cause });
  }
}

/**
 * Repeats a worker's requests until they succeed: throttling, expired credentials and lost connections pass. A deleted
 * queue does not come back, so it stops the worker.
 */
export class QueueRequests {
  /** The error that stopped the worker. */
  public fatal: QueueGoneError | undefined;
  /** How many requests have failed since the last one that succeeded. */
  public failed = 0;
  /** When a request last succeeded, in milliseconds since the epoch. */
  public succeededAt: number | undefined;
  private missingSince: number | undefined;

  constructor(
    private readonly queueUrl: string,
    private readonly stopping: AbortController,
    private readonly report: (failure: Failure) => void,
  ) {}

  /**
   * Repeats a request until it succeeds, with pauses of up to 1, 2, 4 … 30 seconds, at least half of it; returns
   * undefined once the worker stops.
   */
  public async untilStopped<T>(during: Failure['during'], request: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.stopping;
    for (let wait = 1_000; !signal.aborted; wait = Math.min(2 * wait, MAX_PAUSE)) {
      try {
        const result = await request();
        this.missingSince = undefined;
        this.failed = 0;
        this.succeededAt = Date.now();
        return result;
      } catch (error) {
        if (signal.aborted) return undefined;
        this.failed++;
        this.report({ during, error });
        if (this.isGone(error)) this.stopping.abort();
        await pause(jittered(wait), signal);
      }
    }
    return undefined;
  }

  private isGone(error: unknown): boolean {
    const { name } = error as { name?: string };
    const missing = name === 'QueueDoesNotExist' || name === 'AWS.SimpleQueueService.NonExistentQueue';
    if (!missing) this.missingSince = undefined;
    else if (Date.now() - (this.missingSince ??= Date.now()) >= GONE_AFTER) {
      this.fatal = new QueueGoneError(this.queueUrl, error);
    }
    return this.fatal !== undefined;
  }
}
