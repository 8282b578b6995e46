import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { BatchBuffer } from './batch-buffer';
import { MAX_BATCH_ENTRIES, requestBatch } from './batch-request';
import { DeadLetters } from './dead-letters';
import { contained, type Failure, logFailure } from './failure-log';
import { pause } from './pause';
import { QueueRequests } from './queue-requests';
import { sequencesOf } from './sequences';
import { Slots } from './slots';
import { VisibilityHeartbeat } from './visibility-heartbeat';
import { type WorkerEvent, type WorkerHealth } from './worker-events';

const MAX_RECEIVE = 10;
const MAX_VISIBILITY = 43_200;
/** The pause after an empty short poll, in milliseconds. */
const EMPTY_RECEIVE_PAUSE = 1_000;
/** How many requests in a row fail before a worker's health does. */
const FAILING_AFTER = 3;
/** How long a delete waits for others to share its request, in milliseconds. */
const DELETE_LINGER = 50;

/** A handler's second argument. */
export interface HandlerContext {
  /**
   * Aborts when the message can no longer be hidden from other workers, or the handler has taken longer than
   * `handlerTimeoutSeconds`. The handler's result is then discarded.
   */
  readonly signal: AbortSignal;
  /**
   * Hides the message from other workers for at least this many seconds from now, 1–43,200. The worker extends the
   * visibility timeout by itself while the handler runs; call this before work during which the process cannot do so,
   * such as a long computation.
   * @throws RangeError if `seconds` is out of range; SQS's error, as beyond 12 hours after the receive
   */
  extend(seconds: number): Promise<void>;
  /**
   * Ends all tries with the message: sends a copy to the dead-letter queue, with its attributes, its message group and
   * the reason in the attribute `DeadLetterReason` (unless it has ten attributes). When the handler ends, even if it
   * throws, the message is deleted.
   * @throws if the copy could not be sent; the message is then retried as after any error
   */
  deadLetter(reason: string): Promise<void>;
}

/** Processes one message. If it returns, the message is deleted; if it throws, the message is retried later. */
export type MessageHandler = (message: Message, context: HandlerContext) => void | Promise<void>;

export interface QueueWorkerOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly handler: MessageHandler;
  /** How many messages are handled at once, at least 1; on a FIFO queue, message groups. Default 1. */
  readonly concurrency?: number;
  /**
   * How many more messages may be received ahead, 0 or more; on a FIFO queue, message groups. They stay hidden while they
   * wait, and are returned at once when the worker stops. Useful when a receive takes longer than a handler. Default 0:
   * another worker that is idle should have the message.
   */
  readonly prefetch?: number;
  /**
   * How long a receive waits for a message, 0–20 seconds. Default 20. With 0 the worker pauses for a second after each
   * empty receive.
   */
  readonly waitTimeSeconds?: number;
  /**
   * How long a message is hidden at a time, 0–43,200 seconds. Extended while it is handled, up to SQS's limit of 12
   * hours after the receive. Default: the queue's.
   */
  readonly visibilityTimeoutSeconds?: number;
  /**
   * Returns the seconds until a message whose handler threw becomes visible again, from its number of receives so far
   * (1 at first). Default: 5 × receives, so that transient faults have time to pass and a poison message soon reaches
   * the dead-letter queue, without waiting for the visibility timeout.
   */
  readonly retryDelaySeconds?: (receives: number) => number;
  /**
   * How long a handler may take, more than 0 seconds. After that its signal aborts, and the message is retried while the
   * handler may still be ending, so a handler should heed the signal. Default: as long as the message can be hidden.
   */
  readonly handlerTimeoutSeconds?: number;
  /** Where `deadLetter` sends messages. Default: the queue that the queue's RedrivePolicy names. */
  readonly deadLetterQueueUrl?: string;
  /**
   * Called with every failure; the worker continues. What it throws is logged. Default: logs a line of JSON on stderr,
   * with the error's stack and cause.
   */
  readonly onFailure?: (failure: Failure) => void;
  /** Called with what happens, as for metrics; see `embeddedMetrics`. What it throws is reported. */
  readonly onEvent?: (event: WorkerEvent) => void;
  /** Called once, when the worker starts, with what it does. Default: logs a line of JSON on stdout. */
  readonly onStart?: (start: WorkerStart) => void;
}

