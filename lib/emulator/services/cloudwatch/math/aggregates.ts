import type { MathScope } from './evaluate';
import { seriesOf } from './operands';
import { finite, instants, scalar, type Value } from './value';

/** The functions that reduce several numbers to one. */
export const AGGREGATES: Readonly<Record<string, (values: readonly number[]) => number>> = {
  MIN: (values) => values.reduce((least, value) => Math.min(least, value), Infinity),
  MAX: (values) => values.reduce((most, value) => Math.max(most, value), -Infinity),
  SUM: sum,
  AVG: average,
  STDDEV: standardDeviation,
};

/** Applies an aggregate to values; NaN if there are none. */
export function aggregateOf(name: string, values: readonly number[]): number {
  return values.length === 0 ? NaN : AGGREGATES[name](values);
}

/**
 * Of one series: a scalar over all of its points, which in an alarm includes those beyond the evaluation periods. Of an
 * array: a series, instant by instant, in which AVG treats a missing value as 0.
 */
export function aggregation(name: string): (operands: readonly Value[], scope: MathScope) => Value {
  return ([operand]) => {
    if (operand.kind !== 'array') return scalar(aggregateOf(name, [...seriesOf(operand, name).values()]));
    const all = operand.elements.map((element) => element.points);
    const missing = name === 'AVG' ? 0 : [];
    return finite(
      instants(all).map((instant) => [
        instant,
        aggregateOf(
          name,
          all.flatMap((points) => points.get(instant) ?? missing),
        ),
      ]),
    );
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function average(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** The population's standard deviation: the values are not a sample. */
function standardDeviation(values: readonly number[]): number {
  const mean = average(values);
  return Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
}
