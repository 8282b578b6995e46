import { Agent, type Server } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Emulator, Random, VirtualClock } from '../../lib/emulator';
import { inProcess, type Transport } from '../conformance/transport';
import { TABLES, TableOperations, type TableOperation } from './dynamodb-operations';
import { TableModel } from './table-model';

const long = process.env.LONG !== undefined;
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));

const STREAM_ACTIONS = ['ListStreams', 'DescribeStream', 'GetShardIterator', 'GetRecords'];

const HEADERS = (action: string) => ({
  authorization:
    'AWS4-HMAC-SHA256 Credential=test/20300101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00',
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20300101T000000Z',
  'x-amz-target': `DynamoDB${STREAM_ACTIONS.includes(action) ? 'Streams' : ''}_20120810.${action}`,
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** dynalite, on a port of this machine. */
class Dynalite {
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Dynalite> {
    const dynalite = jest.requireActual<(options: object) => Server>('dynalite');
    const server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Dynalite(server);
  }

  ask({ action, input }: TableOperation): Promise<Answer> {
    const { port } = this.server.address() as AddressInfo;
    return new Promise((resolve, reject) => {
      const options = { agent: this.agent, host: '127.0.0.1', port, method: 'POST', headers: HEADERS(action) };
      const request = httpRequest(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
          resolve({ status: response.statusCode ?? 0, body });
        });
      });
      request.on('error', reject);
      request.end(JSON.stringify(input));
    });
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** The emulator, without a port. */
class Subject {
  private constructor(
    readonly emulator: Emulator,
    readonly clock: VirtualClock,
    private readonly transport: Transport,
  ) {}

  static async open(): Promise<Subject> {
    const clock = new VirtualClock();
    const emulator = new Emulator({ clock });
    return new Subject(emulator, clock, await inProcess(emulator));
  }

  /** The body of the answer to an operation that is to succeed. */
  async call<T>(action: string, input: object): Promise<T> {
    const { status, body } = await this.ask({ action, input: input as Record<string, unknown> });
    if (status !== 200) throw new Error(`${action} was refused: ${JSON.stringify(body)}`);
    return body as T;
  }

  async ask({ action, input }: TableOperation): Promise<Answer> {
    const { status, text } = await this.transport.exchange({ headers: HEADERS(action), body: JSON.stringify(input) });
    return { status, body: JSON.parse(text === '' ? '{}' : text) as Record<string, unknown> };
  }
}

/** What must be the same: sets have no order, nor have scans and batches, and what is empty may be left out. */
function comparable({ action, input }: TableOperation, { status, body }: Answer): unknown {
  const { Attributes, Items, Responses, ...rest } = body;
  // Nobody says in which order an index has items with the same key.
  const unordered = action === 'Scan' || input.IndexName !== undefined;
  const sort = input.IndexName === 'global' ? 'n' : 's';
  const members = {
    ...rest,
    sorts: action === 'Query' && Array.isArray(Items) ? Items.map((item: Record<string, unknown>) => item[sort]) : [],
    Attributes: isEmpty(Attributes) ? undefined : sorted(Attributes),
    Items: Array.isArray(Items) ? order(Items.map(sorted), unordered) : undefined,
    Responses:
      Responses === undefined
        ? undefined
        : Object.fromEntries(
            Object.entries(Responses as Record<string, unknown[]>).map(([name, list]) => [
              name,
              order(list.map(sorted), true),
            ]),
          ),
    Item: rest.Item === undefined || isEmpty(rest.Item) ? undefined : sorted(rest.Item),
  };
  return { status, ...(sorted(members) as object) };
}

function order(list: readonly unknown[], unordered: boolean): unknown[] {
  const texts = list.map((each) => JSON.stringify(each));
  return unordered ? texts.sort() : texts;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** The value with its names and its sets in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, each]) => [name, ['SS', 'NS', 'BS'].includes(name) ? [...(each as string[])].sort() : sorted(each)]),
  );
}

