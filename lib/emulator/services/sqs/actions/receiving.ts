import type { ReceiveMessageRequest, ReceiveMessageResult } from '@aws-sdk/client-sqs';
import type { RequestContext } from '../../../core';
import { SECOND } from '../../../clock';
import { DEFAULT_REUSE } from '../encryption';
import { invalidValue, overLimit } from '../errors';
import { FifoQueue } from '../queue/fifo-queue';
import type { SqsLimits } from '../limits';
import type { QueuedMessage } from '../queue/message';
import type { Queue } from '../queue/queue';
import { receivedResult, viewOf } from './received';
import { checkId, seconds, visibility } from './validation';

/** Receives from `queue`. Returns a promise only if it has to wait: a long poll of a queue without visible messages. */
export function receiveMessage(
  queue: Queue,
  input: ReceiveMessageRequest,
  context: RequestContext,
): ReceiveMessageResult | Promise<ReceiveMessageResult> {
  const { settings } = queue;
  const { anomalies, clock, limits } = queue.context;
  const max = checkMaxNumber(input.MaxNumberOfMessages ?? 1, limits);
  const wait = checkWait(input.WaitTimeSeconds, limits) ?? settings.receiveWait;
  const given = input.VisibilityTimeout;
  const hideFor = given === undefined ? settings.visibilityTimeout : visibility(given, limits);
  const attempt = input.ReceiveRequestAttemptId;
  const view = viewOf(input, bodyReader(queue, context));
  if (attempt !== undefined) checkId(attempt, 'ReceiveRequestAttemptId');
  const receive =
    attempt !== undefined && queue instanceof FifoQueue
      ? () => queue.receiveAttempt(attempt, max, hideFor)
      : () => queue.receive(max, hideFor);

  queue.use('receive');
  const hidden = wait === 0 && !queue.fifo && anomalies.hidesMessages(queue.name);
  const messages = hidden ? [] : receive();
  if (messages.length > 0) {
    const result = receivedResult(queue, messages, view);
    // A repeated attempt with a visibility timeout of 0 shows its messages again, with new handles, to waiting
    // receives.
    if (hideFor === 0) queue.serve();
    return result;
  }
  if (wait === 0 || context.signal?.aborted) {
    // At the in-flight limit, a FIFO queue and a long poll return nothing rather than an error.
    if (queue.full && !queue.fifo) throw overLimit('Too many messages are in flight in the queue.');
    queue.metrics.emptyReceives++;
    return {};
  }
  return new Promise((resolve, reject) => {
    const end = (found: typeof messages) => {
      try {
        resolve(receivedResult(queue, found, view));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error))); // KMS refused
      }
    };
    queue.park({ receive, end, fail: reject }, clock.now() + wait, context.signal, context.repeatsPolls);
  });
}

/** Returns a function that decrypts the bodies of a queue's messages on behalf of a caller. */
export function bodyReader({ context, settings }: Queue, caller: RequestContext): (message: QueuedMessage) => string {
  const { encryption } = context;
  return ({ body, extras }) => {
    const sealed = extras?.sealed;
    if (encryption === undefined || sealed === undefined) return body;
    return encryption.open(body, sealed, settings.key?.reuse ?? DEFAULT_REUSE, caller);
  };
}

function checkMaxNumber(value: number, { batchEntries: most }: SqsLimits): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw invalidValue('MaxNumberOfMessages', value, `Must be between 1 and ${most}, if provided.`);
}

function checkWait(value: number | undefined, { wait: most }: SqsLimits): number | undefined {
  if (value === undefined) return undefined;
  return seconds(value, 'WaitTimeSeconds', most, `Must be >= 0 and <= ${most / SECOND}, if provided.`);
}