/** What a worker does, for its log. */
export interface WorkerStart {
  readonly started: 'QueueWorker';
  readonly queueUrl: string;
  readonly concurrency: number;
  readonly prefetch: number;
  readonly visibilityTimeoutSeconds: number;
}

/** A received message and the signal of its visibility. */
interface HeldMessage {
  readonly message: Message;
  readonly signal: AbortSignal;
}

/** Messages that are handled one after another. */
interface Sequence {
  readonly waiting: HeldMessage[];
  /** The number of slots that it holds. */
  slots: number;
}

/**
 * Receives messages from one queue, handles them, and deletes each one only after its handler has returned.
 *
 * Unless it may prefetch, it never receives a message before there is a slot for it. So a worker that dies only holds the
 * messages it was working on, and those are redelivered after their visibility timeout.
 *
 * Messages of a FIFO queue are handled concurrently across message groups, and in order within each: a message is
 * handled once the previous one has been deleted. If that fails, all messages of the group that were received with it
 * are returned to the queue, in order. Messages that wait for their turn take no slot: while their group is locked, no
 * other worker could handle them.
 */
export class QueueWorker {
  private readonly stopping = new AbortController();
  private readonly inProgress = new Set<Promise<void>>();
  /** The sequences in progress of a FIFO queue, by message group. */
  private readonly groups = new Map<string, Sequence>();
  private readonly pollers = new Set<Promise<void>>();
  /** How many handlers are running, or have succeeded and not yet requested their delete. */
  private handling = 0;
  /** How many messages have been received, and are neither deleted nor returned. */
  private holding = 0;
  private readonly fifo: boolean;
  /** How many messages may be held at once. */
  private readonly received: number;
  /** For messages that were received. */
  private readonly slots: Slots;
  /** For handlers; undefined if each received message has one. */
  private readonly turns: Slots | undefined;
  private readonly requests: QueueRequests;
  private ended = false;
  private readonly deletes: BatchBuffer<{ ReceiptHandle: string | undefined }>;
  private readonly deadLetters: DeadLetters;
  private readonly report: (failure: Failure) => void;
  private running: Promise<void> | undefined;

  /** @throws RangeError if an option is out of range */
  constructor(private readonly options: QueueWorkerOptions) {
    const { client, queueUrl, concurrency = 1, prefetch = 0, waitTimeSeconds, visibilityTimeoutSeconds } = options;
    whole('concurrency', concurrency, 1, Number.MAX_SAFE_INTEGER);
    whole('prefetch', prefetch, 0, Number.MAX_SAFE_INTEGER);
    if (waitTimeSeconds !== undefined) whole('waitTimeSeconds', waitTimeSeconds, 0, 20);
    if (visibilityTimeoutSeconds !== undefined) {
      whole('visibilityTimeoutSeconds', visibilityTimeoutSeconds, 0, MAX_VISIBILITY);
    }
    const { handlerTimeoutSeconds, deadLetterQueueUrl } = options;
    if (handlerTimeoutSeconds !== undefined && !(handlerTimeoutSeconds > 0)) {
      throw new RangeError(`handlerTimeoutSeconds must be more than 0, but was ${handlerTimeoutSeconds}`);
    }
    this.deadLetters = new DeadLetters(client, queueUrl, deadLetterQueueUrl);
    this.fifo = queueUrl.endsWith('.fifo');
    this.received = concurrency + prefetch;
    this.slots = new Slots(this.received);
    this.turns = prefetch > 0 ? new Slots(concurrency) : undefined;
    this.report = contained(options.onFailure ?? logFailure);
    this.requests = new QueueRequests(queueUrl, this.stopping, this.report);
    this.deletes = new BatchBuffer(concurrency === 1 ? 0 : DELETE_LINGER, (Entries) =>
      client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
    );
  }

  /** Whether it is working on a message. */
  public get busy(): boolean {
    return this.inProgress.size > 0;
  }

