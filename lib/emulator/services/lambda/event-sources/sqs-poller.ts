import type { Message } from '@aws-sdk/client-sqs';
import { AwsError, parseArn } from '../../../core';
import { SECOND, surface, type Timer } from '../../../clock';
import { readBatchResponse } from './batch-response';
import { ConcurrencyRamp } from './concurrency-ramp';
import type { Actor } from '../execution-role';
import type { Invocations } from '../invocations/invocations';
import type { LambdaLimits } from '../limits';
import type { MappingMetrics } from './mapping-metrics';
import type { MappingSettings } from './mapping-settings';
import { MessageBatch } from './message-batch';
import type { FunctionAddress, FunctionRegistry } from '../functions/function-registry';
import type { LambdaDependencies } from '../dependencies';
import type { Invocation } from '../runner';
import { ProvisionedPollers } from './provisioned-pollers';
import { toEvent, toRecord } from './sqs-event';

const MOST_PER_REQUEST = 10;
const LONGEST_WAIT_SECONDS = 20;
/** The pause after a receive that came back empty early, so that the poller never spins. */
const PAUSE = SECOND;
/** The pause after a failed receive, for as long as the queue is gone. */
const PAUSE_AFTER_FAILURE = 10 * SECOND;
const LONGEST_THROTTLE_WAIT = 10 * SECOND;

/** What a {@link SqsPoller} polls for. */
export interface PollerTask extends FunctionAddress {
  readonly queueArn: string;
  readonly settings: MappingSettings;
  readonly metrics: MappingMetrics;
}

/**
 * Polls a queue and invokes a function. While the queue is idle, several long polls wait at once, like Lambda's
 * pollers. Messages are collected into batches; a batch is invoked when it is full or its window ends. More messages
 * are requested while fewer batches run than the ramp allows, but never without room for them: each waiting poll
 * reserves one batch.
 */
export class SqsPoller {
  private readonly ramp: ConcurrencyRamp;
  private readonly pollers?: ProvisionedPollers;
  /** Complete batches that do not run yet. */
  private readonly closed: MessageBatch[] = [];
  private open?: MessageBatch;
  private running = 0;
  /** The long polls that wait for messages of a new batch, oldest first. */
  private readonly waiting = new Set<AbortController>();
  /** The long poll that waits for more messages of the open batch. */
  private filling?: AbortController;
  /** Unused controllers, for reuse: an idle mapping needs a new one every few seconds. */
  private readonly spare: AbortController[] = [];
  private state: 'polling' | 'draining' | 'abandoned' = 'polling';
  private windowTimer?: Timer;
  private pauseTimer?: Timer;
  private growthTimer?: Timer;
  /** Whether it was reported that messages stay in the queue. */
  private heldOff = false;

  constructor(
    private readonly dependencies: LambdaDependencies,
    private readonly limits: LambdaLimits,
    private readonly invocations: Invocations,
    private readonly registry: FunctionRegistry,
    private readonly task: PollerTask,
  ) {
    const { maximumConcurrency = Infinity, pollers } = task.settings;
    const { environmentsPerFunction = Infinity } = dependencies.runner;
    if (pollers === undefined) {
      const maximum = Math.min(limits.pollerMaximum, maximumConcurrency, environmentsPerFunction);
      this.ramp = new ConcurrencyRamp({ start: limits.pollerStart, growthPerMinute: limits.pollerRamp, maximum });
    } else {
      this.pollers = new ProvisionedPollers(pollers, limits);
      this.ramp = new ConcurrencyRamp({
        start: pollers.minimum * limits.provisionedInvocations,
        growthPerMinute: limits.provisionedRamp,
        maximum: Math.min(pollers.maximum * limits.provisionedInvocations, environmentsPerFunction),
      });
    }
  }

  public start(): void {
    this.pump();
  }

  /** Stops receiving. Messages that were received are still processed. */
  public stop(): void {
    this.halt('draining');
    this.closeBatch();
    this.pump();
  }

  /** Stops receiving and drops received messages, which return when their visibility timeout expires. */
  public abandon(): void {
    this.halt('abandoned');
    this.open = undefined;
    this.closed.length = 0;
  }

  /** In provisioned mode, the maximum number of active pollers since the last call. */
  public takeProvisionedPollers(): number | undefined {
    return this.pollers?.takeMost(this.now, this.ramp.allowance(this.now));
  }

