import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { Link } from './linked-list';
import type { SealedKey } from '../encryption';
import type { HeapItem } from './heap';

export enum MessageState {
  Delayed,
  Visible,
  InFlight,
  /** Deleted, expired, purged, or moved to another queue. */
  Gone,
}

/** A message's attributes and their digest. */
export interface Attributes {
  readonly values: Readonly<Record<string, MessageAttributeValue>>;
  readonly md5: string;
}

/** The fields that only some messages have. */
export interface MessageExtras {
  readonly attributes?: Attributes;
  readonly traceHeader?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly sequenceNumber?: string;
  /** The ARN of the queue from which the message was dead-lettered. */
  readonly deadLetterSource?: string;
  /** When it was moved here from that queue. */
  readonly movedAt?: number;
  /** The data key that encrypts the body. */
  readonly sealed?: SealedKey;
}

/** The delivery state of a message, created on its first receive. */
export class Delivery {
  /** Number of receives in all queues. */
  public receives = 0;
  /** Number of receives in this queue. */
  public receivesHere = 0;
  /** Time of the latest receive. */
  public receivedAt = 0;
  /** The nonce of the latest receive's handle. */
  public nonce = 0;
  /** Index in the queue's table of received messages. */
  public slot = -1;
  /** Position in the order of expiry, if it differs from the order of arrival. */
  public expiry?: Expiry;

  constructor(public readonly firstReceivedAt: number) {}
}

/** The heap item of a message that does not expire in the order of arrival. */
export class Expiry implements HeapItem {
  public position = -1;
  public readonly serial: number;

  constructor(public readonly message: QueuedMessage) {
    this.serial = message.serial;
  }
}

/**
 * A message in a queue. There may be millions, so it has no field that most messages don't need, and it is itself the
 * node of the queue's lists.
 */
export class QueuedMessage extends Link implements HeapItem {
  public state = MessageState.Gone;
  /** Position in the list or heap of its state. */
  public position = -1;
  public delivery?: Delivery = undefined;

  constructor(
    public readonly id: string,
    public readonly body: string,
    public readonly md5: string,
    /** In bytes, attributes included. */
    public readonly size: number,
    public readonly senderId: string,
    public readonly sentAt: number,
    /** Increases with each arrival in a queue. */
    public readonly serial: number,
    public readonly extras: MessageExtras | undefined,
  ) {
    super();
  }

  public get receives(): number {
    return this.delivery?.receives ?? 0;
  }

  public get receivesHere(): number {
    return this.delivery?.receivesHere ?? 0;
  }

  /** When the message arrived in this queue. */
  public get arrivedAt(): number {
    return this.extras?.movedAt ?? this.sentAt;
  }
}
