import { AwsError, assumedRole } from '../../../core';
import { SECOND, surface, type Timer } from '../../../clock';
import { type Actor, executionRole } from '../execution-role';
import { type Invocation, LATEST } from '../runner';
import { readBatchResponse } from './batch-response';
import type { OpenWindow, ShardProgress } from './shard-progress';
import { toEvent } from './sqs-event';
import { failureRecord } from './stream-failure';
import type { PollerDependencies, StreamTask } from './stream-poller';
import type { SourceRecord } from './stream-source';

interface Pending {
  readonly position: number;
  readonly record: SourceRecord;
}

/** Records of the same keys, which are processed one batch at a time. */
interface Lane {
  pending: Pending[];
  /** The batch that is processed. */
  running?: readonly Pending[];
  /** When the first of {@link pending} was read. */
  openedAt: number;
  timer?: Timer;
}

/** One try with a batch, and how it went. */
interface Tried {
  readonly invocation: Invocation;
  /** The records that are processed: all before the first failed one. */
  readonly processed: number;
}

const FIRST_WAIT = SECOND;
const LONGEST_WAIT = 60 * SECOND;
/** Batches that are read ahead for each lane. */
const READ_AHEAD = 2;

/**
 * Reads a shard and has the function process its records: in order, or with a parallelization factor in order of each
 * key. It reads at the source's interval, but only if there is something to read, so an idle shard costs nothing.
 */
export class ShardReader {
  private readonly lanes: Lane[];
  private readPosition: number;
  private drained = false;
  private stopped = false;
  private pollTimer?: Timer;
  private windowTimer?: Timer;
  private lastPoll = -Infinity;
  private retryTimer?: { readonly timer: Timer; readonly end: () => void };
  private closingWindow = false;
  private readonly ended: (() => void)[] = [];

  constructor(
    private readonly dependencies: PollerDependencies,
    private readonly task: StreamTask,
    private readonly shardId: string,
    private readonly progress: ShardProgress,
    private readonly begunAt: number,
    private readonly finished: () => void,
  ) {
    this.lanes = Array.from({ length: task.settings.parallelization }, () => ({ pending: [], openedAt: 0 }));
    this.readPosition = progress.position;
  }

  /** Something may be there to read. */
  public wake(): void {
    const { source, streamArn, settings } = this.task;
    if (this.stopped || this.drained || this.pollTimer !== undefined) return;
    const waiting = this.lanes.reduce((sum, { pending }) => sum + pending.length, 0);
    if (waiting >= settings.batchSize * this.lanes.length * READ_AHEAD) return;
    if (!source.exists(streamArn) || !source.hasMore(streamArn, this.shardId, this.readPosition)) return;
    const { interval } = source;
    const next = this.begunAt + Math.ceil((this.now - this.begunAt) / interval) * interval;
    const at = next > this.lastPoll ? next : next + interval;
    this.pollTimer = this.clock.schedule(at, () => this.poll(), 'a mapping reads a shard');
  }

  /** Stops reading. The promise is fulfilled when the running batches have ended. */
  public stop(): Promise<void> {
    this.stopped = true;
    for (const timer of [this.pollTimer, this.windowTimer, ...this.lanes.map((lane) => lane.timer)]) timer?.cancel();
    this.retryTimer?.timer.cancel();
    this.retryTimer?.end();
    if (!this.busy) return Promise.resolve();
    return new Promise((resolve) => this.ended.push(resolve));
  }

  private get clock() {
    return this.dependencies.lambda.clock;
  }

  private get now(): number {
    return this.clock.now();
  }

  private get busy(): boolean {
    return this.closingWindow || this.lanes.some(({ running }) => running !== undefined);
  }

  private get actor(): Actor {
    return this.dependencies.registry.versionAt(this.task)?.spec ?? { functionName: this.task.functionName };
  }

