import { GetScheduleCommand, ListTagsForResourceCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { ArnPrincipal, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import {
  CfnSchedule,
  CfnScheduleGroup,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke, SqsSendMessage } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue, QueueEncryption as PlainEncryption } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack, Tags } from 'aws-cdk-lib/core';
import { FifoQueue, QueueEncryption, QueueKey, ScheduleProducer, StandardQueue } from '../../../../lib';
import { LocalCloud } from '../../../../lib/testing';

// Contract §12.3 and §12.4.

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
const SCHEDULER = new ServicePrincipal('scheduler.amazonaws.com');
const HOURLY = ScheduleExpression.rate(Duration.hours(1));
const hello = ScheduleTargetInput.fromText('hello');

const stackIn = (app: App, id = 'Jobs', { account = ACCOUNT, region = REGION } = {}) =>
  new Stack(app, id, { env: { account, region } });

/** A schedule with a role that may send to a queue, by a statement. */
function scheduled(
  stack: Stack,
  queueArn: string,
  statement: Partial<ConstructorParameters<typeof PolicyStatement>[0]>,
) {
  const role = new Role(stack, 'Role', { roleName: 'nightly', assumedBy: SCHEDULER });
  role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queueArn], ...statement }));
  const schedule = new CfnSchedule(stack, 'Schedule', {
    name: 'nightly',
    scheduleExpression: 'rate(1 hour)',
    flexibleTimeWindow: { mode: 'OFF' },
    target: { arn: queueArn, roleArn: role.roleArn, input: 'hello' },
  });
  schedule.node.addDependency(role);
  return { role, schedule };
}

