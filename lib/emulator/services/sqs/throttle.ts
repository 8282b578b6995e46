import { SECOND } from '../../clock';

/** Counts what is used of a rate, by name, second for second. */
export class Throttle {
  private used = new Map<string, number>();
  private second = -Infinity;

  /** Uses the rate of each name once, unless any of them is used up for this second. Gives whether it did. */
  public take(names: Iterable<string>, perSecond: number, now: number): boolean {
    const second = Math.floor(now / SECOND);
    if (second !== this.second) {
      this.second = second;
      this.used = new Map();
    }
    const wanted = [...new Set(names)];
    if (wanted.some((name) => (this.used.get(name) ?? 0) >= perSecond)) return false;
    for (const name of wanted) this.used.set(name, (this.used.get(name) ?? 0) + 1);
    return true;
  }
}
