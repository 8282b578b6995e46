import type { MetricDatum } from '../api';
import { DAY, HOUR, MINUTE, SECOND } from '../clock';

/** What names a metric: its namespace, its name and all of its dimensions. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The data of a metric over some stretch of time. */
export interface Aggregate {
  sampleCount: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** Each value and how often it came; left out where there is only one value, or they are not known. */
  values?: Map<number, number>;
}

/** Each value and how often it came; undefined where single values are not known. */
export function valuesOf(data: Aggregate): Iterable<readonly [number, number]> | undefined {
  return data.values ?? (data.minimum === data.maximum ? [[data.minimum, data.sampleCount]] : undefined);
}

interface Point extends Aggregate {
  readonly timestamp: number;
}

/** How finely metrics are kept, and for how long. */
export interface Retention {
  /** The length of a point, in milliseconds. */
  readonly resolution: number;
  /** How long a point is kept, in milliseconds, before it is merged into the next coarser one. */
  readonly keep: number;
}

/**
 * High-resolution data for three hours and hours for two weeks. AWS keeps minutes for 15 days, too; two days of them
 * are twice what the longest range of an alarm on periods under an hour takes, and bound a metric to about 4,000 points.
 */
const RETENTION: readonly Retention[] = [
  { resolution: SECOND, keep: 3 * HOUR },
  { resolution: MINUTE, keep: 2 * DAY },
  { resolution: HOUR, keep: 14 * DAY },
];

/** Beyond so many different values in a point, percentiles are given up: memory stays bounded. */
const MOST_VALUES = 150;

/** The metrics of an account in a Region. */
export class MetricStore {
  private readonly metrics = new Map<string, StoredMetric>();
  private sweptAt = 0;

  /** Adds a datum: to the minute that it belongs to or, of a high-resolution metric, to the second. */
  public add(datum: MetricDatum, now: number, highResolution = false, values?: ReadonlyMap<number, number>): void {
    const key = keyOf(datum);
    let metric = this.metrics.get(key);
    if (metric === undefined) this.metrics.set(key, (metric = new StoredMetric(datum)));
    metric.add(datum, highResolution, values);
    if (now - this.sweptAt >= HOUR) this.sweep(now);
  }

  /**
   * The data of a metric from `start` up to, not including, `end`, cut into pieces of `period` milliseconds; undefined
   * where a piece has none.
   * @param unit only data of this unit; all data when undefined
   */
  public read(
    metric: MetricIdentity,
    unit: string | undefined,
    start: number,
    end: number,
    period: number,
  ): (Aggregate | undefined)[] {
    const pieces = new Array<Aggregate | undefined>(Math.max(0, Math.ceil((end - start) / period))).fill(undefined);
    this.metrics.get(keyOf(metric))?.forEach(unit, start, end, (point) => {
      const index = Math.floor((point.timestamp - start) / period);
      const piece = pieces[index];
      if (piece === undefined) pieces[index] = copy(point);
      else merge(piece, point);
    });
    return pieces;
  }

  /** The units in which a metric has data. */
  public units(metric: MetricIdentity): string[] {
    return this.metrics.get(keyOf(metric))?.units ?? [];
  }

  /** The start of the newest point of a metric; undefined when there is none. */
  public newest(metric: MetricIdentity): number | undefined {
    return this.metrics.get(keyOf(metric))?.newest;
  }

  /** The metrics that have data since the given instant, in the order in which they first came. */
  public *since(instant: number): Generator<MetricIdentity & { readonly newest: number }> {
    for (const metric of this.metrics.values()) if (metric.newest >= instant) yield metric;
  }

  private sweep(now: number): void {
    this.sweptAt = now;
    const oldest = now - RETENTION[RETENTION.length - 1].keep;
    for (const [key, metric] of this.metrics) if (metric.newest < oldest) this.metrics.delete(key);
  }
}

class StoredMetric implements MetricIdentity {
  public readonly namespace: string;
  public readonly name: string;
  public readonly dimensions: Readonly<Record<string, string>>;
  public newest = -Infinity;
  // Data of one metric in two units are two series on AWS.
  private readonly byUnit = new Map<string, Tier>();

