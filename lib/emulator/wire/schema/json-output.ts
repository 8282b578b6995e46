import type { NormalizedSchema } from '@smithy/core/schema';
import { encodeBase64, TIMESTAMP } from './simple-values';

/** Gives a value as JSON.stringify should see it: the value itself where nothing in it needs another form. */
type OutputWriter = (value: unknown) => unknown;

/** Writes an output as JSON text. */
export type JsonWriter = (output: unknown) => string;

/**
 * Compiles the JSON writer of a schema once. Most outputs hold no blob and no timestamp and go to JSON.stringify as
 * they are; in the others only the branches that hold some are copied.
 */
export function jsonWriter(schema: NormalizedSchema): JsonWriter {
  const write = compile(schema, new Map());
  return write === undefined
    ? (output) => JSON.stringify(output ?? {})
    : (output) => JSON.stringify(output === undefined || output === null ? {} : write(output));
}

function compile(schema: NormalizedSchema, known: Map<unknown, OutputWriter>): OutputWriter | undefined {
  if (schema.isStructSchema()) return structureWriter(schema, known);
  if (schema.isListSchema()) return listWriter(compile(schema.getValueSchema(), known));
  if (schema.isMapSchema()) return mapWriter(compile(schema.getValueSchema(), known));
  if (schema.isBlobSchema()) return (value) => (value instanceof Uint8Array ? encodeBase64(value) : value);
  if (schema.isTimestampSchema()) return timestampWriter(schema.getSchema() as number);
  return undefined;
}

function timestampWriter(format: number): OutputWriter {
  return (value) => {
    if (!(value instanceof Date)) return value;
    if (format === TIMESTAMP.dateTime) return value.toISOString();
    if (format === TIMESTAMP.httpDate) return value.toUTCString();
    return value.getTime() / 1000;
  };
}

function structureWriter(schema: NormalizedSchema, known: Map<unknown, OutputWriter>): OutputWriter | undefined {
  const key = schema.getSchema();
  const seen = known.get(key);
  if (seen !== undefined) return seen;
  const members: { name: string; write: OutputWriter }[] = [];
  const writer: OutputWriter = (value) => rewrite(value as Record<string, unknown>, members);
  // Known before its members are compiled: a structure may contain itself.
  known.set(key, writer);
  for (const [name, member] of schema.structIterator()) {
    const write = compile(member, known);
    if (write !== undefined) members.push({ name, write });
  }
  if (members.length > 0) return writer;
  known.delete(key);
  return undefined;
}

function rewrite(
  structure: Record<string, unknown>,
  members: readonly { name: string; write: OutputWriter }[],
): Record<string, unknown> {
  let result = structure;
  for (const { name, write } of members) {
    const value = structure[name];
    if (value === undefined || value === null) continue;
    const written = write(value);
    if (written === value) continue;
    if (result === structure) result = { ...structure };
    result[name] = written;
  }
  return result;
}

function listWriter(write: OutputWriter | undefined): OutputWriter | undefined {
  if (write === undefined) return undefined;
  return (value) => {
    const list = value as readonly unknown[];
    let result: unknown[] | undefined;
    for (let i = 0; i < list.length; i++) {
      const written = write(list[i]);
      if (written === list[i]) continue;
      result ??= [...list];
      result[i] = written;
    }
    return result ?? list;
  };
}

function mapWriter(write: OutputWriter | undefined): OutputWriter | undefined {
  if (write === undefined) return undefined;
  return (value) => {
    const map = value as Record<string, unknown>;
    return Object.fromEntries(Object.entries(map).map(([key, item]) => [key, write(item)]));
  };
}
