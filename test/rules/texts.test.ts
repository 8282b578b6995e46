import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, type FunctionProps, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { CfnQueue, type CfnQueueProps, DeduplicationScope, Queue } from 'aws-cdk-lib/aws-sqs';
import { App, CfnResource, Duration, Size, Stack } from 'aws-cdk-lib/core';
import * as spillway from '../../lib';
import { synthesized } from './plain-app';

/** Breaks one rule, with constructs of this library or with plain CDK, in the first of two stacks. */
type Build = (stack: Stack, other: Stack) => unknown;

const ACCOUNT = '111122223333';
const OTHER_ACCOUNT = '444455556666';
const MINUTE = Duration.minutes(1);
const FAR_QUEUE = `arn:aws:sqs:eu-west-1:${ACCOUNT}:far`;

const handlerIn = (stack: Stack, props: Partial<FunctionProps> = {}) =>
  new LambdaFunction(stack, 'Handler', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => {};'),
    functionName: 'handler',
    ...props,
  });

const standard =
  (props: spillway.StandardQueueProps): Build =>
  (stack) =>
    new spillway.StandardQueue(stack, 'Jobs', props);
const l1 =
  (props: CfnQueueProps): Build =>
  (stack) =>
    new CfnQueue(stack, 'Jobs', props);

const consumed =
  (props: spillway.LambdaConsumerProps, fifo = false, functionProps: Partial<FunctionProps> = {}): Build =>
  (stack) =>
    new spillway[fifo ? 'FifoQueue' : 'StandardQueue'](stack, 'Jobs').addConsumer(
      new spillway.LambdaConsumer(handlerIn(stack, functionProps), props),
    );
const mapped =
  (properties: object, fifo = false, functionProps: Partial<FunctionProps> = {}): Build =>
  (stack) =>
    new CfnResource(stack, 'Mapping', {
      type: 'AWS::Lambda::EventSourceMapping',
      properties: {
        EventSourceArn: new Queue(stack, 'Jobs', { fifo: fifo || undefined, visibilityTimeout: MINUTE }).queueArn,
        FunctionName: handlerIn(stack, functionProps).functionName,
        ...properties,
      },
    });

const ruleIn = (stack: Stack) => new Rule(stack, 'Rule', { eventPattern: { source: ['orders'] } });
const targeted = (stack: Stack, target: object) =>
  new CfnResource(stack, 'Rule', { type: 'AWS::Events::Rule', properties: { Targets: [{ Id: 'T', ...target }] } });
const deadIn = (other: Stack) => new Queue(other, 'Dead', { queueName: 'dead', retentionPeriod: Duration.days(14) });

