import { invalidPattern } from '../errors';
import { compare, readOperand } from './conditions';
import type { FilterPattern } from './filter-pattern';

type Test = (value: string) => boolean;

const CLOSING: Readonly<Record<string, string | undefined>> = { '"': '"', '[': ']' };

/** A field of a pattern. */
interface Field {
  readonly name: string;
  readonly test?: Test;
}

/** A pattern for messages of fields that blanks separate: `[ip, user, ..., status = 4*]`. */
export function fieldsPattern(text: string): FilterPattern {
  if (!text.endsWith(']')) throw invalidPattern();
  const counter = { regexes: 0 };
  const parts = split(text.slice(1, -1));
  const gap = parts.indexOf('...');
  if (gap !== parts.lastIndexOf('...')) throw invalidPattern();
  const fields = parts.map((part, index) => (index === gap ? undefined : readField(part, index, counter)));
  return {
    regexes: counter.regexes,
    match(message) {
      const values = align(tokens(message), fields.length, gap);
      if (values === undefined) return undefined;
      const found = new Map<string, string>();
      for (const [index, field] of fields.entries()) {
        const value = values[index];
        if (field === undefined || value === undefined) continue;
        if (field.test?.(value) === false) return undefined;
        found.set(`$${field.name}`, value);
      }
      return { value: (selector) => found.get(selector), extracted: () => Object.fromEntries(found) };
    },
  };
}

/** The values of a pattern's fields; undefined if their numbers differ. A gap takes what is left over. */
function align(values: readonly string[], fields: number, gap: number): (string | undefined)[] | undefined {
  if (gap < 0) return values.length === fields ? [...values] : undefined;
  const after = fields - gap - 1;
  if (values.length < fields - 1) return undefined;
  return [...values.slice(0, gap), undefined, ...values.slice(values.length - after, values.length)];
}

/** The fields of a message: words, and what stands in quotes or brackets. */
function tokens(message: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < message.length;) {
    if (/\s/.test(message[at])) {
      at++;
      continue;
    }
    const close = CLOSING[message[at]];
    const end = close === undefined ? -1 : message.indexOf(close, at + 1);
    if (end >= 0) {
      found.push(message.slice(at + 1, end));
      at = end + 1;
      continue;
    }
    const from = at;
    while (at < message.length && !/\s/.test(message[at])) at++;
    found.push(message.slice(from, at));
  }
  return found;
}

/** Splits at the commas outside of quotes and regular expressions. */
function split(text: string): string[] {
  if (text.trim() === '') return [];
  const parts = [''];
  for (const [piece] of text.matchAll(/"(?:\\.|[^"\\])*"|%(?:\\.|[^%\\])+%|,|[^,"%]+|["%]/g)) {
    if (piece === ',') parts.push('');
    else parts[parts.length - 1] += piece;
  }
  return parts.map((part) => part.trim());
}

function readField(text: string, index: number, counter: { regexes: number }): Field {
  if (text === '') return { name: String(index + 1) };
  const alternatives = text.split('||').map((part) => part.split('&&'));
  let name: string | undefined;
  const tests = alternatives.map((conjunction) =>
    conjunction.map((part): Test | undefined => {
      const found = /^[\s(]*([A-Za-z_][\w-]*)\s*(?:(!=|<=|>=|=|<|>)(.*))?$/s.exec(part);
      if (found === null) throw invalidPattern();
      const [, named, sign, right] = found as (string | undefined)[];
      name ??= named;
      if (named !== name) throw invalidPattern();
      if (sign === undefined) return undefined;
      const { operand, rest } = readOperand(right ?? '');
      if (!/^[\s)]*$/.test(rest)) throw invalidPattern();
      if (operand.kind === 'regex') counter.regexes++;
      return compare(sign, operand, numberOf);
    }),
  );
  const isFree = tests.length === 1 && tests[0].length === 1 && tests[0][0] === undefined;
  if (!isFree && tests.flat().includes(undefined)) throw invalidPattern();
  const test: Test = (value) => tests.some((all) => all.every((each) => each?.(value)));
  return { name: name ?? String(index + 1), ...(!isFree && { test }) };
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  return Number.isNaN(number) ? undefined : number;
}
