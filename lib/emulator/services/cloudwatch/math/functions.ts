import { aggregation, aggregateOf, AGGREGATES } from './aggregates';
import { choose } from './choose';
import type { MathScope } from './evaluate';
import { MathError } from './expression';
import { fill } from './fill';
import { seriesOf, arrayOf, scalarOf, textOf } from './operands';
import { timestampFunction } from './timestamps';
import { finite, instants, scalar, type Points, type Series, type Value } from './value';

type MathFunction = (operands: readonly Value[], scope: MathScope, name: string) => Value;

/** A function's minimum and maximum number of operands, and its implementation. */
export interface Definition {
  readonly operands: readonly [number, number];
  readonly run: MathFunction;
}

const one = (run: MathFunction): Definition => ({ operands: [1, 1], run });

const FUNCTIONS: Readonly<Record<string, Definition>> = {
  ABS: one(eachValue(Math.abs)),
  CEIL: one(eachValue(Math.ceil)),
  FLOOR: one(eachValue(Math.floor)),
  LOG: one(eachValue(Math.log)),
  LOG10: one(eachValue(Math.log10)),
  ...Object.fromEntries(Object.keys(AGGREGATES).map((name) => [name, one(aggregation(name))])),
  DIFF: one(eachSeries((points) => fromPairs(points, (value, before) => value - before))),
  DIFF_TIME: one(eachSeries((points) => fromPairs(points, (_value, _before, seconds) => seconds))),
  RATE: one(eachSeries((points) => fromPairs(points, (value, before, seconds) => (value - before) / seconds))),
  RUNNING_SUM: one(eachSeries(runningSum)),
  MINUTE: one(timestampFunction((at) => at.getUTCMinutes())),
  HOUR: one(timestampFunction((at) => at.getUTCHours())),
  // Monday is 1, Sunday is 7.
  DAY: one(timestampFunction((at) => at.getUTCDay() || 7)),
  DATE: one(timestampFunction((at) => at.getUTCDate())),
  MONTH: one(timestampFunction((at) => at.getUTCMonth() + 1)),
  YEAR: one(timestampFunction((at) => at.getUTCFullYear())),
  EPOCH: one(timestampFunction((at) => at.getTime() / 1_000)),
  TIME_SERIES: one(([operand], scope, name) => {
    const value = scalarOf(operand, name);
    return finite(scope.grid.map((instant) => [instant, value]));
  }),
  DATAPOINT_COUNT: one(datapointCount),
  METRIC_COUNT: one(([operand], _scope, name) => scalar(arrayOf(operand, name).length)),
  METRICS: { operands: [0, 1], run: metrics },
  FIRST: one(([operand], _scope, name) => memberOf(arrayOf(operand, name), 0)),
  LAST: one(([operand], _scope, name) => memberOf(arrayOf(operand, name), -1)),
  REMOVE_EMPTY: one(([operand], _scope, name) => ({
    kind: 'array',
    elements: arrayOf(operand, name).filter(({ points }) => points.size > 0),
  })),
  SLICE: { operands: [2, 3], run: slice },
  SORT: { operands: [3, 4], run: sort },
  FILL: {
    operands: [2, 2],
    run: ([data, filler], scope, name) => eachSeries((points) => fill(points, filler, scope))([data], scope, name),
  },
  IF: { operands: [2, 3], run: choose },
};

/** Functions that need data which is not emulated. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  SEARCH: 'name the metrics one by one',
  ANOMALY_DETECTION_BAND: 'there are no anomaly detection models',
  INSIGHT_RULE_METRIC: 'there are no Contributor Insights rules',
  SERVICE_QUOTA: 'there are no service quotas',
  DB_PERF_INSIGHTS: 'there is no Performance Insights',
  LAMBDA: 'there are no data sources of connectors',
};

/**
 * Calls a metric math function.
 * @throws MathError if there is no such function, or its operands are invalid
 */
export function call(name: string, operands: readonly Value[], scope: MathScope): Value {
  const { operands: counts, run } = definitionOf(name);
  const [least, most] = counts;
  if (operands.length < least || operands.length > most) {
    const allowed = least === most ? String(least) : `${least} to ${most}`;
    throw new MathError(`${name} takes ${allowed} operands, got ${operands.length}`);
  }
  return run(operands, scope, name);
}