/** Of each id that both sides know: the same fault, by both. */
const PAIRS: Readonly<Record<string, readonly [ours: Build, plain: Build]>> = {
  'Spillway-Queue-NameInvalid': [standard({ queueName: 'a b' }), l1({ queueName: 'a b' })],
  'Spillway-Queue-NameKindMismatch': [standard({ queueName: 'a.fifo' }), l1({ queueName: 'a.fifo' })],
  'Spillway-Queue-DelayOutOfRange': [standard({ deliveryDelay: Duration.seconds(901) }), l1({ delaySeconds: 901 })],
  'Spillway-Queue-VisibilityOutOfRange': [
    standard({ visibilityTimeout: Duration.seconds(43_201) }),
    l1({ visibilityTimeout: 43_201 }),
  ],
  'Spillway-Queue-RetentionOutOfRange': [
    standard({ retentionPeriod: Duration.seconds(59), visibilityTimeout: Duration.seconds(1) }),
    l1({ messageRetentionPeriod: 59, visibilityTimeout: 1 }),
  ],
  'Spillway-Queue-WaitTimeOutOfRange': [
    standard({ receiveMessageWaitTime: Duration.seconds(21) }),
    l1({ receiveMessageWaitTimeSeconds: 21 }),
  ],
  'Spillway-Queue-MessageSizeOutOfRange': [
    standard({ maxMessageSize: Size.bytes(1_023) }),
    l1({ maximumMessageSize: 1_023 }),
  ],
  'Spillway-Queue-DataKeyReuseOutOfRange': [
    standard({ dataKeyReuse: Duration.seconds(59), encryption: spillway.QueueEncryption.customerManaged() }),
    l1({ kmsDataKeyReusePeriodSeconds: 59, kmsMasterKeyId: 'alias/x' }),
  ],
  'Spillway-Queue-DataKeyReuseWithoutKey': [
    standard({ dataKeyReuse: MINUTE }),
    l1({ kmsDataKeyReusePeriodSeconds: 60 }),
  ],
  'Spillway-Queue-DelayOutlivesRetention': [
    standard({ deliveryDelay: MINUTE, retentionPeriod: MINUTE, visibilityTimeout: Duration.seconds(1) }),
    l1({ delaySeconds: 60, messageRetentionPeriod: 60, visibilityTimeout: 1 }),
  ],
  'Spillway-Queue-VisibilityOutlivesRetention': [
    standard({ visibilityTimeout: MINUTE, retentionPeriod: MINUTE }),
    l1({ visibilityTimeout: 60, messageRetentionPeriod: 60 }),
  ],
  'Spillway-Queue-GroupThroughputNeedsGroupScope': [
    (stack) =>
      new spillway.FifoQueue(stack, 'Jobs', { highThroughput: true, deduplicationScope: DeduplicationScope.QUEUE }),
    l1({ fifoQueue: true, fifoThroughputLimit: 'perMessageGroupId' }),
  ],
  'Spillway-Queue-MaxReceiveCountOutOfRange': [
    standard({ maxReceiveCount: 1_001 }),
    (stack, other) =>
      l1({ redrivePolicy: { deadLetterTargetArn: deadIn(stack).queueArn, maxReceiveCount: 1_001 } })(stack, other),
  ],
  'Spillway-Redrive-SingleReceive': [
    standard({ maxReceiveCount: 1 }),
    (stack) => new Queue(stack, 'Jobs', { deadLetterQueue: { queue: deadIn(stack), maxReceiveCount: 1 } }),
  ],
  'Spillway-Redrive-KindMismatch': [
    (stack) => new spillway.FifoQueue(stack, 'Jobs', { deadLetterQueue: new spillway.DeadLetterQueue(stack, 'Dead') }),
    (stack, other) =>
      l1({
        fifoQueue: true,
        redrivePolicy: { deadLetterTargetArn: deadIn(stack).queueArn, maxReceiveCount: 5 },
      })(stack, other),
  ],
  'Spillway-Redrive-RetentionShorter': [
    (stack, other) =>
      standard({
        retentionPeriod: Duration.days(14),
        deadLetterQueue: new spillway.DeadLetterQueue(stack, 'Dead', { retentionPeriod: Duration.days(4) }),
      })(stack, other),
    (stack) =>
      new Queue(stack, 'Jobs', {
        retentionPeriod: Duration.days(14),
        deadLetterQueue: { queue: new Queue(stack, 'Dead'), maxReceiveCount: 5 },
      }),
  ],
  'Spillway-Redrive-OtherRegion': [
    (stack, other) => standard({ deadLetterQueue: deadIn(other) })(stack, other),
    (stack, other) => new Queue(stack, 'Jobs', { deadLetterQueue: { queue: deadIn(other), maxReceiveCount: 5 } }),
  ],
  'Spillway-Redrive-OtherAccount': [
    (stack, other) =>
      standard({
        deadLetterQueue: Queue.fromQueueArn(stack, 'Dead', `arn:aws:sqs:eu-west-1:${OTHER_ACCOUNT}:dead`),
      })(stack, other),
    l1({
      redrivePolicy: { deadLetterTargetArn: `arn:aws:sqs:eu-west-1:${OTHER_ACCOUNT}:dead`, maxReceiveCount: 5 },
    }),
  ],

  'Spillway-Mapping-OtherRegion': [
    (stack, other) =>
      new spillway.StandardQueue(other, 'Jobs', { queueName: 'jobs', visibilityTimeout: MINUTE }).addConsumer(
        new spillway.LambdaConsumer(handlerIn(stack)),
      ),
    (stack, other) =>
      mapped({ EventSourceArn: new Queue(other, 'Jobs', { queueName: 'jobs', visibilityTimeout: MINUTE }).queueArn })(
        stack,
        other,
      ),
  ],
  'Spillway-Mapping-BatchSizeOutOfRange': [consumed({ batchSize: 11 }, true), mapped({ BatchSize: 11 }, true)],
  'Spillway-Mapping-BatchNeedsWindow': [consumed({ batchSize: 11 }), mapped({ BatchSize: 11 })],
  'Spillway-Mapping-WindowOutOfRange': [
    consumed({ maxBatchingWindow: Duration.seconds(301) }),
    mapped({ MaximumBatchingWindowInSeconds: 301 }),
  ],
  'Spillway-Mapping-WindowOnFifo': [
    consumed({ maxBatchingWindow: Duration.seconds(1) }, true),
    mapped({ MaximumBatchingWindowInSeconds: 1 }, true),
  ],
  'Spillway-Mapping-ConcurrencyOutOfRange': [
    consumed({ maxConcurrency: 1 }),
    mapped({ ScalingConfig: { MaximumConcurrency: 1 } }),
  ],
  'Spillway-Mapping-ConcurrencyAboveReserved': [
    consumed({ maxConcurrency: 21 }, false, { reservedConcurrentExecutions: 20 }),
    mapped({ ScalingConfig: { MaximumConcurrency: 21 } }, false, { reservedConcurrentExecutions: 20 }),
  ],
  'Spillway-Mapping-PollersAndConcurrency': [
    consumed({ maxConcurrency: 5, provisionedPollers: { minimum: 2 } }),
    mapped({ ScalingConfig: { MaximumConcurrency: 5 }, ProvisionedPollerConfig: { MinimumPollers: 2 } }),
  ],
  'Spillway-Mapping-TooManyFilters': [
    consumed({ filters: Array.from({ length: 11 }, () => spillway.MessageFilter.json({ kind: ['x'] })) }),
    mapped({ FilterCriteria: { Filters: Array.from({ length: 11 }, () => ({ Pattern: '{}' })) } }),
  ],
  'Spillway-Mapping-VisibilityTight': [
    (stack) =>
      new spillway.StandardQueue(stack, 'Jobs', { visibilityTimeout: MINUTE }).addConsumer(
        new spillway.LambdaConsumer(handlerIn(stack, { timeout: Duration.seconds(59) })),
      ),
    mapped({}, false, { timeout: Duration.seconds(59) }),
  ],

  'Spillway-Delivery-TopicKindMismatch': [
    (stack) => new spillway.FifoQueue(stack, 'Jobs').addProducer(new spillway.TopicProducer(new Topic(stack, 'Topic'))),
    (stack) =>
      new CfnSubscription(stack, 'Subscription', {
        protocol: 'sqs',
        topicArn: new Topic(stack, 'Topic').topicArn,
        endpoint: new Queue(stack, 'Jobs', { fifo: true }).queueArn,
      }),
  ],
  'Spillway-Delivery-DeadLetterKindMismatch': [
    (stack) =>
      new spillway.StandardQueue(stack, 'Jobs').addProducer(
        new spillway.TopicProducer(new Topic(stack, 'Topic'), {
          deadLetterQueue: new spillway.DeadLetterQueue(stack, 'Dead', { fifo: true }),
        }),
      ),
    (stack) =>
      new CfnSubscription(stack, 'Subscription', {
        protocol: 'sqs',
        topicArn: new Topic(stack, 'Topic').topicArn,
        endpoint: new Queue(stack, 'Jobs').queueArn,
        redrivePolicy: { deadLetterTargetArn: new Queue(stack, 'Dead', { fifo: true }).queueArn },
      }),
  ],
  'Spillway-Delivery-FifoUnsupported': [
    (stack) =>
      new spillway.FifoQueue(stack, 'Jobs').addProducer(new spillway.BucketProducer(new Bucket(stack, 'Bucket'))),
    (stack) =>
      new Bucket(stack, 'Bucket').addObjectCreatedNotification(
        new SqsDestination(new Queue(stack, 'Jobs', { fifo: true })),
      ),
  ],
  'Spillway-Delivery-OtherRegion': [
    (stack, other) =>
      new spillway.StandardQueue(other, 'Jobs', { queueName: 'jobs' }).addProducer(
        new spillway.BucketProducer(new Bucket(stack, 'Bucket')),
      ),
    (stack, other) => {
      new CfnQueue(other, 'Jobs', { queueName: 'jobs' });
      const Queue = `arn:aws:sqs:eu-west-3:${ACCOUNT}:jobs`;
      const NotificationConfiguration = { QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue }] };
      new CfnResource(stack, 'Bucket', { type: 'AWS::S3::Bucket', properties: { NotificationConfiguration } });
    },
  ],
  'Spillway-Delivery-GroupMissing': [
    (stack) => new spillway.FifoQueue(stack, 'Jobs').addProducer(new spillway.EventRuleProducer(ruleIn(stack))),
    (stack) => targeted(stack, { Arn: new Queue(stack, 'Jobs', { fifo: true }).queueArn }),
  ],
  'Spillway-Delivery-DeduplicationMissing': [
    (stack) =>
      new spillway.FifoQueue(stack, 'Jobs', { contentBasedDeduplication: false }).addProducer(
        new spillway.EventRuleProducer(ruleIn(stack), { messageGroupId: 'all' }),
      ),
    (stack) =>
      targeted(stack, {
        Arn: new Queue(stack, 'Jobs', { fifo: true }).queueArn,
        SqsParameters: { MessageGroupId: 'all' },
      }),
  ],
  'Spillway-Delivery-ManagedKey': [
    (stack) =>
      new spillway.StandardQueue(stack, 'Jobs', { encryption: spillway.QueueEncryption.kmsManaged() }).addProducer(
        new spillway.TopicProducer(new Topic(stack, 'Topic')),
      ),
    (stack) =>
      new CfnSubscription(stack, 'Subscription', {
        protocol: 'sqs',
        topicArn: new Topic(stack, 'Topic').topicArn,
        endpoint: new CfnQueue(stack, 'Jobs', { kmsMasterKeyId: 'alias/aws/sqs' }).attrArn,
      }),
  ],
  'Spillway-Delivery-KeyElsewhere': [
    (stack) => {
      const key = Key.fromKeyArn(stack, 'Key', `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1`);
      return new spillway.StandardQueue(stack, 'Jobs', {
        encryption: spillway.QueueEncryption.customerManaged(key),
      }).addProducer(new spillway.TopicProducer(new Topic(stack, 'Topic')));
    },
    (stack) => {
      const queue = new Queue(stack, 'Jobs', {
        encryptionMasterKey: Key.fromKeyArn(stack, 'Key', `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1`),
      });
      new Topic(stack, 'Topic').addSubscription(new SqsSubscription(queue));
    },
  ],
  'Spillway-Delivery-QueueElsewhere': [
    (stack) =>
      spillway.StandardQueue.fromQueue(stack, 'Jobs', Queue.fromQueueArn(stack, 'Far', FAR_QUEUE)).addProducer(
        new spillway.TopicProducer(new Topic(stack, 'Topic')),
      ),
    (stack) =>
      new Topic(stack, 'Topic').addSubscription(new SqsSubscription(Queue.fromQueueArn(stack, 'Far', FAR_QUEUE))),
  ],
};

