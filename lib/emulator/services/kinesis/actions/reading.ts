import type {
  _Record,
  ChildShard,
  GetRecordsInput,
  GetRecordsOutput,
  GetShardIteratorInput,
  GetShardIteratorOutput,
  StartingPosition,
} from '@aws-sdk/client-kinesis';
import type { Clock } from '../../../clock';
import { formatArn, type RequestContext } from '../../../core';
import type { Timeline } from '../../../timeline';
import type { StreamDirectory } from '../directory';
import type { RecordEncryption } from '../encryption';
import { expiredIterator, invalidArgument, notFound, rateExceeded } from '../errors';
import { LIMITS } from '../limits';
import { parseSequenceNumber } from '../streams/sequence-number';
import type { Shard, StoredRecord } from '../streams/shard';
import type { Stream } from '../streams/stream';
import { Members } from '../validation';
import { count } from './writing';

const TYPES = ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_TIMESTAMP', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'];

/** Where an iterator stands: it is written in the iterator itself. */
interface Iterator {
  readonly account: string;
  readonly region: string;
  readonly stream: string;
  /** When the stream was created: a later one of the same name is another. */
  readonly created: number;
  readonly shard: string;
  readonly position: number;
  readonly issuedAt: number;
}

/** GetShardIterator and GetRecords. */
export class Reading {
  constructor(
    private readonly clock: Clock,
    private readonly timeline: Timeline,
    private readonly directory: StreamDirectory,
    private readonly encryption: RecordEncryption,
  ) {}

  public getShardIterator(input: GetShardIteratorInput, context: RequestContext): GetShardIteratorOutput {
    const { ShardId, ShardIteratorType: type, StartingSequenceNumber: sequence } = input;
    new Members()
      .oneOf('shardIteratorType', type, TYPES)
      .length('shardId', ShardId, 1, 128)
      .pattern('shardId', ShardId === '' ? undefined : ShardId, '[a-zA-Z0-9_.-]+')
      .throwAny();
    const stream = this.directory.readable(input, 'GetShardIterator', context);
    const shard = this.shard(stream, ShardId ?? '');
    const position = this.positionOf(stream, shard, {
      Type: type,
      SequenceNumber: sequence,
      Timestamp: input.Timestamp,
    });
    return { ShardIterator: this.iterator(stream, shard, position) };
  }

  public getRecords(input: GetRecordsInput, context: RequestContext): GetRecordsOutput {
    const { Limit = LIMITS.readRecords, ShardIterator = '' } = input;
    new Members()
      .range('limit', Limit, 1, LIMITS.readRecords)
      .length('shardIterator', ShardIterator, 1, 512)
      .throwAny();
    const iterator = parseIterator(ShardIterator);
    const { account, region, stream: name } = iterator;
    const StreamARN = formatArn('kinesis', region, account, `stream/${name}`);
    const stream = this.directory.readable({ StreamARN }, 'GetRecords', context);
    const now = this.clock.now();
    if (now - iterator.issuedAt > LIMITS.iteratorLifetime) {
      throw expiredIterator(iterator.issuedAt, now, LIMITS.iteratorLifetime);
    }
    if (stream.createdAt !== iterator.created) throw invalidArgument('Invalid ShardIterator.');
    const shard = this.shard(stream, iterator.shard);
    if (!shard.admitRead(now)) {
      count(stream, shard, 'ReadProvisionedThroughputExceeded', 1);
      stream.metrics.add('GetRecords.Success', 0);
      this.timeline.record('kinesis.throttled', stream.name, { shard: shard.id, operation: 'read' });
      throw rateExceeded(shard.id, stream.name, stream.account);
    }
    shard.oldest(now, stream.retention);
    const { first, records, bytes } = shard.read(iterator.position, Limit, LIMITS.readBytes);
    this.encryption.open(stream, records, context);
    shard.hasRead(bytes, now);
    const next = first + records.length;
    const behind = behindLatest(shard, next, records, now);
    this.countRead(stream, shard, records, bytes, now);
    const drained = !shard.open && next >= shard.end;
    return {
      Records: records.map(toRecord),
      MillisBehindLatest: behind,
      ...(drained ? { ChildShards: childShards(shard) } : { NextShardIterator: this.iterator(stream, shard, next) }),
    };
  }

  /** The shard of a request. @throws AwsError ResourceNotFoundException */
  public shard(stream: Stream, id: string): Shard {
    const number = /^(?:[a-zA-Z0-9_.-]+-)?(\d{1,12})$/.exec(id)?.[1];
    const found = number && stream.shard(`shardId-${number.padStart(12, '0')}`, this.clock.now());
    if (found) return found;
    throw notFound(`Shard ${id} in stream ${stream.name} under account ${stream.account} does not exist`);
  }

