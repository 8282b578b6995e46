import { Agenda } from './agenda';
import type { Clock, IdleObserver, Timer } from './clock';

/** Options of a {@link SystemClock}. */
export interface SystemClockOptions {
  /**
   * Emulated seconds per real second. Must be more than 0.
   * @default 1
   */
  readonly speed?: number;
  /**
   * What to do with an error thrown by a scheduled task.
   * @default - rethrow it as an uncaught exception
   */
  readonly onError?: (error: unknown) => void;
}

// setTimeout takes a 32-bit number of milliseconds; a longer delay fires immediately.
const LONGEST_TIMEOUT = 2 ** 31 - 1;
const RELEASE = () => undefined;

/** The machine's time, optionally accelerated. One machine timer serves all scheduled tasks. */
export class SystemClock implements Clock {
  public readonly speed: number;
  /** The instant, the same in real and emulated time, from which acceleration counts. */
  public readonly origin = Date.now();
  private readonly started = performance.now();
  private readonly agenda = new Agenda();
  private readonly onError: (error: unknown) => void;
  private timeout?: NodeJS.Timeout;
  private wakesAt = Infinity;

  constructor(options: SystemClockOptions = {}) {
    this.speed = options.speed ?? 1;
    if (!(this.speed > 0 && Number.isFinite(this.speed))) {
      throw new RangeError(`speed must be a number above 0, but was ${this.speed}`);
    }
    this.onError =
      options.onError ??
      ((error) =>
        queueMicrotask(() => {
          throw error;
        }));
  }

  public now(): number {
    // Whole milliseconds, like AWS timestamps.
    return Math.floor(this.origin + (performance.now() - this.started) * this.speed);
  }

  public schedule(at: number, task: () => void | Promise<void>, what?: string): Timer {
    const entry = this.agenda.add(at, task, what);
    if (at < this.wakesAt) this.sleepUntil(at);
    return entry;
  }

  public schedulePeriodic(at: number, task: () => void, what?: string): Timer {
    return this.schedule(at, task, what);
  }

  public watch(_observer: IdleObserver): () => void {
    return RELEASE;
  }

  public hold(): () => void {
    return RELEASE;
  }

  public notifyActivity(): void {}

  /** Drops all scheduled tasks, so that the process can end. */
  public stop(): void {
    clearTimeout(this.timeout);
    while (this.agenda.shift() !== undefined);
    this.wakesAt = Infinity;
  }

  private sleepUntil(at: number): void {
    clearTimeout(this.timeout);
    this.wakesAt = at;
    const wait = Math.ceil((at - this.now()) / this.speed);
    this.timeout = setTimeout(() => this.runDue(), Math.min(Math.max(wait, 0), LONGEST_TIMEOUT));
  }

  private runDue(): void {
    // While tasks run, a newly scheduled task needs no timer of its own: this loop or the line after it takes care of
    // it.
    this.wakesAt = -Infinity;
    const now = this.now();
    for (let next = this.agenda.peek(); next !== undefined && next.at <= now; next = this.agenda.peek()) {
      this.agenda.shift();
      try {
        const work = next.task();
        if (work !== undefined) Promise.resolve(work).catch(this.onError);
      } catch (error) {
        this.onError(error);
      }
    }
    this.wakesAt = Infinity;
    const next = this.agenda.peek();
    if (next !== undefined) this.sleepUntil(next.at);
  }
}
