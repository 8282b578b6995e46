/** What JSON can say. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

export interface JsonObject {
  [name: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * How deeply values may be nested: the emulator's own limit, which keeps recursion far from the end of the stack. What
 * CDK synthesizes has about 30 levels.
 */
export const DEEPEST = 256;

/** Thrown by {@link parseJson} for what is nested more than {@link DEEPEST} levels deep. */
export class NestedTooDeeply extends Error {
  constructor() {
    super(`it is nested more than ${DEEPEST} levels deep, which is the emulator's limit`);
  }
}

/**
 * An object of outside names. It has no prototype: a name such as `constructor` finds nothing that was not put in, and
 * `__proto__` is one like any other.
 */
export function mapOfEntries<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const map = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) map[name] = value;
  return map;
}

/**
 * Parses JSON into objects without prototypes.
 *
 * @throws {SyntaxError} if it is not JSON
 * @throws {NestedTooDeeply}
 */
export function parseJson(text: string): Json {
  return withoutPrototypes(JSON.parse(text) as Json, 0);
}

function withoutPrototypes(value: Json, depth: number): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) throw new NestedTooDeeply();
  if (Array.isArray(value)) return value.map((item) => withoutPrototypes(item, depth + 1));
  return mapOfEntries(Object.entries(value).map(([name, item]) => [name, withoutPrototypes(item, depth + 1)]));
}

/** A value as a short piece of one line, for error messages. */
export function show(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
