import type { SendMessageRequest } from '@aws-sdk/client-sqs';
import { type AttributeValues, messageAttributes, milliseconds, textOf, type TimeSpan } from '../../../testing';

/** What a message may have besides its body. */
export interface SendOptions {
  /**
   * The message group. FIFO queues want one; of a standard queue it makes a fair queue.
   * @default - none
   */
  readonly groupId?: string;
  /**
   * By which a FIFO queue tells a duplicate.
   * @default - the body's digest, where the queue says so
   */
  readonly deduplicationId?: string;
  /**
   * Message attributes by name: texts, numbers and bytes become SQS's String, Number and Binary.
   * @default - none
   */
  readonly attributes?: AttributeValues;
  /**
   * How long it stays hidden at first, in whole seconds up to 15 minutes.
   * @default - the queue's delay
   */
  readonly delay?: TimeSpan;
}

type EachOrAll<T> = { readonly [K in keyof T]?: T[K] | ((index: number) => T[K] | undefined) };

/** What many messages may have besides their bodies: the same for all, or by the message's number from 0. */
export interface SendManyOptions extends EachOrAll<SendOptions> {
  /**
   * The time over which they are spread evenly, the first of them at once: a `Duration`, or milliseconds.
   * @default - all at once
   */
  readonly over?: TimeSpan;
}

/** What the message with this number has. */
export function sendOptionsFor(index: number, options: EachOrAll<SendOptions>): SendOptions {
  const { groupId, deduplicationId, attributes, delay } = options;
  return {
    groupId: typeof groupId === 'function' ? groupId(index) : groupId,
    deduplicationId: typeof deduplicationId === 'function' ? deduplicationId(index) : deduplicationId,
    attributes: typeof attributes === 'function' ? attributes(index) : attributes,
    delay: typeof delay === 'function' ? delay(index) : delay,
  };
}

/**
 * SendMessage's input for a message, without its queue.
 * @throws TypeError if the body has no JSON
 */
export function sendMessageInput(body: unknown, options: SendOptions): Omit<SendMessageRequest, 'QueueUrl'> {
  const { groupId, deduplicationId, attributes, delay } = options;
  return {
    MessageBody: textOf(body),
    MessageGroupId: groupId,
    MessageDeduplicationId: deduplicationId,
    MessageAttributes: attributes && messageAttributes(attributes),
    DelaySeconds: delay === undefined ? undefined : milliseconds(delay, 'delay') / 1_000,
  };
}
