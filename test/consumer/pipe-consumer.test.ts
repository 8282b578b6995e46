import { Match, Template } from 'aws-cdk-lib/assertions';
import { ApiDestination, Authorization, Connection, EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, Pass, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { App, Duration, SecretValue, Stack } from 'aws-cdk-lib/core';
import {
  FifoQueue,
  MessageFilter,
  type MessageQueue,
  PipeConsumer,
  type PipeConsumerProps,
  PipeEnrichment,
  PipeLogLevel,
  PipeTarget,
  QueueEncryption,
  StandardQueue,
} from '../../lib';

const IRELAND = { account: '111122223333', region: 'eu-west-1' };
const stack = () => new Stack(new App(), 'Stack', { env: IRELAND });
const handler = (scope: Stack, id = 'Handler', timeout = Duration.seconds(20)) =>
  new LambdaFunction(scope, id, {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => {};'),
    timeout,
  });
const workflow = (scope: Stack, stateMachineType: StateMachineType) =>
  new StateMachine(scope, `${stateMachineType}Workflow`, {
    definitionBody: DefinitionBody.fromChainable(new Pass(scope, `${stateMachineType}Pass`)),
    stateMachineType,
  });
const destination = (scope: Stack) =>
  new ApiDestination(scope, 'Destination', {
    connection: new Connection(scope, 'Connection', {
      authorization: Authorization.apiKey('X-Key', SecretValue.unsafePlainText('key')),
    }),
    endpoint: 'https://example.com/*',
  });

interface Built {
  readonly template: Template;
  /** The properties of the pipe. */
  readonly pipe: Record<string, unknown>;
  /** The statements of the pipe's role. */
  readonly statements: readonly { readonly Action: string | string[]; readonly Resource: unknown }[];
  readonly visibility: number;
}

const standard = (scope: Stack): MessageQueue => new StandardQueue(scope, 'Jobs');

function built(props: (scope: Stack) => PipeConsumerProps, queue = standard) {
  const scope = stack();
  queue(scope).addConsumer(new PipeConsumer(scope, 'Pipe', props(scope)));
  return read(scope);
}

function read(scope: Stack): Built {
  const template = Template.fromStack(scope);
  const resource = (type: string, id: RegExp) =>
    Object.entries(template.findResources(type)).find(([name]) => id.test(name))?.[1] as { Properties: never };
  const policy = resource('AWS::IAM::Policy', /^PipeRole/).Properties as {
    readonly PolicyDocument: { readonly Statement: Built['statements'] };
  };
  return {
    template,
    pipe: resource('AWS::Pipes::Pipe', /^Pipe/).Properties,
    statements: policy.PolicyDocument.Statement,
    visibility: (resource('AWS::SQS::Queue', /^JobsQueue/).Properties as { VisibilityTimeout: number })
      .VisibilityTimeout,
  };
}

const RECEIVE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const actionsOf = ({ statements }: Built) => statements.map(({ Action }) => Action);

test('sends messages to a workflow with a role that may do nothing else (snapshot)', () => {
  const scope = stack();
  const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
  const consumer = new PipeConsumer(scope, 'Pipe', {
    target: PipeTarget.stateMachine(workflow(scope, StateMachineType.STANDARD)),
  });
  expect(consumer.pipeArn).toBeUndefined();
  queue.addConsumer(consumer);
  expect(consumer.pipeArn).toBeDefined();
  const { Resources } = Template.fromStack(scope).toJSON() as { Resources: Record<string, unknown> };
  expect(Object.fromEntries(Object.entries(Resources).filter(([id]) => id.startsWith('Pipe')))).toMatchSnapshot();
});

describe('the target', () => {
  test.each<[string, (scope: Stack) => PipeTarget, string | string[], object]>([
    [
      'a function',
      (scope) => PipeTarget.lambdaFunction(handler(scope)),
      'lambda:InvokeFunction',
      { LambdaFunctionParameters: { InvocationType: 'REQUEST_RESPONSE' } },
    ],
    [
      'a function that is not waited for',
      (scope) => PipeTarget.lambdaFunction(handler(scope), { waitForCompletion: false }),
      'lambda:InvokeFunction',
      { LambdaFunctionParameters: { InvocationType: 'FIRE_AND_FORGET' } },
    ],
    [
      'a Standard workflow',
      (scope) => PipeTarget.stateMachine(workflow(scope, StateMachineType.STANDARD)),
      'states:StartExecution',
      { StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' } },
    ],
    [
      'an Express workflow that is waited for',
      (scope) => PipeTarget.stateMachine(workflow(scope, StateMachineType.EXPRESS), { waitForCompletion: true }),
      'states:StartSyncExecution',
      { StepFunctionStateMachineParameters: { InvocationType: 'REQUEST_RESPONSE' } },
    ],
    [
      'an event bus',
      (scope) => PipeTarget.eventBus(new EventBus(scope, 'Bus'), { detailType: '$.body.kind', source: 'shop' }),
      'events:PutEvents',
      { EventBridgeEventBusParameters: { DetailType: '$.body.kind', Source: 'shop' } },
    ],
    ['a topic', (scope) => PipeTarget.topic(new Topic(scope, 'Topic')), 'sns:Publish', {}],
    [
      'a stream',
      (scope) => PipeTarget.stream(new Stream(scope, 'Stream'), { partitionKey: '$.body.customer' }),
      ['kinesis:PutRecord', 'kinesis:PutRecords'],
      { KinesisStreamParameters: { PartitionKey: '$.body.customer' } },
    ],
    [
      'an API destination',
      (scope) =>
        PipeTarget.apiDestination(destination(scope), {
          headers: { 'X-Tenant': '$.body.tenant' },
          queryParameters: { kind: 'job' },
          pathParameters: ['$.messageId'],
        }),
      'events:InvokeApiDestination',
      {
        HttpParameters: {
          HeaderParameters: { 'X-Tenant': '$.body.tenant' },
          QueryStringParameters: { kind: 'job' },
          PathParameterValues: ['$.messageId'],
        },
      },
    ],
  ])('is %s, and the role may do what that takes only', (_, target, action, parameters) => {
    const { pipe, ...rest } = built((scope) => ({ target: target(scope) }));
    const { TargetParameters = {} } = pipe;
    expect(TargetParameters).toEqual(parameters);
    expect(new Set(actionsOf({ pipe, ...rest }))).toEqual(new Set([action, LOG, RECEIVE]));
    expect(JSON.stringify(rest.statements)).not.toContain('"Resource":"*"');
  });

  test('is given the use of its key', () => {
    const of = (target: (scope: Stack, key: Key) => PipeTarget) =>
      actionsOf(built((scope) => ({ target: target(scope, new Key(scope, 'Key')) })));
    expect(of((scope, masterKey) => PipeTarget.topic(new Topic(scope, 'Topic', { masterKey })))).toContainEqual([
      'kms:GenerateDataKey',
      'kms:Decrypt',
    ]);
    expect(of((scope, encryptionKey) => PipeTarget.stream(new Stream(scope, 'Stream', { encryptionKey })))).toContain(
      'kms:GenerateDataKey',
    );
  });
});

test('filters, gathers and enriches messages on the way', () => {
  const { pipe, template } = built((scope) => ({
    target: PipeTarget.topic(new Topic(scope, 'Topic')),
    filters: [MessageFilter.json({ kind: ['paid'] })],
    enrichment: PipeEnrichment.lambdaFunction(handler(scope)),
    enrichmentInputTemplate: '{"order": <$.body.order>}',
    inputTemplate: '{"total": <$.total>}',
    batchSize: 5,
    maxBatchingWindow: Duration.seconds(30),
    pipeName: 'orders',
    description: 'Tells of orders',
    enabled: false,
  }));
  expect(pipe).toMatchObject({
    Name: 'orders',
    Description: 'Tells of orders',
    DesiredState: 'STOPPED',
    SourceParameters: {
      FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["paid"]}}' }] },
      SqsQueueParameters: { BatchSize: 5, MaximumBatchingWindowInSeconds: 30 },
    },
    EnrichmentParameters: { InputTemplate: '{"order": <$.body.order>}' },
    TargetParameters: { InputTemplate: '{"total": <$.total>}' },
  });
  template.hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Action: 'sts:AssumeRole',
          Effect: 'Allow',
          Principal: { Service: 'pipes.amazonaws.com' },
          Condition: {
            StringEquals: { 'aws:SourceAccount': '111122223333' },
            ArnLike: {
              'aws:SourceArn': {
                'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':pipes:eu-west-1:111122223333:pipe/orders']],
              },
            },
          },
        },
      ],
    },
  });
});

