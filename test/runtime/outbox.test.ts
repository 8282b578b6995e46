import { type Message } from '@aws-sdk/client-sqs';
import { type Failure, Outbox, OutboxRelay, type OutboxRelayOptions } from '../../lib/runtime';
import { type Database, embedded, installed, installedPostgres } from './databases';
import { QueueInTest, until } from './queue-in-test';

const programs = installedPostgres();
if (programs === undefined) console.warn('left out: the outbox on a true server, because no PostgreSQL is installed');

const FIFO = { FifoQueue: 'true' };

describe.each([
  ['PGlite', embedded],
  ...(programs === undefined ? [] : [['PostgreSQL', () => installed(programs)] as const]),
] as [string, () => Promise<Database>][])('an outbox on %s', (name, open) => {
  let database: Database;
  let sqs: QueueInTest;
  let outbox: Outbox;
  let tables = 0;
  const received: Message[] = [];
  beforeAll(async () => (database = await open()));
  afterAll(() => database?.close());
  beforeEach(async () => {
    sqs = new QueueInTest();
    received.length = 0;
    outbox = new Outbox({ table: `outbox_${++tables}` });
    await database.pool.query(outbox.schema);
  });
  afterEach(() => sqs.close());

  const add = (MessageBody: string, MessageGroupId?: string) =>
    outbox.add(database.pool, { MessageBody, MessageGroupId });
  const relay = (queueUrl: string, options: Partial<OutboxRelayOptions> = {}) =>
    new OutboxRelay({
      outbox,
      pool: database.pool,
      client: sqs.client,
      queueUrl,
      idleMilliseconds: 20,
      onFailure: (failure: Failure) => sqs.failures.push(failure),
      ...options,
    });
  const listen = (queueUrl: string) =>
    sqs.start(queueUrl, (_, __, message) => void received.push(message), { concurrency: 20 });
  const left = async () =>
    (await database.pool.query<{ message: unknown; failure: unknown }>(`SELECT message, failure FROM ${outbox.table}`))
      .rows;

  test('sends what was committed, with the row as an attribute, and deletes it', async () => {
    const queueUrl = await sqs.create('jobs');
    const id = await add('committed');
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await outbox.add(client, { MessageBody: 'rolled back' });
    await client.query('ROLLBACK');
    client.release();
    expect(await relay(queueUrl).sendOnce()).toBe(1);
    expect(await relay(queueUrl).sendOnce()).toBe(0);
    listen(queueUrl);
    await until(() => received.length === 1);
    expect(received[0]).toMatchObject({ Body: 'committed', MessageAttributes: { OutboxId: { StringValue: id } } });
    expect(await left()).toEqual([]);
  });

  test('several relays keep the order of each group and send nothing twice', async () => {
    const queueUrl = await sqs.create('jobs.fifo', FIFO);
    const count = 120;
    for (let index = 0; index < count; index++) await add(String(index), `g${index % 4}`);
    const relays = Array.from({ length: 3 }, () => relay(queueUrl, { batchSize: 7 }));
    listen(queueUrl);
    for (const each of relays) void each.run();
    await until(() => received.length === count, 30_000);
    await Promise.all(relays.map((each) => each.stop()));
    for (let group = 0; group < 4; group++) {
      const order = received.filter(({ Attributes }) => Attributes?.MessageGroupId === `g${group}`);
      expect(order.map(({ Body }) => Number(Body))).toEqual(Array.from({ length: count / 4 }, (_, i) => i * 4 + group));
    }
    expect(await left()).toEqual([]);
    expect(sqs.failures).toEqual([]);
  });

  test('a relay that dies before its commit sends again, and a FIFO queue takes the message once', async () => {
    const queueUrl = await sqs.create('jobs.fifo', FIFO);
    const id = await add('once', 'g');
    const dying: OutboxRelayOptions['pool'] = {
      connect: async () => {
        const client = await database.pool.connect();
        return {
          query: (text: string, values?: unknown[]) =>
            text === 'COMMIT' ? Promise.reject(new Error('killed')) : client.query(text, values),
          release: () => client.release(),
        };
      },
    };
    await expect(relay(queueUrl, { pool: dying }).sendOnce()).rejects.toThrow('killed');
    expect(await left()).toHaveLength(1);
    expect(await relay(queueUrl).sendOnce()).toBe(1);
    expect(sqs.requests.filter((command) => command === 'SendMessageBatchCommand')).toHaveLength(2);
    expect(sqs.counts('jobs.fifo')).toMatchObject({ visible: 1 });
    listen(queueUrl);
    await until(() => received.length === 1);
    expect(received[0].Attributes?.MessageDeduplicationId).toBe(id);
  });

  test('keeps messages while SQS cannot be reached', async () => {
    const queueUrl = await sqs.create('jobs.fifo', FIFO);
    for (const body of ['a', 'b', 'c']) await add(body, 'g');
    let down = true;
    sqs.fault = (command, send) =>
      down && command === 'SendMessageBatchCommand' ? Promise.reject(new Error('no network')) : send();
    await expect(relay(queueUrl).sendOnce()).rejects.toThrow('no network');
    expect(await left()).toHaveLength(3);
    down = false;
    listen(queueUrl);
    await relay(queueUrl).sendOnce();
    await until(() => received.length === 3);
    expect(received.map(({ Body }) => Body)).toEqual(['a', 'b', 'c']);
  });

  test('sets a message aside that SQS rejects for good, and sends those behind it', async () => {
    const queueUrl = await sqs.create('jobs');
    await add('bad \u0001');
    await add('good');
    const one = relay(queueUrl);
    void one.run();
    listen(queueUrl);
    await until(() => received.length === 1);
    await one.stop();
    expect(received[0].Body).toBe('good');
    expect(await left()).toEqual([
      {
        message: { MessageBody: 'bad \u0001' },
        failure: expect.stringMatching(/^InvalidMessageContents: /) as unknown,
      },
    ]);
    expect(sqs.failures).toMatchObject([{ during: 'send', error: { name: 'MessageNotSentError' } }]);
  });

  test('rejects what SQS could never take', async () => {
    await expect(add('x'.repeat(1_048_577))).rejects.toThrow(
      'MessageBody must be at most 1048576 bytes, but was 1048577',
    );
    const BinaryValue = new Uint8Array(1);
    const message = { MessageBody: 'a', MessageAttributes: { key: { DataType: 'Binary', BinaryValue } } };
    await expect(outbox.add(database.pool, message)).rejects.toThrow(
      'an outbox takes no binary attributes, but key is one',
    );
    expect(await left()).toEqual([]);
  });

  if (name === 'PostgreSQL') {
    test('another relay takes other groups while one is sending', async () => {
      const queueUrl = await sqs.create('jobs.fifo', FIFO);
      for (const body of ['a1', 'a2']) await add(body, 'a');
      const client = await database.pool.connect();
      await client.query('BEGIN');
      await client.query(`SELECT FROM ${outbox.table} ORDER BY position LIMIT 1 FOR UPDATE`);
      await add('b1', 'b');
      expect(await relay(queueUrl).sendOnce()).toBe(1);
      await client.query('ROLLBACK');
      client.release();
      expect(await relay(queueUrl).sendOnce()).toBe(2);
    });
  }
});

test.each([
  [{ batchSize: 0 }, 'batchSize must be a whole number from 1 to 1000, but was 0'],
  [{ idleMilliseconds: 0 }, 'idleMilliseconds must be more than 0, but was 0'],
])('a relay rejects %j', (options, message) => {
  const sqs = new QueueInTest();
  const pool = { connect: () => Promise.reject(new Error('not connected')) };
  const make = () => new OutboxRelay({ outbox: new Outbox(), pool, client: sqs.client, queueUrl: 'q', ...options });
  expect(make).toThrow(new RangeError(message));
});
