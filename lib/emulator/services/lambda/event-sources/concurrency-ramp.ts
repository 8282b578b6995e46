import { MINUTE } from '../../../clock';

/** The bounds of a {@link ConcurrencyRamp}. */
export interface RampBounds {
  readonly start: number;
  readonly maximum: number;
  /** The number of concurrent batches added per minute. */
  readonly growthPerMinute: number;
}

// AWS documents that a failing mapping lowers its concurrency, but not how. Here it is halved, down to this.
const LEAST = 1;

/**
 * The number of batches that a mapping may run concurrently. It starts low, grows steadily while all allowed batches
 * run and messages still wait, is halved by an error or a throttle, and starts over when the queue is empty.
 */
export class ConcurrencyRamp {
  private level: number;
  private saturatedSince?: number;

  constructor(private readonly bounds: RampBounds) {
    this.level = Math.min(bounds.start, bounds.maximum);
  }

  public allowance(now: number): number {
    const grown = ((now - (this.saturatedSince ?? now)) * this.bounds.growthPerMinute) / MINUTE;
    return Math.min(this.bounds.maximum, Math.floor(this.level + grown));
  }

  /** All allowed batches run. Returns the instant at which one more is allowed; undefined at the maximum. */
  public saturated(now: number): number | undefined {
    this.saturatedSince ??= now;
    const allowance = this.allowance(now);
    if (allowance >= this.bounds.maximum) return undefined;
    return Math.ceil(this.saturatedSince + ((allowance + 1 - this.level) * MINUTE) / this.bounds.growthPerMinute);
  }

  /** The queue has no more messages than allowed batches: growth stops, and the current number stays. */
  public caughtUp(now: number): void {
    this.level = this.allowance(now);
    this.saturatedSince = undefined;
  }

  /** The queue was empty for the duration of a receive. */
  public quiet(): void {
    this.level = Math.min(this.bounds.start, this.bounds.maximum);
    this.saturatedSince = undefined;
  }

  /** A batch was throttled or failed. */
  public backOff(now: number): void {
    this.level = Math.max(LEAST, Math.floor(this.allowance(now) / 2));
    this.saturatedSince = undefined;
  }
}
