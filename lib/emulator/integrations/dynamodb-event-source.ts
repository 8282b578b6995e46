import type { _Record } from '@aws-sdk/client-dynamodb-streams';
import { assumedRole, type RequestContext } from '../core';
import { accessOf } from '../core/policy';
import {
  type Actor,
  executionRole,
  type SourceBatch,
  type SourceShard,
  type StartingPoint,
  type StreamSource,
} from '../services/lambda';
import type { IntegratedRegion } from './index';

const ACTIONS = ['GetRecords', 'GetShardIterator', 'DescribeStream'];

/** The streams of DynamoDB's tables in one account and Region, as Lambda's pollers see them. */
export class DynamoDbEventSource implements StreamSource {
  public readonly service = 'dynamodb';
  public readonly interval = 250;
  public readonly batchInfo = 'DDBStreamBatchInfo';

  constructor(private readonly place: IntegratedRegion<'dynamodb' | 'iam'>) {}

  public exists(arn: string): boolean {
    return this.place.api.dynamodb.tableStream(arn) !== undefined;
  }

  public refusal(arn: string, actor: Actor): string | undefined {
    const context = this.callOf(actor);
    const { identity } = context;
    if (identity === undefined) return undefined;
    const { now } = this.place.api.dynamodb;
    const allowed = ACTIONS.every(
      (action) => identity.verdict(accessOf(context, `dynamodb:${action}`, arn, now)) === 'Allow',
    );
    if (allowed) return undefined;
    return (
      `Cannot access stream ${arn}. Please ensure the role can perform the GetRecords, GetShardIterator, ` +
      'DescribeStream, and ListStreams Actions on your stream in IAM.'
    );
  }

  public shards(arn: string): readonly SourceShard[] {
    const stream = this.place.api.dynamodb.tableStream(arn);
    return stream === undefined ? [] : [{ id: stream.settings.shardId, parents: [] }];
  }

  public start(arn: string, _shardId: string, { type }: StartingPoint): number {
    const { dynamodb } = this.place.api;
    const stream = dynamodb.tableStream(arn);
    if (stream === undefined) return 0;
    return type === 'LATEST' ? stream.next : stream.oldest(dynamodb.now);
  }

  public hasMore(arn: string, _shardId: string, position: number): boolean {
    const stream = this.place.api.dynamodb.tableStream(arn);
    return stream !== undefined && (stream.next > position || stream.closedAt !== undefined);
  }

  public read(arn: string, actor: Actor, _shardId: string, position: number): SourceBatch {
    const { dynamodb } = this.place.api;
    const first = Math.max(position, dynamodb.tableStream(arn)?.oldest(dynamodb.now) ?? 0);
    const ShardIterator = dynamodb.iteratorAt(arn, first);
    const { Records = [], NextShardIterator } = dynamodb.getRecords({ ShardIterator }, this.callOf(actor));
    const records = Records.map((record) => {
      const plain = toPlain(record);
      return {
        sequenceNumber: record.dynamodb?.SequenceNumber ?? '',
        key: JSON.stringify(record.dynamodb?.Keys ?? {}),
        at: record.dynamodb?.ApproximateCreationDateTime?.getTime() ?? dynamodb.now,
        json: JSON.stringify({ ...plain, eventSourceARN: arn }),
        filtered: () => plain,
      };
    });
    return { first, records, drained: NextShardIterator === undefined };
  }

  public watch(arn: string, listener: () => void): () => void {
    return this.place.api.dynamodb.tableStream(arn)?.watch(listener) ?? (() => undefined);
  }

  /** A stream outlives its table: it is gone when its records are. */
  public onDeleted(): void {
    // Nobody can tell the difference: its mapping has nothing more to read.
  }

  // Lambda reads with the function's execution role, by whose policies it is bound.
  private callOf(actor: Actor): RequestContext {
    const { account, region, api } = this.place;
    const role = executionRole(actor);
    const identity = api.iam.roleWith(role);
    const principal = assumedRole(account, role, actor.functionName);
    const endpoint = `https://streams.dynamodb.${region}.amazonaws.com`;
    return { account, region, principal, endpoint, ...(identity !== undefined && { identity }) };
  }
}

/** A record as JSON: bytes in base64, times in seconds. */
function toPlain(record: _Record): object {
  return plain(record) as object;
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return value.getTime() / 1_000;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => (each === undefined ? [] : [[name, plain(each)]])),
  );
}
