import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { CfnRule, EventBus, Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { FilterOrPolicy, SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription, SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { StandardQueue, TopicFanOut } from '../../lib';
import { LocalCloud } from '../../lib/testing';

const ACCOUNT = '000000000000';

/** A shop: a topic that fans out, a bus with rules, and what its handlers read. */
class ShopStack extends Stack {
  public readonly topic = new Topic(this, 'Orders', { topicName: 'orders' });
  public readonly billing = new Queue(this, 'Billing');
  public readonly shipping = new Queue(this, 'Shipping');
  public readonly printer = new Function(this, 'Printer', {
    code: Code.fromInline('exports.handler = async ({ Records }) => console.log("prints", Records?.[0].Sns.Message);'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
    logGroup: new LogGroup(this, 'Prints', { logGroupName: '/shop/prints' }),
  });
  public readonly bus = new EventBus(this, 'Bus', { eventBusName: 'shop' });
  public readonly lost = new Queue(this, 'Lost');
  public readonly placed = new Rule(this, 'Placed', {
    eventBus: this.bus,
    eventPattern: { source: ['shop'], detailType: ['OrderPlaced'] },
    targets: [new SqsQueue(this.billing, { message: RuleTargetInput.fromEventPath('$.detail') })],
  });
  public readonly hourly = new Rule(this, 'Hourly', {
    schedule: Schedule.rate(Duration.hours(1)),
    targets: [new LambdaFunction(this.printer)],
  });
  /** Its target's policy does not let EventBridge send. */
  public readonly refused = new CfnRule(this, 'Refused', {
    eventBusName: this.bus.eventBusName,
    eventPattern: { source: ['refused'] },
    targets: [{ id: 'T', arn: this.shipping.queueArn }],
  });
  public readonly host = new StringParameter(this, 'Host', { parameterName: '/shop/db/host', stringValue: 'db.local' });
  public readonly secret = new Secret(this, 'Password', { secretName: 'shop/password' });
  public readonly role = new Role(this, 'Clerk', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess')],
  });

  constructor(app: App) {
    super(app, 'Shop');
    this.topic.addSubscription(new SqsSubscription(this.billing));
    this.topic.addSubscription(
      new SqsSubscription(this.shipping, {
        filterPolicyWithMessageBody: {
          kind: FilterOrPolicy.filter(SubscriptionFilter.stringFilter({ allowlist: ['goods'] })),
        },
      }),
    );
    this.topic.addSubscription(new LambdaSubscription(this.printer));
    this.role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.billing.queueArn] }));
  }
}

let stack: ShopStack;
let cloud: LocalCloud;

beforeEach(async () => {
  stack = new ShopStack(new App());
  cloud = await LocalCloud.fromStack(stack);
});

const failure = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no failure';
};

test('a topic publishes, shows its subscriptions and what became of each message', async () => {
  const topic = cloud.topic(stack.topic);
  const [billing, shipping, printer] = [
    cloud.queue(stack.billing),
    cloud.queue(stack.shipping),
    cloud.function(stack.printer),
  ];
  expect(topic.subscriptions.map(({ protocol, pending }) => [protocol, pending])).toEqual([
    ['sqs', false],
    ['sqs', false],
    ['lambda', false],
  ]);
  const id = await topic.publish({ order: 7, kind: 'service' }, { subject: 'Order', attributes: { size: 2 } });
  await topic.publish({ order: 8, kind: 'goods' });
  expect(topic.find({ order: 7 }).map((message) => message.id)).toEqual([id]);
  expect(topic.dispatches[0].targets.map(({ outcome }) => outcome)).toEqual(['delivered', 'filtered', 'delivered']);
  expect(topic).toHaveBeenDelivered();
  expect(topic).toHaveFannedOutTo([billing, printer]);
  expect(topic).toHaveFannedOutTo([billing, shipping, printer], { order: 8 });
  expect(topic).not.toHaveFannedOutTo([shipping], { order: 7 });
  expect(topic).not.toHaveBeenDelivered({ order: 9 });
  expect(failure(() => expect(topic).toHaveFannedOutTo([billing, shipping], { order: 7 }))).toContain(
    'Orders was expected to deliver a message that matches {"order":7} to Billing, Shipping, but Shipping did not get it:\n' +
      '  0:00  {"order":7,"kind":"service"}\n' +
      `    arn:aws:sqs:us-east-1:${ACCOUNT}:${billing.name}: delivered\n`,
  );
  expect(failure(() => expect(topic).toHaveBeenDelivered({ order: 9 }))).toContain(
    'Orders was expected to have delivered a message that matches {"order":9}, but has sent none',
  );
});

