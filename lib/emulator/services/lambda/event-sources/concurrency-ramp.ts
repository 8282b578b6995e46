import { MINUTE } from '../../../clock';

/** The bounds of a {@link ConcurrencyRamp}. */
export interface RampBounds {
  readonly start: number;
  readonly maximum: number;
  /** By how many a minute the allowance grows. */
  readonly growthPerMinute: number;
}

// AWS says that a mapping in trouble lowers its concurrency, not how: it is halved, down to this.
const LEAST = 1;

/**
 * How many batches a mapping may run at once. It begins low, grows steadily for as long as every allowed batch runs
 * and messages still wait, is halved by an error or a throttle, and begins anew once the queue is found empty.
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

  /** All allowed batches run. Returns the instant at which one more is allowed, or undefined at the maximum. */
  public saturated(now: number): number | undefined {
    this.saturatedSince ??= now;
    const allowance = this.allowance(now);
    if (allowance >= this.bounds.maximum) return undefined;
    return Math.ceil(this.saturatedSince + ((allowance + 1 - this.level) * MINUTE) / this.bounds.growthPerMinute);
  }

  /** The queue has no more messages than there are batches allowed: growth ends, what was reached stays. */
  public caughtUp(now: number): void {
    this.level = this.allowance(now);
    this.saturatedSince = undefined;
  }

  /** The queue was empty for as long as a receive waits. */
  public quiet(): void {
    this.level = Math.min(this.bounds.start, this.bounds.maximum);
    this.saturatedSince = undefined;
  }

  /** A batch was throttled or ended in an error. */
  public backOff(now: number): void {
    this.level = Math.max(LEAST, Math.floor(this.allowance(now) / 2));
    this.saturatedSince = undefined;
  }
}
