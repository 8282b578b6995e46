import type {
  AddTagsToStreamInput,
  CreateStreamInput,
  DecreaseStreamRetentionPeriodInput,
  DeleteResourcePolicyInput,
  DeleteStreamInput,
  DeregisterStreamConsumerInput,
  DescribeLimitsInput,
  DescribeLimitsOutput,
  DescribeStreamConsumerInput,
  DescribeStreamConsumerOutput,
  DescribeStreamInput,
  DescribeStreamOutput,
  DescribeStreamSummaryInput,
  DescribeStreamSummaryOutput,
  DisableEnhancedMonitoringInput,
  EnableEnhancedMonitoringInput,
  EnhancedMonitoringOutput,
  GetRecordsInput,
  GetRecordsOutput,
  GetResourcePolicyInput,
  GetResourcePolicyOutput,
  GetShardIteratorInput,
  GetShardIteratorOutput,
  IncreaseStreamRetentionPeriodInput,
  ListShardsInput,
  ListShardsOutput,
  ListStreamConsumersInput,
  ListStreamConsumersOutput,
  ListStreamsInput,
  ListStreamsOutput,
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  ListTagsForStreamInput,
  ListTagsForStreamOutput,
  MergeShardsInput,
  MetricsName,
  PutRecordInput,
  PutRecordOutput,
  PutRecordsInput,
  PutRecordsOutput,
  PutResourcePolicyInput,
  RegisterStreamConsumerInput,
  RegisterStreamConsumerOutput,
  RemoveTagsFromStreamInput,
  SplitShardInput,
  StartStreamEncryptionInput,
  StopStreamEncryptionInput,
  TagResourceInput,
  UntagResourceInput,
  UpdateMaxRecordSizeInput,
  UpdateShardCountInput,
  UpdateShardCountOutput,
  UpdateStreamModeInput,
} from '@aws-sdk/client-kinesis';
import type { Clock } from '../../clock';
import type { MetricDatum, RequestContext } from '../../core';
import type { Timeline } from '../../timeline';
import type { IdleParticipant, ServiceInstance } from '../service-definition';
import { Consumers } from './actions/consumers';
import { Describing } from './actions/describing';
import { Reading } from './actions/reading';
import { Resharding } from './actions/resharding';
import { type LoadedRecord, Writing } from './actions/writing';
import { authorize, compilePolicy, type Guarded } from './authorization';
import { StreamDirectory } from './directory';
import { RecordEncryption } from './encryption';
import { invalidArgument, limitExceeded, notFound } from './errors';
import { AWS_LIMITS, type KinesisLimits, LIMITS } from './limits';
import type { StreamKeys } from './ports';
import type { Consumer } from './streams/consumer';
import type { Stream } from './streams/stream';
import { checkStreamName, Members, putTags } from './validation';

/** What {@link Kinesis} needs. */
export interface KinesisDependencies {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly keys: () => StreamKeys;
  /** The service of another account or Region, if that has begun. */
  readonly elsewhere: (account: string, region: string) => Kinesis | undefined;
  /** @default - AWS's limits */
  readonly limits?: Partial<KinesisLimits>;
}

/** A stream and what it holds. */
export interface StreamStatusView {
  readonly name: string;
  readonly state: string;
  readonly shards: number;
  /** Records that can be read. */
  readonly records: number;
}

const SHARD_METRICS: readonly MetricsName[] = [
  'IncomingBytes',
  'IncomingRecords',
  'OutgoingBytes',
  'OutgoingRecords',
  'WriteProvisionedThroughputExceeded',
  'ReadProvisionedThroughputExceeded',
  'IteratorAgeMilliseconds',
];

/** Amazon Kinesis Data Streams in one account and Region. Each action takes and returns the SDK's types. */
export class Kinesis implements ServiceInstance {
  /** Its streams. */
  public readonly directory: StreamDirectory;
  private readonly limits: KinesisLimits;
  private readonly writing: Writing;
  private readonly reading: Reading;
  private readonly resharding: Resharding;
  private readonly consumers: Consumers;
  private readonly describing: Describing;