  private get actor(): Actor {
    return this.registry.versionAt(this.task)?.spec ?? { functionName: this.task.functionName };
  }

  private get now(): number {
    return this.dependencies.clock.now();
  }

  private halt(state: 'draining' | 'abandoned'): void {
    this.state = state;
    for (const controller of this.waiting) controller.abort();
    this.waiting.clear();
    this.endFilling();
    for (const timer of [this.windowTimer, this.pauseTimer, this.growthTimer]) timer?.cancel();
  }

  /** Starts batches and receives until there is no room, or nothing to do but wait. */
  private pump(): void {
    while (this.state !== 'abandoned') {
      const allowance = this.ramp.allowance(this.now);
      this.endSurplus(allowance);
      if (this.running >= allowance) return this.waitForRoom();
      const batch = this.closed.shift();
      if (batch !== undefined) {
        this.dispatch(batch);
        continue;
      }
      if (!this.mayAsk(allowance)) return;
      const obstacle = this.obstacle();
      if (obstacle !== undefined) return this.holdOff(obstacle);
      const readyAt = this.pollers?.readyAt(this.now, allowance) ?? this.now;
      if (readyAt > this.now) {
        // All pollers are busy, which calls for more of them, whatever the function does.
        this.ramp.saturated(this.now);
        return this.pause(readyAt - this.now);
      }
      this.receive();
    }
  }

  /** Why the function cannot run now, if it cannot. */
  private obstacle(): string | undefined {
    const { runner } = this.dependencies;
    const fn = this.registry.versionAt(this.task)?.spec;
    return fn && runner.obstacle?.(fn);
  }

  /** Leaves messages in the queue until the function can run. Reports it once, when there are some. */
  private holdOff(reason: string): void {
    const { queueArn } = this.task;
    const fn = this.registry.versionAt(this.task)?.spec;
    if (fn !== undefined && !this.heldOff && this.dependencies.queues.hasVisible(queueArn)) {
      this.heldOff = true;
      this.dependencies.timeline.record('lambda.heldOff', fn.functionName, { queue: queueArn, reason });
      const queue = parseArn(queueArn)?.resource ?? queueArn;
      this.dependencies.runner.report?.(fn, `${fn.functionName} cannot run, so messages stay in ${queue}: ${reason}`);
    }
    this.pauseTimer = this.dependencies.clock.schedulePeriodic(this.now + PAUSE, this.resume, this.what('looks again'));
  }

  private readonly resume = (): void => {
    this.pauseTimer = undefined;
    this.pump();
  };

  private mayAsk(allowance: number): boolean {
    if (this.state !== 'polling' || this.pauseTimer !== undefined) return false;
    if (this.open !== undefined && this.filling === undefined) return true;
    const polls = this.waiting.size + (this.filling === undefined ? 0 : 1);
    return polls < (this.task.settings.pollers?.minimum ?? this.limits.idlePollers) && this.occupied < allowance;
  }

  /** The number of batches, including one for each waiting poll. */
  private get occupied(): number {
    return this.running + this.closed.length + (this.open === undefined ? 0 : 1) + this.waiting.size;
  }

  /** Ends the polls that have no room any more for the messages that they might return. */
  private endSurplus(allowance: number): void {
    if (this.occupied <= allowance) return;
    for (const controller of [...this.waiting].reverse()) {
      if (this.occupied <= allowance) return;
      this.waiting.delete(controller);
      controller.abort();
    }
  }

  private waitForRoom(): void {
    const at = this.ramp.saturated(this.now);
    this.growthTimer?.cancel();
    this.growthTimer =
      at === undefined
        ? undefined
        : this.dependencies.clock.schedule(at, () => this.pump(), this.what('has more room'));
  }

