import { type Aggregate, copyOf, merge } from './aggregate';

/** The resolution and retention of a tier, in milliseconds. */
export interface Retention {
  /** The length of a point. */
  readonly resolution: number;
  /** How long a point is kept before it is merged into the next coarser tier. */
  readonly keep: number;
}

/** The columns of a row: the start of its first point, the number of points, and their aggregate. */
const COLUMNS = 6;
const SMALLEST = 16;

/**
 * The points of one resolution, oldest first. Expired points move to the coarser tier. A run of equal points is one
 * row, since most metrics stay the same for hours.
 */
export class MetricTier {
  // Rows of plain numbers: a metric that is published each minute accumulates some 45,000 points.
  private rows = new Float64Array(SMALLEST * COLUMNS);
  private first = 0;
  private end = 0;
  /** The single values of points with more than one value, by timestamp. Each such point has a row of its own. */
  private readonly values = new Map<number, Map<number, number>>();

  constructor(
    public readonly retention: Retention,
    private readonly coarser: MetricTier | undefined,
  ) {}

  /** Adds data to the point that contains `timestamp`, and returns the point's own timestamp. */
  public add(timestamp: number, data: Aggregate): number {
    const { resolution } = this.retention;
    const start = Math.floor(timestamp / resolution) * resolution;
    if (this.end === this.first || start >= this.endOf(this.end - 1)) {
      this.append(start, 1, data);
      return start;
    }
    const row = this.rowOf(start);
    if (this.startOf(row) > start) {
      this.insert(row, start, 1, copyOf(data));
      return start;
    }
    const own = this.isolate(row, start);
    const point = this.pointAt(own);
    merge(point, data);
    this.write(own, start, 1, point);
    return start;
  }

  /** Adds the same data to a run of points. */
  public addRun(start: number, times: number, data: Aggregate): void {
    if (this.end === this.first || start >= this.endOf(this.end - 1)) {
      this.append(start, times, data);
      return;
    }
    for (let index = 0; index < times; index++) this.add(start + index * this.retention.resolution, data);
  }

  /** Moves expired points to the coarser tier. */
  public age(now: number): void {
    const { resolution, keep } = this.retention;
    const oldest = now - keep;
    while (this.first < this.end && this.startOf(this.first) < oldest) {
      const start = this.startOf(this.first);
      const times = this.timesOf(this.first);
      const leaving = Math.min(times, Math.ceil((oldest - start) / resolution));
      this.coarser?.takeOver(start, resolution, leaving, this.pointAt(this.first));
      this.values.delete(start);
      if (leaving === times) this.first++;
      else {
        this.rows[this.first * COLUMNS] = start + leaving * resolution;
        this.rows[this.first * COLUMNS + 1] = times - leaving;
      }
    }
    if (this.first > SMALLEST && this.first * 2 > this.end) this.compact();
  }

  /** Calls `visit` for each point from `start` (inclusive) to `end` (exclusive), oldest first. */
  public forEach(start: number, end: number, visit: (start: number, point: Aggregate) => void): void {
    const { resolution } = this.retention;
    for (let row = this.rowOf(start); row < this.end && this.startOf(row) < end; row++) {
      const point = this.pointAt(row);
      const begin = this.startOf(row);
      const until = Math.min(this.endOf(row), end);
      const skipped = Math.max(0, Math.ceil((start - begin) / resolution));
      for (let at = begin + skipped * resolution; at < until; at += resolution) visit(at, point);
    }
  }

  /** Whether there are equal points without a gap from `start` to `end`, or none from `start` on. */
  public isLevel(start: number, end: number): boolean {
    if (this.end === this.first || this.endOf(this.end - 1) <= start) return true;
    return this.startOf(this.end - 1) <= start && this.endOf(this.end - 1) >= end;
  }

  /** Adds a run of equal points of a finer tier. */
  private takeOver(start: number, finer: number, times: number, data: Aggregate): void {
    const { resolution } = this.retention;
    const each = resolution / finer;
    let at = start;
    let left = times;
    // The partial points at both ends are added one by one, whole points at once.
    for (; left > 0 && (at % resolution !== 0 || left < each); left--, at += finer) this.add(at, data);
    if (left === 0) return;
    const whole = Math.floor(left / each);
    const point = copyOf(data);
    for (let part = 1; part < each; part++) merge(point, data);
    this.addRun(at, whole, point);
    at += whole * resolution;
    for (left -= whole * each; left > 0; left--, at += finer) this.add(at, data);
  }

  /** The first row with a point at or after `start`. */
  private rowOf(start: number): number {
    let low = this.first;
    let high = this.end;
    // Most data is new, so the end is searched first.
    if (high === low || this.endOf(high - 1) <= start) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.endOf(middle) <= start) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private startOf(row: number): number {
    return this.rows[row * COLUMNS];
  }

  private timesOf(row: number): number {
    return this.rows[row * COLUMNS + 1];
  }

  /** The end of a row's last point. */
  private endOf(row: number): number {
    const at = row * COLUMNS;
    return this.rows[at] + this.rows[at + 1] * this.retention.resolution;
  }

  private pointAt(row: number): Aggregate {
    const { rows } = this;
    const at = row * COLUMNS;
    return {
      sampleCount: rows[at + 2],
      sum: rows[at + 3],
      minimum: rows[at + 4],
      maximum: rows[at + 5],
      ...(this.values.size > 0 && { values: this.values.get(rows[at]) }),
    };
  }

  /** Moves the point of a row that begins at `start` to a row of its own, and returns that row. */
  private isolate(row: number, start: number): number {
    const { resolution } = this.retention;
    const times = this.timesOf(row);
    if (times === 1) return row;
    const point = this.pointAt(row); // a row of several points has no single values
    const begin = this.startOf(row);
    const before = (start - begin) / resolution;
    const after = times - before - 1;
    this.write(row, start, 1, point);
    if (after > 0) this.insert(row + 1, start + resolution, after, point);
    if (before === 0) return row;
    this.insert(row, begin, before, point);
    return row + 1;
  }

  /** Appends points. */
  private append(start: number, times: number, data: Aggregate): void {
    const last = this.end - 1;
    const continues = this.end > this.first && this.endOf(last) === start && this.isLike(last, data);
    if (continues) this.rows[last * COLUMNS + 1] += times;
    else this.insert(this.end, start, times, copyOf(data));
  }

  private isLike(row: number, { sampleCount, sum, minimum, maximum, values }: Aggregate): boolean {
    const { rows } = this;
    const at = row * COLUMNS;
    if (rows[at + 2] !== sampleCount || rows[at + 3] !== sum) return false;
    if (rows[at + 4] !== minimum || rows[at + 5] !== maximum) return false;
    return values === undefined && !this.values.has(rows[at]);
  }

  private insert(row: number, start: number, times: number, data: Aggregate): void {
    if (this.end * COLUMNS === this.rows.length) {
      const rows = new Float64Array(this.rows.length * 2);
      rows.set(this.rows);
      this.rows = rows;
    }
    this.rows.copyWithin((row + 1) * COLUMNS, row * COLUMNS, this.end * COLUMNS);
    this.end++;
    this.write(row, start, times, data);
  }

  private write(row: number, start: number, times: number, data: Aggregate): void {
    const at = row * COLUMNS;
    this.rows[at] = start;
    this.rows[at + 1] = times;
    this.rows[at + 2] = data.sampleCount;
    this.rows[at + 3] = data.sum;
    this.rows[at + 4] = data.minimum;
    this.rows[at + 5] = data.maximum;
    if (data.values === undefined) this.values.delete(start);
    else this.values.set(start, data.values);
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
