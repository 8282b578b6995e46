import { MathError } from './expression';
import type { Points, Series, Value } from './value';

/** Returns an operand that must be a time series. `name` is the function's. */
export function seriesOf(value: Value, name: string): Points {
  if (value.kind === 'series') return value.points;
  throw new MathError(`${name} takes a time series, got ${nameOf(value)}`);
}

/** Returns an operand that must be an array of time series. */
export function arrayOf(value: Value, name: string): readonly Series[] {
  if (value.kind === 'array') return value.elements;
  throw new MathError(`${name} takes an array of time series, got ${nameOf(value)}`);
}

/** Returns an operand that must be a number. */
export function scalarOf(value: Value, name: string): number {
  if (value.kind === 'scalar') return value.value;
  throw new MathError(`${name} takes a number, got ${nameOf(value)}`);
}

/** Returns an operand that must be a string or a keyword. */
export function textOf(value: Value, name: string): string {
  if (value.kind === 'text') return value.value;
  throw new MathError(`${name} takes a text, got ${nameOf(value)}`);
}

/** The type of a value, for messages. */
export function nameOf({ kind }: Value): string {
  return { scalar: 'a scalar', series: 'a time series', array: 'an array of time series', text: 'a text' }[kind];
}
