import {
  checkCount,
  checkPattern,
  CloudAssertionError,
  count,
  describePattern,
  elapsed,
  inWords,
  type MessagePattern,
  subjectOf,
  verdict,
  type Verdict,
} from '../../../testing';
import { LocalQueue } from './local-queue';
import type { MessageStatus, QueueMessage } from './queue-message';

const MOST_MESSAGES = 5;
const MOST_TEXT = 100;

/** Matchers for queues. */
export const matchers = {
  /** Of a queue: every message that left it was deleted by a consumer, or is in the dead-letter queue. */
  toHaveLostNothing(received: unknown): Verdict {
    const queue = queueOf(received, 'toHaveLostNothing');
    const { lost } = queue;
    return verdict(
      queue,
      lost.length === 0,
      () => `${queue.label} lost ${count(lost.length, 'message')}:\n${listed(queue, lost)}`,
      () => `${queue.label} was expected to have lost messages, and has lost none`,
    );
  },

  /** Of a queue: it holds no message, visible, in flight or delayed. */
  toHaveNoMessages(received: unknown): Verdict {
    const queue = queueOf(received, 'toHaveNoMessages');
    return verdict(
      queue,
      queue.isEmpty,
      () => `${queue.label} is not empty: ${holds(queue)}\n${listed(queue, queue.messages)}`,
      () => `${queue.label} was expected to hold messages, and is empty`,
    );
  },

  /** Of a queue: it is empty, and none of the test's sends to it is still in progress. */
  toBeDrained(received: unknown): Verdict {
    const queue = queueOf(received, 'toBeDrained');
    return verdict(
      queue,
      queue.isDrained,
      () =>
        queue.isEmpty
          ? `${queue.label} is empty, but the test is still sending to it`
          : `${queue.label} is not drained: ${holds(queue)}\n${listed(queue, queue.messages)}`,
      () => `${queue.label} was expected not to be drained, and is`,
    );
  },

  /** Of a queue: it holds this many messages, visible, in flight or delayed. */
  toHaveSize(received: unknown, size: number): Verdict {
    const queue = queueOf(received, 'toHaveSize');
    checkCount('toHaveSize', 'size', size, 0);
    return verdict(
      queue,
      queue.size === size,
      () => `${queue.label} was expected to hold ${count(size, 'message')}, and holds ${queue.size}: ${holds(queue)}`,
      () => `${queue.label} was expected not to hold ${count(size, 'message')}, and does`,
    );
  },

  /** Of a queue: a matching message was sent to it, or moved to it as a dead letter. */
  toHaveBeenSent(received: unknown, matching: MessagePattern<QueueMessage>): Verdict {
    const queue = queueOf(received, 'toHaveBeenSent');
    return found(queue, 'sent', matching, 'been sent');
  },

  /** Of a queue: a consumer received a matching message. */
  toHaveDelivered(received: unknown, matching: MessagePattern<QueueMessage>): Verdict {
    const queue = queueOf(received, 'toHaveDelivered');
    return found(queue, 'received', matching, 'delivered');
  },

  /** Of a queue: a consumer deleted a matching message. */
  toHaveDeleted(received: unknown, matching: MessagePattern<QueueMessage>): Verdict {
    const queue = queueOf(received, 'toHaveDeleted');
    return found(queue, 'deleted', matching, 'deleted');
  },

  /** Of a queue: a matching message was moved to the dead-letter queue. */
  toHaveDeadLettered(received: unknown, matching: MessagePattern<QueueMessage>): Verdict {
    const queue = queueOf(received, 'toHaveDeadLettered');
    return found(queue, 'deadLettered', matching, 'dead-lettered');
  },

  /** Of a queue: messages were received, and none more than once. Throws if none was received. */
  toHaveDeliveredOnce(received: unknown): Verdict {
    const queue = queueOf(received, 'toHaveDeliveredOnce');
    const { redelivered, totals } = queue;
    if (totals.received === 0) {
      throw new CloudAssertionError(
        `${queue.label} has delivered no message, so none once\n\n${queue.context.picture()}`,
      );
    }
    return verdict(
      queue,
      redelivered.length === 0,
      () =>
        `${queue.label} delivered ${count(redelivered.length, 'message')} more than once:\n${listed(queue, redelivered)}`,
      () => `${queue.label} was expected to have delivered messages more than once, and has not`,
    );
  },
};

function found(
  queue: LocalQueue,
  status: MessageStatus,
  matching: MessagePattern<QueueMessage>,
  done: string,
): Verdict {
  checkPattern(matching);
  const what = `a message that matches ${describePattern(matching)}`;
  const { totals, forgotten } = queue;
  const messages = queue.find(matching, status);
  if (messages.length === 0 && forgotten > 0 && status !== 'deadLettered') {
    throw new Error(
      `whether ${queue.label} has ${done} ${what} is not known: ${count(forgotten, 'message')} that it is done with are not kept with recording: 'summary'; make the cloud with recording: 'full'`,
    );
  }
  return verdict(
    queue,
    messages.length > 0,
    () =>
      `${queue.label} was expected to have ${done} ${what}, and has not. In all: ${totals.sent + totals.arrivedDead} came, ${totals.received} receives, ${totals.deleted} deleted, ${totals.deadLettered} dead-lettered; last came:\n${listed(queue, latest(queue))}`,
    () => `${queue.label} was expected not to have ${done} ${what}, and has:\n${listed(queue, messages)}`,
  );
}

function latest(queue: LocalQueue): QueueMessage[] {
  return queue.find(() => true).slice(-MOST_MESSAGES);
}

function queueOf(received: unknown, matcher: string): LocalQueue {
  return subjectOf(LocalQueue, received, matcher, 'cloud.queue(…)');
}

function holds({ visible, inFlight, delayed }: LocalQueue): string {
  return `${visible} visible, ${inFlight} in flight, ${delayed} delayed`;
}

function listed(queue: LocalQueue, messages: readonly QueueMessage[]): string {
  const lines = messages.slice(0, MOST_MESSAGES).map((message) => `  ${describeMessage(queue, message)}`);
  if (messages.length > MOST_MESSAGES) lines.push(`  … ${messages.length - MOST_MESSAGES} more`);
  return lines.join('\n');
}

function describeMessage(queue: LocalQueue, message: QueueMessage): string {
  const { text, sentAt, receives, endedAt, status } = message;
  const body = text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text;
  const fate = message.deadLetter?.status ?? status;
  const end =
    endedAt === undefined ? '' : `, ${fate} after ${inWords((message.deadLetter?.endedAt ?? endedAt) - sentAt)}`;
  return `${body}: sent at ${elapsed(queue, sentAt)}, received ${count(receives, 'time')}${end}`;
}
