import type { Clock } from '../../clock';

/**
 * Makes work that completes at unpredictable real times (reading files, compressing) complete in the order in which it
 * started, one piece per turn of the event loop. So what several programs do at the same instant of the clock has the
 * same order in every run.
 */
export class OrderedCompletions {
  /** The instance shared by all sandboxes on a clock. */
  public static of(clock: Clock): OrderedCompletions {
    let completions = completionsByClock.get(clock);
    if (completions === undefined) completionsByClock.set(clock, (completions = new OrderedCompletions()));
    return completions;
  }

  private readonly queue: PendingCompletion[] = [];
  private scheduled = false;

  /** Adds a completion at the end of the order. */
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

/** A pending completion in {@link OrderedCompletions}. */
export class PendingCompletion {
  private code?: () => void;

  constructor(private readonly completions: OrderedCompletions) {}

  /** Whether it is ready to run. */
  public get ready(): boolean {
    return this.code !== undefined;
  }

  /** Runs `code` once all earlier completions have left. */
  public inTurn(code: () => void): void {
    this.code = code;
    this.completions.advance();
  }

  /** Lets the next completion run. */
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
