/** Remembers what has been done, so that it is done once. */
export interface IdempotencyStore<Transaction = undefined> {
  /**
   * Runs `work` unless it has been done for this key, and remembers that once `work` has resolved. If `work` rejects,
   * nothing is remembered and the rejection is passed on.
   *
   * @returns whether `work` ran; false for a duplicate
   * @throws AlreadyInProgressError if another one runs it at this moment
   */
  once(key: string, work: (transaction: Transaction) => Promise<void>): Promise<boolean>;
}

/** The same message is being handled elsewhere. It is retried later, and is then a duplicate, unless that one fails. */
export class AlreadyInProgressError extends Error {
  public override readonly name = 'AlreadyInProgressError';

  constructor(key: string, options?: ErrorOptions) {
    super(`${key} is already in progress`, options);
  }
}

/** The ids of messages as a worker (`Message`) and Lambda (`SQSRecord`) have them. */
export interface IdentifiedMessage {
  readonly MessageId?: string;
  readonly messageId?: string;
}

export interface IdempotentOptions<M> {
  /**
   * Returns what identifies the work. Default: the message's id, by which SQS's own redeliveries are duplicates; a
   * message that was sent twice, or redriven from a dead-letter queue, has two ids.
   */
  readonly key?: (message: M) => string;
}

/**
 * Returns a handler that does the work of each message once, for a `QueueWorker` and for `processBatch`. A duplicate
 * succeeds without it, and is deleted.
 *
 * @param handler gets the store's transaction as its third argument: what it writes with it is there once, together with
 * the store's own record
 */
export function idempotent<M extends IdentifiedMessage, Context, Transaction>(
  store: IdempotencyStore<Transaction>,
  handler: (message: M, context: Context, transaction: Transaction) => void | Promise<void>,
  { key = idOf }: IdempotentOptions<M> = {},
): (message: M, context: Context) => Promise<void> {
  return async (message, context) => {
    const identity = key(message);
    if (identity === '') throw new Error('the key of a message must not be empty');
    await store.once(identity, async (transaction) => handler(message, context, transaction));
  };
}

function idOf({ MessageId, messageId }: IdentifiedMessage): string {
  return MessageId ?? messageId ?? '';
}

/** How long stores remember by default: as long as SQS keeps a message at most. */
export const FOURTEEN_DAYS = 14 * 86_400;

/** Throws unless an option is a number of seconds above 0. */
export function positiveSeconds(name: string, seconds: number): number {
  if (seconds > 0 && Number.isFinite(seconds)) return seconds;
  throw new RangeError(`${name} must be more than 0 seconds, but was ${seconds}`);
}
