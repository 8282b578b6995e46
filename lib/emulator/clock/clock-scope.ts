import type { Clock, Timer } from './clock';

/** A clock whose tasks can be dropped all at once, for a part of the cloud that goes before the clock does. */
export class ClockScope implements Clock {
  private readonly timers = new Set<Timer>();
  private ended = false;

  constructor(private readonly clock: Clock) {}

  public now(): number {
    return this.clock.now();
  }

  public schedule(at: number, task: () => void | Promise<void>, what?: string): Timer {
    if (this.ended) return { cancel: () => undefined };
    const run = () => {
      this.timers.delete(timer);
      return task();
    };
    const timer = this.clock.schedule(at, run, what);
    this.timers.add(timer);
    return {
      cancel: () => {
        timer.cancel();
        this.timers.delete(timer);
      },
    };
  }

  public hold(): () => void {
    return this.clock.hold();
  }

  public stir(): void {
    this.clock.stir();
  }

  /** Drops all tasks that wait, and all to come. */
  public end(): void {
    this.ended = true;
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
  }
}
