const FIRST_WIDTH = 1_000;
const MOST_BUCKETS = 1_024;

/**
 * A quantity over time, in bounded memory: the greatest value of each bucket. Buckets are a second wide at first; when
 * there would be too many of them, they become twice as wide.
 */
export class Series {
  private width = FIRST_WIDTH;
  private buckets: number[] = [];
  private current = 0;
  private greatest = 0;

  /** @param origin the instant at which it begins, with 0 */
  constructor(private readonly origin: number) {}

  /** The latest value. */
  public get latest(): number {
    return this.current;
  }

  /** The greatest value ever. */
  public get peak(): number {
    return this.greatest;
  }

  /** From `at` on it is `value`. Instants never go back. */
  public set(at: number, value: number): void {
    const bucket = this.bucketAt(at);
    const { buckets, current } = this;
    while (buckets.length <= bucket) buckets.push(current);
    if (value > buckets[bucket]) buckets[bucket] = value;
    this.current = value;
    if (value > this.greatest) this.greatest = value;
  }

  /** The greatest value from `from` up to, not including, `to`, as exactly as the buckets tell. */
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
