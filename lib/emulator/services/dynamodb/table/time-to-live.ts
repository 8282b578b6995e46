import { type Clock, DAY, SECOND, type Timer } from '../../../clock';
import type { Item } from '../values/attribute-value';
import { ItemIndex } from './item-index';
import type { StoredItem } from './stored-item';

/** DynamoDB does not delete an item that expired longer ago than this. */
const LONGEST_AGO = 5 * 365 * DAY;
const DIGITS = 16;

/** What a table's time to live needs. */
export interface TimeToLiveDependencies {
  readonly clock: Clock;
  /** Emulated milliseconds from an item's expiry to its deletion. */
  readonly delay: number;
  /** Deletes an item that has expired. */
  readonly expire: (stored: StoredItem) => void;
}

/** Deletes a table's items when the time in one of their attributes has passed. */
export class TimeToLive {
  private readonly due = new ItemIndex();
  private timer?: { readonly at: number; readonly timer: Timer };

  constructor(
    /** The attribute with the time of expiry: a number of seconds since the epoch. */
    public readonly attribute: string,
    private readonly dependencies: TimeToLiveDependencies,
  ) {}

  /** Takes note of a new or changed item. */
  public track(stored: StoredItem, before: Item | undefined): void {
    const { [this.attribute]: value } = stored.item;
    if (before !== undefined && stored.expiry !== undefined && before[this.attribute]?.N === value?.N) return;
    this.forget(stored);
    const seconds = value?.N === undefined ? NaN : Number(value.N);
    const { clock, delay } = this.dependencies;
    const now = clock.now();
    const expiry = Math.floor(seconds) * SECOND;
    if (!(expiry > now - LONGEST_AGO) || expiry > Number.MAX_SAFE_INTEGER / 2) return;
    const at = Math.max(expiry, now) + delay;
    stored.expiry = { hash: 0, partition: '', sort: String(at).padStart(DIGITS, '0'), stored };
    this.due.add(stored.expiry);
    this.schedule();
  }

  /** Takes note of an item that is deleted. */
  public forget(stored: StoredItem): void {
    if (stored.expiry === undefined) return;
    this.due.remove(stored.expiry);
    stored.expiry = undefined;
    this.schedule();
  }

  public stop(): void {
    this.timer?.timer.cancel();
    this.timer = undefined;
  }

  private schedule(): void {
    const next = this.due.first();
    const at = next === undefined ? undefined : Number(next.sort);
    if (at === this.timer?.at) return;
    this.stop();
    if (at === undefined) return;
    const { clock } = this.dependencies;
    this.timer = { at, timer: clock.schedule(at, () => this.expireDue(), 'an item expires') };
  }

  private expireDue(): void {
    this.timer = undefined;
    const now = this.dependencies.clock.now();
    for (let next = this.due.first(); next !== undefined && Number(next.sort) <= now; next = this.due.first()) {
      this.dependencies.expire(next.stored);
    }
    this.schedule();
  }
}
