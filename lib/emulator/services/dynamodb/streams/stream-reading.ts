import type {
  DescribeStreamInput,
  DescribeStreamOutput,
  GetRecordsInput,
  GetRecordsOutput,
  GetShardIteratorInput,
  GetShardIteratorOutput,
  ListStreamsInput,
  ListStreamsOutput,
  Shard,
} from '@aws-sdk/client-dynamodb-streams';
import { type Clock, MINUTE } from '../../../clock';
import { expiredIterator, shardNotFound, streamNotFound, trimmedData, validation } from '../errors';
import type { Tables } from '../tables';
import { Violations } from '../violations';
import { parseSequenceNumber, sequenceNumber, type TableStream } from './table-stream';

const ITERATOR_LIFETIME = 15 * MINUTE;
const MOST_RECORDS = 1_000;
const MOST_BYTES = 1_024 * 1_024;
const ITERATOR_TYPES = ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'];

/** Where an iterator stands: it is written in the iterator itself. */
interface Iterator {
  readonly arn: string;
  readonly sequence: number;
  readonly issuedAt: number;
}

/** DynamoDB Streams: reads what {@link TableStream}s have recorded. */
export class StreamReading {
  constructor(
    private readonly clock: Clock,
    private readonly tables: Tables,
  ) {}

  public listStreams({ TableName, Limit = 100, ExclusiveStartStreamArn: after }: ListStreamsInput): ListStreamsOutput {
    checkLimit(Limit, 100);
    const all = this.tables
      .allStreams(this.now)
      .map(({ settings }) => settings)
      .filter(({ tableName }) => TableName === undefined || tableName === TableName);
    const start = after === undefined ? 0 : all.findIndex(({ arn }) => arn === after) + 1;
    const page = all.slice(start, start + Limit);
    return {
      Streams: page.map(({ arn, tableName, label }) => ({ StreamArn: arn, TableName: tableName, StreamLabel: label })),
      ...(start + Limit < all.length && { LastEvaluatedStreamArn: page[page.length - 1].arn }),
    };
  }

  public describeStream({ StreamArn, Limit = 100, ExclusiveStartShardId }: DescribeStreamInput): DescribeStreamOutput {
    checkLimit(Limit, 100);
    const stream = this.stream(StreamArn);
    const { settings, closedAt } = stream;
    return {
      StreamDescription: {
        StreamArn: settings.arn,
        StreamLabel: settings.label,
        StreamStatus: closedAt === undefined ? 'ENABLED' : 'DISABLED',
        StreamViewType: settings.viewType,
        CreationRequestDateTime: new Date(settings.createdAt),
        TableName: settings.tableName,
        KeySchema: [...settings.elements],
        Shards: ExclusiveStartShardId === settings.shardId ? [] : [shardOf(stream)],
      },
    };
  }

  public getShardIterator(input: GetShardIteratorInput): GetShardIteratorOutput {
    const { StreamArn, ShardId, ShardIteratorType: type, SequenceNumber } = input;
    const violations = new Violations();
    violations.required('streamArn', StreamArn);
    violations.required('shardId', ShardId);
    violations.required('shardIteratorType', type);
    violations.oneOf('shardIteratorType', type, ITERATOR_TYPES);
    violations.throwAny();
    const stream = this.stream(StreamArn);
    if (ShardId !== stream.settings.shardId) throw shardNotFound(ShardId ?? '', StreamArn ?? '');
    return { ShardIterator: this.iterator(stream, this.startOf(stream, type ?? '', SequenceNumber)) };
  }

  public getRecords({ ShardIterator, Limit = MOST_RECORDS }: GetRecordsInput): GetRecordsOutput {
    const violations = new Violations();
    violations.required('shardIterator', ShardIterator);
    violations.throwAny();
    checkLimit(Limit, MOST_RECORDS);
    const { arn, sequence, issuedAt } = parseIterator(ShardIterator ?? '');
    if (this.now > issuedAt + ITERATOR_LIFETIME) throw expiredIterator();
    const stream = this.stream(arn);
    if (sequence < stream.oldest(this.now)) throw trimmedData();
    const records = stream.read(sequence, Limit, MOST_BYTES);
    const next = sequence + records.length;
    this.count(stream, records);
    const drained = stream.closedAt !== undefined && next === stream.next;
    return { Records: records, ...(!drained && { NextShardIterator: this.iterator(stream, next) }) };
  }

  /** An iterator for a sequence number, such as that of a reader within the emulator. */
  public iteratorAt(arn: string, sequence: number): string {
    return this.iterator(this.stream(arn), sequence);
  }

  private get now(): number {
    return this.clock.now();
  }

  private stream(arn: string | undefined): TableStream {
    const violations = new Violations();
    if (violations.required('streamArn', arn)) violations.length('streamArn', arn, 37, 1024);
    violations.throwAny();
    const stream = this.tables.stream(arn ?? '', this.now);
    if (stream === undefined) throw streamNotFound(arn ?? '');
    return stream;
  }

  private startOf(stream: TableStream, type: string, text: string | undefined): number {
    const oldest = stream.oldest(this.now);
    if (type === 'TRIM_HORIZON') return oldest;
    if (type === 'LATEST') return stream.next;
    const sequence = text === undefined ? undefined : parseSequenceNumber(text);
    if (sequence === undefined || sequence > stream.next) {
      throw validation(`Invalid SequenceNumber ${text ?? 'null'} for the ShardIteratorType ${type}`);
    }
    if (sequence < oldest) throw trimmedData();
    return type === 'AT_SEQUENCE_NUMBER' ? sequence : sequence + 1;
  }

  private iterator({ settings: { arn } }: TableStream, sequence: number): string {
    const iterator: Iterator = { arn, sequence, issuedAt: this.now };
    return `${arn}|1|${Buffer.from(JSON.stringify(iterator)).toString('base64')}`;
  }

  private count(
    { settings: { tableName, label } }: TableStream,
    records: readonly { dynamodb?: { SizeBytes?: number } }[],
  ) {
    const dimensions = { StreamLabel: label, Operation: 'GetRecords' };
    const metrics = this.tables.find(tableName)?.metrics;
    const bytes = records.reduce((sum, { dynamodb }) => sum + (dynamodb?.SizeBytes ?? 0), 0);
    metrics?.add('ReturnedRecordsCount', records.length, dimensions);
    metrics?.add('ReturnedBytes', bytes, dimensions, 'Bytes');
  }
}

function shardOf({ settings: { shardId }, closedAt, next }: TableStream): Shard {
  return {
    ShardId: shardId,
    SequenceNumberRange: {
      StartingSequenceNumber: sequenceNumber(1),
      ...(closedAt !== undefined && { EndingSequenceNumber: sequenceNumber(Math.max(1, next - 1)) }),
    },
  };
}

function checkLimit(limit: number, most: number): void {
  const violations = new Violations();
  violations.range('limit', limit, 1, most);
  violations.throwAny();
}

function parseIterator(text: string): Iterator {
  try {
    const parsed = JSON.parse(Buffer.from(text.split('|')[2] ?? '', 'base64').toString()) as Partial<Iterator>;
    const { arn, sequence, issuedAt } = parsed;
    if (typeof arn === 'string' && Number.isSafeInteger(sequence) && Number.isSafeInteger(issuedAt)) {
      return parsed as Iterator;
    }
  } catch {
    // Below: it is none of ours.
  }
  throw validation('Invalid ShardIterator');
}
