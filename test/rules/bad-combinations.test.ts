import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import {
  CfnEventSourceMapping,
  Code,
  Function as LambdaFunction,
  type FunctionProps,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { CfnQueue, DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import * as spillway from '../../lib';
import { synthesized } from './plain-app';

/** What a finding must name. */
interface Finding {
  readonly id: string;
  readonly property: string;
  /** What it must be, and what it was. */
  readonly says: string;
}

/** Of two stacks of one account, the second in another region. */
type Build = (stack: Stack, paris: Stack) => unknown;

interface Made {
  readonly build: Build;
  readonly finds: Finding;
  readonly severity?: 'warning';
}

interface Combination {
  /** Made with the constructs of this library, which have no way to say some of it. */
  readonly ours?: Made;
  /** Made with CDK's L2 constructs, or its L1 where these refuse it, in an app that has the mixin. */
  readonly plain?: Made;
}

const ACCOUNT = '111122223333';
const handler = (stack: Stack, props: Partial<FunctionProps> = {}) =>
  new LambdaFunction(stack, 'Handler', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => {};'),
    ...props,
  });
const MINUTE = Duration.minutes(1);
const LONG = { retentionPeriod: Duration.days(14) };
const hourly = (stack: Stack) => new Rule(stack, 'Rule', { schedule: Schedule.rate(Duration.hours(1)) });
const consumed = (stack: Stack, consumer: spillway.LambdaConsumerProps, functionProps: Partial<FunctionProps> = {}) =>
  new spillway.StandardQueue(stack, 'Jobs').addConsumer(
    new spillway.LambdaConsumer(handler(stack, functionProps), consumer),
  );
/** Where CDK's event source refuses it. */
const mapped = (stack: Stack, queue: Queue, properties: object) =>
  new CfnEventSourceMapping(stack, 'Mapping', {
    functionName: handler(stack).functionName,
    eventSourceArn: queue.queueArn,
    ...properties,
  });

const COMBINATIONS: Readonly<Record<string, Combination>> = {
  'throughput by group with deduplication by queue': {
    ours: {
      build: (stack) =>
        new spillway.FifoQueue(stack, 'Jobs', { highThroughput: true, deduplicationScope: DeduplicationScope.QUEUE }),
      finds: {
        id: 'Spillway-Queue-GroupThroughputNeedsGroupScope',
        property: 'deduplicationScope',
        says: 'must be messageGroup with throughput by message group, but was queue',
      },
    },
    plain: {
      build: (stack) =>
        new Queue(stack, 'Jobs', { fifo: true, fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID }),
      finds: {
        id: 'Spillway-Queue-GroupThroughputNeedsGroupScope',
        property: 'DeduplicationScope',
        says: 'must be messageGroup with throughput by message group, but was queue',
      },
    },
  },
  "a visibility timeout below the function's timeout": {
    ours: {
      build: (stack) =>
        new spillway.StandardQueue(stack, 'Jobs', { visibilityTimeout: Duration.seconds(59) }).addConsumer(
          new spillway.LambdaConsumer(handler(stack, { timeout: MINUTE })),
        ),
      finds: {
        id: 'Spillway-Queue-VisibilityTooShort',
        property: 'visibilityTimeout',
        says: 'must be at least 61 seconds with this LambdaConsumer, or left out to have it derived, but was 59 seconds',
      },
    },
    plain: {
      build: (stack) =>
        handler(stack, { timeout: MINUTE }).addEventSource(
          new SqsEventSource(new Queue(stack, 'Jobs', { visibilityTimeout: Duration.seconds(59) })),
        ),
      finds: {
        id: 'Spillway-Mapping-VisibilityBelowTimeout',
        property: 'EventSourceArn',
        says: "must be a queue with a VisibilityTimeout of at least 60 seconds (the function's Timeout), but eu-west-1/Jobs/Resource has 59",
      },
    },
  },
  "a visibility timeout of once the function's timeout": {
    ours: {
      build: (stack) =>
        new spillway.StandardQueue(stack, 'Jobs', { visibilityTimeout: MINUTE }).addConsumer(
          new spillway.LambdaConsumer(handler(stack, { timeout: MINUTE })),
        ),
      finds: {
        id: 'Spillway-Queue-VisibilityTooShort',
        property: 'visibilityTimeout',
        says: 'must be at least 61 seconds with this LambdaConsumer, or left out to have it derived, but was 60 seconds',
      },
    },
    plain: {
      build: (stack) =>
        handler(stack, { timeout: MINUTE }).addEventSource(
          new SqsEventSource(new Queue(stack, 'Jobs', { visibilityTimeout: MINUTE })),
        ),
      severity: 'warning',
      finds: {
        id: 'Spillway-Mapping-VisibilityTight',
        property: 'EventSourceArn',
        says: "should have a visibility timeout of at least 360 seconds, 6 times the function's timeout plus the batching window, but that of eu-west-1/Jobs/Resource is 60 seconds",
      },
    },
  },
  'a concurrency above the reserved one': {
    ours: {
      build: (stack) => consumed(stack, { maxConcurrency: 21 }, { reservedConcurrentExecutions: 20 }),
      finds: {
        id: 'Spillway-Mapping-ConcurrencyAboveReserved',
        property: 'maxConcurrency',
        says: 'must be at most 20, the reserved concurrency of eu-west-1/Handler, but was 21',
      },
    },
    plain: {
      build: (stack) =>
        handler(stack, { reservedConcurrentExecutions: 20 }).addEventSource(
          new SqsEventSource(new Queue(stack, 'Jobs'), { maxConcurrency: 21 }),
        ),
      finds: {
        id: 'Spillway-Mapping-ConcurrencyAboveReserved',
        property: 'ScalingConfig.MaximumConcurrency',
        says: 'must be at most 20, the reserved concurrency of eu-west-1/Handler/Resource, but was 21',
      },
    },
  },
  'a concurrency of 1': {
    ours: {
      build: (stack) => consumed(stack, { maxConcurrency: 1 }),
      finds: {
        id: 'Spillway-Mapping-ConcurrencyOutOfRange',
        property: 'maxConcurrency',
        says: 'must be a whole number between 2 and 1,000, but was 1',
      },
    },
    plain: {
      build: (stack) => mapped(stack, new Queue(stack, 'Jobs'), { scalingConfig: { maximumConcurrency: 1 } }),
      finds: {
        id: 'Spillway-Mapping-ConcurrencyOutOfRange',
        property: 'ScalingConfig.MaximumConcurrency',
        says: 'must be a whole number between 2 and 1,000, but was 1',
      },
    },
  },
  'provisioned pollers and a concurrency': {
    ours: {
      build: (stack) => consumed(stack, { maxConcurrency: 5, provisionedPollers: { minimum: 2 } }),
      finds: {
        id: 'Spillway-Mapping-PollersAndConcurrency',
        property: 'provisionedPollers',
        says: 'must not be set beside a maximum concurrency',
      },
    },
    plain: {
      build: (stack) =>
        mapped(stack, new Queue(stack, 'Jobs'), {
          scalingConfig: { maximumConcurrency: 5 },
          provisionedPollerConfig: { minimumPollers: 2 },
        }),
      finds: {
        id: 'Spillway-Mapping-PollersAndConcurrency',
        property: 'ProvisionedPollerConfig',
        says: 'must not be set beside a maximum concurrency',
      },
    },
  },
  'provisioned pollers for a FIFO queue': {
    ours: {
      build: (stack) =>
        new spillway.FifoQueue(stack, 'Jobs').addConsumer(
          new spillway.LambdaConsumer(handler(stack), { provisionedPollers: { minimum: 2 } }),
        ),
      severity: 'warning',
      finds: {
        id: 'Spillway-LambdaConsumer-PollersOnFifo',
        property: 'provisionedPollers',
        says: 'should not be given for a FIFO queue',
      },
    },
  },
  'a batch of 11 of a FIFO queue': {
    ours: {
      build: (stack) =>
        new spillway.FifoQueue(stack, 'Jobs').addConsumer(
          new spillway.LambdaConsumer(handler(stack), { batchSize: 11 }),
        ),
      finds: {
        id: 'Spillway-Mapping-BatchSizeOutOfRange',
        property: 'batchSize',
        says: 'must be a whole number between 1 and 10 for a FIFO queue, but was 11',
      },
    },
    plain: {
      build: (stack) => mapped(stack, new Queue(stack, 'Jobs', { fifo: true }), { batchSize: 11 }),
      finds: {
        id: 'Spillway-Mapping-BatchSizeOutOfRange',
        property: 'BatchSize',
        says: 'must be a whole number between 1 and 10 for a FIFO queue, but was 11',
      },
    },
  },
  'a batching window for a FIFO queue': {
    ours: {
      build: (stack) =>
        new spillway.FifoQueue(stack, 'Jobs').addConsumer(
          new spillway.LambdaConsumer(handler(stack), { maxBatchingWindow: Duration.seconds(1) }),
        ),
      finds: {
        id: 'Spillway-Mapping-WindowOnFifo',
        property: 'maxBatchingWindow',
        says: 'must not be set for a FIFO queue, but was 1 second',
      },
    },
    plain: {
      build: (stack) => mapped(stack, new Queue(stack, 'Jobs', { fifo: true }), { maximumBatchingWindowInSeconds: 1 }),
      finds: {
        id: 'Spillway-Mapping-WindowOnFifo',
        property: 'MaximumBatchingWindowInSeconds',
        says: 'must not be set for a FIFO queue, but was 1 second',
      },
    },
  },
  'a dead-letter queue that keeps messages for less long': {
    ours: {
      build: (stack) =>
        new spillway.StandardQueue(stack, 'Jobs', {
          ...LONG,
          deadLetterQueue: new spillway.DeadLetterQueue(stack, 'Dead', { retentionPeriod: Duration.days(4) }),
        }),
      finds: {
        id: 'Spillway-Redrive-RetentionShorter',
        property: 'deadLetterQueue',
        says: 'must have a longer retention period than the queue (1209600 seconds), but eu-west-1/Dead has 345600 seconds',
      },
    },
    plain: {
      build: (stack) =>
        new Queue(stack, 'Jobs', { ...LONG, deadLetterQueue: { queue: new Queue(stack, 'Dead'), maxReceiveCount: 5 } }),
      finds: {
        id: 'Spillway-Redrive-RetentionShorter',
        property: 'RedrivePolicy.deadLetterTargetArn',
        says: 'must have a longer retention period than the queue (1209600 seconds), but eu-west-1/Dead/Resource has 345600 seconds',
      },
    },
  },
  'a standard dead-letter queue of a FIFO queue': {
    ours: {
      build: (stack) =>
        new spillway.FifoQueue(stack, 'Jobs', { deadLetterQueue: new spillway.DeadLetterQueue(stack, 'Dead') }),
      finds: {
        id: 'Spillway-Redrive-KindMismatch',
        property: 'deadLetterQueue',
        says: 'must be a FIFO queue for a FIFO queue, but was the standard queue eu-west-1/Dead',
      },
    },
    plain: {
      build: (stack) =>
        new CfnQueue(stack, 'Jobs', {
          fifoQueue: true,
          redrivePolicy: { deadLetterTargetArn: new Queue(stack, 'Dead', LONG).queueArn, maxReceiveCount: 5 },
        }),
      finds: {
        id: 'Spillway-Redrive-KindMismatch',
        property: 'RedrivePolicy.deadLetterTargetArn',
        says: 'must be a FIFO queue for a FIFO queue, but was the standard queue eu-west-1/Dead/Resource',
      },
    },
  },
  'a dead-letter queue in another region': {
    ours: {
      build: (stack, paris) =>
        new spillway.StandardQueue(stack, 'Jobs', {
          deadLetterQueue: new Queue(paris, 'Dead', { queueName: 'dead', ...LONG }),
        }),
      finds: {
        id: 'Spillway-Redrive-OtherRegion',
        property: 'deadLetterQueue',
        says: 'must be in eu-west-1, the Region of the queue itself, but eu-west-3/Dead is in eu-west-3',
      },
    },
    plain: {
      build: (stack, paris) =>
        new Queue(stack, 'Jobs', {
          deadLetterQueue: { queue: new Queue(paris, 'Dead', { queueName: 'dead', ...LONG }), maxReceiveCount: 5 },
        }),
      finds: {
        id: 'Spillway-Redrive-OtherRegion',
        property: 'RedrivePolicy.deadLetterTargetArn',
        says: 'must be in eu-west-1, the Region of the queue itself, but eu-west-3/Dead/Resource is in eu-west-3',
      },
    },
  },
  'a message that one failure makes a dead letter': {
    ours: {
      build: (stack) => new spillway.StandardQueue(stack, 'Jobs', { maxReceiveCount: 1 }),
      finds: {
        id: 'Spillway-Redrive-SingleReceive',
        property: 'maxReceiveCount',
        says: 'should be 2 or more, but was 1',
      },
    },
    plain: {
      build: (stack) =>
        new Queue(stack, 'Jobs', { deadLetterQueue: { queue: new Queue(stack, 'Dead', LONG), maxReceiveCount: 1 } }),
      severity: 'warning',
      finds: {
        id: 'Spillway-Redrive-SingleReceive',
        property: 'RedrivePolicy.maxReceiveCount',
        says: 'should be 2 or more, but was 1',
      },
    },
  },
  'a maximum of 1,001 receives': {
    ours: {
      build: (stack) => new spillway.StandardQueue(stack, 'Jobs', { maxReceiveCount: 1_001 }),
      finds: {
        id: 'Spillway-Queue-MaxReceiveCountOutOfRange',
        property: 'maxReceiveCount',
        says: 'must be a whole number between 1 and 1,000, but was 1001',
      },
    },
    plain: {
      build: (stack) =>
        new Queue(stack, 'Jobs', {
          deadLetterQueue: { queue: new Queue(stack, 'Dead', LONG), maxReceiveCount: 1_001 },
        }),
      finds: {
        id: 'Spillway-Queue-MaxReceiveCountOutOfRange',
        property: 'RedrivePolicy.maxReceiveCount',
        says: 'must be a whole number between 1 and 1,000, but was 1001',
      },
    },
  },
  'a redrive allow policy for no source': {
    plain: {
      build: (stack) => new CfnQueue(stack, 'Jobs', { redriveAllowPolicy: { redrivePermission: 'byQueue' } }),
      finds: {
        id: 'Spillway-Queue-RedriveAllowPolicyInvalid',
        property: 'RedriveAllowPolicy',
        says: 'must have 1 to 10 sourceQueueArns with redrivePermission byQueue, and none with allowAll and denyAll, but had 0 sourceQueueArns with redrivePermission byQueue',
      },
    },
  },
  'a retention period below the visibility timeout': {
    ours: {
      build: (stack) =>
        new spillway.StandardQueue(stack, 'Jobs', {
          visibilityTimeout: Duration.minutes(10),
          retentionPeriod: Duration.minutes(5),
        }),
      finds: {
        id: 'Spillway-Queue-VisibilityOutlivesRetention',
        property: 'visibilityTimeout',
        says: 'must be less than the retention period (300 seconds), but was 600 seconds',
      },
    },
    plain: {
      build: (stack) =>
        new Queue(stack, 'Jobs', { visibilityTimeout: Duration.minutes(10), retentionPeriod: Duration.minutes(5) }),
      finds: {
        id: 'Spillway-Queue-VisibilityOutlivesRetention',
        property: 'VisibilityTimeout',
        says: 'must be less than the retention period (300 seconds), but was 600 seconds',
      },
    },
  },
  'a delay as long as the retention period': {
    ours: {
      build: (stack) =>
        new spillway.StandardQueue(stack, 'Jobs', {
          deliveryDelay: Duration.minutes(15),
          retentionPeriod: Duration.minutes(15),
        }),
      finds: {
        id: 'Spillway-Queue-DelayOutlivesRetention',
        property: 'deliveryDelay',
        says: 'must be less than the retention period (900 seconds), but was 900 seconds',
      },
    },
    plain: {
      build: (stack) =>
        new Queue(stack, 'Jobs', { deliveryDelay: Duration.minutes(15), retentionPeriod: Duration.minutes(15) }),
      finds: {
        id: 'Spillway-Queue-DelayOutlivesRetention',
        property: 'DelaySeconds',
        says: 'must be less than the retention period (900 seconds), but was 900 seconds',
      },
    },
  },
  'a name of 81 characters': {
    ours: {
      build: (stack) => new spillway.StandardQueue(stack, 'Jobs', { queueName: 'j'.repeat(81) }),
      finds: {
        id: 'Spillway-Queue-NameInvalid',
        property: 'queueName',
        says: "must be 1 to 80 letters, digits, '-' and '_', but was 'jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj'",
      },
    },
    plain: {
      build: (stack) => new Queue(stack, 'Jobs', { queueName: 'j'.repeat(81) }),
      finds: {
        id: 'Spillway-Queue-NameInvalid',
        property: 'QueueName',
        says: "must be 1 to 80 letters, digits, '-' and '_', but was 'jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj'",
      },
    },
  },
  'a name with other characters': {
    ours: {
      build: (stack) => new spillway.StandardQueue(stack, 'Jobs', { queueName: 'jobs/today' }),
      finds: {
        id: 'Spillway-Queue-NameInvalid',
        property: 'queueName',
        says: "must be 1 to 80 letters, digits, '-' and '_', but was 'jobs/today'",
      },
    },
    plain: {
      build: (stack) => new Queue(stack, 'Jobs', { queueName: 'jobs/today' }),
      finds: {
        id: 'Spillway-Queue-NameInvalid',
        property: 'QueueName',
        says: "must be 1 to 80 letters, digits, '-' and '_', but was 'jobs/today'",
      },
    },
  },
  'data keys that are used for a second': {
    ours: {
      build: (stack) =>
        new spillway.StandardQueue(stack, 'Jobs', {
          encryption: spillway.QueueEncryption.customerManaged(),
          dataKeyReuse: Duration.seconds(1),
        }),
      finds: {
        id: 'Spillway-Queue-DataKeyReuseOutOfRange',
        property: 'dataKeyReuse',
        says: 'must be between 60 and 86,400 seconds (24 hours), in whole seconds, but was 1 second',
      },
    },
    plain: {
      build: (stack) =>
        new Queue(stack, 'Jobs', { encryption: QueueEncryption.KMS, dataKeyReuse: Duration.seconds(1) }),
      finds: {
        id: 'Spillway-Queue-DataKeyReuseOutOfRange',
        property: 'KmsDataKeyReusePeriodSeconds',
        says: 'must be between 60 and 86,400 seconds (24 hours), in whole seconds, but was 1 second',
      },
    },
  },
  'data keys without a key of KMS': {
    ours: {
      build: (stack) => new spillway.StandardQueue(stack, 'Jobs', { dataKeyReuse: Duration.minutes(5) }),
      finds: {
        id: 'Spillway-Queue-DataKeyReuseWithoutKey',
        property: 'dataKeyReuse',
        says: 'should not be set without a KMS key, but was 300 seconds',
      },
    },
    plain: {
      build: (stack) => new CfnQueue(stack, 'Jobs', { kmsDataKeyReusePeriodSeconds: 300 }),
      severity: 'warning',
      finds: {
        id: 'Spillway-Queue-DataKeyReuseWithoutKey',
        property: 'KmsDataKeyReusePeriodSeconds',
        says: 'should not be set without a KMS key, but was 300 seconds',
      },
    },
  },
  'keys of SQS and a key of KMS': {
    plain: {
      build: (stack) =>
        new CfnQueue(stack, 'Jobs', { sqsManagedSseEnabled: true, kmsMasterKeyId: new Key(stack, 'Key').keyArn }),
      finds: {
        id: 'Spillway-Queue-TwoEncryptions',
        property: 'SqsManagedSseEnabled',
        says: 'must not be true if KmsMasterKeyId is set',
      },
    },
  },
  'a key imported by its alias': {
    ours: {
      build: (stack) =>
        new spillway.StandardQueue(stack, 'Jobs', {
          encryption: spillway.QueueEncryption.customerManaged(Alias.fromAliasName(stack, 'Key', 'alias/jobs')),
        }),
      finds: {
        id: 'Spillway-Queue-KeyIsImportedAlias',
        property: 'encryption',
        says: 'must have a key of this app or of Key.fromKeyArn(), but had one imported by its alias (alias/jobs)',
      },
    },
    plain: {
      build: (stack) => {
        const encryptionMasterKey = Alias.fromAliasName(stack, 'Key', 'alias/jobs');
        new Topic(stack, 'Topic').addSubscription(
          new SqsSubscription(new Queue(stack, 'Jobs', { encryptionMasterKey })),
        );
      },
      severity: 'warning',
      finds: {
        id: 'Spillway-Delivery-KeyElsewhere',
        property: 'Endpoint',
        says: 'should have a key of this app, but eu-west-1/Jobs/Resource has the key arn:${AWS::Partition}:kms:eu-west-1:111122223333:alias/jobs, which is defined elsewhere',
      },
    },
  },
  'a standard topic and a FIFO queue': {
    ours: {
      build: (stack) =>
        new spillway.FifoQueue(stack, 'Jobs').addProducer(new spillway.TopicProducer(new Topic(stack, 'Topic'))),
      finds: {
        id: 'Spillway-Delivery-TopicKindMismatch',
        property: 'queue',
        says: 'must be a standard queue for a standard topic, but was the FIFO queue eu-west-1/Jobs/Queue',
      },
    },
    plain: {
      build: (stack) =>
        new Topic(stack, 'Topic').addSubscription(new SqsSubscription(new Queue(stack, 'Jobs', { fifo: true }))),
      finds: {
        id: 'Spillway-Delivery-TopicKindMismatch',
        property: 'Endpoint',
        says: 'must be a standard queue for a standard topic, but was the FIFO queue eu-west-1/Jobs/Resource',
      },
    },
  },
  'a topic and an imported queue': {
    ours: {
      build: (stack) =>
        spillway.StandardQueue.fromQueue(
          stack,
          'Adopted',
          Queue.fromQueueArn(stack, 'Jobs', `arn:aws:sqs:eu-west-1:${ACCOUNT}:jobs`),
        ).addProducer(new spillway.TopicProducer(new Topic(stack, 'Topic'))),
      finds: {
        id: 'Spillway-Delivery-QueueElsewhere',
        property: 'queue',
        says: 'should be a queue of this app, but eu-west-1/Jobs is defined elsewhere',
      },
    },
    plain: {
      build: (stack) =>
        new Topic(stack, 'Topic').addSubscription(
          new SqsSubscription(Queue.fromQueueArn(stack, 'Jobs', `arn:aws:sqs:eu-west-1:${ACCOUNT}:jobs`)),
        ),
      severity: 'warning',
      finds: {
        id: 'Spillway-Delivery-QueueElsewhere',
        property: 'Endpoint',
        says: 'should be a queue of this app, but arn:aws:sqs:eu-west-1:111122223333:jobs is defined elsewhere',
      },
    },
  },
  "a topic and AWS's own key": {
    ours: {
      build: (stack) =>
        new spillway.StandardQueue(stack, 'Jobs', { encryption: spillway.QueueEncryption.kmsManaged() }).addProducer(
          new spillway.TopicProducer(new Topic(stack, 'Topic')),
        ),
      finds: {
        id: 'Spillway-Delivery-ManagedKey',
        property: 'queue',
        says: 'must have SSE-SQS or a key of your own, but eu-west-1/Jobs/Queue has the key alias/aws/sqs',
      },
    },
    plain: {
      build: (stack) => {
        const queue = new Queue(stack, 'Jobs', { encryption: QueueEncryption.KMS_MANAGED });
        const topic = new Topic(stack, 'Topic');
        new CfnSubscription(stack, 'Sub', { protocol: 'sqs', topicArn: topic.topicArn, endpoint: queue.queueArn });
        queue.addToResourcePolicy(
          new PolicyStatement({
            principals: [new ServicePrincipal('sns.amazonaws.com')],
            actions: ['sqs:SendMessage'],
            resources: [queue.queueArn],
            conditions: { ArnEquals: { 'aws:SourceArn': topic.topicArn } },
          }),
        );
      },
      finds: {
        id: 'Spillway-Delivery-ManagedKey',
        property: 'Endpoint',
        says: 'must have SSE-SQS or a key of your own, but eu-west-1/Jobs/Resource has the key alias/aws/sqs',
      },
    },
  },
  'a bucket and a FIFO queue': {
    ours: {
      build: (stack) =>
        new spillway.FifoQueue(stack, 'Jobs').addProducer(new spillway.BucketProducer(new Bucket(stack, 'Bucket'))),
      finds: {
        id: 'Spillway-Delivery-FifoUnsupported',
        property: 'queue',
        says: 'must be a standard queue, but was the FIFO queue eu-west-1/Jobs/Queue',
      },
    },
    plain: {
      build: (stack) =>
        new Bucket(stack, 'Bucket').addObjectCreatedNotification(
          new SqsDestination(new Queue(stack, 'Jobs', { fifo: true })),
        ),
      finds: {
        id: 'Spillway-Delivery-FifoUnsupported',
        property: 'NotificationConfiguration.QueueConfigurations[0].QueueArn',
        says: 'must be a standard queue, but was the FIFO queue eu-west-1/Jobs/Resource',
      },
    },
  },
  "a bucket and AWS's own key": {
    ours: {
      build: (stack) =>
        new spillway.StandardQueue(stack, 'Jobs', { encryption: spillway.QueueEncryption.kmsManaged() }).addProducer(
          new spillway.BucketProducer(new Bucket(stack, 'Bucket')),
        ),
      finds: {
        id: 'Spillway-Delivery-ManagedKey',
        property: 'queue',
        says: 'must have SSE-SQS or a key of your own, but eu-west-1/Jobs/Queue has the key alias/aws/sqs',
      },
    },
    plain: {
      build: (stack) =>
        new Bucket(stack, 'Bucket').addObjectCreatedNotification(
          new SqsDestination(new Queue(stack, 'Jobs', { encryption: QueueEncryption.KMS_MANAGED })),
        ),
      finds: {
        id: 'Spillway-Delivery-ManagedKey',
        property: 'NotificationConfiguration.QueueConfigurations[0].QueueArn',
        says: 'must have SSE-SQS or a key of your own, but eu-west-1/Jobs/Resource has the key alias/aws/sqs',
      },
    },
  },
  'a rule and a FIFO queue without a message group': {
    ours: {
      build: (stack) =>
        new spillway.FifoQueue(stack, 'Jobs', { contentBasedDeduplication: true }).addProducer(
          new spillway.EventRuleProducer(hourly(stack)),
        ),
      finds: {
        id: 'Spillway-Delivery-GroupMissing',
        property: 'messageGroupId',
        says: 'must be 1 to 128 letters, digits and punctuation for the FIFO queue eu-west-1/Jobs/Queue, but was not given',
      },
    },
    plain: {
      build: (stack) =>
        hourly(stack).addTarget(
          new SqsQueue(new Queue(stack, 'Jobs', { fifo: true, contentBasedDeduplication: true })),
        ),
      finds: {
        id: 'Spillway-Delivery-GroupMissing',
        property: 'Targets[0].SqsParameters.MessageGroupId',
        says: 'must be 1 to 128 letters, digits and punctuation for the FIFO queue eu-west-1/Jobs/Resource, but was not given',
      },
    },
  },
  "a rule and AWS's own key": {
    ours: {
      build: (stack) =>
        new spillway.StandardQueue(stack, 'Jobs', { encryption: spillway.QueueEncryption.kmsManaged() }).addProducer(
          new spillway.EventRuleProducer(hourly(stack)),
        ),
      finds: {
        id: 'Spillway-Delivery-ManagedKey',
        property: 'queue',
        says: 'must have SSE-SQS or a key of your own, but eu-west-1/Jobs/Queue has the key alias/aws/sqs',
      },
    },
    plain: {
      build: (stack) =>
        hourly(stack).addTarget(new SqsQueue(new Queue(stack, 'Jobs', { encryption: QueueEncryption.KMS_MANAGED }))),
      finds: {
        id: 'Spillway-Delivery-ManagedKey',
        property: 'Targets[0].Arn',
        says: 'must have SSE-SQS or a key of your own, but eu-west-1/Jobs/Resource has the key alias/aws/sqs',
      },
    },
  },
};

const FINDING = /([A-Za-z][\w.[\]]*) ((?:must|should) .*?); .*?\[(?:ack: )?(Spillway(?:-[A-Za-z]+){2})\]/;

/** All that is found, by severity. */
function judged(build: Build, withMixin: boolean): Record<'error' | 'warning', Finding[]> {
  const app = new App();
  if (withMixin) app.with(new spillway.mixins.QueueRules());
  const stacks = ['eu-west-1', 'eu-west-3'].map(
    (region) => new Stack(app, region, { env: { account: ACCOUNT, region }, crossRegionReferences: true }),
  );
  let thrown: string[] = [];
  try {
    build(stacks[0], stacks[1]);
  } catch (error) {
    thrown = (error as Error).message.split('\n').slice(1);
  }
  const { errors, warnings } = synthesized(app);
  const parsed = (lines: readonly string[]) =>
    lines.map((line) => {
      const [, property = line, says = '', id = ''] = FINDING.exec(line) ?? [];
      return { id, property, says };
    });
  return { error: parsed([...thrown, ...errors]), warning: parsed(warnings) };
}

const made = (by: 'ours' | 'plain') =>
  Object.entries(COMBINATIONS).flatMap(([name, { [by]: one }]): [string, Made][] => (one ? [[name, one]] : []));
const only = ({ finds, severity }: Made) =>
  severity === 'warning' ? { error: [], warning: [finds] } : { error: [finds], warning: [] };

describe('what other tools let through', () => {
  test.each(made('ours'))('fails on %s, made with this library', (_, one) => {
    expect(judged(one.build, false)).toEqual(only(one));
  });

  test.each(made('plain'))('fails on %s, made with plain CDK and the mixin', (_, one) => {
    expect(judged(one.build, true)).toEqual(only(one));
  });
});
