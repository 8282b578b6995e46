import type { Random } from '../../clock';

/**
 * How long a piece of work takes, in emulated milliseconds: always the same, or drawn anew for each piece from a
 * generator that the seed feeds. 0 or more; fractions are rounded to whole milliseconds.
 */
export type RunningTime = number | ((random: Random) => number);

/** Draws running times of one model. */
export class RunningTimes {
  /** @throws RangeError where a fixed running time is not a number of 0 or more */
  constructor(
    private readonly runningTime: RunningTime,
    private readonly random: Random,
  ) {
    if (typeof runningTime === 'number') check(runningTime);
  }

  /** Whether each piece of work takes the same time. */
  public get areFixed(): boolean {
    return typeof this.runningTime === 'number';
  }

  /** @throws RangeError where the model's function gives anything but a number of 0 or more */
  public next(): number {
    const { runningTime } = this;
    return Math.round(typeof runningTime === 'number' ? runningTime : check(runningTime(this.random)));
  }
}

function check(milliseconds: number): number {
  if (milliseconds >= 0 && Number.isFinite(milliseconds)) return milliseconds;
  throw new RangeError(`runningTime must be a number of milliseconds, 0 or more, got ${String(milliseconds)}`);
}