  /** What it is doing. */
  public health(): WorkerHealth {
    const { failed, fatal, succeededAt } = this.requests;
    const state = (): WorkerHealth['state'] => {
      if (this.ended) return 'stopped';
      if (this.stopping.signal.aborted && fatal === undefined) return 'draining';
      if (fatal !== undefined || failed >= FAILING_AFTER) return 'failing';
      return succeededAt === undefined ? 'starting' : 'working';
    };
    return { state: state(), messages: this.holding, lastContact: succeededAt };
  }

  /**
   * Works until `stop()` is called and everything in progress has ended. Repeated calls return the first one's promise.
   * @throws QueueGoneError once everything in progress has ended, if the queue has not existed for a minute
   */
  public run(): Promise<void> {
    return (this.running ??= this.work().finally(() => {
      this.ended = true;
      this.tell({ type: 'stopped' });
    }));
  }

  /**
   * Stops receiving, returns messages that wait for their turn, and resolves when everything in progress is finished and
   * deleted.
   */
  public async stop(): Promise<void> {
    this.stopping.abort();
    this.deletes.flush();
    await this.running?.catch(() => undefined); // `run` has thrown it
  }

  private async work(): Promise<void> {
    await this.workUntilStopped();
    if (this.requests.fatal !== undefined) throw this.requests.fatal;
  }

  private tell(event: WorkerEvent): void {
    try {
      this.options.onEvent?.(event);
    } catch (error) {
      this.report({ during: 'report', error });
    }
  }

  private async workUntilStopped(): Promise<void> {
    const visibility = await this.visibilityTimeout();
    if (visibility === undefined) return;
    const { client, queueUrl, concurrency = 1, prefetch = 0, onStart = logStart } = this.options;
    onStart({ started: 'QueueWorker', queueUrl, concurrency, prefetch, visibilityTimeoutSeconds: visibility });
    const heartbeat = new VisibilityHeartbeat(client, queueUrl, visibility, this.report);
    this.addPoller(heartbeat);
    while (this.pollers.size > 0) await Promise.all(this.pollers);
    await Promise.all(this.inProgress);
  }

  private addPoller(heartbeat: VisibilityHeartbeat): void {
    const poller = this.poll(heartbeat).finally(() => this.pollers.delete(poller));
    this.pollers.add(poller);
  }

