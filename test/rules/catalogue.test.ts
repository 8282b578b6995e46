import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Stack } from 'aws-cdk-lib/core';
import { mixins, QueueRulesPlugin } from '../../lib';
import { type Reference, spread, synthesized, template, verdictOn, type Verdict } from './plain-app';

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
const dead = (properties: object) => ({
  Jobs: queue(LONG),
  Source: queue(redrive(5, 'Jobs')),
  Alarm: alarm(properties),
});
const roleWith = (...Statement: object[]) =>
  ['AWS::IAM::Role', { Policies: [{ PolicyDocument: { Statement } }] }] as const;
const can = (Action: unknown, id: string) => ({ Effect: 'Allow', Action, Resource: arn(id) });
const pipe = (properties: object = {}) => ['AWS::Pipes::Pipe', { Source: arn('Jobs'), ...properties }] as const;
const endpoint = (service: string, PrivateDnsEnabled = true) =>
  ['AWS::EC2::VPCEndpoint', { VpcId: { Ref: 'Vpc' }, ServiceName: service, PrivateDnsEnabled }] as const;
const inSubnet = (more: Resources = {}): Resources => ({
  Jobs: queue(),
  Vpc: ['AWS::EC2::VPC', {}],
  Subnet: ['AWS::EC2::Subnet', { VpcId: { Ref: 'Vpc' } }],
  Table: ['AWS::EC2::RouteTable', { VpcId: { Ref: 'Vpc' } }],
  Association: [
    'AWS::EC2::SubnetRouteTableAssociation',
    { SubnetId: { Ref: 'Subnet' }, RouteTableId: { Ref: 'Table' } },
  ],
  Role: roleWith(can('sqs:SendMessage', 'Jobs')),
  Fn: lambda({ Role: arn('Role'), VpcConfig: { SubnetIds: [{ Ref: 'Subnet' }] } }),
  ...more,
});
const userData = (bytes: number) =>
  [
    'AWS::EC2::LaunchTemplate',
    {
      LaunchTemplateData: {
        UserData: { 'Fn::Base64': { 'Fn::Join': ['', ['x'.repeat(bytes), { Ref: 'AWS::Region' }]] } },
      },
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
  says: new RegExp(`${property} must be .*${allowed.source}.*, but was ${bad} (seconds?|bytes)`),
});

