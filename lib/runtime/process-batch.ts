import { contained, type Failure, logFailure } from './failure-log';
import { sequencesOf } from './sequences';

/** The fields used of a record of Lambda's SQS event; `SQSRecord` of `@types/aws-lambda` has them. */
export interface QueueRecord {
  readonly messageId: string;
  readonly eventSourceARN: string;
  readonly attributes: { readonly MessageGroupId?: string };
}

/** The response that an event source mapping with `ReportBatchItemFailures` expects. */
export interface PartialBatchResponse {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/** A record handler's second argument. */
export interface RecordContext {
  /** Aborts when the invocation has too little time left; the record is then reported as failed. */
  readonly signal: AbortSignal;
}

export interface ProcessBatchOptions {
  /** The maximum number of records handled at once, at least 1; of a FIFO queue, message groups. Default: all. */
  readonly concurrency?: number;
  /**
   * Lambda's context. With it, records that are not done shortly before the function's timeout are reported as failed,
   * and those that are done are deleted. Without it, a timeout fails the whole batch, and all of it is handled again.
   */
  readonly context?: { getRemainingTimeInMillis(): number };
  /** How long before the function's timeout to give up, 0 or more milliseconds. Default 1,000. */
  readonly reserveMilliseconds?: number;
  /**
   * Called with every failure. What it throws is logged. Default: logs a line of JSON on stderr, with the error's stack
   * and cause.
   */
  readonly onFailure?: (failure: Failure) => void;
}

/**
 * Handles each record of an SQS event and reports the failed ones: they are redelivered after their visibility timeout,
 * and Lambda deletes the others. Without such a report, one bad record makes Lambda retry the whole batch.
 *
 * Records of a standard queue are handled concurrently. Those of a FIFO queue are handled in order within their message
 * group, up to the group's first failure: that record and all later ones are reported, so that order is kept.
 *
 * @throws RangeError if an option is out of range
 */
export async function processBatch<R extends QueueRecord>(
  event: { readonly Records: readonly R[] },
  handler: (record: R, context: RecordContext) => void | Promise<void>,
  options: ProcessBatchOptions = {},
): Promise<PartialBatchResponse> {
  const { concurrency = Infinity, context, reserveMilliseconds = 1_000, onFailure = logFailure } = options;
  if (concurrency !== Infinity && !(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw new RangeError(`concurrency must be a whole number of 1 or more, but was ${concurrency}`);
  }
  if (!(reserveMilliseconds >= 0)) {
    throw new RangeError(`reserveMilliseconds must be 0 or more, but was ${reserveMilliseconds}`);
  }
  const report = contained(onFailure);
  const deadline = new Deadline(context && context.getRemainingTimeInMillis() - reserveMilliseconds);
  const waiting = sequencesOf(event.Records, groupOf);
  const failed = new Set<R>();
  const work = async (): Promise<void> => {
    for (let sequence = waiting.shift(); sequence !== undefined; sequence = waiting.shift()) {
      for (const record of await inOrder(sequence, handler, deadline, report)) failed.add(record);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, waiting.length) }, work));
  } finally {
    deadline.end();
  }
  const inTheirOrder = event.Records.filter((record) => failed.has(record));
  return { batchItemFailures: inTheirOrder.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/** The message group of records that must be handled in order; undefined on a standard queue. */
function groupOf({ eventSourceARN, attributes }: QueueRecord): string | undefined {
  return eventSourceARN.endsWith('.fifo') ? `${eventSourceARN} ${attributes.MessageGroupId}` : undefined;
}

/** @returns the first record that failed, and all behind it */
async function inOrder<R extends QueueRecord>(
  records: readonly R[],
  handler: (record: R, context: RecordContext) => void | Promise<void>,
  deadline: Deadline,
  report: (failure: Failure) => void,
): Promise<readonly R[]> {
  for (const [index, record] of records.entries()) {
    try {
      await deadline.before(async () => handler(record, { signal: deadline.signal }));
    } catch (error) {
      report({ during: 'handle', error, messageId: record.messageId });
      return records.slice(index);
    }
  }
  return [];
}

/** The time by which an invocation must answer. */
class Deadline {
  private readonly ends = new AbortController();
  private readonly passed: Promise<never> | undefined;
  private readonly timer: ReturnType<typeof setTimeout> | undefined;

  /** @param milliseconds from now; undefined if there is none */
  constructor(milliseconds: number | undefined) {
    if (milliseconds === undefined) return;
    const error = new Error('the function had too little time left');
    error.name = 'TimeoutError';
    if (milliseconds <= 0) this.ends.abort(error);
    this.passed = new Promise((_, reject) => this.signal.addEventListener('abort', () => reject(error)));
    this.passed.catch(() => undefined); // nobody may be waiting
    this.timer = setTimeout(() => this.ends.abort(error), milliseconds);
  }

  public get signal(): AbortSignal {
    return this.ends.signal;
  }

  /** Runs something, unless the time has passed; rejects as soon as it has. */
  public async before(work: () => Promise<void>): Promise<void> {
    this.signal.throwIfAborted();
    await (this.passed === undefined ? work() : Promise.race([work(), this.passed]));
  }

  public end(): void {
    clearTimeout(this.timer);
  }
}
