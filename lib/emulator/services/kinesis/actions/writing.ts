import type {
  PutRecordInput,
  PutRecordOutput,
  PutRecordsInput,
  PutRecordsOutput,
  PutRecordsRequestEntry,
  PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import type { Clock } from '../../../clock';
import type { RequestContext } from '../../../core';
import type { Timeline } from '../../../timeline';
import type { StreamDirectory } from '../directory';
import type { RecordEncryption } from '../encryption';
import { invalidArgument, rateExceeded, rateExceededText, validation } from '../errors';
import { LIMITS } from '../limits';
import { hashKeyOf, parseHashKey } from '../streams/hash-range';
import { type Shard, sizeOf, type StoredRecord } from '../streams/shard';
import { parseSequenceNumber } from '../streams/sequence-number';
import type { Stream } from '../streams/stream';
import { Members } from '../validation';

interface Entry {
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly explicitHashKey?: string;
}

/** A record and its shard. */
export interface LoadedRecord extends StoredRecord {
  readonly shardId: string;
}

const KIBIBYTE = 1_024;

/** PutRecord and PutRecords. */
export class Writing {
  constructor(
    private readonly clock: Clock,
    private readonly timeline: Timeline,
    private readonly directory: StreamDirectory,
    private readonly encryption: RecordEncryption,
  ) {}

  public putRecord(input: PutRecordInput, context: RequestContext): PutRecordOutput {
    const entry = checkEntry(new Members(), input, '');
    const stream = this.directory.readable(input, 'PutRecord', context);
    const size = checkSize(stream, entry, 'data');
    checkOrdering(input.SequenceNumberForOrdering);
    const shard = shardOf(stream, entry);
    const sealedKey = this.encryption.keyFor(stream, context);
    if (!shard.admitWrite(size, this.clock.now())) {
      this.throttled(stream, shard, 1);
      stream.metrics.add('PutRecord.Success', 0);
      throw rateExceeded(shard.id, stream.name, stream.account);
    }
    const record = this.add(stream, shard, entry, size, sealedKey);
    stream.metrics.add('PutRecord.Success', 1);
    stream.metrics.add('PutRecord.Bytes', size, 'Bytes');
    stream.metrics.add('PutRecord.Latency', 0, 'Milliseconds');
    stream.changed();
    return {
      ShardId: shard.id,
      SequenceNumber: record.sequenceNumber,
      EncryptionType: stream.encryption,
    };
  }

  public putRecords(input: PutRecordsInput, context: RequestContext): PutRecordsOutput {
    const given = input.Records ?? [];
    const members = new Members().length('records', given, 1, LIMITS.batchRecords);
    const entries = given.map((entry, index) => checkEntry(members, entry, `records.${index + 1}.member.`));
    const stream = this.directory.readable(input, 'PutRecords', context);
    const sizes = entries.map((entry, index) => checkSize(stream, entry, `records.${index + 1}.member.data`));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total > LIMITS.batchBytes) {
      throw invalidArgument(`Records size exceeds ${LIMITS.batchBytes / 2 ** 20} MB limit`);
    }
    const shards = entries.map((entry) => shardOf(stream, entry));
    const sealedKey = this.encryption.keyFor(stream, context);
    let failed = 0;
    const results = entries.map((entry, index): PutRecordsResultEntry => {
      const shard = shards[index];
      if (!shard.admitWrite(sizes[index], this.clock.now())) {
        failed++;
        this.throttled(stream, shard, 1);
        return {
          ErrorCode: 'ProvisionedThroughputExceededException',
          ErrorMessage: rateExceededText(shard.id, stream.name, stream.account),
        };
      }
      const { sequenceNumber } = this.add(stream, shard, entry, sizes[index], sealedKey);
      return { SequenceNumber: sequenceNumber, ShardId: shard.id };
    });
    this.countBatch(stream, entries.length, failed, total);
    stream.changed();
    return { FailedRecordCount: failed, Records: results, EncryptionType: stream.encryption };
  }

  /** Puts records in the emulator's own name: no policy, key or limit of a shard refuses them. */
  public load(stream: Stream, entries: readonly Entry[]): LoadedRecord[] {
    const records = entries.map((entry) => {
      const size = checkSize(stream, entry, 'data');
      const shard = shardOf(stream, entry);
      return { ...this.add(stream, shard, entry, size), shardId: shard.id };
    });
    stream.changed();
    return records;
  }

  private add(stream: Stream, shard: Shard, entry: Entry, size: number, sealedKey?: Uint8Array): StoredRecord {
    const now = this.clock.now();
    shard.oldest(now, stream.retention);
    const { partitionKey, data } = entry;
    const record = shard.add(partitionKey, data, now, sealedKey);
    count(stream, shard, 'IncomingRecords', 1);
    count(stream, shard, 'IncomingBytes', size, 'Bytes');
    if (this.timeline.observed) {
      const detail = { shard: shard.id, key: partitionKey, sequence: record.sequenceNumber, bytes: data.length };
      this.timeline.record('kinesis.put', stream.name, detail);
    }
    return record;
  }

  private throttled(stream: Stream, shard: Shard, records: number): void {
    count(stream, shard, 'WriteProvisionedThroughputExceeded', records);
    this.timeline.record('kinesis.throttled', stream.name, { shard: shard.id, operation: 'write' });
  }

  private countBatch({ metrics }: Stream, all: number, failed: number, bytes: number): void {
    metrics.add('PutRecords.Success', failed < all ? 1 : 0);
    metrics.add('PutRecords.Records', all - failed);
    metrics.add('PutRecords.TotalRecords', all);
    metrics.add('PutRecords.SuccessfulRecords', all - failed);
    metrics.add('PutRecords.FailedRecords', 0);
    metrics.add('PutRecords.ThrottledRecords', failed);
    metrics.add('PutRecords.Bytes', bytes, 'Bytes');
    metrics.add('PutRecords.Latency', 0, 'Milliseconds');
  }
}

