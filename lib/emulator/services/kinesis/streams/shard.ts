import type { Shard as ShardOutput } from '@aws-sdk/client-kinesis';
import { SECOND } from '../../../clock';
import type { KinesisLimits } from '../limits';
import type { HashRange } from './hash-range';
import { Rate } from './rate';
import { sequenceNumber } from './sequence-number';

/** A record of a stream. */
export interface StoredRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** When it arrived, in milliseconds since the epoch. */
  readonly at: number;
  /** The encrypted data key, if the stream was encrypted when it arrived. */
  readonly sealedKey?: Uint8Array;
}

/** Records of one read. */
export interface ReadRecords {
  /** The position of the first of them. */
  readonly first: number;
  readonly records: readonly StoredRecord[];
  readonly bytes: number;
}

/** The shards that a shard was made of. */
export interface Parents {
  readonly parent?: Shard;
  readonly adjacent?: Shard;
}

/** The bytes of a record that count for limits: its data and its partition key. */
export function sizeOf({ data, partitionKey }: Pick<StoredRecord, 'data' | 'partitionKey'>): number {
  return data.length + Buffer.byteLength(partitionKey);
}

/** An ordered part of a stream. Records have positions, from 0. */
export class Shard {
  public readonly id: string;
  /** When it was closed by a split or a merge; undefined while it is open. */
  public closedAt?: number;
  /** The shards that took its place. */
  public readonly children: Shard[] = [];
  private records: StoredRecord[] = [];
  /** How many of {@link records} are past the retention period. */
  private trimmed = 0;
  /** The position of the first of {@link records}. */
  private base = 0;
  private readonly writtenRecords: Rate;
  private readonly writtenBytes: Rate;
  private readonly reads: Rate;
  private readonly readBytes: Rate;
  private readableFrom = -Infinity;

  constructor(
    public readonly number: number,
    public readonly range: HashRange,
    public readonly createdAt: number,
    public readonly parents: Parents,
    limits: KinesisLimits,
  ) {
    this.id = `shardId-${String(number).padStart(12, '0')}`;
    this.writtenRecords = new Rate(limits.recordsPerSecond, createdAt);
    this.writtenBytes = new Rate(limits.writtenBytesPerSecond, createdAt);
    this.reads = new Rate(limits.readsPerSecond, createdAt);
    this.readBytes = new Rate(limits.readBytesPerSecond, createdAt);
    this.bytesPerSecond = limits.readBytesPerSecond;
  }

  private readonly bytesPerSecond: number;

  public get open(): boolean {
    return this.closedAt === undefined;
  }

  /** The position that the next record gets. */
  public get end(): number {
    return this.base + this.records.length;
  }

  /** When it was created, as its sequence numbers encode it, in seconds. Those of children follow their parents'. */
  public get createdSecond(): number {
    return Math.floor(this.createdAt / SECOND) + (this.parents.parent === undefined ? 0 : 1);
  }

  /** The position of the oldest record that can be read, or {@link end}. */
  public oldest(now: number, retention: number): number {
    const { records } = this;
    while (this.trimmed < records.length && records[this.trimmed].at <= now - retention) this.trimmed++;
    if (this.trimmed > 1_000 && this.trimmed * 2 > records.length) {
      records.splice(0, this.trimmed);
      this.base += this.trimmed;
      this.trimmed = 0;
    }
    return this.base + this.trimmed;
  }

  /** The records that can be read, oldest first. */
  public readable(now: number, retention: number): readonly StoredRecord[] {
    return this.records.slice(this.oldest(now, retention) - this.base);
  }

  /** Counts a record against the shard's rates. Returns false, and counts nothing, if it exceeds them. */
  public admitWrite(bytes: number, now: number): boolean {
    if (!this.writtenRecords.allows(1, now) || !this.writtenBytes.allows(bytes, now)) return false;
    this.writtenRecords.take(1);
    this.writtenBytes.take(bytes);
    return true;
  }

  /** Counts a read against the shard's rates. Returns false if it exceeds them. */
  public admitRead(now: number): boolean {
    if (now < this.readableFrom || !this.reads.allows(1, now) || !this.readBytes.allows(1, now)) return false;
    this.reads.take(1);
    return true;
  }

  /** Counts the bytes that a read returned. More than one second's worth keeps the shard from being read. */
  public hasRead(bytes: number, now: number): void {
    if (bytes <= this.bytesPerSecond) this.readBytes.take(bytes);
    else this.readableFrom = now + (bytes / this.bytesPerSecond) * SECOND;
  }

  public add(partitionKey: string, data: Uint8Array, at: number, sealedKey?: Uint8Array): StoredRecord {
    const position = this.end + 1;
    const number = sequenceNumber({ shardCreated: this.createdSecond, shard: this.number, position }, at);
    const record = { sequenceNumber: number, partitionKey, data, at, ...(sealedKey !== undefined && { sealedKey }) };
    this.records.push(record);
    return record;
  }

  /** At most `limit` records from a position on, and as many as `bytes` allow, but at least one. */
  public read(from: number, limit: number, bytes: number): ReadRecords {
    const first = Math.max(from, this.base + this.trimmed);
    const start = first - this.base;
    let end = start;
    let total = 0;
    while (end < this.records.length && end - start < limit) {
      const size = sizeOf(this.records[end]);
      if (total + size > bytes && end > start) break;
      total += size;
      end++;
    }
    return { first, records: this.records.slice(start, end), bytes: total };
  }

  /** The position of the first record that arrived at a time or later. */
  public positionAt(time: number, now: number, retention: number): number {
    const oldest = this.oldest(now, retention) - this.base;
    let [low, high] = [oldest, this.records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.records[middle].at < time) low = middle + 1;
      else high = middle;
    }
    return this.base + low;
  }

  /** When the latest record arrived; undefined if none is kept. */
  public get latestArrival(): number | undefined {
    return this.records.at(-1)?.at;
  }

  public close(at: number): void {
    this.closedAt = at;
  }

  /** As the API describes it. */
  public describe(): ShardOutput {
    const { createdSecond: shardCreated, number: shard, parents, range } = this;
    const start = { shardCreated, shard, position: 0 };
    return {
      ShardId: this.id,
      ...(parents.parent !== undefined && { ParentShardId: parents.parent.id }),
      ...(parents.adjacent !== undefined && { AdjacentParentShardId: parents.adjacent.id }),
      HashKeyRange: { StartingHashKey: String(range.start), EndingHashKey: String(range.end) },
      SequenceNumberRange: {
        StartingSequenceNumber: sequenceNumber(start, this.createdAt),
        ...(!this.open && { EndingSequenceNumber: sequenceNumber(start, undefined) }),
      },
    };
  }
}
