import type { Message, MessageAttributeValue, ReceiveMessageRequest, ReceiveMessageResult } from '@aws-sdk/client-sqs';
import { md5OfAttributes } from './digest';
import { unknownAttribute } from '../errors';
import type { QueuedMessage } from '../queue/message';
import type { Queue } from '../queue/queue';

const SYSTEM_ATTRIBUTES: Readonly<Record<string, (message: QueuedMessage) => string | undefined>> = {
  SenderId: ({ senderId }) => senderId,
  SentTimestamp: ({ sentAt }) => String(sentAt),
  ApproximateReceiveCount: ({ receives }) => String(receives),
  ApproximateFirstReceiveTimestamp: ({ delivery, sentAt }) => String(delivery?.firstReceivedAt ?? sentAt),
  SequenceNumber: ({ extras }) => extras?.sequenceNumber,
  MessageDeduplicationId: ({ extras }) => extras?.deduplicationId,
  MessageGroupId: ({ extras }) => extras?.groupId,
  AWSTraceHeader: ({ extras }) => extras?.traceHeader,
  DeadLetterQueueSourceArn: ({ extras }) => extras?.deadLetterSource,
};
const ALL_SYSTEM_ATTRIBUTES = Object.keys(SYSTEM_ATTRIBUTES);
const ALL = 'All';

/** The attributes that a receive asks for. */
export interface View {
  readonly systemAttributes: readonly string[];
  /** Whether a message attribute of that name is returned; absent if all are. */
  readonly wantsAttribute?: (name: string) => boolean;
  readonly wantsAttributes: boolean;
  /** Returns a message's body, decrypted. */
  readonly bodyOf: (message: QueuedMessage) => string;
}

export function viewOf(input: ReceiveMessageRequest, bodyOf: View['bodyOf']): View {
  const { AttributeNames: legacy = [], MessageSystemAttributeNames: names = [], MessageAttributeNames = [] } = input;
  const wanted: readonly string[] = legacy.length === 0 ? names : [...legacy, ...names];
  const unknown = wanted.find((name) => name !== ALL && !Object.hasOwn(SYSTEM_ATTRIBUTES, name));
  if (unknown !== undefined) throw unknownAttribute(unknown);
  return {
    bodyOf,
    systemAttributes: wanted.includes(ALL)
      ? ALL_SYSTEM_ATTRIBUTES
      : ALL_SYSTEM_ATTRIBUTES.filter((name) => wanted.includes(name)),
    wantsAttributes: MessageAttributeNames.length > 0,
    wantsAttribute: attributeFilter(MessageAttributeNames),
  };
}

/** The response to a receive. If a body cannot be decrypted, the receive fails and its messages stay in the queue. */
export function receivedResult(queue: Queue, messages: readonly QueuedMessage[], view: View): ReceiveMessageResult {
  if (messages.length === 0) return {};
  try {
    return { Messages: messages.map((message) => presented(queue, message, view)) };
  } catch (error) {
    queue.takeBack(messages);
    throw error;
  }
}

function presented(queue: Queue, message: QueuedMessage, view: View): Message {
  const { id, md5, extras } = message;
  const Body = view.bodyOf(message);
  const result: Message = { MessageId: id, ReceiptHandle: queue.handleOf(message), MD5OfBody: md5, Body };
  if (view.systemAttributes.length > 0) {
    const attributes: Record<string, string> = {};
    for (const name of view.systemAttributes) {
      const value = SYSTEM_ATTRIBUTES[name](message);
      if (value !== undefined) attributes[name] = value;
    }
    result.Attributes = attributes;
  }
  if (view.wantsAttributes && extras?.attributes !== undefined) {
    addAttributes(result, extras.attributes.values, view.wantsAttribute);
  }
  return result;
}

// The digest covers the attributes that are returned, since those are what the receiver can verify.
function addAttributes(
  result: Message,
  all: Readonly<Record<string, MessageAttributeValue>>,
  wanted?: (name: string) => boolean,
): void {
  const names = wanted === undefined ? Object.keys(all) : Object.keys(all).filter(wanted);
  if (names.length === 0) return;
  result.MessageAttributes = Object.fromEntries(names.map((name) => [name, all[name]]));
  result.MD5OfMessageAttributes = md5OfAttributes(result.MessageAttributes);
}

/** Accepts names, prefixes (`prefix.*`), and `All`, `*` or `.*` for all attributes. */
function attributeFilter(names: readonly string[]): ((name: string) => boolean) | undefined {
  if (names.some((name) => name === ALL || name === '*' || name === '.*')) return undefined;
  const exact = new Set(names);
  const prefixes = names.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -'.*'.length));
  return (name) => exact.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}
