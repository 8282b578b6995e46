import { AlreadyInProgressError, FOURTEEN_DAYS, type IdempotencyStore, positiveSeconds } from './idempotent';
import { inTransaction, type PostgresClient, type PostgresPool, tableName } from './postgres';

export interface PostgresStoreOptions<Client extends PostgresClient> {
  /** A pool of `pg`, or what has its `connect()`. */
  readonly pool: PostgresPool<Client>;
  /** The table of keys, of a-z, 0-9 and _, with at most a schema in front. Default `processed_messages`. */
  readonly table?: string;
  /** How long work is remembered, more than 0 seconds. Default: 14 days. */
  readonly expiresAfterSeconds?: number;
  /** How long to wait for another transaction with the same key, more than 0 seconds. Default 5. */
  readonly lockTimeoutSeconds?: number;
}

/** PostgreSQL's code for a lock that was not available in time. */
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Remembers in PostgreSQL, in the transaction of the handler's own writes: both are committed, or neither. A worker that
 * dies in between leaves nothing behind, so each message is inserted into the database exactly once.
 *
 * The handler must write with the client that it gets, and must not end its transaction.
 */
export class PostgresStore<Client extends PostgresClient = PostgresClient> implements IdempotencyStore<Client> {
  private readonly table: string;
  private readonly expiry: number;
  private readonly lockTimeout: number;

  /** @throws RangeError if an option is out of range */
  constructor(private readonly options: PostgresStoreOptions<Client>) {
    const { table = 'processed_messages', expiresAfterSeconds = FOURTEEN_DAYS, lockTimeoutSeconds = 5 } = options;
    this.table = tableName(table);
    this.expiry = positiveSeconds('expiresAfterSeconds', expiresAfterSeconds);
    this.lockTimeout = Math.ceil(positiveSeconds('lockTimeoutSeconds', lockTimeoutSeconds) * 1_000);
  }

  /** The statement that creates the table, unless it exists. */
  public get schema(): string {
    return `CREATE TABLE IF NOT EXISTS ${this.table} (id text PRIMARY KEY, expiration timestamptz NOT NULL)`;
  }

  public async once(key: string, work: (client: Client) => Promise<void>): Promise<boolean> {
    return inTransaction(this.options.pool, async (client) => {
      if (!(await this.record(client, key))) return false;
      await work(client);
      return true;
    });
  }

  /**
   * Deletes expired keys, which would only take space.
   * @returns how many
   */
  public async deleteExpired(): Promise<number> {
    return inTransaction(this.options.pool, async (client) => {
      const { rowCount } = await client.query(`DELETE FROM ${this.table} WHERE expiration < now()`);
      return rowCount ?? 0;
    });
  }

  /** @returns false if the key is there already; waits for a transaction in progress that is about to write it */
  private async record(client: Client, key: string): Promise<boolean> {
    await client.query(`SET LOCAL lock_timeout = ${this.lockTimeout}`);
    try {
      const { rows } = await client.query(
        `INSERT INTO ${this.table} AS t (id, expiration) VALUES ($1, now() + make_interval(secs => $2))
         ON CONFLICT (id) DO UPDATE SET expiration = EXCLUDED.expiration WHERE t.expiration < now() RETURNING id`,
        [key, this.expiry],
      );
      await client.query('SET LOCAL lock_timeout = DEFAULT');
      return rows.length === 1;
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
      throw new AlreadyInProgressError(key, { cause: error });
    }
  }
}
