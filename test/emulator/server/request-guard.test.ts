import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Emulator } from '../../../lib/emulator';
import { BrowserGuard } from '../../../lib/emulator/core/policy';
import { SystemClock, VirtualClock } from '../../../lib/emulator/clock';
import { RuntimeApi } from '../../../lib/emulator/compute/functions/runtime-api';
import { Random } from '../../../lib/emulator/clock';
import { InstanceMetadata, MetadataEndpoint } from '../../../lib/emulator/server';

let emulator: Emulator;
let port: number;

const ORIGIN = 'http://localhost:5173';

beforeAll(async () => {
  emulator = new Emulator({ allowOrigins: [ORIGIN], allowHosts: ['host.docker.internal'] });
  port = Number(new URL(await emulator.listen(0)).port);
});
afterAll(() => emulator.stop());

type Headers = Record<string, string>;

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Sends the head of a request and, if told, its body; resolves with the answer, whether or not the body was sent. */
function call(method: string, path: string, headers: Headers, body?: string, at = port): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: at, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        request.destroy();
      });
    });
    request.on('error', reject);
    if (body === undefined) request.flushHeaders();
    else request.end(body);
  });
}

const own = () => `http://127.0.0.1:${port}`;
const get = (headers: Headers) => call('GET', '/?Action=ListQueues', headers, '');

const PATHS: readonly (readonly [method: string, path: string])[] = [
  ['POST', '/'],
  ['GET', '/?Action=CreateQueue&QueueName=x'],
  ['POST', '/2015-03-31/functions/pay/invocations'],
  ['PUT', '/2015-03-31/functions/pay/code'],
  ['GET', '/_spillway/health'],
  ['GET', '/_spillway/status'],
  ['POST', '/_spillway/reset'],
  ['OPTIONS', '/'],
];

describe.each(PATHS)('%s %s', (method, path) => {
  test.each<[string, Headers]>([
    ['a foreign Origin', { Origin: 'https://evil.example.com' }],
    ['an opaque Origin', { Origin: 'null' }],
    ['the Origin of another port', { Origin: 'http://127.0.0.1:1' }],
    ['a foreign Sec-Fetch-Site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a Host that is not of this machine', { Host: 'evil.example.com' }],
  ])('is refused for %s, in one sentence and before its body is read', async (_, headers) => {
    const { status, text, headers: answered } = await call(method, path, { ...headers, 'Content-Length': '1000000' });
    expect(status).toBe(403);
    expect(text).toMatch(/^[A-Z][^\n]+\.\n$/);
    expect(answered['content-type']).toBe('text/plain');
    expect(answered['x-content-type-options']).toBe('nosniff');
    expect(answered['access-control-allow-origin']).toBeUndefined();
  });
});

test('counts the refused requests in /_spillway/status, beside the state of the cloud', async () => {
  const status = async () => JSON.parse((await call('GET', '/_spillway/status', {}, '')).text) as { queues: unknown };
  const before = await status();
  expect(before).toMatchObject({ queues: [], refusedRequests: expect.any(Number) as number });
  await call('POST', '/_spillway/reset', { Origin: 'null' }, '');
  await call('POST', '/', { Host: 'evil.example.com' }, '');
  const { refusedRequests } = before as unknown as { refusedRequests: number };
  expect(await status()).toMatchObject({ refusedRequests: refusedRequests + 2 });
});

test.each(['same-site', 'cross-site', 'none, cross-site', ''])('refuses Sec-Fetch-Site: %p', async (site) => {
  expect((await get({ 'Sec-Fetch-Site': site })).status).toBe(403);
});

test.each([
  [253, 200],
  [254, 403],
])('answers a Host of %d characters with status %d', async (length, status) => {
  const labels = `${'a'.repeat(60)}.`.repeat(3);
  const Host = `${labels}${'b'.repeat(length - labels.length - '.localhost'.length)}.localhost`;
  expect((await get({ Host })).status).toBe(status);
});

test.each(['none', 'same-origin'])('answers Sec-Fetch-Site: %s', async (site) => {
  expect((await get({ 'Sec-Fetch-Site': site })).status).toBe(200);
});