  /** Receives until the worker stops, or until the queue is empty and another poller waits for messages. */
  private async poll(heartbeat: VisibilityHeartbeat): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const taken = await this.slots.take(MAX_RECEIVE, this.stopping.signal);
      if (taken === 0) return;
      const asked = Date.now();
      const messages = await this.receive(taken);
      if (!this.stopping.signal.aborted || messages.length > 0) {
        this.tell({ type: 'received', messages: messages.length });
      }
      this.holding += messages.length;
      const held = messages.map((message) => ({ message, signal: heartbeat.hold(message) }));
      let used = 0;
      for (const sequence of sequencesOf(held, ({ message }) => this.groupOf(message))) {
        used += this.begin(sequence, heartbeat);
      }
      this.slots.release(taken - used);
      // There may be more where these came from: one connection cannot fill many slots.
      const most = Math.ceil(this.received / MAX_RECEIVE);
      if (messages.length === taken && this.slots.any && this.pollers.size < most) this.addPoller(heartbeat);
      if (messages.length === 0 && this.pollers.size > 1) return;
      // A long poll has already paused.
      if (messages.length === 0 && Date.now() - asked < EMPTY_RECEIVE_PAUSE) {
        await pause(EMPTY_RECEIVE_PAUSE, this.stopping.signal);
      }
    }
  }

  /** The message group in which messages are handled in order; undefined on a standard queue. */
  private groupOf({ Attributes }: Message): string | undefined {
    return this.fifo ? Attributes?.MessageGroupId : undefined;
  }

  /** @returns how many slots it takes */
  private begin(messages: HeldMessage[], heartbeat: VisibilityHeartbeat): number {
    const group = this.groupOf(messages[0].message);
    const earlier = group === undefined ? undefined : this.groups.get(group);
    if (earlier !== undefined) {
      // Some of the group's messages were redelivered while others are still in progress: each takes a slot, because no
      // group lock keeps them from being redelivered again and again.
      earlier.waiting.push(...messages);
      earlier.slots += messages.length;
      return messages.length;
    }
    const sequence: Sequence = { waiting: messages, slots: 1 };
    if (group !== undefined) this.groups.set(group, sequence);
    const work = this.handleInOrder(sequence, heartbeat).finally(() => {
      if (group !== undefined) this.groups.delete(group);
      this.inProgress.delete(work);
    });
    this.inProgress.add(work);
    return 1;
  }

  /** @returns an empty list if there are no messages, or the worker stops */
  private async receive(max: number): Promise<Message[]> {
    const { queueUrl, waitTimeSeconds = 20, visibilityTimeoutSeconds } = this.options;
    const messages = await this.requests.untilStopped('receive', async () => {
      const { Messages = [] } = await this.options.client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: max,
          WaitTimeSeconds: waitTimeSeconds,
          VisibilityTimeout: visibilityTimeoutSeconds,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
        // A message that SQS returns while the poll is aborted is redelivered after its visibility timeout.
        { abortSignal: this.stopping.signal },
      );
      return Messages;
    });
    return messages ?? [];
  }

  private async handleInOrder(sequence: Sequence, heartbeat: VisibilityHeartbeat): Promise<void> {
    const { waiting } = sequence;
    const rest = (): Message[] => waiting.splice(0).map(({ message }) => message);
    for (let held = waiting.shift(); held !== undefined; held = waiting.shift()) {
      const { message, signal } = held;
      if (signal.aborted) {
        // Its visibility ended while it waited for its turn: another worker may have it.
        this.holding--;
        await this.giveBack(rest(), heartbeat);
        continue;
      }
      if (this.turns !== undefined && (await this.turns.take(1, this.stopping.signal)) === 0) {
        await this.giveBack([message, ...rest()], heartbeat);
        break;
      }
      if (signal.aborted) {
        this.turns?.release(1);
        waiting.unshift(held); // it was lost while it waited for its turn
        continue;
      }
      const succeeded = await this.handle(held, heartbeat);
      this.turns?.release(1);
      if (!succeeded || waiting.length === 0) this.releaseSlots(sequence);
      if (succeeded) {
        const deleted = await this.delete(message);
        this.holding--;
        heartbeat.letGo(message);
        if (!deleted || this.stopping.signal.aborted) await this.giveBack(rest(), heartbeat);
      } else {
        await this.retryLater(message, rest(), heartbeat);
      }
    }
    this.releaseSlots(sequence);
  }

  private releaseSlots(sequence: Sequence): void {
    this.slots.release(sequence.slots);
    sequence.slots = 0;
  }

  /** @returns whether the message is done with: its handler succeeded, or gave it up */
  private async handle({ message, signal: hidden }: HeldMessage, heartbeat: VisibilityHeartbeat): Promise<boolean> {
    this.handling++;
    const ends = new AbortController();
    const lost = (): void => ends.abort(hidden.reason);
    hidden.addEventListener('abort', lost);
    let givenUp = false;
    const context: HandlerContext = {
      signal: ends.signal,
      extend: async (seconds) => {
        whole('seconds', seconds, 1, MAX_VISIBILITY);
        await heartbeat.extendTo(message, seconds);
      },
      deadLetter: async (reason) => {
        await this.deadLetters.send(message, reason);
        givenUp = true;
      },
    };
    const began = Date.now();
    const tell = (outcome: 'succeeded' | 'failed'): void =>
      this.tell({
        type: 'handled',
        messageId: message.MessageId,
        milliseconds: Date.now() - began,
        receives: receivesOf(message),
        outcome: givenUp ? 'deadLettered' : outcome,
      });
    try {
      await this.inTime(ends, async () => this.options.handler(message, context));
      tell('succeeded');
      return true;
    } catch (error) {
      tell('failed');
      if (!givenUp) this.handling--;
      this.report({ during: 'handle', error, messageId: message.MessageId });
      return givenUp;
    } finally {
      hidden.removeEventListener('abort', lost);
    }
  }

  /** Runs a handler; aborts and rejects once it has taken longer than `handlerTimeoutSeconds`. */
  private async inTime(ends: AbortController, handler: () => Promise<void>): Promise<void> {
    const { handlerTimeoutSeconds: seconds } = this.options;
    if (seconds === undefined) return handler();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new Error(`the handler took longer than ${seconds} seconds`);
        error.name = 'TimeoutError';
        ends.abort(error);
        reject(error);
      }, seconds * 1_000);
    });
    try {
      await Promise.race([handler(), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @returns whether SQS deleted it */
  private async delete(message: Message): Promise<boolean> {
    this.handling--;
    const deleted = this.deletes.add({ ReceiptHandle: message.ReceiptHandle });
    // The group's next message waits for this delete, so it must not linger once no running handler could add to the
    // batch.
    if (this.stopping.signal.aborted || (this.fifo && this.handling === 0)) this.deletes.flush();
    try {
      await deleted;
      return true;
    } catch (error) {
      this.report({ during: 'delete', error, messageId: message.MessageId });
      return false;
    }
  }

  /** Makes a message visible after its retry delay, and those behind it, which its group's lock holds back. */
  private async retryLater(
    message: Message,
    behind: readonly Message[],
    heartbeat: VisibilityHeartbeat,
  ): Promise<void> {
    heartbeat.letGo(message);
    this.holding--;
    const { retryDelaySeconds = (receives) => 5 * receives } = this.options;
    let delay: number;
    try {
      const asked = retryDelaySeconds(receivesOf(message));
      if (!Number.isFinite(asked)) {
        throw new RangeError(`retryDelaySeconds must return a number of seconds, but returned ${asked}`);
      }
      delay = Math.min(Math.max(0, Math.round(asked)), MAX_VISIBILITY);
    } catch (error) {
      // It is redelivered after its visibility timeout anyway.
      this.report({ during: 'retry', error, messageId: message.MessageId });
      return this.giveBack(behind, heartbeat);
    }
    await this.giveBack(behind, heartbeat, { message, delay });
  }

  /** Makes messages visible again, in order: the first after its delay, if any. */
  private async giveBack(
    messages: readonly Message[],
    heartbeat: VisibilityHeartbeat,
    first?: { readonly message: Message; readonly delay: number },
  ): Promise<void> {
    for (const message of messages) heartbeat.letGo(message);
    this.holding -= messages.length;
    const { client, queueUrl } = this.options;
    const all = [...(first === undefined ? [] : [first]), ...messages.map((message) => ({ message, delay: 0 }))];
    for (let start = 0; start < all.length; start += MAX_BATCH_ENTRIES) {
      const batch = all.slice(start, start + MAX_BATCH_ENTRIES);
      const outcomes = await requestBatch(
        batch.map(({ message: { ReceiptHandle }, delay }) => ({ ReceiptHandle, VisibilityTimeout: delay })),
        (Entries) => client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries })),
      );
      for (const [index, { message }] of batch.entries()) {
        const { failure } = outcomes[index];
        if (failure === undefined) continue;
        const error = failure.cause ?? new Error(`${failure.code}: ${failure.reason}`);
        this.report({ during: 'retry', error, messageId: message.MessageId });
      }
    }
  }

  private async visibilityTimeout(): Promise<number | undefined> {
    const { client, queueUrl, visibilityTimeoutSeconds } = this.options;
    if (visibilityTimeoutSeconds !== undefined) return visibilityTimeoutSeconds;
    return this.requests.untilStopped('receive', async () => {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['VisibilityTimeout'] }),
        { abortSignal: this.stopping.signal },
      );
      return Number(Attributes?.VisibilityTimeout ?? 30);
    });
  }
}

function receivesOf({ Attributes }: Message): number {
  return Number(Attributes?.ApproximateReceiveCount ?? 1);
}

function logStart(start: WorkerStart): void {
  console.log(JSON.stringify(start));
}

function whole(name: string, value: number, from: number, to: number): void {
  if (Number.isInteger(value) && value >= from && value <= to) return;
  throw new RangeError(`${name} must be a whole number from ${from} to ${to}, but was ${value}`);
}
