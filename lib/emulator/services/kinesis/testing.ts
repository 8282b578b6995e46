import { type Shard as ShardOutput } from '@aws-sdk/client-kinesis';
import {
  checkCount,
  count,
  LocalResource,
  type RecordStart,
  resourceKind,
  type ServiceTesting,
  subjectOf,
  type Verdict,
  verdict,
  type WaitOptions,
} from '../../testing';
import type { Kinesis } from './kinesis';

/** A record that was put to a stream. */
export interface StreamRecord {
  /** In emulated milliseconds since the epoch. */
  readonly at: number;
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly partitionKey: string;
}

/** A record that can be read, with its data. */
export interface ReadableRecord extends StreamRecord {
  /** The data as text. */
  readonly data: string;
}

/** A record to put. */
export interface OutgoingRecord {
  /** Text, or any value that is sent as JSON. */
  readonly data: unknown;
  /** @default 'test' */
  readonly partitionKey?: string;
  /** @default - the shard of the partition key */
  readonly explicitHashKey?: string;
}

const MOST = 100_000;

/** The recorded events of one stream. */
export class StreamEvents {
  /** Its latest records, oldest first: at most 100,000; none in the recording mode `summary`. */
  public readonly puts: StreamRecord[] = [];
  /** How many records were put. */
  public putCount = 0;
  /** How many reads and records were refused because a shard's limit was exceeded. */
  public throttledCount = 0;

  constructor(private readonly start: RecordStart) {}

  public put(record: StreamRecord): void {
    this.putCount++;
    if (this.start.mode === 'summary') return;
    this.puts.push(record);
    if (this.puts.length > MOST) this.puts.shift();
  }
}

/** A Kinesis stream of a local cloud. */
export class LocalStream extends LocalResource<Kinesis, StreamEvents> {
  /** All its shards, closed ones included. */
  public get shards(): readonly ShardOutput[] {
    return this.stream.shards(this.service.now).map((shard) => shard.describe());
  }

  /** The records that can be read, in the order of their shards. Takes time in their number. */
  public get records(): readonly ReadableRecord[] {
    const { stream } = this;
    const { now } = this.service;
    return stream.shards(now).flatMap((shard) =>
      shard.readable(now, stream.retention).map(({ at, sequenceNumber, partitionKey, data }) => ({
        ...{ at, shardId: shard.id, sequenceNumber, partitionKey },
        data: Buffer.from(data).toString(),
      })),
    );
  }

  /** The records that were put, oldest first, without their data. */
  public get puts(): readonly StreamRecord[] {
    return this.record.puts;
  }

  /** How many records were put. */
  public get putCount(): number {
    return this.record.putCount;
  }

  /** How many reads and records were refused because a shard's limit was exceeded. */
  public get throttledCount(): number {
    return this.record.throttledCount;
  }

  /** Puts records, bypassing policies, keys, faults and the limits of shards. Text is put as it is, all else as JSON. */
  public put(...records: readonly OutgoingRecord[]): readonly StreamRecord[] {
    const entries = records.map(({ data, partitionKey = 'test', explicitHashKey }) => ({
      data: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
      partitionKey,
      explicitHashKey,
    }));
    return this.service.load(this.name, entries).map(({ at, sequenceNumber, partitionKey, shardId }) => ({
      ...{ at, shardId, sequenceNumber, partitionKey },
    }));
  }

  /**
   * Lets time pass until that many records were put.
   * @throws NotReachedError
   */
  public async waitForPuts(wanted: number, options: WaitOptions = {}): Promise<void> {
    const what = `${this.label} has got ${count(wanted, 'record')}`;
    await this.context.waitUntil(() => this.putCount >= wanted, what, options);
  }

  private get stream() {
    const stream = this.service.directory.named(this.name);
    if (stream === undefined) throw new Error(`the stream ${this.name} has been deleted`);
    return stream;
  }
}

const matchers = {
  /** Of a stream: it has a record whose data is this text, or JSON with these members. */
  toHaveRecord(received: unknown, pattern: unknown): Verdict {
    const stream = subjectOf(LocalStream, received, 'toHaveRecord', 'cloud.stream(…)');
    const { records } = stream;
    const found = records.some(({ data }) => matches(data, pattern));
    const shown = JSON.stringify(pattern);
    return verdict(
      stream,
      found,
      () => `${stream.label} has ${count(records.length, 'record')}, but none with ${shown}`,
      () => `${stream.label} has a record with ${shown}, and was expected not to`,
    );
  },

  /** Of a stream: this many records can be read. */
  toHaveRecordCount(received: unknown, expected: number): Verdict {
    const stream = subjectOf(LocalStream, received, 'toHaveRecordCount', 'cloud.stream(…)');
    checkCount('toHaveRecordCount', 'expected', expected, 0);
    const { length } = stream.records;
    return verdict(
      stream,
      length === expected,
      () => `${stream.label} has ${count(length, 'record')}, expected ${expected}`,
      () => `${stream.label} has ${count(length, 'record')}, and was expected not to`,
    );
  },
};

/** Whether `data` is the pattern, or JSON that has all of its members. */
function matches(data: string, pattern: unknown): boolean {
  if (typeof pattern === 'string') return data === pattern;
  try {
    return contains(JSON.parse(data), pattern);
  } catch {
    return false;
  }
}

function contains(value: unknown, pattern: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) return value === pattern;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(pattern).every(([key, wanted]) =>
    contains((value as Readonly<Record<string, unknown>>)[key], wanted),
  );
}

const kinds = {
  /**
   * Returns a Kinesis stream.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  stream: resourceKind({
    name: 'stream',
    types: ['AWS::Kinesis::Stream'],
    held: ['stream'],
    importedBy: 'streamArn',
    exists: (service: Kinesis, name) => service.directory.named(name) !== undefined,
    handle: LocalStream,
    record: (start: RecordStart) => new StreamEvents(start),
  }),
};

/** What tests get of Kinesis. */
export const testing: ServiceTesting<typeof kinds, typeof matchers> = {
  kinds,
  matchers,
  take(event, recording) {
    const { at, kind, subject, place, detail } = event;
    if (kind === 'kinesis.put') {
      recording.of(kinds.stream, place, subject).put({
        at,
        shardId: String(detail.shard),
        sequenceNumber: String(detail.sequence),
        partitionKey: String(detail.key),
      });
    }
    if (kind === 'kinesis.throttled') {
      recording.of(kinds.stream, place, subject).throttledCount++;
      recording.note(event, `throttled a ${detail.operation} of ${detail.shard}`);
    }
    return undefined;
  },
};
