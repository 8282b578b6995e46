import { type Aggregate, copyOf, merge } from './aggregate';

/** How finely the points of a tier are kept, and for how long; in milliseconds. */
export interface Retention {
  /** The length of a point. */
  readonly resolution: number;
  /** How long a point is kept before it becomes part of one of the next coarser tier. */
  readonly keep: number;
}

/** The columns of a point: when it begins, and its aggregate. */
const COLUMNS = 5;
const SMALLEST = 16;

/** The points of one resolution, oldest first; those that grow too old move to the coarser tier. */
export class MetricTier {
  // Rows of plain numbers: a metric that is published each minute has some 45,000 points in the end.
  private rows = new Float64Array(SMALLEST * COLUMNS);
  private first = 0;
  private end = 0;
  /** The single values of the points that have more than one, by the point's timestamp. */
  private readonly values = new Map<number, Map<number, number>>();

  constructor(
    public readonly retention: Retention,
    private readonly coarser: MetricTier | undefined,
  ) {}

  /** Adds data to the point in which `timestamp` lies, and gives that point's own timestamp. */
  public add(timestamp: number, data: Aggregate): number {
    const { resolution } = this.retention;
    const start = Math.floor(timestamp / resolution) * resolution;
    const row = this.rowOf(start);
    if (row < this.end && this.startOf(row) === start) {
      const point = this.pointAt(row);
      merge(point, data);
      this.write(row, start, point);
    } else {
      this.insert(row, start, copyOf(data));
    }
    return start;
  }

  /** Moves to the coarser tier what has grown too old. */
  public age(now: number): void {
    const oldest = now - this.retention.keep;
    while (this.first < this.end && this.startOf(this.first) < oldest) {
      const start = this.startOf(this.first);
      this.coarser?.add(start, this.pointAt(this.first));
      this.values.delete(start);
      this.first++;
    }
    if (this.first > SMALLEST && this.first * 2 > this.end) this.compact();
  }

  /** Calls `visit` with the points that begin at or after `start` and before `end`, oldest first. */
  public forEach(start: number, end: number, visit: (start: number, point: Aggregate) => void): void {
    for (let row = this.rowOf(start); row < this.end && this.startOf(row) < end; row++) {
      visit(this.startOf(row), this.pointAt(row));
    }
  }

  /** Where the first point at or after `start` is, or belongs. */
  private rowOf(start: number): number {
    let low = this.first;
    let high = this.end;
    // Most data is new: look at the end first.
    if (high === low || this.startOf(high - 1) < start) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.startOf(middle) < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private startOf(row: number): number {
    return this.rows[row * COLUMNS];
  }

  private pointAt(row: number): Aggregate {
    const { rows } = this;
    const at = row * COLUMNS;
    return {
      sampleCount: rows[at + 1],
      sum: rows[at + 2],
      minimum: rows[at + 3],
      maximum: rows[at + 4],
      ...(this.values.size > 0 && { values: this.values.get(rows[at]) }),
    };
  }

  private insert(row: number, start: number, data: Aggregate): void {
    if (this.end * COLUMNS === this.rows.length) {
      const rows = new Float64Array(this.rows.length * 2);
      rows.set(this.rows);
      this.rows = rows;
    }
    this.rows.copyWithin((row + 1) * COLUMNS, row * COLUMNS, this.end * COLUMNS);
    this.end++;
    this.write(row, start, data);
  }

  private write(row: number, start: number, { sampleCount, sum, minimum, maximum, values }: Aggregate): void {
    const at = row * COLUMNS;
    this.rows[at] = start;
    this.rows[at + 1] = sampleCount;
    this.rows[at + 2] = sum;
    this.rows[at + 3] = minimum;
    this.rows[at + 4] = maximum;
    if (values === undefined) this.values.delete(start);
    else this.values.set(start, values);
  }

  private compact(): void {
    const kept = this.rows.subarray(this.first * COLUMNS, this.end * COLUMNS);
    const rows = new Float64Array(Math.max(SMALLEST * COLUMNS, kept.length * 2));
    rows.set(kept);
    this.rows = rows;
    this.end -= this.first;
    this.first = 0;
  }
}