test('a test waits for a message that a topic publishes later', async () => {
  const topic = cloud.topic(stack.topic);
  const waiting = topic.waitFor({ order: 3 });
  await topic.publish({ order: 3 });
  expect((await waiting).body).toEqual({ order: 3 });
  await expect(topic.waitFor({ order: 4 }, { atMost: Duration.minutes(1) })).rejects.toThrow(
    'not within 1 min of emulated time: what matches {"order":4} is sent by Orders',
  );
});

test('a message that a queue denies or throttles shows why, and how far its retries came', async () => {
  const topic = cloud.topic(stack.topic);
  cloud.faults.throttle({ on: cloud.queue(stack.billing), times: 4 }); // SNS repeats the first three at once
  await topic.publish({ order: 1 });
  expect(topic).not.toHaveBeenDelivered();
  expect(topic.dispatches[0].targets[0]).toMatchObject({
    outcome: 'retrying',
    error: expect.stringContaining('Throttl') as string,
  });
  expect(failure(() => expect(topic).toHaveBeenDelivered())).toContain(': retrying: ');
  await cloud.runUntil(() => topic.dispatches[0].isDelivered);
  expect(topic).toHaveBeenDelivered({ order: 1 });
});

test('a bus takes events, and its rules fire and deliver', async () => {
  const [bus, rule] = [cloud.bus(stack.bus), cloud.rule(stack.placed)];
  const id = await bus.put({ source: 'shop', detailType: 'OrderPlaced', detail: { order: 7 } });
  await bus.put({ source: 'shop', detailType: 'OrderPaid', resources: ['arn:aws:s3:::a'], time: new Date(0) });
  expect(bus.events.map(({ rules, body }) => [rules, (body as { time: string }).time.slice(0, 4)])).toEqual([
    [1, '2030'],
    [0, '1970'],
  ]);
  expect(bus.find({ detail: { order: 7 } })[0].id).toBe(id);
  expect(rule).toHaveFired({ detail: { order: 7 } });
  expect(rule).toHaveBeenDelivered({ 'detail-type': 'OrderPlaced' });
  expect(rule).not.toHaveFired({ 'detail-type': 'OrderPaid' });
  expect(rule.fired).toBe(1);
  expect(cloud.queue(stack.billing)).toHaveBeenSent({ order: 7 });
  rule.disable();
  expect(rule.enabled).toBe(false);
  await bus.put({ source: 'shop', detailType: 'OrderPlaced', detail: { order: 8 } });
  expect(rule).not.toHaveFired({ detail: { order: 8 } });
  rule.enable();
  await expect(bus.put({ source: 'aws.s3', detailType: 'x' })).rejects.toMatchObject({
    name: 'NotAuthorizedForSourceException',
  });
  await expect(bus.put({ source: 'shop', detailType: 'x', detail: 'no JSON' })).rejects.toThrow('Detail is malformed.');
  const client = new EventBridgeClient(cloud.clientConfig());
  const waiting = bus.waitFor({ source: 'later' });
  await client.send(
    new PutEventsCommand({ Entries: [{ EventBusName: 'shop', Source: 'later', DetailType: 'x', Detail: '{}' }] }),
  );
  expect((await waiting).rules).toBe(0);
});

test('a rule whose target refuses has fired and not delivered', async () => {
  const rule = cloud.rule(stack.refused);
  await cloud.bus('shop').put({ source: 'refused', detailType: 'x' });
  expect(rule).toHaveFired();
  expect(rule).not.toHaveBeenDelivered();
  expect(failure(() => expect(rule).toHaveBeenDelivered({ source: 'refused' }))).toMatch(
    /Refused was expected to have delivered an event that matches .*, but has not:\n.*\n.*: failed: NO_PERMISSIONS: /,
  );
  expect(cloud.deliveries.at(-1)).toMatchObject({ outcome: 'denied' });
  expect(cloud.timeline().toString()).toContain('an event is lost: NO_PERMISSIONS');
});

