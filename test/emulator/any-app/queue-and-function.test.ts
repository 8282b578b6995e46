import { SQS } from '@aws-sdk/client-sqs';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib/core';
import { Emulator, formatReport, type LogLine, VirtualClock } from '../../../lib/emulator';

const HANDLER = `
  exports.handler = async ({ Records }) => ({
    batchItemFailures: Records.filter(({ body }) => body === 'broken').map(({ messageId }) => ({ itemIdentifier: messageId })),
  });
`;

/** What a first tutorial has: nothing in it knows of this package. */
class OrdersStack extends Stack {
  public readonly queueUrl = new CfnOutput(this, 'QueueUrl', { value: '' });
  public readonly failedUrl = new CfnOutput(this, 'FailedUrl', { value: '' });

  constructor(app: App) {
    super(app, 'Orders');
    const failed = new Queue(this, 'Failed', { retentionPeriod: Duration.days(14) });
    const orders = new Queue(this, 'Queue', {
      visibilityTimeout: Duration.seconds(60),
      deadLetterQueue: { queue: failed, maxReceiveCount: 2 },
    });
    const handler = new LambdaFunction(this, 'Handler', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline(HANDLER),
      timeout: Duration.seconds(10),
    });
    handler.addEventSource(new SqsEventSource(orders, { batchSize: 5, reportBatchItemFailures: true }));
    this.queueUrl.value = orders.queueUrl;
    this.failedUrl.value = failed.queueUrl;
  }
}

test('a queue and a function, by the L2 constructs: messages are processed, and what fails ends in the dead-letter queue', async () => {
  const clock = new VirtualClock();
  const logs: LogLine[] = [];
  const emulator = await Emulator.fromStack(new OrdersStack(new App()), { clock, onLog: (line) => logs.push(line) });
  const { QueueUrl, FailedUrl } = emulator.reports[0].outputs;
  const sqs = new SQS(emulator.clientConfig());
  for (const MessageBody of ['one', 'two', 'broken']) await sqs.sendMessage({ QueueUrl, MessageBody });

  await clock.advance(10 * 60_000);

  const { queues } = emulator.status();
  expect(queues.map(({ label, visible, inFlight }) => ({ label, visible, inFlight }))).toEqual([
    { label: 'Failed', visible: 1, inFlight: 0 },
    { label: 'Queue', visible: 0, inFlight: 0 },
  ]);
  const { Messages } = await sqs.receiveMessage({ QueueUrl: FailedUrl });
  expect(Messages?.[0].Body).toBe('broken');
  expect(logs.filter(({ text }) => text.startsWith('START'))).not.toHaveLength(0);
  expect(formatReport(emulator.reports[0])).toBe(
    [
      'Orders: 4 emulated, 2 inert, 0 unsupported',
      '    AWS::SQS::Queue                  Orders/Failed',
      '    AWS::SQS::Queue                  Orders/Queue',
      '    AWS::Lambda::Function            Orders/Handler',
      '    AWS::Lambda::EventSourceMapping  Orders/Handler/SqsEventSource:OrdersQueueCE034008',
      '  - AWS::IAM::Role (inert)',
      '  - AWS::IAM::Policy (inert)',
    ].join('\n'),
  );
  sqs.destroy();
  await emulator.stop();
});
