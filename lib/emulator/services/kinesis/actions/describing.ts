import type {
  DescribeLimitsOutput,
  DescribeStreamInput,
  DescribeStreamOutput,
  DescribeStreamSummaryInput,
  DescribeStreamSummaryOutput,
  ListShardsInput,
  ListShardsOutput,
  ListStreamsInput,
  ListStreamsOutput,
  ShardFilter,
} from '@aws-sdk/client-kinesis';
import type { Clock } from '../../../clock';
import { AwsError, type RequestContext } from '../../../core';
import type { StreamDirectory } from '../directory';
import { invalidArgument, validation } from '../errors';
import { type KinesisLimits, LIMITS } from '../limits';
import type { Shard } from '../streams/shard';
import type { Stream } from '../streams/stream';
import { Members } from '../validation';

/** What a NextToken of ListShards says. */
interface ShardToken {
  readonly stream: string;
  readonly created: number;
  readonly after: string;
  readonly filter?: ShardFilter;
  readonly issuedAt: number;
}

const FILTERS = [
  'AFTER_SHARD_ID',
  'AT_TRIM_HORIZON',
  'FROM_TRIM_HORIZON',
  'AT_LATEST',
  'AT_TIMESTAMP',
  'FROM_TIMESTAMP',
];

/** Descriptions and lists of streams and shards. */
export class Describing {
  constructor(
    private readonly clock: Clock,
    private readonly directory: StreamDirectory,
    private readonly limits: KinesisLimits,
  ) {}

  public describeStream(input: DescribeStreamInput, context: RequestContext): DescribeStreamOutput {
    const { Limit = 100, ExclusiveStartShardId: after } = input;
    new Members().range('limit', Limit, 1, 10_000).throwAny();
    const stream = this.directory.find(input, 'DescribeStream', context);
    // On AWS, no page has more than 100 shards, whatever the limit.
    const size = Math.min(Limit, 100);
    const all = stream.status === 'CREATING' ? [] : this.after(stream, after);
    return {
      StreamDescription: {
        ...this.common(stream),
        Shards: all.slice(0, size).map((shard) => shard.describe()),
        HasMoreShards: all.length > size,
      },
    };
  }

  public describeStreamSummary(
    input: DescribeStreamSummaryInput,
    context: RequestContext,
  ): DescribeStreamSummaryOutput {
    const stream = this.directory.find(input, 'DescribeStreamSummary', context);
    return {
      StreamDescriptionSummary: {
        ...this.common(stream),
        OpenShardCount: stream.status === 'CREATING' ? 0 : stream.open.length,
        ConsumerCount: stream.consumers.size,
        MaxRecordSizeInKiB: stream.recordKibibytes,
      },
    };
  }

  public describeLimits(): DescribeLimitsOutput {
    const all = this.directory.all();
    const provisioned = all.filter(({ mode }) => mode === 'PROVISIONED');
    return {
      ShardLimit: this.limits.shards,
      OpenShardCount: provisioned.reduce((sum, { open }) => sum + open.length, 0),
      OnDemandStreamCount: all.length - provisioned.length,
      OnDemandStreamCountLimit: LIMITS.onDemandStreams,
    };
  }

  public listStreams(input: ListStreamsInput): ListStreamsOutput {
    const { Limit = 100, ExclusiveStartStreamName, NextToken } = input;
    new Members().range('limit', Limit, 1, 10_000).throwAny();
    const after = NextToken === undefined ? ExclusiveStartStreamName : Buffer.from(NextToken, 'base64').toString();
    const all = this.directory.all().filter(({ name }) => after === undefined || name > after);
    const streams = all.slice(0, Limit);
    const more = all.length > Limit;
    return {
      StreamNames: streams.map(({ name }) => name),
      HasMoreStreams: more,
      ...(more && { NextToken: Buffer.from(streams[streams.length - 1].name).toString('base64') }),
      StreamSummaries: streams.map((stream) => ({
        StreamName: stream.name,
        StreamARN: stream.arn,
        StreamStatus: stream.status,
        StreamModeDetails: { StreamMode: stream.mode },
        StreamCreationTimestamp: new Date(stream.createdAt),
      })),
    };
  }

