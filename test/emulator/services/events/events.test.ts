import {
  CancelReplayCommand,
  CreateArchiveCommand,
  CreateEventBusCommand,
  DeleteArchiveCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeArchiveCommand,
  DescribeEventBusCommand,
  DescribeReplayCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  type EventBridgeClient,
  ListArchivesCommand,
  ListEventBusesCommand,
  ListReplaysCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  RemoveTargetsCommand,
  StartReplayCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateArchiveCommand,
  UpdateEventBusCommand,
} from '@aws-sdk/client-eventbridge';
import { ACCOUNT, EventsInTest, refusalOf, REGION, TRANSPORTS } from './events-in-test';

// Contract §11.

const ARN = (resource: string) => `arn:aws:events:${REGION}:${ACCOUNT}:${resource}`;
const PATTERN = '{"source": ["shop"]}';
const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:q`;

describe.each(TRANSPORTS)('EventBridge by %s', (transport) => {
  let cloud: EventsInTest;
  let events: EventBridgeClient;
  beforeEach(async () => {
    cloud = await EventsInTest.open(transport);
    events = cloud.events;
  });
  afterEach(() => cloud.close());

  const bus = (Name: string) => events.send(new CreateEventBusCommand({ Name }));
  const rule = (Name: string, settings: object = { EventPattern: PATTERN }) =>
    events.send(new PutRuleCommand({ Name, ...settings }));
  const target = (Rule: string, settings: object = {}) =>
    events.send(new PutTargetsCommand({ Rule, Targets: [{ Id: 't', Arn: QUEUE, ...settings }] }));

  test('buses are created, described, listed, changed and deleted', async () => {
    const created = await events.send(
      new CreateEventBusCommand({ Name: 'orders', Description: 'd', Tags: [{ Key: 'a', Value: 'b' }] }),
    );
    expect(created).toMatchObject({ EventBusArn: ARN('event-bus/orders'), Description: 'd' });
    expect(await events.send(new DescribeEventBusCommand({ Name: ARN('event-bus/orders') }))).toMatchObject({
      Name: 'orders',
      Arn: ARN('event-bus/orders'),
      CreationTime: new Date(cloud.clock.now()),
    });
    await events.send(new UpdateEventBusCommand({ Name: 'orders', Description: 'e' }));
    expect((await events.send(new ListEventBusesCommand({}))).EventBuses).toEqual([
      expect.objectContaining({ Name: 'default', Arn: ARN('event-bus/default') }),
      expect.objectContaining({ Name: 'orders', Description: 'e' }),
    ]);
    expect((await events.send(new ListEventBusesCommand({ NamePrefix: 'o', Limit: 1 }))).EventBuses).toHaveLength(1);
    await events.send(new DeleteEventBusCommand({ Name: 'orders' }));
    await events.send(new DeleteEventBusCommand({ Name: 'orders' }));
    expect((await events.send(new ListEventBusesCommand({}))).EventBuses).toHaveLength(1);
  });

  test('PutRule replaces all settings and keeps targets and tags', async () => {
    const Tags = [{ Key: 'a', Value: 'b' }];
    const { RuleArn } = await rule('r', { EventPattern: PATTERN, Description: 'd', State: 'DISABLED', Tags });
    expect(RuleArn).toBe(ARN('rule/r'));
    await target('r');
    await rule('r', { ScheduleExpression: 'rate(5 minutes)', Tags: [] });
    expect(await events.send(new DescribeRuleCommand({ Name: 'r' }))).toEqual({
      $metadata: expect.anything() as unknown,
      Arn: ARN('rule/r'),
      CreatedBy: ACCOUNT,
      EventBusName: 'default',
      Name: 'r',
      ScheduleExpression: 'rate(5 minutes)',
      State: 'ENABLED',
    });
    expect((await events.send(new ListTargetsByRuleCommand({ Rule: 'r' }))).Targets).toEqual([{ Id: 't', Arn: QUEUE }]);
    expect((await events.send(new ListTagsForResourceCommand({ ResourceARN: RuleArn }))).Tags).toEqual(Tags);
  });

  test('a rule of another bus has the bus in its ARN, and its pattern as it was given', async () => {
    await bus('orders');
    const { RuleArn } = await rule('r', { EventPattern: PATTERN, EventBusName: 'orders' });
    expect(RuleArn).toBe(ARN('rule/orders/r'));
    expect(await events.send(new DescribeRuleCommand({ Name: 'r', EventBusName: 'orders' }))).toMatchObject({
      EventPattern: PATTERN,
      EventBusName: 'orders',
    });
  });

  test('rules are listed by pages, prefix and target, disabled, enabled and deleted', async () => {
    for (const name of ['b', 'a1', 'a2']) await rule(name);
    await target('a2');
    const first = await events.send(new ListRulesCommand({ NamePrefix: 'a', Limit: 1 }));
    expect(first.Rules?.map(({ Name }) => Name)).toEqual(['a1']);
    const second = await events.send(new ListRulesCommand({ NamePrefix: 'a', Limit: 1, NextToken: first.NextToken }));
    expect(second.Rules?.map(({ Name }) => Name)).toEqual(['a2']);
    expect(second.NextToken).toBeUndefined();
    const byTarget = await events.send(new ListRuleNamesByTargetCommand({ TargetArn: QUEUE }));
    expect(byTarget.RuleNames).toEqual(['a2']);
    await events.send(new DisableRuleCommand({ Name: 'b' }));
    expect((await events.send(new DescribeRuleCommand({ Name: 'b' }))).State).toBe('DISABLED');
    await events.send(new EnableRuleCommand({ Name: 'b' }));
    expect((await events.send(new DescribeRuleCommand({ Name: 'b' }))).State).toBe('ENABLED');
    await events.send(new RemoveTargetsCommand({ Rule: 'a2', Ids: ['t'] }));
    await events.send(new DeleteRuleCommand({ Name: 'a2' }));
    await events.send(new DeleteRuleCommand({ Name: 'a2' }));
    expect((await events.send(new ListRulesCommand({}))).Rules).toHaveLength(2);
  });

  test('tags of rules and buses', async () => {
    const { RuleArn: ResourceARN } = await rule('r');
    await events.send(
      new TagResourceCommand({
        ResourceARN,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    );
    await events.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['a'] }));
    expect((await events.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags).toEqual([
      { Key: 'b', Value: '2' },
    ]);
    const ofBus = await events.send(new ListTagsForResourceCommand({ ResourceARN: ARN('event-bus/default') }));
    expect(ofBus.Tags).toEqual([]);
  });

  test('permissions are statements of the policy of a bus', async () => {
    const permission = { Action: 'events:PutEvents', Principal: '111111111111', StatementId: 'one' };
    await events.send(new PutPermissionCommand(permission));
    const Condition = { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: 'o-1' };
    await events.send(new PutPermissionCommand({ ...permission, Principal: '*', StatementId: 'org', Condition }));
    const { Policy = '' } = await events.send(new DescribeEventBusCommand({}));
    expect(JSON.parse(Policy)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'one',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111111111111:root' },
          Action: 'events:PutEvents',
          Resource: ARN('event-bus/default'),
        },
        {
          Sid: 'org',
          Effect: 'Allow',
          Principal: '*',
          Action: 'events:PutEvents',
          Resource: ARN('event-bus/default'),
          Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
        },
      ],
    });
    await events.send(new RemovePermissionCommand({ StatementId: 'one' }));
    await events.send(new RemovePermissionCommand({ RemoveAllPermissions: true }));
    expect((await events.send(new DescribeEventBusCommand({}))).Policy).toBeUndefined();
  });

  test('an archive keeps events that match and a replay sends them again', async () => {
    const queue = await cloud.queue('q');
    await rule('r', { EventPattern: '{"detail": {"n": [{"exists": true}]}}' });
    await target('r');
    const EventSourceArn = ARN('event-bus/default');
    const { ArchiveArn } = await events.send(
      new CreateArchiveCommand({ ArchiveName: 'a', EventSourceArn, EventPattern: PATTERN, RetentionDays: 1 }),
    );
    const start = new Date(cloud.clock.now());
    const put = (Source: string, n: number) =>
      events.send(new PutEventsCommand({ Entries: [{ Source, DetailType: 'd', Detail: JSON.stringify({ n }) }] }));
    await put('shop', 1);
    await put('other', 2);
    expect(await cloud.bodies(queue)).toHaveLength(2);
    expect(await events.send(new DescribeArchiveCommand({ ArchiveName: 'a' }))).toMatchObject({
      ArchiveArn: ARN('archive/a'),
      EventCount: 1,
      State: 'ENABLED',
      EventPattern: PATTERN,
    });
    const replay = {
      EventSourceArn: ArchiveArn,
      EventStartTime: start,
      EventEndTime: new Date(start.getTime() + 60_000),
      Destination: { Arn: EventSourceArn },
    };
    const started = await events.send(new StartReplayCommand({ ReplayName: 'again', ...replay }));
    expect(started.State).toBe('STARTING');
    await cloud.clock.advance(1_000);
    const [again] = await cloud.bodies(queue);
    expect(JSON.parse(again)).toMatchObject({ detail: { n: 1 }, 'replay-name': 'again' });
    expect((await events.send(new DescribeReplayCommand({ ReplayName: 'again' }))).State).toBe('COMPLETED');
    await events.send(
      new StartReplayCommand({
        ReplayName: 'none',
        ...replay,
        Destination: { Arn: EventSourceArn, FilterArns: ['x'] },
      }),
    );
    await events.send(new StartReplayCommand({ ReplayName: 'cancelled', ...replay }));
    await events.send(new CancelReplayCommand({ ReplayName: 'cancelled' }));
    await cloud.clock.advance(1_000);
    expect(await cloud.bodies(queue)).toEqual([]);
    const { Replays = [] } = await events.send(new ListReplaysCommand({}));
    expect(Replays.map(({ ReplayName, State }) => [ReplayName, State])).toEqual([
      ['again', 'COMPLETED'],
      ['cancelled', 'CANCELLED'],
      ['none', 'COMPLETED'],
    ]);
    await cloud.clock.advance(86_400_000);
    expect((await events.send(new ListArchivesCommand({}))).Archives).toMatchObject([{ EventCount: 0 }]);
    await events.send(new UpdateArchiveCommand({ ArchiveName: 'a', Description: 'new' }));
    await events.send(new DeleteArchiveCommand({ ArchiveName: 'a' }));
  });

  /** Requests that AWS refuses, the code (ValidationException unless said otherwise) and the message. */
  const REFUSALS: readonly [what: string, request: () => Promise<unknown>, message: string | RegExp, code?: string][] =
    [
      [
        'an unknown bus',
        () => rule('r', { EventPattern: PATTERN, EventBusName: 'x' }),
        'Event bus x does not exist.',
        'ResourceNotFoundException',
      ],
      [
        'a second bus of the same name',
        async () => {
          await bus('b');
          await bus('b');
        },
        'Event bus b already exists.',
        'ResourceAlreadyExistsException',
      ],
      [
        'the deletion of the default bus',
        () => events.send(new DeleteEventBusCommand({ Name: 'default' })),
        'Cannot delete event bus default.',
      ],
      [
        'an unknown rule',
        () => events.send(new DescribeRuleCommand({ Name: 'x' })),
        'Rule x does not exist on EventBus default.',
        'ResourceNotFoundException',
      ],
      [
        'targets of an unknown rule',
        () => target('x'),
        'Rule x does not exist on EventBus default.',
        'ResourceNotFoundException',
      ],
      [
        'the deletion of a rule with targets',
        async () => {
          await rule('r');
          await target('r');
          await events.send(new DeleteRuleCommand({ Name: 'r' }));
        },
        "Rule can't be deleted since it has targets.",
      ],
      [
        'a sixth target',
        async () => {
          await rule('r');
          await events.send(
            new PutTargetsCommand({
              Rule: 'r',
              Targets: Array.from({ length: 6 }, (_, i) => ({ Id: `${i}`, Arn: QUEUE })),
            }),
          );
        },
        'The requested resource exceeds the maximum number allowed.',
        'LimitExceededException',
      ],
      [
        'a target id with a slash',
        () => target('r', { Id: 'a/b' }),
        String.raw`1 validation error detected: Value 'a/b' at 'targets.1.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+`,
      ],
      [
        'a target id of 65 characters',
        () => target('r', { Id: 'a'.repeat(65) }),
        /at 'targets.1.member.id' failed to satisfy constraint: Member must have length less than or equal to 64/,
      ],
      [
        'both Input and InputPath',
        () => target('r', { Input: '1', InputPath: '$' }),
        'Only one of Input, InputPath, or InputTransformer must be provided for target t.',
      ],
      [
        'an unknown placeholder',
        () => target('r', { InputTransformer: { InputPathsMap: { a: '$.id' }, InputTemplate: '"<a> <b>"' } }),
        'InputTemplate for target t contains invalid placeholder b.',
      ],
      [
        'a FIFO queue without a group',
        () => target('r', { Arn: `${QUEUE}.fifo` }),
        'Parameter(s) SqsParameters must be specified for target: t.',
      ],
      [
        'an API destination',
        () => target('r', { Arn: ARN('api-destination/x/1') }),
        'API destinations are not emulated.',
      ],
      [
        'a FIFO dead-letter queue',
        () => target('r', { DeadLetterConfig: { Arn: `${QUEUE}.fifo` } }),
        /must be a standard queue/,
      ],
      [
        '186 retries',
        () => target('r', { RetryPolicy: { MaximumRetryAttempts: 186 } }),
        /maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 185/,
      ],
      [
        'an event age of 59 seconds',
        () => target('r', { RetryPolicy: { MaximumEventAgeInSeconds: 59 } }),
        /Member must have value greater than or equal to 60/,
      ],
      [
        'a rule without pattern and schedule',
        () => rule('r', {}),
        'Parameter(s) EventPattern or ScheduleExpression must be specified.',
      ],
      [
        'a schedule on another bus',
        async () => {
          await bus('b');
          await rule('r', { EventBusName: 'b', ScheduleExpression: 'rate(1 minute)' });
        },
        'ScheduleExpression is supported only on the default event bus.',
      ],
      [
        'a state that does not exist',
        () => rule('r', { EventPattern: PATTERN, State: 'ON' }),
        /Value 'ON' at 'state' failed to satisfy constraint: Member must satisfy enum value set/,
      ],
      [
        'an unknown statement',
        async () => {
          await events.send(new PutPermissionCommand({ Action: 'events:PutEvents', Principal: '*', StatementId: 'a' }));
          await events.send(new RemovePermissionCommand({ StatementId: 'b' }));
        },
        'Statement with the provided id does not exist.',
        'ResourceNotFoundException',
      ],
      [
        'a malformed policy',
        () => events.send(new PutPermissionCommand({ Policy: '{"Statement": [{}]}' })),
        /Parameter Policy is not valid/,
      ],
      [
        'a second archive of the same name',
        async () => {
          const a = new CreateArchiveCommand({ ArchiveName: 'a', EventSourceArn: ARN('event-bus/default') });
          await events.send(a);
          await events.send(a);
        },
        'Archive a already exists.',
        'ResourceAlreadyExistsException',
      ],
      [
        'an unknown archive',
        () => events.send(new DescribeArchiveCommand({ ArchiveName: 'x' })),
        'Archive x does not exist.',
        'ResourceNotFoundException',
      ],
      [
        'an unknown replay',
        () => events.send(new DescribeReplayCommand({ ReplayName: 'x' })),
        'Replay x does not exist.',
        'ResourceNotFoundException',
      ],
      [
        'a page of 101',
        () => events.send(new ListRulesCommand({ Limit: 101 })),
        /Member must have value less than or equal to 100/,
      ],
      [
        'a foreign page token',
        () => events.send(new ListRulesCommand({ NextToken: 'x' })),
        'Parameter NextToken is not valid.',
      ],
      [
        'a request without a name',
        () => events.send(new PutRuleCommand({ EventPattern: PATTERN } as never)),
        "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
      ],
    ];

  test.each(REFUSALS)('%s is refused', async (_what, request, message, code = 'ValidationException') => {
    const refused = await refusalOf(request());
    expect([refused.name, refused.$metadata.httpStatusCode]).toEqual([code, 400]);
    if (typeof message === 'string') expect(refused.message).toBe(message);
    else expect(refused.message).toMatch(message);
  });

  test.each([
    ...['rate(1 minute)', 'rate(5 minutes)', 'rate(1 hour)', 'rate(2 days)', 'cron(0/15 * * * ? *)'],
    ...['cron(0/5 8-17 ? * MON-FRI *)', 'cron(15 10 ? * 6L 2002-2005)', 'cron(0 2 ? * SAT#3 *)'],
    ...['cron(0/5 5 ? JAN 1-5 2022)', 'cron(* * ? * SAT#3 *)', 'cron(0 0 L * ? *)', 'cron(0 0 15W * ? *)'],
  ])('the schedule %s is accepted', async (ScheduleExpression) => {
    await rule('r', { ScheduleExpression });
  });

  test.each([
    ...['rate(10 seconds)', 'rate(1 minutes)', 'rate(10 minute)', 'rate(0 minutes)', 'rate(-10 minutes)'],
    ...['rate(10 MINUTES)', 'rate( 10 minutes )', ' rate(10 minutes)', 'rate()', 'rate(10)', 'cron(0 1 * * * *)'],
    ...['cron(7 20 * * NOT *)', 'cron(71 8 1 * ? *)', 'cron()', 'cron(INVALID)', 'at(2030-01-01T00:00:00)'],
    ...['cron(0 0 ? * 0 *)', 'cron(0 0 ? * 8 *)', 'cron(0 0 32 * ? *)', 'cron(0 0 1 * ? 1969)'],
  ])('the schedule %j is refused', async (ScheduleExpression) => {
    expect(await refusalOf(rule('r', { ScheduleExpression }))).toMatchObject({
      name: 'ValidationException',
      message: 'Parameter ScheduleExpression is not valid.',
    });
  });

  test('each entry of PutEvents succeeds or fails alone', async () => {
    const good = { Source: 's', DetailType: 'd', Detail: '{}' };
    const { Entries, FailedEntryCount } = await events.send(
      new PutEventsCommand({
        Entries: [
          good,
          { ...good, Source: undefined },
          { ...good, DetailType: '' },
          { ...good, Detail: undefined },
          { ...good, Detail: '[]' },
          { ...good, Detail: '"{}"' },
          { ...good, Detail: '{' },
          { ...good, Source: 'aws.ec2' },
          { ...good, EventBusName: 'no-such-bus' },
          { ...good, Detail: '{"a":'.repeat(1_001) + '1' + '}'.repeat(1_001) },
        ],
      }),
    );
    const missing = (member: string) => ({
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${member} is not valid. Reason: ${member} is a required argument.`,
    });
    const malformed = { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const accepted = { EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string };
    expect(FailedEntryCount).toBe(8);
    expect(Entries).toEqual([
      accepted,
      missing('Source'),
      missing('DetailType'),
      missing('Detail'),
      malformed,
      malformed,
      malformed,
      { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' },
      accepted,
      malformed,
    ]);
  });

  test.each([
    [
      'eleven entries',
      Array(11).fill({ Source: 's' }),
      /^1 validation error detected: Value '\[PutEventsRequestEntry\(time=null, source=s, .*\)\]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10$/,
    ],
    ['no entries', [], /Member must have length greater than or equal to 1$/],
    [
      '1 MiB and a byte',
      [{ Source: 's', DetailType: 'd', Detail: `{"a":"${'x'.repeat(1_048_576 - 9)}"}` }],
      /^Total size of the entries in the request is over the limit.$/,
    ],
  ])('%s are refused', async (_what, Entries, message) => {
    const { name, message: given } = await refusalOf(events.send(new PutEventsCommand({ Entries })));
    expect(name).toBe('ValidationException');
    expect(given).toMatch(message);
  });

  test('1 MiB of entries is accepted, 14 bytes of a time included', async () => {
    const entry = { Source: 's', DetailType: 'd', Time: new Date(0), Detail: `{"a":"${'x'.repeat(1_048_576 - 24)}"}` };
    const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries: [entry] }));
    expect(FailedEntryCount).toBe(0);
    const longer = { ...entry, Detail: entry.Detail.replace('x', 'xx') };
    expect((await refusalOf(events.send(new PutEventsCommand({ Entries: [longer] })))).name).toBe(
      'ValidationException',
    );
  });

  test('a bus holds 300 rules, 30 with wildcards', async () => {
    for (let index = 0; index < 30; index++) {
      await rule(`w${index}`, { EventPattern: '{"source": [{"wildcard": "a*"}]}' });
    }
    const wildcard = { EventPattern: '{"source": [{"wildcard": "a*"}]}' };
    expect((await refusalOf(rule('w30', wildcard))).name).toBe('LimitExceededException');
    await rule('w0', wildcard);
    for (let index = 30; index < 300; index++) await rule(`r${index}`);
    expect((await refusalOf(rule('r300'))).name).toBe('LimitExceededException');
  });
});
