import {
  DescribeArchiveCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { App, CfnResource, Stack } from 'aws-cdk-lib/core';
import { LocalCloud } from '../../../../lib/testing';

// Contract §11.7 and §3: what updates, replacements and deletions of stacks do.

const ACCOUNT = '000000000000';
const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;
const [QUEUE, OTHER_QUEUE] = [arn('sqs', 'q'), arn('sqs', 'other')];

/** The type and the properties of each resource, by logical id. */
type Resources = Readonly<Record<string, readonly [type: string, properties: object]>>;

function stackOf(resources: Resources): Stack {
  const stack = new Stack(new App(), 'App');
  for (const [id, [type, properties]] of Object.entries(resources)) {
    new CfnResource(stack, id, { type: `AWS::${type}`, properties });
  }
  return stack;
}

interface Clients {
  readonly events: EventBridgeClient;
  readonly sns: SNSClient;
}

/** Deploys resources, then others, and returns what happened to each of them, with clients of the cloud. */
async function updated(before: Resources, after: Resources) {
  const cloud = await LocalCloud.fromStack(stackOf(before));
  const [{ resources, removed }] = await cloud.update(stackOf(after));
  const actions = Object.fromEntries(resources.map(({ logicalId, action }) => [logicalId, action]));
  const failures = removed.filter(({ failure }) => failure !== undefined);
  const config = cloud.clientConfig();
  const clients: Clients = { events: new EventBridgeClient(config), sns: new SNSClient(config) };
  return { cloud, actions, removed: removed.map(({ logicalId }) => logicalId), failures, ...clients };
}

const allow = (Sid: string, Resource: string, Action = 'events:PutEvents', account = '111111111111') => ({
  Sid,
  Effect: 'Allow',
  Principal: { AWS: account },
  Action,
  Resource,
});
const BUS_ARN = arn('events', 'event-bus/shop');
const BUS = ['Events::EventBus', { Name: 'shop' }] as const;
const rule = (properties: object) =>
  [
    'Events::Rule',
    { Name: 'r', EventPattern: { source: ['a'] }, Targets: [{ Id: 'one', Arn: QUEUE }], ...properties },
  ] as const;
const archive = (properties: object) =>
  ['Events::Archive', { ArchiveName: 'old', SourceArn: arn('events', 'event-bus/default'), ...properties }] as const;
const policyOf = async (events: EventBridgeClient): Promise<unknown> => {
  const { Policy = '{}' } = await events.send(new DescribeEventBusCommand({ Name: 'shop' }));
  return (JSON.parse(Policy) as { Statement?: { Sid: string }[] }).Statement?.map(({ Sid }) => Sid);
};
const TOPIC_ARN = arn('sns', 't');
const TOPIC = ['SNS::Topic', { TopicName: 't' }] as const;
const subscription = (properties: object) =>
  ['SNS::Subscription', { TopicArn: TOPIC_ARN, Protocol: 'sqs', Endpoint: QUEUE, ...properties }] as const;
const attributesOf = async (sns: SNSClient) =>
  (await sns.send(new GetTopicAttributesCommand({ TopicArn: TOPIC_ARN }))).Attributes ?? {};
const sidsOf = async (sns: SNSClient) =>
  (JSON.parse((await attributesOf(sns)).Policy) as { Statement: { Sid: string }[] }).Statement.map(({ Sid }) => Sid);
const subscriptionsOf = async (sns: SNSClient) =>
  (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: TOPIC_ARN }))).Subscriptions ?? [];

