import type { EncryptionType, MetricsName, StreamMode, StreamStatus } from '@aws-sdk/client-kinesis';
import { HOUR, type Timer } from '../../../clock';
import type { ResourcePolicy } from '../../../core/policy';
import type { KinesisLimits } from '../limits';
import type { Consumer } from './consumer';
import { evenRanges, type HashRange } from './hash-range';
import { type Parents, Shard } from './shard';
import { StreamMetrics } from './stream-metrics';

/** A new stream. */
export interface NewStream {
  readonly name: string;
  readonly arn: string;
  readonly mode: StreamMode;
  readonly shards: number;
  readonly createdAt: number;
  readonly recordKibibytes: number;
  readonly retentionHours: number;
}

/** A resource policy, as it was put and compiled. */
export interface AttachedPolicy {
  readonly text: string;
  readonly compiled: ResourcePolicy;
}

/** A change of a stream's state in progress. */
interface Transition {
  readonly timer: Timer;
  readonly complete: () => void;
}

/** A data stream: its shards and settings. */
export class Stream {
  public readonly name: string;
  public readonly arn: string;
  public readonly createdAt: number;
  public readonly metrics = new StreamMetrics();
  public readonly tags = new Map<string, string>();
  public readonly consumers = new Map<string, Consumer>();
  public status: StreamStatus = 'CREATING';
  public mode: StreamMode;
  public retentionHours: number;
  public recordKibibytes: number;
  public encryption: EncryptionType = 'NONE';
  /** The KMS key as the caller named it. */
  public keyId?: string;
  public policy?: AttachedPolicy;
  /** Metrics of single shards that are enabled. */
  public shardMetrics: readonly MetricsName[] = [];
  public transition?: Transition;
  /** When UpdateShardCount was called in the last day. */
  public readonly resizes: number[] = [];
  /** When the mode was changed in the last day. */
  public readonly modeChanges: number[] = [];
  private all: Shard[] = [];
  private nextNumber = 0;
  private openShards: Shard[] = [];
  private readonly listeners = new Set<() => void>();

  constructor(
    { name, arn, mode, shards, createdAt, recordKibibytes, retentionHours }: NewStream,
    private readonly limits: KinesisLimits,
  ) {
    this.name = name;
    this.arn = arn;
    this.mode = mode;
    this.createdAt = createdAt;
    this.recordKibibytes = recordKibibytes;
    this.retentionHours = retentionHours;
    for (const range of evenRanges(shards)) this.addShard(range, createdAt, {});
  }

  public get account(): string {
    return this.arn.split(':')[4];
  }

  /** In milliseconds. */
  public get retention(): number {
    return this.retentionHours * HOUR;
  }

  /** The shards that take records, in the order of their hash ranges. */
  public get open(): readonly Shard[] {
    return this.openShards;
  }

  /** All shards in the order of their creation, except closed ones whose records are past the retention period. */
  public shards(now: number): readonly Shard[] {
    const gone = (shard: Shard) => shard.closedAt !== undefined && shard.closedAt <= now - this.retention;
    if (this.all.some(gone)) this.all = this.all.filter((shard) => !gone(shard));
    return this.all;
  }

  public shard(id: string, now: number): Shard | undefined {
    return this.shards(now).find((shard) => shard.id === id);
  }

  /** The open shard that has a hash key. */
  public shardFor(hashKey: bigint): Shard {
    const { openShards } = this;
    let [low, high] = [0, openShards.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (openShards[middle].range.start <= hashKey) low = middle;
      else high = middle - 1;
    }
    return openShards[low];
  }

  /** Closes shards and opens others in their place. */
  public reshard(parents: readonly Shard[], ranges: readonly HashRange[], now: number): void {
    const [parent, adjacent] = parents;
    for (const closing of parents) closing.close(now);
    this.openShards = this.openShards.filter((shard) => shard.open);
    for (const range of ranges) {
      const child = this.addShard(range, now, { parent, adjacent });
      for (const closed of parents) closed.children.push(child);
    }
  }

  /** Calls `listener` after records were put, and after its shards changed. Returns a function that ends that. */
  public watch(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  public changed(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private addShard(range: HashRange, at: number, parents: Parents): Shard {
    const shard = new Shard(this.nextNumber++, range, at, parents, this.limits);
    this.all.push(shard);
    this.openShards = [...this.openShards, shard].sort((a, b) => (a.range.start < b.range.start ? -1 : 1));
    return shard;
  }
}
