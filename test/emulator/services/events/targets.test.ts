import { DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { EventBus, Rule, RuleTargetInput, type IRuleTarget } from 'aws-cdk-lib/aws-events';
import {
  CloudWatchLogGroup,
  EventBus as BusTarget,
  LambdaFunction,
  SnsTopic,
  SqsQueue,
} from 'aws-cdk-lib/aws-events-targets';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription, SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, CfnResource, Duration, Stack } from 'aws-cdk-lib/core';
import type { DispatchingResource } from '../../../../lib/emulator/testing';
import { LocalCloud } from '../../../../lib/testing';

const ACCOUNT = '000000000000';
const EVENT = { source: 'shop', detailType: 'Order placed', detail: { order: 7 } };

class TargetStack extends Stack {
  public readonly queue = new Queue(this, 'Queue');
  public readonly dead = new Queue(this, 'Dead');
  public readonly topic = new Topic(this, 'Topic');
  public readonly bus = new EventBus(this, 'Bus');
  public readonly logGroup = new LogGroup(this, 'Log', { logGroupName: '/aws/events/orders' });
  public readonly fn = new Function(this, 'Fn', {
    code: Code.fromInline('exports.handler = async (event) => console.log("has", JSON.stringify(event));'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
  });

  constructor() {
    super(new App(), 'App');
  }

  public rule(...targets: IRuleTarget[]): Rule {
    return new Rule(this, 'Rule', { eventPattern: { source: ['shop'] }, targets });
  }
}

describe('a rule sends events', () => {
  test('to a topic, and on to its queues', async () => {
    const stack = new TargetStack();
    stack.topic.addSubscription(new SqsSubscription(stack.queue, { rawMessageDelivery: true }));
    const rule = stack.rule(new SnsTopic(stack.topic, { message: RuleTargetInput.fromEventPath('$.detail') }));
    await using cloud = await LocalCloud.fromStack(stack);
    await cloud.bus('default').put(EVENT);
    expect(cloud.rule(rule)).toHaveBeenDelivered({ detail: { order: 7 } });
    expect(cloud.queue(stack.queue)).toHaveBeenSent({ order: 7 });
  });

  test('to a function', async () => {
    const stack = new TargetStack();
    const rule = stack.rule(new LambdaFunction(stack.fn));
    await using cloud = await LocalCloud.fromStack(stack);
    await cloud.bus('default').put(EVENT);
    await cloud.runUntil(() => cloud.function(stack.fn).invocations === 1);
    expect(cloud.rule(rule)).toHaveBeenDelivered();
    await cloud.advance(1_000);
    expect(cloud.logGroup(`/aws/lambda/${cloud.function(stack.fn).name}`)).toHaveLogged('"Order placed"');
  });

  test('to a log group: the event, or the log event that its input describes', async () => {
    const stack = new TargetStack();
    const rule = stack.rule(new CloudWatchLogGroup(stack.logGroup));
    const Input = '{"timestamp":1893456000000,"message":"placed"}';
    new CfnResource(stack, 'Plain', {
      type: 'AWS::Events::Rule',
      properties: {
        Name: 'plain',
        EventPattern: { source: ['shop'] },
        Targets: [{ Id: 't', Arn: stack.logGroup.logGroupArn, Input }],
      },
    });
    await using cloud = await LocalCloud.fromStack(stack);
    await cloud.bus('default').put(EVENT);
    expect(cloud.rule(rule)).toHaveBeenDelivered();
    const group = cloud.logGroup(stack.logGroup);
    expect(group.streams).toEqual([cloud.rule(rule).name, 'plain']);
    expect(group.matching('{ $.detail.order = 7 }')).toHaveLength(1);
    expect(group.matching('placed -order').map(({ stream, at, message }) => [stream, at, message])).toEqual([
      ['plain', 1_893_456_000_000, 'placed'],
    ]);
  });

  test('to another bus, whose rules see it', async () => {
    const stack = new TargetStack();
    const rule = stack.rule(new BusTarget(stack.bus));
    const next = new Rule(stack, 'Next', { eventBus: stack.bus, eventPattern: { source: ['shop'] } });
    next.addTarget(new SqsQueue(stack.queue));
    await using cloud = await LocalCloud.fromStack(stack);
    const id = await cloud.bus('default').put(EVENT);
    expect(cloud.rule(rule)).toHaveBeenDelivered();
    expect(cloud.rule(next)).toHaveBeenDelivered({ id });
    expect(cloud.bus(stack.bus).find({ id })[0].rules).toBe(1);
  });
});

test.each([
  ['a topic', 'sns:Publish', ({ topic }: TargetStack) => topic.topicArn],
  ['a function', 'lambda:InvokeFunction', ({ fn }: TargetStack) => fn.functionArn],
])('%s that does not admit EventBridge gets nothing, and says what is missing', async (_, Action, arnOf) => {
  const stack = new TargetStack();
  const Targets = [{ Id: 't', Arn: arnOf(stack) }];
  new CfnResource(stack, 'Plain', {
    type: 'AWS::Events::Rule',
    properties: { Name: 'plain', EventPattern: { source: ['shop'] }, Targets },
  });
  await using cloud = await LocalCloud.fromStack(stack);
  await cloud.bus('default').put(EVENT);
  await cloud.advance(Duration.hours(25));
  const rule = cloud.rule('plain');
  expect(rule.dispatches[0].targets).toMatchObject([
    { outcome: 'failed', error: expect.stringMatching(/^NO_PERMISSIONS/) as string },
  ]);
  const [{ target, missing }, ...more] = cloud.deliveries;
  expect(more).toEqual([]);
  expect(JSON.parse(missing?.statement ?? '')).toEqual({
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action,
    Resource: target,
    Condition: {
      ArnEquals: { 'aws:SourceArn': rule.arn },
      StringEquals: { 'aws:SourceAccount': ACCOUNT },
    },
  });
});

/** A producer with one target, what is sent by it, and how often the target has got it. */
type Delayed = (stack: TargetStack) => {
  send(cloud: LocalCloud, text: string): Promise<unknown>;
  sender(cloud: LocalCloud): DispatchingResource;
  target(cloud: LocalCloud): ReturnType<LocalCloud['queue']> | ReturnType<LocalCloud['function']>;
};

const byRule =
  (target: (stack: TargetStack) => IRuleTarget) =>
  (stack: TargetStack): ReturnType<Delayed> => {
    const made = target(stack);
    const rule = stack.rule(made);
    return {
      send: (cloud, text) => cloud.bus('default').put({ ...EVENT, detail: { text } }),
      sender: (cloud) => cloud.rule(rule),
      target: (cloud) => (made instanceof SqsQueue ? cloud.queue(stack.queue) : cloud.function(stack.fn)),
    };
  };
const byTopic =
  (kind: 'queue' | 'function') =>
  (stack: TargetStack): ReturnType<Delayed> => {
    stack.topic.addSubscription(kind === 'queue' ? new SqsSubscription(stack.queue) : new LambdaSubscription(stack.fn));
    return {
      send: (cloud, text) => cloud.topic(stack.topic).publish(text),
      sender: (cloud) => cloud.topic(stack.topic),
      target: (cloud) => (kind === 'queue' ? cloud.queue(stack.queue) : cloud.function(stack.fn)),
    };
  };

const DELAYED: readonly [string, Delayed][] = [
  ['a rule to a queue', byRule(({ queue }) => new SqsQueue(queue))],
  ['a rule to a function', byRule(({ fn }) => new LambdaFunction(fn))],
  ['a topic to a queue', byTopic('queue')],
  ['a topic to a function', byTopic('function')],
];

test.each(DELAYED)('a delivery of %s that comes late, and is then throttled, is retried', async (_, make) => {
  const stack = new TargetStack();
  const { send, sender, target } = make(stack);
  await using cloud = await LocalCloud.fromStack(stack);
  const on = target(cloud);
  const action = 'invocations' in on ? 'Invoke' : 'SendMessage';
  cloud.faults.delay(Duration.seconds(5), { on, action, times: 1 });
  cloud.faults.throttle({ on, action, times: 1 });
  await send(cloud, 'hello');
  await cloud.advance(Duration.seconds(4));
  expect(sender(cloud).dispatches.flatMap(({ targets }) => targets)).toEqual([]);
  await cloud.advance(Duration.seconds(10));
  expect(sender(cloud)).toHaveBeenDelivered();
  expect('invocations' in on ? on.invocations : on.totals.sent).toBe(1);
  expect(cloud.deliveries.map(({ outcome }) => outcome)).toEqual(['failed', 'delivered']);
});

test.each(DELAYED)('a delivery of %s whose answer is lost is repeated', async (_, make) => {
  const stack = new TargetStack();
  const { send, sender, target } = make(stack);
  await using cloud = await LocalCloud.fromStack(stack);
  const on = target(cloud);
  cloud.faults.loseAnswers({ on, action: 'invocations' in on ? 'Invoke' : 'SendMessage', times: 1 });
  await send(cloud, 'hello');
  await cloud.advance(Duration.seconds(10));
  expect(sender(cloud)).toHaveBeenDelivered();
  expect('invocations' in on ? on.invocations : on.totals.sent).toBe(2);
});

test('an event whose queue is deleted while the delivery is late goes to the dead-letter queue', async () => {
  const stack = new TargetStack();
  const rule = stack.rule(new SqsQueue(stack.queue, { deadLetterQueue: stack.dead }));
  await using cloud = await LocalCloud.fromStack(stack);
  cloud.faults.delay(Duration.seconds(5), { on: cloud.queue(stack.queue), action: 'SendMessage' });
  await cloud.bus('default').put(EVENT);
  const client = new SQSClient(cloud.clientConfig());
  await client.send(new DeleteQueueCommand({ QueueUrl: cloud.queue(stack.queue).url }));
  await cloud.advance(Duration.seconds(10));
  expect(cloud.rule(rule).dispatches[0].targets).toMatchObject([{ outcome: 'deadLettered' }]);
  expect(cloud.queue(stack.dead)).toHaveBeenSent({ detail: { order: 7 } });
});

test('messages of a group wait for one whose delivery is late', async () => {
  const stack = new TargetStack();
  const topic = new Topic(stack, 'Fifo', { fifo: true, contentBasedDeduplication: true });
  const queue = new Queue(stack, 'FifoQueue', { fifo: true });
  topic.addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true }));
  await using cloud = await LocalCloud.fromStack(stack);
  const fault = cloud.faults.delay(Duration.seconds(5), { on: cloud.queue(queue), times: 1 });
  await cloud.topic(topic).publish('first', { groupId: 'a' });
  await cloud.topic(topic).publish('second', { groupId: 'a' });
  await cloud.topic(topic).publish('other', { groupId: 'b' });
  expect(fault.count).toBe(1);
  expect(cloud.queue(queue).messages.map(({ text }) => text)).toEqual(['other']);
  await cloud.advance(Duration.seconds(10));
  expect(cloud.queue(queue).messages.map(({ text }) => text)).toEqual(['other', 'first', 'second']);
});
