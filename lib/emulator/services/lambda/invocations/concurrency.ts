import { rateExceeded } from '../errors';

/**
 * Who runs, against the account's concurrency: a function with a reservation has that many invocations at once to
 * itself and never more; all others share what is left.
 */
export class Concurrency {
  private readonly byFunction = new Map<string, number>();
  private readonly reservations = new Map<string, number>();
  private allRunning = 0;
  private unreservedRunning = 0;

  constructor(private readonly total: number) {}

  /** The sum of all reservations. */
  public get reserved(): number {
    let sum = 0;
    for (const count of this.reservations.values()) sum += count;
    return sum;
  }

  /** How many invocations run now, of all functions. */
  public get running(): number {
    return this.allRunning;
  }

  /** How many invocations of functions without a reservation run now. */
  public get unreserved(): number {
    return this.unreservedRunning;
  }

  /** What is set aside for a function, if anything is. */
  public reservation(functionName: string): number | undefined {
    return this.reservations.get(functionName);
  }

  public reserve(functionName: string, count: number): void {
    this.reservations.set(functionName, count);
  }

  public release(functionName: string): void {
    this.reservations.delete(functionName);
  }

  /** How many invocations of a function run now. */
  public of(functionName: string): number {
    return this.byFunction.get(functionName) ?? 0;
  }

  /** Takes a place for one invocation and gives the function that frees it. Throws if none is free. */
  public enter(functionName: string): () => void {
    const reserved = this.reservations.get(functionName);
    const own = this.of(functionName);
    const free = reserved !== undefined ? own < reserved : this.unreservedRunning < this.total - this.reserved;
    if (!free) throw rateExceeded();
    this.byFunction.set(functionName, own + 1);
    this.allRunning++;
    if (reserved === undefined) this.unreservedRunning++;
    return () => {
      this.byFunction.set(functionName, this.of(functionName) - 1);
      this.allRunning--;
      if (reserved === undefined) this.unreservedRunning--;
    };
  }
}
