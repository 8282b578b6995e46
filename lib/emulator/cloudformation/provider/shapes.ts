import { isObject, mapOfEntries, parseJson, show, type Json, type JsonObject } from './json';
import type { Status } from './report';

/** The type of a property's value, and how to read one. */
export interface Shape<T> {
  /** Its name in error messages: `a whole number`. */
  readonly expected: string;
  /** The properties, if it is an object with known properties or a list of such objects. */
  readonly fields?: PropertyTable;
  /**
   * Reads a value; as CloudFormation does, takes a number or a boolean that is written as a string.
   *
   * @throws {WrongShape} where it is of another type
   */
  read(value: Json, path: string): T;
}

/** A property's value has the wrong type, or a required property is missing. */
export class WrongShape extends Error {
  constructor(
    public readonly path: string,
    public readonly value: Json | undefined,
    public readonly expected: string,
  ) {
    super(value === undefined ? `is missing: ${expected}` : `must be ${expected}, but was ${show(value)}`);
  }
}

/** A property in a provider's table. */
export interface Property<T, Required extends boolean> {
  /** Whether the emulator acts on it. */
  readonly status: Status;
  readonly shape: Shape<T>;
  readonly required: Required;
  /** Whether a change replaces the resource. */
  readonly replaces?: boolean;
  /** Whether it is the resource's unique name. */
  readonly names?: boolean;
  /** The reason why it is inert, or a note. */
  readonly note?: string;
}

export type PropertyTable = Readonly<Record<string, Property<unknown, boolean>>>;

type ValueOf<P> = P extends Property<infer T, boolean> ? T : never;
type RequiredNames<T extends PropertyTable> = { [K in keyof T]: T[K]['required'] extends true ? K : never }[keyof T];

/** The result of reading an object by a table. */
export type Values<T extends PropertyTable> = {
  readonly [K in RequiredNames<T>]: ValueOf<T[K]>;
} & { readonly [K in Exclude<keyof T, RequiredNames<T>>]?: ValueOf<T[K]> };

/** A property that the emulator acts on. */
export function emulated<T>(shape: Shape<T>, note?: string): Property<T, false> {
  return { status: 'emulated', shape, required: false, note };
}

/** A property that the emulator accepts and does not act on. */
export function inert<T>(shape: Shape<T>, note?: string): Property<T, false> {
  return { status: 'inert', shape, required: false, note };
}

/** A property that changes behaviour on AWS and that the emulator does not act on, with the reason for the report. */
export function unsupported(note: string): Property<Json, false> {
  return { status: 'unsupported', shape: anything, required: false, note };
}

/** The same property, required. */
export function required<T>(property: Property<T, boolean>): Property<T, true> {
  return { ...property, required: true };
}

/** The same property, with CloudFormation's "Update requires: Replacement". */
export function replacing<T, Required extends boolean>(property: Property<T, Required>): Property<T, Required> {
  return { ...property, replaces: true };
}

/** The same property as the resource's unique name: a change replaces the resource, and no two can share it. */
export function naming<T, Required extends boolean>(property: Property<T, Required>): Property<T, Required> {
  return { ...property, replaces: true, names: true };
}

/** Reads an object's properties by their table; those that are not in it are left out. */
export function readProperties<T extends PropertyTable>(table: T, value: JsonObject, path: string): Values<T> {
  const values: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(table)) {
    const at = path === '' ? name : `${path}.${name}`;
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    if (given !== undefined) values[name] = property.shape.read(given, at);
    else if (property.required) throw new WrongShape(at, undefined, property.shape.expected);
  }
  // The loop above puts in what the mapped type says, name by name; the compiler cannot follow it.
  return values as Values<T>;
}

export const text: Shape<string> = {
  expected: 'a string',
  read(value, path) {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new WrongShape(path, value, this.expected);
  },
};

export const flag: Shape<boolean> = {
  expected: 'true or false',
  read(value, path) {
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw new WrongShape(path, value, this.expected);
  },
};

export const number: Shape<number> = {
  expected: 'a number',
  read(value, path) {
    if (typeof value === 'number') return value;
    if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
    throw new WrongShape(path, value, this.expected);
  },
};

export const integer: Shape<number> = {
  expected: 'a whole number',
  read(value, path) {
    const read = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof read === 'number' && Number.isInteger(read)) return read;
    throw new WrongShape(path, value, this.expected);
  },
};

/** A property of CloudFormation's type Json: an object, or a string of JSON. */
export const document: Shape<JsonObject> = {
  expected: 'a JSON object',
  read(value, path) {
    const read = typeof value === 'string' ? parsed(value) : value;
    if (isObject(read)) return read;
    throw new WrongShape(path, value, this.expected);
  },
};

/** A value of any type, which nothing reads. */
export const anything: Shape<Json> = { expected: 'any value', read: (value) => value };

export function list<T>(element: Shape<T>): Shape<T[]> {
  return {
    expected: `a list, each ${element.expected}`,
    fields: element.fields,
    read(value, path) {
      if (!Array.isArray(value)) throw new WrongShape(path, value, this.expected);
      return value.map((item, index) => element.read(item, `${path}.${index}`));
    },
  };
}

export function mapOf<T>(element: Shape<T>): Shape<Record<string, T>> {
  return {
    expected: `an object, each value ${element.expected}`,
    read(value, path) {
      if (!isObject(value)) throw new WrongShape(path, value, this.expected);
      return mapOfEntries(Object.entries(value).map(([name, item]) => [name, element.read(item, `${path}.${name}`)]));
    },
  };
}

export function record<T extends PropertyTable>(fields: T): Shape<Values<T>> {
  return {
    expected: `an object with ${Object.keys(fields).join(', ')}`,
    fields,
    read(value, path) {
      if (!isObject(value)) throw new WrongShape(path, value, this.expected);
      return readProperties(fields, value, path);
    },
  };
}

function parsed(json: string): Json | undefined {
  try {
    return parseJson(json);
  } catch {
    return undefined;
  }
}
