import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CfnEventBusPolicy, CfnRule, EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { EventBus as BusTarget, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { AccountPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { type IQueue, Queue, QueueEncryption as SqsEncryption } from 'aws-cdk-lib/aws-sqs';
import { App, Stack } from 'aws-cdk-lib/core';
import {
  AccountProducer,
  EventRuleProducer,
  QueueEncryption,
  QueueKey,
  StandardQueue,
  TopicFanOut,
  TopicProducer,
} from '../../lib';
import { LocalCloud } from '../../lib/testing';

// For each producer and each way to set it up: what is delivered, or which statement is missing.

const [HOME, OTHER] = ['000000000000', '111111111111'];
const [REGION, FAR] = ['us-east-1', 'eu-west-1'];

interface Place {
  readonly account: string;
  readonly region: string;
}
const AT_HOME: Place = { account: HOME, region: REGION };
const OTHER_ACCOUNT: Place = { account: OTHER, region: REGION };
const OTHER_REGION: Place = { account: HOME, region: FAR };

/** The app of a case: the stack of the producer, and that of the queue, which may be elsewhere. */
class Shop {
  public readonly app = new App({ analyticsReporting: false });
  public readonly home: Stack;
  public readonly there: Stack;
  public queue!: IQueue;

  constructor(place: Place) {
    this.home = new Stack(this.app, 'Home', { env: AT_HOME });
    this.there = place === AT_HOME ? this.home : new Stack(this.app, 'There', { env: place });
  }

  /** A queue of ours with a key of its own. */
  public ours(): StandardQueue {
    const encryption = QueueEncryption.customerManaged(new QueueKey(this.there, 'Key'));
    const jobs = new StandardQueue(this.there, 'Jobs', { encryption });
    this.queue = jobs.queue;
    return jobs;
  }

  /** A producer whose dead-letter queue is beside the topic, as SNS wants it. */
  public topicProducer(): TopicProducer {
    const deadLetterQueue = new Queue(this.home, 'Undelivered', { queueName: 'undelivered' });
    return new TopicProducer(this.importedTopic(), { deadLetterQueue });
  }

  /** A queue of the CDK, whose policy lets a service send for a source, if one is named. */
  public plain(service?: string, sourceArn?: string): Queue {
    const queue = (this.queue = new Queue(this.there, 'Jobs', { queueName: 'jobs' }));
    if (service === undefined) return queue;
    queue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(service)],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': sourceArn } },
      }),
    );
    return queue;
  }

  /** A queue of the CDK with a key that lets no service use it. */
  public locked(): Queue {
    const { keyArn } = new Key(this.there, 'Key');
    const encryptionMasterKey = Key.fromKeyArn(this.there, 'Imported', keyArn);
    return (this.queue = new Queue(this.there, 'Jobs', { encryption: SqsEncryption.KMS, encryptionMasterKey }));
  }

  /** The topic at home, as the stack of the queue names it. */
  public topic(): Topic {
    return new Topic(this.home, 'Topic', { topicName: 'orders' });
  }

  public importedTopic() {
    const topic = this.topic();
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new AccountPrincipal(this.there.account)],
        actions: ['sns:Subscribe'],
        resources: [topic.topicArn],
      }),
    );
    this.there.addDependency(this.home);
    return Topic.fromTopicArn(this.there, 'Imported', TOPIC_ARN);
  }

  /** A rule at home that hands events on to a bus beside the queue, and the rule there. */
  public ruleThere(admits = true): Rule {
    const bus = new EventBus(this.there, 'Bus', { eventBusName: 'orders' });
    if (admits) {
      new CfnEventBusPolicy(this.there, 'Admit', {
        eventBusName: bus.eventBusName,
        statementId: 'home',
        action: 'events:PutEvents',
        principal: HOME,
      });
    }
    const busArn = `arn:aws:events:${this.there.region}:${this.there.account}:event-bus/orders`;
    const target = new BusTarget(EventBus.fromEventBusArn(this.home, 'Far', busArn));
    new Rule(this.home, 'HandOn', { eventPattern: PATTERN, targets: [target] });
    this.home.addDependency(this.there);
    return new Rule(this.there, 'Rule', { eventBus: bus, eventPattern: PATTERN });
  }

  public rule(): Rule {
    return new Rule(this.home, 'Rule', { ruleName: 'orders', eventPattern: PATTERN });
  }
}

