import { milliseconds, type TimeSpan } from '../../emulator/testing';

/** When a fault is active, and how likely it is. */
export interface FaultWindow {
  /**
   * When it starts, from now: a `Duration`, or milliseconds.
   * @default - now
   */
  readonly after?: TimeSpan;
  /**
   * How long it lasts.
   * @default - until it is ended
   */
  readonly lasting?: TimeSpan;
  /**
   * The probability of each possible occurrence: more than 0, up to 1. Drawn from the cloud's seed.
   * @default 1
   */
  readonly chance?: number;
}

/** The moments at which a fault happens. */
export interface FaultMoments extends FaultWindow {
  /**
   * How often it happens, from `after` on, while `lasting`.
   * @default - once
   */
  readonly every?: TimeSpan;
}

/** A {@link FaultWindow} in instants. */
export interface Instants {
  readonly from: number;
  readonly until: number;
  readonly chance: number;
}

/** @throws RangeError if an option is out of range */
export function instantsOf({ after = 0, lasting, chance = 1 }: FaultWindow, now: number): Instants {
  if (!(chance > 0 && chance <= 1)) throw new RangeError(`chance must be more than 0 and up to 1, but was ${chance}`);
  const from = now + milliseconds(after, 'after');
  return { from, until: lasting === undefined ? Infinity : from + milliseconds(lasting, 'lasting'), chance };
}