test('a scheduled rule fires', async () => {
  const rule = cloud.rule(stack.hourly);
  expect(failure(() => expect(rule).toHaveFired())).toContain(
    'Hourly was expected to have fired for an event, but has never fired',
  );
  const { body } = await rule.waitFor({ 'detail-type': 'Scheduled Event' });
  expect(body).toMatchObject({ resources: [rule.arn] });
  await cloud.advance(Duration.hours(2));
  expect(rule.fired).toBe(3);
  expect(rule).toHaveBeenDelivered();
});

test('a parameter, a secret, a log group and a role', async () => {
  const host = cloud.parameter(stack.host);
  expect([host.value, host.type, host.version]).toEqual(['db.local', 'String', 1]);
  expect(host.put('db2.local')).toBe(2);
  expect(host.versions).toEqual([
    { version: 1, value: 'db.local', labels: [] },
    { version: 2, value: 'db2.local', labels: [] },
  ]);
  await new SSMClient(cloud.clientConfig()).send(
    new PutParameterCommand({ Name: '/own/key', Value: 'hidden', Type: 'SecureString' }),
  );
  expect(cloud.parameter('/own/key').value).toBe('hidden');

  const secret = cloud.secret(stack.secret);
  const generated = secret.value;
  expect(generated).toHaveLength(32);
  const id = secret.put({ user: 'ann' });
  expect(secret.value).toBe('{"user":"ann"}');
  expect(secret.valueAt('AWSPREVIOUS')).toBe(generated);
  expect(secret.versions.find((version) => version.id === id)?.stages).toEqual(['AWSCURRENT']);
  expect(() => secret.valueAt('AWSPENDING')).toThrow('staging label');

  const prints = cloud.logGroup('/shop/prints');
  const waiting = prints.waitFor('"prints"');
  await cloud.topic(stack.topic).publish('hello');
  expect((await waiting).message).toContain('prints hello');
  expect(prints.streams).toHaveLength(1);
  expect(prints).toHaveLogged('prints hello');
  prints.write('own', '{"level":"error","n":1}', 'plain');
  expect(prints.matching('{ $.level = "error" }').map(({ stream }) => stream)).toEqual(['own']);
  expect(failure(() => expect(prints).toHaveLogged('nowhere'))).toMatch(
    /Prints has \d+ log events, but none matches nowhere:\n/,
  );

  const role = cloud.role(stack.role);
  expect(role.attachedPolicies).toEqual(['arn:aws:iam::aws:policy/ReadOnlyAccess']);
  expect(JSON.stringify(role.inlinePolicies)).toContain('sqs:SendMessage');
  expect([role.trusts('lambda.amazonaws.com'), role.trusts('ec2.amazonaws.com')]).toEqual([true, false]);
  expect(role.trustPolicy).toMatchObject({ Statement: [{ Principal: { Service: 'lambda.amazonaws.com' } }] });
  expect(cloud.role(stack.printer).trusts('lambda.amazonaws.com')).toBe(true);
});

