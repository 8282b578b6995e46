import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QueueRulesPlugin } from '../../lib';
import { type Reference, spread, template, verdictOn, type Verdict } from './plain-app';

type Resources = Parameters<typeof template>[0];
type Stacks = readonly ReturnType<typeof template>[];

interface Case {
  /** Breaks the rule, and no other. */
  readonly fails: Resources | Stacks;
  /** Is in order. */
  readonly passes: Resources | Stacks;
  /** What the message must name: property, value, allowed set. */
  readonly says: RegExp;
  /** Other rules that can't but be broken as well. */
  readonly along?: readonly string[];
}

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const queue = (properties: object = {}) => ['AWS::SQS::Queue', properties] as const;
const FIFO = { FifoQueue: true };
const fifo = (properties: object = {}) => queue({ ...FIFO, ContentBasedDeduplication: true, ...properties });
const redrive = (maxReceiveCount = 5, id = 'Dead') => ({
  RedrivePolicy: { deadLetterTargetArn: arn(id), maxReceiveCount },
});
const LONG = { MessageRetentionPeriod: 1_209_600 };
const lambda = (properties: object = {}) => ['AWS::Lambda::Function', properties] as const;
const mapping = (properties: object = {}) =>
  [
    'AWS::Lambda::EventSourceMapping',
    { EventSourceArn: arn('Jobs'), FunctionName: { Ref: 'Fn' }, ...properties },
  ] as const;
const mapped = (
  mappingProperties: object,
  queueProperties: object = {},
  functionProperties: object = {},
): Resources => ({
  Jobs: queue(queueProperties),
  Fn: lambda(functionProperties),
  Map: mapping(mappingProperties),
});
const allow = (service: string, properties: object = {}) => ({
  Effect: 'Allow',
  Principal: { Service: service },
  Action: 'sqs:SendMessage',
  Resource: arn('Jobs'),
  Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:any:::thing' } },
  ...properties,
});
const policy = (...Statement: object[]) =>
  ['AWS::SQS::QueuePolicy', { Queues: [{ Ref: 'Jobs' }], PolicyDocument: { Statement } }] as const;
const openTo = (service: string) => policy(allow(service));
const topic = (properties: object = {}) => ['AWS::SNS::Topic', properties] as const;
const subscription = (properties: object = {}) =>
  [
    'AWS::SNS::Subscription',
    { Protocol: 'sqs', TopicArn: { Ref: 'Topic' }, Endpoint: arn('Jobs'), ...properties },
  ] as const;
const rule = (target: object = {}) =>
  ['AWS::Events::Rule', { Targets: [{ Id: 'T', Arn: arn('Jobs'), ...target }] }] as const;
const bucket = (Queue: unknown = arn('Jobs')) =>
  [
    'AWS::S3::Bucket',
    { NotificationConfiguration: { QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue }] } },
  ] as const;
const s3Filter = (ends: Readonly<Record<string, string>>) => ({
  S3Key: { Rules: Object.entries(ends).map(([Name, Value]) => ({ Name, Value })) },
});
const notifying = (...QueueConfigurations: object[]): Resources => ({
  Jobs: queue(),
  Bucket: ['AWS::S3::Bucket', { NotificationConfiguration: { QueueConfigurations } }],
  Policy: openTo('s3.amazonaws.com'),
});
const key = (...Statement: object[]) => ['AWS::KMS::Key', { KeyPolicy: { Statement } }] as const;
const keyUse = (Service: string, Action: unknown = ['kms:Decrypt', 'kms:GenerateDataKey*']) => ({
  Effect: 'Allow',
  Principal: { Service },
  Action,
  Resource: '*',
});
const alarm = (properties: object) =>
  [
    'AWS::CloudWatch::Alarm',
    {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Jobs', 'QueueName'] } }],
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      ...properties,
    },
  ] as const;
const group = (properties: object) => ['AWS::AutoScaling::AutoScalingGroup', properties] as const;
const ireland = { env: { region: 'eu-west-1', account: '111122223333' } };
const paris = { env: { region: 'eu-west-3', account: '111122223333' }, name: 'Paris' };

const topicToQueue = (queueProperties: object, topicProperties: object = {}): Resources => ({
  Jobs: queue(queueProperties),
  Topic: topic(topicProperties),
  Sub: subscription(),
  Policy: openTo('sns.amazonaws.com'),
});
const range = (property: string, bad: number, good: number, allowed: RegExp): Case => ({
  fails: { Jobs: queue({ [property]: bad, KmsMasterKeyId: 'alias/x' }) },
  passes: { Jobs: queue({ [property]: good, KmsMasterKeyId: 'alias/x' }) },
  says: new RegExp(`${property}: got ${bad} (seconds?|bytes), allowed .*${allowed.source}`),
});

