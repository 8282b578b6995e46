import { SECOND } from '../../../clock';
import type { LambdaLimits } from '../limits';

/** The minimum and maximum number of pollers in provisioned mode. */
export interface PollerBounds {
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * The pollers of a mapping in provisioned mode. Each has a limit on concurrent invocations, polls per second and bytes
 * per second, and as many are active as the allowed invocations need. The time that all polls take is tracked in one
 * sum.
 */
export class ProvisionedPollers {
  /** The outstanding work, in milliseconds of a single poller. */
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

  /** The earliest instant of the next poll, given the allowed number of invocations. */
  public readyAt(now: number, allowance: number): number {
    const pollers = this.count(now, allowance);
    const excess = this.work - (pollers - 1) * this.pollTime;
    return excess <= 0 ? now : now + Math.ceil(excess / pollers);
  }

  /** Records the bytes that a poll returned. */
  public polled(bytes: number): void {
    this.work += Math.max(this.pollTime, (bytes * SECOND) / this.limits.provisionedThroughput);
  }

  /** The maximum number of active pollers since the last call. */
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