const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:jobs`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/nightly`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/nightly/nightly`;

interface Row {
  readonly build: (app: App) => void;
  /** What becomes of the first run. @default 'delivered' */
  readonly outcome?: 'denied' | 'failed';
  readonly error?: string;
  /** The statement that is missing, and in whose policy. */
  readonly missing?: { readonly policyOf: unknown; readonly statement?: object };
}

/** Who sends to a queue on a schedule, and with what permissions. */
const PRODUCERS: Readonly<Record<string, Row>> = {
  'ScheduleProducer, to an encrypted queue': {
    build(app) {
      const stack = stackIn(app);
      const encryption = QueueEncryption.customerManaged(new QueueKey(stack, 'Key'));
      const jobs = new StandardQueue(stack, 'Jobs', { encryption });
      jobs.addProducer(new ScheduleProducer(stack, 'Hourly', { schedule: HOURLY, input: hello }));
    },
  },
  'ScheduleProducer, to a FIFO queue': {
    build(app) {
      const stack = stackIn(app);
      const jobs = new FifoQueue(stack, 'Jobs', { contentBasedDeduplication: true });
      jobs.addProducer(new ScheduleProducer(stack, 'Hourly', { schedule: HOURLY, input: hello, messageGroupId: 'g' }));
    },
  },
  "CDK's own schedule, to a plain queue": {
    build(app) {
      const stack = stackIn(app);
      const target = new SqsSendMessage(new Queue(stack, 'Queue'), { input: hello });
      new Schedule(stack, 'Hourly', { schedule: HOURLY, target });
    },
  },
  "CDK's own schedule, to an encrypted queue": {
    build(app) {
      const stack = stackIn(app);
      const queue = new Queue(stack, 'Queue', { encryption: PlainEncryption.KMS });
      new Schedule(stack, 'Hourly', { schedule: HOURLY, target: new SqsSendMessage(queue, { input: hello }) });
    },
  },
  'a role that may not use the key': {
    build(app) {
      const stack = stackIn(app);
      const encryptionMasterKey = new Key(stack, 'Key');
      const queue = new Queue(stack, 'Queue', { queueName: 'jobs', encryptionMasterKey });
      scheduled(stack, queue.queueArn, {});
    },
    outcome: 'denied',
    error: 'KmsAccessDenied',
    missing: {
      policyOf: ROLE,
      statement: {
        Effect: 'Allow',
        Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
        Resource: expect.stringMatching(/^arn:aws:kms:us-east-1:000000000000:key\//) as string,
      },
    },
  },
  'a key whose policy admits the role, which says nothing of keys': {
    build(app) {
      const stack = stackIn(app);
      const encryptionMasterKey = new Key(stack, 'Key');
      const queue = new Queue(stack, 'Queue', { queueName: 'jobs', encryptionMasterKey });
      const { role } = scheduled(stack, queue.queueArn, {});
      const actions = ['kms:GenerateDataKey', 'kms:Decrypt'];
      encryptionMasterKey.addToResourcePolicy(new PolicyStatement({ actions, principals: [role], resources: ['*'] }));
    },
  },
  'a key whose policy leaves nothing to the account': {
    build(app) {
      const stack = stackIn(app);
      const administrator = new ArnPrincipal(`arn:aws:iam::${ACCOUNT}:role/administrator`);
      const statement = new PolicyStatement({ actions: ['kms:*'], principals: [administrator], resources: ['*'] });
      const encryptionMasterKey = new Key(stack, 'Key', { policy: new PolicyDocument({ statements: [statement] }) });
      const queue = new Queue(stack, 'Queue', { queueName: 'jobs', encryptionMasterKey });
      const { role } = scheduled(stack, queue.queueArn, {});
      role.addToPolicy(new PolicyStatement({ actions: ['kms:*'], resources: ['*'] }));
    },
    outcome: 'denied',
    error: 'KmsAccessDenied',
    missing: {
      policyOf: expect.stringMatching(/^arn:aws:kms:us-east-1:000000000000:key\//) as string,
      statement: {
        Effect: 'Allow',
        Principal: { AWS: ROLE },
        Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
        Resource: '*',
      },
    },
  },
  'a condition that does not hold': {
    build(app) {
      const stack = stackIn(app);
      const queue = new Queue(stack, 'Queue', { queueName: 'jobs' });
      scheduled(stack, queue.queueArn, { conditions: { StringEquals: { 'aws:PrincipalAccount': '222222222222' } } });
    },
    outcome: 'denied',
    error: 'AccessDenied',
    missing: { policyOf: ROLE, statement: { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE } },
  },
  'a queue whose policy denies the role': {
    build(app) {
      const stack = stackIn(app);
      const queue = new Queue(stack, 'Queue', { queueName: 'jobs' });
      const { role } = scheduled(stack, queue.queueArn, {});
      const statement = new PolicyStatement({ actions: ['sqs:SendMessage'], principals: [role], resources: [QUEUE] });
      statement.effect = 'Deny' as typeof statement.effect;
      queue.addToResourcePolicy(statement);
    },
    outcome: 'denied',
    error: 'AccessDenied',
    missing: { policyOf: QUEUE },
  },
  'a queue of another account whose policy admits the role': {
    build(app) {
      const there = stackIn(app, 'There', { account: '222222222222' });
      const queue = new Queue(there, 'Queue', { queueName: 'jobs' });
      scheduled(stackIn(app), queue.queueArn, {});
      queue.grantSendMessages(Role.fromRoleArn(there, 'Sender', ROLE));
    },
  },
  'a queue of another account without a policy': {
    build(app) {
      const queue = new Queue(stackIn(app, 'There', { account: '222222222222' }), 'Queue', { queueName: 'jobs' });
      scheduled(stackIn(app), queue.queueArn, {});
    },
    outcome: 'denied',
    error: 'AccessDenied',
    missing: {
      policyOf: 'arn:aws:sqs:us-east-1:222222222222:jobs',
      statement: {
        Effect: 'Allow',
        Principal: { AWS: ROLE },
        Action: 'sqs:SendMessage',
        Resource: 'arn:aws:sqs:us-east-1:222222222222:jobs',
      },
    },
  },
  'a queue of another Region': {
    build(app) {
      new Queue(stackIn(app, 'There', { region: 'eu-west-1' }), 'Queue', { queueName: 'jobs' });
      scheduled(stackIn(app), `arn:aws:sqs:eu-west-1:${ACCOUNT}:jobs`, { resources: ['*'] });
    },
    outcome: 'failed',
    error: 'QueueDoesNotExist',
  },
};

describe('a schedule sends to a queue', () => {
  test.each(Object.entries(PRODUCERS))('%s', async (_name, { build, outcome = 'delivered', error, missing }) => {
    const app = new App({ analyticsReporting: false });
    build(app);
    await using cloud = await LocalCloud.fromApp(app);
    await cloud.advance(Duration.minutes(1));
    const [delivery, ...others] = cloud.deliveries.filter(({ principal }) => principal.includes('assumed-role'));
    expect(others).toEqual([]);
    expect(delivery.outcome).toBe(outcome);
    if (outcome === 'delivered') return;
    expect(delivery).toMatchObject({
      principal: SESSION,
      source: `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/default/nightly`,
    });
    expect(delivery.error).toMatch(new RegExp(`^${error}`));
    expect(delivery.missing?.policyOf).toEqual(missing?.policyOf);
    const { statement } = delivery.missing ?? {};
    expect(statement === undefined ? undefined : JSON.parse(statement)).toEqual(missing?.statement);
  });

  test('a function gets the input as its event', async () => {
    const stack = stackIn(new App());
    const code = Code.fromInline('exports.handler = async (event) => { console.log(JSON.stringify(event)); };');
    const worker = new LambdaFunction(stack, 'Worker', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code,
    });
    const input = ScheduleTargetInput.fromObject({ task: 'clean up' });
    new Schedule(stack, 'Hourly', { schedule: HOURLY, target: new LambdaInvoke(worker, { input }) });
    await using cloud = await LocalCloud.fromStack(stack);
    await cloud.advance(Duration.minutes(1));
    expect(cloud.logs.map(({ text }) => text)).toContainEqual(expect.stringContaining('{"task":"clean up"}'));
    expect(cloud.deliveries).toMatchObject([{ outcome: 'delivered' }]);
  });

  test('our construct leaves what cannot be sent to its queue of undelivered messages', async () => {
    const stack = stackIn(new App());
    const jobs = new StandardQueue(stack, 'Jobs');
    jobs.addProducer(new ScheduleProducer(stack, 'Hourly', { schedule: HOURLY, input: hello, retryAttempts: 2 }));
    await using cloud = await LocalCloud.fromStack(stack, { scheduleRetryBackoff: { jitter: 0 } });
    cloud.faults.throttle({ on: cloud.queue(jobs), action: 'SendMessage' });
    await cloud.advance(Duration.hours(1));
    const [letter] = cloud.queue(jobs.undeliveredQueue as Queue).messages;
    expect(JSON.parse(letter.text)).toMatchObject({ MessageBody: 'hello' });
  });
});

describe('cloud.schedule', () => {
  /** A schedule that may send to a queue, and one that may not. */
  function pair() {
    const stack = stackIn(new App());
    const jobs = new StandardQueue(stack, 'Jobs');
    const nightly = new ScheduleProducer(stack, 'Nightly', {
      schedule: ScheduleExpression.at(new Date('2030-01-01T03:00:00Z')),
      input: ScheduleTargetInput.fromObject({ task: 'clean up' }),
    });
    jobs.addProducer(nightly);
    const queue = new Queue(stack, 'Queue', { queueName: 'jobs' });
    scheduled(stack, queue.queueArn, { actions: ['sqs:ReceiveMessage'] });
    return { stack, jobs, nightly };
  }
  const startAt = '2030-01-01T00:00:00Z';

  test('shows its runs, and when it runs next', async () => {
    const { stack, jobs, nightly } = pair();
    await using cloud = await LocalCloud.fromStack(stack, { startAt });
    const schedule = cloud.schedule(nightly);
    expect(cloud.schedule('Nightly/Schedule')).toBe(schedule);
    expect(schedule).toMatchObject({ enabled: true, exists: true, group: 'default', fired: 0 });
    expect(schedule.nextRun).toBe(Date.parse('2030-01-01T03:00:00Z'));
    expect(schedule).not.toHaveFired();
    const run = await schedule.waitFor({ task: 'clean up' }, { atMost: Duration.hours(4) });
    expect(new Date(run.at).toISOString()).toBe('2030-01-01T03:00:00.000Z');
    expect(run.targets).toMatchObject([{ target: expect.stringContaining(':sqs:') as string, outcome: 'delivered' }]);
    expect(schedule).toHaveBeenDelivered({ task: 'clean up' });
    expect(schedule).not.toHaveFired({ task: 'other' });
    expect(schedule.fired).toBe(1);
    expect(schedule.nextRun).toBeUndefined();
    expect(cloud.queue(jobs)).toHaveBeenSent({ task: 'clean up' });
  });

  test('says why a run was not delivered', async () => {
    const { stack } = pair();
    await using cloud = await LocalCloud.fromStack(stack, { startAt });
    await cloud.advance(Duration.minutes(1));
    const schedule = cloud.schedule('nightly');
    expect(schedule).toHaveFired('hello');
    expect(schedule).not.toHaveBeenDelivered();
    expect(schedule.dispatches[0].targets[0]).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(/^AccessDenied: .*no identity-based policy allows/) as string,
    });
    expect(() => expect(schedule).toHaveBeenDelivered()).toThrow('a run is lost: AccessDenied');
  });
});

/** Trust policies with which no schedule can be created. */
const UNTRUSTED: Readonly<Record<string, ServicePrincipal>> = {
  'another service': new ServicePrincipal('events.amazonaws.com'),
  'the schedule instead of its group': new ServicePrincipal('scheduler.amazonaws.com', {
    conditions: { ArnEquals: { 'aws:SourceArn': `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/default/nightly` } },
  }),
};

test.each(Object.entries(UNTRUSTED))('a stack fails whose role trusts %s', async (_who, assumedBy) => {
  const stack = stackIn(new App());
  const role = new Role(stack, 'Role', { assumedBy });
  const target = new SqsSendMessage(new Queue(stack, 'Queue'), { role });
  new Schedule(stack, 'Hourly', { schedule: HOURLY, target });
  await expect(LocalCloud.fromStack(stack)).rejects.toThrow(
    'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
  );
});

test.each([
  ['a role that does not exist', 'arn:aws:sqs:us-east-1:000000000000:jobs', 'role'],
  ['a target that is not emulated', 'arn:aws:states:us-east-1:000000000000:stateMachine:s', 'states'],
])('a schedule with %s is reported, and the stack loads', async (_what, arn, reason) => {
  const stack = stackIn(new App());
  new CfnSchedule(stack, 'Schedule', {
    scheduleExpression: 'rate(1 hour)',
    flexibleTimeWindow: { mode: 'OFF' },
    target: { arn, roleArn: `arn:aws:iam::${ACCOUNT}:role/elsewhere` },
  });
  await using cloud = await LocalCloud.fromStack(stack);
  const [resource] = cloud.reports[0].resources;
  expect(resource).toMatchObject({ status: 'unsupported', note: expect.stringContaining(reason) as string });
});

/** A stack with a schedule in a group. */
function versioned(settings: Partial<ConstructorParameters<typeof CfnSchedule>[2]> = {}, tag = 'one'): Stack {
  const stack = stackIn(new App());
  const queue = new Queue(stack, 'Queue', { queueName: 'jobs' });
  const { schedule } = scheduled(stack, queue.queueArn, {});
  const group = new CfnScheduleGroup(stack, 'Group', { name: 'batch' });
  Tags.of(group).add('version', tag);
  schedule.groupName = group.ref;
  Object.assign(schedule, settings);
  return stack;
}

test('updates change a schedule in place, a new name or group replaces it', async () => {
  await using cloud = await LocalCloud.fromStack(versioned());
  const scheduler = new SchedulerClient(cloud.clientConfig());
  const action = async (stack: Stack) => {
    const [report] = await cloud.update(stack);
    return report.resources.find(({ logicalId }) => logicalId === 'Schedule')?.action;
  };
  const read = async (Name = 'nightly', GroupName: string | undefined = 'batch') =>
    cloud.runUntil(scheduler.send(new GetScheduleCommand({ Name, GroupName })));
  const changed = { scheduleExpression: 'cron(0 3 * * ? *)', description: 'd', state: 'DISABLED' };
  expect(await action(versioned(changed))).toBe('updated');
  expect(await read()).toMatchObject({ ScheduleExpression: 'cron(0 3 * * ? *)', Description: 'd', State: 'DISABLED' });
  expect(await action(versioned({}, 'two'))).toBe('updated');
  expect(await read()).toMatchObject({ ScheduleExpression: 'rate(1 hour)', State: 'ENABLED' });
  expect((await read()).Description).toBeUndefined();
  const ResourceArn = `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule-group/batch`;
  expect(await cloud.runUntil(scheduler.send(new ListTagsForResourceCommand({ ResourceArn })))).toMatchObject({
    Tags: expect.arrayContaining([{ Key: 'version', Value: 'two' }]) as unknown,
  });
  expect(await action(versioned({ name: 'weekly' }))).toBe('replaced');
  await expect(read()).rejects.toThrow('Schedule nightly does not exist.');
  await expect(action(versioned({ name: 'weekly', groupName: 'default' }))).rejects.toThrow('custom-named resource');
  expect(await action(versioned({ name: 'monthly', groupName: 'default' }))).toBe('replaced');
  expect(await read('monthly', 'default')).toMatchObject({ GroupName: 'default' });
  await expect(read('weekly')).rejects.toThrow('Schedule weekly does not exist.');
  await cloud.update(new Stack(new App(), 'Jobs', { env: { account: ACCOUNT, region: REGION } }));
  await expect(read('monthly', 'default')).rejects.toThrow('Schedule monthly does not exist.');
});

test('a stack is deleted after its schedule has deleted itself', async () => {
  const stack = versioned({ scheduleExpression: 'at(2030-01-01T00:10:00)' });
  (stack.node.findChild('Schedule') as CfnSchedule).addPropertyOverride('ActionAfterCompletion', 'DELETE');
  await using cloud = await LocalCloud.fromStack(stack, { startAt: '2030-01-01T00:00:00Z' });
  await cloud.advance(Duration.hours(1));
  expect(cloud.emulator.status().schedules).toEqual([]);
  const [report] = await cloud.update(stackIn(new App()));
  expect(report.removed.map(({ type }) => type)).toContain('AWS::Scheduler::Schedule');
});