/** What is deployed first and then, what happens to each resource, and what the API then says. */
const UPDATES: readonly [
  what: string,
  before: Resources,
  after: Resources,
  actions: Readonly<Record<string, string>>,
  check: (clients: Clients) => Promise<unknown>,
  expected: unknown,
][] = [
  [
    'a bus gets another description and policy in place',
    { Bus: ['Events::EventBus', { Name: 'shop', Description: 'one', Policy: { Statement: [allow('a', BUS_ARN)] } }] },
    { Bus: ['Events::EventBus', { Name: 'shop', Description: 'two', Policy: { Statement: [allow('b', BUS_ARN)] } }] },
    { Bus: 'updated' },
    async ({ events }) => [
      (await events.send(new DescribeEventBusCommand({ Name: 'shop' }))).Description,
      await policyOf(events),
    ],
    ['two', ['b']],
  ],
  [
    'a bus loses its policy',
    { Bus: ['Events::EventBus', { Name: 'shop', Policy: { Statement: [allow('a', BUS_ARN)] } }] },
    { Bus: BUS },
    { Bus: 'updated' },
    ({ events }) => policyOf(events),
    undefined,
  ],
  [
    'a bus with another name replaces the old one',
    { Bus: ['Events::EventBus', { Name: 'old' }] },
    { Bus: BUS },
    { Bus: 'replaced' },
    ({ events }) => events.send(new DescribeEventBusCommand({ Name: 'old' })).catch((error: Error) => error.name),
    'ResourceNotFoundException',
  ],
  [
    'a statement changes in place, and one with another id replaces the old one',
    {
      Bus: BUS,
      Kept: ['Events::EventBusPolicy', { EventBusName: 'shop', StatementId: 'a', Statement: allow('a', BUS_ARN) }],
      Moved: ['Events::EventBusPolicy', { EventBusName: 'shop', StatementId: 'b', Statement: allow('b', BUS_ARN) }],
    },
    {
      Bus: BUS,
      Kept: [
        'Events::EventBusPolicy',
        { EventBusName: 'shop', StatementId: 'a', Statement: allow('a', BUS_ARN, 'events:PutEvents', '222222222222') },
      ],
      Moved: ['Events::EventBusPolicy', { EventBusName: 'shop', StatementId: 'c', Statement: allow('c', BUS_ARN) }],
    },
    { Bus: 'unchanged', Kept: 'updated', Moved: 'replaced' },
    ({ events }) => policyOf(events),
    ['a', 'c'],
  ],
  [
    'a rule gets other settings, targets and tags in place',
    { Rule: rule({ Tags: [{ Key: 'team', Value: 'one' }] }) },
    {
      Rule: rule({
        EventPattern: { source: ['b'] },
        State: 'DISABLED',
        Description: 'new',
        Targets: [{ Id: 'two', Arn: OTHER_QUEUE }],
        Tags: [{ Key: 'team', Value: 'two' }],
      }),
    },
    { Rule: 'updated' },
    async ({ events }) => {
      const { EventPattern, State, Description } = await events.send(new DescribeRuleCommand({ Name: 'r' }));
      const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: 'r' }));
      const { Tags } = await events.send(new ListTagsForResourceCommand({ ResourceARN: arn('events', 'rule/r') }));
      return { EventPattern, State, Description, Targets, team: Tags?.find(({ Key }) => Key === 'team')?.Value };
    },
    {
      EventPattern: '{"source":["b"]}',
      State: 'DISABLED',
      Description: 'new',
      Targets: [{ Id: 'two', Arn: OTHER_QUEUE }],
      team: 'two',
    },
  ],
  [
    'a rule with another name replaces the old one, and so does one on another bus',
    { Bus: BUS, Named: rule({ Name: 'one' }), Moved: rule({ Name: undefined }) },
    { Bus: BUS, Named: rule({ Name: 'three' }), Moved: rule({ Name: undefined, EventBusName: 'shop' }) },
    { Bus: 'unchanged', Named: 'replaced', Moved: 'replaced' },
    async ({ events }) =>
      Promise.all(
        ['default', 'shop'].map(async (EventBusName) =>
          (await events.send(new ListRulesCommand({ EventBusName }))).Rules?.map(({ Name }) => Name),
        ),
      ),
    [['three'], [expect.stringMatching(/^App-Moved-/)]],
  ],
  [
    'an archive keeps events for another time, in place',
    { Archive: archive({ RetentionDays: 3 }) },
    { Archive: archive({ RetentionDays: 5, EventPattern: { source: ['a'] } }) },
    { Archive: 'updated' },
    async ({ events }) => {
      const { RetentionDays, EventPattern } = await events.send(new DescribeArchiveCommand({ ArchiveName: 'old' }));
      return [RetentionDays, EventPattern];
    },
    [5, '{"source":["a"]}'],
  ],
  [
    'an archive with another name replaces the old one',
    { Archive: archive({}) },
    { Archive: archive({ ArchiveName: 'new' }) },
    { Archive: 'replaced' },
    ({ events }) => events.send(new DescribeArchiveCommand({ ArchiveName: 'old' })).catch((error: Error) => error.name),
    'ResourceNotFoundException',
  ],
  [
    'a topic gets another display name in place, and its default where none is given',
    { Topic: ['SNS::Topic', { TopicName: 't', DisplayName: 'one', TracingConfig: 'Active' }] },
    { Topic: ['SNS::Topic', { TopicName: 't', DisplayName: 'two' }] },
    { Topic: 'updated' },
    async ({ sns }) => {
      const { DisplayName, TracingConfig } = await attributesOf(sns);
      return [DisplayName, TracingConfig ?? 'PassThrough'];
    },
    ['two', 'PassThrough'],
  ],
  [
    'a topic with another name replaces the old one',
    { Topic: ['SNS::Topic', { TopicName: 'old' }] },
    { Topic: TOPIC },
    { Topic: 'replaced' },
    async ({ sns }) => (await sns.send(new ListTopicsCommand({}))).Topics?.map(({ TopicArn }) => TopicArn),
    [TOPIC_ARN],
  ],
  [
    'a subscription gets another filter and raw delivery in place',
    { Topic: TOPIC, Queue: ['SQS::Queue', { QueueName: 'q' }], Sub: subscription({ FilterPolicy: { a: ['x'] } }) },
    {
      Topic: TOPIC,
      Queue: ['SQS::Queue', { QueueName: 'q' }],
      Sub: subscription({ FilterPolicy: { a: ['y'] }, RawMessageDelivery: true }),
    },
    { Topic: 'unchanged', Queue: 'unchanged', Sub: 'updated' },
    async ({ sns }) => {
      const [{ SubscriptionArn }] = await subscriptionsOf(sns);
      const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
      return [Attributes?.FilterPolicy, Attributes?.RawMessageDelivery];
    },
    ['{"a":["y"]}', 'true'],
  ],
  [
    'a subscription of another queue replaces the old one',
    { Topic: TOPIC, Sub: subscription({}) },
    { Topic: TOPIC, Sub: subscription({ Endpoint: OTHER_QUEUE }) },
    { Topic: 'unchanged', Sub: 'replaced' },
    async ({ sns }) => (await subscriptionsOf(sns)).map(({ Endpoint }) => Endpoint),
    [OTHER_QUEUE],
  ],
  [
    "a topic's policy changes in place",
    {
      Topic: TOPIC,
      Policy: [
        'SNS::TopicPolicy',
        { Topics: [TOPIC_ARN], PolicyDocument: { Statement: [allow('a', TOPIC_ARN, 'sns:Publish')] } },
      ],
    },
    {
      Topic: TOPIC,
      Policy: [
        'SNS::TopicPolicy',
        { Topics: [TOPIC_ARN], PolicyDocument: { Statement: [allow('b', TOPIC_ARN, 'sns:Publish')] } },
      ],
    },
    { Topic: 'unchanged', Policy: 'updated' },
    ({ sns }) => sidsOf(sns),
    ['b'],
  ],
  [
    "a topic's inline policy changes in place",
    {
      Topic: TOPIC,
      Policy: [
        'SNS::TopicInlinePolicy',
        { TopicArn: TOPIC_ARN, PolicyDocument: { Statement: [allow('a', TOPIC_ARN, 'sns:Publish')] } },
      ],
    },
    {
      Topic: TOPIC,
      Policy: [
        'SNS::TopicInlinePolicy',
        { TopicArn: TOPIC_ARN, PolicyDocument: { Statement: [allow('b', TOPIC_ARN, 'sns:Publish')] } },
      ],
    },
    { Topic: 'unchanged', Policy: 'updated' },
    ({ sns }) => sidsOf(sns),
    ['b'],
  ],
];

