import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { PutRuleCommand } from '@aws-sdk/client-eventbridge';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { ACCOUNT, refusalOf, REGION } from '../events/events-in-test';
import { documentOf, inputOf, QUEUE_ARN, SchedulerInTest, type ScheduleSettings } from './scheduler-in-test';

// Contract §12.2 and §12.3.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const SCHEDULE_ARN = `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/default/s`;
const GONE = `arn:aws:sqs:${REGION}:${ACCOUNT}:gone`;
const universal = (action: string) => `arn:aws:scheduler:::aws-sdk:${action}`;

let cloud: SchedulerInTest;
beforeEach(async () => {
  cloud = await SchedulerInTest.open();
  await cloud.role();
});
afterEach(() => cloud.close());

const zoned = (ScheduleExpression: string, ScheduleExpressionTimezone: string, rest: ScheduleSettings = {}) => ({
  ScheduleExpression,
  ScheduleExpressionTimezone,
  ...rest,
});
const at = (ScheduleExpression: string, rest: ScheduleSettings = {}) => ({ ScheduleExpression, ...rest });

/** When schedules that are created at the beginning of 2030 run. */
const TIMES: readonly [what: string, settings: ScheduleSettings, during: number, times: string[]][] = [
  ['once', at('at(2030-01-01T12:34:56)'), 2 * DAY, ['2030-01-01T12:34:56']],
  ['once, in New York', zoned('at(2030-01-01T00:00:00)', 'America/New_York'), DAY, ['2030-01-01T05:00:00']],
  ['once, in the past', at('at(2029-12-31T23:59:59)'), DAY, []],
  ['once, now', at('at(2030-01-01T00:00:00)'), DAY, ['2030-01-01T00:00:00']],
  [
    'once, whatever its start and end',
    at('at(2030-01-02T00:00:00)', { StartDate: new Date('2031-01-01'), EndDate: new Date('2029-01-01') }),
    3 * DAY,
    ['2030-01-02T00:00:00'],
  ],
  ['once in a skipped hour', zoned('at(2030-03-31T02:30:00)', 'Europe/Berlin'), 120 * DAY, []],
  ['once in a repeated hour', zoned('at(2030-10-27T02:30:00)', 'Europe/Berlin'), 310 * DAY, ['2030-10-27T00:30:00']],
  [
    'at a rate, from now on',
    at('rate(5 minutes)'),
    11 * MINUTE,
    ['2030-01-01T00:00:00', '2030-01-01T00:05:00', '2030-01-01T00:10:00'],
  ],
  [
    'at a rate, from its start to its end',
    at('rate(12 hours)', { StartDate: new Date('2030-01-05T01:02:03Z'), EndDate: new Date('2030-01-06T01:02:03Z') }),
    10 * DAY,
    ['2030-01-05T01:02:03', '2030-01-05T13:02:03', '2030-01-06T01:02:03'],
  ],
  [
    'daily at a rate, over a clock change',
    zoned('rate(1 day)', 'Europe/Berlin', { StartDate: new Date('2030-03-30T00:00:00Z') }),
    90 * DAY + 12 * HOUR,
    ['2030-03-30T00:00:00', '2030-03-31T00:00:00', '2030-04-01T00:00:00'],
  ],
  [
    'daily by cron, over a clock change',
    zoned('cron(0 8 * * ? *)', 'Europe/Berlin', { StartDate: new Date('2030-03-30T00:00:00Z') }),
    90 * DAY + 12 * HOUR,
    ['2030-03-30T07:00:00', '2030-03-31T06:00:00', '2030-04-01T06:00:00'],
  ],
  [
    'by cron, at a time that is skipped once',
    zoned('cron(30 2 * * ? *)', 'Europe/Berlin', { StartDate: new Date('2030-03-30T00:00:00Z') }),
    90 * DAY + 12 * HOUR,
    ['2030-03-30T01:30:00', '2030-04-01T00:30:00'],
  ],
  [
    'by cron, at a time that is repeated once',
    zoned('cron(30 2 * * ? *)', 'Europe/Berlin', { StartDate: new Date('2030-10-26T00:00:00Z') }),
    301 * DAY,
    ['2030-10-26T00:30:00', '2030-10-27T00:30:00', '2030-10-28T01:30:00'],
  ],
  [
    'by cron up to its end',
    at('cron(0 0 * * ? *)', { EndDate: new Date('2030-01-03T00:00:00Z') }),
    10 * DAY,
    ['2030-01-01T00:00:00', '2030-01-02T00:00:00', '2030-01-03T00:00:00'],
  ],
  ['disabled', at('rate(1 minute)', { State: 'DISABLED' }), HOUR, []],
];

