import { ChangeMessageVisibilityBatchCommand, type Message, type SQSClient } from '@aws-sdk/client-sqs';
import { MAX_BATCH_ENTRIES, requestBatch } from './batch-request';
import { type Failure } from './failure-log';

interface Held {
  readonly message: Message;
  readonly lost: AbortController;
  visibleAt: number;
}

/**
 * Keeps messages invisible while their handlers run, however long that takes (SQS ends it 12 hours after the receive).
 * Without it a handler slower than the visibility timeout has its message handed to a second worker.
 */
export class VisibilityHeartbeat {
  private readonly held = new Map<Message, Held>();
  private readonly visibility: number;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly client: SQSClient,
    private readonly queueUrl: string,
    private readonly visibilitySeconds: number,
    private readonly report: (failure: Failure) => void,
  ) {
    this.visibility = visibilitySeconds * 1_000;
  }

  /** @returns a signal that aborts when the message can no longer be held: another worker may get it */
  public hold(message: Message): AbortSignal {
    const lost = new AbortController();
    this.held.set(message, { message, lost, visibleAt: Date.now() + this.visibility });
    // A timeout of 0 hides nothing: there is nothing to extend.
    if (this.visibility > 0) this.timer ??= setInterval(() => void this.beat(), this.visibility / 4);
    return lost.signal;
  }

  public letGo(message: Message): void {
    this.held.delete(message);
    if (this.held.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Extends those that have less than half of their time left: with a beat each quarter, none runs out in between. */
  private async beat(): Promise<void> {
    const due = [...this.held.values()].filter(({ visibleAt }) => visibleAt - Date.now() <= this.visibility / 2);
    for (let start = 0; start < due.length; start += MAX_BATCH_ENTRIES) {
      await this.extend(due.slice(start, start + MAX_BATCH_ENTRIES));
    }
  }

  private async extend(batch: readonly Held[]): Promise<void> {
    const asked = Date.now();
    try {
      const entries = batch.map(({ message }) => ({
        ReceiptHandle: message.ReceiptHandle,
        VisibilityTimeout: this.visibilitySeconds,
      }));
      const failures = await requestBatch(entries, (Entries) =>
        this.client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.queueUrl, Entries })),
      );
      batch.forEach((held, index) => {
        const failure = failures.find(({ entry }) => entry === entries[index]);
        if (failure === undefined) held.visibleAt = asked + this.visibility;
        else this.lose(held, new Error(`${failure.code}: ${failure.reason}`));
      });
    } catch (error) {
      // The next beat tries again: half of the time is still left.
      this.report({ during: 'heartbeat', error });
    }
  }

  private lose(held: Held, error: Error): void {
    // Deleted or given back while the request was on its way: nobody waits for the signal.
    if (this.held.get(held.message) !== held) return;
    this.letGo(held.message);
    this.report({ during: 'heartbeat', error, messageId: held.message.MessageId });
    held.lost.abort(error);
  }
}
