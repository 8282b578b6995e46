/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

export interface JsonObject {
  [name: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The most levels of nesting: the emulator's own limit, which keeps recursion from overflowing the stack. CDK
 * synthesizes about 30 levels.
 */
export const DEEPEST = 256;

/** Thrown by {@link parseJson} if values are nested more than {@link DEEPEST} levels deep. */
export class NestedTooDeeply extends Error {
  constructor() {
    super(`it is nested more than ${DEEPEST} levels deep, which is the emulator's limit`);
  }
}

/**
 * An object whose keys come from outside. It has no prototype, so a key such as `constructor` or `__proto__` is a key
 * like any other.
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

/** A value in one short line, for error messages. */
export function show(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
