/** How far a mapping has come in a shard. */
export interface ShardProgress {
  /** The position of the first record that is not processed. */
  position: number;
  /** Whether the shard is closed, and all its records are processed. */
  done: boolean;
  /** The open tumbling window. */
  window?: OpenWindow;
}

/** A tumbling window that has not had its final invocation. */
export interface OpenWindow {
  /** In milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  /** What the last invocation returned, as JSON. */
  state: string;
}

/** How far a mapping has come in a stream. Outlives updates and pauses of the mapping. */
export interface StreamProgress {
  /** Whether it has begun: later shards are read from their start. */
  begun: boolean;
  readonly shards: Map<string, ShardProgress>;
  lastResult: string;
}

export function newProgress(): StreamProgress {
  return { begun: false, shards: new Map(), lastResult: 'No records processed' };
}