  /** The position in a shard from which a consumer starts. */
  public positionOf(stream: Stream, shard: Shard, { Type: type, SequenceNumber, Timestamp }: StartingPosition): number {
    const now = this.clock.now();
    const { retention } = stream;
    switch (type) {
      case 'TRIM_HORIZON':
      case 'LATEST':
        if (SequenceNumber !== undefined) throw invalidCombination(String(type), true);
        return type === 'LATEST' ? shard.end : shard.oldest(now, retention);
      case 'AT_TIMESTAMP':
        if (Timestamp === undefined) {
          throw invalidArgument(
            'Must specify timestamp parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.',
          );
        }
        if (Timestamp.getTime() > now) {
          throw invalidArgument('The timestamp parameter cannot be in the future.');
        }
        return shard.positionAt(Timestamp.getTime(), now, retention);
      default: {
        if (SequenceNumber === undefined) throw invalidCombination(String(type), false);
        const position = this.positionOfSequence(stream, shard, SequenceNumber);
        return type === 'AFTER_SEQUENCE_NUMBER' ? position + 1 : Math.max(position, 0);
      }
    }
  }

  /** An iterator at a position, issued now. */
  public iterator(stream: Stream, shard: Shard, position: number): string {
    const { region, account } = arnPlace(stream.arn);
    const iterator: Iterator = {
      account,
      region,
      stream: stream.name,
      created: stream.createdAt,
      shard: shard.id,
      position,
      issuedAt: this.clock.now(),
    };
    return Buffer.from(JSON.stringify(iterator)).toString('base64');
  }

  private positionOfSequence(stream: Stream, shard: Shard, text: string): number {
    const parts = parseSequenceNumber(text);
    const where = `StartingSequenceNumber ${text} used in GetShardIterator on shard ${shard.id} in stream ${stream.name} under account ${stream.account} is invalid`;
    if (parts === undefined) throw invalidArgument(`${where}.`);
    if (parts.shard !== shard.number) {
      const encoded = `shardId-${String(parts.shard).padStart(12, '0')}`;
      throw invalidArgument(
        `Invalid StartingSequenceNumber. It encodes ${encoded}, while it was used in a call to a shard with ${shard.id}`,
      );
    }
    if (parts.shardCreated !== shard.createdSecond) {
      throw invalidArgument(`${where} because it did not come from this stream.`);
    }
    if (parts.position === Infinity) return shard.end;
    if (parts.position > shard.end) throw invalidArgument(`${where}.`);
    return parts.position - 1;
  }

  private countRead(stream: Stream, shard: Shard, records: readonly StoredRecord[], bytes: number, now: number): void {
    const { metrics } = stream;
    metrics.add('GetRecords.Success', 1);
    metrics.add('GetRecords.Records', records.length);
    metrics.add('GetRecords.Bytes', bytes, 'Bytes');
    metrics.add('GetRecords.Latency', 0, 'Milliseconds');
    count(stream, shard, 'OutgoingRecords', records.length);
    count(stream, shard, 'OutgoingBytes', bytes, 'Bytes');
    const age = records.length === 0 ? 0 : now - records[records.length - 1].at;
    metrics.add('GetRecords.IteratorAgeMilliseconds', age, 'Milliseconds');
    if (stream.shardMetrics.some((name) => name === 'ALL' || name === 'IteratorAgeMilliseconds')) {
      metrics.add('IteratorAgeMilliseconds', age, 'Milliseconds', { ShardId: shard.id });
    }
  }
}

/** A record as the API returns it. */
export function toRecord({ sequenceNumber, at, data, partitionKey, sealedKey }: StoredRecord): _Record {
  return {
    SequenceNumber: sequenceNumber,
    ApproximateArrivalTimestamp: new Date(at),
    Data: data,
    PartitionKey: partitionKey,
    ...(sealedKey !== undefined && { EncryptionType: 'KMS' as const }),
  };
}

/** How far a reader is behind the end of the shard, in milliseconds. */
export function behindLatest(shard: Shard, next: number, records: readonly StoredRecord[], now: number): number {
  if (next >= shard.end || records.length === 0) return 0;
  return now - records[records.length - 1].at;
}

/** The children of a closed shard, which are read after it. */
export function childShards({ children }: Shard): ChildShard[] {
  return children.map(({ id, parents: { parent, adjacent }, range }) => ({
    ShardId: id,
    ParentShards: [parent, adjacent].flatMap((shard) => (shard === undefined ? [] : [shard.id])),
    HashKeyRange: { StartingHashKey: String(range.start), EndingHashKey: String(range.end) },
  }));
}

function arnPlace(arn: string): { readonly region: string; readonly account: string } {
  const [, , , region, account] = arn.split(':');
  return { region, account };
}

function parseIterator(text: string): Iterator {
  try {
    const parsed = JSON.parse(Buffer.from(text, 'base64').toString()) as Partial<Iterator>;
    const { account, region, stream, shard, position, issuedAt } = parsed;
    const texts = [account, region, stream, shard].every((part) => typeof part === 'string');
    if (texts && Number.isSafeInteger(position) && Number.isSafeInteger(issuedAt)) return parsed as Iterator;
  } catch {
    // Below: it is none of ours.
  }
  throw invalidArgument('Invalid ShardIterator.');
}

function invalidCombination(type: string, given: boolean) {
  return invalidArgument(
    'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) ' +
      `TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified ${type} and ` +
      `${given ? 'also a' : 'no'} StartingSequenceNumber.`,
  );
}
