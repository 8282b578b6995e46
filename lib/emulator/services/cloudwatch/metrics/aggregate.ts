/** The data of a metric over some stretch of time. */
export interface Aggregate {
  sampleCount: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** Each value and how often it came; left out where there is only one value, or they are not known. */
  values?: Map<number, number>;
}

/** So many different values are kept as they are. Of more only classes are kept: that bounds the memory. */
const MOST_VALUES = 1_000;
/** How wide a class is: values are within half a percent of the one that stands for them. */
const CLASS_WIDTH = Math.log(1.01);

/** Each value and how often it came; undefined if single values are not known. */
export function valuesOf(data: Aggregate): Iterable<readonly [number, number]> | undefined {
  return data.values ?? (data.minimum === data.maximum ? [[data.minimum, data.sampleCount]] : undefined);
}

export function copyOf({ sampleCount, sum, minimum, maximum, values }: Aggregate): Aggregate {
  const aggregate = { sampleCount, sum, minimum, maximum };
  return values === undefined ? aggregate : { ...aggregate, values: new Map(values) };
}

/** Adds `data` to `into`, whose map of values becomes its own. */
export function merge(into: Aggregate, data: Aggregate): void {
  const values = mergedValues(into, data);
  into.sampleCount += data.sampleCount;
  into.sum += data.sum;
  into.minimum = Math.min(into.minimum, data.minimum);
  into.maximum = Math.max(into.maximum, data.maximum);
  if (values === undefined || into.minimum === into.maximum) delete into.values;
  else into.values = values;
}

function mergedValues(into: Aggregate, data: Aggregate): Map<number, number> | undefined {
  if (into.minimum === data.maximum && into.maximum === data.minimum) return undefined; // one value, in both of them
  const known = valuesOf(into);
  const added = valuesOf(data);
  if (known === undefined || added === undefined) return undefined;
  const values = into.values ?? new Map(known);
  for (const [value, count] of added) values.set(value, (values.get(value) ?? 0) + count);
  return values.size > MOST_VALUES ? classesOf(values) : values;
}

/** The same values in classes: each class by the mean of its values, so that the sum stays what it is. */
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
