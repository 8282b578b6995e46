import { expect, test } from '@jest/globals';
import { LocalCloud } from '../../lib/testing';
import '../../lib/testing/jest-globals';
import { JobsStack } from './jobs-stack';

test('the matchers, for an expect that is imported: its types know them too', async () => {
  const stack = new JobsStack();
  const cloud = await LocalCloud.fromStack(stack);
  expect(cloud.queue(stack.jobs)).toHaveNoMessages();
  expect(cloud.group(stack.encoders)).not.toHaveInService(1);
  await cloud.stop();
});
