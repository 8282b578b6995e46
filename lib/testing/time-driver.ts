import type { Timer, VirtualClock } from '../emulator';

interface Waiter {
  /** Whether what it waits for has come. */
  readonly done: () => boolean;
  /** Whether it waits for nothing but time: then it need not be asked in minutes in which nothing happens. */
  readonly passes: boolean;
  /** The instant at which it gives up. */
  readonly until: number;
  /** Time stops at that instant, though nothing else may be due there. */
  readonly stop?: Timer;
  readonly end: (done: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/** Those that move time at this moment. */
const underWay = new Set<TimeDriver>();

/**
 * Fails the waits that are under way in all clouds. Called when a file's tests are over: what still waits then is a test
 * that the runner has timed out, and would move time for ever.
 * @internal
 */
export function endAbandonedWaits(): void {
  for (const passage of underWay) passage.abandon();
}

/**
 * Moves time, for as long as anybody waits for something. Several may wait at once (a test that sends for an hour, and
 * meanwhile waits for a message): time passes for all of them, and each goes on when what it waits for has come.
 */
export class TimeDriver {
  private readonly wants = new Set<Waiter>();
  private moving = false;
  private closed = false;

  constructor(private readonly clock: VirtualClock) {}

  /**
   * Lets time pass until `done`, which is asked after each thing that happens. Gives false when `atMost` milliseconds
   * have passed without it; time then stands exactly there.
   * @param passes whether nothing but time is waited for
   * @throws Error after it was closed
   */
  public until(done: () => boolean, atMost: number, passes = false): Promise<boolean> {
    if (this.closed) return Promise.reject(new Error('this cloud was stopped: no time passes in it any more'));
    const until = this.clock.now() + atMost;
    const stop = until === Infinity ? undefined : this.clock.schedule(until, () => undefined, 'a test waits no longer');
    return new Promise((end, fail) => {
      this.wants.add({ done, passes, until, stop, end, fail });
      if (!this.moving) void this.move();
    });
  }

  /** Lets so many milliseconds pass, with all that falls due in them. */
  public async advance(span: number): Promise<void> {
    const end = this.clock.now() + span;
    await this.until(() => this.clock.now() >= end && !((this.clock.nextAt ?? Infinity) <= end), span, true);
  }

  /** Runs the next thing that is due, and all that it causes. Gives false where nothing was left to happen. */
  public next(): Promise<boolean> {
    let asked = false;
    // Asked for the first time before anything has happened.
    return this.until(() => asked || !(asked = true), Infinity);
  }

  /** Nobody may wait any more: what would be waited for can't happen. */
  public close(): void {
    this.closed = true;
  }

  /** Fails what waits, and moves time no further. */
  public abandon(): void {
    this.close();
    const error = new Error('the tests are over, so no time passes in this cloud any more; was a test timed out?');
    for (const want of [...this.wants]) this.fail(want, error);
  }

  private async move(): Promise<void> {
    this.moving = true;
    underWay.add(this);
    try {
      while (this.wants.size > 0) {
        const settled = await this.clock.runUntil(
          () => this.settle(),
          Infinity,
          () => [...this.wants].every(({ passes }) => passes),
        );
        if (settled || this.clock.nextAt !== undefined) continue;
        for (const want of this.wants) this.end(want, false); // nothing will ever happen again
      }
    } catch (error) {
      for (const want of [...this.wants]) this.fail(want, error);
    } finally {
      this.moving = false;
      underWay.delete(this);
    }
  }

  /** Ends the wants that have come true, or whose time is over. Says whether there was one: its code goes on first. */
  private settle(): boolean {
    const before = this.wants.size;
    const { clock } = this;
    for (const want of this.wants) {
      try {
        if (want.done()) this.end(want, true);
        else if (clock.now() >= want.until && !((clock.nextAt ?? Infinity) <= want.until)) this.end(want, false);
      } catch (error) {
        this.fail(want, error);
      }
    }
    return this.wants.size < before || this.wants.size === 0;
  }

  private end(want: Waiter, done: boolean): void {
    this.wants.delete(want);
    want.stop?.cancel();
    want.end(done);
  }

  private fail(want: Waiter, error: unknown): void {
    this.wants.delete(want);
    want.stop?.cancel();
    want.fail(error);
  }
}
