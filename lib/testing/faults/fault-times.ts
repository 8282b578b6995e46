import { milliseconds, type TimeSpan } from '../time-span';

/** When a fault is there, and how likely it is. */
export interface FaultWindow {
  /**
   * From when on, counted from now: a `Duration`, or milliseconds.
   * @default - now
   */
  readonly after?: TimeSpan;
  /**
   * For how long.
   * @default - until it is ended
   */
  readonly lasting?: TimeSpan;
  /**
   * With what probability it happens each time that it could: more than 0, up to 1. Drawn from the cloud's seed.
   * @default 1
   */
  readonly chance?: number;
}

/** At which moments a fault happens. */
export interface FaultMoments extends FaultWindow {
  /**
   * How often, from `after` on, for as long as `lasting` says.
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

/** @throws RangeError where a part of it is out of range */
export function instantsOf({ after = 0, lasting, chance = 1 }: FaultWindow, now: number): Instants {
  if (!(chance > 0 && chance <= 1)) throw new RangeError(`chance must be more than 0 and up to 1, got ${chance}`);
  const from = now + milliseconds(after, 'after');
  return { from, until: lasting === undefined ? Infinity : from + milliseconds(lasting, 'lasting'), chance };
}
