import { type DetailSource, parseBody } from '../../../testing';

/**
 * What has become of a message in a queue: `sent`, it waits there (or is delayed); `received`, a consumer has had it,
 * and it has not been deleted since; `deleted`; `deadLettered`, moved to the dead-letter queue, where it is a message
 * anew; `moved`, taken out by a message move task; and three ways to get lost: `expired` at the end of its retention
 * period, `purged`, and `queueDeleted`.
 */
export type MessageStatus = (typeof STATUSES)[number];

const STATUSES = ['sent', 'received', 'deleted', 'deadLettered', 'moved', 'expired', 'purged', 'queueDeleted'] as const;

/** @throws RangeError where there is no such status */
export function checkStatus(status: string): void {
  if (STATUSES.some((known) => known === status)) return;
  throw new RangeError(`status must be one of ${STATUSES.join(', ')}, but was ${status}`);
}

/** A message in one queue. In its dead-letter queue it is another one, with the same id. */
export class QueueMessage implements DetailSource {
  /** What has become of it by now. */
  public status: MessageStatus = 'sent';
  /** How often it was received from this queue. */
  public receives = 0;
  /** When it was last received from this queue, in emulated milliseconds since the epoch. */
  public receivedAt?: number;
  /** When it left this queue. */
  public endedAt?: number;
  /** The same message in the dead-letter queue that it was moved to. */
  public deadLetter?: QueueMessage;

  constructor(
    /** The message id. */
    public readonly id: string,
    /** The body, as it was sent. */
    public readonly text: string,
    /** When it came to this queue, in emulated milliseconds since the epoch. */
    public readonly sentAt: number,
  ) {}

  /** The body's JSON; of a body that is no JSON, its text. */
  public get body(): unknown {
    return parseBody(this.text);
  }

  /**
   * Whether it left without anybody having deleted it: it expired, was purged, or its queue was deleted, here or in the
   * dead-letter queue that it was moved to.
   */
  public get lost(): boolean {
    const { status } = this;
    if (status === 'deadLettered') return this.deadLetter?.lost === true;
    return status === 'expired' || status === 'purged' || status === 'queueDeleted';
  }

  /** Whether it has ever come so far in this queue. */
  public hasBeen(status: MessageStatus): boolean {
    if (status === 'sent') return true;
    return status === 'received' ? this.receives > 0 : this.status === status;
  }

  /** @internal */
  public detailOf(receives: number): { readonly message: string; readonly receives?: number } {
    return receives > 0 ? { message: this.id, receives } : { message: this.id };
  }
}
