/** How instances are replaced when a deployment changes what they run. */
export interface InstanceRefreshOptions {
  /**
   * How many percent of the desired instances stay in service meanwhile, 0 to 100.
   *
   * @default 100
   */
  readonly minHealthyPercentage?: number;

  /**
   * How many percent of the desired instances there are at most meanwhile, 100 to 200, and at most 100 above
   * `minHealthyPercentage`.
   *
   * @default 110: new instances start before old ones end
   */
  readonly maxHealthyPercentage?: number;
}