/** What is found of an id, without where, and with one name for each construct's path, and ARN. */
function textsOf(id: string, build: Build, mixin: boolean): readonly string[] {
  const app = new App();
  if (mixin) app.with(new spillway.mixins.QueueRules());
  const env = { account: ACCOUNT, region: 'eu-west-1' };
  const stack = new Stack(app, 'Stack', { env });
  const other = new Stack(app, 'Other', { env: { ...env, region: 'eu-west-3' }, crossRegionReferences: true });
  let found: readonly string[];
  try {
    build(stack, other);
    const { errors, warnings } = synthesized(app);
    found = [...errors, ...warnings];
  } catch (error) {
    found = (error as Error).message.split('\n');
  }
  const texts = found.filter((text) => text.includes(`[${id}]`) || text.includes(`[ack: ${id}]`));
  return [...new Set(texts.map((text) => anonymous(text)))];
}

function anonymous(text: string): string {
  return text
    .replace(/^.*?(?=(must|should) )/, '')
    .replace(/ \[(ack: )?Spillway-[A-Za-z-]+\]/g, '')
    .replace(/\b(Stack|Other)\/[\w/]+|arn:aws:[\w:/-]+/g, 'PATH');
}

const idsIn = (folder: string, wanted: (path: string) => boolean) =>
  new Set(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && wanted(path))
      .flatMap((path) =>
        [...readFileSync(join(folder, path), 'utf8').matchAll(/\bid: '(Spillway-[A-Za-z-]+)'/g)].map(([, id]) => id),
      ),
  );

describe('one text an id', () => {
  test.each(Object.entries(PAIRS))('%s says the same of a construct and of plain CDK', (id, [ours, plain]) => {
    const said = textsOf(id, ours, false);
    expect(said).toHaveLength(1);
    expect(said).toEqual(textsOf(id, plain, true));
  });

  test('holds for every id that both sides raise', () => {
    const lib = join(__dirname, '../../lib');
    const ofConstructs = idsIn(lib, (path) => !/^(emulator|rules)\b/.test(path));
    const shared = (new spillway.QueueRulesPlugin().ruleIds ?? []).filter((id) => ofConstructs.has(id));
    expect(shared.sort()).toEqual(Object.keys(PAIRS).sort());
  });
});
