import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, FilterRule, Function, type IFunction, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import {
  FifoQueue,
  KinesisPipeline,
  type KinesisPipelineProps,
  LambdaStreamConsumer,
  type LambdaStreamConsumerProps,
  MessageFilter,
  QueueEncryption,
  StandardQueue,
  StreamCapacity,
} from '../../lib';

const MAPPING = 'AWS::Lambda::EventSourceMapping';
const handler = (scope: Stack): IFunction =>
  new Function(scope, 'Handler', {
    code: Code.fromInline('exports.handler = () => {}'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
  });

function pipeline(props?: KinesisPipelineProps): Template {
  const scope = new Stack(new App(), 'Stack');
  new KinesisPipeline(scope, 'Clicks', props);
  return Template.fromStack(scope);
}

function consumed(
  props?: LambdaStreamConsumerProps | ((scope: Stack) => LambdaStreamConsumerProps),
  make = handler,
  stream?: KinesisPipelineProps,
) {
  const scope = new Stack(new App(), 'Stack');
  const consumer = new LambdaStreamConsumer(make(scope), typeof props === 'function' ? props(scope) : props);
  new KinesisPipeline(scope, 'Clicks', { ...stream, consumers: [consumer] });
  return { scope, consumer, template: Template.fromStack(scope) };
}

/** What the function's role may do, by resource. */
function allowed(template: Template): Record<string, unknown> {
  const [policy] = Object.values(template.findResources('AWS::IAM::Policy')) as {
    Properties: { PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] } };
  }[];
  return Object.fromEntries(
    policy.Properties.PolicyDocument.Statement.map(({ Action, Resource }) => [
      JSON.stringify(Resource).replace(/[0-9A-F]{8}"/, '"'),
      Action,
    ]),
  );
}

const READ = [
  'kinesis:DescribeStream',
  'kinesis:DescribeStreamSummary',
  'kinesis:GetRecords',
  'kinesis:GetShardIterator',
  'kinesis:ListShards',
];
const arn = (id: string) => `{"Fn::GetAtt":["${id}","Arn"]}`;

