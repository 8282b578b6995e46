/** The data points of a time series: the start of each period, in milliseconds, and its value. */
export type Points = ReadonlyMap<number, number>;

/** A time series in metric math. */
export interface Series {
  readonly kind: 'series';
  readonly points: Points;
}

/** The value of an expression. An unknown scalar is NaN. */
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

/** Returns `points` without those that are not finite: x/0 is not a data point. */
export function finite(points: Iterable<readonly [number, number]>): Series {
  const kept = new Map<number, number>();
  for (const [timestamp, value] of points) if (Number.isFinite(value)) kept.set(timestamp, value);
  return series(kept);
}

/** All instants at which any series has a point, in order. */
export function instants(all: readonly Points[]): number[] {
  return [...new Set(all.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b);
}