test('resources are found by construct, imported construct, name and ARN', () => {
  const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;
  const other = new Stack(new App(), 'Other', { env: { account: ACCOUNT, region: 'us-east-1' } });
  const anywhere = new Stack(new App(), 'Anywhere');
  const found: [unknown, unknown][] = [
    ...['Orders', 'orders', arn('sns', 'orders'), Topic.fromTopicArn(other, 'T', arn('sns', 'orders'))].map(
      (each): [unknown, unknown] => [cloud.topic(each), cloud.topic(stack.topic)],
    ),
    ...['shop', arn('events', 'event-bus/shop'), EventBus.fromEventBusName(anywhere, 'B', 'shop')].map(
      (each): [unknown, unknown] => [cloud.bus(each), cloud.bus(stack.bus)],
    ),
    ...[cloud.rule(stack.placed).arn, Rule.fromEventRuleArn(other, 'R', cloud.rule(stack.placed).arn)].map(
      (each): [unknown, unknown] => [cloud.rule(each), cloud.rule(stack.placed)],
    ),
    ...['/shop/db/host', arn('ssm', 'parameter/shop/db/host')].map((each): [unknown, unknown] => [
      cloud.parameter(each),
      cloud.parameter(stack.host),
    ]),
    [cloud.secret('Password'), cloud.secret(stack.secret)],
    [cloud.logGroup(arn('logs', 'log-group:/shop/prints:*')), cloud.logGroup('/shop/prints')],
    [cloud.logGroup(LogGroup.fromLogGroupName(anywhere, 'L', '/shop/prints')), cloud.logGroup('/shop/prints')],
    [cloud.role(cloud.role(stack.role).arn), cloud.role(stack.role)],
    [
      cloud.queue(Queue.fromQueueArn(other, 'Q', arn('sqs', cloud.queue(stack.billing).name))),
      cloud.queue(stack.billing),
    ],
  ];
  for (const [one, same] of found) expect(one).toBe(same);
});

test('what code creates is found by name and ARN', async () => {
  const config = cloud.clientConfig();
  const { TopicArn = '' } = await new SNSClient(config).send(new CreateTopicCommand({ Name: 'own' }));
  expect(cloud.topic('own')).toBe(cloud.topic(TopicArn));
  const client = new EventBridgeClient(config);
  const rule = { Name: 'mine', EventBusName: 'shop', EventPattern: '{"source":["mine"]}' };
  const { RuleArn = '' } = await client.send(new PutRuleCommand(rule));
  const Targets = [{ Id: '1', Arn: `arn:aws:sqs:us-east-1:${ACCOUNT}:none` }];
  await client.send(new PutTargetsCommand({ Rule: 'mine', EventBusName: 'shop', Targets }));
  await cloud.bus('shop').put({ source: 'mine', detailType: 'x' });
  expect(cloud.rule(RuleArn)).toHaveFired();
  expect(cloud.rule('shop|mine')).toBe(cloud.rule(RuleArn));
  expect(() => cloud.rule('mine')).toThrow("no rule has the logical id, construct path or name 'mine'. There is:\n");
  expect(() => cloud.topic(`arn:aws:sns:eu-west-1:${ACCOUNT}:own`)).toThrow('no topic has');
  expect(cloud.bus('default').find({ source: 'mine' })).toEqual([]);
});

test('matchers reject what they are not for', () => {
  const topic = cloud.topic(stack.topic);
  expect(() => expect(stack.topic).toHaveBeenDelivered()).toThrow(
    'toHaveBeenDelivered needs cloud.rule(…) or cloud.schedule(…) or cloud.topic(…), but got Topic',
  );
  expect(() => expect(topic).toHaveFired()).toThrow(
    'toHaveFired needs cloud.rule(…) or cloud.schedule(…), but got LocalTopic',
  );
  expect(() => expect(topic).toHaveFannedOutTo([])).toThrow('but was empty');
  expect(() => expect(topic).toHaveFannedOutTo([stack.billing as never])).toThrow('but had Queue');
  expect(() => expect(topic).toHaveBeenDelivered({ at: new Date() })).toThrow('at in a message pattern must be JSON');
  expect(() => expect(topic).toHaveLogged('x')).toThrow('toHaveLogged needs cloud.logGroup(…), but got LocalTopic');
});

test('the topic of a TopicFanOut is found by the construct', async () => {
  const fanOutStack = new Stack(new App(), 'FanOut');
  const queue = new StandardQueue(fanOutStack, 'Jobs');
  const fanOut = new TopicFanOut(fanOutStack, 'News', { subscribers: [{ queue }] });
  await using other = await LocalCloud.fromStack(fanOutStack, { recording: 'summary' });
  const topic = other.topic(fanOut);
  await topic.publish('hello');
  expect(topic).toHaveFannedOutTo([other.queue(queue)], 'hello');
  for (let i = 0; i < 101; i++) await topic.publish(`no ${i}`);
  expect(topic.dispatches).toHaveLength(100);
  expect(() => expect(topic).toHaveBeenDelivered('hello')).toThrow(
    "2 messages are not kept; create the cloud with recording: 'full'",
  );
});