test('answers pages of its own origin, under the name by which it is called', async () => {
  expect((await get({ Origin: own(), 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200);
  const localhost = `localhost:${port}`;
  expect((await get({ Host: localhost, Origin: `http://${localhost}` })).status).toBe(200);
  expect((await get({ Host: localhost, Origin: own() })).status).toBe(403);
  expect((await get({ Origin: own(), 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  expect((await get({ Origin: own().replace('http', 'https') })).status).toBe(403);
});

test.each([
  '127.0.0.1',
  '127.0.0.1:4566',
  '127.255.3.4:80',
  'localhost',
  'LocalHost:4566',
  'jobs.localhost:4566',
  'a.b.localhost',
  '[::1]:4566',
  'sqs.eu-west-1.amazonaws.com',
  'queue.amazonaws.com',
  'us-east-2.queue.amazonaws.com:443',
  'sqs.cn-north-1.amazonaws.com.cn',
  'sqs.us-east-1.api.aws',
  'host.docker.internal:4566',
  'Host.Docker.Internal',
])('is called %s', async (host) => {
  expect((await get({ Host: host })).status).toBe(200);
});

test.each([
  'evil.example.com',
  'evil.example.com:4566',
  '127.0.0.1.evil.example.com',
  '128.0.0.1',
  '10.0.0.1:4566',
  'localhost.evil.example.com',
  'notlocalhost',
  'amazonaws.com',
  'evilamazonaws.com',
  'sqs.amazonaws.com.evil.example.com',
  'x.host.docker.internal',
  '[::2]:4566',
  '[fe80::1]',
  '0.0.0.0:4566',
  'a@localhost',
  `${'a.'.repeat(200)}localhost`,
])('is not called %s', async (host) => {
  const { status, text } = await get({ Host: host });
  expect(status).toBe(403);
  expect(text).toContain('--allow-host');
});

test('a page of AWS is foreign although its host name is not', async () => {
  const host = 'evil.s3.amazonaws.com';
  expect((await get({ Host: host, Origin: `http://${host}` })).status).toBe(403);
});

test('a request without a Host is answered: only programs send one', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.end('GET /_spillway/health HTTP/1.0\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
});

describe('an allowed origin', () => {
  test('is answered, and its page may read the answer', async () => {
    const { status, headers } = await get({ Origin: ORIGIN, 'Sec-Fetch-Site': 'cross-site' });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-expose-headers': '*',
      vary: 'Origin',
    });
  });

  test('has its preflights answered', async () => {
    const { status, headers } = await call('OPTIONS', '/2015-03-31/functions/pay/code', {
      Origin: ORIGIN,
      'Access-Control-Request-Method': 'PUT',
      'Access-Control-Request-Headers': 'authorization,x-amz-date',
      'Access-Control-Request-Private-Network': 'true',
    });
    expect(status).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'authorization,x-amz-date',
      'access-control-allow-private-network': 'true',
    });
  });

  test('allows neither another port nor a host name that was not allowed', async () => {
    expect((await get({ Origin: 'http://localhost:5174' })).status).toBe(403);
    expect((await get({ Origin: ORIGIN, Host: 'evil.example.com' })).status).toBe(403);
  });
});

test('a client that waits for 100 Continue is refused before it sends its body, and asked for it otherwise', async () => {
  const ask = (headers: Headers) =>
    new Promise<string>((resolve, reject) => {
      const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/_spillway/reset', headers });
      request.on('continue', () => resolve('continue'));
      request.on('response', (response) => resolve(String(response.statusCode)));
      request.on('error', reject);
      request.flushHeaders();
      request.on('close', () => request.destroy());
    });
  const expectation = { Expect: '100-continue', 'Content-Length': '5' };
  expect(await ask({ ...expectation, Origin: 'http://evil.example.com' })).toBe('403');
  expect(await ask(expectation)).toBe('continue');
});

test('SDK clients go on as before', async () => {
  const sqs = new SQSClient(emulator.clientConfig());
  await sqs.send(new CreateQueueCommand({ QueueName: 'kept' }));
  expect((await sqs.send(new ListQueuesCommand())).QueueUrls).toEqual([`${own()}/000000000000/kept`]);
  sqs.destroy();
});

test('an instance’s metadata port refuses what the endpoint refuses', async () => {
  const clock = new VirtualClock();
  const instance = () => ({ instanceId: 'i-1', availabilityZone: 'us-east-1a', privateIp: '10.0.0.1' });
  const place = { account: '000000000000', region: 'us-east-1' };
  const metadata = new InstanceMetadata({ ...place, clock, random: new Random(1), instance });
  const guard = new BrowserGuard();
  const endpoint = new MetadataEndpoint(metadata, clock, guard);
  const at = Number(new URL(await endpoint.listen()).port);
  const token = (headers: Headers) =>
    call('PUT', '/latest/api/token', { 'X-aws-ec2-metadata-token-ttl-seconds': '60', ...headers }, '', at);
  expect((await token({ Host: 'evil.example.com' })).status).toBe(403);
  expect((await token({ Origin: 'http://evil.example.com' })).status).toBe(403);
  expect((await token({ 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  expect((await token({})).status).toBe(200);
  expect(guard.refusedCount).toBe(3);
  await endpoint.close();
});

test('a function’s Runtime API refuses what the endpoint refuses: no page takes an invocation or ends a runtime', async () => {
  const heard: string[] = [];
  const api = new RuntimeApi({
    idle: () => void heard.push('idle'),
    initFailed: () => void heard.push('initFailed'),
    answered: () => void heard.push('answered'),
    memoryUsed: () => void heard.push('memoryUsed'),
  });
  const at = Number((await api.listen())?.split(':')[1]);
  const path = '/2018-06-01/runtime';
  for (const headers of [{ Host: 'evil.example.com' }, { Origin: 'null' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
    expect((await call('GET', `${path}/invocation/next`, headers as unknown as Headers, '', at)).status).toBe(403);
    expect((await call('POST', `${path}/init/error`, headers as unknown as Headers, '{}', at)).status).toBe(403);
  }
  expect(heard).toEqual([]);
  expect((await call('POST', `${path}/init/error`, {}, '{}', at)).status).toBe(202);
  expect(heard).toEqual(['initFailed']);
  api.close();
});

test.each([
  [{ allowOrigins: ['*'] }, 'allowOrigins must be an origin such as http://localhost:5173, but was "*"'],
  [
    { allowOrigins: ['http://a.example/'] },
    'allowOrigins must be an origin such as http://localhost:5173, but was "http://a.example/"',
  ],
  [{ allowOrigins: ['null'] }, 'allowOrigins must be an origin such as http://localhost:5173, but was "null"'],
  [
    { allowHosts: ['db:4566'] },
    'allowHosts must be a host name without a port, such as host.docker.internal, but was "db:4566"',
  ],
  [{ allowHosts: [''] }, 'allowHosts must be a host name without a port, such as host.docker.internal, but was ""'],
])('%j is refused by name', (options, message) => {
  const clock = new SystemClock();
  expect(() => new Emulator({ clock, ...options })).toThrow(new RangeError(message));
  clock.stop();
});