const PATTERN = { source: ['shop'] };
const BUS_ARN = `arn:aws:events:${REGION}:${HOME}:event-bus/default`;
const TOPIC_ARN = `arn:aws:sns:${REGION}:${HOME}:orders`;
const RULE_ARN = `arn:aws:events:${REGION}:${HOME}:rule/orders`;
const send = {
  SNS: (cloud: LocalCloud) => cloud.topic(TOPIC_ARN).publish('hello'),
  EventBridge: (cloud: LocalCloud) => cloud.bus(BUS_ARN).put({ source: 'shop', detailType: 'Order placed' }),
};

/** What a denied delivery lacks: whose policy, for which actions, and for whom. */
interface Missing {
  readonly policyOf: string | RegExp;
  readonly Action: string | readonly string[];
  readonly Principal: object;
  readonly sourceArn?: string;
}
const onQueue = (service: string, sourceArn: string): Missing => ({
  policyOf: /^arn:aws:sqs:.*:jobs$/,
  Action: 'sqs:SendMessage',
  Principal: { Service: service },
  sourceArn,
});
const onKey = (service: string, sourceArn: string): Missing => ({
  policyOf: /^arn:aws:kms:.*:key\//,
  Action: 'kms:GenerateDataKey',
  Principal: { Service: service },
  sourceArn,
});
const [BY_SNS, BY_EVENTS] = [
  ['sns.amazonaws.com', TOPIC_ARN],
  ['events.amazonaws.com', RULE_ARN],
] as const;

const subscribePlain = (stack: Stack, queue: Queue) =>
  new CfnSubscription(stack, 'Subscription', {
    topicArn: TOPIC_ARN,
    protocol: 'sqs',
    endpoint: queue.queueArn,
    region: REGION,
  });
const targetPlain = (stack: Stack, queue: Queue) =>
  new CfnRule(stack, 'Rule', { name: 'orders', eventPattern: PATTERN, targets: [{ id: 't', arn: queue.queueArn }] });

const MATRIX: readonly [
  producer: keyof typeof send,
  how: string,
  place: Place,
  build: (shop: Shop) => void,
  missing?: Missing | 'the bus refuses',
][] = [
  ['SNS', 'TopicProducer', AT_HOME, (shop) => shop.ours().addProducer(new TopicProducer(shop.topic()))],
  [
    'SNS',
    'TopicFanOut',
    AT_HOME,
    (shop) => new TopicFanOut(shop.home, 'FanOut', { topicName: 'orders', subscribers: [{ queue: shop.ours() }] }),
  ],
  ['SNS', "the CDK's subscription", AT_HOME, (shop) => shop.topic().addSubscription(new SqsSubscription(shop.plain()))],
  [
    'SNS',
    'a key that does not let SNS through',
    AT_HOME,
    (shop) => shop.topic().addSubscription(new SqsSubscription(shop.locked())),
    onKey(...BY_SNS),
  ],
  [
    'SNS',
    'a policy for another topic',
    AT_HOME,
    (shop) => {
      const topic = shop.topic();
      subscribePlain(shop.home, shop.plain('sns.amazonaws.com', `${TOPIC_ARN}-other`)).node.addDependency(topic);
    },
    onQueue(...BY_SNS),
  ],
  ['SNS', 'TopicProducer in another account', OTHER_ACCOUNT, (shop) => shop.ours().addProducer(shop.topicProducer())],
  [
    'SNS',
    'a subscription in another account, without a policy',
    OTHER_ACCOUNT,
    (shop) => {
      shop.importedTopic();
      subscribePlain(shop.there, shop.plain());
    },
    onQueue(...BY_SNS),
  ],
  ['SNS', 'TopicProducer in another Region', OTHER_REGION, (shop) => shop.ours().addProducer(shop.topicProducer())],
  [
    'SNS',
    'a subscription in another Region, without a policy',
    OTHER_REGION,
    (shop) => {
      shop.importedTopic();
      subscribePlain(shop.there, shop.plain());
    },
    onQueue(...BY_SNS),
  ],
  ['EventBridge', 'EventRuleProducer', AT_HOME, (shop) => shop.ours().addProducer(new EventRuleProducer(shop.rule()))],
  ['EventBridge', "the CDK's target", AT_HOME, (shop) => shop.rule().addTarget(new SqsQueue(shop.plain()))],
  [
    'EventBridge',
    'a key that does not let EventBridge through',
    AT_HOME,
    (shop) => shop.rule().addTarget(new SqsQueue(shop.locked())),
    onKey(...BY_EVENTS),
  ],
  [
    'EventBridge',
    'a policy for another rule',
    AT_HOME,
    (shop) => void targetPlain(shop.home, shop.plain('events.amazonaws.com', `${RULE_ARN}-other`)),
    onQueue(...BY_EVENTS),
  ],
  [
    'EventBridge',
    'EventRuleProducer in another account',
    OTHER_ACCOUNT,
    (shop) => shop.ours().addProducer(new EventRuleProducer(shop.ruleThere())),
  ],
  [
    'EventBridge',
    'a bus of another account that does not admit this one',
    OTHER_ACCOUNT,
    (shop) => shop.ours().addProducer(new EventRuleProducer(shop.ruleThere(false))),
    'the bus refuses',
  ],
  [
    'EventBridge',
    'EventRuleProducer in another Region',
    OTHER_REGION,
    (shop) => shop.ours().addProducer(new EventRuleProducer(shop.ruleThere())),
  ],
];

