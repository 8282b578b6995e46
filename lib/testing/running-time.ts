import type { Random, RunningTime as DrawnTime } from '../emulator';
import { milliseconds, type TimeSpan } from './time-span';

/**
 * How long a piece of work takes: always the same, or drawn anew for each piece. What is drawn grows from the cloud's
 * seed: the same seed, the same times.
 */
export class RunningTime {
  /** Always the same. */
  public static fixed(time: TimeSpan): RunningTime {
    return new RunningTime(milliseconds(time, 'time'));
  }

  /** Anything between two times, each as likely as any other. */
  public static uniform(shortest: TimeSpan, longest: TimeSpan): RunningTime {
    const from = milliseconds(shortest, 'shortest');
    const to = milliseconds(longest, 'longest');
    if (to < from) throw new RangeError(`longest must not be less than shortest, got ${to} and ${from} milliseconds`);
    return new RunningTime((random) => from + random.next() * (to - from));
  }

  /** Mostly short, now and then several times the mean: what is as likely to end in the next second as in the last. */
  public static exponential(mean: TimeSpan): RunningTime {
    const value = milliseconds(mean, 'mean');
    return new RunningTime((random) => -Math.log(1 - random.next()) * value);
  }

  /**
   * Around a median, with a long tail: what the latencies of services look like.
   *
   * @param median half of all take less
   * @param p99 one in a hundred takes longer
   */
  public static logNormal(median: TimeSpan, p99: TimeSpan): RunningTime {
    const middle = milliseconds(median, 'median');
    const tail = milliseconds(p99, 'p99');
    if (!(middle > 0 && tail >= middle)) {
      throw new RangeError(`median must be more than 0 and p99 not less, got ${middle} and ${tail} milliseconds`);
    }
    const sigma = Math.log(tail / middle) / STANDARD_NORMAL_P99;
    return new RunningTime((random) => middle * Math.exp(sigma * standardNormal(random)));
  }

  private constructor(
    /** @internal */
    public readonly drawn: DrawnTime,
  ) {}
}

/** What a running time may be given as: a {@link RunningTime}, or a `Duration` or milliseconds for one that is fixed. */
export type RunningTimeLike = RunningTime | TimeSpan;

/** @throws RangeError where it is none */
export function drawnTime(time: RunningTimeLike): DrawnTime {
  return time instanceof RunningTime ? time.drawn : milliseconds(time, 'runningTime');
}

/** 99 % of a standard normal distribution lie below. */
const STANDARD_NORMAL_P99 = 2.326_347_874;

/** By Box and Muller. */
function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}
