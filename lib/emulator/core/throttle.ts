import { SECOND } from '../clock';

/** Counts requests per second, by name, against a limit. */
export class Throttle {
  private used = new Map<string, number>();
  private second = -Infinity;

  /** Counts one request for each name. Returns false, and counts none, if a name has reached its limit this second. */
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
