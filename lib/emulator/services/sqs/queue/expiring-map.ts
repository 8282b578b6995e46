import { Ring } from './ring';

/** A map whose entries expire a fixed time after they were put. */
export class ExpiringMap<V> {
  private readonly entries = new Map<string, { readonly key: string; readonly value: V; readonly until: number }>();
  private order = new Ring<{ readonly key: string; readonly until: number }>();

  /** `lifetime` is in milliseconds. */
  constructor(private readonly lifetime: number) {}

  public get(key: string, now: number): V | undefined {
    this.forgetOld(now);
    return this.entries.get(key)?.value;
  }

  public put(key: string, value: V, now: number): void {
    this.forgetOld(now);
    const entry = { key, value, until: now + this.lifetime };
    this.entries.set(key, entry);
    this.order.push(entry);
  }

  public clear(): void {
    this.entries.clear();
    this.order = new Ring();
  }

  private forgetOld(now: number): void {
    for (let old = this.order.first(); old !== undefined && old.until <= now; old = this.order.first()) {
      this.order.shift();
      // The key may have been put again since.
      if (this.entries.get(old.key) === old) this.entries.delete(old.key);
    }
  }
}