test.each(TIMES)('runs to the second: %s', async (_what, settings, during, expected) => {
  await cloud.queue();
  const times = cloud.times('scheduler.delivered');
  await cloud.schedule(settings);
  await cloud.clock.advance(during);
  expect(times).toEqual(expected);
});

test('a flexible window delays each run at random, by the seed', async () => {
  const runs = await Promise.all(
    [1, 1, 2].map(async (seed) => {
      const other = await SchedulerInTest.open('in-process', { seed });
      await other.role();
      await other.queue();
      const instants: number[] = [];
      other.cloud.emulator.timeline.observe(({ kind, at: instant }) => {
        if (kind === 'scheduler.fired') instants.push(instant);
      });
      const start = other.clock.now();
      await other.schedule({
        ScheduleExpression: 'rate(1 hour)',
        FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      });
      await other.clock.advance(20 * HOUR - 1);
      await other.close();
      return instants.map((instant, index) => instant - start - index * HOUR);
    }),
  );
  expect(runs[0]).toEqual(runs[1]);
  expect(runs[0]).not.toEqual(runs[2]);
  expect(runs[0]).toHaveLength(20);
  for (const delay of runs[0]) expect(delay >= 0 && delay < 15 * MINUTE).toBe(true);
  expect(Math.max(...runs[0])).toBeGreaterThan(10 * MINUTE);
});

test.each<[what: string, settings: ScheduleSettings, during: number, deleted: string[]]>([
  ['one that ran', at('at(2030-01-01T01:00:00)'), DAY, ['2030-01-01T01:00:00']],
  ['one that has not run yet', at('at(2030-01-02T01:00:00)'), DAY, []],
  [
    'a recurring one with an end',
    at('rate(1 hour)', { EndDate: new Date('2030-01-01T05:30:00Z') }),
    DAY,
    ['2030-01-01T05:00:00'],
  ],
  ['a recurring one without an end', at('rate(1 hour)'), DAY, []],
])('ActionAfterCompletion deletes %s', async (_what, settings, during, expected) => {
  await cloud.queue();
  const deleted = cloud.times('scheduler.deleted');
  await cloud.schedule({ ...settings, ActionAfterCompletion: 'DELETE' });
  await cloud.clock.advance(during);
  expect(deleted).toEqual(expected);
  const read = cloud.scheduler.send(new GetScheduleCommand({ Name: 's' }));
  if (expected.length === 0) await read;
  else expect(await refusalOf(read)).toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a schedule with retries is deleted after the last of them', async () => {
  await cloud.queue();
  const deleted = cloud.times('scheduler.deleted');
  failing('q', 'throttle', cloud.clock.now() + HOUR + 10 * SECOND);
  await cloud.schedule({ ...at('at(2030-01-01T01:00:00)'), ActionAfterCompletion: 'DELETE' });
  await cloud.clock.advance(DAY);
  expect(deleted).toEqual(['2030-01-01T01:00:15']);
});

test('a schedule that changes during a retry stays', async () => {
  await cloud.queue();
  failing('q', 'throttle', cloud.clock.now() + HOUR + 10 * SECOND);
  await cloud.schedule({ ...at('at(2030-01-01T01:00:00)'), ActionAfterCompletion: 'DELETE' });
  await cloud.clock.advance(HOUR + SECOND);
  await cloud.scheduler.send(
    new UpdateScheduleCommand(inputOf({ ...at('at(2030-01-03T00:00:00)'), ActionAfterCompletion: 'DELETE' })),
  );
  await cloud.clock.advance(DAY);
  await cloud.scheduler.send(new GetScheduleCommand({ Name: 's' }));
});

