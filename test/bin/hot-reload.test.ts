import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { NodejsFunction, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AutoScalingGroupConsumer, BacklogScaling, StandardQueue, WorkerProgram } from '../../lib';
import { root, type Started, startSpillway } from './spawn-spillway';

// A project with functions that are bundled in each way, and a worker in TypeScript.
let project: string;
let cwd: string;
let up: Started;
let sqs: SQSClient;
let endpoint: string;

const handler = (says: string) => `import { say } from './say';
export const handler = async (event: { Records: { body: string }[] }) => {
  for (const { body } of event.Records) say(${JSON.stringify(says)}, body);
};
`;
const worker = (says: string) => `import { say } from './say';
const timer = setInterval(() => say(${JSON.stringify(says)}, 'ticks'), 200);
process.on('SIGTERM', () => { say(${JSON.stringify(says)}, 'ends'); clearInterval(timer); });
`;
const save = (file: string, text: string) => writeFileSync(join(project, file), text);

beforeAll(async () => {
  cwd = process.cwd();
  project = mkdtempSync(join(tmpdir(), 'spillway-reload-'));
  for (const folder of ['src', 'plain']) mkdirSync(join(project, folder));
  save('plain/index.js', 'exports.handler=async()=>{};');
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  save('package.json', '{ "name": "reloaded" }');
  save('package-lock.json', '{}');
  save('cdk.json', '{}');
  save('src/say.ts', "export const say = (...words: string[]) => console.log(words.join(' '));\n");
  for (const name of ['commented', 'mapped', 'named']) save(`src/${name}.ts`, handler(`${name} 1`));
  save('src/worker.ts', worker('worker 1'));
  save('spillway.json', JSON.stringify({ functions: { 'App/named': 'src/named.ts' }, port: 0, assembly: 'cdk.out' }));
  process.chdir(project);
  const app = new App({ outdir: join(project, 'cdk.out'), context: { 'aws:cdk:bundling-stacks': ['**'] } });
  const stack = new Stack(app, 'App');
  const bundling = {
    commented: {},
    mapped: { minify: true, sourceMap: true, sourceMapMode: SourceMapMode.INLINE },
    named: { minify: true },
  };
  for (const [name, options] of Object.entries(bundling)) {
    const fn = new NodejsFunction(stack, name, {
      entry: join(project, `src/${name}.ts`),
      runtime: Runtime.NODEJS_22_X,
      bundling: options,
      projectRoot: project,
      depsLockFilePath: join(project, 'package-lock.json'),
    });
    fn.addEventSource(new SqsEventSource(new Queue(stack, `${name}Queue`, { queueName: name })));
  }
  new Function(stack, 'unknown', {
    code: Code.fromAsset(join(project, 'plain')),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
  });
  const queue = new StandardQueue(stack, 'Videos');
  queue.addConsumer(
    new AutoScalingGroupConsumer(stack, 'Workers', {
      vpc: new Vpc(stack, 'Vpc', { natGateways: 1, maxAzs: 1 }),
      worker: WorkerProgram.typescript('src/worker.ts'),
      processingTime: Duration.minutes(1),
      minCapacity: 1,
      maxCapacity: 2,
      scaling: BacklogScaling.steps([{ depth: 100, add: 1 }], { emptyFor: Duration.minutes(5), remove: 1 }),
    }),
  );
  app.synth();
  writeFileSync(join(project, 'cdk.out', 'untouched'), '');
  up = startSpillway(['up', '--watch', '--speed', '10'], {
    cwd: project,
    variables: { XDG_CACHE_HOME: join(project, 'cache') },
  });
  await up.printed(/Ctrl-C/);
  endpoint = await up.printed(/http:\/\/127\.0\.0\.1:\d+/);
  sqs = new SQSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: '000000000000', secretAccessKey: 'x' },
  });
}, 120_000);

afterAll(async () => {
  process.chdir(cwd);
  sqs?.destroy();
  up?.child.kill('SIGINT');
  const ended = await up?.ended;
  rmSync(project, { recursive: true, force: true });
  expect(ended).toMatchObject({ status: 130, stderr: '' });
});

const send = (queue: string, MessageBody: string) =>
  sqs.send(new SendMessageCommand({ QueueUrl: `${endpoint}/000000000000/${queue}`, MessageBody }));

test.each([
  ['commented', 'the comments of its bundle'],
  ['mapped', 'its source map'],
  ['named', 'spillway.json'],
])(
  'the function %s, whose source is known from %s, runs a changed source',
  async (name) => {
    await send(name, 'a');
    await up.printed(new RegExp(`^[\\d:.]{12} ${name} \\| .*${name} 1 a$`, 'm'));
    save(`src/${name}.ts`, handler(`${name} 2`));
    await up.printed(new RegExp(`^App/${name}: reloaded in \\d+ ms$`, 'm'));
    await send(name, 'b');
    await up.printed(new RegExp(`${name} 2 b$`, 'm'));
  },
  60_000,
);

test('a source that cannot be bundled is reported with its place, and the old code goes on', async () => {
  save('src/commented.ts', 'export const handler = (;\n');
  await up.printed(/^App\/commented: src\/commented\.ts:1:25: Unexpected ";"; the old code goes on$/m);
  await send('commented', 'c');
  await up.printed(/commented 2 c$/m);
  save('src/commented.ts', handler('commented 3'));
  await up.printed(/(?:App\/commented: reloaded[^]*){2}/);
  await send('commented', 'd');
  await up.printed(/commented 3 d$/m);
}, 60_000);

test('a worker is stopped as its unit says, and starts with its changed source', async () => {
  await up.printed(/^[\d:.]{12} Workers i-[0-9a-f]+ \| worker 1 ticks$/m);
  save('src/worker.ts', worker('worker 2'));
  await up.printed(/worker 1 ends$/m);
  await up.printed(/^src\/worker\.ts: reloaded in \d+ ms$/m);
  await up.printed(/worker 2 ticks$/m);
}, 60_000);

test('a function whose source is unknown is reported once, with the key that names it', async () => {
  expect(await up.printed(/^App\/unknown: .*$/m)).toBe(
    'App/unknown: its source is unknown, so it is not reloaded; name it in spillway.json: "functions": { "App/unknown": "src/handler.ts" }',
  );
});
