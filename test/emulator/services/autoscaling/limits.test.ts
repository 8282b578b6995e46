import type { RefreshPreferences } from '@aws-sdk/client-auto-scaling';
import { DAY, MINUTE } from '../../../../lib/emulator/clock';
import { call, setUp, START } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };

type World = ReturnType<typeof setUp>;
type Limit = readonly [what: string, allowed: readonly unknown[], refused: readonly unknown[]];

/** Tries the values of a limit, each in a world of its own. */
function check([, allowed, refused]: Limit, attempt: (value: never) => void): void {
  for (const value of allowed) expect(() => attempt(value as never)).not.toThrow();
  for (const value of refused) expect(() => attempt(value as never)).toThrow();
}

const limitsOf = (table: Readonly<Record<string, [readonly unknown[], readonly unknown[]]>>): Limit[] =>
  Object.entries(table).map(([what, [allowed, refused]]) => [what, allowed, refused]);

describe('the limits of a request are allowed, and what is beyond them refused', () => {
  const group = (): World => {
    const world = setUp();
    world.create();
    return world;
  };

  test.each(
    limitsOf({
      AutoScalingGroupName: [
        ['n', 'n'.repeat(255)],
        ['', 'n'.repeat(256), 'a:b'],
      ],
      MinSize: [
        [0, 20],
        [-1, 0.5, 21],
      ],
      DesiredCapacity: [
        [0, 20],
        [-1, 21, 1.5],
      ],
      DefaultCooldown: [[0], [-1, 1.5]],
      HealthCheckGracePeriod: [[0], [-1]],
      DefaultInstanceWarmup: [[-1, 0], [-2]],
      MaxInstanceLifetime: [
        [0, 86_400, 31_536_000],
        [86_399, 31_536_001, -1],
      ],
      Tags: [
        [Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }))],
        [Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }))],
      ],
    }),
  )('of a group: %s', (...limit) => {
    check(limit, (value) => setUp().create({ [limit[0]]: value }));
  });

  test.each(
    limitsOf({
      LifecycleHookName: [
        ['h', 'h'.repeat(255), 'A-z_0/9'],
        ['', 'h'.repeat(256), 'a b'],
      ],
      HeartbeatTimeout: [
        [30, 7_200],
        [29, 7_201, 30.5],
      ],
      NotificationMetadata: [['m'.repeat(1_023)], ['m'.repeat(1_024)]],
      DefaultResult: [['CONTINUE', 'ABANDON'], ['RETRY']],
    }),
  )('of a lifecycle hook: %s', (...limit) => {
    const hook = { LifecycleHookName: 'h', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' };
    check(limit, (value) => group().autoScaling.putLifecycleHook({ ...name, ...hook, [limit[0]]: value }, call));
  });

  test('a group has at most 50 lifecycle hooks, and any of them may be changed', () => {
    const { autoScaling } = group();
    const put = (index: number) =>
      autoScaling.putLifecycleHook(
        { ...name, LifecycleHookName: `h${index}`, LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' },
        call,
      );
    for (let index = 0; index < 50; index++) put(index);
    put(49);
    expect(() => put(50)).toThrow('A group can have at most 50 lifecycle hooks: g has as many.');
  });

  test.each(
    limitsOf({
      MinSize: [
        [0, 5],
        [-1, 6],
      ],
      MaxSize: [[5], [4, -1]],
      DesiredCapacity: [[5], [4, 6]],
    }),
  )('of a scheduled action: %s', (...limit) => {
    const action = { ScheduledActionName: 'a', StartTime: new Date(START + DAY), MinSize: 5, MaxSize: 5 };
    check(limit, (value) =>
      group().autoScaling.putScheduledUpdateGroupAction({ ...name, ...action, [limit[0]]: value }, call),
    );
  });

  test('a scheduled action may name one size alone, 0 as well, but not none', () => {
    const { autoScaling } = group();
    const put = (minute: number, sizes: object) =>
      autoScaling.putScheduledUpdateGroupAction(
        { ...name, ScheduledActionName: `a${minute}`, StartTime: new Date(START + minute * MINUTE), ...sizes },
        call,
      );
    put(1, { MinSize: 0 });
    put(2, { MaxSize: 0 });
    put(3, { DesiredCapacity: 0 });
    expect(() => put(4, {})).toThrow('At least one of MinSize, MaxSize and DesiredCapacity must be specified.');
  });

  test('a group has at most 125 scheduled actions, 50 of them from one batch', () => {
    const { autoScaling } = group();
    const batch = (from: number, count: number) =>
      autoScaling.batchPutScheduledUpdateGroupAction(
        {
          ...name,
          ScheduledUpdateGroupActions: Array.from({ length: count }, (_, index) => ({
            ScheduledActionName: `a${from + index}`,
            StartTime: new Date(START + DAY + (from + index) * MINUTE),
            MinSize: 1,
          })),
        },
        call,
      ).FailedScheduledUpdateGroupActions;
    expect(() => batch(0, 51)).toThrow('must have at most 50 entries, got 51.');
    expect([batch(0, 50), batch(50, 50), batch(100, 25)]).toEqual([[], [], []]);
    expect(batch(124, 1)).toEqual([]); // it is there already
    expect(batch(125, 1)).toMatchObject([{ ScheduledActionName: 'a125', ErrorCode: 'LimitExceeded' }]);
  });

  const steps = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      MetricIntervalLowerBound: index,
      ...(index < count - 1 && { MetricIntervalUpperBound: index + 1 }),
      ScalingAdjustment: 1,
    }));
  test.each(
    limitsOf({
      PolicyName: [
        ['p', 'p'.repeat(255)],
        ['', 'p'.repeat(256), 'a:b'],
      ],
      EstimatedInstanceWarmup: [[0], [-1]],
      StepAdjustments: [
        [steps(1), steps(20)],
        [[], steps(21)],
      ],
    }),
  )('of a step-scaling policy: %s', (...limit) => {
    const policy = { PolicyName: 'p', PolicyType: 'StepScaling', AdjustmentType: 'ChangeInCapacity' };
    check(limit, (value) =>
      group().autoScaling.putScalingPolicy({ ...name, ...policy, StepAdjustments: steps(1), [limit[0]]: value }, call),
    );
  });

  test.each(
    limitsOf({
      Cooldown: [[0], [-1]],
      MinAdjustmentMagnitude: [[1], [0]],
      ScalingAdjustment: [[-5, 0, 5], [0.5]],
    }),
  )('of a simple-scaling policy: %s', (...limit) => {
    const policy = { PolicyName: 'p', AdjustmentType: 'PercentChangeInCapacity', ScalingAdjustment: 1 };
    check(limit, (value) => group().autoScaling.putScalingPolicy({ ...name, ...policy, [limit[0]]: value }, call));
  });

  test.each(
    limitsOf({
      MinHealthyPercentage: [
        [0, 100],
        [-1, 101],
      ],
      InstanceWarmup: [[0], [-1]],
      CheckpointPercentages: [
        [[1], [100], [1, 100]],
        [[0], [101], [50, 50], [100, 1], [1.5]],
      ],
      CheckpointDelay: [
        [0, 172_800],
        [-1, 172_801],
      ],
      BakeTime: [
        [0, 172_800],
        [-1, 172_801],
      ],
      AlarmSpecification: [[{ Alarms: Array(10).fill('a') }], [{ Alarms: Array(11).fill('a') }]],
    }),
  )('of an instance refresh: %s', (...limit) => {
    const given: RefreshPreferences = limit[0] === 'CheckpointDelay' ? { CheckpointPercentages: [50] } : {};
    check(limit, (value) => {
      const { autoScaling, cloudWatch } = group();
      cloudWatch.putMetricAlarm(
        {
          ...{ AlarmName: 'a', Namespace: 'App', MetricName: 'm', Statistic: 'Sum', Period: 60, Threshold: 0 },
          ...{ EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' },
        },
        call,
      );
      autoScaling.startInstanceRefresh({ ...name, Preferences: { ...given, [limit[0]]: value } }, call);
    });
  });

  test.each([
    [0, 100, true],
    [100, 200, true],
    [90, 190, true],
    [90, 191, false],
    [0, 99, false],
    [100, 201, false],
  ])('of an instance refresh: from %i to %i percent', (MinHealthyPercentage, MaxHealthyPercentage, allowed) => {
    const start = () =>
      group().autoScaling.startInstanceRefresh(
        { ...name, Preferences: { MinHealthyPercentage, MaxHealthyPercentage } },
        call,
      );
    if (allowed) expect(start).not.toThrow();
    else expect(start).toThrow();
  });

  test.each(
    limitsOf({
      MinSize: [[0], [-1]],
      MaxGroupPreparedCapacity: [[-1, 0], [-2]],
      PoolState: [['Stopped', 'Running', 'Hibernated'], ['Warm']],
    }),
  )('of a warm pool: %s', (...limit) => {
    check(limit, (value) => group().autoScaling.putWarmPool({ ...name, [limit[0]]: value }, call));
  });
});

