import { invalidPattern } from '../errors';
import { readRegex, wildcard } from './regex';

/** A test of the value of a field. */
export type Condition = (value: unknown) => boolean;

const NUMBER = /^[-+]?[\d.]+(?:[eE][-+]?\d+)?$/;

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '!=': (value, bound) => value !== bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** The right side of a comparison: a number, text with wildcards, or a regular expression. */
export interface Operand {
  readonly text: string;
  readonly kind: 'bare' | 'quoted' | 'regex';
}

/** Reads an operand off the start of `text`. Returns it and the rest. */
export function readOperand(text: string): { readonly operand: Operand; readonly rest: string } {
  const found = /^\s*(?:"((?:\\.|[^"\\])*)"|%((?:\\.|[^%\\])+)%|([^\s"%()[\]{},|&=<>!]+))/.exec(text);
  if (found === null) throw invalidPattern();
  const [whole, quoted, regex, bare] = found as unknown as [string, ...(string | undefined)[]];
  const rest = text.slice(whole.length);
  if (quoted !== undefined) return { operand: { text: quoted.replace(/\\(["\\])/g, '$1'), kind: 'quoted' }, rest };
  if (regex !== undefined) return { operand: { text: regex, kind: 'regex' }, rest };
  return { operand: { text: bare ?? '', kind: 'bare' }, rest };
}

/**
 * The condition of a comparison.
 * @param asNumber the number of a field's value; undefined if it is invalid
 */
export function compare(
  sign: string,
  { text, kind }: Operand,
  asNumber: (value: unknown) => number | undefined,
): Condition {
  if (kind === 'bare' && NUMBER.test(text) && Number.isFinite(Number(text))) {
    const [test, bound] = [COMPARISONS[sign], Number(text)];
    return (value) => {
      const number = asNumber(value);
      // Text differs from every number, and is neither greater nor less.
      return number === undefined ? sign === '!=' && isPlain(value) : test(number, bound);
    };
  }
  if (sign !== '=' && sign !== '!=') throw invalidPattern();
  const matches = kind === 'regex' ? regexTest(text) : wildcard(text);
  return (value) => isPlain(value) && matches(String(value)) === (sign === '=');
}

function regexTest(source: string): (text: string) => boolean {
  const regex = readRegex(source);
  return (text) => regex.test(text);
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