  constructor(private readonly dependencies: KinesisDependencies) {
    const { clock, timeline, account, region, keys, elsewhere } = dependencies;
    this.limits = { ...AWS_LIMITS, ...dependencies.limits };
    const { limits } = this;
    const other = (ofAccount: string, ofRegion: string) => elsewhere(ofAccount, ofRegion)?.directory;
    this.directory = new StreamDirectory({ clock, timeline, account, region, limits, elsewhere: other });
    const encryption = new RecordEncryption(keys, clock);
    this.writing = new Writing(clock, timeline, this.directory, encryption);
    this.reading = new Reading(clock, timeline, this.directory, encryption);
    this.resharding = new Resharding(clock, timeline, this.directory, limits);
    this.consumers = new Consumers(clock, timeline, this.directory, limits);
    this.describing = new Describing(clock, this.directory, limits);
  }

  public createStream(input: CreateStreamInput, _context: RequestContext): void {
    const { StreamName: name = '', ShardCount: shards, StreamModeDetails, Tags = {}, MaxRecordSizeInKiB } = input;
    const { recordKibibytes, retentionHours } = LIMITS;
    checkStreamName(name);
    new Members()
      .range('shardCount', shards, 1)
      .oneOf('streamModeDetails.streamMode', StreamModeDetails?.StreamMode, ['PROVISIONED', 'ON_DEMAND'])
      .range('maxRecordSizeInKiB', MaxRecordSizeInKiB, recordKibibytes.least, recordKibibytes.most)
      .throwAny();
    const mode = StreamModeDetails?.StreamMode ?? (shards === undefined ? 'ON_DEMAND' : 'PROVISIONED');
    if (mode === 'ON_DEMAND' && shards !== undefined) {
      throw invalidArgument(`ShardCount must not be specified for a stream in On-Demand mode.`);
    }
    if (mode === 'PROVISIONED' && shards === undefined) {
      throw invalidArgument('ShardCount must be specified for a stream in Provisioned mode.');
    }
    this.directory.checkFree(name);
    if (mode === 'PROVISIONED') this.resharding.checkShards(shards ?? 0);
    else this.checkOnDemand();
    const tags = new Map<string, string>();
    putTags(tags, Tags);
    const stream = this.directory.create({
      ...{ name, mode },
      shards: shards ?? LIMITS.onDemandShards,
      recordKibibytes: MaxRecordSizeInKiB ?? recordKibibytes.least,
      retentionHours: retentionHours.least,
    });
    for (const [key, value] of tags) stream.tags.set(key, value);
  }

  public deleteStream(input: DeleteStreamInput, context: RequestContext): void {
    const stream = this.directory.find(input, 'DeleteStream', context);
    if (stream.status === 'DELETING') return;
    if (stream.consumers.size > 0 && input.EnforceConsumerDeletion !== true) {
      const { name, account } = stream;
      throw invalidArgument(
        `Stream ${name} under account ${account} has registered consumers; set EnforceConsumerDeletion to delete it.`,
      );
    }
    this.directory.delete(stream);
  }

  public putRecord(input: PutRecordInput, context: RequestContext): PutRecordOutput {
    return this.writing.putRecord(input, context);
  }

  public putRecords(input: PutRecordsInput, context: RequestContext): PutRecordsOutput {
    return this.writing.putRecords(input, context);
  }

  public getShardIterator(input: GetShardIteratorInput, context: RequestContext): GetShardIteratorOutput {
    return this.reading.getShardIterator(input, context);
  }

  public getRecords(input: GetRecordsInput, context: RequestContext): GetRecordsOutput {
    return this.reading.getRecords(input, context);
  }

  public describeStream(input: DescribeStreamInput, context: RequestContext): DescribeStreamOutput {
    return this.describing.describeStream(input, context);
  }

  public describeStreamSummary(
    input: DescribeStreamSummaryInput,
    context: RequestContext,
  ): DescribeStreamSummaryOutput {
    return this.describing.describeStreamSummary(input, context);
  }

  public describeLimits(_input: DescribeLimitsInput, _context: RequestContext): DescribeLimitsOutput {
    return this.describing.describeLimits();
  }

  public listStreams(input: ListStreamsInput, _context: RequestContext): ListStreamsOutput {
    return this.describing.listStreams(input);
  }

  public listShards(input: ListShardsInput, context: RequestContext): ListShardsOutput {
    return this.describing.listShards(input, context);
  }

  public splitShard(input: SplitShardInput, context: RequestContext): void {
    this.resharding.splitShard(input, context);
  }