/** Counts a metric of a stream and, if that is enabled, of the shard. */
export function count(stream: Stream, shard: Shard, name: string, value: number, unit = 'Count'): void {
  stream.metrics.add(name, value, unit);
  const enabled = stream.shardMetrics.some((each) => each === 'ALL' || each === name);
  if (enabled) stream.metrics.add(name, value, unit, { ShardId: shard.id });
}

type GivenEntry = Pick<PutRecordsRequestEntry, 'Data' | 'PartitionKey' | 'ExplicitHashKey'>;

function checkEntry(members: Members, { Data, PartitionKey, ExplicitHashKey }: GivenEntry, where: string): Entry {
  members.length(`${where}partitionKey`, PartitionKey, 1, 256);
  if (ExplicitHashKey !== undefined) {
    members.pattern(`${where}explicitHashKey`, ExplicitHashKey, String.raw`0|([1-9]\d{0,38})`);
  }
  members.throwAny();
  return { partitionKey: PartitionKey ?? '', data: Data ?? new Uint8Array(), explicitHashKey: ExplicitHashKey };
}

/** Returns the record's size. */
function checkSize(stream: Stream, entry: Entry, where: string): number {
  const most = stream.recordKibibytes * KIBIBYTE;
  const size = sizeOf(entry);
  if (size <= most) return size;
  throw validation(
    `1 validation error detected: Value at '${where}' failed to satisfy constraint: ` +
      `Member must have length less than or equal to ${most}`,
  );
}

function checkOrdering(sequenceNumber: string | undefined): void {
  if (sequenceNumber === undefined || parseSequenceNumber(sequenceNumber) !== undefined) return;
  throw invalidArgument(`ExclusiveMinimumSequenceNumber ${sequenceNumber} used in PutRecord is invalid.`);
}

function shardOf(stream: Stream, { partitionKey, explicitHashKey }: Entry): Shard {
  // One shard has all hash keys.
  if (explicitHashKey === undefined) {
    return stream.open.length === 1 ? stream.open[0] : stream.shardFor(hashKeyOf(partitionKey));
  }
  const hashKey = parseHashKey(explicitHashKey);
  if (hashKey === undefined) {
    throw invalidArgument(
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${explicitHashKey}`,
    );
  }
  return stream.shardFor(hashKey);
}