  public listShards(input: ListShardsInput, context: RequestContext): ListShardsOutput {
    const { MaxResults = 1_000, NextToken, StreamName, StreamARN, ExclusiveStartShardId, ShardFilter: filter } = input;
    new Members()
      .range('maxResults', MaxResults, 1, 10_000)
      .oneOf('shardFilter.type', filter?.Type, FILTERS)
      .throwAny();
    if (NextToken !== undefined && (StreamName ?? StreamARN) !== undefined) {
      throw invalidArgument('NextToken and StreamName cannot be provided together.');
    }
    const token = NextToken === undefined ? undefined : this.parseToken(NextToken);
    const reference = token === undefined ? { StreamName, StreamARN } : { StreamARN: token.stream };
    const stream = this.directory.find(reference, 'ListShards', context);
    if (token !== undefined && token.created !== stream.createdAt) throw invalidArgument('NextToken is invalid.');
    const chosen = token === undefined ? filter : token.filter;
    const matching = this.filtered(stream, chosen);
    const after = token?.after ?? ExclusiveStartShardId;
    const rest = after === undefined ? matching : matching.filter(({ id }) => id > after);
    const items = rest.slice(0, MaxResults);
    return {
      Shards: items.map((shard) => shard.describe()),
      ...(rest.length > items.length && { NextToken: this.token(stream, items[items.length - 1], chosen) }),
    };
  }

  private common(stream: Stream) {
    return {
      StreamName: stream.name,
      StreamARN: stream.arn,
      StreamStatus: stream.status,
      StreamModeDetails: { StreamMode: stream.mode },
      RetentionPeriodHours: stream.retentionHours,
      StreamCreationTimestamp: new Date(stream.createdAt),
      EnhancedMonitoring: [{ ShardLevelMetrics: [...stream.shardMetrics] }],
      EncryptionType: stream.encryption,
      ...(stream.keyId !== undefined && { KeyId: stream.keyId }),
    };
  }

  private after(stream: Stream, id: string | undefined): readonly Shard[] {
    const all = stream.shards(this.clock.now());
    return id === undefined ? all : all.filter((shard) => shard.id > id);
  }

  private filtered(stream: Stream, filter: ShardFilter | undefined): readonly Shard[] {
    const now = this.clock.now();
    const all = stream.status === 'CREATING' ? [] : stream.shards(now);
    const openAt = (time: number) => (shard: Shard) =>
      shard.createdAt <= time && (shard.closedAt === undefined || shard.closedAt > time);
    switch (filter?.Type) {
      case 'AFTER_SHARD_ID': {
        const { ShardId } = filter;
        if (ShardId === undefined) throw validation('ShardId must be provided with a shard filter AFTER_SHARD_ID.');
        return all.filter(({ id }) => id > ShardId);
      }
      case 'AT_LATEST':
        return all.filter((shard) => shard.open);
      case 'AT_TRIM_HORIZON':
        return all.filter(openAt(Math.max(stream.createdAt, now - stream.retention)));
      case 'AT_TIMESTAMP':
      case 'FROM_TIMESTAMP': {
        const time = filter.Timestamp?.getTime();
        if (time === undefined) throw validation(`Timestamp must be provided with a shard filter ${filter.Type}.`);
        if (filter.Type === 'AT_TIMESTAMP') return all.filter(openAt(time));
        return all.filter(({ closedAt = Infinity }) => closedAt > time);
      }
      default:
        return all;
    }
  }

  private token(stream: Stream, last: Shard, filter: ShardFilter | undefined): string {
    const token: ShardToken = {
      stream: stream.arn,
      created: stream.createdAt,
      after: last.id,
      filter,
      issuedAt: this.clock.now(),
    };
    return Buffer.from(JSON.stringify(token)).toString('base64');
  }

  private parseToken(text: string): ShardToken {
    const token = readToken(text);
    if (token === undefined) throw invalidArgument('NextToken is invalid.');
    if (this.clock.now() - token.issuedAt > LIMITS.tokenLifetime) {
      throw new AwsError('ExpiredNextTokenException', 'The NextToken has expired: it is valid for 300 seconds.');
    }
    const { filter } = token;
    if (filter?.Timestamp === undefined) return token;
    return { ...token, filter: { ...filter, Timestamp: new Date(filter.Timestamp) } };
  }
}

function readToken(text: string): ShardToken | undefined {
  try {
    const token = JSON.parse(Buffer.from(text, 'base64').toString()) as Partial<ShardToken> | null;
    return typeof token?.stream === 'string' && typeof token.after === 'string' ? (token as ShardToken) : undefined;
  } catch {
    return undefined;
  }
}
