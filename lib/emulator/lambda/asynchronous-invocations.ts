import { AwsError } from '../api';
import { MINUTE, SECOND, type Timer } from '../clock';
import type { Invocations } from './invocations';
import { ASYNCHRONOUS_RETRY_WAITS, type LambdaLimits } from './limits';
import type { FunctionAddress, FunctionRegistry } from './function-registry';
import type { LambdaPorts } from './ports';

const LONGEST_THROTTLE_WAIT = 5 * MINUTE;

interface PendingEvent extends FunctionAddress {
  readonly event: string;
  readonly requestId: string;
  readonly acceptedAt: number;
  failures: number;
  throttles: number;
}

/**
 * Invocations that nobody waits for. After an error of the function each is tried twice more, a minute and then two
 * minutes later, under the same request id; while the function is throttled it waits, from a second up to five
 * minutes at a time, for at most six hours.
 */
export class AsynchronousInvocations {
  private readonly timers = new Set<Timer>();
  private stopped = false;

  constructor(
    private readonly ports: LambdaPorts,
    private readonly limits: LambdaLimits,
    private readonly invocations: Invocations,
    private readonly registry: FunctionRegistry,
  ) {}

  public accept(address: FunctionAddress, event: string, requestId: string): void {
    const acceptedAt = this.ports.clock.now();
    this.invocations.metrics.asyncReceived(address, acceptedAt);
    this.tryAgain({ ...address, event, requestId, acceptedAt, failures: 0, throttles: 0 }, 0);
  }

  public stop(): void {
    this.stopped = true;
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
  }

  private tryAgain(pending: PendingEvent, wait: number): void {
    if (this.stopped) return;
    const { clock } = this.ports;
    const at = clock.now() + wait;
    if (at - pending.acceptedAt > this.limits.asynchronousEventAge) return this.drop(pending, 'EventAgeExceeded');
    const retry = () => {
      this.timers.delete(timer);
      void this.attempt(pending);
    };
    const timer = clock.schedule(at, retry, `an event for ${pending.functionName} is tried again`);
    this.timers.add(timer);
  }

  private async attempt(pending: PendingEvent): Promise<void> {
    const fn = this.registry.pick(pending);
    if (fn === undefined) return this.drop(pending, 'FunctionNotFound');
    const now = this.ports.clock.now();
    this.invocations.metrics.asyncTried(pending, now, now - pending.acceptedAt);
    let running;
    try {
      running = this.invocations.start(fn, pending.event, pending.requestId);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return this.tryAgain(pending, Math.min(SECOND * 2 ** pending.throttles++, LONGEST_THROTTLE_WAIT));
    }
    const { error } = await running;
    if (error === undefined) return;
    if (pending.failures >= this.limits.asynchronousRetries) return this.drop(pending, 'RetriesExhausted');
    this.tryAgain(pending, ASYNCHRONOUS_RETRY_WAITS[Math.min(pending.failures++, ASYNCHRONOUS_RETRY_WAITS.length - 1)]);
  }

  private drop(pending: PendingEvent, reason: string): void {
    this.invocations.metrics.asyncDropped(pending, this.ports.clock.now());
    this.ports.timeline.record('lambda.dropped', pending.functionName, { request: pending.requestId, reason });
  }
}
