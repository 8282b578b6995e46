import type { Random, RunningTime as DrawnTime } from '../clock';
import { milliseconds, type TimeSpan } from './time-span';

/**
 * How long a piece of work takes: fixed, or drawn for each piece. Draws come from the cloud's seed: the same seed gives
 * the same times.
 */
export class RunningTime {
  /** A fixed time. */
  public static fixed(time: TimeSpan): RunningTime {
    return new RunningTime(milliseconds(time, 'time'));
  }

  /** A uniform distribution between two times. */
  public static uniform(shortest: TimeSpan, longest: TimeSpan): RunningTime {
    const from = milliseconds(shortest, 'shortest');
    const to = milliseconds(longest, 'longest');
    if (to < from)
      throw new RangeError(`longest must not be less than shortest, but was ${to} and ${from} milliseconds`);
    return new RunningTime((random) => from + random.next() * (to - from));
  }

  /** An exponential distribution: mostly short, now and then several times the mean. */
  public static exponential(mean: TimeSpan): RunningTime {
    const value = milliseconds(mean, 'mean');
    return new RunningTime((random) => -Math.log(1 - random.next()) * value);
  }

  /**
   * A log-normal distribution with a long tail, like the latencies of services.
   *
   * @param median half of all times are less
   * @param p99 one in a hundred is more
   */
  public static logNormal(median: TimeSpan, p99: TimeSpan): RunningTime {
    const middle = milliseconds(median, 'median');
    const tail = milliseconds(p99, 'p99');
    if (!(middle > 0 && tail >= middle)) {
      throw new RangeError(`median must be more than 0 and p99 not less, but was ${middle} and ${tail} milliseconds`);
    }
    const sigma = Math.log(tail / middle) / STANDARD_NORMAL_P99;
    return new RunningTime((random) => middle * Math.exp(sigma * standardNormal(random)));
  }

  private constructor(
    /** @internal */
    public readonly drawn: DrawnTime,
  ) {}
}

/** A running time as options accept it: a {@link RunningTime}, or a `Duration` or milliseconds for a fixed one. */
export type RunningTimeLike = RunningTime | TimeSpan;

/** @throws RangeError if it is invalid */
export function drawnTime(time: RunningTimeLike): DrawnTime {
  return time instanceof RunningTime ? time.drawn : milliseconds(time, 'runningTime');
}

/** The 99th percentile of the standard normal distribution. */
const STANDARD_NORMAL_P99 = 2.326_347_874;

/** Box–Muller transform. */
function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}