/** @throws MathError if there is no such function, or it is not supported here */
export function definitionOf(name: string): Definition {
  if (Object.hasOwn(FUNCTIONS, name)) return FUNCTIONS[name];
  if (Object.hasOwn(ELSEWHERE, name)) {
    throw new MathError(`the function ${name} is not emulated: ${ELSEWHERE[name]}`);
  }
  throw new MathError(`Function '${name}' not found`);
}

function eachSeries(compute: (points: Points) => Series): MathFunction {
  return (operands, _scope, name) => {
    const [operand] = operands;
    if (operand.kind === 'array')
      return { kind: 'array', elements: operand.elements.map((element) => compute(element.points)) };
    return compute(seriesOf(operand, name));
  };
}

function eachValue(compute: (value: number) => number): MathFunction {
  const ofSeries = eachSeries((points) => finite([...points].map(([instant, value]) => [instant, compute(value)])));
  return (operands, scope, name) => {
    const [operand] = operands;
    return operand.kind === 'scalar' ? scalar(compute(operand.value)) : ofSeries(operands, scope, name);
  };
}

function datapointCount(operands: readonly Value[], _scope: MathScope, name: string): Value {
  const [operand] = operands;
  if (operand.kind !== 'array') return scalar(seriesOf(operand, name).size);
  const all = operand.elements.map((element) => element.points);
  return finite(instants(all).map((instant) => [instant, all.filter((points) => points.has(instant)).length]));
}

function metrics(operands: readonly Value[], scope: MathScope): Value {
  const part = operands.length === 0 ? '' : textOf(operands[0], 'METRICS');
  return { kind: 'array', elements: [...scope.metrics].flatMap(([id, metric]) => (id.includes(part) ? [metric] : [])) };
}

/** A member of an array; a series without points if the array is empty. */
function memberOf(array: readonly Series[], index: number): Series {
  return array.at(index) ?? finite([]);
}

/** From the first number (inclusive) to the second one (exclusive), or to the end. */
function slice(operands: readonly Value[], _scope: MathScope, name: string): Value {
  const [array, from, to] = operands as readonly [Value, Value, Value | undefined];
  const end = to === undefined ? undefined : indexOf(to, name);
  return { kind: 'array', elements: arrayOf(array, name).slice(indexOf(from, name), end) };
}

function sort(operands: readonly Value[], _scope: MathScope, name: string): Value {
  const [array, by, order, limit] = operands as readonly [Value, Value, Value, Value | undefined];
  const aggregate = textOf(by, name);
  const direction = { ASC: 1, DESC: -1 }[textOf(order, name)];
  if (!['AVG', 'MIN', 'MAX', 'SUM'].includes(aggregate))
    throw new MathError(`${name} takes AVG, MIN, MAX or SUM, got '${aggregate}'`);
  if (direction === undefined) throw new MathError(`${name} takes ASC or DESC, got '${textOf(order, name)}'`);
  const weighed = arrayOf(array, name).map((element) => ({
    element,
    weight: aggregateOf(aggregate, [...element.points.values()]),
  }));
  // Series without points come last in either order.
  weighed.sort((a, b) => (a.weight === b.weight ? 0 : direction * (a.weight - b.weight) || compareMissing(a, b)));
  const elements = weighed.map(({ element }) => element);
  return { kind: 'array', elements: limit === undefined ? elements : elements.slice(0, indexOf(limit, name)) };
}

function compareMissing(a: { readonly weight: number }, b: { readonly weight: number }): number {
  return Number(Number.isNaN(a.weight)) - Number(Number.isNaN(b.weight));
}

function indexOf(value: Value, name: string): number {
  const index = scalarOf(value, name);
  if (!Number.isInteger(index) || index < 0) throw new MathError(`${name} takes whole numbers from 0, got ${index}`);
  return index;
}

function fromPairs(points: Points, compute: (value: number, before: number, seconds: number) => number): Series {
  const sorted = [...points].sort(([a], [b]) => a - b);
  return finite(
    sorted.slice(1).map(([instant, value], index) => {
      const [instantBefore, before] = sorted[index];
      return [instant, compute(value, before, (instant - instantBefore) / 1_000)];
    }),
  );
}

function runningSum(points: Points): Series {
  let total = 0;
  const sorted = [...points].sort(([a], [b]) => a - b);
  return finite(sorted.map(([instant, value]) => [instant, (total += value)]));
}