// jest takes a row that is shorter than the parameters for a test with a callback.
const rows = MATRIX.map(([producer, how, place, build, missing]) => [producer, how, place, build, missing] as const);

test.each(rows)('%s: %s', async (producer, _how, place, build, missing) => {
  const shop = new Shop(place);
  build(shop);
  await using cloud = await LocalCloud.fromApp(shop.app);
  await send[producer](cloud);
  await cloud.advance(1_000);
  const queue = cloud.queue(shop.queue);
  expect(queue.totals.sent).toBe(missing === undefined ? 1 : 0);
  const toQueues = cloud.deliveries.filter(({ target }) => target.includes(':sqs:'));
  if (missing === 'the bus refuses') {
    expect(toQueues).toEqual([]);
    const [{ targets }] = cloud.rule('Home/HandOn').dispatches;
    expect(targets).toMatchObject([{ outcome: 'failed', error: expect.stringContaining('PERMISSION') as string }]);
    return;
  }
  expect(toQueues.map(({ outcome }) => outcome)).toEqual([missing === undefined ? 'delivered' : 'denied']);
  if (missing === undefined) return;
  const [{ missing: told }] = toQueues;
  expect(told?.policyOf).toMatch(missing.policyOf);
  expect(told?.advice).toBe(`add the statement to the policy of ${told?.policyOf}`);
  const { Action, Principal, Condition } = JSON.parse(told?.statement ?? '') as Readonly<Record<string, unknown>>;
  expect([Action].flat()).toContain(missing.Action);
  expect(Principal).toEqual(missing.Principal);
  expect(Condition).toMatchObject({ ArnEquals: { 'aws:SourceArn': missing.sourceArn } });
});

test('a queue of another account gets nothing but a request to confirm, until its owner has confirmed', async () => {
  const shop = new Shop(OTHER_ACCOUNT);
  const { topicArn } = shop.topic();
  shop.plain('sns.amazonaws.com', TOPIC_ARN);
  shop.home.addDependency(shop.there);
  const endpoint = `arn:aws:sqs:${REGION}:${OTHER}:jobs`;
  new CfnSubscription(shop.home, 'Subscription', { topicArn, protocol: 'sqs', endpoint });
  await using cloud = await LocalCloud.fromApp(shop.app);
  await send.SNS(cloud);
  expect(cloud.topic(TOPIC_ARN)).not.toHaveBeenDelivered();
  expect(cloud.queue(shop.queue).messages.map(({ body }) => (body as { Type: string }).Type)).toEqual([
    'SubscriptionConfirmation',
  ]);
});

test('AccountProducer admits the senders of an account, with the key, and no others', async () => {
  const shop = new Shop(AT_HOME);
  shop.ours().addProducer(AccountProducer.account(OTHER));
  await using cloud = await LocalCloud.fromApp(shop.app);
  const queue = cloud.queue(shop.queue);
  const sendAs = (accessKeyId: string) => {
    const client = new SQSClient({
      ...cloud.clientConfig(),
      credentials: { accessKeyId, secretAccessKey: 'local' },
      maxAttempts: 1,
    });
    return cloud.runUntil(client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: accessKeyId })));
  };
  await sendAs(OTHER);
  expect(queue.messages.map(({ text }) => text)).toEqual([OTHER]);
  await expect(sendAs('222222222222')).rejects.toMatchObject({ name: 'AccessDenied' });
  expect(queue).toHaveSize(1);
});
