/** An item of a {@link Heap}, which keeps `position` up to date, so that the item can be removed without a search. */
export interface HeapItem {
  position: number;
  /** The tie-breaker between items with the same instant: the lower is first. */
  readonly serial: number;
}

/**
 * A priority queue by instant, earliest first. Instants are stored next to each other, so that comparisons touch no
 * item.
 */
export class Heap<T extends HeapItem> {
  private readonly instants: number[] = [];
  private readonly items: T[] = [];

  public get size(): number {
    return this.items.length;
  }

  /** The earliest instant, or Infinity. */
  public get earliest(): number {
    return this.items.length === 0 ? Infinity : this.instants[0];
  }

  public first(): T | undefined {
    return this.items[0];
  }

  public instantOf(item: T): number {
    return this.instants[item.position];
  }

  public add(item: T, at: number): void {
    this.items.push(item);
    this.instants.push(at);
    this.siftUp(this.items.length - 1, item, at);
  }

  public remove(item: T): void {
    const index = item.position;
    const last = this.items.pop() as T;
    const at = this.instants.pop() as number;
    if (last === item) return;
    this.siftDown(index, last, at);
    if (last.position === index) this.siftUp(index, last, at);
  }

  public move(item: T, at: number): void {
    const index = item.position;
    this.siftDown(index, item, at);
    if (item.position === index) this.siftUp(index, item, at);
  }

  /** All items, in no particular order. */
  public all(): readonly T[] {
    return this.items;
  }

  private put(index: number, item: T, at: number): void {
    this.items[index] = item;
    this.instants[index] = at;
    item.position = index;
  }

  private siftUp(start: number, item: T, at: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.before(item, at, parent)) break;
      this.put(index, this.items[parent], this.instants[parent]);
      index = parent;
    }
    this.put(index, item, at);
  }

  private siftDown(start: number, item: T, at: number): void {
    const { length } = this.items;
    let index = start;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= length) break;
      if (child + 1 < length && this.before(this.items[child + 1], this.instants[child + 1], child)) child++;
      if (this.before(item, at, child)) break;
      this.put(index, this.items[child], this.instants[child]);
      index = child;
    }
    this.put(index, item, at);
  }

  private before(item: T, at: number, index: number): boolean {
    const other = this.instants[index];
    return at === other ? item.serial < this.items[index].serial : at < other;
  }
}
