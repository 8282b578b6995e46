import { SECOND } from '../../../clock';
import type { LambdaLimits } from '../limits';

/** Between how many pollers a mapping in provisioned mode has. */
export interface PollerBounds {
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * The pollers of a mapping in provisioned mode. Each runs so many invocations at once, polls so many times a second and
 * takes in so many bytes a second; as many work as the invocations that are allowed need. All of them together are kept
 * as one account of the time that their polls take.
 */
export class ProvisionedPollers {
  /** Milliseconds of a single poller's work that are still to be done. */
  private work = 0;
  private countedAt = -Infinity;
  private most = 0;
  private readonly pollTime: number;

  constructor(
    private readonly bounds: PollerBounds,
    private readonly limits: LambdaLimits,
  ) {
    this.pollTime = SECOND / limits.provisionedPolls;
    this.most = bounds.minimum;
  }

  /** When, at the earliest, the next poll may begin, with so many invocations allowed. */
  public readyAt(now: number, allowance: number): number {
    const pollers = this.count(now, allowance);
    const excess = this.work - (pollers - 1) * this.pollTime;
    return excess <= 0 ? now : now + Math.ceil(excess / pollers);
  }

  /** A poll has brought so many bytes. */
  public polled(bytes: number): void {
    this.work += Math.max(this.pollTime, (bytes * SECOND) / this.limits.provisionedThroughput);
  }

  /** The most pollers that ran since this was last asked. */
  public takeMost(now: number, allowance: number): number {
    const current = this.count(now, allowance);
    const { most } = this;
    this.most = current;
    return Math.max(most, current);
  }

  private count(now: number, allowance: number): number {
    const needed = Math.ceil(allowance / this.limits.provisionedInvocations);
    const pollers = Math.min(Math.max(needed, this.bounds.minimum), this.bounds.maximum);
    this.work = Math.max(0, this.work - (now - this.countedAt) * pollers);
    this.countedAt = now;
    this.most = Math.max(this.most, pollers);
    return pollers;
  }
}
