import { type SQSClient } from '@aws-sdk/client-sqs';
import { jittered } from './backoff';
import { contained, type Failure, logFailure } from './failure-log';
import { type Outbox, type OutboxMessage } from './outbox';
import { pause } from './pause';
import { inTransaction, type PostgresClient, type PostgresPool } from './postgres';
import { type MessageNotSentError, type OutgoingMessage, QueueProducer } from './queue-producer';

/** How many of the oldest messages a relay looks at, so that its work does not grow with the table. */
const WINDOW = 1_000;
/** The longest pause after failures, in milliseconds. */
const MAX_PAUSE = 30_000;
/** The attribute with the row's id, on a standard queue. */
const OUTBOX_ID = 'OutboxId';

export interface OutboxRelayOptions {
  readonly outbox: Outbox;
  /** A pool of `pg`, or what has its `connect()`. */
  readonly pool: PostgresPool;
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** How many messages one transaction sends, 1–1,000. Default 100. */
  readonly batchSize?: number;
  /** How long to pause when there is nothing to send, more than 0 milliseconds. Default 500. */
  readonly idleMilliseconds?: number;
  /**
   * Called with every failure; the relay continues. What it throws is logged. Default: logs a line of JSON on stderr,
   * with the error's stack and cause.
   */
  readonly onFailure?: (failure: Failure) => void;
}

interface Row {
  readonly id: string;
  readonly message: OutboxMessage;
}

/**
 * Sends the messages of an outbox to a queue: each at least once, and those of a group in order. Any number of relays
 * may run; a message or group is only ever sent by one of them.
 *
 * A message is deleted from the outbox once SQS has accepted it. A relay that dies in between sends it again with the
 * same id: a FIFO queue accepts it once within 5 minutes.
 *
 * A message that SQS rejects for good stays in the table with its `failure`, and those behind it are sent. To try it
 * again, set `failure` to NULL.
 */
export class OutboxRelay {
  private readonly stopping = new AbortController();
  private readonly report: (failure: Failure) => void;
  private readonly batchSize: number;
  private readonly idle: number;
  private running: Promise<void> | undefined;
  /** How many transactions have failed in a row. */
  private failed = 0;

  /** @throws RangeError if an option is out of range */
  constructor(private readonly options: OutboxRelayOptions) {
    const { batchSize = 100, idleMilliseconds = 500, onFailure = logFailure } = options;
    if (!(Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= WINDOW)) {
      throw new RangeError(`batchSize must be a whole number from 1 to ${WINDOW}, but was ${batchSize}`);
    }
    if (!(idleMilliseconds > 0)) {
      throw new RangeError(`idleMilliseconds must be more than 0, but was ${idleMilliseconds}`);
    }
    this.batchSize = batchSize;
    this.idle = idleMilliseconds;
    this.report = contained(onFailure);
  }

  /** Sends until `stop()` is called. Repeated calls return the first one's promise. */
  public run(): Promise<void> {
    return (this.running ??= this.work());
  }

  /** Takes no more messages, and resolves when those in progress are sent and deleted. */
  public async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /**
   * Sends one transaction's messages.
   * @returns how many were taken, 0 if there is nothing to send
   * @throws PostgreSQL's error, or that of the request if SQS accepted no message
   */
  public async sendOnce(): Promise<number> {
    return inTransaction(this.options.pool, async (client) => {
      const rows = await this.take(client);
      if (rows.length > 0) await this.send(client, rows);
      return rows.length;
    });
  }

  private async work(): Promise<void> {
    const { signal } = this.stopping;

    while (!signal.aborted) {
      try {
        const taken = await this.sendOnce();
        this.failed = 0;
        if (taken === 0) await pause(this.idle, signal);
      } catch (error) {
        this.report({ during: 'send', error });
        await pause(jittered(Math.min(1_000 * 2 ** this.failed++, MAX_PAUSE)), signal);
      }
    }
  }

  /**
   * Locks the first message of each group that no relay has locked, and takes what follows it in the group. The lock of
   * the first keeps other relays from the group: to them, every other message of it has an earlier one.
   */
  private async take(client: PostgresClient): Promise<readonly Row[]> {
    const { table } = this.options.outbox;
    const { rows: first } = await client.query(
      `SELECT o.position, o.message_group FROM ${table} o
       WHERE o.position IN (SELECT position FROM ${table} WHERE failure IS NULL ORDER BY position LIMIT ${WINDOW})
         AND (o.message_group IS NULL OR NOT EXISTS (
           SELECT FROM ${table} e
           WHERE e.message_group = o.message_group AND e.position < o.position AND e.failure IS NULL))
       ORDER BY o.position LIMIT $1 FOR UPDATE OF o SKIP LOCKED`,
      [this.batchSize],
    );
    if (first.length === 0) return [];
    const { rows } = await client.query(
      `SELECT id, message FROM ${table}
       WHERE failure IS NULL AND (position = ANY($1::bigint[]) OR message_group = ANY($2::text[]))
       ORDER BY position LIMIT $3`,
      [
        first.map(({ position }) => position),
        first.flatMap(({ message_group: group }) => (group === null ? [] : [group])),
        this.batchSize,
      ],
    );
    return rows as unknown as readonly Row[];
  }

  private async send(client: PostgresClient, rows: readonly Row[]): Promise<void> {
    const { client: sqs, queueUrl, outbox } = this.options;
    const producer = new QueueProducer({
      client: sqs,
      queueUrl,
      lingerMilliseconds: Infinity,
      maxBufferedBytes: Number.MAX_SAFE_INTEGER,
    });
    const sending = rows.map((row) => producer.send(this.outgoing(row)));
    const settled = Promise.allSettled(sending);
    await producer.close();
    const outcomes = await settled;
    const sent = rows.filter((_, index) => outcomes[index].status === 'fulfilled');
    await client.query(`DELETE FROM ${outbox.table} WHERE id = ANY($1::uuid[])`, [sent.map(({ id }) => id)]);
    let retry: MessageNotSentError | undefined;
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') continue;
      const error = outcome.reason as MessageNotSentError;
      const { senderFault, cause, code, reason } = error.failure;
      // A request that was rejected as a whole says nothing about each message: it may be our credentials.
      if (!senderFault || cause !== undefined) {
        if (code !== 'HeldBack') retry ??= error;
        continue;
      }
      this.report({ during: 'send', error, messageId: rows[index].id });
      const text = `${code}: ${reason}`;
      await client.query(`UPDATE ${outbox.table} SET failure = $2 WHERE id = $1::uuid`, [rows[index].id, text]);
    }
    if (retry === undefined) return;
    if (sent.length === 0) throw retry;
    this.report({ during: 'send', error: retry });
  }

  private outgoing({ id, message }: Row): OutgoingMessage {
    if (this.options.queueUrl.endsWith('.fifo')) return { ...message, MessageDeduplicationId: id };
    const attribute = { DataType: 'String', StringValue: id };
    return { ...message, MessageAttributes: { ...message.MessageAttributes, [OUTBOX_ID]: attribute } };
  }
}
