import {
  type MessageAttributeValue,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SendMessageBatchResultEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type EntryFailure, requestBatch } from './batch-request';
import { type Buffered, OutgoingBuffer } from './outgoing-buffer';

/** A message to send: an entry of SendMessageBatch without its `Id`, which is generated. */
export type OutgoingMessage = Omit<SendMessageBatchRequestEntry, 'Id'>;

/** A message that SQS accepted. */
export interface SentMessage {
  readonly messageId: string;
  /** Of a FIFO queue: larger than that of each earlier message of its group. */
  readonly sequenceNumber?: string;
}

/** SQS did not accept a message. */
export class MessageNotSentError extends Error {
  public override readonly name = 'MessageNotSentError';

  constructor(
    /** The message and the reason. */
    public readonly failure: EntryFailure<OutgoingMessage>,
  ) {
    super(`${failure.code}: ${failure.reason}`, { cause: failure.cause });
  }
}

/** The buffer of a {@link QueueProducer} has no room for a message. Await {@link QueueProducer.ready} before sending. */
export class ProducerBufferFullError extends Error {
  public override readonly name = 'ProducerBufferFullError';
}

/** The code of a message that was not tried, because an earlier one of its group was not sent. */
const HELD_BACK = 'HeldBack';

export interface QueueProducerOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /**
   * How long the first message of a batch waits for others, 0 or more milliseconds. With 0, messages that are sent in
   * the same turn of the event loop still share a request; with `Infinity`, only full batches and {@link
   * QueueProducer.flush} are sent. Default 20.
   */
  readonly lingerMilliseconds?: number;
  /**
   * The maximum number of requests at a time, at least 1. A message group of a FIFO queue is only ever in one of them.
   * Default 4.
   */
  readonly concurrency?: number;
  /** The maximum number of messages in the buffer, including those in requests, at least 1. Default 10,000. */
  readonly maxBufferedMessages?: number;
  /**
   * The number of bytes from which the buffer is full, including those in requests, at least 1. The last message may
   * exceed it. Default 16 MiB.
   */
  readonly maxBufferedBytes?: number;
}

interface Pending extends Buffered {
  readonly message: OutgoingMessage;
  /** When it must be sent at the latest, in milliseconds since the epoch. */
  readonly due: number;
  readonly resolve: (sent: SentMessage) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Sends messages to one queue in as few requests as possible: batches of up to ten messages and 1 MiB. Entries that
 * fail on SQS's side are retried alone (4 attempts, 100 ms apart, doubling); a failed request has been retried by the
 * SDK's client, as its `maxAttempts` says.
 *
 * A FIFO queue receives each message group in order, through retries too: messages of a group wait until the request
 * with the earlier ones has ended. If one of them is finally not sent, all messages of its group that are in the buffer
 * are rejected with the code `HeldBack`, so that none overtakes it; what is given to `send` afterwards is sent.
 */
export class QueueProducer {
  private readonly fifo: boolean;
  private readonly linger: number;
  private readonly concurrency: number;
  private readonly mostMessages: number;
  private readonly mostBytes: number;
  private readonly buffer = new OutgoingBuffer<Pending>();
  private requests = 0;
  private bytes = 0;
  private given = 0;
  /** Messages up to this position do not linger. */
  private flushTo = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private scheduled = false;
  private closed = false;
  private readonly unsettled = new Set<Promise<unknown>>();
  private waitingForRoom: (() => void)[] = [];

  /** @throws RangeError if an option is out of range */
  constructor(private readonly options: QueueProducerOptions) {
    const { queueUrl, lingerMilliseconds = 20, concurrency = 4 } = options;
    const { maxBufferedMessages = 10_000, maxBufferedBytes = 16 * 1_048_576 } = options;
    if (!(lingerMilliseconds >= 0)) {
      throw new RangeError(`lingerMilliseconds must be 0 or more, but was ${lingerMilliseconds}`);
    }
    for (const [name, value] of Object.entries({ concurrency, maxBufferedMessages, maxBufferedBytes })) {
      if (Number.isInteger(value) && value >= 1) continue;
      throw new RangeError(`${name} must be a whole number of 1 or more, but was ${value}`);
    }
    this.fifo = queueUrl.endsWith('.fifo');
    this.linger = lingerMilliseconds;
    this.concurrency = concurrency;
    this.mostMessages = maxBufferedMessages;
    this.mostBytes = maxBufferedBytes;
  }