test(`random operations are answered as by dynalite (SEED=${seed})`, async () => {
  const [dynalite, subject] = await Promise.all([Dynalite.open(), Subject.open()]);
  try {
    for (const input of TABLES) {
      const create = { action: 'CreateTable', input };
      expect((await dynalite.ask(create)).status).toBe(200);
      expect((await subject.ask(create)).status).toBe(200);
    }
    await new Promise((done) => setImmediate(done));
    const operations = new TableOperations(new Random(seed));
    const count = long ? 100_000 : 600;
    let refused = 0;
    for (let n = 0; n < count; n++) {
      const operation = operations.next();
      const [theirs, ours] = await Promise.all([dynalite.ask(operation), subject.ask(operation)]);
      if (ours.status !== 200) refused++;
      const [expected, found] = [theirs, ours].map((answer) => comparable(operation, answer));
      // Jest's comparison takes longer than the operation.
      if (JSON.stringify(found) === JSON.stringify(expected)) continue;
      expect({ n, operation, found }).toEqual({ n, operation, found: expected });
    }
    // Most operations must do something.
    expect(refused / count).toBeLessThan(0.5);
  } finally {
    await dynalite.close();
    await subject.emulator.stop();
  }
}, 1_200_000);

interface StreamRecord {
  readonly eventName: string;
  readonly dynamodb: {
    readonly Keys: { readonly pk: { readonly S: string } };
    readonly OldImage?: object;
    readonly NewImage?: object;
  };
}

/** What a stream's records add up to. */
class Replica {
  readonly items = new Map<string, object>();
  private iterator?: string;

  constructor(private readonly subject: Subject) {}

  /** Applies the records since the last time, each of which must begin with what the one before left. */
  async follow(): Promise<void> {
    this.iterator ??= await this.begin();
    const { Records, NextShardIterator } = await this.subject.call<{
      Records: readonly StreamRecord[];
      NextShardIterator: string;
    }>('GetRecords', { ShardIterator: this.iterator });
    this.iterator = NextShardIterator;
    for (const { eventName, dynamodb } of Records) {
      const { Keys, OldImage, NewImage } = dynamodb;
      const before = this.items.get(Keys.pk.S);
      expect(OldImage).toEqual(before);
      expect(eventName).toBe(before === undefined ? 'INSERT' : NewImage === undefined ? 'REMOVE' : 'MODIFY');
      if (NewImage === undefined) this.items.delete(Keys.pk.S);
      else this.items.set(Keys.pk.S, NewImage);
    }
  }

  private async begin(): Promise<string> {
    const { Streams } = await this.subject.call<{ Streams: { StreamArn: string }[] }>('ListStreams', {});
    const [{ StreamArn }] = Streams;
    const { StreamDescription } = await this.subject.call<{
      StreamDescription: { Shards: { ShardId: string }[] };
    }>('DescribeStream', { StreamArn });
    const { ShardIterator } = await this.subject.call<{ ShardIterator: string }>('GetShardIterator', {
      ...{ StreamArn, ShardId: StreamDescription.Shards[0].ShardId, ShardIteratorType: 'TRIM_HORIZON' },
    });
    return ShardIterator;
  }
}

test(`transactions, expiry and the stream agree with a model (SEED=${seed})`, async () => {
  const subject = await Subject.open();
  try {
    await subject.call('CreateTable', {
      ...TABLES[0],
      TableName: 'Counters',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    const TimeToLiveSpecification = { AttributeName: 'ttl', Enabled: true };
    await subject.call('UpdateTimeToLive', { TableName: 'Counters', TimeToLiveSpecification });
    const random = new Random(seed);
    const model = new TableModel(random, () => subject.clock.now());
    const replica = new Replica(subject);
    for (let n = 0; n < (long ? 20_000 : 400); n++) {
      if (random.integer(0, 4) === 0) await subject.clock.advance(random.integer(1, 400_000));
      model.expire();
      const { operation, reasons } = (random.integer(0, 9) === 0 ? model.repeated() : undefined) ?? model.transact();
      const { status, body } = await subject.ask(operation);
      const codes = (body.CancellationReasons as { Code: string }[] | undefined)?.map(({ Code }) => Code);
      expect({ n, operation, status, codes }).toEqual({
        n,
        operation,
        status: reasons === undefined ? 200 : 400,
        codes: reasons,
      });
      const { Items } = await subject.call<{ Items: { pk: { S: string } }[] }>('Scan', { TableName: 'Counters' });
      expect(Items.sort((a, b) => (a.pk.S < b.pk.S ? -1 : 1))).toEqual(model.expected());
      await replica.follow();
      expect(replica.items.size).toBe(Items.length);
      for (const item of Items) expect(replica.items.get(item.pk.S)).toEqual(item);
    }
  } finally {
    await subject.emulator.stop();
  }
}, 1_200_000);
