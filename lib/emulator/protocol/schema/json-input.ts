import { type NormalizedSchema } from '@smithy/core/schema';
import { located, MalformedInput } from '../malformed-input';
import { decodeBase64, TIMESTAMP } from './simple-values';

/** Checks a parsed value against a schema, and converts its blobs and timestamps to bytes and dates, in place. */
export type InputReader = (value: unknown) => unknown;

/** How deeply a structure may contain itself: far more than any service allows. */
const DEEPEST = 128;

/** How a format represents values that JSON has no type for. */
export interface ValueFormat {
  readonly blob: InputReader;
  timestamp(format: number): InputReader;
}

const JSON_FORMAT: ValueFormat = {
  blob: (value) => {
    if (typeof value !== 'string') throw mismatch(value, 'a Blob');
    return decodeBase64(value);
  },
  timestamp: (format) =>
    format === TIMESTAMP.dateTime || format === TIMESTAMP.httpDate ? readDateText : readEpochSeconds,
};

/** For values whose decoder already returns bytes and dates, such as CBOR. */
export const NATIVE_FORMAT: ValueFormat = {
  blob: (value) => {
    if (!(value instanceof Uint8Array)) throw mismatch(value, 'a Blob');
    return value;
  },
  timestamp: () => (value) => {
    if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw mismatch(value, 'a Timestamp');
    return value;
  },
};

/**
 * Compiles the reader of a schema, so that a request costs one type check per member instead of a walk over schemas.
 * Unknown members are left alone, as on AWS.
 */
export function inputReader(schema: NormalizedSchema, format: ValueFormat = JSON_FORMAT): InputReader {
  return compile(schema, format, new Map());
}

function compile(schema: NormalizedSchema, format: ValueFormat, known: Map<unknown, InputReader>): InputReader {
  if (schema.isStructSchema()) return structureReader(schema, format, known);
  if (schema.isListSchema()) return listReader(compile(schema.getValueSchema(), format, known));
  if (schema.isMapSchema()) return mapReader(compile(schema.getValueSchema(), format, known));
  if (schema.isStringSchema()) return readString;
  if (schema.isNumericSchema()) return readNumber;
  if (schema.isBooleanSchema()) return readBoolean;
  if (schema.isBlobSchema()) return format.blob;
  if (schema.isTimestampSchema()) return format.timestamp(schema.getSchema() as number);
  if (schema.isDocumentSchema() || schema.isUnitSchema()) return (value) => value;
  throw new Error(`no reader for the schema of ${schema.getName(true)}`);
}

function structureReader(schema: NormalizedSchema, format: ValueFormat, known: Map<unknown, InputReader>): InputReader {
  const key = schema.getSchema();
  const seen = known.get(key);
  if (seen !== undefined) return seen;
  const members: { name: string; read: InputReader }[] = [];
  // Only a structure that contains itself is read while it is read.
  let depth = 0;
  const reader: InputReader = (value) => {
    const structure = expectObject(value);
    if (depth >= DEEPEST) throw new MalformedInput('the value is nested too deeply');
    depth++;
    try {
      return readMembers(structure, members);
    } finally {
      depth--;
    }
  };
  // Registered before its members are compiled: a structure may contain itself.
  known.set(key, reader);
  for (const [name, member] of schema.structIterator()) members.push({ name, read: compile(member, format, known) });
  return reader;
}

function readMembers(
  structure: Record<string, unknown>,
  members: readonly { readonly name: string; readonly read: InputReader }[],
): Record<string, unknown> {
  for (const { name, read } of members) {
    const given = structure[name];
    if (given === undefined) continue;
    if (given === null) {
      structure[name] = undefined;
      continue;
    }
    try {
      const result = read(given);
      if (result !== given) structure[name] = result;
    } catch (error) {
      throw located(error, name);
    }
  }
  return structure;
}

function listReader(read: InputReader): InputReader {
  return (value) => {
    if (!Array.isArray(value)) throw new MalformedInput('Expected list or null');
    const list = value as unknown[];
    for (let i = 0; i < list.length; i++) {
      try {
        const result = read(list[i]);
        if (result !== list[i]) list[i] = result;
      } catch (error) {
        throw located(error, i + 1);
      }
    }
    return list;
  };
}

function mapReader(read: InputReader): InputReader {
  return (value) => {
    const map = expectObject(value);
    for (const key of Object.keys(map)) {
      try {
        const result = read(map[key]);
        if (result !== map[key]) map[key] = result;
      } catch (error) {
        throw located(error, key);
      }
    }
    return map;
  };
}

function expectObject(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new MalformedInput('Expected structure or null');
}

function readString(value: unknown): unknown {
  if (typeof value !== 'string') throw mismatch(value, 'a String');
  return value;
}

function readNumber(value: unknown): unknown {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  throw mismatch(value, 'a Number');
}

function readBoolean(value: unknown): unknown {
  if (typeof value !== 'boolean') throw mismatch(value, 'a Boolean');
  return value;
}

function readEpochSeconds(value: unknown): unknown {
  if (typeof value !== 'number') throw mismatch(value, 'a Timestamp');
  const date = new Date(value * 1000);
  if (Number.isNaN(date.getTime())) throw new MalformedInput(`${value} can not be converted to a Timestamp`);
  return date;
}

function readDateText(value: unknown): unknown {
  if (typeof value !== 'string') throw mismatch(value, 'a Timestamp');
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) throw mismatch(value, 'a Timestamp');
  return date;
}

// The wording is that of AWS's own parser.
function mismatch(value: unknown, wanted: string): MalformedInput {
  if (Array.isArray(value)) return new MalformedInput('Start of list found where not expected');
  if (typeof value === 'object' && value !== null) {
    return new MalformedInput('Start of structure or map found where not expected');
  }
  const token = typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : value === null ? 'NULL' : typeof value;
  return new MalformedInput(`${token.toUpperCase()}_VALUE can not be converted to ${wanted}`);
}