test('an update, a deletion and the end of a group take effect at once', async () => {
  await cloud.queue();
  const times = cloud.times('scheduler.fired');
  await cloud.scheduler.send(new CreateScheduleGroupCommand({ Name: 'g' }));
  await cloud.schedule(at('cron(10 * * * ? *)'));
  await cloud.schedule(at('cron(20 * * * ? *)', { Name: 't' }));
  await cloud.schedule(at('cron(30 * * * ? *)', { Name: 'u', GroupName: 'g' }));
  await cloud.clock.advance(HOUR);
  await cloud.scheduler.send(new UpdateScheduleCommand(inputOf(at('cron(40 * * * ? *)'))));
  await cloud.scheduler.send(new DeleteScheduleCommand({ Name: 't' }));
  await cloud.scheduler.send(new DeleteScheduleGroupCommand({ Name: 'g' }));
  await cloud.clock.advance(HOUR);
  expect(times).toEqual(['2030-01-01T00:10:00', '2030-01-01T00:20:00', '2030-01-01T00:30:00', '2030-01-01T01:40:00']);
});

const ONCE = at('at(2030-01-01T00:01:00)');

/** Runs a schedule once, a minute from now. */
async function runOnce(settings: ScheduleSettings = {}): Promise<void> {
  await cloud.schedule({ ...ONCE, ...settings });
  await cloud.clock.advance(MINUTE);
}

const ID = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;

test('without an input, the target gets a notification whose detail is text', async () => {
  const queue = await cloud.queue();
  await runOnce();
  const [body] = await cloud.cloud.bodies(queue);
  expect(JSON.parse(body)).toEqual({
    version: '0',
    id: ID,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account: ACCOUNT,
    time: '2030-01-01T00:01:00Z',
    region: REGION,
    resources: [SCHEDULE_ARN],
    detail: '{}',
  });
});

test('context attributes are replaced, wherever they are in the input', async () => {
  const queue = await cloud.queue();
  failing('q', 'throttle', cloud.clock.now() + MINUTE + 2 * SECOND);
  await runOnce({
    target: {
      Input:
        '<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.execution-id> <aws.scheduler.attempt-number> <aws.scheduler.scheduled-time> <aws.scheduler.other>',
    },
  });
  await cloud.clock.advance(10 * SECOND);
  const [body] = await cloud.cloud.bodies(queue);
  expect(body).toMatch(
    new RegExp(`^${SCHEDULE_ARN} 2030-01-01T00:01:00Z [0-9a-f]{16} 3 2030-01-01T00:01:00Z <aws.scheduler.other>$`),
  );
});

