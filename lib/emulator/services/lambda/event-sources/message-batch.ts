import type { Message } from '@aws-sdk/client-sqs';
import { EVENT_OVERHEAD } from './sqs-event';

/** The messages of one invocation. */
export class MessageBatch {
  public readonly messages: { readonly id: string; readonly handle: string }[] = [];
  /** The messages as JSON records, in the same order. */
  public readonly records: string[] = [];
  private bytes = EVENT_OVERHEAD;

  constructor(
    /** When its first message was received. */
    public readonly openedAt: number,
    /** When the first of its messages becomes visible again. */
    public readonly visibleAt: number,
  ) {}

  public get size(): number {
    return this.messages.length;
  }

  /** Whether the event would exceed `limit` bytes with one more record. */
  public wouldExceed(record: string, limit: number): boolean {
    return this.bytes + Buffer.byteLength(record) + 1 > limit;
  }

  public add(message: Message, record: string): void {
    this.messages.push({ id: message.MessageId as string, handle: message.ReceiptHandle as string });
    this.records.push(record);
    this.bytes += Buffer.byteLength(record) + 1;
  }
}
