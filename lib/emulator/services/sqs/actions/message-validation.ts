import type { SendMessageRequest } from '@aws-sdk/client-sqs';
import { SECOND } from '../../../clock';
import { md5, md5OfAttributes, sha256 } from './digest';
import type { BodyEncryption, OpenKey } from '../encryption';
import {
  invalidMessageContents,
  invalidParameterValue,
  invalidValue,
  messageTooLong,
  missingParameter,
} from '../errors';
import type { SqsLimits } from '../limits';
import type { Attributes, MessageExtras } from '../queue/message';
import type { NewMessage, Queue } from '../queue/queue';
import { isForbidden } from './text';
import { checkAttributes, checkAttributeText, checkId, seconds, sizeOfAttributes } from './validation';

/** The members that SendMessage and the entries of SendMessageBatch have in common. */
export type SendInput = Omit<SendMessageRequest, 'QueueUrl'>;

/** A validated message, ready to be sent, and the digest of its system attributes. */
export interface CheckedSend {
  readonly newMessage: NewMessage;
  readonly md5OfSystemAttributes?: string;
}

/** What a send depends on besides the message itself. */
export interface SendOptions {
  readonly queue: Queue;
  readonly limits: SqsLimits;
  readonly senderId: string;
  readonly traceHeader?: string;
  readonly inBatch: boolean;
  /** What encrypts the body; absent if the queue is not encrypted with a KMS key. */
  readonly seal?: { readonly encryption: BodyEncryption; readonly key: OpenKey };
}

const DEDUPLICATION_ID_MISSING =
  'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly';

/** Throws if a FIFO message lacks its group id or deduplication id. In a batch, that fails the whole request. */
export function checkFifoIds(input: SendInput, { queue, inBatch }: SendOptions): void {
  if (!queue.fifo) return;
  if (input.MessageGroupId === undefined) {
    const missing = missingParameter('MessageGroupId');
    throw inBatch ? invalidParameterValue(missing.message) : missing;
  }
  if (input.MessageDeduplicationId === undefined && !queue.settings.contentBasedDeduplication) {
    throw invalidParameterValue(DEDUPLICATION_ID_MISSING);
  }
}

/** The size that counts against the limit: body and attributes, in bytes. */
export function sizeOf({ MessageBody = '', MessageAttributes }: SendInput): number {
  const size = Buffer.byteLength(MessageBody);
  return MessageAttributes === undefined ? size : size + sizeOfAttributes(MessageAttributes);
}

/** Validates a message, except for what {@link checkFifoIds} checks. */
export function checkSend(input: SendInput, body: string, size: number, options: SendOptions): CheckedSend {
  const { queue, limits, senderId, inBatch, seal } = options;
  const largest = Math.min(queue.settings.maximumMessageSize, limits.messageSize);
  if (size > largest) throw messageTooLong(largest, inBatch);
  if (isForbidden(body, input.MessageAttributes === undefined ? size : undefined)) throw invalidMessageContents();
  const delay = checkDelay(input.DelaySeconds, queue, limits);
  const attributes = keptAttributes(input, limits);
  const systemTrace = systemTraceHeader(input);
  const extras = keptExtras(input, body, options, attributes, systemTrace?.value ?? options.traceHeader);
  const kept = seal === undefined ? body : seal.encryption.seal(body, seal.key);
  const newMessage = { body: kept, text: body, md5: md5(body), size, senderId, delay, extras };
  return { newMessage, md5OfSystemAttributes: systemTrace?.md5 };
}

function checkDelay(value: number | undefined, queue: Queue, limits: SqsLimits): number | undefined {
  if (value === undefined) return undefined;
  const most = limits.delay;
  const delay = seconds(value, 'DelaySeconds', most, `DelaySeconds must be >= 0 and <= ${most / SECOND}.`);
  if (queue.fifo && delay > 0) throw notForThisType('DelaySeconds', value);
  return delay;
}

function notForThisType(parameter: string, value: string | number) {
  return invalidValue(parameter, value, 'The request include parameter that is not valid for this queue type.');
}

function keptAttributes({ MessageAttributes: sent }: SendInput, limits: SqsLimits): Attributes | undefined {
  if (sent === undefined || Object.keys(sent).length === 0) return undefined;
  // The digest is of the attributes as sent, before numbers are normalized: the sender compares it with its own.
  return { values: checkAttributes(sent, limits), md5: md5OfAttributes(sent) };
}

function keptExtras(
  input: SendInput,
  body: string,
  { queue, seal }: SendOptions,
  attributes: Attributes | undefined,
  traceHeader: string | undefined,
): MessageExtras | undefined {
  const { MessageGroupId: groupId, MessageDeduplicationId: explicitId } = input;
  if (groupId !== undefined) checkId(groupId, 'MessageGroupId');
  if (explicitId !== undefined) {
    checkId(explicitId, 'MessageDeduplicationId');
    if (!queue.fifo) throw notForThisType('MessageDeduplicationId', explicitId);
  }
  const deduplicationId = queue.fifo ? (explicitId ?? sha256(body)) : undefined;
  const sealed = seal?.key.sealed;
  const plain = attributes === undefined && traceHeader === undefined && groupId === undefined && sealed === undefined;
  return plain ? undefined : { attributes, traceHeader, groupId, deduplicationId, sealed };
}

function systemTraceHeader({ MessageSystemAttributes: sent }: SendInput): { value: string; md5: string } | undefined {
  if (sent === undefined) return undefined;
  const names = Object.keys(sent);
  if (names.length === 0) return undefined;
  const foreign = names.find((name) => name !== 'AWSTraceHeader');
  if (foreign !== undefined) {
    throw invalidParameterValue(
      `Message system attribute name '${foreign}' is invalid: only AWSTraceHeader can be sent.`,
    );
  }
  const header = sent.AWSTraceHeader;
  if (header?.DataType !== 'String' || header.StringValue === undefined || header.StringValue === '') {
    throw invalidParameterValue(
      "Message system attribute 'AWSTraceHeader' must contain a non-empty value of type 'String'.",
    );
  }
  checkAttributeText('AWSTraceHeader', header.StringValue);
  return { value: header.StringValue, md5: md5OfAttributes({ AWSTraceHeader: header }) };
}
