import type { NormalizedSchema } from '@smithy/core/schema';
import { decimal } from '../../core';
import { type Doubles, isDouble } from './doubles';
import { jsonString } from './json-string';
import { encodeBase64, TIMESTAMP } from './simple-values';

/** Writes an output as JSON text. */
export type JsonWriter = (output: unknown) => string;

/** Writes a value that is neither undefined nor null. */
type ValueWriter = (value: NonNullable<unknown>) => string;

interface Member {
  readonly name: string;
  /** `"name":` */
  readonly label: string;
  readonly write: ValueWriter;
}

/** Options of writing an output. */
export interface JsonForm {
  /** The members that are floating-point numbers. */
  readonly doubles: Doubles;
  /**
   * Whether maps are written as lists of entries, with their XML names, as SQS does for Query requests that accept
   * JSON.
   */
  readonly mapsAsEntries?: boolean;
}

/**
 * Compiles the JSON writer of a schema. It knows which members are strings, and writes them faster than JSON.stringify,
 * which scans each character of each message body.
 */
export function jsonWriter(schema: NormalizedSchema, form: JsonForm): JsonWriter {
  const write = compile(schema, form, false, new Map());
  return (output) => (output === undefined || output === null ? '{}' : write(output));
}

function compile(
  schema: NormalizedSchema,
  form: JsonForm,
  double: boolean,
  known: Map<unknown, ValueWriter>,
): ValueWriter {
  if (schema.isStructSchema()) return structureWriter(schema, form, known);
  if (schema.isListSchema()) return listWriter(compile(schema.getValueSchema(), form, double, known));
  if (schema.isMapSchema()) {
    const write = compile(schema.getValueSchema(), form, double, known);
    return form.mapsAsEntries ? entriesWriter(schema, write) : mapWriter(write);
  }
  if (schema.isStringSchema()) return (value) => (typeof value === 'string' ? jsonString(value) : plain(value));
  if (schema.isBlobSchema()) return (value) => plain(value instanceof Uint8Array ? encodeBase64(value) : value);
  if (schema.isTimestampSchema()) return timestampWriter(schema.getSchema() as number);
  return double ? writeDouble : plain;
}

const plain: ValueWriter = (value) => JSON.stringify(value);

// JSON has no non-finite numbers: AWS writes a string.
const writeDouble: ValueWriter = (value) => {
  if (typeof value !== 'number') return plain(value);
  return Number.isFinite(value) ? decimal(value) : plain(String(value));
};

function timestampWriter(format: number): ValueWriter {
  return (value) => {
    if (!(value instanceof Date)) return plain(value);
    if (format === TIMESTAMP.dateTime) return plain(value.toISOString());
    if (format === TIMESTAMP.httpDate) return plain(value.toUTCString());
    return String(value.getTime() / 1000);
  };
}

function structureWriter(schema: NormalizedSchema, form: JsonForm, known: Map<unknown, ValueWriter>): ValueWriter {
  const key = schema.getSchema();
  const seen = known.get(key);
  if (seen !== undefined) return seen;
  const members: Member[] = [];
  const writer: ValueWriter = (value) => {
    const structure = value as Readonly<Record<string, unknown>>;
    let text = '';
    for (const { name, label, write } of members) {
      const member = structure[name];
      if (member === undefined) continue;
      const written = member === null ? 'null' : write(member);
      text += text === '' ? label + written : `,${label}${written}`;
    }
    return `{${text}}`;
  };
  // Registered before its members are compiled: a structure may contain itself.
  known.set(key, writer);
  for (const [name, member] of schema.structIterator()) {
    const write = compile(member, form, isDouble(form.doubles, schema, name), known);
    members.push({ name, label: `${JSON.stringify(name)}:`, write });
  }
  return writer;
}

function listWriter(write: ValueWriter): ValueWriter {
  return (value) => {
    const list = value as readonly unknown[];
    let text = '';
    for (const item of list) {
      const written = item === undefined || item === null ? 'null' : write(item);
      text += text === '' ? written : `,${written}`;
    }
    return `[${text}]`;
  };
}

function mapWriter(write: ValueWriter): ValueWriter {
  return (value) => {
    let text = '';
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      const written = item === null ? 'null' : write(item);
      text += `${text === '' ? '' : ','}${jsonString(key)}:${written}`;
    }
    return `{${text}}`;
  };
}

function entriesWriter(schema: NormalizedSchema, write: ValueWriter): ValueWriter {
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? 'value';
  return (value) => {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
    const texts = entries.map(
      ([key, item]) => `{"${keyName}":${jsonString(key)},"${valueName}":${write(item as NonNullable<unknown>)}}`,
    );
    return `[${texts.join(',')}]`;
  };
}
