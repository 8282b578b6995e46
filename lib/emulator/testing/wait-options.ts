import type { TimeSpan } from './time-span';

/** Options of a wait. */
export interface WaitOptions {
  /**
   * The most emulated time to wait: a `Duration`, or milliseconds.
   * @default - one hour
   */
  readonly atMost?: TimeSpan;
  /**
   * What the wait is for, in the error.
   * @default - the source of the condition
   */
  readonly what?: string;
}
