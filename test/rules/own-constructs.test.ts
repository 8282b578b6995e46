import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { VideoEncodingStack } from '../../bin/video-encoding';
import * as spillway from '../../lib';
import { synthesized } from './plain-app';

/** What this library makes must be in order by its own rules. */
const appOf = (build: (stack: Stack) => void) => {
  const app = new App();
  app.with(new spillway.mixins.QueueRules());
  build(new Stack(app, 'Stack'));
  return synthesized(app);
};

test.each<[string, (stack: Stack) => void]>([
  ['a queue', (stack) => new spillway.StandardQueue(stack, 'Jobs')],
  ['a FIFO queue', (stack) => new spillway.FifoQueue(stack, 'Jobs', { highThroughput: true })],
  [
    'a queue with its own key, a function, alarms and a dashboard',
    (stack) => {
      const handler = new LambdaFunction(stack, 'Handler', {
        runtime: Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code: Code.fromInline('exports.handler = () => {};'),
        timeout: Duration.minutes(1),
      });
      const { queue } = new spillway.StandardQueue(stack, 'Jobs', {
        encryption: spillway.QueueEncryption.customerManaged(),
        consumers: [new spillway.LambdaConsumer(handler)],
      });
      const alarms = new spillway.QueueAlarms(stack, 'Alarms', { queue, topic: new Topic(stack, 'OnCall') });
      new spillway.QueueDashboard(stack, 'Dashboard', { queue, alarms });
    },
  ],
  ['the reference app', (stack) => new VideoEncodingStack(stack.node.root, 'VideoEncoding')],
  ...[spillway.QueueEncryption.sqsManaged(), spillway.QueueEncryption.customerManaged()].map(
    (encryption, index): [string, (stack: Stack) => void] => [
      `what services send to, encrypted in way ${index + 1},`,
      (stack) => {
        const rule = new Rule(stack, 'Rule', { schedule: Schedule.rate(Duration.hours(1)) });
        new spillway.StandardQueue(stack, 'Jobs', {
          encryption,
          producers: [
            new spillway.TopicProducer(new Topic(stack, 'Topic')),
            new spillway.BucketProducer(new Bucket(stack, 'Bucket')),
            new spillway.EventRuleProducer(rule),
            new spillway.RestApiProducer(stack, 'Rest'),
            new spillway.HttpApiProducer(stack, 'Http'),
          ],
          consumers: [
            new spillway.PipeConsumer(stack, 'Pipe', {
              target: spillway.PipeTarget.topic(new Topic(stack, 'Target')),
            }),
          ],
        });
      },
    ],
  ),
])('%s passes', (_, build) => {
  expect(appOf(build)).toEqual({ errors: [], warnings: [] });
});