describe('the visibility timeout of the queue', () => {
  const target = (scope: Stack) => PipeTarget.lambdaFunction(handler(scope));

  test.each<[string, number, (scope: Stack) => PipeConsumerProps]>([
    ['the timeout of a function', 120, (scope) => ({ target: target(scope) })],
    [
      'the timeouts of two functions',
      300,
      (scope) => ({
        target: target(scope),
        enrichment: PipeEnrichment.lambdaFunction(handler(scope, 'Enrichment', Duration.seconds(30))),
      }),
    ],
    [
      'five minutes, after which a pipe gives up',
      1_800,
      (scope) => ({ target: PipeTarget.lambdaFunction(handler(scope, 'Slow', Duration.minutes(15))) }),
    ],
    ['the processing time', 60, (scope) => ({ target: target(scope), processingTime: Duration.seconds(10) })],
    [
      'a short call, if nothing is waited for',
      30,
      (scope) => ({ target: PipeTarget.lambdaFunction(handler(scope), { waitForCompletion: false }) }),
    ],
  ])('is 6 times %s', (_, seconds, props) => {
    expect(built(props).visibility).toBe(seconds);
  });

  test('fails if it is given and shorter than the work', () => {
    const queue = (scope: Stack) => new StandardQueue(scope, 'Jobs', { visibilityTimeout: Duration.seconds(20) });
    expect(() => built((scope) => ({ target: target(scope) }), queue)).toThrow(
      /visibilityTimeout must be at least 21 seconds with this PipeConsumer.*\[Spillway-Queue-VisibilityTooShort\]/,
    );
  });
});

