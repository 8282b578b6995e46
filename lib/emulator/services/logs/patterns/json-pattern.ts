import { invalidPattern } from '../errors';
import { compare, type Condition, readOperand } from './conditions';
import type { FilterPattern } from './filter-pattern';

type Test = (event: unknown) => boolean;
type Step = string | number | typeof EACH;
const EACH = Symbol('each element');
const MOST_WILDCARDS = 3;

/** A pattern for messages that are JSON objects: `{ $.status = 4* && $.latency > 100 }`. */
export function jsonPattern(text: string): FilterPattern {
  if (!text.endsWith('}')) throw invalidPattern();
  const parser = new Parser(text.slice(1, -1));
  const test = parser.parse();
  return {
    regexes: parser.regexes,
    match(message) {
      const event = asObject(message);
      if (event === undefined || !test(event)) return undefined;
      const value = (selector: string) => textOf(resolve(event, readSelector(selector).steps)[0]);
      return {
        value,
        extracted: () => Object.fromEntries(parser.selectors.flatMap((selector) => pair(selector, value(selector)))),
      };
    },
  };
}

/** Whether a text is a selector of JSON: `$.a.b[0]`. */
export function isSelector(text: string): boolean {
  try {
    return readSelector(text).rest.trim() === '';
  } catch {
    return false;
  }
}

class Parser {
  public readonly selectors: string[] = [];
  public regexes = 0;
  private wildcards = 0;

  constructor(private rest: string) {}

  public parse(): Test {
    const test = this.alternatives();
    if (this.rest.trim() !== '') throw invalidPattern();
    return test;
  }

  private alternatives(): Test {
    const tests = [this.conjunction()];
    while (this.take('||')) tests.push(this.conjunction());
    return tests.length === 1 ? tests[0] : (event) => tests.some((test) => test(event));
  }

  private conjunction(): Test {
    const tests = [this.term()];
    while (this.take('&&')) tests.push(this.term());
    return tests.length === 1 ? tests[0] : (event) => tests.every((test) => test(event));
  }

  private term(): Test {
    if (this.take('(')) {
      const inner = this.alternatives();
      if (!this.take(')')) throw invalidPattern();
      return inner;
    }
    const { steps, selector, rest } = readSelector(this.rest);
    this.rest = rest;
    this.selectors.push(selector);
    const wildcards = steps.filter((step) => step === EACH).length;
    this.wildcards += wildcards;
    if (wildcards > 1 || this.wildcards > MOST_WILDCARDS) throw invalidPattern();
    if (this.takeWord(/^\s*NOT\s+EXISTS\b/i)) return (event) => resolve(event, steps).length === 0;
    const condition = this.condition();
    return (event) => resolve(event, steps).some(condition);
  }

  private condition(): Condition {
    const is = this.takeWord(/^\s*IS\s+(NULL|TRUE|FALSE)\b/i)?.[1].toUpperCase();
    if (is !== undefined) {
      const wanted = is === 'NULL' ? null : is === 'TRUE';
      return (value) => value === wanted;
    }
    const sign = this.takeWord(/^\s*(!=|<=|>=|=|<|>)/)?.[1];
    if (sign === undefined) throw invalidPattern();
    const { operand, rest } = readOperand(this.rest);
    this.rest = rest;
    if (operand.kind === 'regex') this.regexes++;
    return compare(sign, operand, (value) => (typeof value === 'number' ? value : undefined));
  }

  private take(token: string): boolean {
    const rest = this.rest.trimStart();
    if (!rest.startsWith(token)) return false;
    this.rest = rest.slice(token.length);
    return true;
  }

  private takeWord(word: RegExp): RegExpExecArray | undefined {
    const found = word.exec(this.rest);
    if (found === null) return undefined;
    this.rest = this.rest.slice(found[0].length);
    return found;
  }
}

const STEP = /^(?:\.?\[(?:'((?:\\.|[^'\\])+)'|(\d+)|(\*))\]|\.(\*)|\.([A-Za-z0-9_-]+))/;

function readSelector(text: string): { readonly steps: Step[]; readonly selector: string; readonly rest: string } {
  const start = text.trimStart();
  if (!start.startsWith('$')) throw invalidPattern();
  let rest = start.slice(1);
  const steps: Step[] = [];
  for (let found = STEP.exec(rest); found !== null; found = STEP.exec(rest)) {
    const [whole, quoted, index, each, anyKey, key] = found as unknown as [string, ...(string | undefined)[]];
    rest = rest.slice(whole.length);
    if (each !== undefined || anyKey !== undefined) steps.push(EACH);
    else steps.push(index === undefined ? (quoted ?? key ?? '') : Number(index));
  }
  if (steps.length === 0) throw invalidPattern();
  return { steps, selector: start.slice(0, start.length - rest.length), rest };
}

/** The values at a selector; objects and lists among them match nothing. */
function resolve(event: unknown, steps: readonly Step[]): unknown[] {
  let values = [event];
  for (const step of steps) {
    values = values.flatMap((value): unknown[] => {
      if (typeof value !== 'object' || value === null) return [];
      if (step === EACH) return Object.values(value);
      if (Array.isArray(value)) return typeof step === 'number' && step < value.length ? [value[step]] : [];
      return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
    });
  }
  return values;
}

function pair(selector: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [[selector, value]];
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? String(value) : undefined;
}

function asObject(message: string): object | undefined {
  if (!/^\s*\{/.test(message)) return undefined;
  try {
    return JSON.parse(message) as object;
  } catch {
    return undefined;
  }
}
