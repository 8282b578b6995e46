import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type EntryFailure, MAX_BATCH_ENTRIES, requestBatch } from './batch-request';
import { type Failure } from './failure-log';

/** SQS hides a message for at most 12 hours from its receive, in milliseconds. */
const MAX_HIDDEN = 43_200_000;
/** How much our estimate of the receive may differ from SQS's clock: responses take time, and clocks drift. */
const RECEIVE_TOLERANCE = 1_000;
/** How much earlier the last extension ends each time SQS rejects it as too long, in milliseconds. */
const LIMIT_STEP = 10_000;

interface Held {
  readonly message: Message;
  readonly lost: AbortController;
  /** Until when it is certainly hidden: since its receive, or the last extension that SQS confirmed. */
  hiddenUntil: number;
  /** Until when extensions can hide it. */
  limit: number;
  expiry?: ReturnType<typeof setTimeout>;
}

/**
 * Keeps messages hidden while their handlers run, up to SQS's limit of 12 hours after the receive. Without it, a
 * message whose handler is slower than the visibility timeout would be delivered to a second worker.
 */
export class VisibilityHeartbeat {
  private readonly held = new Map<Message, Held>();
  private readonly visibility: number;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
    visibilitySeconds: number,
    private readonly report: (failure: Failure) => void,
  ) {
    this.visibility = visibilitySeconds * 1_000;
  }

  /**
   * Call this as soon as the message has been received.
   * @returns a signal that aborts when the message is no longer hidden, and another worker may receive it
   */
  public hold(message: Message): AbortSignal {
    const now = Date.now();
    const limit = now + MAX_HIDDEN - RECEIVE_TOLERANCE;
    const held: Held = { message, lost: new AbortController(), hiddenUntil: now + this.visibility, limit };
    this.held.set(message, held);
    // A timeout of 0 hides nothing, so there is nothing to extend.
    if (this.visibility > 0) {
      this.timer ??= setInterval(() => void this.beat(), this.visibility / 4);
      this.expireLater(held);
    }
    return held.lost.signal;
  }

  /**
   * Hides a message for this many seconds from now, or as long as it is hidden already, if that is longer.
   * @throws SQS's error, as beyond 12 hours after the receive
   */
  public async extendTo(message: Message, seconds: number): Promise<void> {
    const now = Date.now();
    const until = now + seconds * 1_000;
    const held = this.held.get(message);
    if (held === undefined || until <= held.hiddenUntil) return;
    await this.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: this.queueUrl,
        ReceiptHandle: message.ReceiptHandle,
        VisibilityTimeout: seconds,
      }),
    );
    if (this.held.get(message) === held) this.extended(held, until, undefined);
  }

  public letGo(message: Message): void {
    clearTimeout(this.held.get(message)?.expiry);
    this.held.delete(message);
    if (this.held.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Extends the messages with less than half of their time left. With a beat each quarter, none expires in between. */
  private async beat(): Promise<void> {
    const now = Date.now();
    const due = [...this.held.values()].filter(
      (held) => held.hiddenUntil - now <= this.visibility / 2 && now + this.extensionOf(held, now) > held.hiddenUntil,
    );
    const batches = Math.ceil(due.length / MAX_BATCH_ENTRIES);
    await Promise.all(
      Array.from({ length: batches }, (_, batch) =>
        this.extend(due.slice(batch * MAX_BATCH_ENTRIES, (batch + 1) * MAX_BATCH_ENTRIES), now),
      ),
    );
  }

  /** How long the message can be hidden from now: whole seconds, in milliseconds. */
  private extensionOf({ limit }: Held, now: number): number {
    return Math.min(this.visibility, Math.floor((limit - now) / 1_000) * 1_000);
  }

  private async extend(batch: readonly Held[], now: number): Promise<void> {
    const seconds = batch.map((held) => this.extensionOf(held, now) / 1_000);
    const entries = batch.map(({ message: { ReceiptHandle } }, index) => ({
      ReceiptHandle,
      VisibilityTimeout: seconds[index],
    }));
    const outcomes = await requestBatch(entries, (Entries) =>
      this.client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.queueUrl, Entries })),
    );
    // A later beat retries: half of the time is still left.
    const ofRequest = outcomes.find(({ failure }) => failure?.cause !== undefined)?.failure;
    if (ofRequest !== undefined) this.report({ during: 'heartbeat', error: ofRequest.cause });
    for (const [index, held] of batch.entries()) {
      // Otherwise it was deleted or returned during the request, and nobody waits for the signal.
      if (this.held.get(held.message) === held)
        this.extended(held, now + seconds[index] * 1_000, outcomes[index].failure);
    }
  }

  private extended(held: Held, until: number, failure: EntryFailure<unknown> | undefined): void {
    if (failure === undefined) {
      held.hiddenUntil = Math.max(held.hiddenUntil, until);
      this.expireLater(held);
      return;
    }
    if (failure.cause !== undefined) return;
    const error = new Error(`${failure.code}: ${failure.reason}`);
    if (!failure.senderFault) this.report({ during: 'heartbeat', error, messageId: held.message.MessageId });
    // By SQS's clock this may be more than 12 hours: the earlier confirmation still applies.
    else if (until > held.limit - LIMIT_STEP) held.limit -= LIMIT_STEP;
    else this.lose(held, error);
  }

  private expireLater(held: Held): void {
    clearTimeout(held.expiry);
    const expire = (): void =>
      this.lose(held, new Error('the message is no longer hidden: its visibility timeout ended'));
    held.expiry = setTimeout(expire, held.hiddenUntil - Date.now());
  }

  private lose(held: Held, error: Error): void {
    this.letGo(held.message);
    this.report({ during: 'heartbeat', error, messageId: held.message.MessageId });
    held.lost.abort(error);
  }
}