const CASES: Readonly<Record<string, Case>> = {
  'Spillway-Queue-NameInvalid': {
    fails: { Jobs: queue({ QueueName: 'jobs of today' }) },
    passes: { Jobs: queue({ QueueName: 'x'.repeat(80) }), Ordered: fifo({ QueueName: `${'x'.repeat(75)}.fifo` }) },
    says: /QueueName: got 'jobs of today', allowed are 1 to 80/,
  },
  'Spillway-Queue-NameKindMismatch': {
    fails: { Jobs: queue({ QueueName: 'jobs.fifo' }) },
    passes: { Jobs: fifo({ QueueName: 'jobs.fifo' }), Unnamed: fifo() },
    says: /QueueName: got 'jobs.fifo' for a standard queue, allowed/,
  },
  'Spillway-Queue-DelayOutOfRange': range('DelaySeconds', 901, 900, /0 to 900/),
  'Spillway-Queue-VisibilityOutOfRange': range('VisibilityTimeout', 43_201, 43_200, /0 to 43,200/),
  'Spillway-Queue-RetentionOutOfRange': range('MessageRetentionPeriod', 1_209_601, 1_209_600, /60 to 1,209,600/),
  'Spillway-Queue-WaitTimeOutOfRange': range('ReceiveMessageWaitTimeSeconds', 21, 20, /0 to 20/),
  'Spillway-Queue-MessageSizeOutOfRange': range('MaximumMessageSize', 1_048_577, 1_048_576, /1,024 to 1,048,576/),
  'Spillway-Queue-DataKeyReuseOutOfRange': range('KmsDataKeyReusePeriodSeconds', 1, 60, /60 to 86,400/),
  'Spillway-Queue-DelayOutlivesRetention': {
    fails: { Jobs: queue({ DelaySeconds: 60, MessageRetentionPeriod: 60 }) },
    passes: { Jobs: queue({ DelaySeconds: 59, MessageRetentionPeriod: 60 }) },
    says: /DelaySeconds: got 60 seconds, allowed is less than the retention period \(60 seconds\)/,
  },
  'Spillway-Queue-VisibilityOutlivesRetention': {
    fails: { Jobs: queue({ VisibilityTimeout: 600, MessageRetentionPeriod: 300 }) },
    passes: { Jobs: queue({ VisibilityTimeout: 600, MessageRetentionPeriod: 601 }) },
    says: /VisibilityTimeout: got 600 seconds, allowed is less than the retention period \(300 seconds\)/,
  },
  'Spillway-Queue-FifoSettingOnStandard': {
    fails: { Jobs: queue({ ContentBasedDeduplication: true }) },
    passes: { Jobs: fifo() },
    says: /ContentBasedDeduplication: got true, allowed is none on a standard queue/,
  },
  'Spillway-Queue-GroupThroughputNeedsGroupScope': {
    fails: { Jobs: fifo({ FifoThroughputLimit: 'perMessageGroupId' }) },
    passes: { Jobs: fifo({ FifoThroughputLimit: 'perMessageGroupId', DeduplicationScope: 'messageGroup' }) },
    says: /DeduplicationScope: got queue, allowed .* messageGroup/,
  },
  'Spillway-Queue-TwoEncryptions': {
    fails: { Jobs: queue({ SqsManagedSseEnabled: true, KmsMasterKeyId: 'alias/x' }) },
    passes: { Jobs: queue({ SqsManagedSseEnabled: false, KmsMasterKeyId: 'alias/x' }) },
    says: /SqsManagedSseEnabled: got true along with KmsMasterKeyId, allowed is one/,
  },
  'Spillway-Queue-DataKeyReuseWithoutKey': {
    fails: { Jobs: queue({ KmsDataKeyReusePeriodSeconds: 300 }) },
    passes: { Jobs: queue({ KmsDataKeyReusePeriodSeconds: 300, KmsMasterKeyId: 'alias/x' }) },
    says: /KmsDataKeyReusePeriodSeconds: got 300 seconds, allowed without an acknowledgement is none without a key of KMS/,
  },
  'Spillway-Queue-RedriveAllowPolicyInvalid': {
    fails: { Jobs: queue({ RedriveAllowPolicy: { redrivePermission: 'byQueue' } }) },
    passes: { Jobs: queue({ RedriveAllowPolicy: { redrivePermission: 'denyAll' } }) },
    says: /RedriveAllowPolicy: got 0 sourceQueueArns with redrivePermission byQueue, allowed are 1 to 10/,
  },
  'Spillway-Queue-MaxReceiveCountOutOfRange': {
    fails: { Dead: queue(LONG), Jobs: queue(redrive(1_001)) },
    passes: { Dead: queue(LONG), Jobs: queue(redrive(1_000)) },
    says: /RedrivePolicy.maxReceiveCount: got 1001, allowed are whole numbers from 1 to 1,000/,
  },
  'Spillway-Redrive-SingleReceive': {
    fails: { Dead: queue(LONG), Jobs: queue(redrive(1)) },
    passes: { Dead: queue(LONG), Jobs: queue(redrive(2)) },
    says: /RedrivePolicy.maxReceiveCount: got 1, allowed .* 2 and more/,
  },
  'Spillway-Redrive-KindMismatch': {
    fails: { Dead: queue(LONG), Jobs: fifo(redrive()) },
    passes: { Dead: fifo(), Jobs: fifo(redrive()) },
    says: /deadLetterTargetArn: got the standard queue Stack\/Dead, allowed for a FIFO queue is a FIFO queue/,
  },
  'Spillway-Redrive-OtherRegion': {
    fails: [
      template({ Dead: queue({ ...LONG, QueueName: 'dead' }) }, paris),
      template(
        {
          Jobs: queue({
            RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:eu-west-3:111122223333:dead', maxReceiveCount: 5 },
          }),
        },
        ireland,
      ),
    ],
    passes: [template({ Dead: queue(LONG), Jobs: queue(redrive()) }, ireland)],
    says: /got Paris\/Dead in eu-west-3, allowed is a queue in eu-west-1/,
  },
  'Spillway-Redrive-OtherAccount': {
    fails: [
      template(
        {
          Jobs: queue({
            RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:444455556666:dead', maxReceiveCount: 5 },
          }),
        },
        ireland,
      ),
    ],
    passes: [
      template(
        {
          Jobs: queue({
            RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:111122223333:dead', maxReceiveCount: 5 },
          }),
        },
        ireland,
      ),
    ],
    says: /in account 444455556666, allowed is a queue in account 111122223333/,
  },
  'Spillway-Redrive-RetentionShorter': {
    fails: { Dead: queue({ MessageRetentionPeriod: 86_400 }), Jobs: queue(redrive()) },
    passes: { Dead: queue(LONG), Jobs: queue(redrive()) },
    says: /got Stack\/Dead with a retention period of 86400 seconds, allowed is more than that of the queue \(345600 seconds\)/,
  },
  'Spillway-Redrive-RetentionNotLonger': {
    fails: { Dead: queue(), Jobs: queue(redrive()) },
    // a FIFO message's time starts anew when it moves
    passes: { Dead: fifo(), Jobs: fifo(redrive()) },
    says: /got Stack\/Dead with the queue's own MessageRetentionPeriod \(345600\), allowed .* is more/,
  },
  'Spillway-Redrive-SourceRefused': {
    fails: {
      Dead: queue({ ...LONG, RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [arn('Other')] } }),
      Other: queue(),
      Jobs: queue(redrive()),
    },
    passes: {
      Dead: queue({ ...LONG, RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [arn('Jobs')] } }),
      Jobs: queue(redrive()),
    },
    says: /got Stack\/Dead with a RedriveAllowPolicy of byQueue for Stack\/Other, allowed is one that permits this queue/,
  },
  'Spillway-Redrive-ToItself': {
    fails: { Jobs: queue(redrive(5, 'Jobs')) },
    passes: { Dead: queue(LONG), Jobs: queue(redrive()) },
    says: /got the queue itself, allowed is another queue/,
    along: ['Spillway-Redrive-RetentionNotLonger'],
  },
  'Spillway-Mapping-SourceIsUrl': {
    fails: mapped({ EventSourceArn: { Ref: 'Jobs' } }),
    passes: mapped({}),
    says: /EventSourceArn: got the URL of Stack\/Jobs, allowed is its ARN/,
  },
  'Spillway-Mapping-VisibilityBelowTimeout': {
    fails: mapped({}, {}, { Timeout: 31 }),
    passes: mapped({}, { VisibilityTimeout: 186 }, { Timeout: 31 }),
    says: /EventSourceArn: got Stack\/Jobs with a VisibilityTimeout of 30, allowed are 31 seconds/,
  },
  'Spillway-Mapping-VisibilityTight': {
    fails: mapped({}, { VisibilityTimeout: 60 }, { Timeout: 60 }),
    passes: mapped({ MaximumBatchingWindowInSeconds: 5 }, { VisibilityTimeout: 365 }, { Timeout: 60 }),
    says: /a visibility timeout of 60 seconds, allowed without an acknowledgement are 360 seconds/,
  },
  'Spillway-Mapping-FewReceives': {
    fails: { ...mapped({}, redrive(4)), Dead: queue(LONG) },
    passes: { ...mapped({}, redrive(5)), Dead: queue(LONG) },
    says: /maxReceiveCount of 4, allowed without an acknowledgement are 5/,
  },
  'Spillway-Mapping-ConcurrencyOutOfRange': {
    fails: mapped({ ScalingConfig: { MaximumConcurrency: 1 } }),
    passes: mapped({ ScalingConfig: { MaximumConcurrency: 2 } }),
    says: /ScalingConfig.MaximumConcurrency: got 1, allowed are whole numbers from 2 to 1,000/,
  },
  'Spillway-Mapping-ConcurrencyAboveReserved': {
    fails: {
      ...mapped(
        { ScalingConfig: { MaximumConcurrency: 10 }, FunctionName: { Ref: 'Live' } },
        {},
        { ReservedConcurrentExecutions: 5 },
      ),
      Live: ['AWS::Lambda::Alias', { FunctionName: { Ref: 'Fn' }, Name: 'live' }],
    },
    passes: mapped({ ScalingConfig: { MaximumConcurrency: 5 } }, {}, { ReservedConcurrentExecutions: 5 }),
    says: /MaximumConcurrency: got 10, allowed are up to 5, the reserved concurrency of Stack\/Fn/,
  },
  'Spillway-Mapping-PollersAndConcurrency': {
    fails: mapped({ ScalingConfig: { MaximumConcurrency: 5 }, ProvisionedPollerConfig: { MinimumPollers: 2 } }),
    passes: mapped({ ProvisionedPollerConfig: { MinimumPollers: 2 } }),
    says: /ProvisionedPollerConfig: got provisioned pollers beside a maximum concurrency, allowed is one of the two/,
  },
  'Spillway-Mapping-BatchSizeOutOfRange': {
    fails: { ...mapped({ BatchSize: 11 }), Jobs: fifo() },
    passes: mapped({ BatchSize: 10_000, MaximumBatchingWindowInSeconds: 1 }),
    says: /BatchSize: got 11, allowed are whole numbers from 1 to 10 for a FIFO queue/,
  },
  'Spillway-Mapping-WindowOutOfRange': {
    fails: mapped({ MaximumBatchingWindowInSeconds: 301 }, { VisibilityTimeout: 400 }),
    passes: mapped({ MaximumBatchingWindowInSeconds: 300 }, { VisibilityTimeout: 400 }),
    says: /MaximumBatchingWindowInSeconds: got 301 seconds, allowed are whole seconds from 0 to 300/,
  },
  'Spillway-Mapping-BatchNeedsWindow': {
    fails: mapped({ BatchSize: 11 }),
    passes: mapped({ BatchSize: 11, MaximumBatchingWindowInSeconds: 1 }),
    says: /MaximumBatchingWindowInSeconds: got none, allowed with batches of 11 are 1 to 300 seconds/,
  },
  'Spillway-Mapping-WindowOnFifo': {
    fails: { ...mapped({ MaximumBatchingWindowInSeconds: 1 }), Jobs: fifo() },
    passes: { ...mapped({}), Jobs: fifo() },
    says: /MaximumBatchingWindowInSeconds: got 1 second, allowed is none for a FIFO queue/,
  },
  'Spillway-Mapping-StreamsOnly': {
    fails: mapped({ DestinationConfig: { OnFailure: { Destination: arn('Jobs') } } }),
    passes: mapped({ FunctionResponseTypes: ['ReportBatchItemFailures'] }),
    says: /DestinationConfig: got .*OnFailure.*, allowed is none for a queue/,
  },
  'Spillway-Mapping-OtherRegion': {
    fails: [template({ ...mapped({ EventSourceArn: 'arn:aws:sqs:eu-west-3:111122223333:jobs' }) }, ireland)],
    passes: [template({ ...mapped({ EventSourceArn: 'arn:aws:sqs:eu-west-1:444455556666:jobs' }) }, ireland)],
    says: /EventSourceArn: got arn:aws:sqs:eu-west-3:111122223333:jobs in eu-west-3 for Stack\/Fn in eu-west-1, allowed/,
  },
  'Spillway-Mapping-TooManyFilters': {
    fails: mapped({ FilterCriteria: { Filters: Array.from({ length: 11 }, () => ({ Pattern: '{}' })) } }),
    passes: mapped({ FilterCriteria: { Filters: [{ Pattern: '{}' }] } }),
    says: /FilterCriteria.Filters: got 11, allowed are up to 10/,
  },
  'Spillway-Mapping-FiltersShareQueue': {
    fails: {
      ...mapped({ FilterCriteria: { Filters: [{ Pattern: '{}' }] } }),
      Other: mapping(),
    },
    passes: mapped({ FilterCriteria: { Filters: [{ Pattern: '{}' }] } }),
    says: /EventSourceArn: got Stack\/Jobs, which is mapped to Stack\/Fn as well, and with filters; allowed is one mapping/,
  },
  'Spillway-Mapping-QueueShared': {
    fails: { ...mapped({}), Other: mapping() },
    passes: { ...mapped({}), Two: queue(), Other: mapping({ EventSourceArn: arn('Two') }) },
    says: /EventSourceArn: got Stack\/Jobs, which is mapped to Stack\/Fn as well; allowed/,
  },
  'Spillway-Delivery-TargetIsUrl': {
    fails: { ...topicToQueue({}), Sub: subscription({ Endpoint: { Ref: 'Jobs' } }) },
    passes: topicToQueue({}),
    says: /Endpoint: got the URL of Stack\/Jobs, allowed is its ARN/,
  },
  'Spillway-Delivery-TopicKindMismatch': {
    fails: { ...topicToQueue({}), Jobs: fifo() },
    passes: { ...topicToQueue({}, { FifoTopic: true }), Jobs: fifo() },
    says: /Endpoint: got the FIFO queue Stack\/Jobs for a standard topic, allowed is a standard queue, or a FIFO topic; .*FIFO SQS Queues can not/,
  },
  'Spillway-Delivery-DeadLetterKindMismatch': {
    fails: {
      Topic: topic(),
      Jobs: fifo(),
      Sub: subscription({
        Protocol: 'https',
        Endpoint: 'https://x.example',
        RedrivePolicy: { deadLetterTargetArn: arn('Jobs') },
      }),
      Policy: openTo('sns.amazonaws.com'),
    },
    passes: {
      Topic: topic(),
      Jobs: queue(),
      Sub: subscription({
        Protocol: 'https',
        Endpoint: 'https://x.example',
        RedrivePolicy: { deadLetterTargetArn: arn('Jobs') },
      }),
      Policy: openTo('sns.amazonaws.com'),
    },
    says: /RedrivePolicy.deadLetterTargetArn: got the FIFO queue Stack\/Jobs, allowed is a standard queue/,
  },
  'Spillway-Delivery-FifoUnsupported': {
    fails: { Jobs: fifo(), Bucket: bucket(), Policy: openTo('s3.amazonaws.com') },
    passes: { Jobs: queue(), Bucket: bucket(), Policy: openTo('s3.amazonaws.com') },
    says: /QueueConfigurations\[0\].Queue: got the FIFO queue Stack\/Jobs, allowed are standard queues; S3 can't/,
  },
  'Spillway-Delivery-GroupMissing': {
    fails: { Jobs: fifo(), Rule: rule(), Policy: openTo('events.amazonaws.com') },
    passes: {
      Jobs: fifo(),
      Rule: rule({ SqsParameters: { MessageGroupId: 'all' } }),
      Policy: openTo('events.amazonaws.com'),
    },
    says: /Targets\[0\].SqsParameters.MessageGroupId: got none, allowed is a group for the FIFO queue Stack\/Jobs/,
  },
  'Spillway-Delivery-DeduplicationMissing': {
    fails: {
      Jobs: queue(FIFO),
      Schedule: [
        'AWS::Scheduler::Schedule',
        { Target: { Arn: arn('Jobs'), RoleArn: 'r', SqsParameters: { MessageGroupId: 'a' } } },
      ],
    },
    passes: {
      Jobs: fifo(),
      Schedule: [
        'AWS::Scheduler::Schedule',
        { Target: { Arn: arn('Jobs'), RoleArn: 'r', SqsParameters: { MessageGroupId: 'a' } } },
      ],
    },
    says: /Target.Arn: got the FIFO queue Stack\/Jobs without content-based deduplication, allowed are FIFO queues with it/,
  },
  'Spillway-Delivery-OtherRegion': {
    fails: [
      template({ Jobs: queue({ QueueName: 'jobs' }), Policy: openTo('s3.amazonaws.com') }, paris),
      template({ Bucket: bucket('arn:aws:sqs:eu-west-3:111122223333:jobs') }, ireland),
    ],
    passes: [template({ Jobs: queue(), Bucket: bucket(), Policy: openTo('s3.amazonaws.com') }, ireland)],
    says: /got Paris\/Jobs in eu-west-3, allowed is a queue in eu-west-1; S3 sends messages within a Region only/,
  },
  'Spillway-Delivery-ManagedKey': {
    fails: { Jobs: queue({ KmsMasterKeyId: 'alias/aws/sqs' }), Bucket: bucket(), Policy: openTo('s3.amazonaws.com') },
    passes: { Jobs: queue({ SqsManagedSseEnabled: true }), Bucket: bucket(), Policy: openTo('s3.amazonaws.com') },
    says: /got Stack\/Jobs with the key alias\/aws\/sqs, allowed are SSE-SQS or a key of your own/,
  },
  'Spillway-Delivery-KeyRefuses': {
    fails: {
      Key: key(keyUse('events.amazonaws.com', 'kms:Decrypt')),
      Alias: ['AWS::KMS::Alias', { AliasName: 'alias/jobs', TargetKeyId: arn('Key') }],
      Jobs: queue({ KmsMasterKeyId: 'alias/jobs' }),
      Rule: rule(),
      Policy: openTo('events.amazonaws.com'),
    },
    passes: {
      Key: key(keyUse('events.amazonaws.com')),
      Jobs: queue({ KmsMasterKeyId: arn('Key') }),
      Rule: rule(),
      Policy: openTo('events.amazonaws.com'),
    },
    says: /got Stack\/Jobs with the key Stack\/Key, allowed is a key whose KeyPolicy lets events.amazonaws.com use kms:GenerateDataKey;.*EventBridge drops/,
  },
  'Spillway-Delivery-KeyNamesSource': {
    fails: {
      Key: key({
        ...keyUse('events.amazonaws.com'),
        Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
      }),
      Jobs: queue({ KmsMasterKeyId: arn('Key') }),
      Rule: rule(),
      Policy: openTo('events.amazonaws.com'),
    },
    passes: {
      Key: key(
        { ...keyUse('events.amazonaws.com'), Condition: {} },
        { ...keyUse('sns.amazonaws.com'), Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } },
      ),
      Jobs: queue({ KmsMasterKeyId: arn('Key') }),
      Rule: rule(),
      Policy: openTo('events.amazonaws.com'),
    },
    says: /Targets\[0\].Arn: got Stack\/Jobs with the key Stack\/Key, whose KeyPolicy admits events.amazonaws.com on conditions of aws:SourceArn or aws:SourceAccount, allowed without/,
  },
  'Spillway-Delivery-KeyElsewhere': {
    fails: topicToQueue({ KmsMasterKeyId: 'alias/theirs' }),
    passes: topicToQueue({}),
    says: /got Stack\/Jobs with the key alias\/theirs, which is defined elsewhere, allowed .* is a key of this app/,
  },
  'Spillway-Delivery-QueueRefuses': {
    fails: { ...topicToQueue({}), Policy: openTo('s3.amazonaws.com') },
    passes: topicToQueue({}),
    says: /Endpoint: got Stack\/Jobs, allowed are queues whose policy lets sns.amazonaws.com use sqs:SendMessage/,
  },
  'Spillway-Delivery-QueueElsewhere': {
    fails: { Topic: topic(), Sub: subscription({ Endpoint: 'arn:aws:sqs:eu-west-1:111122223333:theirs' }) },
    passes: topicToQueue({}),
    says: /Endpoint: got arn:aws:sqs:eu-west-1:111122223333:theirs, which is defined elsewhere, allowed .* is a queue of this app/,
  },
  'Spillway-QueuePolicy-TargetIsArn': {
    fails: { Jobs: queue(), Policy: ['AWS::SQS::QueuePolicy', { Queues: [arn('Jobs')], PolicyDocument: {} }] },
    passes: { Jobs: queue(), Policy: policy() },
    says: /Queues\[0\]: got the ARN of a queue, allowed is its URL/,
  },
  'Spillway-QueuePolicy-Overwritten': {
    fails: { Jobs: queue(), Policy: policy(), Other: ['AWS::SQS::QueueInlinePolicy', { Queue: { Ref: 'Jobs' } }] },
    passes: { Jobs: queue(), Policy: policy() },
    says: /Queues: got a queue that Stack\/Other sets the policy of as well, allowed is one policy a queue/,
  },
  'Spillway-QueuePolicy-TooManyStatements': {
    fails: { Jobs: queue(), Policy: policy(...Array.from({ length: 21 }, () => allow('sns.amazonaws.com'))) },
    passes: { Jobs: queue(), Policy: policy(...Array.from({ length: 20 }, () => allow('sns.amazonaws.com'))) },
    says: /PolicyDocument.Statement: got 21, allowed are up to 20/,
  },
  'Spillway-QueuePolicy-OpenToEveryone': {
    fails: {
      Jobs: queue(),
      Policy: policy({ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: arn('Jobs') }),
    },
    passes: {
      Jobs: queue(),
      Policy: policy({
        Effect: 'Allow',
        Principal: '*',
        Action: 'sqs:*',
        Resource: arn('Jobs'),
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
      }),
    },
    says: /PolicyDocument.Statement\[0\].Condition: got none with the principal '\*', allowed is one/,
  },
  'Spillway-QueuePolicy-SourceUnnamed': {
    fails: { Jobs: queue(), Policy: policy(allow('sns.amazonaws.com', { Condition: undefined })) },
    passes: { Jobs: queue(), Policy: openTo('sns.amazonaws.com') },
    says: /Condition: got none that names a source with the principal sns.amazonaws.com, allowed .* aws:SourceArn or aws:SourceAccount/,
  },
  'Spillway-Alarm-QueueNameIsNot': {
    fails: { Jobs: queue(), Alarm: alarm({ Dimensions: [{ Name: 'QueueName', Value: { Ref: 'Jobs' } }] }) },
    passes: { Jobs: queue(), Alarm: alarm({}) },
    says: /Dimensions: got the URL of a queue for QueueName, allowed is its name/,
  },
  'Spillway-Alarm-UnknownMetric': {
    fails: { Jobs: queue(), Alarm: alarm({ MetricName: 'ApproximateNumberOfMessages' }) },
    passes: { Jobs: queue(), Alarm: alarm({ MetricName: 'ApproximateAgeOfOldestMessage' }) },
    says: /MetricName: got 'ApproximateNumberOfMessages', allowed are ApproximateNumberOfMessagesVisible, /,
  },
  'Spillway-Alarm-DeadLettersSent': {
    fails: {
      Jobs: queue(LONG),
      Source: queue(redrive(5, 'Jobs')),
      Alarm: alarm({ MetricName: 'NumberOfMessagesSent', Statistic: 'Sum' }),
    },
    passes: { Jobs: queue(LONG), Source: queue(redrive(5, 'Jobs')), Alarm: alarm({}) },
    says: /MetricName: got 'NumberOfMessagesSent' of the dead-letter queue Stack\/Jobs, allowed is ApproximateNumberOfMessagesVisible/,
  },
  'Spillway-Alarm-SumOfGauge': {
    fails: { Jobs: queue(), Alarm: alarm({ Statistic: 'Sum' }) },
    passes: { Jobs: queue(), Alarm: alarm({ Statistic: 'Maximum' }) },
    says: /Statistic: got Sum of ApproximateNumberOfMessagesVisible, allowed .* Maximum, Minimum and Average/,
  },
  'Spillway-Alarm-MissingData': {
    fails: { Jobs: queue(), Alarm: alarm({ TreatMissingData: undefined }) },
    passes: { Jobs: queue(), Alarm: alarm({ TreatMissingData: 'breaching' }) },
    says: /TreatMissingData: got missing, allowed .* notBreaching, breaching and ignore/,
  },
  'Spillway-Alarm-ScaleInIgnoresInFlight': {
    fails: {
      Jobs: queue(),
      In: ['AWS::AutoScaling::ScalingPolicy', { StepAdjustments: [{ ScalingAdjustment: -1 }] }],
      Alarm: alarm({ ComparisonOperator: 'LessThanThreshold', AlarmActions: [{ Ref: 'In' }] }),
    },
    passes: {
      Jobs: queue(),
      Out: ['AWS::AutoScaling::ScalingPolicy', { StepAdjustments: [{ ScalingAdjustment: 1 }] }],
      Alarm: alarm({ AlarmActions: [{ Ref: 'Out' }] }),
    },
    says: /AlarmActions: got Stack\/In on ApproximateNumberOfMessagesVisible alone, allowed .* ApproximateNumberOfMessagesNotVisible/,
  },
  'Spillway-AutoScaling-SizesCrossed': {
    fails: { Group: group({ MinSize: '3', MaxSize: '2' }) },
    passes: { Group: group({ MinSize: '2', MaxSize: '2' }) },
    says: /MinSize: got 3, allowed are up to MaxSize \(2\)/,
  },
  'Spillway-AutoScaling-DesiredOutside': {
    fails: { Group: group({ MinSize: '1', MaxSize: '2', DesiredCapacity: '3' }) },
    passes: { Group: group({ MinSize: '1', MaxSize: '2', DesiredCapacity: '2' }) },
    says: /DesiredCapacity: got 3, allowed are 1 \(MinSize\) to 2 \(MaxSize\)/,
  },
  'Spillway-AutoScaling-LaunchConfiguration': {
    fails: { Group: group({ MinSize: '0', MaxSize: '2', LaunchConfigurationName: 'x' }) },
    passes: { Group: group({ MinSize: '0', MaxSize: '2', LaunchTemplate: {} }) },
    says: /LaunchConfigurationName: got a launch configuration, allowed .* LaunchTemplate/,
  },
  'Spillway-AutoScaling-TracksBacklog': {
    fails: {
      Policy: [
        'AWS::AutoScaling::ScalingPolicy',
        {
          TargetTrackingConfiguration: {
            CustomizedMetricSpecification: { Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible' },
          },
        },
      ],
    },
    passes: {
      Policy: [
        'AWS::AutoScaling::ScalingPolicy',
        { TargetTrackingConfiguration: { CustomizedMetricSpecification: { Metrics: [{ Expression: 'a / b' }] } } },
      ],
    },
    says: /CustomizedMetricSpecification.MetricName: got ApproximateNumberOfMessagesVisible, allowed .* backlog per instance/,
  },
  'Spillway-Delivery-NotificationsOverlap': {
    fails: notifying(
      { Event: 's3:ObjectCreated:*', Queue: arn('Jobs'), Filter: s3Filter({ prefix: 'in/' }) },
      { Event: 's3:ObjectCreated:Put', Queue: arn('Jobs'), Filter: s3Filter({ prefix: 'in/new/', suffix: '.mp4' }) },
    ),
    passes: notifying(
      { Event: 's3:ObjectCreated:*', Queue: arn('Jobs'), Filter: s3Filter({ prefix: 'in/', suffix: '.mp4' }) },
      { Event: 's3:ObjectCreated:*', Queue: arn('Jobs'), Filter: s3Filter({ prefix: 'in/', suffix: '.txt' }) },
      { Event: 's3:ObjectCreated:*', Queue: arn('Jobs'), Filter: s3Filter({ prefix: 'out/' }) },
      { Event: 's3:ObjectRemoved:*', Queue: arn('Jobs') },
    ),
    says: /NotificationConfiguration.QueueConfigurations\[1\]: got s3:ObjectCreated:Put with prefix 'in\/new\/' with suffix '\.mp4', which overlaps s3:ObjectCreated:\* with prefix 'in\/' for \S+Jobs \(NotificationConfiguration.QueueConfigurations\[0\]\), allowed are events or filters that don't overlap/,
  },
};

