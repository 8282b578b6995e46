import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { buildSync } from 'esbuild';
import { Emulator, type EmulatorOptions, VirtualClock } from '../../lib/emulator';
import { routeOf } from '../../lib/emulator/core';
import { HOST_NAMES, SERVICE_NAMES } from '../../lib/emulator/services';
import { ForwardProxy } from '../../lib/emulator/compute';
import { emptyFolder } from './cloudformation/support';

const ACCOUNT = '000000000000';
const ELSEWHERE = 'eu-west-1';
const URL_OF_QUEUE = `https://sqs.${ELSEWHERE}.amazonaws.com/${ACCOUNT}/jobs`;

test.each([
  ['sqs.eu-west-1.amazonaws.com', 'emulator'],
  ['SQS.EU-WEST-1.AMAZONAWS.COM.', 'emulator'],
  ['eu-west-1.queue.amazonaws.com', 'emulator'],
  ['queue.amazonaws.com', 'emulator'],
  ['sqs-fips.us-gov-west-1.amazonaws.com', 'emulator'],
  ['sqs.eu-west-1.api.aws', 'emulator'],
  ['sqs.cn-north-1.amazonaws.com.cn', 'emulator'],
  ['vpce-0a1b-2c.sqs.eu-west-1.vpce.amazonaws.com', 'emulator'],
  ['sts.amazonaws.com', 'emulator'],
  ['s3.amazonaws.com', 'emulator'],
  ['s3.dualstack.eu-west-1.amazonaws.com', 'emulator'],
  ['a.bucket.s3.eu-west-1.amazonaws.com', 'emulator'],
  ['athena.amazonaws.com', 'blocked'],
  ['s3.sqs.eu-west-1.amazonaws.com', 'blocked'],
  ['rekognition.eu-west-1.amazonaws.com', 'blocked'],
  ['abc.lambda-url.eu-west-1.on.aws', 'blocked'],
  ['amazonaws.com.example.com', 'elsewhere'],
  ['notamazonaws.com', 'elsewhere'],
  ['127.0.0.1', 'elsewhere'],
  ['localhost', 'elsewhere'],
])('a connection to %s leads to: %s', (host, route) => expect(routeOf(host, HOST_NAMES)).toBe(route));

test('the hosts of exactly those services that the endpoint answers are redirected', () => {
  const emulator = new Emulator({ clock: new VirtualClock() });
  expect(SERVICE_NAMES.filter((name) => emulator.actionsOf(name) === undefined)).toEqual([]);
  const others = {
    cloudwatch: ['monitoring'],
    dynamodb: ['dynamodb', 'streams.dynamodb'],
    sqs: ['sqs', 'queue'],
  };
  const hosts = SERVICE_NAMES.flatMap((name) => (others as Record<string, string[] | undefined>)[name] ?? [name]);
  expect([...HOST_NAMES].sort()).toEqual(hosts.sort());
});

/** Calls AWS in the ways that its event names, and answers with what came of each. */
const HANDLER = `
import https from 'node:https';
import http from 'node:http';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
const QueueUrl = '${URL_OF_QUEUE}';
const agent = new https.Agent({ keepAlive: true });
const read = async (response) => {
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
};
// As version 2 of the SDK for JavaScript, which knows no AWS_ENDPOINT_URL.
const v2 = (host, body) => new Promise((resolve, reject) => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = https.request({ host, port: 443, method: 'POST', path: '/', agent, headers }, resolve);
  request.on('error', reject);
  request.end(body);
}).then(read);
const get = (client, url) => new Promise((resolve, reject) => client.get(url, resolve).on('error', reject)).then(read);
const ways = {
  v3: async () => (await new SQSClient().send(new SendMessageCommand({ QueueUrl, MessageBody: 'v3' }))).MD5OfMessageBody,
  v2: async () => /<QueueUrl>(.*)<.QueueUrl>/.exec(await v2('sqs.${ELSEWHERE}.amazonaws.com', 'Action=GetQueueUrl&QueueName=jobs'))[1],
  v2Again: () => v2('sqs.${ELSEWHERE}.amazonaws.com', 'Action=SendMessage&MessageBody=v2&QueueUrl=' + encodeURIComponent(QueueUrl)),
  legacy: () => v2('${ELSEWHERE}.queue.amazonaws.com', 'Action=ListQueues'),
  fetch: async () => (await fetch(QueueUrl + '?Action=SendMessage&MessageBody=fetch')).status,
  plain: () => get(http, 'http://sqs.${ELSEWHERE}.amazonaws.com/${ACCOUNT}/jobs?Action=SendMessage&MessageBody=plain'),
  v2Blocked: () => v2('athena.amazonaws.com', ''),
  fetchBlocked: () => fetch('https://abc.lambda-url.${ELSEWHERE}.on.aws/key'),
  plainBlocked: () => get(http, 'http://rekognition.${ELSEWHERE}.amazonaws.com/'),
};
export const handler = async () => {
  const answers = {};
  for (const [name, way] of Object.entries(ways)) {
    answers[name] = await way().catch((error) => (error.cause ?? error).message);
  }
  return answers;
};`;

