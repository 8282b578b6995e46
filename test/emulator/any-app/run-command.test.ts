import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  Code,
  DockerImageCode,
  DockerImageFunction,
  Function as LambdaFunction,
  type IFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { packageRoot } from '../../../lib/package-root';
import { Emulator, formatReport, SystemClock, VirtualClock } from '../../../lib/emulator';
import { emptyFolder } from '../cloudformation/support';

/** A custom runtime that tells a queue what it got, and exits after its second event. */
const SERVER = `
const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/';
(async () => {
  for (let served = 1; ; served++) {
    const next = await fetch(api + 'invocation/next');
    const invocation = api + 'invocation/' + next.headers.get('lambda-runtime-aws-request-id') + '/';
    const event = await next.json();
    if (event.fails) {
      const error = { errorType: 'NoFrames', errorMessage: 'no frames', stackTrace: [] };
      await fetch(invocation + 'error', { method: 'POST', body: JSON.stringify(error) });
      continue;
    }
    const { _HANDLER: handler, STAGE: stage } = process.env;
    const told = { body: event.Records[0].body, handler, stage, served };
    await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: 'told', MessageBody: JSON.stringify(told) }));
    await fetch(invocation + 'response', { method: 'POST', body: '{}' });
    if (served === 2) process.exit(0);
  }
})();`;

/** A function whose code is an image, and one whose code is in a bucket of somebody's, each with a queue. */
function project() {
  const directory = emptyFolder();
  writeFileSync(join(directory, 'cdk.json'), '{}');
  writeFileSync(join(directory, 'server.js'), SERVER);
  const guide = readFileSync(join(packageRoot(), 'docs/guides/run-your-own-app.md'), 'utf8');
  writeFileSync(join(directory, 'guide.js'), /^```js file=server\.js\n(.*?)^```$/ms.exec(guide)?.[1] ?? '');
  symlinkSync(join(packageRoot(), 'node_modules'), join(directory, 'node_modules'));
  const app = new App({ outdir: join(directory, 'cdk.out') });
  const stack = new Stack(app, 'Images');
  new Queue(stack, 'Told', { queueName: 'told' });
  const consume = (fn: IFunction, queueName: string) =>
    fn.addEventSource(new SqsEventSource(new Queue(stack, queueName, { queueName }), { batchSize: 1 }));
  const image = new DockerImageFunction(stack, 'Encoder', {
    functionName: 'encoder',
    code: DockerImageCode.fromEcr(Repository.fromRepositoryName(stack, 'Images', 'encoder'), { cmd: ['app.handler'] }),
    environment: { STAGE: 'test' },
    timeout: Duration.seconds(20),
    reservedConcurrentExecutions: 1,
  });
  consume(image, 'videos');
  const bucket = Bucket.fromBucketName(stack, 'Bucket', 'artefacts');
  const absent = new LambdaFunction(stack, 'Absent', {
    functionName: 'absent',
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromBucket(bucket, 'code.zip'),
  });
  consume(absent, 'orders');
  return app.synth().directory;
}

const send = (emulator: Emulator, QueueUrl: string, MessageBody: string) =>
  new SQSClient(emulator.clientConfig()).send(new SendMessageCommand({ QueueUrl, MessageBody }));

test('a command runs as the custom runtime of an image, and starts again when it has exited', async () => {
  const lines: string[] = [];
  const clock = new SystemClock();
  const options = {
    compute: 'processes',
    clock,
    onLog: ({ text }: { text: string }) => void lines.push(text),
  } as const;
  // A function goes by its construct path, too.
  const run = { 'Images/Encoder': 'node server.js', absent: 'node guide.js' };
  const emulator = await Emulator.fromAssembly(project(), { ...options, run });
  try {
    expect(formatReport(emulator.reports[0], { verbose: true })).toMatch(
      /Code: emulated \(the command node server\.js, /,
    );
    expect(await emulator.prepareFunctions()).toEqual([]);
    const sqs = new SQSClient(emulator.clientConfig());
    const told: unknown[] = [];
    for (const body of ['one', 'two', 'three']) {
      await send(emulator, 'videos', body);
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: 'told', WaitTimeSeconds: 20, VisibilityTimeout: 600 }),
      );
      told.push(...Messages.map(({ Body = '' }) => JSON.parse(Body) as unknown));
    }
    const common = { handler: 'app.handler', stage: 'test' };
    expect(told).toEqual([
      { body: 'one', served: 1, ...common },
      { body: 'two', served: 2, ...common },
      { body: 'three', served: 1, ...common },
    ]);
    const lambda = new LambdaClient(emulator.clientConfig());
    const failing = { FunctionName: 'encoder', Payload: Buffer.from('{"fails":true}') };
    const { Payload } = await lambda.send(new InvokeCommand(failing));
    expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatchObject({ errorType: 'NoFrames' });
    const { Code: code, Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: 'encoder' }));
    expect(Configuration).toMatchObject({ PackageType: 'Image' });
    expect(Configuration).not.toHaveProperty('Runtime');
    expect(code).toMatchObject({ RepositoryType: 'ECR', ImageUri: expect.stringMatching(/encoder:latest$/) as string });
    // The server of the guide.
    const encoding = new Promise<void>((found) => {
      emulator.timeline.subscribe(({ kind }) => {
        if (kind === 'lambda.returned' && lines.includes('encoding an order')) found();
      });
    });
    await send(emulator, 'orders', 'an order');
    await encoding;
  } finally {
    await emulator.stop();
  }
}, 60_000);

test('a command that does not start, and code that is not there, are reported when functions are prepared', async () => {
  const options = { compute: 'processes', clock: new SystemClock() } as const;
  const emulator = await Emulator.fromAssembly(project(), { ...options, run: { encoder: 'exit 7' } });
  const failed = await emulator.prepareFunctions();
  await emulator.stop();
  expect(failed).toEqual([
    { functionName: 'encoder', problem: expect.stringMatching(/^Runtime\.ExitError: .*exit status 7$/) as string },
    {
      functionName: 'absent',
      problem:
        'Runtime.NotEmulated: The function absent cannot run here: its code s3://artefacts/code.zip is no asset of ' +
        'the assembly: run a command in its place, as with spillway up --run absent="node server.js".',
    },
  ]);
}, 60_000);

test('without a command an image is there with its mapping: its messages stay, and a model takes them', async () => {
  const clock = new VirtualClock();
  const emulator = await Emulator.fromAssembly(project(), { clock });
  expect(formatReport(emulator.reports[0])).toContain(
    "Images/Encoder has unsupported properties: Code (its code is a container image: use modelFunction, or compute: 'processes')",
  );
  const region = emulator.region('000000000000', 'us-east-1');
  await send(emulator, 'videos', 'one');
  await clock.advance(600_000);
  expect(region.counts('videos')).toMatchObject({ visible: 1 });
  emulator.modelFunction('encoder', { handler: () => 'encoded' });
  await clock.advance(10_000);
  expect(region.counts('videos')).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  await emulator.stop();
});

test('commands need processes', () => {
  expect(() => new Emulator({ run: { encoder: 'node server.js' } })).toThrow(
    "run needs compute 'processes', but compute was 'in-process'",
  );
  expect(() => new Emulator({ compute: 'processes', run: { encoder: '' } })).toThrow(
    'run must be an object with a command for each function',
  );
});
