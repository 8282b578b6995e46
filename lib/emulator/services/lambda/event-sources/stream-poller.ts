import { surface } from '../../../clock';
import type { FunctionAddress, FunctionRegistry } from '../functions/function-registry';
import type { Invocations } from '../invocations/invocations';
import type { LambdaDependencies } from '../dependencies';
import type { LambdaLimits } from '../limits';
import type { MappingMetrics } from './mapping-metrics';
import { ShardReader } from './shard-reader';
import type { StreamProgress } from './shard-progress';
import type { StreamSettings } from './stream-settings';
import type { StreamSource } from './stream-source';

/** What a {@link StreamPoller} polls for. */
export interface StreamTask extends FunctionAddress {
  readonly streamArn: string;
  readonly functionArn: string;
  readonly settings: StreamSettings;
  readonly metrics: MappingMetrics;
  readonly source: StreamSource;
  readonly progress: StreamProgress;
}

/** The parts of Lambda that a poller uses. */
export interface PollerDependencies {
  readonly lambda: LambdaDependencies;
  readonly limits: LambdaLimits;
  readonly invocations: Invocations;
  readonly registry: FunctionRegistry;
}

/** Polls the shards of a stream, each by a reader of its own. A shard is read when those that it was made of are done. */
export class StreamPoller {
  private readonly readers = new Map<string, ShardReader>();
  private readonly begunAt: number;
  private unwatch?: () => void;
  private stopped = false;

  constructor(
    private readonly dependencies: PollerDependencies,
    private readonly task: StreamTask,
  ) {
    this.begunAt = dependencies.lambda.clock.now();
  }

  /** Begins when `before`, an earlier poller's last batch, has ended. */
  public start(before: Promise<void> = Promise.resolve()): void {
    const { lambda } = this.dependencies;
    before
      .then(() => {
        if (this.stopped) return;
        this.unwatch = this.task.source.watch(this.task.streamArn, () => this.look());
        this.look();
      })
      .catch((error: unknown) => surface(lambda.clock, error));
  }

  /** Stops reading. The promise is fulfilled when the running batches have ended; those that are retried are not tried again. */
  public stop(): Promise<void> {
    this.stopped = true;
    this.unwatch?.();
    return Promise.all([...this.readers.values()].map((reader) => reader.stop())).then(() => undefined);
  }

  /** Starts readers of shards whose turn it is, and wakes the others. */
  private look(): void {
    const { source, streamArn, progress, settings } = this.task;
    if (this.stopped || !source.exists(streamArn)) return;
    const shards = source.shards(streamArn);
    const ids = new Set(shards.map(({ id }) => id));
    for (const { id } of shards) {
      if (progress.shards.has(id)) continue;
      const from = progress.begun ? { type: 'TRIM_HORIZON' as const } : settings.start;
      progress.shards.set(id, { position: source.start(streamArn, id, from), done: false });
    }
    progress.begun = true;
    for (const id of progress.shards.keys()) if (!ids.has(id)) progress.shards.delete(id);
    for (const { id, parents } of shards) {
      const state = progress.shards.get(id);
      const isNext = parents.every((parent) => progress.shards.get(parent)?.done ?? true);
      if (state === undefined || state.done || !isNext) continue;
      let reader = this.readers.get(id);
      if (reader === undefined) {
        reader = new ShardReader(this.dependencies, this.task, id, state, this.begunAt, () => this.look());
        this.readers.set(id, reader);
      }
      reader.wake();
    }
  }
}
