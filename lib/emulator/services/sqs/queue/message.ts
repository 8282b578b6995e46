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

/** A message's attributes, and their digest. */
export interface Attributes {
  readonly values: Readonly<Record<string, MessageAttributeValue>>;
  readonly md5: string;
}

/** What only some messages have. */
export interface MessageExtras {
  readonly attributes?: Attributes;
  readonly traceHeader?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly sequenceNumber?: string;
  /** The ARN of the queue that gave up on the message. */
  readonly deadLetterSource?: string;
  /** When it came here from that queue. */
  readonly movedAt?: number;
  /** The data key that the body is encrypted with. */
  readonly sealed?: SealedKey;
}

/** What a message gets when it is first received. */
export class Delivery {
  /** Receives in all queues. */
  public receives = 0;
  /** Receives in this queue. */
  public receivesHere = 0;
  /** When the latest receive was. */
  public receivedAt = 0;
  /** The random part of the latest receive's handle. */
  public nonce = 0;
  /** Index in the queue's table of received messages. */
  public slot = -1;
  /** Place in the order of expiry, once that isn't the order of arrival any more. */
  public expiry?: Expiry;

  constructor(public readonly firstReceivedAt: number) {}
}

/** A message's place among those that expire in another order than they came in. */
export class Expiry implements HeapItem {
  public position = -1;
  public readonly serial: number;

  constructor(public readonly message: QueuedMessage) {
    this.serial = message.serial;
  }
}

/**
 * A message in a queue. There may be millions: it has no field that most messages don't need, and its links and
 * position are those of the queue's lists, so that no list needs nodes of its own.
 */
export class QueuedMessage extends Link implements HeapItem {
  public state = MessageState.Gone;
  /** Where the message is in the list or heap of its state. */
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
    /** Grows with each arrival in a queue. */
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

  /** When the message came to this queue. */
  public get arrivedAt(): number {
    return this.extras?.movedAt ?? this.sentAt;
  }
}
