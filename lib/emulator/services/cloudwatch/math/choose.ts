import type { MathScope } from './evaluate';
import { seriesOf } from './operands';
import { finite, type Value } from './value';

/**
 * IF: chooses point by point, or as a whole if the condition is a scalar. If the condition is true and the first value
 * has no point, the result is 0; if it is false and the second value has none, there is no point.
 */
export function choose(operands: readonly Value[], _scope: MathScope, name: string): Value {
  const [condition, whenTrue, whenFalse] = operands as readonly [Value, Value, Value | undefined];
  if (condition.kind === 'scalar') return condition.value !== 0 ? whenTrue : (whenFalse ?? finite([]));
  for (const branch of [whenTrue, whenFalse]) {
    if (branch !== undefined && branch.kind !== 'scalar') seriesOf(branch, name);
  }
  return finite(
    [...seriesOf(condition, name)].map(([instant, truth]): [number, number] => {
      if (truth !== 0) return [instant, valueAt(whenTrue, instant, name) ?? 0];
      return [instant, whenFalse === undefined ? NaN : (valueAt(whenFalse, instant, name) ?? NaN)];
    }),
  );
}

function valueAt(value: Value, instant: number, name: string): number | undefined {
  return value.kind === 'scalar' ? value.value : seriesOf(value, name).get(instant);
}
