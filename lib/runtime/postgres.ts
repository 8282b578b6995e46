/** The part of `pg`'s `ClientBase` that is used. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[]; rowCount?: number | null }>;
}

/** The part of `pg`'s `Pool` that is used. */
export interface PostgresPool<Client extends PostgresClient = PostgresClient> {
  connect(): Promise<Client & { release(error?: Error | boolean): void }>;
}

/** Runs `work` in a transaction of a client of its own, and commits it; rolls it back if `work` rejects. */
export async function inTransaction<Client extends PostgresClient, T>(
  pool: PostgresPool<Client>,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    client.release(broken); // a connection that cannot roll back is closed
  }
}

/**
 * Returns a table's name as it can be put into a statement.
 * @throws RangeError if it is no plain name, with at most a schema in front
 */
export function tableName(name: string): string {
  if (/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(name)) return name;
  throw new RangeError(`table must be of a-z, 0-9 and _, with at most a schema in front, but was ${name}`);
}
