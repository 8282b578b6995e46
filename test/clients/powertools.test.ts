import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { build } from 'esbuild';
import { Emulator, VirtualClock } from '../../lib/emulator';

/** A handler that is written with Powertools' batch processor, bundled as one would for AWS, in virtual time. */
describe("Powertools' batch processor", () => {
  let assets: string;
  beforeAll(async () => {
    assets = mkdtempSync(join(tmpdir(), 'spillway-powertools-'));
    await build({
      entryPoints: [join(__dirname, 'fixtures/powertools-handler.ts')],
      outfile: join(assets, 'index.js'),
      bundle: true,
      platform: 'node',
      target: 'node22',
      format: 'cjs',
      logLevel: 'error',
    });
  }, 60_000);
  afterAll(() => rmSync(assets, { recursive: true }));

  test('of a batch, what fails comes back alone, and ends in the dead-letter queue', async () => {
    const stack = new Stack(new App(), 'Powertools');
    const dead = new Queue(stack, 'Dead', { queueName: 'Dead' });
    const videos = new Queue(stack, 'Videos', {
      queueName: 'Videos',
      visibilityTimeout: Duration.minutes(1),
      deadLetterQueue: { queue: dead, maxReceiveCount: 3 },
    });
    const encoder = new LambdaFunction(stack, 'Encoder', {
      functionName: 'encoder',
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromAsset(assets),
      timeout: Duration.seconds(30),
    });
    encoder.addEventSource(new SqsEventSource(videos, { reportBatchItemFailures: true }));
    const clock = new VirtualClock();
    const encoded: string[] = [];
    const emulator = await Emulator.fromStack(stack, {
      clock,
      onLog: ({ text }) => {
        if (text.startsWith('encoded ')) encoded.push(text.slice('encoded '.length));
      },
    });
    try {
      const invoked: unknown[] = [];
      emulator.timeline.subscribe(({ kind, detail }) => {
        if (kind === 'lambda.invoked') invoked.push(detail.records);
      });
      const sqs = new SQSClient(emulator.clientConfig());
      await clock.advance(60_000);
      const Entries = Array.from({ length: 10 }, (_, id) => ({
        Id: String(id),
        MessageBody: JSON.stringify({ id, broken: id % 4 === 3 }),
      }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: 'Videos', Entries }));
      await clock.advance(10 * 60_000);
      expect(encoded.sort()).toEqual(['0', '1', '2', '4', '5', '6', '8', '9']);
      // The two broken ones come back twice, and are given up when they come for a fourth time.
      expect(invoked).toEqual([10, 2, 2]);
      const AttributeNames = ['ApproximateNumberOfMessages' as const];
      const count = async (QueueUrl: string) =>
        (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;
      expect(await count('Dead')).toEqual({ ApproximateNumberOfMessages: '2' });
      expect(await count('Videos')).toEqual({ ApproximateNumberOfMessages: '0' });
    } finally {
      await emulator.stop();
    }
  });
});