const CASES: Readonly<Record<string, Case>> = {
  'Spillway-Queue-NameInvalid': {
    fails: { Jobs: queue({ QueueName: 'jobs of today' }) },
    passes: { Jobs: queue({ QueueName: 'x'.repeat(80) }), Ordered: fifo({ QueueName: `${'x'.repeat(75)}.fifo` }) },
    says: /QueueName must be 1 to 80 .* but was 'jobs of today'/,
  },
  'Spillway-Queue-NameKindMismatch': {
    fails: { Jobs: queue({ QueueName: 'jobs.fifo' }) },
    passes: { Jobs: fifo({ QueueName: 'jobs.fifo' }), Unnamed: fifo() },
    says: /QueueName must end in '.fifo' .* but was 'jobs.fifo' for a standard queue/,
  },
  'Spillway-Queue-NameRepeated': {
    fails: [template({ Jobs: queue({ QueueName: 'jobs' }), Others: queue({ QueueName: 'jobs' }) }, ireland)],
    passes: [
      template({ Jobs: queue({ QueueName: 'jobs' }), Ordered: fifo({ QueueName: 'jobs.fifo' }) }, ireland),
      template({ Jobs: queue({ QueueName: 'jobs' }) }, paris),
    ],
    says: /QueueName must be a name that no other queue has .*, but was 'jobs', the name of Stack\/Jobs/,
  },
  'Spillway-Queue-DelayOutOfRange': range('DelaySeconds', 901, 900, /0 and 900/),
  'Spillway-Queue-VisibilityOutOfRange': range('VisibilityTimeout', 43_201, 43_200, /0 and 43,200/),
  'Spillway-Queue-RetentionOutOfRange': range('MessageRetentionPeriod', 1_209_601, 1_209_600, /60 and 1,209,600/),
  'Spillway-Queue-WaitTimeOutOfRange': range('ReceiveMessageWaitTimeSeconds', 21, 20, /0 and 20/),
  'Spillway-Queue-MessageSizeOutOfRange': range('MaximumMessageSize', 1_048_577, 1_048_576, /1,024 and 1,048,576/),
  'Spillway-Queue-DataKeyReuseOutOfRange': range('KmsDataKeyReusePeriodSeconds', 1, 60, /60 and 86,400/),
  'Spillway-Queue-DelayOutlivesRetention': {
    fails: { Jobs: queue({ DelaySeconds: 60, MessageRetentionPeriod: 60 }) },
    passes: { Jobs: queue({ DelaySeconds: 59, MessageRetentionPeriod: 60 }) },
    says: /DelaySeconds must be less than the retention period \(60 seconds\), but was 60 seconds/,
  },
  'Spillway-Queue-VisibilityOutlivesRetention': {
    fails: { Jobs: queue({ VisibilityTimeout: 600, MessageRetentionPeriod: 300 }) },
    passes: { Jobs: queue({ VisibilityTimeout: 600, MessageRetentionPeriod: 601 }) },
    says: /VisibilityTimeout must be less than the retention period \(300 seconds\), but was 600 seconds/,
  },
  'Spillway-Queue-FifoSettingOnStandard': {
    fails: { Jobs: queue({ ContentBasedDeduplication: true }) },
    passes: { Jobs: fifo() },
    says: /ContentBasedDeduplication must not be set on a standard queue, but was true/,
  },
  'Spillway-Queue-GroupThroughputNeedsGroupScope': {
    fails: { Jobs: fifo({ FifoThroughputLimit: 'perMessageGroupId' }) },
    passes: { Jobs: fifo({ FifoThroughputLimit: 'perMessageGroupId', DeduplicationScope: 'messageGroup' }) },
    says: /DeduplicationScope must be messageGroup .* but was queue/,
  },
  'Spillway-Queue-TwoEncryptions': {
    fails: { Jobs: queue({ SqsManagedSseEnabled: true, KmsMasterKeyId: 'alias/x' }) },
    passes: { Jobs: queue({ SqsManagedSseEnabled: false, KmsMasterKeyId: 'alias/x' }) },
    says: /SqsManagedSseEnabled must not be true if KmsMasterKeyId is set/,
  },
  'Spillway-Queue-DataKeyReuseWithoutKey': {
    fails: { Jobs: queue({ KmsDataKeyReusePeriodSeconds: 300 }) },
    passes: { Jobs: queue({ KmsDataKeyReusePeriodSeconds: 300, KmsMasterKeyId: 'alias/x' }) },
    says: /KmsDataKeyReusePeriodSeconds should not be set without a KMS key, but was 300 seconds/,
  },
  'Spillway-Queue-RedriveAllowPolicyInvalid': {
    fails: { Jobs: queue({ RedriveAllowPolicy: { redrivePermission: 'byQueue' } }) },
    passes: { Jobs: queue({ RedriveAllowPolicy: { redrivePermission: 'denyAll' } }) },
    says: /RedriveAllowPolicy must have 1 to 10 .* but had 0 sourceQueueArns with redrivePermission byQueue/,
  },
  'Spillway-Queue-MaxReceiveCountOutOfRange': {
    fails: { Dead: queue(LONG), Jobs: queue(redrive(1_001)) },
    passes: { Dead: queue(LONG), Jobs: queue(redrive(1_000)) },
    says: /RedrivePolicy.maxReceiveCount must be a whole number between 1 and 1,000, but was 1001/,
  },
  'Spillway-Redrive-SingleReceive': {
    fails: { Dead: queue(LONG), Jobs: queue(redrive(1)) },
    passes: { Dead: queue(LONG), Jobs: queue(redrive(2)) },
    says: /RedrivePolicy.maxReceiveCount should be 2 or more, but was 1/,
  },
  'Spillway-Redrive-KindMismatch': {
    fails: { Dead: queue(LONG), Jobs: fifo(redrive()) },
    passes: { Dead: fifo(), Jobs: fifo(redrive()) },
    says: /deadLetterTargetArn must be a FIFO queue for a FIFO queue, but was the standard queue Stack\/Dead/,
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
    says: /must be in eu-west-1, .* but Paris\/Dead is in eu-west-3/,
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
    says: /must be in account 111122223333, .* is in account 444455556666/,
  },
  'Spillway-Redrive-RetentionShorter': {
    fails: { Dead: queue({ MessageRetentionPeriod: 86_400 }), Jobs: queue(redrive()) },
    passes: { Dead: queue(LONG), Jobs: queue(redrive()) },
    says: /must have a longer retention period than the queue \(345600 seconds\), but Stack\/Dead has 86400 seconds/,
  },
  'Spillway-Redrive-RetentionNotLonger': {
    fails: { Dead: queue(), Jobs: queue(redrive()) },
    // a FIFO message's time starts anew when it moves
    passes: { Dead: fifo(), Jobs: fifo(redrive()) },
    says: /should be a queue with a longer MessageRetentionPeriod than this queue's own, but Stack\/Dead has the same \(345600\)/,
  },
  'Spillway-Redrive-SourceRefused': {
    fails: {
      Dead: queue({ ...LONG, RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [arn('Other')] } }),
      Other: queue(),
      Jobs: queue(redrive()),
    },
    passes: [
      template(
        {
          Dead: queue({
            ...LONG,
            RedriveAllowPolicy: {
              redrivePermission: 'byQueue',
              sourceQueueArns: ['arn:aws:sqs:eu-west-1:111122223333:jobs'],
            },
          }),
          Jobs: queue({ QueueName: 'jobs', ...redrive() }),
        },
        ireland,
      ),
    ],
    says: /must be a queue whose RedriveAllowPolicy permits this queue, but that of Stack\/Dead is byQueue for Stack\/Other/,
  },
  'Spillway-Redrive-ToItself': {
    fails: { Jobs: queue(redrive(5, 'Jobs')) },
    passes: { Dead: queue(LONG), Jobs: queue(redrive()) },
    says: /must be another queue, but was the queue itself/,
    along: ['Spillway-Redrive-RetentionNotLonger'],
  },
  'Spillway-Mapping-SourceIsUrl': {
    fails: mapped({ EventSourceArn: { Ref: 'Jobs' } }),
    passes: mapped({}),
    says: /EventSourceArn must be the ARN of Stack\/Jobs \(Fn::GetAtt Arn\), but was its URL/,
  },
  'Spillway-Mapping-VisibilityBelowTimeout': {
    fails: mapped({}, {}, { Timeout: 31 }),
    passes: mapped({}, { VisibilityTimeout: 186 }, { Timeout: 31 }),
    says: /EventSourceArn must be a queue with a VisibilityTimeout of at least 31 seconds .* but Stack\/Jobs has 30/,
  },
  'Spillway-Mapping-VisibilityTight': {
    fails: mapped({}, { VisibilityTimeout: 60 }, { Timeout: 60 }),
    passes: mapped({ MaximumBatchingWindowInSeconds: 5 }, { VisibilityTimeout: 365 }, { Timeout: 60 }),
    says: /a visibility timeout of at least 360 seconds, .* but that of \S+ is 60 seconds/,
  },
  'Spillway-Mapping-FewReceives': {
    fails: { ...mapped({}, redrive(4)), Dead: queue(LONG) },
    passes: { ...mapped({}, redrive(5)), Dead: queue(LONG) },
    says: /maxReceiveCount of 5 or more, but \S+ has 4/,
  },
  'Spillway-Mapping-ConcurrencyOutOfRange': {
    fails: mapped({ ScalingConfig: { MaximumConcurrency: 1 } }),
    passes: mapped({ ScalingConfig: { MaximumConcurrency: 2 } }),
    says: /ScalingConfig.MaximumConcurrency must be a whole number between 2 and 1,000, but was 1/,
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
    says: /MaximumConcurrency must be at most 5, the reserved concurrency of Stack\/Fn, but was 10/,
  },
  'Spillway-Mapping-ReservedOnly': {
    fails: mapped({}, {}, { ReservedConcurrentExecutions: 10 }),
    passes: mapped({ ScalingConfig: { MaximumConcurrency: 10 } }, {}, { ReservedConcurrentExecutions: 10 }),
    says: /ScalingConfig.MaximumConcurrency should be 2 to 10, the reserved concurrency of Stack\/Fn, but was not given/,
  },
  'Spillway-Mapping-PollersAndConcurrency': {
    fails: mapped({ ScalingConfig: { MaximumConcurrency: 5 }, ProvisionedPollerConfig: { MinimumPollers: 2 } }),
    passes: mapped({ ProvisionedPollerConfig: { MinimumPollers: 2 } }),
    says: /ProvisionedPollerConfig must not be set beside a maximum concurrency/,
  },
  'Spillway-Mapping-BatchSizeOutOfRange': {
    fails: { ...mapped({ BatchSize: 11 }), Jobs: fifo() },
    passes: mapped({ BatchSize: 10_000, MaximumBatchingWindowInSeconds: 1 }),
    says: /BatchSize must be a whole number between 1 and 10 for a FIFO queue, but was 11/,
  },
  'Spillway-Mapping-WindowOutOfRange': {
    fails: mapped({ MaximumBatchingWindowInSeconds: 301 }, { VisibilityTimeout: 400 }),
    passes: mapped({ MaximumBatchingWindowInSeconds: 300 }, { VisibilityTimeout: 400 }),
    says: /MaximumBatchingWindowInSeconds must be between 0 and 300 seconds .* but was 301 seconds/,
  },
  'Spillway-Mapping-BatchNeedsWindow': {
    fails: mapped({ BatchSize: 11 }),
    passes: mapped({ BatchSize: 11, MaximumBatchingWindowInSeconds: 1 }),
    says: /MaximumBatchingWindowInSeconds must be between 1 and 300 seconds with batches of 11, but was not given/,
  },
  'Spillway-Mapping-WindowOnFifo': {
    fails: { ...mapped({ MaximumBatchingWindowInSeconds: 1 }), Jobs: fifo() },
    passes: { ...mapped({}), Jobs: fifo() },
    says: /MaximumBatchingWindowInSeconds must not be set for a FIFO queue, but was 1 second/,
  },
  'Spillway-Mapping-StreamsOnly': {
    fails: mapped({ DestinationConfig: { OnFailure: { Destination: arn('Jobs') } } }),
    passes: mapped({ FunctionResponseTypes: ['ReportBatchItemFailures'] }),
    says: /DestinationConfig must not be set for a queue, but was .*OnFailure/,
  },
  'Spillway-Mapping-OtherRegion': {
    fails: [template({ ...mapped({ EventSourceArn: 'arn:aws:sqs:eu-west-3:111122223333:jobs' }) }, ireland)],
    passes: [template({ ...mapped({ EventSourceArn: 'arn:aws:sqs:eu-west-1:444455556666:jobs' }) }, ireland)],
    says: /EventSourceArn must connect .* of one Region, but Stack\/Fn is in eu-west-1 and arn:aws:sqs:eu-west-3:111122223333:jobs in eu-west-3/,
  },
  'Spillway-Mapping-TooManyFilters': {
    fails: mapped({ FilterCriteria: { Filters: Array.from({ length: 11 }, () => ({ Pattern: '{}' })) } }),
    passes: mapped({ FilterCriteria: { Filters: [{ Pattern: '{}' }] } }),
    says: /FilterCriteria.Filters must have at most 10 patterns .* but had 11/,
  },
  'Spillway-Mapping-FiltersShareQueue': {
    fails: {
      ...mapped({ FilterCriteria: { Filters: [{ Pattern: '{}' }] } }),
      Other: mapping(),
    },
    passes: mapped({ FilterCriteria: { Filters: [{ Pattern: '{}' }] } }),
    says: /EventSourceArn must be a queue without another mapping if there are filters, but Stack\/Jobs is mapped to Stack\/Fn as well/,
  },
  'Spillway-Mapping-QueueShared': {
    fails: { ...mapped({}), Other: mapping() },
    passes: { ...mapped({}), Two: queue(), Other: mapping({ EventSourceArn: arn('Two') }) },
    says: /EventSourceArn should be a queue without another mapping, but Stack\/Jobs is mapped to Stack\/Fn as well/,
  },
  'Spillway-Delivery-TargetIsUrl': {
    fails: { ...topicToQueue({}), Sub: subscription({ Endpoint: { Ref: 'Jobs' } }) },
    passes: topicToQueue({}),
    says: /Endpoint must be the ARN of Stack\/Jobs \(Fn::GetAtt Arn\), but was its URL/,
  },
  'Spillway-Delivery-TopicKindMismatch': {
    fails: { ...topicToQueue({}), Jobs: fifo() },
    passes: { ...topicToQueue({}, { FifoTopic: true }), Jobs: fifo() },
    says: /Endpoint must be a standard queue for a standard topic, but was the FIFO queue Stack\/Jobs; .*FIFO SQS Queues can not/,
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
    says: /RedrivePolicy.deadLetterTargetArn must be a standard queue, .* but was the FIFO queue Stack\/Jobs/,
  },
  'Spillway-Delivery-FifoUnsupported': {
    fails: { Jobs: fifo(), Bucket: bucket(), Policy: openTo('s3.amazonaws.com') },
    passes: { Jobs: queue(), Bucket: bucket(), Policy: openTo('s3.amazonaws.com') },
    says: /QueueConfigurations\[0\].Queue must be a standard queue, but was the FIFO queue Stack\/Jobs; S3 can't/,
  },
  'Spillway-Delivery-GroupMissing': {
    fails: { Jobs: fifo(), Rule: rule(), Policy: openTo('events.amazonaws.com') },
    passes: {
      Jobs: fifo(),
      Rule: rule({ SqsParameters: { MessageGroupId: 'all' } }),
      Policy: openTo('events.amazonaws.com'),
    },
    says: /Targets\[0\].SqsParameters.MessageGroupId must be .* for the FIFO queue Stack\/Jobs, but was not given/,
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
    says: /Target.Arn must have content-based deduplication if it is a FIFO queue, but Stack\/Jobs has not/,
  },
  'Spillway-Delivery-OtherRegion': {
    fails: [
      template({ Jobs: queue({ QueueName: 'jobs' }), Policy: openTo('s3.amazonaws.com') }, paris),
      template({ Bucket: bucket('arn:aws:sqs:eu-west-3:111122223333:jobs') }, ireland),
    ],
    passes: [template({ Jobs: queue(), Bucket: bucket(), Policy: openTo('s3.amazonaws.com') }, ireland)],
    says: /must be a queue in eu-west-1, but Paris\/Jobs is in eu-west-3; S3 sends messages within a Region only/,
  },
  'Spillway-Delivery-ManagedKey': {
    fails: { Jobs: queue({ KmsMasterKeyId: 'alias/aws/sqs' }), Bucket: bucket(), Policy: openTo('s3.amazonaws.com') },
    passes: { Jobs: queue({ SqsManagedSseEnabled: true }), Bucket: bucket(), Policy: openTo('s3.amazonaws.com') },
    says: /must have SSE-SQS or a key of your own, but Stack\/Jobs has the key alias\/aws\/sqs/,
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
    says: /must be a queue whose key lets events.amazonaws.com use kms:GenerateDataKey, but the KeyPolicy of Stack\/Key, the key of Stack\/Jobs, does not;.*EventBridge drops/,
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
    says: /Targets\[0\].Arn should be a queue whose key admits events.amazonaws.com without conditions on aws:SourceArn or aws:SourceAccount, but the KeyPolicy of Stack\/Key, the key of Stack\/Jobs, has them/,
  },
  'Spillway-Delivery-KeyElsewhere': {
    fails: topicToQueue({ KmsMasterKeyId: 'alias/theirs' }),
    passes: topicToQueue({}),
    says: /should have a key of this app, but Stack\/Jobs has the key alias\/theirs, which is defined elsewhere/,
  },
  'Spillway-Delivery-QueueRefuses': {
    fails: { ...topicToQueue({}), Policy: openTo('s3.amazonaws.com') },
    passes: topicToQueue({}),
    says: /Endpoint must be a queue whose policy lets sns.amazonaws.com use sqs:SendMessage, but that of Stack\/Jobs does not/,
  },
  'Spillway-Delivery-QueueElsewhere': {
    fails: { Topic: topic(), Sub: subscription({ Endpoint: 'arn:aws:sqs:eu-west-1:111122223333:theirs' }) },
    passes: topicToQueue({}),
    says: /Endpoint should be a queue of this app, but arn:aws:sqs:eu-west-1:111122223333:theirs is defined elsewhere/,
  },
  'Spillway-QueuePolicy-TargetIsArn': {
    fails: { Jobs: queue(), Policy: ['AWS::SQS::QueuePolicy', { Queues: [arn('Jobs')], PolicyDocument: {} }] },
    passes: { Jobs: queue(), Policy: policy() },
    says: /Queues\[0\] must be the URL of a queue \(Ref\), but was its ARN/,
  },
  'Spillway-QueuePolicy-Overwritten': {
    fails: { Jobs: queue(), Policy: policy(), Other: ['AWS::SQS::QueueInlinePolicy', { Queue: { Ref: 'Jobs' } }] },
    passes: { Jobs: queue(), Policy: policy() },
    says: /Queues must be a queue without another policy, but Stack\/Other sets one as well/,
  },
  'Spillway-QueuePolicy-TooManyStatements': {
    fails: { Jobs: queue(), Policy: policy(...Array.from({ length: 21 }, () => allow('sns.amazonaws.com'))) },
    passes: { Jobs: queue(), Policy: policy(...Array.from({ length: 20 }, () => allow('sns.amazonaws.com'))) },
    says: /PolicyDocument.Statement must have at most 20, but had 21/,
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
    says: /PolicyDocument.Statement\[0\].Condition must name who may use the queue if the principal is '\*', but was not given/,
  },
  'Spillway-QueuePolicy-SourceUnnamed': {
    fails: { Jobs: queue(), Policy: policy(allow('sns.amazonaws.com', { Condition: undefined })) },
    passes: { Jobs: queue(), Policy: openTo('sns.amazonaws.com') },
    says: /Condition should have aws:SourceArn or aws:SourceAccount with the principal sns.amazonaws.com, but had neither/,
  },
  'Spillway-Alarm-QueueNameIsNot': {
    fails: { Jobs: queue(), Alarm: alarm({ Dimensions: [{ Name: 'QueueName', Value: { Ref: 'Jobs' } }] }) },
    passes: { Jobs: queue(), Alarm: alarm({}) },
    says: /Dimensions must have the queue's name as QueueName \(Fn::GetAtt QueueName\), but had its URL/,
  },
  'Spillway-Alarm-UnknownMetric': {
    fails: { Jobs: queue(), Alarm: alarm({ MetricName: 'ApproximateNumberOfMessages' }) },
    passes: { Jobs: queue(), Alarm: alarm({ MetricName: 'ApproximateAgeOfOldestMessage' }) },
    says: /MetricName must be one of ApproximateNumberOfMessagesVisible, .* but was 'ApproximateNumberOfMessages'/,
  },
  'Spillway-Alarm-DeadLettersSent': {
    fails: {
      Jobs: queue(LONG),
      Source: queue(redrive(5, 'Jobs')),
      Alarm: alarm({ MetricName: 'NumberOfMessagesSent', Statistic: 'Sum' }),
    },
    passes: { Jobs: queue(LONG), Source: queue(redrive(5, 'Jobs')), Alarm: alarm({}) },
    says: /MetricName must be ApproximateNumberOfMessagesVisible for the dead-letter queue Stack\/Jobs, but was 'NumberOfMessagesSent'/,
  },
  'Spillway-Alarm-QueueMissing': {
    fails: { Jobs: queue(), Alarm: alarm({ Dimensions: undefined }) },
    passes: { Jobs: queue(), Alarm: alarm({}) },
    says: /Dimensions must have QueueName, but had not/,
  },
  'Spillway-Alarm-OtherRegion': {
    fails: [
      template({ Jobs: queue({ QueueName: 'jobs' }) }, paris),
      template({ Alarm: alarm({ Dimensions: [{ Name: 'QueueName', Value: 'jobs' }] }) }, ireland),
    ],
    passes: [template({ Jobs: queue(), Alarm: alarm({}) }, ireland)],
    says: /Dimensions must name a queue in eu-west-1, the alarm's own Region, but Paris\/Jobs is in eu-west-3/,
  },
  'Spillway-Alarm-FirstDeadLetter': {
    fails: dead({ Threshold: 1 }),
    passes: dead({ Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' }),
    says: /Threshold should be 0 with GreaterThanThreshold for the dead-letter queue Stack\/Jobs, but was 1/,
  },
  'Spillway-Alarm-PeriodBelowMinute': {
    fails: { Jobs: queue(), Alarm: alarm({ Period: 10 }) },
    passes: { Jobs: queue(), Alarm: alarm({ Period: 60 }) },
    says: /Period should be 60 seconds or more, but was 10/,
  },
  'Spillway-Alarm-SumOfGauge': {
    fails: { Jobs: queue(), Alarm: alarm({ Statistic: 'Sum' }) },
    passes: { Jobs: queue(), Alarm: alarm({ Statistic: 'Maximum' }) },
    says: /Statistic should be Maximum, Minimum or Average of ApproximateNumberOfMessagesVisible, but was Sum/,
  },
  'Spillway-Alarm-MissingData': {
    fails: { Jobs: queue(), Alarm: alarm({ TreatMissingData: undefined }) },
    passes: { Jobs: queue(), Alarm: alarm({ TreatMissingData: 'breaching' }) },
    says: /TreatMissingData should be notBreaching, breaching or ignore, but was missing/,
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
    says: /AlarmActions should scale in on ApproximateNumberOfMessagesVisible plus ApproximateNumberOfMessagesNotVisible, but Stack\/In scales in on ApproximateNumberOfMessagesVisible alone/,
  },
  'Spillway-AutoScaling-UserDataTooLarge': {
    fails: { Template: userData(16_385) },
    passes: { Template: userData(16_384) },
    says: /LaunchTemplateData.UserData must be at most 16,384 bytes before it is encoded, but was 16,385/,
  },
  'Spillway-Pipe-SourceIsUrl': {
    fails: { Jobs: queue(), Pipe: pipe({ Source: { Ref: 'Jobs' } }) },
    passes: { Jobs: queue(), Pipe: pipe() },
    says: /Source must be the ARN of Stack\/Jobs \(Fn::GetAtt Arn\), but was its URL/,
  },
  'Spillway-Pipe-BatchSizeOutOfRange': {
    fails: { Jobs: fifo(), Pipe: pipe({ SourceParameters: { SqsQueueParameters: { BatchSize: 11 } } }) },
    passes: { Jobs: queue(), Pipe: pipe({ SourceParameters: { SqsQueueParameters: { BatchSize: 10_000 } } }) },
    says: /SourceParameters.SqsQueueParameters.BatchSize must be a whole number between 1 and 10, but was 11/,
  },
  'Spillway-Pipe-QueueShared': {
    fails: { ...mapped({}), Pipe: pipe() },
    passes: { ...mapped({}), Two: queue(), Pipe: pipe({ Source: arn('Two'), Target: arn('Fn') }) },
    says: /Source should be a queue without another consumer, but Stack\/Map takes messages from Stack\/Jobs as well/,
  },
  'Spillway-Role-KeyMissing': {
    fails: {
      Key: key(),
      Jobs: queue({ KmsMasterKeyId: { Ref: 'Key' } }),
      Role: roleWith(can('sqs:SendMessage', 'Jobs'), can('kms:GenerateDataKey*', 'Key')),
    },
    passes: {
      Role: roleWith(),
      Reader: ['AWS::IAM::Role', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }],
      Key: key({ Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*', Principal: { AWS: arn('Role') } }),
      Jobs: queue({ KmsMasterKeyId: { Ref: 'Key' } }),
      Policy: [
        'AWS::IAM::Policy',
        {
          Roles: [{ Ref: 'Role' }],
          PolicyDocument: { Statement: [can('sqs:SendMessage', 'Jobs'), can('kms:GenerateDataKey*', 'Key')] },
        },
      ],
      Reading: [
        'AWS::IAM::Policy',
        { Roles: [{ Ref: 'Reader' }], PolicyDocument: { Statement: [can('sqs:ReceiveMessage', 'Jobs')] } },
      ],
    },
    says: /Policies\[0\].PolicyDocument.Statement\[0\] must come with kms:Decrypt on Stack\/Key, the key of Stack\/Jobs, but Stack\/Role may not/,
  },
  'Spillway-Network-EndpointsConflict': {
    fails: { Vpc: ['AWS::EC2::VPC', {}], One: endpoint('com.amazonaws.x.sqs'), Two: endpoint('com.amazonaws.x.sqs') },
    passes: {
      Vpc: ['AWS::EC2::VPC', {}],
      One: endpoint('com.amazonaws.x.sqs'),
      Two: endpoint('com.amazonaws.x.sqs', false),
      Three: endpoint('com.amazonaws.x.sns'),
    },
    says: /PrivateDnsEnabled must be true for one endpoint of com.amazonaws.x.sqs in a VPC, but is for \S+One as well/,
  },
  'Spillway-Network-QueueUnreachable': {
    fails: inSubnet(),
    passes: inSubnet({ Endpoint: endpoint('com.amazonaws.eu-west-1.sqs') }),
    says: /VpcConfig.SubnetIds should be subnets with a route out of the VPC, .* but Stack\/Subnet had neither/,
  },
  'Spillway-Stack-CircularReference': {
    fails: {
      Dead: queue({ ...LONG, RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [arn('Jobs')] } }),
      Jobs: queue(redrive()),
    },
    passes: { Dead: queue(LONG), Jobs: queue(redrive()) },
    says: /RedriveAllowPolicy must not lead back to the resource itself, but does: Stack\/Dead -> Stack\/Jobs -> Stack\/Dead/,
  },
  'Spillway-AutoScaling-SizesCrossed': {
    fails: { Group: group({ MinSize: '3', MaxSize: '2' }) },
    passes: { Group: group({ MinSize: '2', MaxSize: '2' }) },
    says: /MinSize must be at most MaxSize \(2\), but was 3/,
  },
  'Spillway-AutoScaling-DesiredOutside': {
    fails: { Group: group({ MinSize: '1', MaxSize: '2', DesiredCapacity: '3' }) },
    passes: { Group: group({ MinSize: '1', MaxSize: '2', DesiredCapacity: '2' }) },
    says: /DesiredCapacity must be between 1 \(MinSize\) and 2 \(MaxSize\), but was 3/,
  },
  'Spillway-AutoScaling-LaunchConfiguration': {
    fails: { Group: group({ MinSize: '0', MaxSize: '2', LaunchConfigurationName: 'x' }) },
    passes: { Group: group({ MinSize: '0', MaxSize: '2', LaunchTemplate: {} }) },
    says: /LaunchConfigurationName should not be set: use a LaunchTemplate/,
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
    says: /CustomizedMetricSpecification.MetricName should be a backlog per instance .* but was ApproximateNumberOfMessagesVisible/,
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
    says: /NotificationConfiguration.QueueConfigurations\[1\] must have events or filters that don't overlap, but s3:ObjectCreated:Put with prefix 'in\/new\/' with suffix '\.mp4' overlaps s3:ObjectCreated:\* with prefix 'in\/' for \S+Jobs \(NotificationConfiguration.QueueConfigurations\[0\]\)/,
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

test.each<[string, Resources, RegExp]>([
  [
    'a destination of asynchronous invocations',
    {
      Jobs: fifo(),
      Config: ['AWS::Lambda::EventInvokeConfig', { DestinationConfig: { OnFailure: { Destination: arn('Jobs') } } }],
    },
    /Config: DestinationConfig.OnFailure.Destination must be a standard queue, but was the FIFO queue Stack\/Jobs; Lambda can't/,
  ],
  [
    'the target of a pipe',
    { Jobs: queue(FIFO), Pipe: ['AWS::Pipes::Pipe', { Target: arn('Jobs') }] },
    /TargetParameters.SqsQueueParameters.MessageGroupId must be .* for the FIFO queue Stack\/Jobs, but was not given/,
  ],
])('%s is a delivery', (_, resources, says) => {
  expect(judge(resources).errors).toContainEqual(expect.stringMatching(says));
});

test('a pipe may give its messages to a FIFO queue a deduplication id', () => {
  const SqsQueueParameters = { MessageGroupId: 'g', MessageDeduplicationId: '$.id' };
  const Pipe = ['AWS::Pipes::Pipe', { Target: arn('Jobs'), TargetParameters: { SqsQueueParameters } }] as const;
  expect(judge({ Jobs: queue(FIFO), Pipe })).toEqual({ errors: [], warnings: [] });
});

test('a dead-letter queue of a function with its own key is found in the plain L2', () => {
  const app = new App();
  app.with(new mixins.QueueRules());
  const stack = new Stack(app, 'Stack');
  const deadLetterQueue = new Queue(stack, 'Dead', { encryptionMasterKey: new Key(stack, 'Key') });
  const code = Code.fromInline('exports.handler = () => {};');
  new LambdaFunction(stack, 'Fn', { runtime: Runtime.NODEJS_22_X, handler: 'index.handler', code, deadLetterQueue });
  expect(synthesized(app).errors).toEqual([
    expect.stringMatching(/DefaultPolicy\/Resource: PolicyDocument.Statement\[0\] must come with kms:GenerateDataKey/),
  ]);
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
