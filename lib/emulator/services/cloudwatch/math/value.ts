/** The data points of a time series: the start of a period, in milliseconds, to its value. */
export type Points = ReadonlyMap<number, number>;

/** A time series as metric math sees it. */
export interface Series {
  readonly kind: 'series';
  readonly points: Points;
}

/** What an expression comes to. A scalar that nothing is known of is NaN. */
export type Value =
  | { readonly kind: 'scalar'; readonly value: number }
  | Series
  | { readonly kind: 'array'; readonly elements: readonly Series[] }
  | { readonly kind: 'text'; readonly value: string };

export function series(points: Points): Series {
  return { kind: 'series', points };
}

export function scalar(value: number): Value {
  return { kind: 'scalar', value };
}

/** `points` without those that are no number: x/0 is no data point. */
export function finite(points: Iterable<readonly [number, number]>): Series {
  const kept = new Map<number, number>();
  for (const [timestamp, value] of points) if (Number.isFinite(value)) kept.set(timestamp, value);
  return series(kept);
}

/** Every instant at which one of the series has a point, in order. */
export function instants(all: readonly Points[]): number[] {
  return [...new Set(all.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
}