function appWith(code: Code, runtime: Runtime): string {
  const app = new App({ outdir: emptyFolder() });
  const here = new Stack(app, 'Here', { env: { account: ACCOUNT, region: 'us-east-1' } });
  const elsewhere = new Stack(app, 'Elsewhere', { env: { account: ACCOUNT, region: ELSEWHERE } });
  for (const stack of [here, elsewhere]) new Queue(stack, 'Jobs', { queueName: 'jobs' });
  const timeout = Duration.minutes(1);
  new LambdaFunction(here, 'Caller', { functionName: 'caller', code, runtime, handler: 'index.handler', timeout });
  return app.synth().directory;
}

async function callerAnswers(directory: string, options: EmulatorOptions, bodies: string[] = []): Promise<unknown> {
  const emulator = new Emulator(options);
  try {
    if (options.compute === 'processes') await emulator.listen(0);
    await emulator.load(directory);
    const { Payload } = await new LambdaClient(emulator.clientConfig()).send(
      new InvokeCommand({ FunctionName: 'caller' }),
    );
    const sqs = new SQSClient({ ...emulator.clientConfig(), region: ELSEWHERE });
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: 'jobs', MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    bodies.push(...Messages.map(({ Body = '' }) => Body).sort());
    const text = Buffer.from(Payload ?? []).toString();
    return JSON.parse(text.replaceAll(emulator.endpointUrl, 'http://endpoint'));
  } finally {
    await emulator.stop();
  }
}

test.each([
  ['processes', {}],
  ['in-process', { clock: new VirtualClock() }],
] as const)(
  'compute %s: what is for AWS is answered here, in its region and account, or blocked by name',
  async (compute, options) => {
    const folder = emptyFolder();
    const stdin = { contents: HANDLER, resolveDir: __dirname };
    buildSync({ stdin, bundle: true, platform: 'node', outfile: join(folder, 'index.js') });
    const bodies: string[] = [];
    const directory = appWith(Code.fromAsset(folder), Runtime.NODEJS_22_X);
    const answers = await callerAnswers(directory, { ...options, compute }, bodies);
    expect(answers).toEqual({
      v3: '43a03299a3c3fed3d8ce7b820f3aca81',
      v2: `http://endpoint/queue/${ELSEWHERE}/${ACCOUNT}/jobs`,
      v2Again: expect.stringContaining('<MessageId>') as string,
      legacy: expect.stringContaining(`http://endpoint/queue/${ELSEWHERE}/${ACCOUNT}/jobs`) as string,
      fetch: 200,
      plain: expect.stringContaining('<MessageId>') as string,
      v2Blocked: 'Spillway: blocked athena.amazonaws.com',
      fetchBlocked: `Spillway: blocked abc.lambda-url.${ELSEWHERE}.on.aws`,
      plainBlocked: `Spillway: blocked rekognition.${ELSEWHERE}.amazonaws.com`,
    });
    expect(bodies).toEqual(['fetch', 'plain', 'v2', 'v3']);
  },
);

const PYTHON = `
import json
import urllib.request

def attempt(url):
    try:
        return urllib.request.urlopen(url).read().decode()
    except Exception as error:
        return str(error)

def handler(event, context):
    return {
        "plain": attempt("http://sqs.${ELSEWHERE}.amazonaws.com/?Action=ListQueues"),
        "secure": attempt("${URL_OF_QUEUE}"),
        "blocked": attempt("http://athena.amazonaws.com/"),
        "blockedSecure": attempt("https://athena.amazonaws.com/"),
    }
`;
const hasPython = spawnSync('python3', ['--version']).status === 0;

(hasPython ? test : test.skip)(
  `Python is kept from AWS by a proxy${hasPython ? '' : ': skipped, there is no python3'}`,
  async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'index.py'), PYTHON);
    const directory = appWith(Code.fromAsset(folder), Runtime.PYTHON_3_12);
    expect(await callerAnswers(directory, { compute: 'processes' })).toEqual({
      plain: expect.stringContaining(`http://endpoint/queue/${ELSEWHERE}/${ACCOUNT}/jobs`) as string,
      secure: expect.stringContaining(`403 Spillway: blocked sqs.${ELSEWHERE}.amazonaws.com`) as string,
      blocked: expect.stringContaining('403') as string,
      blockedSecure: expect.stringContaining('403 Spillway: blocked athena.amazonaws.com') as string,
    });
  },
);

test('the proxy passes on what is not for AWS: requests and tunnels', async () => {
  const server = createServer((message, response) => response.end(`${message.method} ${message.url}`));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy = new ForwardProxy(() => 'http://127.0.0.1:1');
  try {
    const { port: proxyPort } = new URL(await proxy.listen());
    const asked = await fetch(`http://127.0.0.1:${proxyPort}/`);
    expect([asked.status, await asked.text()]).toEqual([400, expect.stringMatching(/^This is a proxy/)]);

    const passed = request({ host: '127.0.0.1', port: proxyPort, path: `http://127.0.0.1:${port}/a?b`, method: 'PUT' });
    const [answer] = (await once(passed.end('body'), 'response')) as [NodeJS.ReadableStream];
    expect(String((await once(answer, 'data'))[0])).toBe('PUT /a?b');

    const tunnel = request({ host: '127.0.0.1', port: proxyPort, method: 'CONNECT', path: `127.0.0.1:${port}` });
    const [{ statusCode }, socket] = (await once(tunnel.end(), 'connect')) as [{ statusCode: number }, Socket];
    expect(statusCode).toBe(200);
    socket.write('GET /tunnelled HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(String((await once(socket, 'data'))[0])).toContain('GET /tunnelled');
  } finally {
    await proxy.close();
    server.closeAllConnections();
    server.close();
  }
});