describe('the log', () => {
  test('has errors, for a month', () => {
    const { pipe, template } = built((scope) => ({ target: PipeTarget.topic(new Topic(scope, 'Topic')) }));
    expect(pipe.LogConfiguration).toMatchObject({ Level: 'ERROR' });
    expect(JSON.stringify(pipe)).not.toContain('IncludeExecutionData');
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
  });

  test('goes to a group that is given, or nowhere', () => {
    const props = (scope: Stack) => ({ target: PipeTarget.topic(new Topic(scope, 'Topic')) });
    const given = built((scope) => ({
      ...props(scope),
      logGroup: new LogGroup(scope, 'Given'),
      logLevel: PipeLogLevel.TRACE,
    }));
    given.template.resourceCountIs('AWS::Logs::LogGroup', 1);
    expect(given.pipe.LogConfiguration).toMatchObject({ Level: 'TRACE' });
    const silent = built((scope) => ({ ...props(scope), logLevel: PipeLogLevel.OFF }));
    silent.template.resourceCountIs('AWS::Logs::LogGroup', 0);
    expect(silent.pipe).not.toHaveProperty('LogConfiguration');
    expect(actionsOf(silent)).not.toContainEqual(LOG);
  });
});

describe('the batch size', () => {
  const bus = (scope: Stack) => PipeTarget.eventBus(new EventBus(scope, 'Bus'), { detailType: 'job', source: 'shop' });

  test.each<[string, number, (scope: Stack) => PipeConsumerProps]>([
    ['10', 10, (scope) => ({ target: bus(scope) })],
    ['1 with an API destination', 1, (scope) => ({ target: PipeTarget.apiDestination(destination(scope)) })],
    [
      '1 with an enrichment by an API destination',
      1,
      (scope) => ({ target: bus(scope), enrichment: PipeEnrichment.apiDestination(destination(scope)) }),
    ],
  ])('is %s by default', (_, size, props) => {
    expect(built(props).pipe).toMatchObject({ SourceParameters: { SqsQueueParameters: { BatchSize: size } } });
  });

  test.each<[string, (scope: Stack) => PipeConsumerProps, string, boolean]>([
    ['11 with an event bus', (scope) => ({ target: bus(scope), batchSize: 11 }), '1 and 10 with the event bus', false],
    [
      '501 with a stream',
      (scope) => ({ target: PipeTarget.stream(new Stream(scope, 'Stream')), batchSize: 501 }),
      '1 and 500 with the stream',
      false,
    ],
    [
      '2 with an API destination',
      (scope) => ({ target: PipeTarget.apiDestination(destination(scope)), batchSize: 2 }),
      '1 and 1 with the API destination',
      false,
    ],
    [
      '11 of a FIFO queue',
      (scope) => ({ target: PipeTarget.lambdaFunction(handler(scope)), batchSize: 11 }),
      '1 and 10 with a FIFO queue',
      true,
    ],
    ['0', (scope) => ({ target: bus(scope), batchSize: 0 }), 'but was 0', false],
  ])('fails if it is %s', (_, props, text, fifo) => {
    const queue = (scope: Stack) => (fifo ? new FifoQueue(scope, 'Jobs') : new StandardQueue(scope, 'Jobs'));
    expect(() => built(props, queue)).toThrow(text);
    expect(() => built(props, queue)).toThrow('[Spillway-PipeConsumer-BatchSizeOutOfRange]');
  });
});

