import { routed } from '../../support/routed';
import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Random, VirtualClock } from '../../../lib/emulator/clock';
import { HttpEndpoint, PortInUse } from '../../../lib/emulator/server';
import { Sqs } from '../../../lib/emulator/services/sqs';
import { Timeline } from '../../../lib/emulator/timeline';
import { RequestRouter } from '../../../lib/emulator/protocol';

const ACCOUNT = '000000000000';

let clock: VirtualClock;
let sqs: Sqs;
let endpoint: HttpEndpoint;
const closers: (() => unknown)[] = [];

beforeEach(() => {
  clock = new VirtualClock();
  const random = new Random(3);
  sqs = new Sqs({ clock, random, timeline: new Timeline(clock), account: ACCOUNT, region: 'us-east-1' });
  const router = new RequestRouter({
    services: [routed('sqs', () => sqs)],
    defaultAccount: ACCOUNT,
    defaultRegion: 'us-east-1',
    random,
  });
  endpoint = new HttpEndpoint({ router, clock, maximumBodyBytes: 2 * 1024 * 1024 });
  closers.push(() => endpoint.close());
});

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Reply {
  status: number | undefined;
  headers: IncomingMessage['headers'];
  text: string;
}

function exchange(options: RequestOptions, body: string | Buffer = ''): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      );
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** How an HTTP client reaches the endpoint without a port. */
function inMemory(): RequestOptions {
  const agent = new Agent({ keepAlive: true });
  // Node's agents take any stream for a socket.
  agent.createConnection = () => endpoint.connect();
  closers.push(() => agent.destroy());
  return { agent, host: '127.0.0.1', port: 4566 };
}

