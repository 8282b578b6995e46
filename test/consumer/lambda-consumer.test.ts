import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Code, Function, type IFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { LambdaConsumer, type LambdaConsumerProps, QueueEncryption, StandardQueue } from '../../lib';

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

  test.each<[string, LambdaConsumerProps, string]>([
    ['an empty batch', { batchSize: 0 }, 'BatchSizeOutOfRange'],
    ['a batch of 10,001', { batchSize: 10_001, maxBatchingWindow: Duration.seconds(1) }, 'BatchSizeOutOfRange'],
    ['a large batch without a window (§4)', { batchSize: 11 }, 'BatchNeedsWindow'],
    ['a window above 5 minutes', { maxBatchingWindow: Duration.seconds(301) }, 'WindowOutOfRange'],
    ['a concurrency of 1 (§4)', { maxConcurrency: 1 }, 'ConcurrencyOutOfRange'],
    ['a timeout above 15 minutes', { functionTimeout: Duration.minutes(16) }, 'TimeoutOutOfRange'],
  ])('fails on %s', (_, props, rule) => {
    expect(() => consumed(props)).toThrow(`[Spillway-LambdaConsumer-${rule}]`);
  });

  test('fails on a function whose timeout it cannot know', () => {
    expect(() => consumed({}, elsewhere)).toThrow(
      /functionTimeout: got none, needed for Stack\/Elsewhere.*\[Spillway-LambdaConsumer-TimeoutUnknown\]/,
    );
  });

  test("fails when the queue's visibility timeout is shorter than the function's timeout (§4)", () => {
    const scope = new Stack(new App(), 'Stack');
    const queue = new StandardQueue(scope, 'Jobs', { visibilityTimeout: Duration.seconds(30) });
    expect(() => queue.addConsumer(new LambdaConsumer(handler(scope, Duration.seconds(60))))).toThrow(
      /got 30 seconds, allowed with this LambdaConsumer are 61 seconds.*\[Spillway-Queue-VisibilityTooShort\]/,
    );
  });
});