  public mergeShards(input: MergeShardsInput, context: RequestContext): void {
    this.resharding.mergeShards(input, context);
  }

  public updateShardCount(input: UpdateShardCountInput, context: RequestContext): UpdateShardCountOutput {
    return this.resharding.updateShardCount(input, context);
  }

  public updateStreamMode(input: UpdateStreamModeInput, context: RequestContext): void {
    const mode = input.StreamModeDetails?.StreamMode;
    new Members().oneOf('streamModeDetails.streamMode', mode, ['PROVISIONED', 'ON_DEMAND']).throwAny();
    const stream = this.directory.active(input, 'UpdateStreamMode', context);
    if (mode === undefined || mode === stream.mode) {
      const shown = stream.mode === 'ON_DEMAND' ? 'On-Demand' : 'Provisioned';
      throw invalidArgument(`Stream ${stream.name} under account ${stream.account} is in ${shown} mode already.`);
    }
    const now = this.now;
    const recent = stream.modeChanges.filter((at) => at > now - LIMITS.day);
    if (recent.length >= LIMITS.modeChangesPerDay) {
      throw limitExceeded(
        `Stream ${stream.name} under account ${stream.account} can change its mode ${LIMITS.modeChangesPerDay} times in 24 hours.`,
      );
    }
    if (mode === 'ON_DEMAND') this.checkOnDemand();
    stream.modeChanges.splice(0, Infinity, ...recent, now);
    this.directory.become(stream, 'UPDATING', () => void (stream.mode = mode));
  }

  public updateMaxRecordSize(input: UpdateMaxRecordSizeInput, context: RequestContext): void {
    const { least, most } = LIMITS.recordKibibytes;
    new Members().range('maxRecordSizeInKiB', input.MaxRecordSizeInKiB, least, most).throwAny();
    const stream = this.directory.active(input, 'UpdateMaxRecordSize', context);
    const size = input.MaxRecordSizeInKiB ?? least;
    this.directory.become(stream, 'UPDATING', () => void (stream.recordKibibytes = size));
  }

  public increaseStreamRetentionPeriod(input: IncreaseStreamRetentionPeriodInput, context: RequestContext): void {
    this.changeRetention(input, 'IncreaseStreamRetentionPeriod', context, (hours, current) => hours > current);
  }

  public decreaseStreamRetentionPeriod(input: DecreaseStreamRetentionPeriodInput, context: RequestContext): void {
    this.changeRetention(input, 'DecreaseStreamRetentionPeriod', context, (hours, current) => hours < current);
  }

  public startStreamEncryption(input: StartStreamEncryptionInput, context: RequestContext): void {
    const { KeyId } = input;
    new Members()
      .oneOf('encryptionType', input.EncryptionType, ['NONE', 'KMS'])
      .length('keyId', KeyId, 1, 2_048)
      .throwAny();
    const stream = this.directory.active(input, 'StartStreamEncryption', context);
    this.directory.become(stream, 'UPDATING', () => {
      stream.encryption = input.EncryptionType ?? 'NONE';
      stream.keyId = input.EncryptionType === 'KMS' ? KeyId : undefined;
    });
  }

  public stopStreamEncryption(input: StopStreamEncryptionInput, context: RequestContext): void {
    const stream = this.directory.active(input, 'StopStreamEncryption', context);
    this.directory.become(stream, 'UPDATING', () => {
      stream.encryption = 'NONE';
      stream.keyId = undefined;
    });
  }

  public enableEnhancedMonitoring(
    input: EnableEnhancedMonitoringInput,
    context: RequestContext,
  ): EnhancedMonitoringOutput {
    return this.changeMonitoring(input, 'EnableEnhancedMonitoring', context, (now, asked) => [...now, ...asked]);
  }

  public disableEnhancedMonitoring(
    input: DisableEnhancedMonitoringInput,
    context: RequestContext,
  ): EnhancedMonitoringOutput {
    return this.changeMonitoring(input, 'DisableEnhancedMonitoring', context, (now, asked) =>
      now.filter((name) => !asked.includes(name)),
    );
  }

  public registerStreamConsumer(
    input: RegisterStreamConsumerInput,
    context: RequestContext,
  ): RegisterStreamConsumerOutput {
    return this.consumers.register(input, context);
  }