  private poll(): void {
    this.pollTimer = undefined;
    this.lastPoll = this.now;
    const { source, streamArn, settings, metrics, functionName } = this.task;
    let batch;
    try {
      batch = source.read(streamArn, this.actor, this.shardId, this.readPosition);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const reason = `${error.shape}: ${error.message}`;
      this.task.progress.lastResult = `PROBLEM: ${error.message}`;
      this.dependencies.lambda.timeline.record('lambda.readFailed', functionName, { shard: this.shardId, reason });
      return this.wake();
    }
    const { first, records } = batch;
    this.readPosition = first + records.length;
    this.drained = batch.drained;
    let filteredOut = 0;
    records.forEach((record, index) => {
      if (settings.filters.length > 0 && !settings.filters.some((test) => test(record.filtered()))) {
        filteredOut++;
        return;
      }
      const lane = this.lanes.length === 1 ? this.lanes[0] : this.lanes[laneOf(record.key, this.lanes.length)];
      if (lane.pending.length === 0) lane.openedAt = this.now;
      lane.pending.push({ position: first + index, record });
    });
    metrics.polled(records.length, settings.filters.length > 0 ? filteredOut : undefined);
    this.advance();
  }

  /** Starts what can start, and notes how far the shard is processed. */
  private advance(): void {
    if (this.stopped) {
      this.checkpoint();
      if (!this.busy) for (const end of this.ended.splice(0)) end();
      return;
    }
    for (const lane of this.lanes) this.dispatch(lane);
    this.checkpoint();
    this.closeWindow();
    if (
      this.drained &&
      !this.busy &&
      this.progress.window === undefined &&
      this.lanes.every((lane) => lane.pending.length === 0)
    ) {
      this.progress.done = true;
      this.finished();
      return;
    }
    this.wake();
  }

  private checkpoint(): void {
    const firsts = this.lanes.flatMap(({ running, pending }) => running?.[0] ?? pending[0] ?? []);
    this.progress.position = Math.min(this.readPosition, ...firsts.map(({ position }) => position));
  }

  private dispatch(lane: Lane): void {
    const { settings } = this.task;
    if (lane.running !== undefined || lane.pending.length === 0 || this.closingWindow) return;
    const batch = this.nextBatch(lane);
    if (batch.length === 0) return;
    const isFull = batch.length >= settings.batchSize || batch.length < lane.pending.length || this.drained;
    const closesAt = lane.openedAt + settings.windowSeconds * SECOND;
    if (!isFull && this.now < closesAt) {
      lane.timer ??= this.clock.schedule(
        closesAt,
        () => {
          lane.timer = undefined;
          this.advance();
        },
        'the batching window of a mapping ends',
      );
      return;
    }
    lane.timer?.cancel();
    lane.timer = undefined;
    lane.pending = lane.pending.slice(batch.length);
    lane.openedAt = this.now;
    lane.running = batch;
    this.run(lane, batch).catch((error: unknown) => surface(this.clock, error));
  }

  /** The records of the next batch: as many as its size allows, of one tumbling window. */
  private nextBatch({ pending }: Lane): Pending[] {
    const { settings } = this.task;
    const limit = this.dependencies.limits.synchronousPayload;
    let bytes = 1_024;
    let count = 0;
    const window = settings.tumblingSeconds === 0 ? undefined : this.windowOf(pending[0].record.at);
    if (window !== undefined && this.progress.window !== undefined && window.start > this.progress.window.start)
      return [];
    for (const { record } of pending) {
      if (count === settings.batchSize) break;
      if (window !== undefined && record.at >= window.end) break;
      bytes += Buffer.byteLength(record.json) + 1;
      if (bytes > limit && count > 0) break;
      count++;
    }
    return pending.slice(0, count);
  }

  private async run(lane: Lane, batch: readonly Pending[]): Promise<void> {
    if (this.task.settings.tumblingSeconds > 0) this.progress.window ??= this.windowOf(batch[0].record.at);
    await this.process(lane, batch, 0, 0);
    if (!this.stopped) lane.running = undefined;
    else if (lane.running?.length === 0) lane.running = undefined;
    if (this.stopped && lane.running !== undefined) {
      // What is left of it is read again by the next poller.
      lane.pending = [...lane.running, ...lane.pending];
      lane.running = undefined;
    }
    this.advance();
  }

