import type { MathScope } from './evaluate';
import { seriesOf } from './operands';
import { finite, type Value } from './value';

/**
 * IF: by the condition's points, one by one, or by the one number that it is. Where the condition holds and the value
 * has no point, the result is 0; where it does not, and the other value has none, there is no point.
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
