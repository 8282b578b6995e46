/**
 * A queue whose items can also be taken out of its middle. An item keeps its place, the number that {@link push} gave,
 * for as long as it is in; taking it out leaves a gap, which costs nothing once the front has passed it.
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

  /** Adds `item` at the end, and gives its place. */
  public push(item: T): number {
    if (this.back - this.front > this.mask) this.grow();
    const place = this.back++;
    this.slots[place & this.mask] = item;
    this.count++;
    return place;
  }

  /** Adds `item` at the front, and returns its place. */
  public unshift(item: T): number {
    if (this.back - this.front > this.mask) this.grow();
    const place = --this.front;
    this.slots[place & this.mask] = item;
    this.count++;
    return place;
  }

  /** The first item. */
  public first(): T | undefined {
    return this.from(this.front);
  }

  /** The first item at `place` or behind it. */
  public from(place: number): T | undefined {
    for (let at = Math.max(place, this.front); at < this.back; at++) {
      const item = this.slots[at & this.mask];
      if (item !== undefined) return item;
    }
    return undefined;
  }

  /** Takes the first item off. */
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

  /** Takes the item at `place` out. */
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