  /** Receives messages: for the open batch if no poll waits for it yet, otherwise for a new batch. */
  private receive(): void {
    const { queues } = this.dependencies;
    const { queueArn, settings } = this.task;
    const batch = this.filling === undefined ? this.open : undefined;
    const max = Math.min(MOST_PER_REQUEST, settings.batchSize - (batch?.size ?? 0));
    const askedAt = this.now;
    const left = batch === undefined ? Infinity : Math.ceil((this.windowEnd(batch) - askedAt) / SECOND);
    const waitSeconds = Math.max(1, Math.min(LONGEST_WAIT_SECONDS, left));
    const controller = this.spare.pop() ?? new AbortController();
    let received: Message[] | Promise<Message[]>;
    try {
      received = queues.receive(queueArn, this.actor, max, waitSeconds, controller.signal);
    } catch (error) {
      this.spare.push(controller);
      return this.receiveFailed(error);
    }
    if (!(received instanceof Promise)) {
      this.spare.push(controller);
      return this.received(received, askedAt, waitSeconds);
    }
    if (batch === undefined) this.waiting.add(controller);
    else this.filling = controller;
    this.ramp.caughtUp(askedAt);
    received
      .then(
        (messages) => {
          this.unpark(controller);
          // Messages that were delivered to an abandoned poll are in flight: they are processed like all others.
          if (messages.length > 0 || !controller.signal.aborted) this.received(messages, askedAt, waitSeconds);
        },
        (error: unknown) => {
          this.unpark(controller);
          if (!controller.signal.aborted) this.receiveFailed(error);
        },
      )
      .then(() => this.pump())
      .catch((error: unknown) => surface(this.dependencies.clock, error));
  }

  private unpark(controller: AbortController): void {
    this.waiting.delete(controller);
    if (this.filling === controller) this.filling = undefined;
    if (!controller.signal.aborted) this.spare.push(controller);
  }

  private endFilling(): void {
    this.filling?.abort();
    this.filling = undefined;
  }

  private received(messages: readonly Message[], askedAt: number, waitSeconds: number): void {
    if (this.state === 'abandoned') return;
    const waitedInVain = messages.length === 0 && this.now > askedAt;
    // Waiting took the poller longer than a poll does, so it may poll again at once.
    if (!waitedInVain) this.pollers?.polled(messages.reduce((sum, { Body = '' }) => sum + Buffer.byteLength(Body), 0));
    if (messages.length === 0) {
      this.task.metrics.polled(0, this.task.settings.filters.length > 0 ? 0 : undefined);
      if (this.running === 0) this.ramp.quiet();
      if (this.now < askedAt + waitSeconds * SECOND) this.pause(PAUSE);
      return;
    }
    const unwanted: string[] = [];
    for (const message of messages) {
      if (this.wants(message)) this.addToBatch(message);
      else unwanted.push(message.ReceiptHandle as string);
    }
    this.task.metrics.polled(messages.length, this.task.settings.filters.length > 0 ? unwanted.length : undefined);
    this.delete(unwanted);
    if (this.state === 'draining' || this.task.settings.windowSeconds === 0) this.closeBatch();
  }

  private wants(message: Message): boolean {
    const { filters } = this.task.settings;
    return filters.length === 0 || filters.some((filter) => filter.matches(message.Body ?? ''));
  }

  private addToBatch(message: Message): void {
    const { queueArn, settings } = this.task;
    const record = toRecord(message, queueArn, this.dependencies.region, settings.windowSeconds > 0);
    if (this.open?.wouldExceed(record, this.limits.synchronousPayload) === true) this.closeBatch();
    if (this.open === undefined) {
      const visibility = this.dependencies.queues.describe(queueArn)?.visibilityTimeoutSeconds ?? 0;
      this.open = new MessageBatch(this.now, this.now + visibility * SECOND);
      if (settings.windowSeconds > 0) {
        const close = () => {
          this.closeBatch();
          this.pump();
        };
        const closesAt = this.windowEnd(this.open);
        this.windowTimer = this.dependencies.clock.schedule(closesAt, close, this.what('closes a batch'));
      }
    }
    this.open.add(message, record);
    if (this.open.size >= settings.batchSize) this.closeBatch();
  }

  private windowEnd(batch: MessageBatch): number {
    return batch.openedAt + this.task.settings.windowSeconds * SECOND;
  }

  private closeBatch(): void {
    if (this.open === undefined) return;
    this.windowTimer?.cancel();
    this.closed.push(this.open);
    this.open = undefined;
    // The waiting poll of this batch requests too few messages, and waits too short a time.
    this.endFilling();
  }

  private pause(milliseconds: number): void {
    if (this.state !== 'polling') return;
    this.pauseTimer?.cancel();
    this.pauseTimer = this.dependencies.clock.schedule(this.now + milliseconds, this.resume, this.what('asks again'));
  }

