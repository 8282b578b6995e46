/** A metric's data over a stretch of time. */
export interface Aggregate {
  sampleCount: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** Each value and its count; undefined if there is only one value, or if single values are not known. */
  values?: Map<number, number>;
}

/** Up to this many different values are kept; beyond it, values are grouped into classes to bound the memory. */
const MOST_VALUES = 1_000;
/** The width of a class: values are within half a percent of the one that represents them. */
const CLASS_WIDTH = Math.log(1.01);

/** Each value and its count; undefined if single values are not known. */
export function valuesOf(data: Aggregate): Iterable<readonly [number, number]> | undefined {
  return data.values ?? (data.minimum === data.maximum ? [[data.minimum, data.sampleCount]] : undefined);
}

export function copyOf({ sampleCount, sum, minimum, maximum, values }: Aggregate): Aggregate {
  const aggregate = { sampleCount, sum, minimum, maximum };
  return values === undefined ? aggregate : { ...aggregate, values: new Map(values) };
}

/** Merges `data` into `into`, whose map of values is modified. */
export function merge(into: Aggregate, data: Aggregate): void {
  const values = mergedValues(into, data);
  into.sampleCount += data.sampleCount;
  into.sum += data.sum;
  into.minimum = Math.min(into.minimum, data.minimum);
  into.maximum = Math.max(into.maximum, data.maximum);
  // Not deleted: V8 makes a slow dictionary of an object that loses a property.
  into.values = into.minimum === into.maximum ? undefined : values;
}

function mergedValues(into: Aggregate, data: Aggregate): Map<number, number> | undefined {
  if (into.minimum === data.maximum && into.maximum === data.minimum) return undefined; // both have the same single value
  const known = valuesOf(into);
  const added = valuesOf(data);
  if (known === undefined || added === undefined) return undefined;
  const values = into.values ?? new Map(known);
  for (const [value, count] of added) values.set(value, (values.get(value) ?? 0) + count);
  return values.size > MOST_VALUES ? classesOf(values) : values;
}

/** Groups values into classes. Each class is represented by its mean, which preserves the sum. */
function classesOf(values: ReadonlyMap<number, number>): Map<number, number> {
  const classes = new Map<number, { count: number; sum: number }>();
  for (const [value, count] of values) {
    const key = value > 0 ? Math.round(Math.log(value) / CLASS_WIDTH) : -Infinity;
    const known = classes.get(key);
    if (known === undefined) classes.set(key, { count, sum: value * count });
    else {
      known.count += count;
      known.sum += value * count;
    }
  }
  return new Map([...classes.values()].map(({ count, sum }) => [sum / count, count]));
}
