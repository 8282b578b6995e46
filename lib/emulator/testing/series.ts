const FIRST_WIDTH = 1_000;
const MOST_BUCKETS = 1_024;

/**
 * A quantity over time, in bounded memory: the maximum of each bucket. Buckets start at a second; when there are too
 * many, their width doubles.
 */
export class Series {
  private width = FIRST_WIDTH;
  private buckets: number[] = [];
  private current = 0;
  private greatest = 0;

  /** @param origin the instant at which it starts, with 0 */
  constructor(private readonly origin: number) {}

  /** The latest value. */
  public get latest(): number {
    return this.current;
  }

  /** The maximum. */
  public get peak(): number {
    return this.greatest;
  }

  /** Sets the value from `at` on. Instants must not decrease. */
  public set(at: number, value: number): void {
    const bucket = this.bucketAt(at);
    const { buckets, current } = this;
    while (buckets.length <= bucket) buckets.push(current);
    if (value > buckets[bucket]) buckets[bucket] = value;
    this.current = value;
    if (value > this.greatest) this.greatest = value;
  }

  /** The maximum from `from` up to, but not including, `to`, as precisely as the buckets allow. */
  public greatestBetween(from: number, to: number): number {
    const { buckets, width, origin, current } = this;
    const first = Math.floor((from - origin) / width);
    const last = Math.ceil((to - origin) / width) - 1;
    let greatest = first >= buckets.length ? current : 0;
    for (let index = Math.max(first, 0); index <= last && index < buckets.length; index++) {
      greatest = Math.max(greatest, buckets[index]);
    }
    return greatest;
  }

  private bucketAt(at: number): number {
    let bucket = Math.floor((at - this.origin) / this.width);
    while (bucket >= MOST_BUCKETS) {
      this.width *= 2;
      const { buckets } = this;
      this.buckets = buckets.flatMap((value, index) =>
        index % 2 === 0 ? [Math.max(value, buckets[index + 1] ?? this.current)] : [],
      );
      bucket = Math.floor((at - this.origin) / this.width);
    }
    return bucket;
  }
}
