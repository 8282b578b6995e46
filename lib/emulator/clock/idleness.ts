import type { Agenda } from './agenda';
import { type IdleObserver, MINUTE } from './clock';

/**
 * Detects idle time, in which only periodic tasks run, and how many minutes of it can be skipped.
 *
 * After a minute with only periodic tasks, the next one is a probe: it runs in full, and all observers watch. If
 * afterwards the same periodic tasks are scheduled, each a minute later, and every observer expects further minutes to
 * be the same, those minutes are not run: the observers repeat the minute's effects, and the tasks are postponed.
 */
export class Idleness {
  private readonly observers = new Set<IdleObserver>();
  private disturbedAt = -Infinity;
  /** When the probe began, and the delays from then until each periodic task. */
  private probed?: { readonly from: number; readonly ahead: readonly number[] };

  constructor(private readonly periodic: Agenda) {}

  public add(observer: IdleObserver): () => void {
    this.observers.add(observer);
    return () => void this.observers.delete(observer);
  }

  /** Ends idleness: something other than a periodic task happened. */
  public disturb(now: number): void {
    this.disturbedAt = now;
    this.probed = undefined;
  }

  /**
   * Called before each periodic task. Returns by how many milliseconds, in whole minutes, time can skip ahead.
   * @param at when that task is due
   * @param limit the latest instant to skip to
   */
  public skip(at: number, limit: number): number {
    const { probed } = this;
    if (probed === undefined) {
      if (this.observers.size > 0 && at - this.disturbedAt >= MINUTE) this.probe(at);
      return 0;
    }
    const end = probed.from + MINUTE;
    if (at < end) return 0;
    this.disturb(at);
    if (!isSame(probed.ahead, this.ahead(end))) return 0;
    let minutes = Math.floor((limit - end) / MINUTE);
    for (const observer of this.observers) {
      if (minutes < 1) return 0;
      minutes = Math.min(minutes, Math.floor((observer.steadyUntil() - end) / MINUTE));
    }
    if (minutes < 1) return 0;
    for (const observer of this.observers) observer.repeat(minutes);
    return minutes * MINUTE;
  }

  private probe(from: number): void {
    this.probed = { from, ahead: this.ahead(from) };
    for (const observer of this.observers) observer.probe();
  }

  private ahead(from: number): number[] {
    return this.periodic.waiting().map(({ at }) => at - from);
  }
}

function isSame(some: readonly number[], others: readonly number[]): boolean {
  return some.length === others.length && some.every((value, index) => value === others[index]);
}
