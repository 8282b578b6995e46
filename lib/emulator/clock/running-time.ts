import type { Random } from './random';

/**
 * How long a piece of work takes, in emulated milliseconds: a constant, or a function that draws each time from a
 * seeded generator. Must be 0 or more; fractions are rounded to whole milliseconds.
 */
export type RunningTime = number | ((random: Random) => number);

/** Draws the running times of one model. */
export class RunningTimes {
  /** @throws RangeError if a fixed running time is negative or not a number */
  constructor(
    private readonly runningTime: RunningTime,
    private readonly random: Random,
  ) {
    if (typeof runningTime === 'number') check(runningTime);
  }

  /** Whether every piece of work takes the same time. */
  public get areFixed(): boolean {
    return typeof this.runningTime === 'number';
  }

  /** @throws RangeError if the model's function returns a negative value or anything but a number */
  public next(): number {
    const { runningTime } = this;
    return Math.round(typeof runningTime === 'number' ? runningTime : check(runningTime(this.random)));
  }
}

function check(milliseconds: number): number {
  if (milliseconds >= 0 && Number.isFinite(milliseconds)) return milliseconds;
  throw new RangeError(`runningTime must be 0 or more milliseconds, but was ${String(milliseconds)}`);
}