  constructor(identity: MetricIdentity) {
    ({ namespace: this.namespace, name: this.name, dimensions: this.dimensions } = identity);
  }

  public add(datum: MetricDatum, highResolution: boolean, values: ReadonlyMap<number, number> | undefined): void {
    let finest = this.byUnit.get(datum.unit);
    if (finest === undefined) this.byUnit.set(datum.unit, (finest = tiers()));
    const tier = highResolution ? finest : (finest.coarser ?? finest);
    const timestamp = tier.add(values === undefined ? datum : { ...datum, values: new Map(values) });
    this.newest = Math.max(this.newest, timestamp);
  }

  public get units(): string[] {
    return [...this.byUnit.keys()];
  }

  public forEach(unit: string | undefined, start: number, end: number, visit: (point: Point) => void): void {
    for (const [name, finest] of this.byUnit) {
      if (unit !== undefined && unit !== name) continue;
      for (let tier: Tier | undefined = finest; tier !== undefined; tier = tier.coarser)
        tier.forEach(start, end, visit);
    }
  }
}

function tiers(): Tier {
  return RETENTION.reduceRight<Tier | undefined>((coarser, rule) => new Tier(rule, coarser), undefined) as Tier;
}

/** The points of one resolution, oldest first; those that grow too old move to the coarser tier. */
class Tier {
  private points: Point[] = [];
  private first = 0;

  constructor(
    private readonly rule: Retention,
    public readonly coarser: Tier | undefined,
  ) {}

  public add(data: Aggregate & { readonly timestamp: number }): number {
    const timestamp = Math.floor(data.timestamp / this.rule.resolution) * this.rule.resolution;
    const index = this.indexOf(timestamp);
    const point = this.points[index] as Point | undefined;
    if (point?.timestamp === timestamp) merge(point, data);
    else if (point === undefined) this.points.push({ ...copy(data), timestamp });
    else this.points.splice(index, 0, { ...copy(data), timestamp });
    this.prune();
    return timestamp;
  }

  public forEach(start: number, end: number, visit: (point: Point) => void): void {
    for (let index = this.indexOf(start); index < this.points.length && this.points[index].timestamp < end; index++) {
      visit(this.points[index]);
    }
  }

  /** Where the first point at or after `timestamp` is, or belongs. */
  private indexOf(timestamp: number): number {
    let low = this.first;
    let high = this.points.length;
    // Most data is new: look at the end first.
    if (high === low || this.points[high - 1].timestamp < timestamp) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.points[middle].timestamp < timestamp) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private prune(): void {
    const oldest = this.points[this.points.length - 1].timestamp - this.rule.keep;
    while (this.points[this.first].timestamp < oldest) {
      const expired = this.points[this.first++];
      this.coarser?.add(expired);
    }
    if (this.first * 2 > this.points.length) {
      this.points = this.points.slice(this.first);
      this.first = 0;
    }
  }
}

function copy(data: Aggregate): Aggregate {
  const { sampleCount, sum, minimum, maximum, values } = data;
  const aggregate = { sampleCount, sum, minimum, maximum };
  return values === undefined ? aggregate : { ...aggregate, values: new Map(values) };
}

function merge(into: Aggregate, data: Aggregate): void {
  const values = mergedValues(into, data);
  into.sampleCount += data.sampleCount;
  into.sum += data.sum;
  into.minimum = Math.min(into.minimum, data.minimum);
  into.maximum = Math.max(into.maximum, data.maximum);
  if (values === undefined || into.minimum === into.maximum) delete into.values;
  else into.values = values;
}

function mergedValues(into: Aggregate, data: Aggregate): Map<number, number> | undefined {
  const known = valuesOf(into);
  const added = valuesOf(data);
  if (known === undefined || added === undefined) return undefined;
  const values = into.values ?? new Map(known);
  for (const [value, count] of added) values.set(value, (values.get(value) ?? 0) + count);
  return values.size > MOST_VALUES ? undefined : values;
}

function keyOf({ namespace, name, dimensions }: MetricIdentity): string {
  const names = Object.keys(dimensions);
  let key = `${namespace}\n${name}`;
  for (const dimension of names.length > 1 ? names.sort() : names) key += `\n${dimension}\n${dimensions[dimension]}`;
  return key;
}
