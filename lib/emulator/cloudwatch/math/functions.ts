import type { MathScope } from './evaluate';
import { MathError } from './expression';
import { fill } from './fill';
import { finite, instants, scalar, series, type Points, type Series, type Value } from './value';

type MathFunction = (operands: readonly Value[], scope: MathScope, name: string) => Value;

const FUNCTIONS: Readonly<
  Record<string, { readonly operands: readonly [number, number]; readonly run: MathFunction }>
> = {
  ABS: { operands: [1, 1], run: eachValue(Math.abs) },
  CEIL: { operands: [1, 1], run: eachValue(Math.ceil) },
  FLOOR: { operands: [1, 1], run: eachValue(Math.floor) },
  MIN: { operands: [1, 1], run: aggregation((values) => Math.min(...values)) },
  MAX: { operands: [1, 1], run: aggregation((values) => Math.max(...values)) },
  SUM: { operands: [1, 1], run: aggregation(sum) },
  AVG: { operands: [1, 1], run: aggregation((values) => sum(values) / values.length) },
  DIFF: { operands: [1, 1], run: eachSeries((points) => fromPairs(points, (value, before) => value - before)) },
  DIFF_TIME: {
    operands: [1, 1],
    run: eachSeries((points) => fromPairs(points, (_value, _before, seconds) => seconds)),
  },
  RATE: {
    operands: [1, 1],
    run: eachSeries((points) => fromPairs(points, (value, before, seconds) => (value - before) / seconds)),
  },
  RUNNING_SUM: { operands: [1, 1], run: eachSeries(runningSum) },
  PERIOD: { operands: [1, 1], run: ([operand], scope, name) => (seriesOf(operand, name), scalar(scope.period)) },
  TIME_SERIES: {
    operands: [1, 1],
    run: ([operand], scope, name) => {
      const value = scalarOf(operand, name);
      return finite(scope.grid.map((instant) => [instant, value]));
    },
  },
  DATAPOINT_COUNT: { operands: [1, 1], run: datapointCount },
  METRIC_COUNT: { operands: [1, 1], run: ([operand], _scope, name) => scalar(arrayOf(operand, name).length) },
  METRICS: { operands: [0, 1], run: metrics },
  FILL: {
    operands: [2, 2],
    run: ([data, filler], scope, name) => eachSeries((p) => fill(p, filler, scope))([data], scope, name),
  },
  IF: { operands: [2, 3], run: choose },
};

/**
 * Calls a function of metric math.
 * @throws MathError where there is none of that name, or its operands are not what it takes
 */
export function call(name: string, operands: readonly Value[], scope: MathScope): Value {
  if (!Object.hasOwn(FUNCTIONS, name)) throw new MathError(`unsupported function '${name}'`);
  const { operands: counts, run } = FUNCTIONS[name];
  const [least, most] = counts;
  if (operands.length < least || operands.length > most) {
    const allowed = least === most ? String(least) : `${least} to ${most}`;
    throw new MathError(`${name} takes ${allowed} operands, got ${operands.length}`);
  }
  return run(operands, scope, name);
}

function eachSeries(compute: (points: Points) => Series): MathFunction {
  return (operands, _scope, name) => {
    const [operand] = operands;
    if (operand.kind === 'array')
      return { kind: 'array', elements: operand.elements.map((one) => compute(one.points)) };
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

/** Of one series: a scalar over all of its points, those beyond N too. Of an array: a series, instant by instant. */
function aggregation(compute: (values: readonly number[]) => number): MathFunction {
  return ([operand], _scope, name) => {
    if (operand.kind !== 'array') {
      const values = [...seriesOf(operand, name).values()];
      return scalar(values.length === 0 ? NaN : compute(values));
    }
    const all = operand.elements.map((element) => element.points);
    return finite(
      instants(all).map((instant) => [instant, compute(all.flatMap((points) => points.get(instant) ?? []))]),
    );
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
  return { kind: 'array', elements: [...scope.metrics].flatMap(([id, one]) => (id.includes(part) ? [one] : [])) };
}

function choose(operands: readonly Value[], _scope: MathScope, name: string): Value {
  const [condition, whenTrue, whenFalse] = operands as readonly [Value, Value, Value | undefined];
  if (condition.kind === 'scalar') return condition.value !== 0 ? whenTrue : (whenFalse ?? series(new Map()));
  const chosen = [...seriesOf(condition, name)].map(([instant, truth]): [number, number] => {
    const branch = truth !== 0 ? whenTrue : whenFalse;
    return [instant, branch === undefined ? NaN : valueAt(branch, instant, name)];
  });
  return finite(chosen);
}

function valueAt(value: Value, instant: number, name: string): number {
  return value.kind === 'scalar' ? value.value : (seriesOf(value, name).get(instant) ?? NaN);
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

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function seriesOf(value: Value, name: string): Points {
  if (value.kind === 'series') return value.points;
  throw new MathError(`${name} takes a time series, got ${value.kind === 'array' ? 'an' : 'a'} ${value.kind}`);
}

function arrayOf(value: Value, name: string): readonly Series[] {
  if (value.kind === 'array') return value.elements;
  throw new MathError(`${name} takes an array of time series, got a ${value.kind}`);
}

function scalarOf(value: Value, name: string): number {
  if (value.kind === 'scalar') return value.value;
  throw new MathError(`${name} takes a number, got ${value.kind === 'array' ? 'an' : 'a'} ${value.kind}`);
}

function textOf(value: Value, name: string): string {
  if (value.kind === 'text') return value.value;
  throw new MathError(`${name} takes a text, got ${value.kind === 'array' ? 'an' : 'a'} ${value.kind}`);
}
