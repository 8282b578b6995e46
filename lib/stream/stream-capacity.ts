/** How much a stream takes in, and who decides. */
export class StreamCapacity {
  /**
   * As much as comes, up to twice the peak of the last 30 days: a new stream takes 4 MB and 4,000 records a second.
   * Paid by the gigabyte.
   */
  public static onDemand(): StreamCapacity {
    return new StreamCapacity();
  }

  /**
   * A fixed number of shards, each for 1 MB and 1,000 records a second. Paid by the hour.
   *
   * @param shards 1 and more; an account may have 500 or, in some Regions, 200 to 20,000
   */
  public static provisioned(shards: number): StreamCapacity {
    return new StreamCapacity(shards);
  }

  private constructor(
    /** @internal */
    public readonly _shards?: number,
  ) {}
}
