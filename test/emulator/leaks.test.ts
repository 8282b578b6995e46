import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { buildSync } from 'esbuild';
import { Emulator, VirtualClock } from '../../lib/emulator';
import { emptyFolder } from './cloudformation/support';

const SECOND = 1_000;
const MEBIBYTE = 2 ** 20;
const ROUNDS = process.env.LONG === undefined ? 32 : 200;
const WARM_UP = 8;
const FUNCTION = 'waiting';

/** Long polls in the way that its event names, and holds half a megabyte. */
const HANDLER = `
const ballast = Array.from({ length: 12_000 }, (_, index) => ({ index }));
const http = require('node:http');
const url = process.env.AWS_ENDPOINT_URL;
const method = 'POST';
const headers = { 'x-amz-target': 'AmazonSQS.ReceiveMessage', 'content-type': 'application/x-amz-json-1.0' };
const body = JSON.stringify({ QueueUrl: 'jobs', WaitTimeSeconds: 20 });
const ways = {
  http: () => new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers }, (response) => response.resume().on('end', resolve));
    request.on('error', reject);
    request.on('socket', (socket) => socket.on('close', () => console.log('ran after its end')));
    request.end(body);
  }),
  fetch: async () => (await fetch(url, { method, headers, body })).text(),
  sdk: () => require('./sdk').receive('jobs'),
};
exports.handler = async ({ way }) => {
  try {
    console.log('polling');
    await ways[way]();
  } finally {
    console.log('ran after its end', ballast.length);
  }
};`;
const SDK = `
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
const sqs = new SQSClient();
export const receive = (QueueUrl) => sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));`;
const WAYS = ['http', 'fetch', 'sdk'];

let assembly: string;
let lines: string[];
let memory: () => number;

beforeAll(() => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'index.js'), HANDLER);
  const stdin = { contents: SDK, resolveDir: __dirname };
  buildSync({ stdin, bundle: true, platform: 'node', outfile: join(folder, 'sdk.js'), minify: true });
  const stack = new Stack(new App({ outdir: emptyFolder() }), 'Stack');
  new Queue(stack, 'Jobs', { queueName: 'jobs' });
  new LambdaFunction(stack, 'Waiting', {
    functionName: FUNCTION,
    code: Code.fromAsset(folder),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
    timeout: Duration.seconds(10),
    retryAttempts: 0,
  });
  assembly = (stack.node.root as App).synth().directory;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  memory = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
});

beforeEach(() => (lines = []));

async function open(): Promise<{ emulator: Emulator; clock: VirtualClock; invoke: (round: number) => Promise<void> }> {
  const clock = new VirtualClock();
  const emulator = new Emulator({ clock, onLog: ({ text }) => void lines.push(text) });
  await emulator.load(assembly);
  const lambda = new LambdaClient(emulator.clientConfig());
  const invoke = async (round: number) => {
    const Payload = Buffer.from(JSON.stringify({ way: WAYS[round % WAYS.length] }));
    await lambda.send(new InvokeCommand({ FunctionName: FUNCTION, InvocationType: 'Event', Payload }));
    await clock.advance(SECOND);
  };
  return { emulator, clock, invoke };
}

/** By how many bytes the heap grows in all rounds but the first few. */
async function growth(round: (index: number) => Promise<void>): Promise<number> {
  let before = 0;
  for (let index = 0; index < ROUNDS; index++) {
    if (index === WARM_UP) before = memory();
    await round(index);
    await new Promise(setImmediate);
  }
  return memory() - before;
}

function expectFlat(bytes: number): void {
  expect(lines.filter((line) => line === 'polling')).toHaveLength(ROUNDS);
  expect(lines.filter((line) => line.startsWith('ran after its end'))).toEqual([]);
  expect(bytes / MEBIBYTE).toBeLessThan(12);
}

test('clouds that are stopped while a handler waits for an answer leave no memory behind', async () => {
  const bytes = await growth(async (index) => {
    const { emulator, invoke } = await open();
    await invoke(index);
    await emulator.stop();
  });
  expectFlat(bytes);
});

test('crashes and time-outs of a handler that waits for an answer leave no memory behind', async () => {
  const { emulator, clock, invoke } = await open();
  const bytes = await growth(async (index) => {
    await invoke(index);
    if (index % 2 === 0) await emulator.crashFunction(FUNCTION);
    else await clock.advance(10 * SECOND);
  });
  await emulator.stop();
  expectFlat(bytes);
});