test.each(UPDATES)('%s', async (_what, before, after, actions, check, expected) => {
  const result = await updated(before, after);
  await using _cloud = result.cloud;
  expect(result.actions).toEqual(actions);
  expect(result.failures).toEqual([]);
  expect(await check(result)).toEqual(expected);
});

test('what a template no longer has is deleted: rules with their targets, and policies with their statements', async () => {
  const all: Resources = {
    Bus: BUS,
    Statement: ['Events::EventBusPolicy', { EventBusName: 'shop', StatementId: 'a', Statement: allow('a', BUS_ARN) }],
    Rule: rule({}),
    Archive: archive({}),
    Topic: TOPIC,
    Sub: subscription({}),
    Policy: [
      'SNS::TopicPolicy',
      { Topics: [TOPIC_ARN], PolicyDocument: { Statement: [allow('a', TOPIC_ARN, 'sns:Publish')] } },
    ],
  };
  const left = await updated(all, { Bus: BUS, Topic: TOPIC });
  await using cloud = left.cloud;
  expect(left.failures).toEqual([]);
  expect(left.removed.sort()).toEqual(['Archive', 'Policy', 'Rule', 'Statement', 'Sub']);
  expect(await policyOf(left.events)).toBeUndefined();
  expect((await left.events.send(new ListRulesCommand({}))).Rules).toEqual([]);
  await expect(left.events.send(new DescribeArchiveCommand({ ArchiveName: 'old' }))).rejects.toThrow('does not exist');
  expect(await subscriptionsOf(left.sns)).toEqual([]);
  expect(await sidsOf(left.sns)).toEqual(['__default_statement_ID']);
  const [{ removed }] = await cloud.update(stackOf({ Other: ['SQS::Queue', {}] }));
  expect(removed.map(({ logicalId, failure }) => [logicalId, failure])).toEqual([
    ['Topic', undefined],
    ['Bus', undefined],
  ]);
  await expect(left.events.send(new DescribeEventBusCommand({ Name: 'shop' }))).rejects.toThrow('does not exist');
  expect((await left.sns.send(new ListTopicsCommand({}))).Topics).toEqual([]);
});