  public deregisterStreamConsumer(input: DeregisterStreamConsumerInput, context: RequestContext): void {
    this.consumers.deregister(input, context);
  }

  public describeStreamConsumer(
    input: DescribeStreamConsumerInput,
    context: RequestContext,
  ): DescribeStreamConsumerOutput {
    return this.consumers.describe(input, context);
  }

  public listStreamConsumers(input: ListStreamConsumersInput, context: RequestContext): ListStreamConsumersOutput {
    return this.consumers.list(input, context);
  }

  public addTagsToStream(input: AddTagsToStreamInput, context: RequestContext): void {
    putTags(this.directory.find(input, 'AddTagsToStream', context).tags, input.Tags ?? {});
  }

  public removeTagsFromStream(input: RemoveTagsFromStreamInput, context: RequestContext): void {
    const { tags } = this.directory.find(input, 'RemoveTagsFromStream', context);
    for (const key of input.TagKeys ?? []) tags.delete(key);
  }

  public listTagsForStream(input: ListTagsForStreamInput, context: RequestContext): ListTagsForStreamOutput {
    const { Limit = 50, ExclusiveStartTagKey: after } = input;
    new Members().range('limit', Limit, 1, 50).throwAny();
    const { tags } = this.directory.find(input, 'ListTagsForStream', context);
    const all = tagList(tags).filter(({ Key }) => after === undefined || Key > after);
    return { Tags: all.slice(0, Limit), HasMoreTags: all.length > Limit };
  }

  public tagResource(input: TagResourceInput, context: RequestContext): void {
    putTags(this.resource(input.ResourceARN, 'TagResource', context).tags, input.Tags ?? {});
  }

  public untagResource(input: UntagResourceInput, context: RequestContext): void {
    const { tags } = this.resource(input.ResourceARN, 'UntagResource', context);
    for (const key of input.TagKeys ?? []) tags.delete(key);
  }

  public listTagsForResource(input: ListTagsForResourceInput, context: RequestContext): ListTagsForResourceOutput {
    return { Tags: tagList(this.resource(input.ResourceARN, 'ListTagsForResource', context).tags) };
  }

  public putResourcePolicy(input: PutResourcePolicyInput, context: RequestContext): void {
    const resource = this.resource(input.ResourceARN, 'PutResourcePolicy', context);
    resource.policy = compilePolicy(input.Policy ?? '');
  }

  public getResourcePolicy(input: GetResourcePolicyInput, context: RequestContext): GetResourcePolicyOutput {
    return { Policy: this.resource(input.ResourceARN, 'GetResourcePolicy', context).policy?.text ?? '{}' };
  }

  public deleteResourcePolicy(input: DeleteResourcePolicyInput, context: RequestContext): void {
    const resource = this.resource(input.ResourceARN, 'DeleteResourcePolicy', context);
    if (resource.policy === undefined) throw notFound(`No resource policy found for resource ARN ${resource.arn}`);
    resource.policy = undefined;
  }

  /** Checks that a caller may perform actions on a stream. @throws AwsError AccessDeniedException */
  public checkAccess(stream: Stream, actions: readonly string[], context: RequestContext): void {
    for (const action of actions) authorize(stream, action, context, this.dependencies.clock);
  }

  /** An iterator for a position in a shard, such as that of a reader within the emulator. */
  public iteratorAt(streamArn: string, shardId: string, position: number): string {
    const stream = this.directory.byArn(streamArn);
    if (stream === undefined) throw notFound(`Stream ${streamArn} not found.`);
    return this.reading.iterator(stream, this.reading.shard(stream, shardId), position);
  }

  /** Puts records in the emulator's own name: no policy, key or limit of a shard refuses them. */
  public load(streamName: string, entries: Parameters<Writing['load']>[1]): LoadedRecord[] {
    const stream = this.directory.named(streamName);
    if (stream === undefined) throw notFound(`Stream ${streamName} not found.`);
    return this.writing.load(stream, entries);
  }

  /** Completes the change of a stream's state, and of its consumers', if any is in progress. */
  public settle(streamName: string): void {
    const stream = this.directory.named(streamName);
    if (stream === undefined) return;
    this.directory.settle(stream);
    for (const consumer of [...stream.consumers.values()]) this.consumers.settle(consumer);
  }