  private receiveFailed(error: unknown): void {
    if (!(error instanceof AwsError)) throw error;
    const { functionName, queueArn } = this.task;
    this.dependencies.timeline.record('lambda.receiveFailed', functionName, { queue: queueArn, reason: error.message });
    this.pause(PAUSE_AFTER_FAILURE);
  }

  private dispatch(batch: MessageBatch): void {
    this.running++;
    this.process(batch)
      .finally(() => this.running--)
      .then(() => this.pump())
      .catch((error: unknown) => surface(this.dependencies.clock, error));
  }

  /** Invokes the function with a batch, retries while it is throttled, and deletes the processed messages. */
  private async process(batch: MessageBatch): Promise<void> {
    const { functionName } = this.task;
    const requestId = this.invocations.newRequestId();
    for (let wait = SECOND; this.state !== 'abandoned'; wait = Math.min(wait * 2, LONGEST_THROTTLE_WAIT)) {
      const running = this.tryToInvoke(batch, requestId);
      this.task.metrics.invoked(batch.size);
      if (running !== undefined) return this.conclude(batch, requestId, await running);
      this.task.metrics.failed(batch.size);
      this.dependencies.timeline.record('lambda.throttled', functionName, { request: requestId, records: batch.size });
      this.ramp.backOff(this.now);
      // The messages are about to become visible again: they must not be deleted under their next receiver.
      if (this.now + wait >= batch.visibleAt) return;
      await this.sleep(wait);
    }
  }

  private tryToInvoke(batch: MessageBatch, requestId: string): Promise<Invocation> | undefined {
    const fn = this.registry.pick(this.task);
    if (fn === undefined) {
      const errorMessage = `Function not found: ${this.task.functionName}`;
      return Promise.resolve({ error: { errorType: 'ResourceNotFoundException', errorMessage } });
    }
    try {
      return this.invocations.start(fn, toEvent(batch.records), requestId, { records: batch.size });
    } catch (error) {
      if (error instanceof AwsError && error.shape === 'TooManyRequestsException') return undefined;
      throw error;
    }
  }

  private conclude(batch: MessageBatch, requestId: string, { error, payload }: Invocation): void {
    const { settings, metrics } = this.task;
    const { reportsItemFailures } = settings;
    if (error !== undefined) {
      metrics.failed(batch.size);
      // With partial batch responses, AWS does not slow down on errors.
      if (!reportsItemFailures) this.ramp.backOff(this.now);
      return;
    }
    if (!reportsItemFailures) return this.deleteProcessed(batch.messages.map(({ handle }) => handle));
    const outcome = readBatchResponse(payload, new Set(batch.messages.map(({ id }) => id)));
    if (outcome === 'unreadable') {
      metrics.failed(batch.size);
      const reason = `not a batch response of these messages: ${payload?.slice(0, 200) ?? ''}`;
      this.dependencies.timeline.record('lambda.batchFailed', this.task.functionName, { request: requestId, reason });
      return;
    }
    if (outcome.failed.size > 0) metrics.failed(outcome.failed.size);
    this.deleteProcessed(batch.messages.filter(({ id }) => !outcome.failed.has(id)).map(({ handle }) => handle));
  }

  private deleteProcessed(handles: readonly string[]): void {
    if (handles.length > 0) this.task.metrics.deleted(this.delete(handles));
  }

  /** Returns the number of deleted messages. */
  private delete(handles: readonly string[]): number {
    for (let index = 0; index < handles.length; index += MOST_PER_REQUEST) {
      const some = handles.slice(index, index + MOST_PER_REQUEST);
      try {
        this.dependencies.queues.delete(this.task.queueArn, this.actor, some);
      } catch (error) {
        // The queue was deleted meanwhile, along with its messages.
        if (!(error instanceof AwsError)) throw error;
        this.dependencies.timeline.record('lambda.deleteFailed', this.task.functionName, { reason: error.message });
        return index;
      }
    }
    return handles.length;
  }

  private sleep(milliseconds: number): Promise<void> {
    const what = this.what('tries a throttled batch again');
    return new Promise((resolve) => this.dependencies.clock.schedule(this.now + milliseconds, resolve, what));
  }

  private what(does: string): string {
    return `the poller of ${this.task.functionName} ${does}`;
  }
}