function jsonCall(action: string, input: unknown): [RequestOptions, string] {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` };
  return [{ method: 'POST', path: '/', headers }, JSON.stringify(input)];
}

function sdkClient(options: { endpoint: string; agent?: Agent }): SQSClient {
  const client = new SQSClient({
    region: 'us-east-1',
    endpoint: options.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    ...(options.agent === undefined ? {} : { requestHandler: { httpAgent: options.agent } }),
  });
  closers.push(() => client.destroy());
  return client;
}

test('an SDK client over a port: many messages at once, on kept connections', async () => {
  const url = await endpoint.listen(0);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const client = sdkClient({ endpoint: url });
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'Busy' }));
  expect(QueueUrl).toBe(`${url}/${ACCOUNT}/Busy`);
  const sends = Array.from({ length: 50 }, (_, i) =>
    client.send(new SendMessageCommand({ QueueUrl, MessageBody: String(i) })),
  );
  await Promise.all(sends);
  expect(sqs.counts('Busy')?.visible).toBe(50);
});

test('the answer has AWS headers and no date of the machine', async () => {
  const url = new URL(await endpoint.listen(0));
  const [options, body] = jsonCall('ListQueues', {});
  const { status, headers, text } = await exchange({ ...options, host: url.hostname, port: url.port }, body);
  expect({ status, text }).toEqual({ status: 200, text: '{}' });
  expect(headers).toMatchObject({ 'content-type': 'application/x-amz-json-1.0', 'content-length': '2' });
  expect(headers['x-amzn-requestid']).toBeDefined();
  expect(headers.date).toBeUndefined();
});

test('§1.1 an empty output has Content-Length 0', async () => {
  const memory = inMemory();
  await exchange(...mixed(memory, jsonCall('CreateQueue', { QueueName: 'Q' })));
  const { status, headers } = await exchange(...mixed(memory, jsonCall('DeleteQueue', { QueueUrl: `/${ACCOUNT}/Q` })));
  expect(status).toBe(200);
  expect(headers['content-length']).toBe('0');
});

function mixed(base: RequestOptions, [options, body]: [RequestOptions, string]): [RequestOptions, string] {
  return [{ ...base, ...options }, body];
}

test('health', async () => {
  const memory = inMemory();
  const { status, headers, text } = await exchange({ ...memory, path: '/_spillway/health' });
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/json');
  expect(JSON.parse(text)).toEqual({ status: 'ok' });
  expect((await exchange({ ...memory, method: 'POST', path: '/_spillway/health' })).status).toBe(405);
});

test('a body over the limit is answered with 413 and a line of text, whatever its protocol', async () => {
  const memory = inMemory();
  const json = await exchange(...mixed(memory, jsonCall('SendMessage', { MessageBody: 'x'.repeat(3 * 1024 * 1024) })));
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const form = await exchange({ ...memory, method: 'POST', path: `/${ACCOUNT}/Q`, headers }, Buffer.alloc(3 << 20, 97));
  for (const { status, headers, text } of [json, form]) {
    expect({ status, text }).toEqual({ status: 413, text: 'HTTP content length exceeded 2097152 bytes.\n' });
    expect(headers['content-type']).toBe('text/plain');
  }
});

test('a body in many chunks is read whole', async () => {
  const memory = inMemory();
  await exchange(...mixed(memory, jsonCall('CreateQueue', { QueueName: 'Long' })));
  const body = 'é'.repeat(400_000);
  const sent = await exchange(...mixed(memory, jsonCall('SendMessage', { QueueUrl: 'Long', MessageBody: body })));
  expect(sent.status).toBe(200);
  const received = await exchange(...mixed(memory, jsonCall('ReceiveMessage', { QueueUrl: 'Long' })));
  const { Messages } = JSON.parse(received.text) as { Messages: { Body: string }[] };
  expect(Messages[0].Body).toBe(body);
});

test('an SDK client over connections in memory: virtual time waits for exchanges, not for long polls', async () => {
  const { agent } = inMemory();
  const client = sdkClient({ endpoint: 'http://127.0.0.1:4566', agent: agent as Agent });
  const created = client.send(new CreateQueueCommand({ QueueName: 'Memory' }));
  await clock.settle();
  const { QueueUrl } = await created;
  const poll = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MaxNumberOfMessages: 10 }));
  let answered: number | undefined;
  void poll.then(() => (answered = clock.now()));
  const start = clock.now();
  clock.schedule(start + 7_000, () => {
    void client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'seven' }));
  });
  await clock.advance(30_000);
  expect((await poll).Messages?.[0].Body).toBe('seven');
  expect(answered).toBe(start + 7_000);
});

test.each(['port', 'memory'])('a caller that hangs up takes its long poll with it (%s)', async (by) => {
  const base =
    by === 'port'
      ? await endpoint.listen(0).then((url) => ({ host: '127.0.0.1', port: new URL(url).port }))
      : inMemory();
  await exchange(...mixed(base, jsonCall('CreateQueue', { QueueName: 'Left' })));
  const [options, body] = mixed(base, jsonCall('ReceiveMessage', { QueueUrl: 'Left', WaitTimeSeconds: 20 }));
  const request = httpRequest(options);
  request.on('error', () => undefined);
  request.end(body);
  await new Promise((resolve) => setTimeout(resolve, 50));
  request.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await exchange(...mixed(base, jsonCall('SendMessage', { QueueUrl: 'Left', MessageBody: 'x' })));
  expect(sqs.counts('Left')).toMatchObject({ visible: 1, inFlight: 0 });
});

test('a port in use is one clear line', async () => {
  const port = Number(new URL(await endpoint.listen(0)).port);
  const second = new HttpEndpoint({
    router: new RequestRouter({
      services: [],
      defaultAccount: ACCOUNT,
      defaultRegion: 'us-east-1',
      random: new Random(1),
    }),
    clock,
  });
  const attempt = second.listen(port);
  await expect(attempt).rejects.toBeInstanceOf(PortInUse);
  await expect(attempt).rejects.toThrow(
    `port ${port} on 127.0.0.1 is in use: stop the program that listens there, or choose another port (0 takes any free one)`,
  );
});

test('close ends connections that wait and connections that idle', async () => {
  const url = new URL(await endpoint.listen(0));
  const base = { host: url.hostname, port: url.port };
  await exchange(...mixed(base, jsonCall('CreateQueue', { QueueName: 'Closing' })));
  const poll = exchange(...mixed(base, jsonCall('ReceiveMessage', { QueueUrl: 'Closing', WaitTimeSeconds: 20 })));
  const ended = expect(poll).rejects.toThrow();
  const idle = connectSocket(Number(url.port), url.hostname);
  idle.on('error', () => undefined);
  await new Promise((resolve) => idle.once('connect', resolve));
  const gone = new Promise((resolve) => idle.once('close', resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  await endpoint.close();
  await Promise.all([ended, gone]);
});
