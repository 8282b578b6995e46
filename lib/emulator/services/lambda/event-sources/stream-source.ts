import type { Actor } from '../execution-role';

/** A shard, as a mapping sees it. */
export interface SourceShard {
  readonly id: string;
  /** The shards to be processed before it, those that are gone included. */
  readonly parents: readonly string[];
}

/** A record of a stream, as a mapping sees it. */
export interface SourceRecord {
  readonly sequenceNumber: string;
  /** Records of the same key are processed in order. */
  readonly key: string;
  /** When it arrived, in milliseconds since the epoch. */
  readonly at: number;
  /** What the function gets, as JSON. */
  readonly json: string;
  /** What filters look at. */
  readonly filtered: () => unknown;
}

/** The result of one read. */
export interface SourceBatch {
  /** The position of the first record. The others follow without gaps. */
  readonly first: number;
  readonly records: readonly SourceRecord[];
  /** Whether the shard is closed, and these are its last records. */
  readonly drained: boolean;
}

/** Where a mapping starts in a stream that it has not read yet. */
export interface StartingPoint {
  readonly type: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';
  /** In milliseconds since the epoch, for AT_TIMESTAMP. */
  readonly timestamp?: number;
}

/** The streams of one service, from which event source mappings read. */
export interface StreamSource {
  /** The service's name in ARNs. */
  readonly service: string;
  /** How often a mapping reads each shard, in milliseconds. */
  readonly interval: number;
  /** The member of a failure's record that describes the batch. */
  readonly batchInfo: 'KinesisBatchInfo' | 'DDBStreamBatchInfo';
  exists(streamArn: string): boolean;
  /** What the role lacks to read a stream; undefined if nothing. */
  refusal(streamArn: string, actor: Actor): string | undefined;
  shards(streamArn: string): readonly SourceShard[];
  /** The position in a shard at which a reader starts. */
  start(streamArn: string, shardId: string, from: StartingPoint): number;
  /** Whether a read from `position` returns anything, or that the shard is drained. */
  hasMore(streamArn: string, shardId: string, position: number): boolean;
  /** Reads on behalf of a function's role. Throws AWS's error if that is refused. */
  read(streamArn: string, actor: Actor, shardId: string, position: number): SourceBatch;
  /** Calls `listener` after records or shards were added. Returns a function that ends that. */
  watch(streamArn: string, listener: () => void): () => void;
  /** Calls `listener` with the ARN of each deleted stream. */
  onDeleted(listener: (streamArn: string) => void): void;
}