describe('targets', () => {
  test('a standard queue gets a message group for fairness', async () => {
    const queue = await cloud.queue();
    await runOnce({ target: { Input: 'hello', SqsParameters: { MessageGroupId: 'tenant' } } });
    const [message] = await cloud.cloud.messages(queue);
    expect(message).toMatchObject({ Body: 'hello', Attributes: { MessageGroupId: 'tenant' } });
    expect(message.Attributes?.SenderId).toMatch(/^AROA[A-Z0-9]+:s$/);
  });

  test('a FIFO queue needs content-based deduplication', async () => {
    const good = await cloud.queue('good.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    const bad = await cloud.queue('bad.fifo', { FifoQueue: 'true' });
    const dropped = cloud.times('scheduler.dropped');
    const SqsParameters = { MessageGroupId: 'g' };
    await cloud.schedule({ ...ONCE, target: { Arn: good, SqsParameters } });
    await cloud.schedule({ ...ONCE, Name: 't', target: { Arn: bad, SqsParameters } });
    await cloud.clock.advance(MINUTE);
    expect(await cloud.cloud.messages(good)).toMatchObject([{ Attributes: { MessageGroupId: 'g' } }]);
    expect(dropped).toEqual(['2030-01-01T00:01:00']);
  });

  test('a topic', async () => {
    const queue = await cloud.cloud.queue('q', {
      policy: { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' } },
    });
    const sns = new SNSClient(cloud.cloud.config());
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 't' }));
    const Attributes = { RawMessageDelivery: 'true' };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queue, Attributes }));
    await runOnce({ target: { Arn: TopicArn, Input: 'hello' } });
    expect(await cloud.cloud.bodies(queue)).toEqual(['hello']);
  });

  test('an event bus', async () => {
    const queue = await cloud.cloud.queue('q');
    await cloud.cloud.events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source": ["shop"]}' }));
    await cloud.cloud.target('r', { Arn: queue });
    await runOnce({
      target: {
        Arn: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`,
        EventBridgeParameters: { Source: 'shop', DetailType: 'Shop opened' },
        Input: '{"n": 1}',
      },
    });
    const [body] = await cloud.cloud.bodies(queue);
    expect(JSON.parse(body)).toMatchObject({ source: 'shop', 'detail-type': 'Shop opened', detail: { n: 1 } });
  });

  test('any action of a service: a message, an item', async () => {
    const queue = await cloud.queue();
    const QueueUrl = cloud.cloud.urlOf(queue);
    const MessageBody = '<aws.scheduler.scheduled-time>';
    const dynamodb = new DynamoDBClient(cloud.cloud.config());
    await dynamodb.send(
      new CreateTableCommand({
        TableName: 'items',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await cloud.clock.advance(30 * SECOND);
    await cloud.schedule({
      ...ONCE,
      target: { Arn: universal('sqs:sendMessage'), Input: JSON.stringify({ QueueUrl, MessageBody }) },
    });
    const Item = { id: { S: '<aws.scheduler.execution-id>' } };
    await cloud.schedule({
      ...ONCE,
      Name: 't',
      target: { Arn: universal('dynamodb:putItem'), Input: JSON.stringify({ TableName: 'items', Item }) },
    });
    await cloud.clock.advance(MINUTE);
    expect(await cloud.cloud.bodies(queue)).toEqual(['2030-01-01T00:01:00Z']);
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: 'items' }));
    expect(Items).toEqual([{ id: { S: expect.stringMatching(/^[0-9a-f]{16}$/) as string } }]);
  });
});

/** Makes SendMessage to a queue fail until an instant. */
function failing(resource: string, kind: 'throttle' | 'fail', until = Infinity): void {
  cloud.cloud.emulator.faults.add({ kind, service: 'sqs', actions: ['SendMessage'], resource, from: 0, until });
}

/** The attributes of a dead letter. */
async function letterIn(queueArn: string) {
  const [letter] = await cloud.cloud.messages(queueArn);
  const attributes = Object.entries(letter.MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => [
    name,
    DataType === 'String' ? StringValue : DataType,
  ]);
  return {
    body: letter.Body ?? '',
    sentAt: Number(letter.Attributes?.SentTimestamp),
    attributes: Object.fromEntries(attributes) as Record<string, string>,
  };
}

describe('retries', () => {
  test.each(['throttle', 'fail'] as const)('after a target fails by %s, to the second', async (kind) => {
    const queue = await cloud.queue();
    const start = cloud.clock.now() + MINUTE;
    failing('q', kind, start + 7 * SECOND);
    await runOnce();
    // Retries follow after 1, 2 and 4 seconds.
    await cloud.clock.advance(7 * SECOND - 1);
    expect(await cloud.cloud.bodies(queue)).toEqual([]);
    await cloud.clock.advance(1);
    const [message] = await cloud.cloud.messages(queue);
    expect(Number(message.Attributes?.SentTimestamp)).toBe(start + 7 * SECOND);
  });

  test.each([
    ['attempts', { MaximumRetryAttempts: 2 }, 'MaximumRetryAttempts', '2', 3 * SECOND],
    ['no attempts', { MaximumRetryAttempts: 0 }, 'MaximumRetryAttempts', '0', 0],
    ['age', { MaximumEventAgeInSeconds: 60 }, 'MaximumEventAgeInSeconds', '5', 31 * SECOND],
  ])('end by %s', async (_what, RetryPolicy, condition, retries, after) => {
    await cloud.queue();
    const deadLetters = await cloud.queue('dlq');
    failing('q', 'throttle');
    await runOnce({ target: { RetryPolicy, DeadLetterConfig: { Arn: deadLetters } } });
    const start = cloud.clock.now();
    await cloud.clock.advance(HOUR);
    const { attributes, sentAt } = await letterIn(deadLetters);
    expect(sentAt).toBe(start + after);
    expect(attributes).toMatchObject({
      ERROR_CODE: 'RequestThrottled',
      RETRY_ATTEMPTS: retries,
      EXHAUSTED_RETRY_CONDITION: condition,
    });
  });

  test('go on for about a day', async () => {
    await cloud.queue();
    const deadLetters = await cloud.queue('dlq');
    failing('q', 'throttle');
    await runOnce({ target: { DeadLetterConfig: { Arn: deadLetters } } });
    await cloud.clock.advance(24 * HOUR);
    const { attributes } = await letterIn(deadLetters);
    expect(Number(attributes.RETRY_ATTEMPTS)).toBeGreaterThan(180);
  });

  test('follow a delivery that a slow service refuses late', async () => {
    await cloud.queue();
    const deadLetters = await cloud.queue('dlq');
    const delay = {
      kind: 'delay',
      service: 'sqs',
      resource: 'gone',
      from: 0,
      until: Infinity,
      delay: 5 * SECOND,
    } as const;
    cloud.cloud.emulator.faults.add(delay);
    await runOnce({ target: { Arn: GONE, DeadLetterConfig: { Arn: deadLetters } } });
    expect(await cloud.cloud.messages(deadLetters)).toEqual([]);
    await cloud.clock.advance(5 * SECOND);
    expect((await letterIn(deadLetters)).attributes.ERROR_CODE).toBe('AWS.SimpleQueueService.NonExistentQueue');
  });
});

describe('dead letters', () => {
  test('have the input of the action, and say why it failed', async () => {
    const deadLetters = await cloud.queue('dlq');
    await runOnce({ target: { Arn: GONE, Input: 'hello', DeadLetterConfig: { Arn: deadLetters } } });
    const { body, attributes } = await letterIn(deadLetters);
    expect(JSON.parse(body)).toEqual({
      MessageBody: 'hello',
      QueueUrl: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/gone`,
    });
    expect(attributes).toEqual({
      ERROR_CODE: 'AWS.SimpleQueueService.NonExistentQueue',
      ERROR_MESSAGE: 'The specified queue does not exist for this wsdl version.',
      EXECUTION_ID: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      IS_PAYLOAD_TRUNCATED: 'false',
      RETRY_ATTEMPTS: '0',
      SCHEDULED_TIME: '2030-01-01T00:01:00Z',
      SCHEDULE_ARN,
      TARGET_ARN: universal('sqs:sendMessage'),
    });
  });

  test('are cut at 256 KiB', async () => {
    const deadLetters = await cloud.queue('dlq', { MaximumMessageSize: '262144' });
    await runOnce({ target: { Arn: GONE, Input: 'é'.repeat(131_000), DeadLetterConfig: { Arn: deadLetters } } });
    const { body, attributes } = await letterIn(deadLetters);
    expect(attributes.IS_PAYLOAD_TRUNCATED).toBe('true');
    const size = Object.entries(attributes).reduce(
      (sum, [name, value]) => sum + Buffer.byteLength(`${name}String${value}`),
      Buffer.byteLength(body),
    );
    expect(size > 262_140 && size <= 262_144).toBe(true);
    expect(body.endsWith('é')).toBe(true);
  });

  test('that cannot be sent are dropped', async () => {
    const dropped: unknown[] = [];
    cloud.cloud.emulator.timeline.observe(({ kind, detail }) => {
      if (kind === 'scheduler.dropped') dropped.push([detail.error, detail.deadLetterError]);
    });
    await runOnce({ target: { Arn: GONE, DeadLetterConfig: { Arn: `${GONE}-too` } } });
    const message = 'The specified queue does not exist for this wsdl version.';
    expect(dropped).toEqual([['AWS.SimpleQueueService.NonExistentQueue', message]]);
  });
});

