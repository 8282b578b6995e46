import type {
  MergeShardsInput,
  SplitShardInput,
  UpdateShardCountInput,
  UpdateShardCountOutput,
} from '@aws-sdk/client-kinesis';
import type { Clock } from '../../../clock';
import type { RequestContext } from '../../../core';
import type { Timeline } from '../../../timeline';
import type { StreamDirectory, StreamReference } from '../directory';
import { inUse, invalidArgument, limitExceeded, notFound, onDemand } from '../errors';
import { type KinesisLimits, LIMITS } from '../limits';
import { evenRanges, type HashRange, parseHashKey } from '../streams/hash-range';
import type { Shard } from '../streams/shard';
import type { Stream } from '../streams/stream';
import { Members } from '../validation';

/** SplitShard, MergeShards and UpdateShardCount. */
export class Resharding {
  constructor(
    private readonly clock: Clock,
    private readonly timeline: Timeline,
    private readonly directory: StreamDirectory,
    private readonly limits: KinesisLimits,
  ) {}

  public splitShard(input: SplitShardInput, context: RequestContext): void {
    const { ShardToSplit = '', NewStartingHashKey: text = '' } = input;
    new Members().pattern('newStartingHashKey', text, String.raw`0|([1-9]\d{0,38})`).throwAny();
    const stream = this.provisioned(input, 'SplitShard', context);
    const shard = this.openShard(stream, ShardToSplit);
    const key = parseHashKey(text);
    const { start, end } = shard.range;
    if (key === undefined || key <= start + 1n || key >= end) {
      throw invalidArgument(
        `NewStartingHashKey ${text} used in SplitShard() on shard ${shard.id} in stream ${stream.name} under account ` +
          `${stream.account} is not both greater than one plus the shard's StartingHashKey ${start} and less than the ` +
          `shard's EndingHashKey ${end}.`,
      );
    }
    this.checkShards(1);
    const ranges = [
      { start, end: key - 1n },
      { start: key, end },
    ];
    this.directory.become(stream, 'UPDATING', () => this.replace(stream, [shard], ranges));
  }

  public mergeShards(input: MergeShardsInput, context: RequestContext): void {
    const stream = this.provisioned(input, 'MergeShards', context);
    const shard = this.openShard(stream, input.ShardToMerge ?? '');
    const adjacent = this.openShard(stream, input.AdjacentShardToMerge ?? '');
    const [lower, upper] = shard.range.start < adjacent.range.start ? [shard, adjacent] : [adjacent, shard];
    if (lower === upper || lower.range.end + 1n !== upper.range.start) {
      throw invalidArgument(
        `Shards ${shard.id} and ${adjacent.id} in stream ${stream.name} under account ${stream.account} are not an ` +
          'adjacent pair of shards eligible for merging',
      );
    }
    const range = { start: lower.range.start, end: upper.range.end };
    this.directory.become(stream, 'UPDATING', () => this.replace(stream, [shard, adjacent], [range]));
  }

  public updateShardCount(input: UpdateShardCountInput, context: RequestContext): UpdateShardCountOutput {
    const { TargetShardCount: target = 0, ScalingType } = input;
    new Members()
      .range('targetShardCount', target, 1)
      .oneOf('scalingType', ScalingType, ['UNIFORM_SCALING'])
      .throwAny();
    const stream = this.provisioned(input, 'UpdateShardCount', context);
    const current = stream.open.length;
    if (target > current * 2) throw tooFar('up over double', current, target);
    if (target < current / 2) throw tooFar('down below half', current, target);
    const now = this.clock.now();
    const recent = stream.resizes.filter((at) => at > now - LIMITS.day);
    if (recent.length >= LIMITS.resizesPerDay) {
      throw limitExceeded(
        `UpdateShardCount has been called on stream ${stream.name} ${LIMITS.resizesPerDay} times in the last 24 hours.`,
      );
    }
    this.checkShards(target - current);
    stream.resizes.splice(0, Infinity, ...recent, now);
    this.directory.become(stream, 'UPDATING', () => this.resize(stream, target));
    return {
      StreamName: stream.name,
      CurrentShardCount: current,
      TargetShardCount: target,
      StreamARN: stream.arn,
    };
  }

  /** Splits and merges shards until they are `count` of even size. */
  public resize(stream: Stream, count: number): void {
    // Splits at the bounds of all new ranges, and then merges what lies within each.
    const bounds = evenRanges(count);
    for (const { start } of bounds) {
      const shard = stream.shardFor(start);
      if (shard.range.start === start) continue;
      const lower = { start: shard.range.start, end: start - 1n };
      this.replace(stream, [shard], [lower, { start, end: shard.range.end }]);
    }
    for (const { start, end } of bounds) {
      let shard = stream.shardFor(start);
      while (shard.range.end !== end) {
        const next = stream.shardFor(shard.range.end + 1n);
        this.replace(stream, [shard, next], [{ start, end: next.range.end }]);
        shard = stream.shardFor(start);
      }
    }
  }

  /** @throws AwsError LimitExceededException if `more` shards exceed the account's limit */
  public checkShards(more: number): void {
    const { shards } = this.limits;
    const open = this.directory
      .all()
      .filter(({ mode }) => mode === 'PROVISIONED')
      .reduce((sum, stream) => sum + stream.open.length, 0);
    if (more <= 0 || open + more <= shards) return;
    throw limitExceeded(
      `This request would exceed the shard limit for the account in this Region. Current shard count for the account: ` +
        `${open}. Limit: ${shards}. Number of additional shards that would have resulted from this request: ${more}.`,
    );
  }

  private replace(stream: Stream, parents: readonly Shard[], ranges: readonly HashRange[]): void {
    stream.reshard(parents, ranges, this.clock.now());
    const closed = parents.map(({ id }) => id).join(' ');
    this.timeline.record('kinesis.resharded', stream.name, { closed, open: stream.open.length });
  }

  private provisioned(input: StreamReference, action: string, context: RequestContext): Stream {
    const stream = this.directory.active(input, action, context);
    if (stream.mode === 'ON_DEMAND') throw onDemand(stream.name, stream.account);
    return stream;
  }

  private openShard(stream: Stream, id: string): Shard {
    const shard = stream.shard(id, this.clock.now());
    if (shard === undefined) {
      throw notFound(`Could not find shard ${id} in stream ${stream.name} under account ${stream.account}.`);
    }
    if (!shard.open) {
      throw inUse(
        `Shard ${id} in stream ${stream.name} under account ${stream.account} has already been merged or split, and ` +
          'thus is not eligible for merging or splitting.',
      );
    }
    return shard;
  }
}

function tooFar(direction: string, current: number, target: number) {
  return limitExceeded(
    `UpdateShardCount cannot scale ${direction} your current open shard count. Current open shard count: ${current}, ` +
      `Target shard count: ${target}`,
  );
}
