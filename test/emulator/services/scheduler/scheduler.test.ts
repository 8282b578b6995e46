import {
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  ListTagsForResourceCommand,
  type SchedulerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { ACCOUNT, refusalOf, REGION, TRANSPORTS } from '../events/events-in-test';
import { GROUP_ARN, inputOf, QUEUE_ARN, ROLE_ARN, SchedulerInTest, type ScheduleSettings } from './scheduler-in-test';

// Contract §12.1 and §12.2.

const ARN = (resource: string) => `arn:aws:scheduler:${REGION}:${ACCOUNT}:${resource}`;

const constraint = (value: string, where: string, must: string) =>
  `1 validation error detected: Value '${value}' at '${where}' failed to satisfy constraint: Member must ${must}`;
const NAME_PATTERN = 'satisfy regular expression pattern: [0-9a-zA-Z-_.]+';
const long = (length: number) => 'x'.repeat(length);
const INVALID = 'Invalid Schedule Expression';

/** What CreateSchedule refuses, with its message where AWS's is known. */
const REFUSALS: readonly [what: string, settings: ScheduleSettings, message: string | RegExp][] = [
  ['a name with blanks', { Name: 'a b' }, constraint('a b', 'name', NAME_PATTERN)],
  ['a long name', { Name: long(65) }, constraint(long(65), 'name', 'have length less than or equal to 64')],
  ['a group name with a slash', { GroupName: 'a/b' }, constraint('a/b', 'groupName', NAME_PATTERN)],
  [
    'a long description',
    { Description: long(513) },
    constraint(long(513), 'description', 'have length less than or equal to 512'),
  ],
  [
    'an unknown state',
    { State: 'PAUSED' as 'ENABLED' },
    constraint('PAUSED', 'state', 'satisfy enum value set: [ENABLED, DISABLED]'),
  ],
  [
    'an unknown action after completion',
    { ActionAfterCompletion: 'KEEP' as 'NONE' },
    constraint('KEEP', 'actionAfterCompletion', 'satisfy enum value set: [NONE, DELETE]'),
  ],
  [
    'an unknown mode of the window',
    { FlexibleTimeWindow: { Mode: 'ON' as 'OFF' } },
    constraint('ON', 'flexibleTimeWindow.mode', 'satisfy enum value set: [OFF, FLEXIBLE]'),
  ],
  [
    'a window of more than a day',
    { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1_441 } },
    constraint('1441', 'flexibleTimeWindow.maximumWindowInMinutes', 'have value less than or equal to 1440'),
  ],
  ['a flexible window without minutes', { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, /./],
  ['minutes without a flexible window', { FlexibleTimeWindow: { Mode: 'OFF', MaximumWindowInMinutes: 5 } }, /./],
  ['an unknown time zone', { ScheduleExpressionTimezone: 'Europe/Atlantis' }, /./],
  ['an offset as a time zone', { ScheduleExpressionTimezone: '+01:00' }, /./],
  [
    'a client token with blanks',
    { ClientToken: 'a b' },
    constraint('a b', 'clientToken', 'satisfy regular expression pattern: [a-zA-Z0-9-_]+'),
  ],
  [
    'a start more than 5 minutes ago',
    { StartDate: new Date('2029-12-31T23:54:59Z') },
    'The StartDate you specify cannot be earlier than 5 minutes ago.',
  ],
  ['an end in the past', { EndDate: new Date('2029-12-31T00:00:00Z') }, /./],
  ['an end before the start', { StartDate: new Date('2030-02-02'), EndDate: new Date('2030-02-01') }, /./],
  ...[
    'at(2021-12-31T23:59:59Z)',
    'at(2021-12-31)',
    'at(2030-02-30T00:00:00)',
    'at(2030-01-01T24:00:00)',
    'rate(10 seconds)',
    'rate(0 minutes)',
    'rate(-1 minutes)',
    'rate( 10 minutes )',
    'rate(10)',
    ' rate(10 minutes)',
    'rate(10 MINUTES)',
    'cron()',
    'cron(0 1 * * * *)',
    'cron(71 8 1 * ? *)',
    'cron(7 20 * * NOT *)',
    'every day',
  ].map((text): [string, ScheduleSettings, string] => [text, { ScheduleExpression: text }, `${INVALID} ${text}.`]),
  [
    'a role that is not one',
    { target: { RoleArn: 'arn:aws:iam::1:user/u' } },
    /^1 validation error detected: Value 'arn:aws:iam::1:user\/u' at 'target.roleArn' failed to satisfy constraint/,
  ],
  [
    'a role that does not exist',
    { target: { RoleArn: `${ROLE_ARN}2` } },
    'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
  ],
  ['a target that is no ARN', { target: { Arn: 'q' } }, 'Provided Arn is not in correct format.'],
  [
    '186 retries',
    { target: { RetryPolicy: { MaximumRetryAttempts: 186 } } },
    constraint('186', 'target.retryPolicy.maximumRetryAttempts', 'have value less than or equal to 185'),
  ],
  [
    'an event age under a minute',
    { target: { RetryPolicy: { MaximumEventAgeInSeconds: 59 } } },
    constraint('59', 'target.retryPolicy.maximumEventAgeInSeconds', 'have value greater than or equal to 60'),
  ],
  [
    'a FIFO queue for dead letters',
    { target: { DeadLetterConfig: { Arn: `${QUEUE_ARN}.fifo` } } },
    /^1 validation error detected: Value '.*q.fifo' at 'target.deadLetterConfig.arn' failed to satisfy constraint/,
  ],
  [
    'a long message group',
    { target: { SqsParameters: { MessageGroupId: long(129) } } },
    constraint(long(129), 'target.sqsParameters.messageGroupId', 'have length less than or equal to 128'),
  ],
  ['a FIFO queue without a message group', { target: { Arn: `${QUEUE_ARN}.fifo` } }, /./],
  [
    'an AWS source of an event',
    {
      target: {
        Arn: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`,
        EventBridgeParameters: { Source: 'aws.x', DetailType: 'd' },
      },
    },
    /at 'target.eventBridgeParameters.source' failed to satisfy constraint/,
  ],
  ['an event bus without parameters', { target: { Arn: `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/b` } }, /./],
  ['a stream without a partition key', { target: { Arn: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/s` } }, /./],
  ['text for a function', { target: { Arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f`, Input: 'text' } }, /./],
  ['an action that only reads', { target: { Arn: 'arn:aws:scheduler:::aws-sdk:sqs:receiveMessage' } }, /only reads/],
  ['an action that is not emulated', { target: { Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution' } }, /emulated/],
  [
    'a target of a service that is not emulated',
    { target: { Arn: `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/c` } },
    /ecs/,
  ],
];

const GRANTED_TO = (sourceArn: string) => ({
  Effect: 'Allow',
  Principal: { Service: 'scheduler.amazonaws.com' },
  Action: 'sts:AssumeRole',
  Condition: { ArnEquals: { 'aws:SourceArn': sourceArn }, StringEquals: { 'aws:SourceAccount': ACCOUNT } },
});

/** Trust policies of a role, and whether Scheduler may assume it. */
const TRUSTS: readonly [what: string, trust: object, trusted: boolean][] = [
  ['of the group', GRANTED_TO(GROUP_ARN), true],
  ['of another group', GRANTED_TO(`${GROUP_ARN}2`), false],
  ['of the schedule itself', GRANTED_TO(ARN('schedule/default/s')), false],
  ['of another service', { ...GRANTED_TO(GROUP_ARN), Principal: { Service: 'events.amazonaws.com' } }, false],
  ['of nobody', { ...GRANTED_TO(GROUP_ARN), Effect: 'Deny' }, false],
];

describe.each(TRANSPORTS)('EventBridge Scheduler by %s', (transport) => {
  let subject: SchedulerInTest;
  let scheduler: SchedulerClient;
  beforeEach(async () => {
    subject = await SchedulerInTest.open(transport);
    scheduler = subject.scheduler;
    await subject.role();
  });
  afterEach(() => subject.close());

  test('a schedule is created with defaults, read, replaced and deleted', async () => {
    const now = new Date(subject.clock.now());
    expect(await subject.schedule()).toMatchObject({ ScheduleArn: ARN('schedule/default/s') });
    const described = {
      Arn: ARN('schedule/default/s'),
      GroupName: 'default',
      Name: 's',
      ScheduleExpression: 'rate(1 minute)',
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      ActionAfterCompletion: 'NONE',
      FlexibleTimeWindow: { Mode: 'OFF' },
      CreationDate: now,
      LastModificationDate: now,
      Target: {
        Arn: QUEUE_ARN,
        RoleArn: ROLE_ARN,
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
      },
    };
    const { $metadata: _1, ...first } = await scheduler.send(new GetScheduleCommand({ Name: 's' }));
    expect(first).toEqual(described);
    const settings: ScheduleSettings = {
      Description: 'd',
      State: 'DISABLED',
      ScheduleExpression: 'cron(0 3 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      StartDate: new Date('2030-02-01T00:00:00Z'),
      EndDate: new Date('2030-03-01T00:00:00Z'),
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      ActionAfterCompletion: 'DELETE',
      target: { Input: 'text', RetryPolicy: { MaximumRetryAttempts: 3 } },
    };
    await subject.clock.advance(60_000);
    await scheduler.send(new UpdateScheduleCommand(inputOf(settings)));
    const { target: _target, ...replaced } = settings;
    expect(await scheduler.send(new GetScheduleCommand({ Name: 's', GroupName: 'default' }))).toMatchObject({
      ...replaced,
      CreationDate: now,
      LastModificationDate: new Date(now.getTime() + 60_000),
      Target: { Input: 'text', RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 3 } },
    });
    // What is left out gets its default again.
    await scheduler.send(new UpdateScheduleCommand(inputOf()));
    const {
      $metadata: _2,
      LastModificationDate: _3,
      ...last
    } = await scheduler.send(new GetScheduleCommand({ Name: 's' }));
    const { LastModificationDate: _4, ...expected } = described;
    expect(last).toEqual(expected);
    await scheduler.send(new DeleteScheduleCommand({ Name: 's' }));
    expect(await refusalOf(scheduler.send(new GetScheduleCommand({ Name: 's' })))).toMatchObject({
      name: 'ResourceNotFoundException',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test.each(REFUSALS)('CreateSchedule refuses %s', async (_what, settings, message) => {
    const refused = await refusalOf(subject.schedule(settings));
    expect(refused).toMatchObject({ name: 'ValidationException', $metadata: { httpStatusCode: 400 } });
    if (typeof message === 'string') expect(refused.message).toBe(message);
    else expect(refused.message).toMatch(message);
  });

  test.each([
    'at(2030-01-31T08:00:00)',
    'at(2029-01-31T08:00:00)',
    'rate(1 minute)',
    'rate(1 minutes)',
    'rate(2 hour)',
    'rate(30 days)',
    'cron(0 3 * * ? *)',
    'cron(0 3 * * ?)',
    'cron(0-59/10 0-23/2 ? * * *)',
    'cron(*/15 * * * ? *)',
    'cron(1-31/30 1-1 ? * 1,7 *)',
    'cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)',
  ])('CreateSchedule takes %s', async (ScheduleExpression) => {
    await subject.schedule({ ScheduleExpression });
    expect(await scheduler.send(new GetScheduleCommand({ Name: 's' }))).toMatchObject({ ScheduleExpression });
  });

  test.each(TRUSTS)('a role with the trust policy %s', async (_what, trust, trusted) => {
    const RoleArn = await subject.role({ name: 'other', trust });
    const request = subject.schedule({ target: { RoleArn } });
    if (trusted) await request;
    else {
      expect(await refusalOf(request)).toMatchObject({
        name: 'ValidationException',
        message: 'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
      });
    }
  });

  test('names are taken, missing and free again', async () => {
    await subject.schedule();
    expect(await refusalOf(subject.schedule())).toMatchObject({
      name: 'ConflictException',
      $metadata: { httpStatusCode: 409 },
    });
    const missing = { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } };
    const attempts = [
      subject.schedule({ GroupName: 'gone' }),
      scheduler.send(new UpdateScheduleCommand(inputOf({ Name: 'gone' }))),
      scheduler.send(new DeleteScheduleCommand({ Name: 'gone' })),
      scheduler.send(new DeleteScheduleCommand({ Name: 's', GroupName: 'gone' })),
      scheduler.send(new GetScheduleGroupCommand({ Name: 'gone' })),
      scheduler.send(new DeleteScheduleGroupCommand({ Name: 'gone' })),
      scheduler.send(new ListSchedulesCommand({ GroupName: 'gone' })),
      scheduler.send(new ListTagsForResourceCommand({ ResourceArn: ARN('schedule-group/gone') })),
    ];
    for (const attempt of attempts) expect(await refusalOf(attempt)).toMatchObject(missing);
    await scheduler.send(new DeleteScheduleCommand({ Name: 's' }));
    await subject.schedule();
  });

  test('a request with the same client token is answered like the first one', async () => {
    const first = await subject.schedule({ ClientToken: 't' });
    expect(await subject.schedule({ ClientToken: 't' })).toMatchObject({ ScheduleArn: first.ScheduleArn });
    expect(await refusalOf(subject.schedule({ ClientToken: 't', Description: 'other' }))).toMatchObject({
      name: 'ConflictException',
    });
    const deletion = new DeleteScheduleCommand({ Name: 's', ClientToken: 'd' });
    await scheduler.send(deletion);
    await scheduler.send(deletion);
    const group = new CreateScheduleGroupCommand({ Name: 'g', ClientToken: 'g' });
    expect((await scheduler.send(group)).ScheduleGroupArn).toBe((await scheduler.send(group)).ScheduleGroupArn);
  });

  test('schedules are listed by group, prefix and state, in pages', async () => {
    await scheduler.send(new CreateScheduleGroupCommand({ Name: 'g' }));
    for (const name of ['a1', 'a2', 'b1']) await subject.schedule({ Name: name });
    await subject.schedule({ Name: 'a3', GroupName: 'g', State: 'DISABLED' });
    const list = async (input: object) => {
      const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand(input));
      return Schedules.map(({ Name }) => Name);
    };
    expect(await list({})).toEqual(['a1', 'a2', 'b1', 'a3']);
    expect(await list({ GroupName: 'default' })).toEqual(['a1', 'a2', 'b1']);
    expect(await list({ NamePrefix: 'a' })).toEqual(['a1', 'a2', 'a3']);
    expect(await list({ State: 'DISABLED' })).toEqual(['a3']);
    const page = await scheduler.send(new ListSchedulesCommand({ MaxResults: 3 }));
    expect(page.Schedules?.[0]).toMatchObject({ Arn: ARN('schedule/default/a1'), Target: { Arn: QUEUE_ARN } });
    expect(await list({ MaxResults: 3, NextToken: page.NextToken })).toEqual(['a3']);
    for (const input of [{ MaxResults: 0 }, { MaxResults: 101 }, { NextToken: 'x' }, { NamePrefix: 'a b' }]) {
      expect(await refusalOf(list(input))).toMatchObject({ name: 'ValidationException' });
    }
  });

  test('groups have tags, and are deleted with their schedules', async () => {
    const ResourceArn = ARN('schedule-group/g');
    const created = await scheduler.send(
      new CreateScheduleGroupCommand({ Name: 'g', Tags: [{ Key: 'a', Value: '1' }] }),
    );
    expect(created).toMatchObject({ ScheduleGroupArn: ResourceArn });
    const now = new Date(subject.clock.now());
    const { $metadata: _, ...group } = await scheduler.send(new GetScheduleGroupCommand({ Name: 'g' }));
    expect(group).toEqual({
      Arn: ResourceArn,
      Name: 'g',
      State: 'ACTIVE',
      CreationDate: now,
      LastModificationDate: now,
    });
    await scheduler.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'b', Value: '2' }] }));
    await scheduler.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['a'] }));
    expect(await scheduler.send(new ListTagsForResourceCommand({ ResourceArn }))).toMatchObject({
      Tags: [{ Key: 'b', Value: '2' }],
    });
    await subject.schedule({ GroupName: 'g' });
    const names = async () =>
      (await scheduler.send(new ListScheduleGroupsCommand({}))).ScheduleGroups?.map(({ Name, State }) => [Name, State]);
    await scheduler.send(new DeleteScheduleGroupCommand({ Name: 'g' }));
    expect(await names()).toEqual([
      ['default', 'ACTIVE'],
      ['g', 'DELETING'],
    ]);
    expect(await refusalOf(subject.schedule({ GroupName: 'g', Name: 't' }))).toMatchObject({
      name: 'ConflictException',
    });
    await subject.clock.advance(60_000);
    expect(await names()).toEqual([['default', 'ACTIVE']]);
  });

  test.each([
    [
      'the default group is deleted',
      () => scheduler.send(new DeleteScheduleGroupCommand({ Name: 'default' })),
      'ValidationException',
    ],
    [
      'a group is created twice',
      () => scheduler.send(new CreateScheduleGroupCommand({ Name: 'default' })),
      'ConflictException',
    ],
    [
      'a group has a bad name',
      () => scheduler.send(new CreateScheduleGroupCommand({ Name: 'a b' })),
      'ValidationException',
    ],
    [
      'a schedule is tagged',
      () => scheduler.send(new TagResourceCommand({ ResourceArn: ARN('schedule/default/s'), Tags: [] })),
      'ValidationException',
    ],
    [
      'a tag is of AWS',
      () => scheduler.send(new TagResourceCommand({ ResourceArn: GROUP_ARN, Tags: [{ Key: 'aws:x', Value: '1' }] })),
      'ValidationException',
    ],
    [
      'a group has more than 50 tags',
      () => {
        const Tags = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: 'v' }));
        return scheduler.send(new TagResourceCommand({ ResourceArn: GROUP_ARN, Tags }));
      },
      'ServiceQuotaExceededException',
    ],
  ])('a refusal where %s', async (_what, send, name) => {
    expect(await refusalOf(send())).toMatchObject({ name });
  });
});
