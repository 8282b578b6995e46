import { createHash } from 'node:crypto';
import type { PublishBatchRequestEntry } from '@aws-sdk/client-sns';
import { invalidParameter } from '../errors';
import type { SnsLimits } from '../limits';
import type { Topic } from '../topics/topic';
import { largestMessage } from '../topics/topic-attributes';
import { checkMessageAttributes, type MessageAttributes, sizeOfAttributes } from './message-attributes';

/** What Publish and the entries of PublishBatch have in common. */
export type MessageInput = Omit<PublishBatchRequestEntry, 'Id'>;

/** A message that was checked. */
export interface CheckedMessage {
  /** The body, or the bodies by protocol with `default`. */
  readonly bodies: Readonly<Record<string, string>> & { readonly default: string };
  readonly subject?: string;
  readonly attributes: MessageAttributes;
  readonly groupId?: string;
  /** Of a FIFO topic: the publisher's, or the digest of the message. */
  readonly deduplicationId?: string;
  /** In bytes, attributes included. */
  readonly size: number;
}

const LONGEST_SUBJECT = 100;
const ID = /^[!-~]{1,128}$/;
/** Above this, a topic has few subscriptions, and of these protocols. */
export const LARGE_MESSAGE = 262_144;

/**
 * Checks a message, except for its length: that of a batch counts as a whole.
 * @throws AwsError InvalidParameter, ParameterValueInvalid
 */
export function checkMessage(
  input: MessageInput,
  topic: Pick<Topic, 'fifo' | 'contentBasedDeduplication'>,
): CheckedMessage {
  const { Message: message = '', Subject: subject, MessageStructure: structure, MessageAttributes = {} } = input;
  if (message === '') throw invalidParameter('Empty message');
  if (subject !== undefined && !isSubject(subject)) throw invalidParameter('Subject');
  if (structure !== undefined && structure !== 'json') throw invalidParameter('MessageStructure');
  checkMessageAttributes(MessageAttributes);
  return {
    bodies: structure === 'json' ? bodiesOf(message) : { default: message },
    attributes: MessageAttributes,
    size: Buffer.byteLength(message) + sizeOfAttributes(MessageAttributes),
    ...(subject !== undefined && { subject }),
    ...idsOf(input, message, topic),
  };
}

/** Throws if a message is longer than its topic takes. */
export function checkLength({ size }: CheckedMessage, topic: Topic, limits: SnsLimits): void {
  if (size > largestMessage(topic, limits)) throw invalidParameter('Message too long');
}

/** 1–100 characters without line breaks and control characters, that begin with a letter, digit or punctuation. */
function isSubject(subject: string): boolean {
  return subject.length <= LONGEST_SUBJECT && /^[\x21-\x7e\u00a1-\uffff][\x20-\x7e\u00a0-\uffff]*$/.test(subject);
}

function bodiesOf(message: string): CheckedMessage['bodies'] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  const texts = Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const bodies = Object.fromEntries(texts);
  if (!Object.hasOwn(bodies, 'default')) {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
  return bodies as CheckedMessage['bodies'];
}

function idsOf(
  { MessageGroupId: groupId, MessageDeduplicationId: given }: MessageInput,
  message: string,
  { fifo, contentBasedDeduplication }: Pick<Topic, 'fifo' | 'contentBasedDeduplication'>,
): Pick<CheckedMessage, 'groupId' | 'deduplicationId'> {
  if (!fifo) {
    if (given !== undefined) {
      throw invalidParameter(
        'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
      );
    }
    if (groupId === undefined) return {};
    checkId('MessageGroupId', groupId);
    return { groupId };
  }
  if (groupId === undefined) throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  checkId('MessageGroupId', groupId);
  if (given !== undefined) checkId('MessageDeduplicationId', given);
  if (given === undefined && !contentBasedDeduplication) {
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  return { groupId, deduplicationId: given ?? createHash('sha256').update(message).digest('hex') };
}

function checkId(member: string, id: string): void {
  if (ID.test(id)) return;
  throw invalidParameter(
    `${member} Reason: ${member} can only include alphanumeric and punctuation characters. 1 to 128 in length`,
  );
}