const PAGE = readFileSync(join(__dirname, '../../docs/rules.md'), 'utf8');
const judge = (what: Resources | Stacks): Verdict => {
  const stacks = Array.isArray(what) ? (what as Stacks) : [template(what as Resources)];
  return verdictOn(...stacks);
};
const idsOf = ({ errors, warnings }: Verdict) => [
  ...new Set([...errors, ...warnings].map((text) => /\[(Spillway-[A-Za-z-]+)\]/.exec(text)?.[1])),
];

describe.each(Object.entries(CASES))('%s', (id, { fails, passes, says, along = [] }) => {
  test('fails on what breaks it, naming property, value and what is allowed', () => {
    const verdict = judge(fails);
    const texts = [...verdict.errors, ...verdict.warnings];
    expect(texts.filter((text) => text.includes(`[${id}]`))).toContainEqual(expect.stringMatching(says));
    expect(idsOf(verdict).sort()).toEqual([id, ...along].sort());
  });

  test('is documented with the severity that it has', () => {
    const [, severity] = new RegExp(`^### ${id}\n\n_(Error|Warning)\\._ `, 'm').exec(PAGE) ?? [];
    const { errors } = judge(fails);
    expect(severity).toBe(errors.some((text) => text.includes(`[${id}]`)) ? 'Error' : 'Warning');
  });

  test('passes what is in order', () => {
    expect(judge(passes)).toEqual({ errors: [], warnings: [] });
  });
});

const WITHOUT_STACKS = Object.entries(CASES).filter(([, { fails }]) => !Array.isArray(fails));

describe.each<Reference>(['strong', 'weak'])('with each resource in a stack of its own, and %s references,', (how) => {
  test.each(WITHOUT_STACKS)('%s finds the same', (_, { fails, passes }) => {
    for (const one of [fails, passes].filter((what): what is Resources => !Array.isArray(what))) {
      expect(idsOf(verdictOn(...spread(one, how))).sort()).toEqual(idsOf(judge(one)).sort());
    }
  });
});

test('every rule has its cases', () => {
  expect(Object.keys(CASES).sort()).toEqual([...(new QueueRulesPlugin().ruleIds ?? [])].sort());
});
