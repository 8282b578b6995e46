import type { MetricDatum } from '../../../core';
import { MINUTE } from '../../../clock';

const NAMESPACE = 'AWS/Lambda';

const UNITS = {
  AsyncEventAge: 'Milliseconds',
  AsyncEventsDropped: 'Count',
  AsyncEventsReceived: 'Count',
  ConcurrentExecutions: 'Count',
  DeletedEventCount: 'Count',
  DeadLetterErrors: 'Count',
  DestinationDeliveryFailures: 'Count',
  Duration: 'Milliseconds',
  Errors: 'Count',
  FailedInvokeEventCount: 'Count',
  FilteredOutEventCount: 'Count',
  Invocations: 'Count',
  InvokedEventCount: 'Count',
  IteratorAge: 'Milliseconds',
  PolledEventCount: 'Count',
  ProvisionedPollers: 'Count',
  Throttles: 'Count',
  UnreservedConcurrentExecutions: 'Count',
} as const;

/** A metric of `AWS/Lambda`. */
export type LambdaMetric = keyof typeof UNITS;

/** If a metric has more different values in a minute, they are published as one statistic set. */
const MOST_VALUES = 100;

/** The metrics of one resource per minute, until they are published. */
export class MetricSeries {
  private readonly minutes = new Map<number, Map<LambdaMetric, Samples>>();

  /** Adds a value to the minute that contains `at`, even if that minute has been published. */
  public add(metric: LambdaMetric, at: number, value: number): void {
    const minute = Math.floor(at / MINUTE) * MINUTE;
    let metrics = this.minutes.get(minute);
    if (metrics === undefined) this.minutes.set(minute, (metrics = new Map<LambdaMetric, Samples>()));
    let samples = metrics.get(metric);
    if (samples === undefined) metrics.set(metric, (samples = new Samples()));
    samples.add(value);
  }

  /** Moves everything that has not been taken to later minutes. */
  public putOff(milliseconds: number): void {
    const minutes = [...this.minutes];
    this.minutes.clear();
    for (const [timestamp, metrics] of minutes) this.minutes.set(timestamp + milliseconds, metrics);
  }

  /** Removes and returns the metrics of the minutes before `end`, once per set of dimensions. */
  public take(end: number, dimensionSets: readonly Readonly<Record<string, string>>[]): MetricDatum[] {
    const data: MetricDatum[] = [];
    for (const [timestamp, metrics] of this.minutes) {
      if (timestamp >= end) continue;
      this.minutes.delete(timestamp);
      for (const [name, samples] of metrics) {
        for (const dimensions of dimensionSets) {
          const unit = UNITS[name];
          for (const values of samples.data()) {
            data.push({ namespace: NAMESPACE, name, dimensions, unit, timestamp, ...values });
          }
        }
      }
    }
    return data;
  }
}

type Statistics = Pick<MetricDatum, 'sampleCount' | 'sum' | 'minimum' | 'maximum'>;

/** Values and their counts, for percentiles; if there are too many different ones, only their statistics. */
class Samples {
  private readonly counts = new Map<number, number>();
  private all?: { sampleCount: number; sum: number; minimum: number; maximum: number };

  public add(value: number, count = 1): void {
    if (this.all === undefined) {
      this.counts.set(value, (this.counts.get(value) ?? 0) + count);
      if (this.counts.size <= MOST_VALUES) return;
      this.all = { sampleCount: 0, sum: 0, minimum: Infinity, maximum: -Infinity };
      for (const [known, times] of this.counts) this.add(known, times);
      this.counts.clear();
      return;
    }
    this.all.sampleCount += count;
    this.all.sum += value * count;
    this.all.minimum = Math.min(this.all.minimum, value);
    this.all.maximum = Math.max(this.all.maximum, value);
  }

  public data(): Statistics[] {
    if (this.all !== undefined) return [this.all];
    return [...this.counts].map(([value, sampleCount]) => ({
      sampleCount,
      sum: value * sampleCount,
      minimum: value,
      maximum: value,
    }));
  }
}
