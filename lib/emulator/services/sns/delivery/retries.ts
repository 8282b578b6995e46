import type { RetrySchedule } from '../limits';
import type { Backoff } from './delivery-policy';

/**
 * The wait before the next attempt, in milliseconds; undefined if there is none.
 * @param failures how many attempts have failed, 1 or more
 */
export function waitAfter(
  failures: number,
  schedule: RetrySchedule & { readonly backoffBy?: Backoff },
): number | undefined {
  const { immediate, preBackoff, backoff, postBackoff, shortest, longest, backoffBy = 'exponential' } = schedule;
  let attempt = failures;
  if (attempt <= immediate) return 0;
  attempt -= immediate;
  if (attempt <= preBackoff) return shortest;
  attempt -= preBackoff;
  if (attempt <= backoff) return grown((attempt - 1) / Math.max(1, backoff - 1), shortest, longest, backoffBy);
  return attempt - backoff <= postBackoff ? longest : undefined;
}

/** A wait between the shortest and the longest. `share` is 0 for the first wait and 1 for the last. */
function grown(share: number, shortest: number, longest: number, by: Backoff): number {
  const span = longest - shortest;
  switch (by) {
    case 'linear':
      return Math.round(shortest + span * share);
    case 'arithmetic':
      return Math.round(shortest + span * share ** 1.5);
    case 'geometric':
      return Math.round(shortest + span * share ** 2);
    case 'exponential':
      return Math.round(shortest * (longest / shortest) ** share);
  }
}
