import { rateExceeded } from '../errors';

/**
 * The concurrent invocations of an account: a function with reserved concurrency has that many for itself and never
 * more; all others share the rest.
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

  /** The number of running invocations of all functions. */
  public get running(): number {
    return this.allRunning;
  }

  /** The number of running invocations of functions without reserved concurrency. */
  public get unreserved(): number {
    return this.unreservedRunning;
  }

  /** A function's reserved concurrency; undefined if it has none. */
  public reservation(functionName: string): number | undefined {
    return this.reservations.get(functionName);
  }

  public reserve(functionName: string, count: number): void {
    this.reservations.set(functionName, count);
  }

  public release(functionName: string): void {
    this.reservations.delete(functionName);
  }

  /** The number of running invocations of a function. */
  public of(functionName: string): number {
    return this.byFunction.get(functionName) ?? 0;
  }

  /** Starts an invocation, and returns the function that ends it. Throws if the concurrency is used up. */
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
