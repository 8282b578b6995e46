import { UsageError } from './command-line';

/** A kind of value, wherever it is given: as a flag's text, as an environment variable, or in a file. */
export interface Kind<T> {
  /** The JSON schema of the value in a file. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** What it takes: one text, several texts (the flag may be repeated), or no text at all. */
  readonly takes: 'text' | 'texts' | 'nothing';
  /**
   * Reads a text or a value of a file.
   * @param name what the value is called where it is given, for errors
   * @throws UsageError if it is invalid: names what it must be, and what it was
   */
  read(given: unknown, name: string): T;
}

export function integer(from: number, to: number): Kind<number> {
  return {
    schema: { type: 'integer', minimum: from, maximum: to },
    takes: 'text',
    read(given, name) {
      const value = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
      if (Number.isInteger(value) && Number(value) >= from && Number(value) <= to) return Number(value);
      throw invalid(name, `a whole number from ${from} to ${to}`, given);
    },
  };
}

export function number(from: number, to: number): Kind<number> {
  return {
    schema: { type: 'number', minimum: from, maximum: to },
    takes: 'text',
    read(given, name) {
      const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
      if (typeof value === 'number' && value >= from && value <= to) return value;
      throw invalid(name, `a number from ${from} to ${to}`, given);
    },
  };
}

/** @param must what a text that does not match is told it must be */
export function text(pattern = /./s, must = 'a text'): Kind<string> {
  return {
    schema: { type: 'string', ...(pattern.source !== '.' && { pattern: pattern.source }) },
    takes: 'text',
    read(given, name) {
      if (typeof given === 'string' && pattern.test(given)) return given;
      throw invalid(name, must, given);
    },
  };
}

export const account = text(/^\d{12}$/, '12 digits');

export function oneOf<const T extends string>(...values: readonly T[]): Kind<T> {
  return {
    schema: { enum: values },
    takes: 'text',
    read(given, name) {
      const found = values.find((value) => value === given);
      if (found !== undefined) return found;
      throw invalid(name, `one of ${values.join(', ')}`, given);
    },
  };
}

/** A flag without a value; in the environment `true` or `false`, or 1 or 0. */
export const yes: Kind<boolean> = {
  schema: { type: 'boolean' },
  takes: 'nothing',
  read(given, name) {
    if (given === true || given === 'true' || given === '1') return true;
    if (given === false || given === 'false' || given === '0') return false;
    throw invalid(name, 'true or false', given);
  },
};

/** Several values: a flag that may be repeated, a variable with commas, or a list. */
export function list<T>(of: Kind<T>): Kind<readonly T[]> {
  return {
    schema: { type: 'array', items: of.schema },
    takes: 'texts',
    read(given, name) {
      const values: unknown = typeof given === 'string' ? given.split(',') : given;
      if (!Array.isArray(values)) throw invalid(name, 'a list', given);
      return values.map((value) => of.read(value, name));
    },
  };
}

/** Named values: a flag `name=value` that may be repeated, a variable with commas, or an object. */
export function map<T>(of: Kind<T>): Kind<Readonly<Record<string, T>>> {
  return {
    schema: { type: 'object', additionalProperties: of.schema },
    takes: 'texts',
    read(given, name) {
      const pairs: unknown = typeof given === 'string' ? given.split(',') : given;
      const entries = Array.isArray(pairs) ? pairs.map((pair) => split(pair, name)) : entriesOf(pairs, name);
      return Object.fromEntries(entries.map(([key, value]) => [key, of.read(value, `${name} ${key}`)]));
    },
  };
}

function split(pair: unknown, name: string): readonly [string, string] {
  const [, key, value] = (typeof pair === 'string' ? /^([^=]+)=(.*)$/s.exec(pair) : null) ?? [];
  if (key === undefined) throw invalid(name, 'a name and a value, such as name=value', pair);
  return [key, value];
}

function entriesOf(given: unknown, name: string): [string, unknown][] {
  if (typeof given !== 'object' || given === null) throw invalid(name, 'an object', given);
  return Object.entries(given);
}

function invalid(name: string, must: string, given: unknown): UsageError {
  return new UsageError(`${name} must be ${must}, but was ${JSON.stringify(given)}`);
}
