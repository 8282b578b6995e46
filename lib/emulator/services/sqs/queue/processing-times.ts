/** The share of recent processing time per message group, over the current window and the previous one. */
export class ProcessingTimes {
  private current = new Map<string, number>();
  private previous = new Map<string, number>();
  private currentTotal = 0;
  private previousTotal = 0;
  private startedAt = -Infinity;

  /** `window` is in milliseconds. */
  constructor(private readonly window: number) {}

  /** Adds the processing time of a message of `group`; undefined if it has none. */
  public add(group: string | undefined, spent: number, now: number): void {
    this.roll(now);
    this.currentTotal += spent;
    if (group !== undefined) this.current.set(group, (this.current.get(group) ?? 0) + spent);
  }

  /** The share of all processing time that `group` used, from 0 to 1. */
  public share(group: string, now: number): number {
    this.roll(now);
    const total = this.currentTotal + this.previousTotal;
    return total === 0 ? 0 : ((this.current.get(group) ?? 0) + (this.previous.get(group) ?? 0)) / total;
  }

  private roll(now: number): void {
    if (now < this.startedAt + this.window) return;
    const lapsed = now >= this.startedAt + 2 * this.window;
    this.previous = lapsed ? new Map<string, number>() : this.current;
    this.previousTotal = lapsed ? 0 : this.currentTotal;
    this.current = new Map();
    this.currentTotal = 0;
    this.startedAt = lapsed ? now : this.startedAt + this.window;
  }
}
