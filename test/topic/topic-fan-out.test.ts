import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import {
  DeadLetterQueue,
  FifoQueue,
  QueueEncryption,
  QueueKey,
  StandardQueue,
  TopicFanOut,
  type TopicFanOutProps,
} from '../../lib';
import { dependencyCycle } from '../producer/dependency-cycles';

const stack = () => new Stack(new App(), 'Stack');
const create = (props?: TopicFanOutProps) => new TopicFanOut(stack(), 'Orders', props);

describe('TopicFanOut', () => {
  test('without props: encrypted, TLS only (snapshot)', () => {
    const scope = stack();
    new TopicFanOut(scope, 'Orders');
    expect(Template.fromStack(scope).toJSON().Resources).toMatchSnapshot();
  });

  test('FIFO, one key for all, filters, raw delivery and dead letters (snapshot)', () => {
    const scope = stack();
    const key = new QueueKey(scope, 'Key');
    const encryption = QueueEncryption.customerManaged(key);
    const lost = new DeadLetterQueue(scope, 'Lost', { fifo: true, encryption });
    const failed = new DeadLetterQueue(scope, 'Failed', { fifo: true, encryption });
    const fanOut = new TopicFanOut(scope, 'Orders', {
      topicName: 'orders.fifo',
      displayName: 'Orders',
      fifo: true,
      contentBasedDeduplication: true,
      highThroughput: true,
      encryptionKey: key,
      subscribers: [
        {
          queue: new FifoQueue(scope, 'Billing', { encryption, deadLetterQueue: failed }),
          rawMessageDelivery: true,
          deadLetterQueue: lost,
          filterPolicy: { kind: SubscriptionFilter.stringFilter({ allowlist: ['goods'] }) },
        },
      ],
    });
    fanOut.addQueue(new FifoQueue(scope, 'Shipping', { encryption, deadLetterQueue: failed }), {
      deadLetterQueue: lost,
    });
    const template = Template.fromStack(scope);
    expect(dependencyCycle(template.toJSON())).toBeUndefined();
    expect(template.toJSON().Resources).toMatchSnapshot();
  });

  test('subscribes queues of other stacks to a topic that exists', () => {
    const app = new App();
    const scope = new Stack(app, 'Stack');
    const elsewhere = new Stack(app, 'Elsewhere');
    const topic = new Topic(scope, 'Existing');
    const fanOut = new TopicFanOut(scope, 'Orders', { topic });
    fanOut.addQueue(new StandardQueue(elsewhere, 'Jobs'));
    expect(fanOut.topic).toBe(topic);
    expect(fanOut.encryptionKey).toBeUndefined();
    Template.fromStack(scope).resourceCountIs('AWS::SNS::Topic', 1);
    Template.fromStack(elsewhere).resourceCountIs('AWS::SNS::Subscription', 1);
  });

  test('grants to publish with the use of the key', () => {
    const scope = stack();
    const fanOut = new TopicFanOut(scope, 'Orders', { removalPolicy: RemovalPolicy.DESTROY });
    fanOut.grants.publish(new Role(scope, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }));
    Template.fromStack(scope).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Action: 'sns:Publish' }),
          Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] }),
        ],
      },
    });
  });

  test.each<[string, TopicFanOutProps, RegExp]>([
    [
      'FIFO settings of a standard topic',
      { contentBasedDeduplication: true },
      /contentBasedDeduplication, highThroughput must be omitted without fifo, but were true and undefined.*\[Spillway-TopicFanOut-FifoPropsOfStandardTopic\]/,
    ],
    [
      'an illegal name',
      { topicName: 'orders.fifo' },
      /topicName must be 1 to 256 letters, digits, '-' and '_', but was 'orders\.fifo'.*\[Spillway-TopicFanOut-NameInvalid\]/,
    ],
    [
      'a FIFO topic without the ending',
      { topicName: 'orders', fifo: true },
      /topicName must be 1 to 256 letters, digits, '-' and '_' that end in '\.fifo', but was 'orders'.*\[Spillway-TopicFanOut-NameInvalid\]/,
    ],
  ])('fails on %s', (_, props, message) => {
    expect(() => create(props)).toThrow(message);
  });

  test('fails on settings for a topic that exists', () => {
    const scope = stack();
    const topic = new Topic(scope, 'Existing');
    expect(() => new TopicFanOut(scope, 'Orders', { topic, displayName: 'Orders' })).toThrow(
      /topic must be given without other topic properties, but was Stack\/Existing with displayName.*\[Spillway-TopicFanOut-TopicAndItsProps\]/,
    );
  });

  test('fails on a FIFO queue of a standard topic', () => {
    const scope = stack();
    const queue = new FifoQueue(scope, 'Ledger');
    expect(() => new TopicFanOut(scope, 'Orders', { subscribers: [{ queue }] })).toThrow(
      '[Spillway-Delivery-TopicKindMismatch]',
    );
  });

  test('fails on more subscriptions than a FIFO topic takes', () => {
    const scope = stack();
    const fanOut = new TopicFanOut(scope, 'Orders', { fifo: true });
    const deadLetterQueue = new DeadLetterQueue(scope, 'Failed', { fifo: true, openToAllSources: true });
    const add = (index: number) =>
      fanOut.addQueue(new FifoQueue(scope, `Jobs${index}`, { deadLetterQueue, retentionPeriod: Duration.days(1) }), {
        deadLetterQueue,
      });
    for (let index = 0; index < 100; index += 1) add(index);
    expect(() => add(100)).toThrow(
      /subscribers must have at most 100 queues for a FIFO topic, but had 101.*\[Spillway-TopicFanOut-TooManySubscriptions\]/,
    );
  });
});
