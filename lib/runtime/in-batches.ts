import { type Message } from '@aws-sdk/client-sqs';
import { type HandlerContext, type MessageHandler } from './queue-worker';

/** A message of a batch, and its context. */
export interface BatchedMessage {
  readonly message: Message;
  readonly context: HandlerContext;
}

/**
 * Processes several messages at once. If it returns, all of them are deleted, except those whose ids it returns; those,
 * or all if it throws, are retried later.
 */
export type BatchHandler = (
  batch: readonly BatchedMessage[],
) => void | readonly string[] | Promise<void | readonly string[]>;

export interface InBatchesOptions {
  /** The maximum number of messages in a batch, at least 1. The worker's `concurrency` should be a multiple of it. */
  readonly size: number;
  /** How long the first message of a batch waits for others, 0 or more milliseconds. Default 50. */
  readonly lingerMilliseconds?: number;
}

interface Waiting extends BatchedMessage {
  readonly settle: (error?: Error) => void;
}

/**
 * Returns a handler for a `QueueWorker` that collects messages and handles them together, as in one statement of a
 * database. A batch of a FIFO queue holds at most one message of each group, so order is kept.
 *
 * @throws RangeError if an option is out of range
 */
export function inBatches(handler: BatchHandler, options: InBatchesOptions): MessageHandler {
  const { size, lingerMilliseconds = 50 } = options;
  if (!(Number.isInteger(size) && size >= 1)) {
    throw new RangeError(`size must be a whole number of 1 or more, but was ${size}`);
  }
  if (!(lingerMilliseconds >= 0)) {
    throw new RangeError(`lingerMilliseconds must be 0 or more, but was ${lingerMilliseconds}`);
  }
  let waiting: Waiting[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting;
    waiting = [];
    void handle(batch, handler);
  };
  return (message, context) =>
    new Promise<void>((resolve, reject) => {
      const settle = (error?: Error): void => (error === undefined ? resolve() : reject(error));
      waiting.push({ message, context, settle });
      if (waiting.length === size) flush();
      else timer ??= setTimeout(flush, lingerMilliseconds);
    });
}

async function handle(batch: readonly Waiting[], handler: BatchHandler): Promise<void> {
  try {
    const failed = new Set((await handler(batch)) ?? []);
    for (const { message, settle } of batch) {
      if (failed.has(message.MessageId ?? '')) settle(new Error('the batch handler reported the message as failed'));
      else settle();
    }
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    for (const { settle } of batch) settle(cause);
  }
}
