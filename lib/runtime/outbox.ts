import { MAX_BATCH_BYTES } from './outgoing-buffer';
import { type PostgresClient, tableName } from './postgres';
import { type OutgoingMessage } from './queue-producer';

/** What SQS accepts of a message that waits in an outbox; its deduplication id is the row's. */
export type OutboxMessage = Omit<OutgoingMessage, 'MessageDeduplicationId'>;

export interface OutboxOptions {
  /** The table of messages, of a-z, 0-9 and _, with at most a schema in front. Default `outbox`. */
  readonly table?: string;
}

/**
 * Messages that are written with the application's own transaction to PostgreSQL, and sent by an `OutboxRelay`: they are
 * sent if the transaction is committed, and only then.
 */
export class Outbox {
  public readonly table: string;

  /** @throws RangeError if the table's name is no plain name */
  constructor({ table = 'outbox' }: OutboxOptions = {}) {
    this.table = tableName(table);
  }

  /** The statements that create the table and its index, unless they exist. */
  public get schema(): string {
    const index = `${this.table.replace('.', '_')}_by_group`;
    return `CREATE TABLE IF NOT EXISTS ${this.table} (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
        message_group text,
        message jsonb NOT NULL,
        failure text
      );
      CREATE INDEX IF NOT EXISTS ${index} ON ${this.table} (message_group, position) WHERE failure IS NULL`;
  }

  /**
   * Writes a message with the transaction of `client`.
   *
   * Messages of a group (`MessageGroupId`) are sent in the order in which they were written. Transactions that write to
   * the same group at the same time have no order among each other.
   *
   * @returns the row's id: the message's deduplication id on a FIFO queue, its attribute `OutboxId` on a standard one
   * @throws RangeError if the message is over 1 MiB; TypeError if an attribute is binary
   */
  public async add(client: PostgresClient, message: OutboxMessage): Promise<string> {
    const { MessageBody = '', MessageAttributes = {} } = message;
    const bytes = Buffer.byteLength(MessageBody);
    if (bytes > MAX_BATCH_BYTES) {
      throw new RangeError(`MessageBody must be at most ${MAX_BATCH_BYTES} bytes, but was ${bytes}`);
    }
    for (const [name, { BinaryValue }] of Object.entries(MessageAttributes)) {
      if (BinaryValue !== undefined) throw new TypeError(`an outbox takes no binary attributes, but ${name} is one`);
    }
    const { rows } = await client.query(
      `INSERT INTO ${this.table} (message_group, message) VALUES ($1, $2) RETURNING id`,
      [message.MessageGroupId ?? null, JSON.stringify(message)],
    );
    return String(rows[0].id);
  }
}
