import {
  CreateEventBusCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutPermissionCommand,
  PutRuleCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { ACCOUNT, EventsInTest, OTHER_ACCOUNT, OTHER_REGION, REGION } from './events-in-test';

// Contract §11.3, §11.5 and §11.6.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let cloud: EventsInTest;
beforeEach(async () => {
  cloud = await EventsInTest.open('in-process', { eventRetryBackoff: { jitter: 0 } });
});
afterEach(() => cloud.close());

const RULE_ARN = `arn:aws:events:${REGION}:${ACCOUNT}:rule/r`;
const TIME = '2030-01-01T00:00:00Z';

/** Creates a rule that matches events of the source `shop`, with one target. */
async function rule(target: Omit<Target, 'Id'>, settings: object = {}): Promise<void> {
  await cloud.events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source": ["shop"]}', ...settings }));
  await cloud.target('r', target);
}

const put = (detail: object | string = {}, entry: Partial<PutEventsRequestEntry> = {}) =>
  cloud.events.send(
    new PutEventsCommand({
      Entries: [
        {
          Source: 'shop',
          DetailType: 'Order placed',
          Detail: typeof detail === 'string' ? detail : JSON.stringify(detail),
          ...entry,
        },
      ],
    }),
  );

test('a target gets the event as compact JSON, its detail to the digit', async () => {
  const queue = await cloud.queue('q');
  await rule({ Arn: queue });
  const { Entries = [] } = await put('{ "n" : 1.0, "big": 12345678901234567890, "s": "a \\" b" }', {
    Resources: ['arn:aws:s3:::b'],
    Time: new Date('2029-12-31T23:59:59.999Z'),
  });
  expect(await cloud.bodies(queue)).toEqual([
    `{"version":"0","id":"${Entries[0].EventId}","detail-type":"Order placed","source":"shop","account":"${ACCOUNT}",` +
      `"time":"2029-12-31T23:59:59Z","region":"${REGION}","resources":["arn:aws:s3:::b"],` +
      '"detail":{"n":1.0,"big":12345678901234567890,"s":"a \\" b"}}',
  ]);
});

test('the trace header of an entry reaches the message', async () => {
  const queue = await cloud.queue('q');
  await rule({ Arn: queue });
  await put({}, { TraceHeader: 'Root=1-67891233-abcdef012345678912345678' });
  const [message] = await cloud.messages(queue);
  expect(message.Attributes?.AWSTraceHeader).toBe('Root=1-67891233-abcdef012345678912345678');
});

test('a disabled rule sends nothing, and a rule without a match neither', async () => {
  const queue = await cloud.queue('q');
  await rule({ Arn: queue }, { State: 'DISABLED' });
  await put();
  await rule({ Arn: queue });
  await put({}, { Source: 'other' });
  expect(await cloud.bodies(queue)).toEqual([]);
});

const DETAIL = {
  id: 'o-1',
  count: 3,
  ok: true,
  nothing: null,
  list: ['ACTIVE', 'INACTIVE'],
  payload: { acc_id: '0a787ecb-4015', sf_id: 'baz' },
  items: [{ sku: 'a' }, { sku: 'b' }],
  quote: 'say "hi"',
};
const transformed = (InputTemplate: string, InputPathsMap: Record<string, string> = {}): Partial<Target> => ({
  InputTransformer: { InputTemplate, InputPathsMap },
});
const PATHS = {
  id: '$.detail.id',
  count: '$.detail.count',
  ok: '$.detail.ok',
  nothing: '$.detail.nothing',
  list: '$.detail.list',
  payload: '$.detail.payload',
  absent: '$.detail.absent',
  type: '$.detail-type',
  first: '$.detail.items[0].sku',
  all: '$.detail.items[*].sku',
  quote: '$.detail.quote',
};
const EVENT_ID = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;

/** What a target gets of an event; undefined if nothing is sent. */
const INPUTS: readonly [what: string, target: Partial<Target>, body: string | object | undefined][] = [
  ['Input replaces the event', { Input: '{"fixed": 1}' }, '{"fixed": 1}'],
  ['InputPath of an object', { InputPath: '$.detail.payload' }, '{"acc_id":"0a787ecb-4015","sf_id":"baz"}'],
  ['InputPath of a string keeps its quotes', { InputPath: '$.detail.id' }, '"o-1"'],
  ['InputPath of a list element', { InputPath: '$.detail.list[1]' }, '"INACTIVE"'],
  ['InputPath that finds nothing', { InputPath: '$.detail.absent' }, undefined],
  [
    'unquoted variables of a JSON template are JSON',
    transformed('{"id": <id>, "n": <count>, "ok": <ok>, "l": <list>, "p": <payload>}', PATHS),
    '{"id":"o-1","n":3,"ok":true,"l":["ACTIVE","INACTIVE"],"p":{"acc_id":"0a787ecb-4015","sf_id":"baz"}}',
  ],
  [
    'quoted variables of a JSON template',
    transformed('{"path": "orders/<id>/<count>"}', PATHS),
    '{"path":"orders/o-1/3"}',
  ],
  ['a null of a JSON template', transformed('{"a": <nothing>}', PATHS), '{"a":null}'],
  [
    'an absent variable of a JSON template',
    transformed('{"a": <absent>, "b": "x<absent>"}', PATHS),
    '{"a":"","b":"x"}',
  ],
  ['an object in quotes of a JSON template', transformed('{"a": "<payload>"}', PATHS), undefined],
  ['a list in quotes of a JSON template', transformed('{"a": "x/<list>"}', PATHS), undefined],
  ['a list template', transformed('[<id>, <first>, <all>]', PATHS), '["o-1","a",["a","b"]]'],
  ['a variable alone', transformed('<payload>', PATHS), '{"acc_id":"0a787ecb-4015","sf_id":"baz"}'],
  ['text keeps its quotes', transformed('"Order <id> of <type>"', PATHS), '"Order o-1 of Order placed"'],
  ['a boolean and a number in text', transformed('"is <ok>, <count>!"', PATHS), '"is true, 3!"'],
  [
    'an object in text loses its quotes',
    transformed('"Payload of <payload>"', PATHS),
    '"Payload of {acc_id:0a787ecb-4015,sf_id:baz}"',
  ],
  ['a list in text loses its quotes', transformed('"<list>"', PATHS), '"[ACTIVE,INACTIVE]"'],
  ['an absent variable of a text', transformed('"a<absent>b"', PATHS), '"ab"'],
  ['several lines of text', transformed('"one <id>"\n"two"', PATHS), '"one o-1"\n"two"'],
  ['text without quotes', transformed('Order <id>', PATHS), undefined],
  [
    'a rule in a template',
    transformed(
      '{"arn": <aws.events.rule-arn>, "name": "<aws.events.rule-name>", "at": <aws.events.event.ingestion-time>}',
    ),
    `{"arn":"${RULE_ARN}","name":"r","at":"2030-01-01T00:00:00.000Z"}`,
  ],
  [
    'the event without its detail',
    transformed('{"e": <aws.events.event>}'),
    {
      e: {
        id: EVENT_ID,
        account: ACCOUNT,
        detailType: 'Order placed',
        time: TIME,
        source: 'shop',
        region: REGION,
        resources: [],
        version: '0',
      },
    },
  ],
  [
    'the whole event',
    transformed('{"e": <aws.events.event.json>}'),
    {
      e: {
        version: '0',
        id: EVENT_ID,
        'detail-type': 'Order placed',
        source: 'shop',
        account: ACCOUNT,
        time: TIME,
        region: REGION,
        resources: [],
        detail: DETAIL,
      },
    },
  ],
];

test.each(INPUTS)('input: %s', async (_what, settings, body) => {
  const queue = await cloud.queue('q');
  await rule({ Arn: queue, ...settings });
  await put(DETAIL);
  const bodies = await cloud.bodies(queue);
  if (body === undefined) expect(bodies).toEqual([]);
  else if (typeof body === 'string') expect(bodies).toEqual([body]);
  else expect(bodies.map((text) => JSON.parse(text) as unknown)).toEqual([body]);
});

test.each([
  ['a constant', 'tenant', 'tenant'],
  ['a value of the event', '$.detail.id', 'o-1'],
  ['a number of the event', '$.detail.count', '3'],
])('the message group of a FIFO queue is %s', async (_what, MessageGroupId, group) => {
  const queue = await cloud.queue('q.fifo', { attributes: { FifoQueue: 'true', ContentBasedDeduplication: 'true' } });
  await rule({ Arn: queue, SqsParameters: { MessageGroupId } });
  await put(DETAIL);
  expect((await cloud.messages(queue))[0].Attributes?.MessageGroupId).toBe(group);
});

test('a standard queue gets a message group for fairness', async () => {
  const queue = await cloud.queue('q');
  await rule({ Arn: queue, SqsParameters: { MessageGroupId: 'tenant' } });
  await put();
  expect((await cloud.messages(queue))[0].Attributes?.MessageGroupId).toBe('tenant');
});

const admitting = (condition: object) => ({
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Condition: condition,
});

/** What the policy of the target must say for a delivery. */
const PERMISSIONS: readonly [what: string, policy: object | null, delivered: boolean, target?: object][] = [
  ['no policy', null, false],
  ['the service', admitting({}), true],
  ['the ARN of the rule', admitting({ ArnEquals: { 'aws:SourceArn': RULE_ARN } }), true],
  ['the ARN of another rule', admitting({ ArnEquals: { 'aws:SourceArn': `${RULE_ARN}2` } }), false],
  ['the account of the rule', admitting({ StringEquals: { 'aws:SourceAccount': ACCOUNT } }), true],
  ['another account', admitting({ StringEquals: { 'aws:SourceAccount': OTHER_ACCOUNT } }), false],
  ['another service', { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' } }, false],
  ['nothing, for a target with a role', null, true, { RoleArn: `arn:aws:iam::${ACCOUNT}:role/events` }],
];

test.each(PERMISSIONS)('a queue whose policy names %s', async (_what, policy, delivered, target = {}) => {
  const queue = await cloud.queue('q', { policy });
  const deadLetters = await cloud.queue('dlq');
  await rule({ Arn: queue, DeadLetterConfig: { Arn: deadLetters }, ...target });
  await put({ n: 1 });
  expect(await cloud.bodies(queue)).toHaveLength(delivered ? 1 : 0);
  const letters = await cloud.messages(deadLetters);
  expect(letters).toHaveLength(delivered ? 0 : 1);
  if (delivered) return;
  expect(JSON.parse(letters[0].Body ?? '')).toMatchObject({ source: 'shop', detail: { n: 1 } });
  const attributes = Object.entries(letters[0].MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => [
    name,
    DataType === 'String' ? StringValue : DataType,
  ]);
  expect(Object.fromEntries(attributes)).toEqual({
    RULE_ARN,
    TARGET_ARN: queue,
    ERROR_CODE: 'NO_PERMISSIONS',
    ERROR_MESSAGE: expect.stringContaining('is not authorized to perform: sqs:sendmessage') as string,
    RETRY_ATTEMPTS: '0',
  });
});

test('a target that does not exist is a dead letter at once', async () => {
  const deadLetters = await cloud.queue('dlq');
  await rule({ Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:gone`, DeadLetterConfig: { Arn: deadLetters } });
  await put();
  const [letter] = await cloud.messages(deadLetters);
  expect(letter.MessageAttributes?.ERROR_CODE.StringValue).toBe('NO_RESOURCE');
});

/** Makes SendMessage to a queue fail until an instant. */
function failing(resource: string, kind: 'throttle' | 'fail', until = Infinity): void {
  cloud.emulator.faults.add({ kind, service: 'sqs', actions: ['SendMessage'], resource, from: 0, until });
}

test.each(['throttle', 'fail'] as const)('a target that fails by %s is tried again, to the second', async (kind) => {
  const queue = await cloud.queue('q');
  await rule({ Arn: queue });
  const start = cloud.clock.now();
  failing('q', kind, start + 7 * SECOND);
  await put();
  // Retries follow after 1, 2 and 4 seconds.
  await cloud.clock.advance(7 * SECOND - 1);
  expect(await cloud.bodies(queue)).toEqual([]);
  await cloud.clock.advance(1);
  const [message] = await cloud.messages(queue);
  expect(Number(message.Attributes?.SentTimestamp)).toBe(start + 7 * SECOND);
});

test.each([
  ['attempts', { MaximumRetryAttempts: 2 }, 'MaximumRetryAttempts', '2', 3 * SECOND],
  ['no attempts', { MaximumRetryAttempts: 0 }, 'MaximumRetryAttempts', '0', 0],
  ['age', { MaximumEventAgeInSeconds: 60 }, 'MaximumEventAgeInSeconds', '5', 31 * SECOND],
])('retries end by %s', async (_what, RetryPolicy, condition, retries, after) => {
  const queue = await cloud.queue('q');
  const deadLetters = await cloud.queue('dlq');
  await rule({ Arn: queue, RetryPolicy, DeadLetterConfig: { Arn: deadLetters } });
  failing('q', 'throttle');
  const start = cloud.clock.now();
  await put();
  await cloud.clock.advance(HOUR);
  const [letter] = await cloud.messages(deadLetters);
  expect(Number(letter.Attributes?.SentTimestamp)).toBe(start + after);
  expect(letter.MessageAttributes).toMatchObject({
    ERROR_CODE: { StringValue: 'THROTTLING' },
    RETRY_ATTEMPTS: { StringValue: retries },
    EXHAUSTED_RETRY_CONDITION: { StringValue: condition },
  });
});

test('185 retries take about a day', async () => {
  const queue = await cloud.queue('q');
  const deadLetters = await cloud.queue('dlq');
  await rule({ Arn: queue, DeadLetterConfig: { Arn: deadLetters } });
  failing('q', 'throttle');
  await put();
  await cloud.clock.advance(24 * HOUR);
  const [letter] = await cloud.messages(deadLetters);
  expect(Number(letter.MessageAttributes?.RETRY_ATTEMPTS.StringValue)).toBeGreaterThan(180);
});

test('jitter depends on the seed', async () => {
  const times = await Promise.all(
    [1, 1, 2].map(async (seed) => {
      const other = await EventsInTest.open('in-process', { seed });
      const queue = await other.queue('q');
      await other.events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source": ["shop"]}' }));
      await other.target('r', { Arn: queue });
      const start = other.clock.now();
      other.emulator.faults.add({ kind: 'throttle', service: 'sqs', resource: 'q', from: 0, until: start + 100 });
      await other.events.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'd', Detail: '{}' }] }));
      await other.clock.advance(MINUTE);
      const [message] = await other.messages(queue);
      await other.close();
      return Number(message.Attributes?.SentTimestamp) - start;
    }),
  );
  expect(times[0]).toBe(times[1]);
  expect(times[0]).not.toBe(times[2]);
  for (const time of times) expect(time > 800 && time <= 1_000).toBe(true);
});

/** Creates a bus in another place, with a rule that sends everything to a queue there. */
async function elsewhere(account: string, region: string, name = 'there', permission = true): Promise<string> {
  const client = cloud.eventsAt(account, region);
  await client.send(new CreateEventBusCommand({ Name: name }));
  if (permission) {
    await client.send(
      new PutPermissionCommand({
        EventBusName: name,
        Action: 'events:PutEvents',
        Principal: ACCOUNT,
        StatementId: 's',
      }),
    );
  }
  await client.send(
    new PutRuleCommand({ Name: 'r', EventBusName: name, EventPattern: '{"source": [{"prefix": ""}]}' }),
  );
  return `arn:aws:events:${region}:${account}:event-bus/${name}`;
}

async function targetElsewhere(account: string, region: string, queue: string, bus = 'there'): Promise<void> {
  const { events } = cloud;
  Object.assign(cloud, { events: cloud.eventsAt(account, region) });
  await cloud.target('r', { Arn: queue }, bus);
  Object.assign(cloud, { events });
}

test.each([
  ['the same account and Region', ACCOUNT, REGION, true],
  ['another account', OTHER_ACCOUNT, REGION, true],
  ['another Region', ACCOUNT, OTHER_REGION, false],
  ['another account and Region', OTHER_ACCOUNT, OTHER_REGION, false],
])('a bus of %s', async (_what, account, region, keepsId) => {
  const bus = await elsewhere(account, region);
  const queue = await cloud.queue('q', { account, region });
  await targetElsewhere(account, region, queue);
  await rule({ Arn: bus, RoleArn: `arn:aws:iam::${ACCOUNT}:role/events` });
  const { Entries = [] } = await put({ n: 1 });
  const [body] = await cloud.bodies(queue);
  const event = JSON.parse(body) as { id: string };
  expect(event).toMatchObject({ account: ACCOUNT, region: REGION, detail: { n: 1 } });
  expect(event.id === Entries[0].EventId).toBe(keepsId);
});

test('a bus of another account without a permission is a dead letter', async () => {
  const bus = await elsewhere(OTHER_ACCOUNT, REGION, 'there', false);
  const deadLetters = await cloud.queue('dlq');
  await rule({ Arn: bus, DeadLetterConfig: { Arn: deadLetters } });
  await put();
  const [letter] = await cloud.messages(deadLetters);
  expect(letter.MessageAttributes?.ERROR_CODE.StringValue).toBe('NO_PERMISSIONS');
});

test('PutEvents to a bus of another account needs a permission', async () => {
  const allowed = await elsewhere(OTHER_ACCOUNT, REGION, 'allowed');
  const refused = await elsewhere(OTHER_ACCOUNT, REGION, 'refused', false);
  await put({}, { EventBusName: allowed });
  await expect(put({}, { EventBusName: refused })).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringMatching(/is not authorized to perform: events:PutEvents on resource: .*refused/) as string,
  });
});

test('a rule that would send an event to its own bus again stops', async () => {
  const counts: string[] = [];
  cloud.emulator.timeline.observe(({ kind }) => counts.push(kind));
  await rule({ Arn: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default` });
  await put();
  expect(counts.filter((kind) => kind === 'events.loop')).toHaveLength(1);
});

test('an event reaches no third account', async () => {
  const third = '222222222222';
  const client = cloud.eventsAt(third);
  await client.send(new CreateEventBusCommand({ Name: 'last' }));
  const second = await elsewhere(OTHER_ACCOUNT, REGION);
  await targetElsewhere(OTHER_ACCOUNT, REGION, `arn:aws:events:${REGION}:${third}:event-bus/last`);
  const dropped: unknown[] = [];
  cloud.emulator.timeline.observe(({ kind, detail }) => kind === 'events.dropped' && dropped.push(detail.error));
  await rule({ Arn: second });
  await put();
  expect(dropped).toEqual(['THIRD_ACCOUNT_HOP_DETECTED']);
});

describe('scheduled rules', () => {
  const scheduled = async (ScheduleExpression: string, target: object = {}) => {
    const queue = await cloud.queue('q');
    await rule({ Arn: queue, ...target }, { EventPattern: undefined, ScheduleExpression });
    return queue;
  };
  /** The instants at which events were delivered, in UTC. */
  const deliveries = () => {
    const instants: string[] = [];
    cloud.emulator.timeline.observe(({ kind, at }) => {
      if (kind === 'events.delivered') instants.push(new Date(at).toISOString().replace('.000Z', ''));
    });
    return instants;
  };

  test.each([
    ['rate(1 minute)', 3 * MINUTE, ['2030-01-01T00:01:00', '2030-01-01T00:02:00', '2030-01-01T00:03:00']],
    ['rate(12 hours)', 24 * HOUR, ['2030-01-01T12:00:00', '2030-01-02T00:00:00']],
    ['cron(15 10 ? * 6L *)', 62 * 24 * HOUR, ['2030-01-25T10:15:00', '2030-02-22T10:15:00']],
    ['cron(0 8 1W * ? *)', 70 * 24 * HOUR, ['2030-01-01T08:00:00', '2030-02-01T08:00:00', '2030-03-01T08:00:00']],
    ['cron(30 23 L 2 ? *)', 100 * 24 * HOUR, ['2030-02-28T23:30:00']],
  ])('%s fires to the second, over idle days', async (expression, time, expected) => {
    const instants = deliveries();
    await scheduled(expression);
    await cloud.clock.advance(time);
    expect(instants).toEqual(expected);
  });

  test('the event of a schedule', async () => {
    const queue = await scheduled('rate(1 minute)');
    await cloud.clock.advance(MINUTE);
    const [body] = await cloud.bodies(queue);
    expect(body).toBe(
      `{"version":"0","id":"${(JSON.parse(body) as { id: string }).id}","detail-type":"Scheduled Event",` +
        `"source":"aws.events","account":"${ACCOUNT}","time":"2030-01-01T00:01:00Z","region":"${REGION}",` +
        `"resources":["${RULE_ARN}"],"detail":{}}`,
    );
  });

  test('a rule with the same schedule keeps its beat, and one that is disabled stops', async () => {
    const instants = deliveries();
    const queue = await scheduled('rate(10 minutes)');
    await cloud.clock.advance(4 * MINUTE);
    await rule({ Arn: queue }, { EventPattern: undefined, ScheduleExpression: 'rate(10 minutes)', Description: 'new' });
    await cloud.clock.advance(6 * MINUTE);
    await rule({ Arn: queue }, { EventPattern: undefined, ScheduleExpression: 'rate(10 minutes)', State: 'DISABLED' });
    await cloud.clock.advance(HOUR);
    expect(instants).toEqual(['2030-01-01T00:10:00']);
  });
});

test('the metrics of a rule', async () => {
  const queue = await cloud.queue('q');
  const deadLetters = await cloud.queue('dlq');
  await rule({ Arn: queue, DeadLetterConfig: { Arn: deadLetters } });
  await put();
  await put({}, { Source: 'other' });
  cloud.emulator.faults.add({ kind: 'throttle', service: 'sqs', resource: 'q', from: 0, until: Infinity, times: 1 });
  await put();
  await cloud.clock.advance(SECOND);
  await rule({ Arn: `${queue}2`, DeadLetterConfig: { Arn: deadLetters } });
  await put();
  const start = cloud.clock.now() - SECOND;
  await cloud.clock.advance(10 * MINUTE);
  const metrics = new CloudWatchClient(cloud.config());
  const read = async (MetricName: string, Dimensions: { Name: string; Value: string }[]) => {
    const MetricStat = { Metric: { Namespace: 'AWS/Events', MetricName, Dimensions }, Period: 60, Stat: 'Sum' };
    const { MetricDataResults = [] } = await metrics.send(
      new GetMetricDataCommand({
        MetricDataQueries: [{ Id: 'm', MetricStat }],
        StartTime: new Date(start),
        EndTime: new Date(cloud.clock.now()),
      }),
    );
    return MetricDataResults[0].Values;
  };
  const ofRule = [{ Name: 'RuleName', Value: 'r' }];
  const expected = {
    MatchedEvents: 3,
    TriggeredRules: 3,
    Invocations: 3,
    InvocationAttempts: 4,
    SuccessfulInvocationAttempts: 2,
    RetryInvocationAttempts: 1,
    FailedInvocations: 1,
    InvocationsSentToDlq: 1,
  };
  for (const [name, sum] of Object.entries(expected)) expect([name, await read(name, ofRule)]).toEqual([name, [sum]]);
  expect(await read('PutEventsEntriesCount', [])).toEqual([4]);
  expect(await read('InvocationsFailedToBeSentToDlq', ofRule)).toEqual([]);
});
