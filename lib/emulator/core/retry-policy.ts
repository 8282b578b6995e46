import { MINUTE, type Random, SECOND } from '../clock';
import { AnswerLost } from './answer-lost';
import { type AwsError } from './aws-error';
import { isNumber, milliseconds, must, type OptionCheck, options } from './option-checks';

/** For how long, and how often, a delivery is tried again. */
export interface RetryPolicy {
  readonly maximumAttempts: number;
  /** In milliseconds, since the event. */
  readonly maximumAge: number;
}

/** The waits between attempts. AWS publishes none. */
export interface RetryBackoff {
  /**
   * Emulated milliseconds before the first retry. Each further wait is twice as long.
   * @default 1000
   */
  readonly first?: number;
  /**
   * The longest wait, in emulated milliseconds. By default 185 retries take about 24 hours, as AWS says they do.
   * @default 480000
   */
  readonly longest?: number;
  /**
   * By which share a wait may be shorter, at random, at least 0 and less than 1.
   * @default 0.2
   */
  readonly jitter?: number;
}

/** Checks {@link RetryBackoff} options. */
export const retryBackoff: OptionCheck = options({
  first: milliseconds,
  longest: milliseconds,
  jitter: must('at least 0 and less than 1', (value) => isNumber(value) && value >= 0 && value < 1),
} satisfies Record<keyof RetryBackoff, OptionCheck>);

/** Why a delivery is not tried again. */
export type RetriesExhausted = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';

/** When to try again, or why not. */
export type NextAttempt = { readonly at: number } | { readonly exhausted: RetriesExhausted };

/**
 * Decides about the next attempt of a delivery that has just failed.
 * @param retries how many retries there were
 * @param since when the event happened
 */
export function nextAttempt(
  { maximumAttempts, maximumAge }: RetryPolicy,
  retries: number,
  since: number,
  now: number,
  { first = SECOND, longest = 8 * MINUTE, jitter = 0.2 }: RetryBackoff,
  random: Random,
): NextAttempt {
  if (retries >= maximumAttempts) return { exhausted: 'MaximumRetryAttempts' };
  const wait = Math.min(longest, first * 2 ** retries);
  const at = now + Math.round(jitter === 0 ? wait : wait * (1 - jitter * random.next()));
  return at - since > maximumAge ? { exhausted: 'MaximumEventAgeInSeconds' } : { at };
}

/** Whether a delivery that failed like this may succeed later: it was throttled, or the target's service failed. */
export function isRetryable(error: AwsError): boolean {
  return error.status >= 500 || error instanceof AnswerLost || isThrottling(error);
}

/** Whether an error says that there were too many requests. */
export function isThrottling({ shape, status }: AwsError): boolean {
  return status === 429 || /throttl|TooManyRequests|OverLimit|ProvisionedThroughputExceeded/i.test(shape);
}
