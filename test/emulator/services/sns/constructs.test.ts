import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption as SqsEncryption } from 'aws-cdk-lib/aws-sqs';
import { App, Stack } from 'aws-cdk-lib/core';
import { FifoQueue, QueueEncryption, QueueKey, StandardQueue, TopicFanOut, TopicProducer } from '../../../../lib';
import { LocalCloud } from '../../../../lib/testing';

const stackOf = () => new Stack(new App({ analyticsReporting: false }), 'News', { env: { region: 'us-east-1' } });

/** Publishes a message to the only topic of a stack, and returns what its queues then hold, by name. */
async function published(stack: Stack, input: { MessageGroupId?: string } = {}): Promise<Record<string, string[]>> {
  await using cloud = await LocalCloud.fromStack(stack);
  const { topics } = cloud.emulator.status();
  const [{ account, region, name }] = topics;
  const TopicArn = `arn:aws:sns:${region}:${account}:${name}`;
  await cloud.runUntil(
    new SNSClient(cloud.clientConfig()).send(new PublishCommand({ TopicArn, Message: 'hello', ...input })),
  );
  await cloud.advance(1_000);
  const sqs = new SQSClient(cloud.clientConfig());
  const held: Record<string, string[]> = {};
  for (const queue of cloud.emulator.status().queues) {
    const QueueUrl = `http://localhost/${queue.account}/${queue.name}`;
    const { Messages = [] } = await cloud.runUntil(
      sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 })),
    );
    held[queue.label] = Messages.map(({ Body = '' }) => Body);
  }
  return held;
}

test('TopicProducer delivers to an encrypted queue', async () => {
  const stack = stackOf();
  new StandardQueue(stack, 'Jobs', {
    encryption: QueueEncryption.customerManaged(new QueueKey(stack, 'Key')),
    producers: [new TopicProducer(new Topic(stack, 'Topic'), { rawMessageDelivery: true })],
  });
  const held = await published(stack);
  expect(held.Jobs).toEqual(['hello']);
});

test('TopicProducer delivers from a FIFO topic to a FIFO queue', async () => {
  const stack = stackOf();
  const topic = new Topic(stack, 'Topic', { fifo: true, contentBasedDeduplication: true });
  new FifoQueue(stack, 'Jobs', { producers: [new TopicProducer(topic, { rawMessageDelivery: true })] });
  const held = await published(stack, { MessageGroupId: 'g' });
  expect(held.Jobs).toEqual(['hello']);
});

test('TopicFanOut delivers to each of its queues', async () => {
  const stack = stackOf();
  const fanOut = new TopicFanOut(stack, 'FanOut');
  for (const id of ['One', 'Two', 'Three']) fanOut.addQueue(new StandardQueue(stack, id), { rawMessageDelivery: true });
  const held = await published(stack);
  expect(held).toMatchObject({ One: ['hello'], Two: ['hello'], Three: ['hello'] });
});

test("CDK's own SqsSubscription delivers, and fails where the key does not let SNS through", async () => {
  const stack = stackOf();
  const topic = new Topic(stack, 'Topic');
  const key = new Key(stack, 'Key');
  topic.addSubscription(new SqsSubscription(new Queue(stack, 'Plain'), { rawMessageDelivery: true }));
  const imported = Key.fromKeyArn(stack, 'Imported', key.keyArn);
  const encrypted = new Queue(stack, 'Encrypted', { encryption: SqsEncryption.KMS, encryptionMasterKey: imported });
  topic.addSubscription(new SqsSubscription(encrypted, { rawMessageDelivery: true }));
  const held = await published(stack);
  expect(held).toMatchObject({ Plain: ['hello'], Encrypted: [] });
});
