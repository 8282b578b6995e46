import { SQS } from '@aws-sdk/client-sqs';
import { App } from 'aws-cdk-lib/core';
import { VideoEncodingStack } from '../../bin/video-encoding';
import { Emulator, VirtualClock } from '../../lib/emulator';

test('a reset with an app loaded: messages and instances are gone, and the app is deployed anew', async () => {
  const clock = new VirtualClock();
  const emulator = await Emulator.fromStack(new VideoEncodingStack(new App(), 'VideoEncoding'), { clock });
  const instances = () => emulator.status().groups[0].instances;
  const inService = () => instances().some(({ state }) => state === 'InService');
  expect(await clock.runUntil(inService, 10 * 60_000)).toBe(true);
  const sqs = new SQS(emulator.clientConfig());
  await sqs.createQueue({ QueueName: 'Another' });
  const QueueUrl = emulator.reports[0].outputs.VideosQueueUrl;
  await sqs.sendMessage({ QueueUrl, MessageBody: 'x', DelaySeconds: 900 });
  const before = { reports: emulator.reports.length, instances: instances().map(({ id }) => id) };

  await emulator.reset();

  expect(emulator.reports).toHaveLength(before.reports);
  const { queues } = emulator.status();
  expect(queues.map(({ name }) => name)).not.toContain('Another');
  expect(queues.every(({ visible, inFlight, delayed }) => visible + inFlight + delayed === 0)).toBe(true);
  expect(inService()).toBe(false);
  expect(await clock.runUntil(inService, 10 * 60_000)).toBe(true);
  expect(instances()).toHaveLength(before.instances.length);
  sqs.destroy();
  await emulator.stop();
});
