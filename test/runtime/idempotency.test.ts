import { randomBytes } from 'node:crypto';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { type Message } from '@aws-sdk/client-sqs';
import { type PoolClient } from 'pg';
import { Emulator } from '../../lib/emulator';
import {
  AlreadyInProgressError,
  DynamoDbStore,
  idempotent,
  type IdempotencyStore,
  MemoryStore,
  PostgresStore,
  processBatch,
  type QueueRecord,
} from '../../lib/runtime';
import { type Database, embedded, installed, installedPostgres } from './databases';
import { gate, QueueInTest } from './queue-in-test';

const programs = installedPostgres();
if (programs === undefined) console.warn('left out: idempotency on a true server, because no PostgreSQL is installed');

let emulator: Emulator;
let dynamo: DynamoDBClient;
beforeAll(async () => {
  emulator = new Emulator();
  dynamo = new DynamoDBClient(emulator.clientConfig());
  for (const TableName of ['idempotency', 'rows']) {
    await dynamo.send(
      new CreateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  }
});
afterAll(() => emulator.stop());

describe.each([
  ['MemoryStore', (seconds?: number) => new MemoryStore({ expiresAfterSeconds: seconds })],
  [
    'DynamoDbStore',
    (seconds?: number) => new DynamoDbStore({ client: dynamo, tableName: 'idempotency', expiresAfterSeconds: seconds }),
  ],
] as [string, (seconds?: number) => IdempotencyStore<unknown>][])('%s', (_, make) => {
  const key = () => randomBytes(8).toString('hex');

  test('does the work of a key once', async () => {
    const store = make();
    const id = key();
    let done = 0;
    const work = () => Promise.resolve(void done++);
    expect([await store.once(id, work), await store.once(id, work), await store.once(`${id}-2`, work)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(done).toBe(2);
  });

  test('does it again if it failed', async () => {
    const store = make();
    const id = key();
    await expect(store.once(id, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await store.once(id, () => Promise.resolve())).toBe(true);
  });

  test('says that it is in progress', async () => {
    const store = make();
    const id = key();
    const end = gate();
    const first = store.once(id, () => end.opened);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(store.once(id, () => Promise.resolve())).rejects.toBeInstanceOf(AlreadyInProgressError);
    end.open();
    expect(await first).toBe(true);
    expect(await store.once(id, () => Promise.resolve())).toBe(false);
  });

  test('forgets it when it has expired', async () => {
    const store = make(60);
    const id = key();
    await store.once(id, () => Promise.resolve());
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 62_000);
    expect(await store.once(id, () => Promise.resolve())).toBe(true);
    clock.mockRestore();
  });
});

describe('DynamoDbStore with Powertools', () => {
  const keyPrefix = 'orders';
  const store = () => new DynamoDbStore({ client: dynamo, tableName: 'idempotency', keyPrefix });
  const powertools = (handler: () => Promise<unknown>) =>
    makeIdempotent(handler as (record: { messageId: string }) => Promise<unknown>, {
      persistenceStore: new DynamoDBPersistenceLayer({ tableName: 'idempotency', awsSdkV3Client: dynamo }),
      config: new IdempotencyConfig({ eventKeyJmesPath: 'messageId' }),
      keyPrefix,
    });

  test('knows what Powertools has done', async () => {
    let done = 0;
    await powertools(() => Promise.resolve(void done++))({ messageId: 'theirs' });
    expect(await store().once('theirs', () => Promise.resolve(void done++))).toBe(false);
    expect(done).toBe(1);
  });

  test('lets Powertools know what it has done, in the same layout', async () => {
    let done = 0;
    await store().once('ours', () => Promise.resolve(void done++));
    await powertools(() => Promise.resolve(void done++))({ messageId: 'ours' });
    expect(done).toBe(1);
    const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: 'idempotency' }));
    const layouts = Items.filter(({ id }) => id.S?.startsWith('orders#')).map((item) => Object.keys(item).sort());
    // Powertools writes in_progress_expiration only where Lambda tells it the time left.
    expect(layouts).toContainEqual(['expiration', 'id', 'in_progress_expiration', 'status']);
  });

  test('takes over from one that died', async () => {
    const dead = new DynamoDbStore({ client: dynamo, tableName: 'idempotency', inProgressSeconds: 0.05 });
    const end = gate();
    const late = dead.once('dead', () => end.opened);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await dead.once('dead', () => Promise.resolve())).toBe(true);
    end.open();
    // The first was not dead after all: it must not complete what is not its own any more.
    await expect(late).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  });

  test('writes what the handler adds together with the record, or neither', async () => {
    const put = (id: string) => ({
      Put: { TableName: 'rows', Item: { id: { S: id } }, ConditionExpression: 'attribute_not_exists(id)' },
    });
    const has = async (id: string) =>
      (await dynamo.send(new GetItemCommand({ TableName: 'rows', Key: { id: { S: id } } }))).Item !== undefined;
    expect(await store().once('row 1', (writes) => Promise.resolve(writes.add(put('1'))))).toBe(true);
    expect(await has('1')).toBe(true);
    const both = store().once('row 2', (writes) => {
      writes.add(put('2'));
      return Promise.resolve(writes.add(put('1'))); // is there already
    });
    await expect(both).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect(await has('2')).toBe(false);
    expect(await store().once('row 2', (writes) => Promise.resolve(writes.add(put('2'))))).toBe(true);
  });
});

