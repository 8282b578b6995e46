import { MINUTE, type Clock, type Timer } from '../../clock';
import type { ExecutionEnvironment } from './execution-environment';

/** How long an environment stays without work. AWS does not document it. */
const IDLE_TIME = 10 * MINUTE;
const REAPING = 'idle execution environments are ended';

interface IdleEnvironment<E> {
  readonly environment: E;
  readonly expiresAt: number;
}

/**
 * The environments of one function. The most recently used is reused first, so that environments left over from a burst
 * become idle and end.
 */
export class EnvironmentPool<E extends ExecutionEnvironment> {
  private readonly idle: IdleEnvironment<E>[] = [];
  private readonly all = new Set<E>();
  private readonly waiting: ((environment: E | undefined) => void)[] = [];
  private reaper?: Timer;
  /** Called when the last environment of a retired pool has ended. */
  private drained?: () => void;

  constructor(
    private readonly clock: Clock,
    private readonly limit: number,
    private readonly create: () => E,
  ) {}

  /** All environments, idle or not. */
  public get environments(): E[] {
    return [...this.all];
  }

  /**
   * Returns an environment for one invocation, new or reused; waits if the limit is reached. Resolves to undefined if
   * the pool is closed.
   */
  public acquire(): E | Promise<E | undefined> {
    for (let last = this.idle.pop(); last !== undefined; last = this.idle.pop()) {
      if (last.environment.alive) return last.environment;
      this.all.delete(last.environment);
    }
    if (this.all.size < this.limit) return this.add();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Returns an environment to the pool after its invocation. Returns a promise if the environment ends. */
  public release(environment: E): void | Promise<void> {
    if (!this.all.has(environment)) return;
    if (!environment.alive) {
      this.all.delete(environment);
      const next = this.waiting.shift();
      if (next === undefined) this.checkDrained();
      else next(this.add());
      return;
    }
    const next = this.waiting.shift();
    if (next !== undefined) return next(environment);
    if (this.drained !== undefined) {
      this.all.delete(environment);
      return environment.kill().then(() => this.checkDrained());
    }
    this.idle.push({ environment, expiresAt: this.clock.now() + IDLE_TIME });
    this.reaper ??= this.clock.schedule(this.clock.now() + IDLE_TIME, () => this.reap(), REAPING);
  }

  /**
   * Ends each environment once it has no more work.
   * @param drained called once the last one has ended
   */
  public async retire(drained: () => void): Promise<void> {
    this.drained = drained;
    this.reaper?.cancel();
    this.reaper = undefined;
    const idle = this.idle.splice(0).map(({ environment }) => environment);
    for (const environment of idle) this.all.delete(environment);
    await Promise.all(idle.map((environment) => environment.kill()));
    this.checkDrained();
  }

  /** Ends all environments and their invocations. */
  public async close(): Promise<void> {
    this.reaper?.cancel();
    this.reaper = undefined;
    this.idle.length = 0;
    for (const resolve of this.waiting.splice(0)) resolve(undefined);
    const environments = [...this.all];
    this.all.clear();
    await Promise.all(environments.map((environment) => environment.kill()));
    this.checkDrained();
  }

  private checkDrained(): void {
    if (this.all.size === 0 && this.waiting.length === 0) this.drained?.();
  }

  private add(): E {
    const environment = this.create();
    this.all.add(environment);
    return environment;
  }

  private async reap(): Promise<void> {
    const now = this.clock.now();
    const kept = this.idle.findIndex(({ expiresAt }) => expiresAt > now);
    const expired = this.idle.splice(0, kept === -1 ? this.idle.length : kept);
    const [next] = this.idle;
    this.reaper = next && this.clock.schedule(next.expiresAt, () => this.reap(), REAPING);
    for (const { environment } of expired) this.all.delete(environment);
    await Promise.all(expired.map(({ environment }) => environment.kill()));
  }
}