  /** Splits and merges a stream's shards until they are `count` of even size, however far that is. */
  public resize(streamName: string, count: number): void {
    const stream = this.directory.named(streamName);
    if (stream === undefined || stream.open.length === count) return;
    this.resharding.resize(stream, count);
    stream.changed();
  }

  /** In emulated milliseconds since the epoch. */
  public get now(): number {
    return this.dependencies.clock.now();
  }

  public streams(): StreamStatusView[] {
    return this.directory.all().map((stream) => ({
      name: stream.name,
      state: stream.status ?? '',
      shards: stream.open.length,
      records: stream
        .shards(this.now)
        .reduce((sum, shard) => sum + shard.end - shard.oldest(this.now, stream.retention), 0),
    }));
  }

  public collectMetrics(periodStart: number): MetricDatum[] {
    return this.directory.all().flatMap(({ name, metrics }) => metrics.collect(name, periodStart));
  }

  /** Nothing happens by itself but what the clock knows of: only a minute with requests must not be repeated. */
  public readonly idle: IdleParticipant = {
    probe: () => undefined,
    steadyUntil: () => (this.directory.all().some(({ metrics }) => metrics.active) ? -Infinity : Infinity),
    skip: () => undefined,
  };

  private checkOnDemand(): void {
    const count = this.directory.all().filter(({ mode }) => mode === 'ON_DEMAND').length;
    if (count < LIMITS.onDemandStreams) return;
    throw limitExceeded(`The account has ${count} On-Demand streams; the limit is ${LIMITS.onDemandStreams}.`);
  }

  private changeRetention(
    input: IncreaseStreamRetentionPeriodInput,
    action: string,
    context: RequestContext,
    fits: (hours: number, current: number) => boolean,
  ): void {
    const hours = input.RetentionPeriodHours ?? 0;
    const stream = this.directory.active(input, action, context);
    const { least, most } = LIMITS.retentionHours;
    if (hours < least) {
      throw invalidArgument(
        `Minimum allowed retention period is ${least} hours. Requested retention period (${hours} hours) is too short.`,
      );
    }
    if (hours > most) {
      throw invalidArgument(
        `Maximum allowed retention period is ${most} hours. Requested retention period (${hours} hours) is too long.`,
      );
    }
    if (!fits(hours, stream.retentionHours)) {
      const relation = action.startsWith('Increase') ? 'shorter than or equal to' : 'longer than or equal to';
      throw invalidArgument(
        `Requested retention period (${hours} hours) for stream ${stream.name} can not be ${relation} existing ` +
          `retention period (${stream.retentionHours} hours). Use ` +
          `${action.startsWith('Increase') ? 'Decrease' : 'Increase'}StreamRetentionPeriod API.`,
      );
    }
    this.directory.become(stream, 'UPDATING', () => void (stream.retentionHours = hours));
  }

  private changeMonitoring(
    input: EnableEnhancedMonitoringInput,
    action: string,
    context: RequestContext,
    change: (current: readonly MetricsName[], asked: readonly MetricsName[]) => readonly MetricsName[],
  ): EnhancedMonitoringOutput {
    const asked = input.ShardLevelMetrics ?? [];
    const members = new Members().length('shardLevelMetrics', asked, 1, 7);
    for (const name of asked) members.oneOf('shardLevelMetrics', name, [...SHARD_METRICS, 'ALL']);
    members.throwAny();
    const stream = this.directory.active(input, action, context);
    const before = stream.shardMetrics;
    const all = asked.includes('ALL') ? SHARD_METRICS : asked;
    const after = [...new Set(change(before, all))];
    this.directory.become(stream, 'UPDATING', () => void (stream.shardMetrics = after));
    return {
      StreamName: stream.name,
      StreamARN: stream.arn,
      CurrentShardLevelMetrics: [...before],
      DesiredShardLevelMetrics: after,
    };
  }

  private resource(arn: string | undefined, action: string, context: RequestContext): Stream | Consumer {
    if (arn?.includes('/consumer/') === true) return this.consumers.find({ ConsumerARN: arn }, action, context);
    return this.directory.find({ StreamARN: arn }, action, context) satisfies Guarded;
  }
}

function tagList(tags: ReadonlyMap<string, string>) {
  const entries = [...tags].sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([Key, Value]) => ({ Key, Value }));
}
