import type { Message } from '@aws-sdk/client-sqs';
import { AwsError, type RequestContext } from '../../core';
import { type Clock, SECOND, surface, type Timer } from '../../clock';
import type { Sqs } from '../../services/sqs';
import { MessagesInWork } from './messages-in-work';
import type { CheckedWorkerModel } from './worker-model';

const MOST_PER_RECEIVE = 10;
const LONG_POLL_SECONDS = 20;
/** How long it waits after a failed request: doubled each time, up to the longest. */
const FIRST_PAUSE = SECOND;
const LONGEST_PAUSE = 30 * SECOND;

/** What a {@link ModelledWorker} depends on. */
export interface ModelledWorkerDependencies {
  readonly clock: Clock;
  readonly sqs: Sqs;
  readonly call: RequestContext;
  /** Called with what went wrong; the worker continues. */
  readonly report: (text: string) => void;
  /** Called when the first message comes into work, and when the last one has left it. */
  readonly busyChanged: (busy: boolean) => void;
}

/**
 * Works as a queue consumer should: uses one long poll at a time, requests no more messages than it has room for,
 * extends the visibility of those in work, deletes what succeeded, and leaves failures to their visibility timeout.
 */
export class ModelledWorker {
  private readonly stopping = new AbortController();
  private readonly inWork: MessagesInWork[] = [];
  private readonly call: RequestContext;
  private state: 'polling' | 'draining' | 'ended' = 'polling';
  private room: number;
  private parked = false;
  private pauseTimer?: Timer;
  private pauseLength = FIRST_PAUSE;
  /** The queue's visibility timeout in seconds; read once, at the start. */
  private visibilityTimeout?: number;
  private readonly drained: (() => void)[] = [];

  constructor(
    private readonly dependencies: ModelledWorkerDependencies,
    private readonly model: CheckedWorkerModel,
  ) {
    this.room = model.concurrency;
    this.call = { ...dependencies.call, signal: this.stopping.signal, repeatsPolls: true };
  }

  /** Whether it is working on a message. */
  public get busy(): boolean {
    return this.inWork.length > 0;
  }

  public start(): void {
    this.poll();
  }

  /** Stops receiving, and resolves when current messages are finished. */
  public stop(): Promise<void> {
    this.cease('draining');
    if (!this.busy) return Promise.resolve();
    return new Promise((resolve) => this.drained.push(resolve));
  }

  /** Drops everything in work, as a killed process does: SQS redelivers the messages. */
  public kill(): void {
    this.cease('ended');
    for (const work of this.inWork.splice(0)) work.drop();
    this.tellDrained();
  }

  private cease(state: 'draining' | 'ended'): void {
    if (this.state !== 'ended') this.state = state;
    this.pauseTimer?.cancel();
    this.stopping.abort();
  }

  private poll(): void {
    while (this.state === 'polling' && this.room > 0 && !this.parked && this.pauseTimer === undefined) this.receive();
  }

  private receive(): void {
    const { sqs } = this.dependencies;
    const { queue, handler } = this.model;
    let answer: ReturnType<Sqs['receiveMessage']>;
    try {
      this.visibilityTimeout ??= this.askVisibilityTimeout();
      answer = sqs.receiveMessage(
        {
          QueueUrl: queue,
          MaxNumberOfMessages: Math.min(MOST_PER_RECEIVE, this.room),
          WaitTimeSeconds: LONG_POLL_SECONDS,
          // Attributes are only read by a handler.
          ...(handler !== undefined && { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
        },
        this.call,
      );
    } catch (error) {
      this.pause(error);
      return;
    }
    if (answer instanceof Promise) this.wait(answer);
    else this.take(answer.Messages ?? []);
  }

  private askVisibilityTimeout(): number {
    const { sqs, call } = this.dependencies;
    const ask = { QueueUrl: this.model.queue, AttributeNames: ['VisibilityTimeout' as const] };
    return Number(sqs.getQueueAttributes(ask, call).Attributes?.VisibilityTimeout);
  }

  private wait(answer: Promise<{ Messages?: Message[] }>): void {
    this.parked = true;
    answer
      .then(
        ({ Messages = [] }) => {
          this.parked = false;
          this.take(Messages);
        },
        (error: unknown) => {
          this.parked = false;
          this.pause(error);
        },
      )
      .then(() => this.poll())
      .catch((error: unknown) => surface(this.dependencies.clock, error));
  }

  private take(messages: readonly Message[]): void {
    this.pauseLength = FIRST_PAUSE;
    if (messages.length === 0 || this.state === 'ended') return;
    const idle = !this.busy;
    this.room -= messages.length;
    // One timer for all that take the same time.
    for (let first = 0; first < messages.length;) {
      const time = this.model.runningTimes.next();
      let end = first + 1;
      while (end < messages.length && this.model.runningTimes.areFixed) end++;
      this.begin(messages.slice(first, end), time);
      first = end;
    }
    if (idle) this.dependencies.busyChanged(true);
  }

  private begin(messages: readonly Message[], milliseconds: number): void {
    const { clock, sqs, report } = this.dependencies;
    const { queue, handler } = this.model;
    const left = (count: number) => {
      this.room += count;
      if (work.done) this.remove(work);
      if (!this.busy) this.becameIdle();
      this.poll();
    };
    const visibilityTimeout = this.visibilityTimeout ?? 0;
    // Not the polls' request context, which is aborted while the last messages are still in work.
    const { call } = this.dependencies;
    const work = new MessagesInWork({ clock, sqs, call, queue, visibilityTimeout, handler, report, left }, messages);
    this.inWork.push(work);
    work.begin(milliseconds);
  }

  /** A linear search: there are at most as many as messages in work. */
  private remove(work: MessagesInWork): void {
    const last = this.inWork.pop();
    if (last !== undefined && last !== work) this.inWork[this.inWork.indexOf(work)] = last;
  }

  private becameIdle(): void {
    this.dependencies.busyChanged(false);
    if (this.state === 'draining') this.tellDrained();
  }

  private tellDrained(): void {
    for (const resolve of this.drained.splice(0)) resolve();
  }

  private pause(error: unknown): void {
    if (this.state !== 'polling') return;
    if (!(error instanceof AwsError)) throw error;
    const { clock, report } = this.dependencies;
    report(`receive: ${error.message}`);
    const resume = () => {
      this.pauseTimer = undefined;
      this.poll();
    };
    this.pauseTimer = clock.schedule(clock.now() + this.pauseLength, resume, 'a modelled worker retries');
    this.pauseLength = Math.min(2 * this.pauseLength, LONGEST_PAUSE);
  }
}
