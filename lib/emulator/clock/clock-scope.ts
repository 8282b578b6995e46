import type { Clock, IdleObserver, Timer } from './clock';

/** A clock whose tasks can all be dropped at once, for a part of the cloud that ends before the clock does. */
export class ClockScope implements Clock {
  private readonly timers = new Ends();
  private readonly stopWatching: (() => void)[] = [];
  private ended = false;

  constructor(private readonly clock: Clock) {}

  public now(): number {
    return this.clock.now();
  }

  public schedule(at: number, task: () => void | Promise<void>, what?: string): Timer {
    if (this.ended) return DROPPED;
    const timer = new ScopedTimer<void | Promise<void>>(this.timers, task);
    timer.scheduled = this.clock.schedule(at, () => timer.run(), what);
    return timer;
  }

  public schedulePeriodic(at: number, task: () => void, what?: string): Timer {
    if (this.ended) return DROPPED;
    const timer = new ScopedTimer(this.timers, task);
    timer.scheduled = this.clock.schedulePeriodic(at, () => timer.run(), what);
    return timer;
  }

  public watch(observer: IdleObserver): () => void {
    const stopWatching = this.clock.watch(observer);
    this.stopWatching.push(stopWatching);
    return stopWatching;
  }

  public hold(): () => void {
    return this.clock.hold();
  }

  public notifyActivity(): void {
    this.clock.notifyActivity();
  }

  /** Drops all pending and future tasks. */
  public end(): void {
    this.ended = true;
    for (const stopWatching of this.stopWatching.splice(0)) stopWatching();
    while (this.timers.newest instanceof ScopedTimer) this.timers.newest.cancel();
  }
}

const DROPPED: Timer = { cancel: () => undefined };

/** The ends of the list of a scope's timers. */
class Ends {
  public newest: ScopedTimer<unknown> | Ends = this;
}

/**
 * A scope's pending task, in a linked list: a Set's outgrown tables would keep finished tasks alive through the garbage
 * collector's quick rounds.
 */
class ScopedTimer<T> implements Timer {
  public scheduled?: Timer;
  private newer: ScopedTimer<unknown> | Ends;
  private older: ScopedTimer<unknown> | Ends;

  constructor(
    ends: Ends,
    private readonly task: () => T,
  ) {
    this.newer = ends;
    this.older = ends.newest;
    if (this.older instanceof ScopedTimer) this.older.newer = this;
    ends.newest = this;
  }

  public run(): T {
    this.unlink();
    return this.task();
  }

  public cancel(): void {
    this.scheduled?.cancel();
    this.unlink();
  }

  private unlink(): void {
    const { newer, older } = this;
    if (newer instanceof ScopedTimer) newer.older = older;
    else if (newer.newest === this) newer.newest = older;
    if (older instanceof ScopedTimer && older.newer === this) older.newer = newer;
    // A removed timer must not keep others alive.
    this.newer = this.older = this;
  }
}
