import type { NormalizedSchema } from '@smithy/core/schema';
import { type Doubles, isDouble } from './doubles';

/** Writes an output as CBOR (RFC 8949), as Smithy RPC v2 requires. */
export type CborWriter = (output: unknown) => Uint8Array;

/** Writes a value that is neither undefined nor null. */
type ValueWriter = (value: NonNullable<unknown>, to: CborBytes) => void;

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6 } as const;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const FLOAT_64 = 0xfb;
const EPOCH_TIME = 1;

/** Compiles the CBOR writer of a schema. Doubles and timestamps are always 64-bit floats; integers are integers. */
export function cborWriter(schema: NormalizedSchema, doubles: Doubles): CborWriter {
  const write = compile(schema, doubles, false, new Map());
  return (output) => {
    const bytes = new CborBytes();
    write(output ?? {}, bytes);
    return bytes.written;
  };
}

function compile(
  schema: NormalizedSchema,
  doubles: Doubles,
  double: boolean,
  known: Map<unknown, ValueWriter>,
): ValueWriter {
  if (schema.isStructSchema()) return structureWriter(schema, doubles, known);
  if (schema.isListSchema()) return listWriter(compile(schema.getValueSchema(), doubles, double, known));
  if (schema.isMapSchema()) return mapWriter(compile(schema.getValueSchema(), doubles, double, known));
  if (double) return (value, to) => to.float(value as number);
  return writeSimple;
}

const writeSimple: ValueWriter = (value, to) => {
  if (typeof value === 'string') to.text(value);
  else if (typeof value === 'number') to.number(value);
  else if (typeof value === 'boolean') to.byte(value ? TRUE : FALSE);
  else if (value instanceof Date) to.time(value);
  else if (value instanceof Uint8Array) to.blob(value);
  else throw new TypeError(`a ${typeof value} cannot be written as CBOR`);
};

function structureWriter(schema: NormalizedSchema, doubles: Doubles, known: Map<unknown, ValueWriter>): ValueWriter {
  const key = schema.getSchema();
  const seen = known.get(key);
  if (seen !== undefined) return seen;
  const members: { name: string; write: ValueWriter }[] = [];
  const writer: ValueWriter = (value, to) => {
    const structure = value as Readonly<Record<string, unknown>>;
    const present = members.filter(({ name }) => structure[name] !== undefined && structure[name] !== null);
    to.head(MAJOR.map, present.length);
    for (const { name, write } of present) {
      to.text(name);
      write(structure[name] as NonNullable<unknown>, to);
    }
  };
  // Registered before its members are compiled: a structure may contain itself.
  known.set(key, writer);
  for (const [name, member] of schema.structIterator()) {
    members.push({ name, write: compile(member, doubles, isDouble(doubles, schema, name), known) });
  }
  return writer;
}

function listWriter(write: ValueWriter): ValueWriter {
  return (value, to) => {
    const list = value as readonly unknown[];
    to.head(MAJOR.list, list.length);
    for (const item of list) writeOrNull(item, write, to);
  };
}

function mapWriter(write: ValueWriter): ValueWriter {
  return (value, to) => {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    to.head(MAJOR.map, entries.length);
    for (const [key, item] of entries) {
      to.text(key);
      writeOrNull(item, write, to);
    }
  };
}

function writeOrNull(value: unknown, write: ValueWriter, to: CborBytes): void {
  if (value === undefined || value === null) to.byte(NULL);
  else write(value, to);
}

/** CBOR items one after another, in a growing buffer. */
class CborBytes {
  private buffer = Buffer.allocUnsafe(1_024);
  private length = 0;

  public get written(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  public byte(value: number): void {
    this.length = this.room(1).writeUInt8(value, this.length);
  }

  /** Writes an item's head: its major type and its value or length, in as few bytes as possible. */
  public head(major: number, value: number): void {
    const type = major << 5;
    const buffer = this.room(9);
    if (value < 24) {
      this.byte(type | value);
    } else if (value < 0x100) {
      this.byte(type | 24);
      this.byte(value);
    } else if (value < 0x10000) {
      this.byte(type | 25);
      this.length = buffer.writeUInt16BE(value, this.length);
    } else if (value < 0x100000000) {
      this.byte(type | 26);
      this.length = buffer.writeUInt32BE(value, this.length);
    } else {
      this.byte(type | 27);
      this.length = buffer.writeBigUInt64BE(BigInt(value), this.length);
    }
  }

  public number(value: number): void {
    if (!Number.isSafeInteger(value)) this.float(value);
    else if (value < 0) this.head(MAJOR.negative, -1 - value);
    else this.head(MAJOR.unsigned, value);
  }

  public float(value: number): void {
    this.byte(FLOAT_64);
    this.length = this.room(8).writeDoubleBE(value, this.length);
  }

  public time(value: Date): void {
    this.head(MAJOR.tag, EPOCH_TIME);
    this.float(value.getTime() / 1_000);
  }

  public text(value: string): void {
    const size = Buffer.byteLength(value);
    this.head(MAJOR.text, size);
    this.room(size).write(value, this.length);
    this.length += size;
  }

  public blob(value: Uint8Array): void {
    this.head(MAJOR.bytes, value.length);
    this.room(value.length).set(value, this.length);
    this.length += value.length;
  }

  private room(size: number): Buffer {
    if (this.length + size > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + size));
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
    }
    return this.buffer;
  }
}
