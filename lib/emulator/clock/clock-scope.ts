import type { Clock, Idler, Timer } from './clock';

/** A clock whose tasks can be dropped all at once, for a part of the cloud that goes before the clock does. */
export class ClockScope implements Clock {
  private readonly timers = new Set<Timer>();
  private ended = false;

  constructor(private readonly clock: Clock) {}

  public now(): number {
    return this.clock.now();
  }

  public schedule(at: number, task: () => void | Promise<void>, what?: string): Timer {
    return this.keep(task, (run) => this.clock.schedule(at, run, what));
  }

  public scheduleRoutine(at: number, task: () => void, what?: string): Timer {
    return this.keep(task, (run) => this.clock.scheduleRoutine(at, run, what));
  }

  public watch(idler: Idler): () => void {
    const unwatch = this.clock.watch(idler);
    this.timers.add({ cancel: unwatch });
    return unwatch;
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

  private keep<T>(task: () => T, schedule: (run: () => T) => Timer): Timer {
    if (this.ended) return { cancel: () => undefined };
    const timer = schedule(() => {
      this.timers.delete(timer);
      return task();
    });
    this.timers.add(timer);
    return {
      cancel: () => {
        timer.cancel();
        this.timers.delete(timer);
      },
    };
  }
}
