import type { MetricDatum } from '../../../core';
import { type Clock, DAY, HOUR, MINUTE, SECOND } from '../../../clock';
import { type Aggregate, copyOf, merge } from './aggregate';
import { MetricTier, type Retention } from './metric-tier';
import { rankOf } from './units';

/** The identity of a metric: namespace, name and dimensions. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Reads metric data. */
export interface MetricReader {
  /**
   * The data of a metric, divided into pieces; undefined for a piece without data. Data that is only kept with a
   * coarser resolution than the period is omitted.
   * @param unit the unit; if undefined, the first unit that has data
   * @param cuts the start of each piece, and the end of the last one
   * @param period in milliseconds
   */
  read(
    metric: MetricIdentity,
    unit: string | undefined,
    cuts: readonly number[],
    period: number,
  ): (Aggregate | undefined)[];
  /** The units of that data. */
  units(metric: MetricIdentity, cuts: readonly number[], period: number): string[];
}

/** A reader without data. */
export const NO_DATA: MetricReader = {
  read: (_metric, _unit, cuts) => new Array<undefined>(cuts.length - 1).fill(undefined),
  units: () => [],
};

const HIGH_RESOLUTION: Retention = { resolution: SECOND, keep: 3 * HOUR };
/** From the finest to the coarsest. */
const RETENTION: readonly Retention[] = [
  HIGH_RESOLUTION,
  { resolution: MINUTE, keep: 15 * DAY },
  { resolution: 5 * MINUTE, keep: 63 * DAY },
  { resolution: HOUR, keep: 455 * DAY },
];

/** How long data can be read with a period, in milliseconds. */
export function keptFor(period: number): number {
  const tier = [...RETENTION].reverse().find(({ resolution }) => period % resolution === 0);
  return (tier ?? HIGH_RESOLUTION).keep;
}

/** The metrics of an account in a Region. */
export class MetricStore implements MetricReader {
  private readonly metrics = new Map<string, StoredMetric>();
  private sweptAt = 0;

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /**
   * Adds a datum to its minute or, for a high-resolution metric, its second.
   * @param values each value and its count, if single values are known
   */
  public add(datum: MetricDatum, highResolution = false, values?: ReadonlyMap<number, number>): void {
    const now = this.clock.now();
    const key = keyOf(datum);
    let metric = this.metrics.get(key);
    if (metric === undefined) this.metrics.set(key, (metric = new StoredMetric(datum)));
    metric.add(datum, highResolution, values, now);
    if (now - this.sweptAt >= DAY) this.sweep(now);
  }

  public read(
    metric: MetricIdentity,
    unit: string | undefined,
    cuts: readonly number[],
    period: number,
  ): (Aggregate | undefined)[] {
    const stored = this.metrics.get(keyOf(metric));
    const units = unit === undefined ? (stored?.units ?? []) : [unit];
    for (const one of units) {
      const pieces = stored?.read(one, cuts, period, this.clock.now());
      if (pieces?.some((piece) => piece !== undefined) === true) return pieces;
    }
    return NO_DATA.read(metric, unit, cuts, period);
  }

  public units(metric: MetricIdentity, cuts: readonly number[], period: number): string[] {
    const stored = this.metrics.get(keyOf(metric));
    const now = this.clock.now();
    return stored === undefined ? [] : stored.units.filter((unit) => stored.has(unit, cuts, period, now));
  }

  /** Whether a metric has the same data in each minute from `start` to `end`, or none from `start` on. */
  public isLevel(metric: MetricIdentity, start: number, end: number): boolean {
    return this.metrics.get(keyOf(metric))?.isLevel(start, end) ?? true;
  }

  /**
   * Repeats a minute's data for the minutes that follow.
   * @param now the end of the last of these minutes
   */
  public repeat(data: readonly MetricDatum[], minutes: number, now: number): void {
    for (const datum of data) this.metrics.get(keyOf(datum))?.repeat(datum, minutes, now);
    const days = Math.floor((now - this.sweptAt) / DAY);
    if (data.length > 0 && days > 0) this.sweep(this.sweptAt + days * DAY);
  }

  /** The start of a metric's newest point; undefined if there is none. */
  public newest(metric: MetricIdentity): number | undefined {
    return this.metrics.get(keyOf(metric))?.newest;
  }