describe('the role', () => {
  const allowing = (Action: string, Resource = QUEUE_ARN) => ({ Effect: 'Allow', Action, Resource });

  /** Policies of a role, and whether a schedule with it delivers to the queue. */
  const POLICIES: readonly [what: string, policy: object | null, delivered: boolean][] = [
    ['nothing', null, false],
    ['SendMessage to the queue', allowing('sqs:SendMessage'), true],
    ['any action by a wildcard', allowing('sqs:Send*', 'arn:aws:sqs:*:*:q*'), true],
    ['SendMessage to another queue', allowing('sqs:SendMessage', `${QUEUE_ARN}2`), false],
    ['another action', allowing('sqs:ReceiveMessage'), false],
    [
      'a condition that holds',
      { ...allowing('sqs:*'), Condition: { StringEquals: { 'aws:PrincipalAccount': ACCOUNT } } },
      true,
    ],
    [
      'a condition that does not hold',
      { ...allowing('sqs:*'), Condition: { StringEquals: { 'aws:PrincipalAccount': '111111111111' } } },
      false,
    ],
    ['a denial', { ...allowing('sqs:*'), Effect: 'Deny' }, false],
  ];

  test.each(POLICIES)('may %s', async (_what, policy, delivered) => {
    const queue = await cloud.queue();
    const RoleArn = await cloud.role({ name: 'other', policy });
    await runOnce({ target: { RoleArn } });
    expect(await cloud.cloud.bodies(queue)).toHaveLength(delivered ? 1 : 0);
  });

  test.each<[what: string, managed: string, boundary: string | undefined, delivered: boolean]>([
    ['its own managed policy', 'own', undefined, true],
    ['a managed policy of AWS', 'arn:aws:iam::aws:policy/AmazonSQSFullAccess', undefined, true],
    ['another managed policy of AWS', 'arn:aws:iam::aws:policy/AmazonSNSFullAccess', undefined, false],
    ['a policy within its boundary', 'own', 'arn:aws:iam::aws:policy/AmazonSQSFullAccess', true],
    ['a policy outside its boundary', 'own', 'arn:aws:iam::aws:policy/AmazonSNSFullAccess', false],
  ])('may what is allowed by %s', async (_what, managed, PermissionsBoundary, delivered) => {
    const queue = await cloud.queue();
    const RoleArn = await cloud.role({ name: 'other', policy: null });
    const PolicyDocument = documentOf(allowing('sqs:SendMessage'));
    const { Policy } = await cloud.iam.send(new CreatePolicyCommand({ PolicyName: 'own', PolicyDocument }));
    const PolicyArn = managed === 'own' ? Policy?.Arn : managed;
    await cloud.iam.send(new AttachRolePolicyCommand({ RoleName: 'other', PolicyArn }));
    if (PermissionsBoundary !== undefined) {
      await cloud.iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: 'other', PermissionsBoundary }));
    }
    await runOnce({ target: { RoleArn } });
    expect(await cloud.cloud.bodies(queue)).toHaveLength(delivered ? 1 : 0);
  });

  test('may be allowed by the policy of the queue instead, and denied by it', async () => {
    const RoleArn = await cloud.role({ name: 'other', policy: null });
    const admitting = { Effect: 'Allow', Principal: { AWS: RoleArn } };
    const allowed = await cloud.cloud.queue('allowed', { policy: admitting });
    const denied = await cloud.cloud.queue('denied', { policy: { ...admitting, Effect: 'Deny' } });
    await cloud.schedule({ ...ONCE, target: { RoleArn, Arn: allowed } });
    await cloud.schedule({ ...ONCE, Name: 't', target: { Arn: denied } });
    await cloud.schedule({ ...ONCE, Name: 'u', target: { RoleArn, Arn: denied } });
    await cloud.clock.advance(MINUTE);
    expect(await cloud.cloud.bodies(allowed)).toHaveLength(1);
    expect(await cloud.cloud.bodies(denied)).toHaveLength(1); // of the role that may do everything
  });

  test('is looked at in each attempt, and sends the dead letters too', async () => {
    const queue = await cloud.queue();
    const deadLetters = await cloud.queue('dlq');
    const RoleArn = await cloud.role({ name: 'other', policy: allowing('sqs:SendMessage', deadLetters) });
    const target = { RoleArn, DeadLetterConfig: { Arn: deadLetters } };
    await cloud.schedule({ target });
    await cloud.clock.advance(SECOND);
    expect((await letterIn(deadLetters)).attributes).toMatchObject({
      ERROR_CODE: 'AccessDenied',
      ERROR_MESSAGE: `User: arn:aws:sts::${ACCOUNT}:assumed-role/other/s is not authorized to perform: sqs:sendmessage on resource: ${QUEUE_ARN} because no identity-based policy allows the sqs:sendmessage action`,
      RETRY_ATTEMPTS: '0',
    });
    const PolicyDocument = documentOf(allowing('sqs:SendMessage', '*'));
    await cloud.iam.send(new PutRolePolicyCommand({ RoleName: 'other', PolicyName: 'p', PolicyDocument }));
    await cloud.clock.advance(MINUTE);
    expect(await cloud.cloud.bodies(queue)).toHaveLength(1);
    const dropped = cloud.times('scheduler.dropped');
    await cloud.iam.send(new DeleteRolePolicyCommand({ RoleName: 'other', PolicyName: 'p' }));
    await cloud.iam.send(new DeleteRoleCommand({ RoleName: 'other' }));
    await cloud.clock.advance(MINUTE);
    expect(dropped).toHaveLength(1);
  });

  test.each([
    [
      'sqs:sendMessage',
      { QueueUrl: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/q`, MessageBody: 'x' },
      'sqs:SendMessage',
    ],
    ['sns:createTopic', { Name: 't' }, 'sns:*'],
    ['dynamodb:deleteTable', { TableName: 'items' }, 'dynamodb:DeleteTable'],
  ])('must allow the action of a universal target: %s', async (action, input, allowed) => {
    await cloud.queue();
    const none = await cloud.role({ name: 'none', policy: null });
    const some = await cloud.role({ name: 'some', policy: allowing(allowed, '*') });
    const errors: unknown[] = [];
    cloud.cloud.emulator.timeline.observe(({ kind, subject, detail }) => {
      if (kind === 'scheduler.dropped') errors.push([subject, detail.error]);
    });
    const target = { Arn: universal(action), Input: JSON.stringify(input) };
    await cloud.schedule({ ...ONCE, Name: 'none', target: { ...target, RoleArn: none } });
    await cloud.schedule({ ...ONCE, Name: 'some', target: { ...target, RoleArn: some } });
    await cloud.clock.advance(MINUTE);
    expect(errors).toContainEqual(['none', expect.stringMatching(/AccessDenied|AuthorizationError/)]);
    expect(errors).not.toContainEqual(['some', expect.stringMatching(/AccessDenied|AuthorizationError/)]);
  });
});

test('the metrics of a group', async () => {
  await cloud.queue();
  const deadLetters = await cloud.queue('dlq');
  const DeadLetterConfig = { Arn: deadLetters };
  cloud.cloud.emulator.faults.add({
    kind: 'throttle',
    service: 'sqs',
    resource: 'q',
    from: 0,
    until: Infinity,
    times: 1,
  });
  await cloud.schedule(ONCE);
  await cloud.schedule({ ...ONCE, Name: 'dead', target: { Arn: GONE, DeadLetterConfig } });
  await cloud.schedule({ ...ONCE, Name: 'gone', target: { Arn: GONE, DeadLetterConfig: { Arn: GONE } } });
  const start = cloud.clock.now();
  await cloud.clock.advance(10 * MINUTE);
  const metrics = new CloudWatchClient(cloud.cloud.config());
  const Dimensions = [{ Name: 'ScheduleGroup', Value: 'default' }];
  const { Metrics = [] } = await metrics.send(new ListMetricsCommand({ Namespace: 'AWS/Scheduler' }));
  const read = async (MetricName: string) => {
    const MetricStat = { Metric: { Namespace: 'AWS/Scheduler', MetricName, Dimensions }, Period: 600, Stat: 'Sum' };
    const { MetricDataResults = [] } = await metrics.send(
      new GetMetricDataCommand({
        MetricDataQueries: [{ Id: 'm', MetricStat }],
        StartTime: new Date(start),
        EndTime: new Date(cloud.clock.now()),
      }),
    );
    return MetricDataResults[0].Values?.[0];
  };
  const sums = await Promise.all(Metrics.map(async ({ MetricName = '' }) => [MetricName, await read(MetricName)]));
  expect(Object.fromEntries(sums)).toEqual({
    InvocationAttemptCount: 4,
    TargetErrorCount: 2,
    TargetErrorThrottledCount: 1,
    InvocationDroppedCount: 1,
    InvocationsSentToDeadLetterCount: 1,
    InvocationsFailedToBeSentToDeadLetterCount: 1,
    'InvocationsFailedToBeSentToDeadLetterCount_AWS.SimpleQueueService.NonExistentQueue': 1,
  });
});
