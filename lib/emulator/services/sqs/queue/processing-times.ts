/** How much of the recent time spent on messages went to each group: over the current window and the one before it. */
export class ProcessingTimes {
  private current = new Map<string, number>();
  private previous = new Map<string, number>();
  private currentTotal = 0;
  private previousTotal = 0;
  private startedAt = -Infinity;

  /** `window` in milliseconds. */
  constructor(private readonly window: number) {}

  /** Time was spent on a message of `group`, or on one that has none. */
  public add(group: string | undefined, spent: number, now: number): void {
    this.roll(now);
    this.currentTotal += spent;
    if (group !== undefined) this.current.set(group, (this.current.get(group) ?? 0) + spent);
  }

  /** The part of all time that went to `group`, from 0 to 1. */
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