describe('answers come in pages of up to MaxRecords', () => {
  const { autoScaling, clock, create } = setUp();
  beforeAll(async () => {
    for (const group of ['a', 'b', 'c']) {
      create({
        AutoScalingGroupName: group,
        MinSize: 1,
        Tags: [{ Key: 'team', Value: 'video', PropagateAtLaunch: true }],
      });
    }
    for (const index of [1, 2, 3]) {
      autoScaling.putScalingPolicy(
        {
          AutoScalingGroupName: 'a',
          PolicyName: `p${index}`,
          AdjustmentType: 'ChangeInCapacity',
          ScalingAdjustment: 1,
        },
        call,
      );
      autoScaling.putScheduledUpdateGroupAction(
        {
          AutoScalingGroupName: 'a',
          ScheduledActionName: `s${index}`,
          StartTime: new Date(START + index * DAY),
          MinSize: 1,
        },
        call,
      );
    }
    for (let round = 0; round < 3; round++) {
      autoScaling.startInstanceRefresh({ AutoScalingGroupName: 'b' }, call);
      autoScaling.cancelInstanceRefresh({ AutoScalingGroupName: 'b' }, call);
      await clock.advance(5 * MINUTE);
    }
    autoScaling.putWarmPool({ AutoScalingGroupName: 'c', MinSize: 3, MaxGroupPreparedCapacity: 4 }, call);
  });

  type Page = { readonly NextToken?: string };
  test.each<[string, number, (paging: { MaxRecords?: number; NextToken?: string }) => Page]>([
    ['AutoScalingGroups', 100, (paging) => autoScaling.describeAutoScalingGroups(paging, call)],
    ['AutoScalingInstances', 50, (paging) => autoScaling.describeAutoScalingInstances(paging, call)],
    ['ScalingPolicies', 100, (paging) => autoScaling.describePolicies(paging, call)],
    ['ScheduledUpdateGroupActions', 100, (paging) => autoScaling.describeScheduledActions(paging, call)],
    ['Activities', 100, (paging) => autoScaling.describeScalingActivities(paging, call)],
    ['Tags', 100, (paging) => autoScaling.describeTags(paging, call)],
    [
      'InstanceRefreshes',
      100,
      (paging) => autoScaling.describeInstanceRefreshes({ AutoScalingGroupName: 'b', ...paging }, call),
    ],
    ['Instances', 50, (paging) => autoScaling.describeWarmPool({ AutoScalingGroupName: 'c', ...paging }, call)],
  ])('%s, at most %i', (list, most, describePage) => {
    const items = (page: Page) => (page as Record<string, unknown[]>)[list];
    const whole = items(describePage({}));
    expect(whole.length).toBeGreaterThanOrEqual(3);
    const paged: unknown[] = [];
    let NextToken: string | undefined;
    do {
      const page = describePage({ MaxRecords: 2, NextToken });
      expect(items(page).length).toBeLessThanOrEqual(2);
      paged.push(...items(page));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(paged).toEqual(whole);
    expect(describePage({ MaxRecords: most })).not.toHaveProperty('NextToken', expect.anything());
    expect(items(describePage({ MaxRecords: 1 }))).toEqual(whole.slice(0, 1));
    for (const MaxRecords of [0, most + 1]) expect(() => describePage({ MaxRecords })).toThrow('MaxRecords');
    expect(() => describePage({ NextToken: 'mine' })).toThrow('The token is invalid.');
  });
});

test('without MaxRecords a page has 50 groups, instances or policies', () => {
  const { autoScaling, create } = setUp();
  for (let index = 0; index < 51; index++) create({ AutoScalingGroupName: `g${index}`, MinSize: 1 });
  for (let index = 0; index < 51; index++) {
    autoScaling.putScalingPolicy(
      {
        AutoScalingGroupName: 'g0',
        PolicyName: `p${index}`,
        AdjustmentType: 'ChangeInCapacity',
        ScalingAdjustment: 1,
      },
      call,
    );
  }
  expect(autoScaling.describeAutoScalingGroups({}, call).AutoScalingGroups).toHaveLength(50);
  expect(autoScaling.describeAutoScalingInstances({}, call).AutoScalingInstances).toHaveLength(50);
  expect(autoScaling.describePolicies({}, call).ScalingPolicies).toHaveLength(50);
});

test.each<[string, { Key?: string; Value?: string }, boolean]>([
  ['a key of one character', { Key: 'k' }, true],
  ['a key of 128', { Key: 'k'.repeat(128) }, true],
  ['a key of 129', { Key: 'k'.repeat(129) }, false],
  ['an empty key', { Key: '' }, false],
  ['a value of 256', { Key: 'k', Value: 'v'.repeat(256) }, true],
  ['a value of 257', { Key: 'k', Value: 'v'.repeat(257) }, false],
])('a tag with %s', (_, tag, allowed) => {
  const create = () => setUp().create({ Tags: [{ PropagateAtLaunch: true, Key: '', ...tag }] });
  if (allowed) expect(create).not.toThrow();
  else expect(create).toThrow();
});

test('activities are kept for six weeks', async () => {
  const { autoScaling, clock, create } = setUp();
  create();
  const scale = async (DesiredCapacity: number) => {
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity }, call);
    await clock.advance(MINUTE);
  };
  const count = () => autoScaling.describeScalingActivities({}, call).Activities?.length;
  await scale(3);
  await scale(0);
  expect(count()).toBe(6);
  await clock.advance(42 * DAY - 2 * MINUTE); // those of the launches are exactly six weeks old
  await scale(1);
  expect(count()).toBe(7);
  await scale(0);
  expect(count()).toBe(5);
  await scale(1);
  expect(count()).toBe(3);
  expect(autoScaling.describeScalingActivities({}, call).Activities?.map(({ Description }) => Description)).toEqual([
    expect.stringMatching(/^Launching/),
    expect.stringMatching(/^Terminating/),
    expect.stringMatching(/^Launching/),
  ]);
});
