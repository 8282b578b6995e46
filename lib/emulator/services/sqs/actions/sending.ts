import type {
  SendMessageBatchRequest,
  SendMessageBatchResult,
  SendMessageRequest,
  SendMessageResult,
} from '@aws-sdk/client-sqs';
import type { RequestContext } from '../../../core';
import { checkBatch, runBatch } from './batch';
import { checkFifoIds, checkSend, type SendInput, type SendOptions, sizeOf } from './message-validation';
import { batchRequestTooLong, messageTooLong } from '../errors';
import type { QueuedMessage } from '../queue/message';
import type { Queue } from '../queue/queue';
import { bodyReader } from './receiving';
import { required } from './validation';

type SendResult = SendMessageResult & { MessageId: string; MD5OfMessageBody: string };

export function sendMessage(queue: Queue, input: SendMessageRequest, context: RequestContext): SendMessageResult {
  const body = required(input.MessageBody, 'MessageBody');
  const options = optionsOf(queue, context, false);
  checkFifoIds(input, options);
  if (queue.fifo) queue.use('send', [input.MessageGroupId ?? '']);
  const result = send(input, body, sizeOf(input), sealing(options, context));
  queue.serve();
  return result;
}

export function sendMessageBatch(
  queue: Queue,
  input: SendMessageBatchRequest,
  context: RequestContext,
): SendMessageBatchResult {
  const { limits } = queue.context;
  const entries = checkBatch(input.Entries, 'SendMessageBatchRequestEntry', limits.batchEntries);
  const options = optionsOf(queue, context, true);
  const sizes = new Map<object, number>();
  let total = 0;
  for (const [index, entry] of entries.entries()) {
    required(entry.MessageBody, `SendMessageBatchRequestEntry.${index + 1}.MessageBody`);
    checkFifoIds(entry, options);
    const size = sizeOf(entry);
    sizes.set(entry, size);
    total += size;
  }
  if (total > limits.messageSize) throw batchRequestTooLong(limits.messageSize, total);
  if (queue.fifo) {
    const groups = entries.map(({ MessageGroupId = '' }) => MessageGroupId);
    queue.use('send', groups);
  }
  const sealed = sealing(options, context);
  const result = runBatch(entries, (entry) => ({
    Id: entry.Id,
    ...send(entry, entry.MessageBody ?? '', sizes.get(entry) ?? 0, sealed),
  }));
  queue.serve();
  return result;
}

/** Sends a message that a move task took out of `source`. It gets a new id and timestamp, and keeps its contents. */
export function resend(message: QueuedMessage, source: Queue, target: Queue, context: RequestContext): void {
  const { md5, size, senderId, extras = {} } = message;
  const { seal } = sealing(optionsOf(target, context, false), context);
  const largest = target.settings.maximumMessageSize;
  if (size > largest) throw messageTooLong(largest, false);
  const read = bodyReader(source, context)(message);
  const { attributes, traceHeader, groupId } = extras;
  target.send({
    ...{ md5, size, senderId },
    body: seal === undefined ? read : seal.encryption.seal(read, seal.key),
    text: read,
    extras: {
      ...{ attributes, traceHeader, groupId, sealed: seal?.key.sealed },
      // Its own deduplication id would make it a duplicate if it is moved within five minutes of being sent.
      deduplicationId: target.fifo ? message.id : undefined,
    },
  });
}

function optionsOf(queue: Queue, { principal, traceHeader }: RequestContext, inBatch: boolean): SendOptions {
  const { limits, senders } = queue.context;
  return { queue, limits, senderId: senders.of(principal), traceHeader, inBatch };
}

/** Adds the data key if the queue is encrypted. Calls KMS, unless a data key can be reused. */
function sealing(options: SendOptions, context: RequestContext): SendOptions {
  const { arn, settings } = options.queue;
  const { encryption } = options.queue.context;
  if (encryption === undefined || settings.key === undefined) return options;
  return { ...options, seal: { encryption, key: encryption.keyFor(arn, settings.key, context) } };
}

function send(input: SendInput, body: string, size: number, options: SendOptions): SendResult {
  const { newMessage, md5OfSystemAttributes } = checkSend(input, body, size, options);
  const { id, extras } = options.queue.send(newMessage);
  const result: SendResult = { MD5OfMessageBody: newMessage.md5, MessageId: id };
  if (newMessage.extras?.attributes !== undefined) result.MD5OfMessageAttributes = newMessage.extras.attributes.md5;
  if (md5OfSystemAttributes !== undefined) result.MD5OfMessageSystemAttributes = md5OfSystemAttributes;
  if (extras?.sequenceNumber !== undefined) result.SequenceNumber = extras.sequenceNumber;
  return result;
}