test.each<[string, (scope: Stack) => Partial<PipeConsumerProps>, RegExp]>([
  ['a name with a slash', () => ({ pipeName: 'a/b' }), /pipeName must be .* but was 'a\/b'.*NameInvalid/],
  ['a name of 65 letters', () => ({ pipeName: 'a'.repeat(65) }), /\[Spillway-PipeConsumer-NameInvalid\]/],
  ['a window of 6 minutes', () => ({ maxBatchingWindow: Duration.minutes(6) }), /but was 6 minutes.*WindowOutOfRange/],
  ['a long processing time', () => ({ processingTime: Duration.minutes(6) }), /ProcessingTimeOutOfRange/],
  [
    'an empty list of filters',
    () => ({ filters: [] }),
    /filters must have 1 to 5 patterns.* but had 0.*FiltersInvalid/,
  ],
  [
    'six filters',
    () => ({ filters: Array.from({ length: 6 }, () => MessageFilter.json({ kind: ['paid'] })) }),
    /but had 6.*FiltersInvalid/,
  ],
  ['a long filter', () => ({ filters: [MessageFilter.text(['a'.repeat(4_100)])] }), /FilterTooLong/],
  ['a long template', () => ({ inputTemplate: 'a'.repeat(8_193) }), /but one had 8193.*TemplateTooLong/],
  ['a template without an enrichment', () => ({ enrichmentInputTemplate: '{}' }), /TemplateWithoutEnrichment/],
  [
    'a Standard workflow to wait for',
    (scope) => ({
      target: PipeTarget.stateMachine(workflow(scope, StateMachineType.STANDARD), { waitForCompletion: true }),
    }),
    /the state machine Stack\/STANDARDWorkflow must be an Express workflow.*\[Spillway-PipeConsumer-StandardWorkflow\]/,
  ],
  [
    'a Standard workflow as enrichment',
    (scope) => ({ enrichment: PipeEnrichment.stateMachine(workflow(scope, StateMachineType.STANDARD)) }),
    /StandardWorkflow/,
  ],
  [
    'a FIFO topic',
    (scope) => ({ target: PipeTarget.topic(new Topic(scope, 'Fifo', { fifo: true })) }),
    /target must be a standard topic, but was FIFO: the topic Stack\/Fifo.*\[Spillway-PipeConsumer-FifoTopic\]/,
  ],
  [
    'a bus of another Region',
    (scope) => ({
      target: PipeTarget.eventBus(
        EventBus.fromEventBusArn(scope, 'Far', 'arn:aws:events:us-east-1:111122223333:event-bus/far'),
        { detailType: 'job', source: 'shop' },
      ),
    }),
    /target must be of the pipe's account and Region \(111122223333, eu-west-1\), but was the event bus Stack\/Far of 111122223333, us-east-1.*BusElsewhere/,
  ],
])('fails on %s', (_, props, message) => {
  expect(() => built((scope) => ({ target: PipeTarget.topic(new Topic(scope, 'Topic')), ...props(scope) }))).toThrow(
    message,
  );
});

test('fails on a queue of another Region, on a second queue, and without one', () => {
  const scope = stack();
  const consumer = new PipeConsumer(scope, 'Pipe', { target: PipeTarget.topic(new Topic(scope, 'Topic')) });
  expect(() => Template.fromStack(scope)).toThrow('consumes no queue: pass it to addConsumer of one');
  const far = Queue.fromQueueArn(scope, 'Far', 'arn:aws:sqs:us-east-1:111122223333:far');
  expect(() => StandardQueue.fromQueue(scope, 'Adopted', far).addConsumer(consumer)).toThrow(
    /queue must be of the pipe's account and Region.* but was Stack\/Far of 111122223333, us-east-1.*QueueElsewhere/,
  );
  new StandardQueue(scope, 'Jobs').addConsumer(consumer);
  expect(() => new StandardQueue(scope, 'More').addConsumer(consumer)).toThrow(
    /it consumes Stack\/Jobs\/Queue already.*\[Spillway-PipeConsumer-QueueAlreadyBound\]/,
  );
});

test('creates the pipe after the policy of its role', () => {
  const { template } = built((scope) => ({ target: PipeTarget.topic(new Topic(scope, 'Topic')) }));
  template.hasResource('AWS::Pipes::Pipe', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('DefaultPolicy')]) });
});
