/**
 * A queue that also allows removal from the middle. An item keeps its position, the number that {@link push} returned;
 * removal leaves a gap, which costs nothing once the front has passed it.
 */
export class Ring<T> {
  private slots: (T | undefined)[];
  private mask: number;
  private front = 0;
  private back = 0;
  private count = 0;

  constructor(capacity = 4) {
    this.slots = new Array<T | undefined>(capacity);
    this.mask = capacity - 1;
  }

  public get size(): number {
    return this.count;
  }

  /** Adds `item` at the end, and returns its position. */
  public push(item: T): number {
    if (this.back - this.front > this.mask) this.grow();
    const place = this.back++;
    this.slots[place & this.mask] = item;
    this.count++;
    return place;
  }

  /** Adds `item` at the front, and returns its position. */
  public unshift(item: T): number {
    if (this.back - this.front > this.mask) this.grow();
    const place = --this.front;
    this.slots[place & this.mask] = item;
    this.count++;
    return place;
  }

  public first(): T | undefined {
    return this.from(this.front);
  }

  /** The first item at or after `place`. */
  public from(place: number): T | undefined {
    for (let at = Math.max(place, this.front); at < this.back; at++) {
      const item = this.slots[at & this.mask];
      if (item !== undefined) return item;
    }
    return undefined;
  }

  /** Removes the first item. */
  public shift(): T | undefined {
    while (this.front < this.back) {
      const slot = this.front++ & this.mask;
      const item = this.slots[slot];
      if (item !== undefined) {
        this.slots[slot] = undefined;
        this.count--;
        return item;
      }
    }
    return undefined;
  }

  /** Removes the item at `place`. */
  public remove(place: number): void {
    this.slots[place & this.mask] = undefined;
    this.count--;
    if (this.count === 0) this.front = this.back;
    while (this.front < this.back && this.slots[this.front & this.mask] === undefined) this.front++;
  }

  private grow(): void {
    const larger = new Array<T | undefined>(this.slots.length * 2);
    const mask = larger.length - 1;
    for (let at = this.front; at < this.back; at++) larger[at & mask] = this.slots[at & this.mask];
    this.slots = larger;
    this.mask = mask;
  }
}
