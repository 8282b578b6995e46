import type { MetricDatum } from '../../../core';

interface Tally {
  readonly name: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  sampleCount: number;
  sum: number;
  minimum: number;
  maximum: number;
}

/** Counts what happens to a stream in a minute, for CloudWatch. */
export class StreamMetrics {
  private tallies = new Map<string, Tally>();

  /** Whether anything has happened since the last {@link collect}. */
  public get active(): boolean {
    return this.tallies.size > 0;
  }

  /** @param dimensions those beside the stream's name */
  public add(name: string, value: number, unit = 'Count', dimensions: Readonly<Record<string, string>> = {}): void {
    const extra = Object.values(dimensions);
    const key = extra.length === 0 ? name : `${name} ${extra.join(' ')}`;
    const tally = this.tallies.get(key);
    if (tally === undefined) {
      this.tallies.set(key, { name, unit, dimensions, sampleCount: 1, sum: value, minimum: value, maximum: value });
      return;
    }
    tally.sampleCount++;
    tally.sum += value;
    tally.minimum = Math.min(tally.minimum, value);
    tally.maximum = Math.max(tally.maximum, value);
  }

  /** Returns the metrics of the minute that began at `timestamp`, and begins another one. */
  public collect(StreamName: string, timestamp: number): MetricDatum[] {
    const { tallies } = this;
    this.tallies = new Map();
    return [...tallies.values()].map((tally) => ({
      ...tally,
      namespace: 'AWS/Kinesis',
      dimensions: { StreamName, ...tally.dimensions },
      timestamp,
    }));
  }
}
