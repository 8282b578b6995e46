import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { BatchBuffer } from './batch-buffer';
import { type Failure, logFailure } from './failure-log';
import { pause } from './pause';
import { Slots } from './slots';
import { VisibilityHeartbeat } from './visibility-heartbeat';

const MAX_RECEIVE = 10;
const MAX_VISIBILITY = 43_200;
/** Longest pause between receives that fail, in milliseconds. */
const MAX_RECEIVE_PAUSE = 30_000;
/** For how long a delete waits for others to share its request, in milliseconds. */
const DELETE_LINGER = 50;

/** What a handler gets beside its message. */
export interface HandlerContext {
  /** Aborts when the message can no longer be kept from other workers; the handler's result is then worthless. */
  readonly signal: AbortSignal;
}

/** Does the work of one message. Returning means done (it is deleted); throwing means try again later. */
export type MessageHandler = (message: Message, context: HandlerContext) => void | Promise<void>;

export interface QueueWorkerOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly handler: MessageHandler;
  /** Messages handled at once, at least 1. Default 1. */
  readonly concurrency?: number;
  /** How long a receive waits for a message, 0–20 seconds. Default 20. */
  readonly waitTimeSeconds?: number;
  /** For how long a message is hidden at a time, 0–43,200 seconds; renewed while it is handled. Default: the queue's. */
  readonly visibilityTimeoutSeconds?: number;
  /**
   * Seconds until a message whose handler threw is visible again, from the number of its receives so far (1 at first).
   * Default: 5 × receives, so that a passing fault has time to pass and a poison message soon reaches the dead-letter
   * queue, rather than both waiting for the visibility timeout.
   */
  readonly retryDelaySeconds?: (receives: number) => number;
  /** Told of every failure; the worker carries on. Default: a line of JSON on stderr. */
  readonly onFailure?: (failure: Failure) => void;
}

/**
 * Receives messages from one queue, handles them, and deletes each one only after its handler has returned.
 *
 * A message is never taken before there is a slot for it: a worker that dies takes no more with it than it was
 * working on, and those come back after their visibility timeout.
 */
export class QueueWorker {
  private readonly stopping = new AbortController();
  private readonly inProgress = new Set<Promise<void>>();
  private readonly concurrency: number;
  private readonly slots: Slots;
  private readonly deletes: BatchBuffer<{ ReceiptHandle: string | undefined }>;
  private readonly report: (failure: Failure) => void;
  private running: Promise<void> | undefined;

  /** @throws RangeError when an option is out of its range */
  constructor(private readonly options: QueueWorkerOptions) {
    const { client, queueUrl, concurrency = 1, waitTimeSeconds, visibilityTimeoutSeconds } = options;
    whole('concurrency', concurrency, 1, Number.MAX_SAFE_INTEGER);
    if (waitTimeSeconds !== undefined) whole('waitTimeSeconds', waitTimeSeconds, 0, 20);
    if (visibilityTimeoutSeconds !== undefined) {
      whole('visibilityTimeoutSeconds', visibilityTimeoutSeconds, 0, MAX_VISIBILITY);
    }
    this.concurrency = concurrency;
    this.slots = new Slots(concurrency);
    this.report = options.onFailure ?? logFailure;
    this.deletes = new BatchBuffer(concurrency === 1 ? 0 : DELETE_LINGER, (Entries) =>
      client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
    );
  }

  /** Whether it works on any message right now. */
  public get busy(): boolean {
    return this.inProgress.size > 0;
  }

  /** Works until `stop()` is called and everything in progress has ended. Repeated calls join the first. */
  public run(): Promise<void> {
    return (this.running ??= this.work());
  }

  /** Receives no more, finishes what is in progress, deletes what is done; resolves then. */
  public async stop(): Promise<void> {
    this.stopping.abort();
    this.deletes.flush();
    await this.running;
  }

