import { Code, Function as Fn, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { KinesisPipeline, LambdaStreamConsumer } from '../../../../lib';
import { LocalCloud } from '../../../../lib/testing';

test.each([false, true])('a pipeline and its consumer run whole (enhanced fan-out: %s)', async (enhancedFanOut) => {
  const stack = new Stack(new App(), 'Stack');
  const fn = new Fn(stack, 'Handler', {
    code: Code.fromInline('exports.handler = () => {}'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
  });
  new KinesisPipeline(stack, 'Clicks', { consumers: [new LambdaStreamConsumer(fn, { enhancedFanOut })] });
  await using cloud = await LocalCloud.fromStack(stack);
  let records = 0;
  cloud.function('Handler').model({
    handler(event) {
      records += (event as { Records: unknown[] }).Records.length;
    },
  });
  await cloud.advance(Duration.seconds(2));
  cloud.stream('Clicks/Stream').put({ data: { page: '/' } }, { data: { page: '/cart' } });
  await cloud.advance(Duration.minutes(1));
  expect(records).toBe(2);
  expect(cloud.stream('Clicks/Stream')).toHaveRecord({ page: '/cart' });
});
