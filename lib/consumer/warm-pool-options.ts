/**
 * Instances that are set up and stopped before they are needed: they start in seconds rather than minutes, and cost
 * only their volumes until then.
 */
export interface WarmPoolOptions {
  /**
   * How many are kept ready at least.
   *
   * @default 0
   */
  readonly minSize?: number;

  /**
   * How many instances there are at most, in the group and ready for it together.
   *
   * @default - the group's maxCapacity
   */
  readonly maxPreparedCapacity?: number;
}
