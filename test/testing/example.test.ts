import { Duration } from 'aws-cdk-lib/core';
import { LocalCloud } from '../../lib/testing';
import { bundleWorker, JobsStack } from './jobs-stack';

const worker = bundleWorker('one-second-worker');
afterAll(() => worker.remove());

test('a thousand jobs drain, none is lost, and the group peaks at its limit: real workers, in virtual time', async () => {
  const stack = new JobsStack('Shop', worker.folder);

  const cloud = await LocalCloud.fromStack(stack, { seed: 7 });
  await cloud.queue(stack.jobs).send(1_000, (i) => ({ video: i }), { over: Duration.minutes(1) });
  await cloud.runUntil(() => cloud.queue(stack.jobs).isDrained, { atMost: Duration.minutes(30) });
  expect(cloud.queue(stack.jobs)).toHaveLostNothing();
  expect(cloud.group(stack.encoders)).toHavePeakedAtMost(10);
  expect(cloud.queue(stack.jobs.deadLetterQueue)).toHaveNoMessages();

  await cloud.stop();
});