describe('KinesisPipeline', () => {
  test('by default takes what comes, encrypted, keeps it for a week, and stays when the stack goes', () => {
    pipeline().hasResource('AWS::Kinesis::Stream', {
      Properties: {
        StreamModeDetails: { StreamMode: 'ON_DEMAND' },
        ShardCount: Match.absent(),
        RetentionPeriodHours: 168,
        StreamEncryption: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
      },
      DeletionPolicy: 'Retain',
    });
  });

  test('passes every setting on', () => {
    const scope = new Stack(new App(), 'Stack');
    new KinesisPipeline(scope, 'Clicks', {
      streamName: 'clicks',
      capacity: StreamCapacity.provisioned(3),
      retentionPeriod: Duration.days(30),
      encryptionKey: new Key(scope, 'Key'),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Template.fromStack(scope).hasResource('AWS::Kinesis::Stream', {
      Properties: {
        Name: 'clicks',
        ShardCount: 3,
        StreamModeDetails: { StreamMode: 'PROVISIONED' },
        RetentionPeriodHours: 720,
        StreamEncryption: { KeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } },
      },
      DeletionPolicy: 'Delete',
    });
  });

  test.each<[string, KinesisPipelineProps, string, string]>([
    [
      'a name with a space',
      { streamName: 'my clicks' },
      "streamName must be 1 to 128 letters, digits, '-', '_' and '.', but was 'my clicks'",
      'NameInvalid',
    ],
    [
      'no shards',
      { capacity: StreamCapacity.provisioned(0) },
      'capacity must be a whole number of shards from 1, but was 0 shards',
      'ShardsInvalid',
    ],
    [
      'a retention of 23 hours (§8)',
      { retentionPeriod: Duration.hours(23) },
      'retentionPeriod must be between 1 day and 365 days, in whole hours, but was 23 hours',
      'RetentionOutOfRange',
    ],
    [
      'a retention of 366 days (§8)',
      { retentionPeriod: Duration.days(366) },
      'retentionPeriod must be between 1 day and 365 days, in whole hours, but was 366 days',
      'RetentionOutOfRange',
    ],
  ])('fails on %s', (_, props, text, id) => {
    expect(() => pipeline(props)).toThrow(text);
    expect(() => pipeline(props)).toThrow(`[Spillway-KinesisPipeline-${id}]`);
  });
});

describe('LambdaStreamConsumer', () => {
  test('by default no record that fails blocks its shard for ever (§8)', () => {
    const { template } = consumed();
    template.hasResourceProperties(MAPPING, {
      BatchSize: 100,
      StartingPosition: 'TRIM_HORIZON',
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 10,
      MaximumRecordAgeInSeconds: 86_400,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('DeadLetterQueue'), 'Arn'] } },
      },
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
      },
    });
  });

  test('lets the function read this stream and note failures, and nothing else', () => {
    expect(allowed(consumed().template)).toEqual({
      [arn('ClicksStream')]: READ,
      [arn('HandlerConsumesStackClicksStream8277D47CDeadLetterQueue')]: 'sqs:SendMessage',
    });
  });

  test('and the keys of both', () => {
    const scope = new Stack(new App(), 'Stack');
    const failures = new StandardQueue(scope, 'Failures', {
      encryption: QueueEncryption.customerManaged(new Key(scope, 'QueueKey')),
    });
    const consumer = new LambdaStreamConsumer(handler(scope), { deadLetterQueue: failures.queue });
    new KinesisPipeline(scope, 'Clicks', { encryptionKey: new Key(scope, 'StreamKey'), consumers: [consumer] });
    expect(consumer.deadLetterQueue).toBe(failures.queue);
    expect(allowed(Template.fromStack(scope))).toEqual({
      [arn('ClicksStream')]: READ,
      [arn('StreamKey')]: 'kms:Decrypt',
      [arn('FailuresQueue')]: 'sqs:SendMessage',
      [arn('QueueKey')]: ['kms:Decrypt', 'kms:GenerateDataKey'],
    });
  });

  test('has its own share of the stream with enhanced fan-out', () => {
    const { template } = consumed({ enhancedFanOut: true });
    template.hasResourceProperties('AWS::Kinesis::StreamConsumer', {
      StreamARN: { 'Fn::GetAtt': [Match.stringLikeRegexp('ClicksStream'), 'Arn'] },
    });
    const [id] = Object.keys(template.findResources('AWS::Kinesis::StreamConsumer'));
    template.hasResourceProperties(MAPPING, { EventSourceArn: { 'Fn::GetAtt': [id, 'ConsumerARN'] } });
    expect(Object.values(allowed(template))).toContainEqual([
      'kinesis:DescribeStreamConsumer',
      'kinesis:SubscribeToShard',
    ]);
  });

  test('grants before it reads: Lambda tries the permissions when the mapping is created', () => {
    const { template } = consumed();
    const policies = Object.keys(template.findResources('AWS::IAM::Policy'));
    template.hasResource(MAPPING, { DependsOn: Match.arrayWith(policies) });
  });

  test('passes every setting on', () => {
    const { template } = consumed((scope) => ({
      batchSize: 500,
      maxBatchingWindow: Duration.seconds(10),
      parallelizationFactor: 4,
      startingPosition: StartingPosition.AT_TIMESTAMP,
      startingTimestamp: 1_893_456_000,
      retryAttempts: 2,
      maxRecordAge: Duration.hours(2),
      bisectBatchOnError: false,
      reportBatchItemFailures: false,
      filters: [MessageFilter.json({ kind: FilterRule.isEqual('click') })],
      filterEncryption: new Key(scope, 'FilterKey'),
      tumblingWindow: Duration.minutes(1),
      eventMetrics: true,
      enabled: false,
    }));
    template.hasResourceProperties(MAPPING, {
      BatchSize: 500,
      MaximumBatchingWindowInSeconds: 10,
      ParallelizationFactor: 4,
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: 1_893_456_000,
      MaximumRetryAttempts: 2,
      MaximumRecordAgeInSeconds: 7_200,
      BisectBatchOnFunctionError: false,
      FunctionResponseTypes: Match.absent(),
      FilterCriteria: { Filters: [{ Pattern: '{"data":{"kind":["click"]}}' }] },
      KmsKeyArn: Match.anyValue(),
      TumblingWindowInSeconds: 60,
      MetricsConfig: { Metrics: ['EventCount'] },
      Enabled: false,
    });
  });

  test('consumes across stacks without a cycle', () => {
    const app = new App();
    const streams = new Stack(app, 'Streams');
    const functions = new Stack(app, 'Functions');
    const consumer = new LambdaStreamConsumer(handler(functions), { enhancedFanOut: true });
    new KinesisPipeline(streams, 'Clicks', { encryptionKey: new Key(streams, 'Key'), consumers: [consumer] });
    Template.fromStack(functions).resourceCountIs('AWS::SQS::Queue', 1);
    Template.fromStack(streams).resourceCountIs(MAPPING, 0);
  });

  test('warns that it can grant nothing to a function that is defined elsewhere', () => {
    const { scope, template } = consumed({}, (stack) =>
      Function.fromFunctionArn(stack, 'Elsewhere', 'arn:aws:lambda:eu-west-1:111122223333:function:other'),
    );
    template.resourceCountIs(MAPPING, 1);
    Annotations.fromStack(scope).hasWarning('*', Match.stringLikeRegexp('LambdaStreamConsumer-RoleUnknown'));
  });

  test('the least and the most (snapshots)', () => {
    expect(consumed().template.toJSON()).toMatchSnapshot('least');
    const most = consumed(
      {
        batchSize: 1_000,
        enhancedFanOut: true,
        eventMetrics: true,
        filters: [MessageFilter.json({ kind: ['click'] })],
        maxBatchingWindow: Duration.seconds(5),
        maxRecordAge: Duration.days(7),
        parallelizationFactor: 10,
        retryAttempts: 100,
        startingPosition: StartingPosition.LATEST,
      },
      handler,
      { streamName: 'clicks', capacity: StreamCapacity.provisioned(8), retentionPeriod: Duration.days(14) },
    );
    expect(most.template.toJSON()).toMatchSnapshot('most');
  });

  const tenth = (n: number) => MessageFilter.json({ n: [n] });
  test.each<[string, LambdaStreamConsumerProps | ((scope: Stack) => LambdaStreamConsumerProps), string, string]>([
    [
      'an empty batch',
      { batchSize: 0 },
      'batchSize must be a whole number from 1 to 10,000, but was 0',
      'BatchSizeOutOfRange',
    ],
    [
      'a window above 5 minutes',
      { maxBatchingWindow: Duration.seconds(301) },
      'maxBatchingWindow must be between 0 and 5 minutes, in whole seconds, but was 5 minutes 1 second',
      'WindowOutOfRange',
    ],
    [
      'a parallelization of 11 (§8)',
      { parallelizationFactor: 11 },
      'parallelizationFactor must be a whole number from 1 to 10, but was 11',
      'ParallelizationOutOfRange',
    ],
    [
      'a start at no instant',
      { startingPosition: StartingPosition.AT_TIMESTAMP },
      'startingPosition, startingTimestamp must be AT_TIMESTAMP with a timestamp, or another position without one, but were AT_TIMESTAMP and not given',
      'StartInvalid',
    ],
    [
      'an instant of no start',
      { startingTimestamp: 1 },
      'startingPosition, startingTimestamp must be AT_TIMESTAMP with a timestamp, or another position without one, but were not given and 1',
      'StartInvalid',
    ],
    [
      'retries without end (§8)',
      { retryAttempts: -1 },
      'retryAttempts must be a whole number from 0 to 10,000, but was -1',
      'RetriesOutOfRange',
    ],
    [
      'a record age below a minute (§8)',
      { maxRecordAge: Duration.seconds(59) },
      'maxRecordAge must be between 1 minute and 7 days, in whole seconds, but was 59 seconds',
      'RecordAgeOutOfRange',
    ],
    [
      'a tumbling window above 15 minutes (§8)',
      { tumblingWindow: Duration.seconds(901) },
      'tumblingWindow must be between 1 second and 15 minutes, in whole seconds, but was 15 minutes 1 second',
      'TumblingWindowOutOfRange',
    ],
    [
      'a FIFO dead-letter queue',
      (scope) => ({ deadLetterQueue: new FifoQueue(scope, 'Failures').queue }),
      'deadLetterQueue must be a standard queue, but was the FIFO queue Stack/Failures/Queue',
      'FifoDeadLetterQueue',
    ],
    [
      '11 filters',
      { filters: Array.from({ length: 11 }, (_, n) => tenth(n)) },
      'filters must have 1 to 10 patterns (more than 5 once AWS has raised the quota) or be omitted, but had 11',
      'FiltersInvalid',
    ],
    [
      'a filter that is too long',
      { filters: [MessageFilter.text(['x'.repeat(4_096)])] },
      'filters must have patterns of at most 4,096 characters, but had one of 4109',
      'FilterTooLong',
    ],
    [
      'a key for no filters',
      (scope) => ({ filterEncryption: new Key(scope, 'FilterKey') }),
      'filterEncryption must be omitted without filters, but was given',
      'EncryptionWithoutFilters',
    ],
  ])('fails on %s', (_, props, text, id) => {
    expect(() => consumed(props)).toThrow(text);
    expect(() => consumed(props)).toThrow(`[Spillway-LambdaStreamConsumer-${id}]`);
  });

  test('fails when the stream forgets records before the consumer gives them up', () => {
    expect(() => consumed({}, handler, { retentionPeriod: Duration.days(1) })).toThrow(
      /retentionPeriod must be longer than the maxRecordAge of this LambdaStreamConsumer \(86400 seconds\), but was 86400 seconds.*\[Spillway-KinesisPipeline-RecordAgeOutlivesRetention\]/,
    );
  });

  test('fails with a second stream', () => {
    const { scope, consumer } = consumed();
    expect(() => new KinesisPipeline(scope, 'Two', { consumers: [consumer] })).toThrow(
      /stream must be the only one, but this consumer is already bound to Stack\/Clicks\/Stream.*\[Spillway-LambdaStreamConsumer-StreamAlreadyBound\]/,
    );
  });
});
