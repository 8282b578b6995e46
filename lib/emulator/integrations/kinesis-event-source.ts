import { assumedRole, AwsError, type RequestContext } from '../core';
import {
  type Actor,
  executionRole,
  type SourceBatch,
  type SourceShard,
  type StartingPoint,
  type StreamSource,
} from '../services/lambda';
import type { IntegratedRegion } from './index';

const ACTIONS = ['GetRecords', 'GetShardIterator', 'DescribeStream', 'ListShards'];

/** The Kinesis streams of one account and Region, as Lambda's pollers see them: by their ARN, or that of a consumer. */
export class KinesisEventSource implements StreamSource {
  public readonly service = 'kinesis';
  public readonly interval = 1_000;
  public readonly batchInfo = 'KinesisBatchInfo';

  constructor(private readonly place: IntegratedRegion<'kinesis' | 'iam'>) {}

  public exists(arn: string): boolean {
    const { directory } = this.place.api.kinesis;
    return arn.includes('/consumer/') ? directory.consumer(arn) !== undefined : directory.byArn(arn) !== undefined;
  }

  public refusal(arn: string, actor: Actor): string | undefined {
    const { kinesis } = this.place.api;
    const stream = kinesis.directory.byArn(streamArn(arn));
    if (stream === undefined) return undefined;
    try {
      kinesis.checkAccess(stream, ACTIONS, this.callOf(actor));
      return undefined;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return (
        `Cannot access stream ${arn}. Please ensure the role can perform the GetRecords, GetShardIterator, ` +
        'DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.'
      );
    }
  }

  public shards(arn: string): readonly SourceShard[] {
    const { kinesis } = this.place.api;
    const shards = kinesis.directory.byArn(streamArn(arn))?.shards(kinesis.now) ?? [];
    return shards.map(({ id, parents: { parent, adjacent } }) => ({
      id,
      parents: [parent, adjacent].flatMap((shard) => (shard === undefined ? [] : [shard.id])),
    }));
  }

  public start(arn: string, shardId: string, { type, timestamp }: StartingPoint): number {
    const { stream, shard, now } = this.find(arn, shardId);
    if (stream === undefined || shard === undefined) return 0;
    if (type === 'LATEST') return shard.end;
    return type === 'AT_TIMESTAMP'
      ? shard.positionAt(timestamp ?? now, now, stream.retention)
      : shard.oldest(now, stream.retention);
  }

  public hasMore(arn: string, shardId: string, position: number): boolean {
    const { shard } = this.find(arn, shardId);
    return shard !== undefined && (shard.end > position || !shard.open);
  }

  public read(arn: string, actor: Actor, shardId: string, position: number): SourceBatch {
    const { kinesis } = this.place.api;
    const { stream, now, shard } = this.find(arn, shardId);
    const first = Math.max(position, stream === undefined ? 0 : (shard?.oldest(now, stream.retention) ?? 0));
    const ShardIterator = kinesis.iteratorAt(streamArn(arn), shardId, first);
    const { Records = [], NextShardIterator } = kinesis.getRecords({ ShardIterator }, this.callOf(actor));
    const { region } = this.place;
    const identity = executionRole(actor);
    const records = Records.map(({ SequenceNumber = '', PartitionKey = '', Data, ApproximateArrivalTimestamp }) => {
      const at = ApproximateArrivalTimestamp?.getTime() ?? now;
      const bytes = Buffer.from(Data ?? []);
      const metadata = { kinesisSchemaVersion: '1.0', partitionKey: PartitionKey, sequenceNumber: SequenceNumber };
      return {
        sequenceNumber: SequenceNumber,
        key: PartitionKey,
        at,
        json: JSON.stringify({
          kinesis: { ...metadata, data: bytes.toString('base64'), approximateArrivalTimestamp: at / 1_000 },
          eventSource: 'aws:kinesis',
          eventVersion: '1.0',
          eventID: `${shardId}:${SequenceNumber}`,
          eventName: 'aws:kinesis:record',
          invokeIdentityArn: identity,
          awsRegion: region,
          eventSourceARN: arn,
        }),
        filtered: () => ({ ...metadata, data: decoded(bytes), approximateArrivalTimestamp: at / 1_000 }),
      };
    });
    return { first, records, drained: NextShardIterator === undefined };
  }

  public watch(arn: string, listener: () => void): () => void {
    return this.place.api.kinesis.directory.byArn(streamArn(arn))?.watch(listener) ?? (() => undefined);
  }

  public onDeleted(listener: (arn: string) => void): void {
    this.place.api.kinesis.directory.onDeleted(listener);
  }

  private find(arn: string, shardId: string) {
    const { kinesis } = this.place.api;
    const { now } = kinesis;
    const stream = kinesis.directory.byArn(streamArn(arn));
    return { stream, shard: stream?.shard(shardId, now), now };
  }

  // Lambda reads with the function's execution role, by whose policies it is bound.
  private callOf(actor: Actor): RequestContext {
    const { account, region, api } = this.place;
    const role = executionRole(actor);
    const identity = api.iam.roleWith(role);
    const principal = assumedRole(account, role, actor.functionName);
    const endpoint = `https://kinesis.${region}.amazonaws.com`;
    return { account, region, principal, endpoint, ...(identity !== undefined && { identity }) };
  }
}

function streamArn(arn: string): string {
  return arn.replace(/\/consumer\/.*$/, '');
}

/** The data of a record as filters see it: the JSON in it, or its text. */
function decoded(bytes: Buffer): unknown {
  const text = bytes.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
