import { Agent, type Server } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Emulator, Random, VirtualClock } from '../../lib/emulator';
import { inProcess, type Transport } from '../conformance/transport';
import { TABLES, TableOperations, type TableOperation } from './dynamodb-operations';

const long = process.env.LONG !== undefined;
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));

const HEADERS = (action: string) => ({
  authorization:
    'AWS4-HMAC-SHA256 Credential=test/20300101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=00',
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-date': '20300101T000000Z',
  'x-amz-target': `DynamoDB_20120810.${action}`,
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
  readonly clock = new VirtualClock();
  private constructor(
    readonly emulator: Emulator,
    private readonly transport: Transport,
  ) {}

  static async open(options: object = {}): Promise<Subject> {
    const clock = new VirtualClock();
    const emulator = new Emulator({ clock, ...options });
    const subject = new Subject(emulator, await inProcess(emulator));
    Object.assign(subject, { clock });
    return subject;
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
            Object.entries(Responses as Record<string, unknown[]>).map(([name, list]) => [name, order(list.map(sorted), true)]),
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
    const count = long ? 100_000 : 1_000;
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