  /** Processes a batch until each record has succeeded or is given up. */
  private async process(lane: Lane, given: readonly Pending[], retried: number, invoked: number): Promise<void> {
    const { settings } = this.task;
    let batch = given;
    let retries = retried;
    let invocations = invoked;
    let wait = FIRST_WAIT;
    while (!this.stopped) {
      batch = this.withoutExpired(lane, batch, invocations);
      if (batch.length === 0) return;
      const requestId = this.dependencies.invocations.newRequestId();
      const tried = await this.try(
        batch.map(({ record }) => record),
        requestId,
        false,
      );
      if (tried === undefined) {
        await this.pause(wait);
        wait = Math.min(wait * 2, LONGEST_WAIT);
        continue;
      }
      invocations++;
      this.done(lane, batch.slice(0, tried.processed));
      batch = batch.slice(tried.processed);
      if (batch.length === 0) return;
      if (settings.bisects && tried.invocation.error !== undefined && batch.length > 1) {
        const half = Math.ceil(batch.length / 2);
        await this.process(lane, batch.slice(0, half), retries, invocations);
        batch = batch.slice(half);
        continue;
      }
      if (settings.maximumRetries >= 0 && retries >= settings.maximumRetries) {
        this.giveUp(lane, batch, 'RetryAttemptsExhausted', requestId, invocations, tried.invocation);
        return;
      }
      retries++;
      await this.pause(wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  /** Invokes the function once. Returns undefined if it was throttled. */
  private async try(records: readonly SourceRecord[], requestId: string, isFinal: boolean): Promise<Tried | undefined> {
    const { registry, invocations, lambda } = this.dependencies;
    const { settings, metrics, functionName, progress } = this.task;
    const fn = registry.pick(this.task);
    metrics.invoked(records.length);
    let invocation: Invocation;
    if (fn === undefined) {
      const errorMessage = `Function not found: ${functionName}`;
      invocation = { error: { errorType: 'ResourceNotFoundException', errorMessage } };
    } else {
      try {
        invocation = await invocations.start(fn, this.eventOf(records, isFinal), requestId, {
          records: records.length,
        });
      } catch (error) {
        if (!(error instanceof AwsError) || error.shape !== 'TooManyRequestsException') throw error;
        metrics.failed(records.length);
        lambda.timeline.record('lambda.throttled', functionName, { request: requestId, records: records.length });
        return undefined;
      }
      if (records.length > 0) {
        invocations.metrics.iteratorAge(fn, this.now, this.now - records[records.length - 1].at);
      }
    }
    const processed = this.processedOf(records, invocation, requestId);
    if (processed < records.length || processed < 0) metrics.failed(records.length - Math.max(0, processed));
    progress.lastResult = invocation.error === undefined ? 'OK' : 'PROBLEM: Function call failed';
    if (settings.tumblingSeconds > 0 && processed < 0) return { invocation, processed: 0 };
    return { invocation, processed: Math.max(0, processed) };
  }

  /** How many of the records, from the first on, are processed; −1 if the response is not valid. */
  private processedOf(records: readonly SourceRecord[], { error, payload }: Invocation, requestId: string): number {
    const { settings, functionName } = this.task;
    if (error !== undefined) return -1;
    const { window } = this.progress;
    if (settings.tumblingSeconds > 0 && window !== undefined) {
      const state = stateOf(payload);
      if (state === undefined) return -1;
      window.state = state;
    }
    if (!settings.reportsItemFailures) return records.length;
    const outcome = readBatchResponse(payload, new Set(records.map(({ sequenceNumber }) => sequenceNumber)));
    if (outcome === 'unreadable') {
      const reason = `not a batch response of these records: ${payload?.slice(0, 200) ?? ''}`;
      this.dependencies.lambda.timeline.record('lambda.batchFailed', functionName, { request: requestId, reason });
      return -1;
    }
    const { failed } = outcome;
    const first = failed.size === 0 ? -1 : records.findIndex(({ sequenceNumber }) => failed.has(sequenceNumber));
    return first < 0 ? records.length : first;
  }

  private eventOf(records: readonly SourceRecord[], isFinal: boolean): string {
    const event = toEvent(records.map(({ json }) => json));
    const { window } = this.progress;
    if (window === undefined) return event;
    const iso = (time: number) => new Date(time).toISOString().replace('.000Z', 'Z');
    const rest = JSON.stringify({
      window: { start: iso(window.start), end: iso(window.end) },
      shardId: this.shardId,
      eventSourceARN: this.task.streamArn,
      isFinalInvokeForWindow: isFinal,
      isWindowTerminatedEarly: false,
    });
    return `${event.slice(0, -1)},"state":${window.state},${rest.slice(1)}`;
  }

  private windowOf(at: number): OpenWindow {
    const length = this.task.settings.tumblingSeconds * SECOND;
    const start = Math.floor(at / length) * length;
    return { start, end: start + length, state: '{}' };
  }

  /** Ends the tumbling window by its final invocation, when its time is over and its records are processed. */
  private closeWindow(): void {
    const { window } = this.progress;
    if (window === undefined || this.busy) return;
    if (this.now < window.end) {
      this.windowTimer ??= this.clock.schedule(
        window.end,
        () => {
          this.windowTimer = undefined;
          this.advance();
        },
        'a tumbling window ends',
      );
      return;
    }
    const next = this.lanes[0].pending[0];
    if (next !== undefined && next.record.at < window.end) return;
    const { source, streamArn } = this.task;
    const unread = next === undefined && !this.drained && source.hasMore(streamArn, this.shardId, this.readPosition);
    if (unread) return;
    this.closingWindow = true;
    this.finish().catch((error: unknown) => surface(this.clock, error));
  }

  private async finish(): Promise<void> {
    const { settings } = this.task;
    for (let [retries, wait] = [0, FIRST_WAIT]; !this.stopped; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      const tried = await this.try([], this.dependencies.invocations.newRequestId(), true);
      const failed = tried === undefined || tried.invocation.error !== undefined;
      if (!failed || (settings.maximumRetries >= 0 && retries >= settings.maximumRetries)) {
        this.progress.window = undefined;
        break;
      }
      if (tried !== undefined) retries++;
      await this.pause(wait);
    }
    this.closingWindow = false;
    this.advance();
  }

  /** Reports the records that are too old as failed, and returns the others. */
  private withoutExpired(lane: Lane, batch: readonly Pending[], invocations: number): readonly Pending[] {
    const { maximumAgeSeconds } = this.task.settings;
    if (maximumAgeSeconds < 0) return batch;
    const oldest = this.now - maximumAgeSeconds * SECOND;
    const fresh = batch.findIndex(({ record }) => record.at >= oldest);
    const expired = fresh < 0 ? batch.length : fresh;
    if (expired === 0) return batch;
    const requestId = this.dependencies.invocations.newRequestId();
    this.giveUp(lane, batch.slice(0, expired), 'RecordAgeExceeded', requestId, invocations);
    return batch.slice(expired);
  }

  private giveUp(
    lane: Lane,
    batch: readonly Pending[],
    condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded',
    requestId: string,
    invocations: number,
    last?: Invocation,
  ): void {
    const { lambda, registry } = this.dependencies;
    const { functionName, functionArn, settings, source, streamArn } = this.task;
    const records = batch.map(({ record }) => record);
    const detail = { request: requestId, shard: this.shardId, records: records.length, condition };
    lambda.timeline.record('lambda.recordsDropped', functionName, detail);
    this.done(lane, batch);
    if (settings.onFailure === undefined) return;
    const version = registry.versionAt(this.task)?.spec.version ?? LATEST;
    const failed = { condition, requestId, functionArn, version, invocations, records, streamArn };
    const payload = failureRecord({ ...failed, shardId: this.shardId, ...(last && { last }) }, source, this.now);
    const { account, region } = lambda;
    const { actor } = this;
    const principal = assumedRole(account, executionRole(actor), actor.functionName);
    try {
      lambda.deliver?.(settings.onFailure, { payload }, { account, region, principal, endpoint: '' });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.dependencies.invocations.metrics.destinationFailed(this.task, this.now);
      const reason = error.message;
      lambda.timeline.record('lambda.destinationFailed', functionName, {
        request: requestId,
        destination: settings.onFailure,
        reason,
      });
    }
  }

  /** These records, the first of the lane's batch, need nothing more. */
  private done(lane: Lane, batch: readonly Pending[]): void {
    lane.running = (lane.running ?? []).slice(batch.length);
    this.checkpoint();
  }

  private pause(milliseconds: number): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.clock.schedule(this.now + milliseconds, resolve, 'a mapping tries a batch again');
      this.retryTimer = { timer, end: resolve };
    });
  }
}

/** The state in a function's response, as JSON; undefined if it has none. */
function stateOf(payload: string | undefined): string | undefined {
  try {
    const response: unknown = JSON.parse(payload ?? '');
    if (typeof response !== 'object' || response === null || !('state' in response)) return undefined;
    return JSON.stringify(response.state);
  } catch {
    return undefined;
  }
}

/** Spreads keys over lanes. */
function laneOf(key: string, lanes: number): number {
  let hash = 0;
  for (let index = 0; index < key.length; index++) hash = (hash * 31 + key.charCodeAt(index)) >>> 0;
  return hash % lanes;
}