  /** The metrics with data since the given instant, in the order of their first datum. */
  public *since(instant: number): Generator<MetricIdentity & { readonly newest: number }> {
    for (const metric of this.metrics.values()) if (metric.newest >= instant) yield metric;
  }

  private sweep(now: number): void {
    this.sweptAt = now;
    const oldest = now - RETENTION[RETENTION.length - 1].keep;
    for (const [key, metric] of this.metrics) if (metric.newest < oldest) this.metrics.delete(key);
  }
}

/** A metric's data of one unit, from the finest tier to the coarsest. */
type Tiers = readonly MetricTier[];

class StoredMetric implements MetricIdentity {
  public readonly namespace: string;
  public readonly name: string;
  public readonly dimensions: Readonly<Record<string, string>>;
  public newest = -Infinity;
  // As on AWS, the data of one metric in two units are two series.
  private readonly byUnit = new Map<string, Tiers>();

  constructor(identity: MetricIdentity) {
    ({ namespace: this.namespace, name: this.name, dimensions: this.dimensions } = identity);
  }

  /** In the order in which CloudWatch looks for them. */
  public get units(): string[] {
    const units = [...this.byUnit.keys()];
    return units.length > 1 ? units.sort((a, b) => rankOf(a) - rankOf(b)) : units;
  }

  public add(
    datum: MetricDatum,
    highResolution: boolean,
    values: ReadonlyMap<number, number> | undefined,
    now: number,
  ): void {
    let tiers = this.byUnit.get(datum.unit);
    if (tiers === undefined) this.byUnit.set(datum.unit, (tiers = newTiers()));
    const tier = tiers[highResolution ? 0 : 1];
    const data = values === undefined ? datum : { ...datum, values: new Map(values) };
    this.newest = Math.max(this.newest, tier.add(datum.timestamp, data));
    for (const one of tiers) one.age(now);
  }

  public repeat(datum: MetricDatum, minutes: number, now: number): void {
    const tiers = this.byUnit.get(datum.unit);
    if (tiers === undefined) return;
    tiers[1].addRun(datum.timestamp + MINUTE, minutes, datum);
    this.newest = Math.max(this.newest, datum.timestamp + minutes * MINUTE);
    for (const one of tiers) one.age(now);
  }

  public isLevel(start: number, end: number): boolean {
    for (const [seconds, minutes] of this.byUnit.values()) {
      if (!seconds.isLevel(start, Infinity) || !minutes.isLevel(start, end)) return false;
    }
    return true;
  }

  public read(
    unit: string,
    cuts: readonly number[],
    period: number,
    now: number,
  ): (Aggregate | undefined)[] | undefined {
    const pieces = new Array<Aggregate | undefined>(cuts.length - 1).fill(undefined);
    let index = 0;
    this.forEach(unit, cuts, period, now, (start, point) => {
      if (start < cuts[index]) index = 0; // the next tier starts over
      while (start >= cuts[index + 1]) index++;
      const piece = pieces[index];
      if (piece === undefined) pieces[index] = copyOf(point);
      else merge(piece, point);
    });
    return pieces;
  }

  public has(unit: string, cuts: readonly number[], period: number, now: number): boolean {
    let found = false;
    this.forEach(unit, cuts, period, now, () => (found = true));
    return found;
  }

  private forEach(
    unit: string,
    cuts: readonly number[],
    period: number,
    now: number,
    visit: (start: number, point: Aggregate) => void,
  ): void {
    for (const tier of this.byUnit.get(unit) ?? []) {
      tier.age(now);
      const { resolution } = tier.retention;
      // For a period shorter than the resolution, a point counts in its first period only, and only while
      // high-resolution data is retained.
      const from = period % resolution === 0 ? cuts[0] : Math.max(cuts[0], now - HIGH_RESOLUTION.keep);
      tier.forEach(from, cuts[cuts.length - 1], visit);
    }
  }
}

function newTiers(): Tiers {
  const tiers: MetricTier[] = [];
  for (const retention of [...RETENTION].reverse()) tiers.unshift(new MetricTier(retention, tiers[0]));
  return tiers;
}

function keyOf({ namespace, name, dimensions }: MetricIdentity): string {
  const names = Object.keys(dimensions);
  let key = `${namespace}\n${name}`;
  for (const dimension of names.length > 1 ? names.sort() : names) key += `\n${dimension}\n${dimensions[dimension]}`;
  return key;
}
