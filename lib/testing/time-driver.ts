import type { Timer, VirtualClock } from '../emulator';

interface Waiter {
  /** Whether the wait is over. */
  readonly done: () => boolean;
  /** Whether it only waits for time to pass: then it need not be checked in idle minutes. */
  readonly passes: boolean;
  /** The instant at which it times out. */
  readonly until: number;
  /** A timer that stops time at that instant, even if nothing else is due. */
  readonly stop?: Timer;
  readonly end: (done: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/** The drivers that are moving time. */
const underWay = new Set<TimeDriver>();

/**
 * Fails the current waits in all clouds. Called when a file's tests are over: what still waits belongs to a test that
 * the runner timed out, and would move time forever.
 * @internal
 */
export function endAbandonedWaits(): void {
  for (const passage of underWay) passage.abandon();
}

/**
 * Moves time while anybody waits. Several may wait at once (a test that sends for an hour, and waits for a message in
 * the meantime): time passes for all of them, and each continues when its wait is over.
 */
export class TimeDriver {
  private readonly wants = new Set<Waiter>();
  private moving = false;
  private closed = false;

  constructor(private readonly clock: VirtualClock) {}

  /**
   * Lets time pass until `done` is true, checked after each event. Resolves to false if `atMost` milliseconds have
   * passed; time then stands exactly there.
   * @param passes whether the wait is only for time
   * @throws Error after it was closed
   */
  public until(done: () => boolean, atMost: number, passes = false): Promise<boolean> {
    if (this.closed) return Promise.reject(new Error('this cloud was stopped, so no more time can pass in it'));
    const until = this.clock.now() + atMost;
    const stop =
      until === Infinity ? undefined : this.clock.schedule(until, () => undefined, 'a wait of the test times out');
    return new Promise((end, fail) => {
      this.wants.add({ done, passes, until, stop, end, fail });
      if (!this.moving) void this.move();
    });
  }

  /** Lets this many milliseconds pass, with everything that falls due. */
  public async advance(span: number): Promise<void> {
    const end = this.clock.now() + span;
    await this.until(() => this.clock.now() >= end && !((this.clock.nextAt ?? Infinity) <= end), span, true);
  }

  /** Runs the next due event and everything it causes. Resolves to false if there was none. */
  public next(): Promise<boolean> {
    let asked = false;
    // Checked first, before anything happens.
    return this.until(() => asked || !(asked = true), Infinity);
  }

  /** Prevents further waits, which could never end. */
  public close(): void {
    this.closed = true;
  }

  /** Fails the current waits and stops moving time. */
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

  /** Ends the waits that are over. Returns whether there was one, whose code then continues first. */
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
