import type { MathScope } from './evaluate';
import { seriesOf } from './operands';
import { finite, type Value } from './value';

/** A function of the timestamps of a series, in UTC; it has a value in every period of the range. */
export function timestampFunction(
  read: (at: Date) => number,
): (operands: readonly Value[], scope: MathScope, name: string) => Value {
  return ([operand], scope, name) => {
    seriesOf(operand, name);
    return finite(scope.grid.map((instant) => [instant, read(new Date(instant))]));
  };
}
