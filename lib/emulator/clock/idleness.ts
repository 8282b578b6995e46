import type { Agenda } from './agenda';
import { type IdleObserver, MINUTE } from './clock';

/**
 * Finds out when nothing happens but routine, and how many minutes of it can be passed over.
 *
 * After a minute in which only routine tasks ran, the next one is rehearsed: it runs in full, while all observers watch. If
 * after it the same routine tasks are scheduled, each a minute later, and each observer says that further minutes are going
 * to be the same, then these need not run: the observers repeat what the minute came to, and the tasks are moved.
 */
export class Idleness {
  private readonly observers = new Set<IdleObserver>();
  private disturbedAt = -Infinity;
  /** When the probed began, and in how long from then the routine tasks were to run. */
  private probed?: { readonly from: number; readonly ahead: readonly number[] };

  constructor(private readonly periodic: Agenda) {}

  public add(observer: IdleObserver): () => void {
    this.observers.add(observer);
    return () => void this.observers.delete(observer);
  }

  /** Something has happened that is no routine. */
  public disturb(now: number): void {
    this.disturbedAt = now;
    this.probed = undefined;
  }

  /**
   * Told before each routine task. Gives by how many milliseconds, whole minutes of them, time can be moved on at once.
   * @param at when that task is due
   * @param limit by when things are to be as if all had run
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
