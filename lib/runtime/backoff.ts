/** How {@link exponentialBackoff} grows. */
export interface BackoffOptions {
  /** The upper limit after the first receive, more than 0 seconds. Doubles with each receive. Default 2. */
  readonly firstSeconds?: number;
  /** The longest delay, 1–43,200 seconds. Default 900. */
  readonly maxSeconds?: number;
  /** Returns a number from 0 up to 1. Default: `Math.random`. */
  readonly random?: () => number;
}

/**
 * Returns a `retryDelaySeconds` that grows exponentially with the number of receives, with jitter: messages that failed
 * together, as in an outage of a database, do not return together. The delay is a whole number of seconds, from half of
 * the limit to the limit.
 *
 * @throws RangeError if an option is out of range
 */
export function exponentialBackoff(options: BackoffOptions = {}): (receives: number) => number {
  const { firstSeconds = 2, maxSeconds = 900, random = Math.random } = options;
  if (!(firstSeconds > 0)) throw new RangeError(`firstSeconds must be more than 0, but was ${firstSeconds}`);
  if (!(maxSeconds >= 1 && maxSeconds <= 43_200)) {
    throw new RangeError(`maxSeconds must be from 1 to 43,200, but was ${maxSeconds}`);
  }
  return (receives) => Math.round(jittered(Math.min(maxSeconds, firstSeconds * 2 ** (receives - 1)), random));
}

/** From half of `limit` to `limit`. */
export function jittered(limit: number, random: () => number = Math.random): number {
  return (limit * (1 + random())) / 2;
}
