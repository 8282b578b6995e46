import type { Clock } from '../../clock';

/**
 * Lets work that ends when the machine happens to be done with it (reading files, compressing) end in the order in which
 * it was begun, one piece at a time and each in a turn of the event loop of its own: so that what several programs do at
 * the same instant of the clock comes in the same order in each run.
 */
export class OrderedCompletions {
  /** The one that all sandboxes on a clock share. */
  public static of(clock: Clock): OrderedCompletions {
    let completions = completionsByClock.get(clock);
    if (completions === undefined) completionsByClock.set(clock, (completions = new OrderedCompletions()));
    return completions;
  }

  private readonly queue: PendingCompletion[] = [];
  private scheduled = false;

  /** Takes a place at the end. */
  public enter(): PendingCompletion {
    const completion = new PendingCompletion(this);
    this.queue.push(completion);
    return completion;
  }

  /** @internal */
  public leave(completion: PendingCompletion): void {
    const place = this.queue.indexOf(completion);
    if (place >= 0) this.queue.splice(place, 1);
    this.advance();
  }

  /** @internal */
  public advance(): void {
    if (this.scheduled || this.queue[0]?.ready !== true) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.queue[0]?.run();
      this.advance();
    });
  }
}

const completionsByClock = new WeakMap<Clock, OrderedCompletions>();

/** A place in a {@link OrderedCompletions}. */
export class PendingCompletion {
  private code?: () => void;

  constructor(private readonly completions: OrderedCompletions) {}

  /** Whether it waits for its turn. */
  public get ready(): boolean {
    return this.code !== undefined;
  }

  /** Runs `code` once all that were before it have left. */
  public inTurn(code: () => void): void {
    this.code = code;
    this.completions.advance();
  }

  /** Lets the next one have its turn. */
  public leave(): void {
    this.completions.leave(this);
  }

  /** @internal */
  public run(): void {
    const { code } = this;
    this.code = undefined;
    code?.();
  }
}