test('an update that fails leaves rules and topics as they were', async () => {
  const broken: Resources = {
    Rule: rule({ EventPattern: { source: ['b'] }, Targets: [{ Id: 'two', Arn: OTHER_QUEUE }] }),
    Topic: ['SNS::Topic', { TopicName: 't', DisplayName: 'two' }],
    Broken: ['Events::Rule', { Name: 'broken', EventPattern: { source: [{ unknown: 1 }] } }],
  };
  const before: Resources = { Rule: rule({}), Topic: ['SNS::Topic', { TopicName: 't', DisplayName: 'one' }] };
  await using cloud = await LocalCloud.fromStack(stackOf(before));
  await expect(cloud.update(stackOf(broken))).rejects.toThrow('Event pattern is not valid');
  const config = cloud.clientConfig();
  const events = new EventBridgeClient(config);
  expect((await events.send(new DescribeRuleCommand({ Name: 'r' }))).EventPattern).toBe('{"source":["a"]}');
  expect((await events.send(new ListTargetsByRuleCommand({ Rule: 'r' }))).Targets).toEqual([{ Id: 'one', Arn: QUEUE }]);
  expect((await attributesOf(new SNSClient(config))).DisplayName).toBe('one');
});

test('the load report names targets that nothing is sent to, and types that are not emulated', async () => {
  const stack = stackOf({
    Machine: ['StepFunctions::StateMachine', { RoleArn: arn('iam', 'role/r'), DefinitionString: '{}' }],
    Api: [
      'Events::ApiDestination',
      { ConnectionArn: arn('events', 'connection/c'), HttpMethod: 'POST', InvocationEndpoint: 'https://example.com' },
    ],
    Global: ['Events::Endpoint', { EventBuses: [], RoutingConfig: {} }],
    Schemas: ['Events::Something', {}],
    Rule: rule({
      Targets: [
        { Id: 'queue', Arn: QUEUE },
        { Id: 'machine', Arn: arn('states', 'stateMachine:m'), RoleArn: `arn:aws:iam::${ACCOUNT}:role/r` },
      ],
    }),
  });
  await using cloud = await LocalCloud.fromStack(stack);
  const byId = new Map(cloud.reports[0].resources.map((resource) => [resource.logicalId, resource]));
  expect(byId.get('Rule')?.properties.filter(({ status }) => status === 'unsupported')).toEqual([
    {
      name: 'Targets',
      status: 'unsupported',
      note: `nothing is sent to the target machine: ${arn('states', 'stateMachine:m')}`,
    },
  ]);
  expect(['Api', 'Global', 'Schemas'].map((id) => byId.get(id)?.note)).toEqual([
    'events are not sent to HTTP endpoints',
    'events are put on the buses of one Region',
    'the emulator has no such resources',
  ]);
});
