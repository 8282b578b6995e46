import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, FilterRule, Function, type IFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import {
  FifoQueue,
  LambdaConsumer,
  LambdaConsumerMetric,
  type LambdaConsumerProps,
  MessageFilter,
  QueueEncryption,
  StandardQueue,
} from '../../lib';

const handler = (scope: Stack, timeout?: Duration) =>
  new Function(scope, 'Handler', {
    code: Code.fromInline('exports.handler = () => {}'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
    timeout,
  });

function consumed(props?: LambdaConsumerProps, make: (scope: Stack) => IFunction = handler) {
  const scope = new Stack(new App(), 'Stack');
  const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
  queue.addConsumer(new LambdaConsumer(make(scope), props));
  return { scope, template: Template.fromStack(scope) };
}

const visibility = (seconds: number) => ({ VisibilityTimeout: seconds });

describe('LambdaConsumer', () => {
  test('reports partial batches', () => {
    const { template } = consumed({
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(5),
      maxConcurrency: 7,
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 5,
      ScalingConfig: { MaximumConcurrency: 7 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('lets the function consume this queue and use its key, and nothing else', () => {
    const { template } = consumed();
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy')) as {
      Properties: { PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] } };
    }[];
    expect(policy.Properties.PolicyDocument.Statement.map(({ Action }) => Action)).toEqual([
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
      'kms:Decrypt',
    ]);
    expect(JSON.stringify(policy.Properties.PolicyDocument)).not.toContain('"*"');
    template.resourcePropertiesCountIs(
      'AWS::IAM::Role',
      {
        ManagedPolicyArns: Match.arrayWith([
          Match.objectLike({ 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('SQS')])] }),
        ]),
      },
      0,
    );
  });

  test('grants before it polls: Lambda tries the permissions when the mapping is created', () => {
    const { template } = consumed();
    const policies = Object.keys(template.findResources('AWS::IAM::Policy'));
    template.hasResource('AWS::Lambda::EventSourceMapping', { DependsOn: Match.arrayWith(policies) });
  });

  test.each<[string, Duration | undefined, LambdaConsumerProps, number]>([
    ['6 times the timeout', Duration.seconds(10), {}, 60],
    ["6 times Lambda's default timeout", undefined, {}, 18],
    ['and the window', Duration.seconds(10), { maxBatchingWindow: Duration.seconds(30) }, 90],
  ])('derives the visibility timeout: %s (§4)', (_, timeout, props, expected) => {
    const { template } = consumed(props, (scope) => handler(scope, timeout));
    template.hasResourceProperties('AWS::SQS::Queue', visibility(expected));
  });

  test("knows an alias's timeout", () => {
    const { template } = consumed({}, (scope) => handler(scope, Duration.seconds(20)).addAlias('live'));
    template.hasResourceProperties('AWS::SQS::Queue', visibility(120));
  });

  test('consumes across stacks without a cycle', () => {
    const app = new App();
    const queues = new Stack(app, 'Queues');
    const functions = new Stack(app, 'Functions');
    new StandardQueue(queues, 'Jobs', { consumers: [new LambdaConsumer(handler(functions))] });
    Template.fromStack(functions).resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
    Template.fromStack(queues).resourceCountIs('AWS::Lambda::EventSourceMapping', 0);
  });

  const elsewhere = (scope: Stack) =>
    Function.fromFunctionArn(scope, 'Elsewhere', 'arn:aws:lambda:eu-west-1:111122223333:function:other');

  test('warns that it can grant nothing to a function that is defined elsewhere', () => {
    const { scope, template } = consumed({ functionTimeout: Duration.seconds(30) }, elsewhere);
    template.hasResourceProperties('AWS::SQS::Queue', visibility(180));
    Annotations.fromStack(scope).hasWarning('*', Match.stringLikeRegexp('Spillway-LambdaConsumer-RoleUnknown'));
  });

  const onFifo = (props?: LambdaConsumerProps) => {
    const scope = new Stack(new App(), 'Stack');
    new FifoQueue(scope, 'Jobs').addConsumer(new LambdaConsumer(handler(scope), props));
    return { scope, template: Template.fromStack(scope) };
  };
  const reserving = (reservedConcurrentExecutions: number) => (scope: Stack) =>
    new Function(scope, 'Handler', {
      code: Code.fromInline('exports.handler = () => {}'),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_22_X,
      reservedConcurrentExecutions,
    });

  test('invokes with what matches a filter only, encrypted', () => {
    const { template } = consumed({}, handler);
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { FilterCriteria: Match.absent() });
    const scope = new Stack(new App(), 'Stack');
    const filterEncryption = new Key(scope, 'FilterKey');
    const filters = [
      MessageFilter.json({ kind: FilterRule.isEqual('video'), size: { frames: FilterRule.between(1, 9) } }),
      MessageFilter.text(FilterRule.beginsWith('video ')),
    ];
    new StandardQueue(scope, 'Jobs').addConsumer(new LambdaConsumer(handler(scope), { filters, filterEncryption }));
    const filtering = Template.fromStack(scope);
    filtering.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FilterCriteria: {
        Filters: [
          { Pattern: '{"body":{"kind":["video"],"size":{"frames":[{"numeric":[">",1,"<=",9]}]}}}' },
          { Pattern: '{"body":[{"prefix":"video "}]}' },
        ],
      },
      KmsKeyArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('FilterKey'), 'Arn'] },
    });
    filtering.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 'kms:Decrypt', Principal: { Service: 'lambda.amazonaws.com' } }),
        ]),
      },
    });
  });

  test('keeps pollers ready, counts, and can wait', () => {
    const { template } = consumed({
      provisionedPollers: { minimum: 3, maximum: 40 },
      eventMetrics: true,
      enabled: false,
      reportBatchItemFailures: false,
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ProvisionedPollerConfig: { MinimumPollers: 3, MaximumPollers: 40 },
      MetricsConfig: { Metrics: ['EventCount'] },
      Enabled: false,
      FunctionResponseTypes: Match.absent(),
    });
  });

  test('tells what it counts', () => {
    const scope = new Stack(new App(), 'Stack');
    const counting = new LambdaConsumer(handler(scope), { eventMetrics: true });
    const off = '[Spillway-LambdaConsumer-MetricsOff]';
    expect(() => counting.metric(LambdaConsumerMetric.FILTERED_OUT)).toThrow(off);
    new StandardQueue(scope, 'Jobs', { consumers: [counting] });
    expect(counting.metric(LambdaConsumerMetric.FILTERED_OUT).toMetricConfig().metricStat).toMatchObject({
      namespace: 'AWS/Lambda',
      metricName: 'FilteredOutEventCount',
      statistic: 'Sum',
      dimensions: [{ name: 'EventSourceMappingUUID', value: counting.eventSourceMapping?.eventSourceMappingId }],
    });
    const silent = new LambdaConsumer(handler(new Stack(), undefined));
    expect(() => silent.metric(LambdaConsumerMetric.POLLED)).toThrow(off);
  });

  test('takes as many messages of a FIFO queue as Lambda allows', () => {
    onFifo().template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: Match.absent(),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('allows a concurrency up to the reserved one', () => {
    consumed({ maxConcurrency: 20 }, reserving(20)).template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ScalingConfig: { MaximumConcurrency: 20 },
    });
  });

  test.each<[string, () => { scope: Stack }, string]>([
    ['a low reserved concurrency', () => consumed({}, reserving(2)), 'LambdaConsumer-ReservedConcurrencyLow'],
    [
      'more filters than usual',
      () => consumed({ filters: Array.from({ length: 6 }, (_, n) => MessageFilter.json({ n: [n] })) }),
      'LambdaConsumer-FiltersAboveUsualQuota',
    ],
    ['pollers for a FIFO queue', () => onFifo({ provisionedPollers: {} }), 'LambdaConsumer-PollersOnFifo'],
    [
      'a visibility timeout below six times the timeout',
      () => {
        const scope = new Stack(new App(), 'Stack');
        const queue = new StandardQueue(scope, 'Jobs', { visibilityTimeout: Duration.seconds(59) });
        queue.addConsumer(new LambdaConsumer(handler(scope, Duration.seconds(10))));
        return { scope };
      },
      'Mapping-VisibilityTight',
    ],
  ])('warns of %s', (_, make, id) => {
    Annotations.fromStack(make().scope).hasWarning('*', Match.stringLikeRegexp(`Spillway-${id}`));
  });

  test('warns of nothing that is in order', () => {
    const { scope } = consumed({ maxConcurrency: 5 }, reserving(5));
    Annotations.fromStack(scope).hasNoWarning('*', Match.stringLikeRegexp('Spillway'));
  });

  test.each<[string, () => unknown, string, string]>([
    [
      'an empty batch',
      () => consumed({ batchSize: 0 }),
      'batchSize must be a whole number between 1 and 10,000, but was 0',
      'Mapping-BatchSizeOutOfRange',
    ],
    [
      'a batch of 10,001',
      () => consumed({ batchSize: 10_001, maxBatchingWindow: Duration.seconds(1) }),
      'batchSize must be a whole number between 1 and 10,000, but was 10001',
      'Mapping-BatchSizeOutOfRange',
    ],
    [
      'a batch of 11 of a FIFO queue (§4)',
      () => onFifo({ batchSize: 11 }),
      'batchSize must be a whole number between 1 and 10 for a FIFO queue, but was 11',
      'Mapping-BatchSizeOutOfRange',
    ],
    [
      'a window on a FIFO queue (§4)',
      () => onFifo({ maxBatchingWindow: Duration.seconds(5) }),
      'maxBatchingWindow must not be set for a FIFO queue, but was 5 seconds',
      'Mapping-WindowOnFifo',
    ],
    [
      'a large batch without a window (§4)',
      () => consumed({ batchSize: 11 }),
      'maxBatchingWindow must be between 1 and 300 seconds with batches of 11, but was not given',
      'Mapping-BatchNeedsWindow',
    ],
    [
      'a window above 5 minutes',
      () => consumed({ maxBatchingWindow: Duration.seconds(301) }),
      'maxBatchingWindow must be between 0 and 300 seconds (5 minutes), in whole seconds, but was 301 seconds',
      'Mapping-WindowOutOfRange',
    ],
    [
      'a concurrency of 1 (§4)',
      () => consumed({ maxConcurrency: 1 }),
      'maxConcurrency must be a whole number between 2 and 1,000, but was 1',
      'Mapping-ConcurrencyOutOfRange',
    ],
    [
      'a concurrency above the reserved one',
      () => consumed({ maxConcurrency: 21 }, reserving(20)),
      'maxConcurrency must be at most 20, the reserved concurrency of Stack/Handler, but was 21',
      'Mapping-ConcurrencyAboveReserved',
    ],
    [
      "a concurrency above the reserved one of an alias's function",
      () => consumed({ maxConcurrency: 21 }, (scope) => reserving(20)(scope).addAlias('live')),
      'must be at most 20, the reserved concurrency of Stack/Handler/Aliaslive, but was 21',
      'Mapping-ConcurrencyAboveReserved',
    ],
    [
      'pollers and a concurrency (§4)',
      () => consumed({ maxConcurrency: 5, provisionedPollers: {} }),
      'provisionedPollers must not be set beside a maximum concurrency',
      'Mapping-PollersAndConcurrency',
    ],
    [
      'a single poller (§4)',
      () => consumed({ provisionedPollers: { minimum: 1 } }),
      'provisionedPollers must have a minimum between 2 and 200 and a maximum between 2 and 2,000, not below the minimum, but had 1 and undefined',
      'LambdaConsumer-PollersOutOfRange',
    ],
    [
      'fewer pollers than the fewest',
      () => consumed({ provisionedPollers: { minimum: 20, maximum: 10 } }),
      'not below the minimum, but had 20 and 10',
      'LambdaConsumer-PollersOutOfRange',
    ],
    [
      '11 filters (§4)',
      () => consumed({ filters: Array.from({ length: 11 }, (_, n) => MessageFilter.json({ n: [n] })) }),
      'filters must have at most 10 patterns (above 5 once AWS has raised the quota), but had 11',
      'Mapping-TooManyFilters',
    ],
    [
      'an empty list of filters',
      () => consumed({ filters: [] }),
      'filters must have 1 to 10 patterns, or be left out, but was an empty list',
      'LambdaConsumer-FiltersEmpty',
    ],
    [
      'a filter of 4,097 characters (§4)',
      () => consumed({ filters: [MessageFilter.text(['x'.repeat(4_097 - '{"body":[""]}'.length)])] }),
      'filters must have patterns of at most 4,096 characters, but one had 4097',
      'LambdaConsumer-FilterTooLong',
    ],
    [
      'a key for no filters',
      () => consumed({ filterEncryption: new Key(new Stack(), 'Key') }),
      'filterEncryption must not be given without filters',
      'LambdaConsumer-EncryptionWithoutFilters',
    ],
    [
      'a timeout above 15 minutes',
      () => consumed({ functionTimeout: Duration.minutes(16) }),
      'functionTimeout must be between 1 second and 15 minutes, in whole seconds, but was 16 minutes',
      'LambdaConsumer-TimeoutOutOfRange',
    ],
  ])('fails on %s', (_, build, text, id) => {
    expect(build).toThrow(text);
    expect(build).toThrow(`[Spillway-${id}]`);
  });

  describe('of another account or Region', () => {
    const ACCOUNT = '111122223333';
    const place = (region: string, account = ACCOUNT) => ({ env: { account, region }, crossRegionReferences: true });
    const jobs = (scope: Stack) =>
      new StandardQueue(scope, 'Jobs', { queueName: 'jobs', visibilityTimeout: Duration.minutes(1) });
    const imported = (scope: Stack, functionArn: string, roleArn?: string) =>
      Function.fromFunctionAttributes(scope, 'Imported', {
        functionArn,
        role: roleArn === undefined ? undefined : Role.fromRoleArn(scope, 'Role', roleArn),
      });
    const functionTimeout = Duration.seconds(3);

    test('admits the role of a function of another account in the policy of the queue', () => {
      const scope = new Stack(new App(), 'Stack', place('eu-west-1'));
      const role = 'arn:aws:iam::444455556666:role/consumer';
      const far = imported(scope, 'arn:aws:lambda:eu-west-1:444455556666:function:far', role);
      jobs(scope).addConsumer(new LambdaConsumer(far, { functionTimeout }));
      Template.fromStack(scope).hasResourceProperties('AWS::SQS::QueuePolicy', {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Effect: 'Allow',
              Principal: { AWS: role },
              Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
            }),
          ]),
        },
      });
    });

    test('fails on a function of another account without its role, or of another Region', () => {
      const scope = new Stack(new App(), 'Stack', place('eu-west-1'));
      const far = imported(scope, 'arn:aws:lambda:eu-west-3:444455556666:function:far');
      const bind = () => jobs(scope).addConsumer(new LambdaConsumer(far, { functionTimeout }));
      expect(bind).toThrow(
        /^Stack\/Jobs: 2 invalid\n.*handler must connect .* of one Region, but Stack\/Imported is in eu-west-3 and Stack\/Jobs\/Queue in eu-west-1.*\[Spillway-Mapping-OtherRegion\]\n.*of account 444455556666, whose role is not known.*\[Spillway-LambdaConsumer-OtherAccountUnknown\]/,
      );
    });

    test('fails on a key of another Region, for filters and for the queue', () => {
      const scope = new Stack(new App(), 'Stack', place('eu-west-1'));
      const key = Key.fromKeyArn(scope, 'Key', `arn:aws:kms:eu-west-3:${ACCOUNT}:key/1`);
      const filters = [MessageFilter.json({ kind: ['paid'] })];
      expect(() =>
        jobs(scope).addConsumer(new LambdaConsumer(handler(scope), { filters, filterEncryption: key })),
      ).toThrow(
        /filterEncryption must be a key in eu-west-1, the function's Region, but was Stack\/Key in eu-west-3.*\[Spillway-LambdaConsumer-KeyOtherRegion\]/,
      );
      expect(() => new StandardQueue(scope, 'More', { encryption: QueueEncryption.customerManaged(key) })).toThrow(
        /encryption must have a key in eu-west-1, the queue's Region, but had Stack\/Key in eu-west-3.*\[Spillway-Queue-KeyOtherRegion\]/,
      );
    });
  });

  test('fails on a second consumer of the same function and queue', () => {
    const scope = new Stack(new App(), 'Stack');
    const queue = new StandardQueue(scope, 'Jobs');
    const lambda = handler(scope);
    queue.addConsumer(new LambdaConsumer(lambda));
    expect(() => queue.addConsumer(new LambdaConsumer(lambda))).toThrow(
      /handler must consume each queue once, but Stack\/Handler consumes Stack\/Jobs\/Queue already.*\[Spillway-LambdaConsumer-FunctionAlreadyConsumes\]/,
    );
  });

  test('fails with a second queue', () => {
    const scope = new Stack(new App(), 'Stack');
    const consumer = new LambdaConsumer(handler(scope));
    new StandardQueue(scope, 'One', { consumers: [consumer] });
    expect(() => new StandardQueue(scope, 'Two', { consumers: [consumer] })).toThrow(
      /queue must be the only one of this consumer, but Stack\/One\/Queue has it already.*\[Spillway-LambdaConsumer-QueueAlreadyBound\]/,
    );
  });

  test('the least and the most (snapshots)', () => {
    const mappings = (template: Template) => template.findResources('AWS::Lambda::EventSourceMapping');
    expect(mappings(consumed().template)).toMatchSnapshot('least');
    const most = consumed({
      batchSize: 1_000,
      enabled: true,
      eventMetrics: true,
      filters: [MessageFilter.json({ kind: ['video'] })],
      functionTimeout: Duration.seconds(30),
      maxBatchingWindow: Duration.seconds(20),
      provisionedPollers: { minimum: 2, maximum: 10 },
      reportBatchItemFailures: true,
    });
    expect(mappings(most.template)).toMatchSnapshot('most');
  });

  test('fails on a function whose timeout it cannot know', () => {
    expect(() => consumed({}, elsewhere)).toThrow(
      /functionTimeout must be given for Stack\/Elsewhere.*\[Spillway-LambdaConsumer-TimeoutUnknown\]/,
    );
  });

  test("fails when the queue's visibility timeout is just the function's timeout", () => {
    const scope = new Stack(new App(), 'Stack');
    const queue = new StandardQueue(scope, 'Jobs', { visibilityTimeout: Duration.seconds(60) });
    expect(() => queue.addConsumer(new LambdaConsumer(handler(scope, Duration.seconds(60))))).toThrow(
      /visibilityTimeout must be at least 61 seconds with this LambdaConsumer, .* but was 60 seconds.*\[Spillway-Queue-VisibilityTooShort\]/,
    );
  });

  test("fails when the queue's visibility timeout is shorter than the function's timeout (§4)", () => {
    const scope = new Stack(new App(), 'Stack');
    const queue = new StandardQueue(scope, 'Jobs', { visibilityTimeout: Duration.seconds(30) });
    expect(() => queue.addConsumer(new LambdaConsumer(handler(scope, Duration.seconds(60))))).toThrow(
      /must be at least 61 seconds with this LambdaConsumer, .* but was 30 seconds.*\[Spillway-Queue-VisibilityTooShort\]/,
    );
  });
});