describe.each([
  ['PGlite', embedded],
  ...(programs === undefined ? [] : [['PostgreSQL', () => installed(programs)] as const]),
] as [string, () => Promise<Database>][])('PostgresStore on %s', (name, open) => {
  let database: Database;
  let store: PostgresStore<PoolClient>;
  beforeAll(async () => {
    database = await open();
    store = new PostgresStore({ pool: database.pool, lockTimeoutSeconds: 0.2 });
    await database.pool.query(store.schema);
    await database.pool.query('CREATE TABLE videos (body text)');
  });
  afterAll(() => database?.close());
  const rows = async (body: string) =>
    (await database.pool.query('SELECT body FROM videos WHERE body = $1', [body])).rows.length;
  const insert = (body: string) => async (client: PoolClient) =>
    void (await client.query('INSERT INTO videos VALUES ($1)', [body]));

  test('commits the record with the writes of the handler, once', async () => {
    expect(await store.once('a', insert('a'))).toBe(true);
    expect(await store.once('a', insert('a'))).toBe(false);
    expect(await rows('a')).toBe(1);
  });

  test('leaves neither behind if the handler fails', async () => {
    const failing = store.once('b', async (client) => {
      await insert('b')(client);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await rows('b')).toBe(0);
    expect(await store.once('b', insert('b'))).toBe(true);
    expect(await rows('b')).toBe(1);
  });

  test('does it again once it has expired, and deletes expired keys', async () => {
    await store.once('c', insert('c'));
    const expire = () =>
      database.pool.query("UPDATE processed_messages SET expiration = now() - interval '1 s' WHERE id = 'c'");
    await expire();
    expect(await store.once('c', insert('c'))).toBe(true);
    expect(await rows('c')).toBe(2);
    await expire();
    expect(await store.deleteExpired()).toBe(1);
  });

  test('a worker inserts each message once, though all of them are delivered three times', async () => {
    const sqs = new QueueInTest();
    const queueUrl = await sqs.create('jobs');
    const bodies = Array.from({ length: 30 }, (_, index) => `row ${index}`);
    await sqs.send(queueUrl, ...bodies, ...bodies, ...bodies);
    const all = gate();
    let handled = 0;
    const handler = idempotent(store, ({ Body = '' }: Message, _context: unknown, client) => insert(Body)(client), {
      key: ({ Body = '' }) => Body,
    });
    sqs.start(queueUrl, () => undefined, {
      handler,
      concurrency: 4,
      retryDelaySeconds: () => 0,
      onEvent: (event) => {
        if (event.type === 'handled' && event.outcome === 'succeeded' && ++handled === 90) all.open();
      },
    });
    await all.opened;
    await sqs.close();
    expect(await Promise.all(bodies.map(rows))).toEqual(bodies.map(() => 1));
  });

  test('works with processBatch', async () => {
    const record = (messageId: string) => ({ messageId, body: messageId, eventSourceARN: 'arn:queue', attributes: {} });
    const event = { Records: [record('m1'), record('m2'), record('m1')] };
    const handler = idempotent(store, ({ body }: QueueRecord & { body: string }, _: unknown, client) =>
      insert(body)(client),
    );
    const batch = () => processBatch(event, handler, { concurrency: 1 });
    expect(await batch()).toEqual({ batchItemFailures: [] });
    expect(await batch()).toEqual({ batchItemFailures: [] });
    expect([await rows('m1'), await rows('m2')]).toEqual([1, 1]);
  });

  if (name === 'PostgreSQL') {
    test('says that another transaction has the key in progress', async () => {
      const begun = gate();
      const end = gate();
      const first = store.once('slow', async (client) => {
        await insert('slow')(client);
        begun.open();
        await end.opened;
      });
      await begun.opened;
      await expect(store.once('slow', insert('slow'))).rejects.toBeInstanceOf(AlreadyInProgressError);
      end.open();
      expect(await first).toBe(true);
      expect(await rows('slow')).toBe(1);
    });
  }
});

test.each([
  [() => new MemoryStore({ maxKeys: 0 }), 'maxKeys must be a whole number of 1 or more, but was 0'],
  [() => new MemoryStore({ expiresAfterSeconds: -1 }), 'expiresAfterSeconds must be more than 0 seconds, but was -1'],
  [
    () => new PostgresStore({ pool: { connect: () => Promise.reject(new Error()) }, table: 'a; DROP' }),
    'table must be of a-z, 0-9 and _, with at most a schema in front, but was a; DROP',
  ],
])('rejects an option out of range (%#)', (make, message) => {
  expect(make).toThrow(new RangeError(message));
});