  /**
   * Sends a message with the next batch. Resolves when SQS has accepted it.
   *
   * @throws MessageNotSentError if SQS finally did not accept it, or not the one before it in its group
   * @throws ProducerBufferFullError if the buffer is full: await {@link ready} before
   */
  public send(message: OutgoingMessage): Promise<SentMessage> {
    if (this.closed) return Promise.reject(new Error('the producer is closed'));
    if (!this.hasRoom) {
      const buffered = `${this.unsettled.size} messages of ${this.bytes} bytes are buffered`;
      return Promise.reject(new ProducerBufferFullError(`${buffered}: await ready() before send()`));
    }
    const bytes = sizeOf(message);
    this.bytes += bytes;
    const sent = new Promise<SentMessage>((resolve, reject) => {
      const group = this.fifo ? (message.MessageGroupId ?? '') : undefined;
      const due = Date.now() + this.linger;
      this.buffer.add({ message, bytes, group, position: ++this.given, due, resolve, reject });
    });
    this.unsettled.add(sent);
    this.schedule();
    // A promise of its own: a failure that nobody handles must not go unnoticed because flush() handles it.
    return sent.finally(() => {
      this.unsettled.delete(sent);
      this.bytes -= bytes;
      for (const wake of this.waitingForRoom.splice(0)) wake();
    });
  }

  /** Resolves when the buffer has room for a message: immediately, if it has now. */
  public async ready(): Promise<void> {
    while (!this.hasRoom) await new Promise<void>((resolve) => this.waitingForRoom.push(resolve));
  }

  /**
   * Sends what is in the buffer without lingering. Resolves when each message has been accepted or finally not; the
   * promises of `send` tell which.
   */
  public async flush(): Promise<void> {
    this.flushTo = this.given;
    this.schedule();
    await Promise.allSettled([...this.unsettled]);
  }

  /** Refuses further messages and flushes. */
  public async close(): Promise<void> {
    this.closed = true;
    await this.flush();
  }

  private get hasRoom(): boolean {
    return this.unsettled.size < this.mostMessages && this.bytes < this.mostBytes;
  }

  /** Looks for what to send once the caller has had its turn, so that messages given together share a batch. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.pump();
    });
  }

  private pump(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.requests < this.concurrency) {
      const { first } = this.buffer;
      if (first === undefined) return;
      const mustGo = first.position <= this.flushTo || first.due <= Date.now() || !this.hasRoom;
      if (!mustGo && !this.buffer.full) {
        if (first.due !== Infinity) this.timer = setTimeout(() => this.pump(), first.due - Date.now());
        return;
      }
      void this.deliver(this.buffer.take());
    }
  }

  private async deliver(batch: readonly Pending[]): Promise<void> {
    const { client, queueUrl } = this.options;
    this.requests++;
    const outcomes = await requestBatch<OutgoingMessage, SendMessageBatchResultEntry>(
      batch.map(({ message }) => message),
      (Entries) => client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
      ({ MessageGroupId = '' }) => (this.fifo ? MessageGroupId : undefined),
    );
    this.requests--;
    const stopped = new Set<string>();
    for (const [index, { resolve, reject, group }] of batch.entries()) {
      const { failure, result } = outcomes[index];
      if (failure === undefined) {
        resolve({ messageId: result?.MessageId ?? '', sequenceNumber: result?.SequenceNumber });
        continue;
      }
      if (group !== undefined) stopped.add(group);
      reject(new MessageNotSentError(failure));
    }
    for (const group of new Set(batch.map((pending) => pending.group))) {
      if (group === undefined) continue;
      if (!stopped.has(group)) this.buffer.free(group);
      else
        for (const { message, reject } of this.buffer.drop(group)) reject(new MessageNotSentError(heldBack(message)));
    }
    this.pump();
  }
}

/** The failure of a message behind one of its group that was not sent. */
export function heldBack(entry: OutgoingMessage): EntryFailure<OutgoingMessage> {
  const reason = `a message before it in its message group "${entry.MessageGroupId}" was not sent`;
  return { entry, code: HELD_BACK, reason, senderFault: false, uncertain: false };
}

/** The bytes that SQS counts of a message. */
function sizeOf({ MessageBody = '', MessageAttributes = {} }: OutgoingMessage): number {
  const attribute = ([name, { DataType = '', StringValue = '', BinaryValue }]: [string, MessageAttributeValue]) =>
    Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue) + (BinaryValue?.length ?? 0);
  return Object.entries(MessageAttributes).reduce(
    (total, entry) => total + attribute(entry),
    Buffer.byteLength(MessageBody),
  );
}
