import type { MetricTransformation } from '@aws-sdk/client-cloudwatch-logs';
import { MINUTE } from '../../../clock';
import { type MetricDatum } from '../../../core';
import type { StoredEvent } from '../groups/log-stream';
import type { FilterPattern, Match } from '../patterns/filter-pattern';

/** Counts of each value of a metric in a minute. */
interface MinuteOfValues {
  readonly minute: number;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly counts: Map<number, number>;
}

/** A metric filter: the metric that it makes of matching events, minute by minute, until it is collected. */
export class MetricFilter {
  private minutes = new Map<string, MinuteOfValues>();
  /** Whether events arrived in the current minute, and whether one of them matched. */
  private ingested = false;
  private matched = false;

  constructor(
    public readonly name: string,
    public readonly patternText: string,
    public readonly pattern: FilterPattern,
    public readonly transformation: MetricTransformation,
    public readonly creationTime: number,
  ) {}

  public take(events: readonly StoredEvent[]): void {
    this.ingested = true;
    for (const { message, timestamp } of events) {
      const match = this.pattern.match(message);
      if (match === undefined) continue;
      this.matched = true;
      const value = this.valueOf(match);
      if (value !== undefined) this.add(timestamp, value, this.dimensionsOf(match));
    }
  }

  /** Returns the data since the last call. `minute` is the start of the minute that ends now. */
  public collect(minute: number): MetricDatum[] {
    const { metricNamespace: namespace = '', metricName: name = '', unit = 'None', defaultValue } = this.transformation;
    if (this.ingested && !this.matched && defaultValue !== undefined) this.add(minute, defaultValue, {});
    const data = [...this.minutes.values()].flatMap(({ minute: timestamp, dimensions, counts }) =>
      // A datum for each value, so that percentiles are exact.
      [...counts].map(([value, sampleCount]): MetricDatum => {
        const sum = value * sampleCount;
        return { namespace, name, dimensions, unit, timestamp, sampleCount, sum, minimum: value, maximum: value };
      }),
    );
    this.minutes = new Map();
    this.ingested = this.matched = false;
    return data;
  }

  private add(timestamp: number, value: number, dimensions: Readonly<Record<string, string>>): void {
    const minute = Math.floor(timestamp / MINUTE) * MINUTE;
    const key = `${minute}${JSON.stringify(dimensions)}`;
    let found = this.minutes.get(key);
    if (found === undefined) this.minutes.set(key, (found = { minute, dimensions, counts: new Map() }));
    found.counts.set(value, (found.counts.get(value) ?? 0) + 1);
  }

  private valueOf(match: Match): number | undefined {
    const { metricValue = '' } = this.transformation;
    const text = metricValue.startsWith('$') ? match.value(metricValue) : metricValue;
    const value = text === undefined || text.trim() === '' ? NaN : Number(text);
    return Number.isFinite(value) ? value : undefined;
  }

  private dimensionsOf(match: Match): Record<string, string> {
    const { dimensions = {} } = this.transformation;
    return Object.fromEntries(
      Object.entries(dimensions).flatMap(([name, selector]) => {
        const value = match.value(selector);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  }
}