  private async work(): Promise<void> {
    const visibility = await this.visibilityTimeout();
    if (visibility === undefined) return;
    const { client, queueUrl } = this.options;
    const heartbeat = new VisibilityHeartbeat(client, queueUrl, visibility, this.report);
    const pollers = Math.ceil(this.concurrency / MAX_RECEIVE);
    await Promise.all(Array.from({ length: pollers }, () => this.poll(heartbeat)));
    await Promise.all(this.inProgress);
  }

  private async poll(heartbeat: VisibilityHeartbeat): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const taken = await this.slots.take(MAX_RECEIVE, this.stopping.signal);
      if (taken === 0) return;
      const messages = await this.receive(taken);
      this.slots.release(taken - messages.length);
      for (const message of messages) {
        const work = this.process(message, heartbeat).finally(() => this.inProgress.delete(work));
        this.inProgress.add(work);
      }
    }
  }

  /** @returns no messages only when the worker stops */
  private async receive(max: number): Promise<Message[]> {
    const { queueUrl, waitTimeSeconds = 20, visibilityTimeoutSeconds } = this.options;
    const messages = await this.untilStopped('receive', async () => {
      const { Messages = [] } = await this.options.client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: max,
          WaitTimeSeconds: waitTimeSeconds,
          VisibilityTimeout: visibilityTimeoutSeconds,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
        // A message that SQS has handed out while the poll is aborted comes back after its visibility timeout.
        { abortSignal: this.stopping.signal },
      );
      return Messages;
    });
    return messages ?? [];
  }

  private async process(message: Message, heartbeat: VisibilityHeartbeat): Promise<void> {
    const messageId = message.MessageId;
    const signal = heartbeat.hold(message);
    try {
      await this.options.handler(message, { signal });
    } catch (error) {
      heartbeat.letGo(message);
      this.slots.release(1);
      this.report({ during: 'handle', error, messageId });
      return this.retryLater(message);
    }
    this.slots.release(1);
    try {
      const deleted = this.deletes.add({ ReceiptHandle: message.ReceiptHandle });
      if (this.stopping.signal.aborted) this.deletes.flush();
      await deleted;
    } catch (error) {
      this.report({ during: 'delete', error, messageId });
    } finally {
      heartbeat.letGo(message);
    }
  }

  private async retryLater(message: Message): Promise<void> {
    const { client, queueUrl, retryDelaySeconds = (receives) => 5 * receives } = this.options;
    try {
      const receives = Number(message.Attributes?.ApproximateReceiveCount ?? 1);
      const delay = Math.min(Math.max(0, Math.round(retryDelaySeconds(receives))), MAX_VISIBILITY);
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: message.ReceiptHandle,
          VisibilityTimeout: delay,
        }),
      );
    } catch (error) {
      // It comes back after its visibility timeout all the same.
      this.report({ during: 'retry', error, messageId: message.MessageId });
    }
  }

  private async visibilityTimeout(): Promise<number | undefined> {
    const { client, queueUrl, visibilityTimeoutSeconds } = this.options;
    if (visibilityTimeoutSeconds !== undefined) return visibilityTimeoutSeconds;
    return this.untilStopped('receive', async () => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['VisibilityTimeout'] }),
        { abortSignal: this.stopping.signal },
      );
      return Number(Attributes?.VisibilityTimeout ?? 30);
    });
  }

  /** Repeats a request until it succeeds, pausing 1, 2, 4 … 30 seconds in between; undefined once the worker stops. */
  private async untilStopped<T>(during: Failure['during'], request: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.stopping;
    for (let wait = 1_000; !signal.aborted; wait = Math.min(2 * wait, MAX_RECEIVE_PAUSE)) {
      try {
        return await request();
      } catch (error) {
        if (signal.aborted) return undefined;
        this.report({ during, error });
        await pause(wait, signal);
      }
    }
    return undefined;
  }
}

function whole(name: string, value: number, from: number, to: number): void {
  if (Number.isInteger(value) && value >= from && value <= to) return;
  throw new RangeError(`${name} must be a whole number from ${from} to ${to}, got ${value}`);
}
