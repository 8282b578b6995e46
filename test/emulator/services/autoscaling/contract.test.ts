import { HOUR, MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { gauge } from '../../../../lib/emulator/core';
import { call, setUp, START } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };
type World = ReturnType<typeof setUp>;

const described = async ({ sdk }: World) => (await sdk.describeAutoScalingGroups({})).AutoScalingGroups?.[0];
const simple = { ...name, PolicyName: 'p', AdjustmentType: 'ChangeInCapacity' };
const steps = { ...simple, PolicyType: 'StepScaling' };
const tracked = {
  ...name,
  PolicyName: 'p',
  PolicyType: 'TargetTrackingScaling',
  TargetTrackingConfiguration: {
    TargetValue: 50,
    CustomizedMetricSpecification: { Namespace: 'App', MetricName: 'Load', Statistic: 'Average' as const },
  },
};
const hook = { ...name, LifecycleHookName: 'h', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' };

/** What the contract says of EC2 Auto Scaling, row by row: the row, what it says, and what is seen of it. */
const rows: [row: string, says: string, check: (world: World) => void | Promise<void>][] = [
  [
    'sizes',
    'the desired capacity defaults to the minimum',
    ({ create, group }) => {
      create({ MinSize: 2, MaxSize: 5 });
      expect(group().desired).toBe(2);
    },
  ],
  [
    'sizes',
    'what policies want is brought within the bounds',
    async ({ create, sdk, group }) => {
      create({ MinSize: 2, MaxSize: 5 });
      await sdk.putScalingPolicy({ ...simple, ScalingAdjustment: 100 });
      await sdk.executePolicy({ ...name, PolicyName: 'p' });
      expect(group().desired).toBe(5);
      await sdk.putScalingPolicy({ ...simple, ScalingAdjustment: -100 });
      await sdk.executePolicy({ ...name, PolicyName: 'p' });
      expect(group().desired).toBe(2);
    },
  ],
  [
    'policy type',
    'is SimpleScaling where none is given',
    async ({ create, sdk }) => {
      create();
      await sdk.putScalingPolicy({ ...simple, ScalingAdjustment: 1 });
      expect((await sdk.describePolicies({})).ScalingPolicies?.[0].PolicyType).toBe('SimpleScaling');
    },
  ],
  [
    'step aggregation',
    'is Average where none is given',
    async ({ create, sdk }) => {
      create();
      const StepAdjustments = [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }];
      await sdk.putScalingPolicy({ ...steps, StepAdjustments });
      expect((await sdk.describePolicies({})).ScalingPolicies?.[0].MetricAggregationType).toBe('Average');
    },
  ],
  [
    'warm-up',
    "a policy's goes before the group's, and that before the cooldown",
    async ({ create, sdk, clock, group, autoScaling }) => {
      create({ DesiredCapacity: 1, DefaultCooldown: 600 });
      await clock.advance(HOUR);
      const StepAdjustments = [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }];
      const put = (EstimatedInstanceWarmup?: number) =>
        sdk.putScalingPolicy({ ...steps, StepAdjustments, EstimatedInstanceWarmup });
      const { PolicyARN = '' } = await put();
      const alarm = () => {
        autoScaling.alarmed(PolicyARN, { alarmName: 'a', state: 'ALARM', values: [1], threshold: 0 });
        return group().desired;
      };
      expect(alarm()).toBe(2); // in service after 30 s
      await clock.advance(60 * SECOND);
      expect(alarm()).toBe(2);
      await sdk.updateAutoScalingGroup({ ...name, DefaultInstanceWarmup: 40 });
      expect(alarm()).toBe(2);
      await put(20);
      expect(alarm()).toBe(3);
    },
  ],
  [
    'simple',
    'alarms during the cooldown, which begins when the last instance is there, are dropped; it is 300 s',
    async ({ create, sdk, clock, group, autoScaling }) => {
      create();
      const { PolicyARN = '' } = await sdk.putScalingPolicy({ ...simple, ScalingAdjustment: 1 });
      const alarm = () => {
        autoScaling.alarmed(PolicyARN, { alarmName: 'a', state: 'ALARM', values: [1], threshold: 0 });
        return group().desired;
      };
      expect(alarm()).toBe(1);
      await clock.advance(330 * SECOND - 1);
      expect(alarm()).toBe(1);
      await clock.advance(1);
      expect(alarm()).toBe(2);
    },
  ],
  [
    'target tracking alarms',
    'three minutes above the target, fifteen below 0.7 of it, named after the group',
    async ({ create, sdk, cloudWatch }) => {
      create();
      const { Alarms = [] } = await sdk.putScalingPolicy(tracked);
      expect(Alarms.map(({ AlarmName }) => AlarmName?.replace(/[0-9a-f-]{36}$/, '#'))).toEqual([
        'TargetTracking-g-AlarmHigh-#',
        'TargetTracking-g-AlarmLow-#',
      ]);
      expect(cloudWatch.describeAlarms({}, call).MetricAlarms).toMatchObject([
        { ComparisonOperator: 'GreaterThanThreshold', Threshold: 50, EvaluationPeriods: 3, Period: 60 },
        { ComparisonOperator: 'LessThanThreshold', Threshold: 35, EvaluationPeriods: 15, Period: 60 },
      ]);
    },
  ],
  [
    'instance states',
    'Pending, InService, Terminating, and the waits of hooks between them',
    async ({ create, sdk, clock, states }) => {
      create();
      const seen: string[] = [];
      const launching = 'autoscaling:EC2_INSTANCE_LAUNCHING';
      await sdk.putLifecycleHook({
        ...hook,
        LifecycleHookName: 'in',
        LifecycleTransition: launching,
        HeartbeatTimeout: 30,
        DefaultResult: 'CONTINUE',
      });
      await sdk.putLifecycleHook({ ...hook, LifecycleHookName: 'out', HeartbeatTimeout: 30 });
      await sdk.setDesiredCapacity({ ...name, DesiredCapacity: 1 });
      for (let second = 0; second < 200; second++) {
        if (second === 100) await sdk.setDesiredCapacity({ ...name, DesiredCapacity: 0 });
        const [state = 'none'] = states();
        if (seen.at(-1) !== state) seen.push(state);
        await clock.advance(SECOND);
      }
      expect(seen).toEqual(['Pending', 'Pending:Wait', 'InService', 'Terminating:Wait', 'Terminating:Proceed', 'none']);
    },
  ],
  [
    'lifecycle hook',
    'waits an hour by default, and gives up then',
    async ({ create, sdk }) => {
      create();
      await sdk.putLifecycleHook(hook);
      expect((await sdk.describeLifecycleHooks(name)).LifecycleHooks).toMatchObject([
        { HeartbeatTimeout: 3_600, DefaultResult: 'ABANDON', GlobalTimeout: 172_800 },
      ]);
    },
  ],
  ...[
    [30, 3_000],
    [1_728, 172_800],
    [1_729, 172_800],
    [7_200, 172_800],
  ].map(([HeartbeatTimeout, GlobalTimeout]): (typeof rows)[number] => [
    'lifecycle hook',
    `with a heartbeat of ${HeartbeatTimeout} s, all heartbeats together last ${GlobalTimeout} s`,
    async ({ create, sdk }) => {
      create();
      await sdk.putLifecycleHook({ ...hook, HeartbeatTimeout });
      expect((await sdk.describeLifecycleHooks(name)).LifecycleHooks).toMatchObject([{ GlobalTimeout }]);
    },
  ]),
  ...[29, 7_201].map((HeartbeatTimeout): (typeof rows)[number] => [
    'lifecycle hook',
    `a heartbeat of ${HeartbeatTimeout} s is refused`,
    async ({ create, sdk }) => {
      create();
      await expect(sdk.putLifecycleHook({ ...hook, HeartbeatTimeout })).rejects.toThrow('30 to 7200 is allowed');
    },
  ]),
  [
    'hook and warm-up',
    'the warm-up begins when the instance is in service, however long its hooks took',
    async ({ create, sdk, clock, group, autoScaling }) => {
      create();
      const launching = 'autoscaling:EC2_INSTANCE_LAUNCHING';
      await sdk.putLifecycleHook({
        ...hook,
        LifecycleTransition: launching,
        HeartbeatTimeout: 600,
        DefaultResult: 'CONTINUE',
      });
      const StepAdjustments = [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }];
      const { PolicyARN = '' } = await sdk.putScalingPolicy({ ...steps, StepAdjustments, EstimatedInstanceWarmup: 60 });
      const alarm = () => {
        autoScaling.alarmed(PolicyARN, { alarmName: 'a', state: 'ALARM', values: [1], threshold: 0 });
        return group().desired;
      };
      alarm();
      await clock.advance(630 * SECOND + 60 * SECOND - 1);
      expect(alarm()).toBe(1);
      await clock.advance(1);
      expect(alarm()).toBe(2);
    },
  ],
  [
    'hook outcomes',
    'ABANDON does not wait for the other hooks of a termination',
    async ({ create, sdk, clock, ids, states }) => {
      create({ DesiredCapacity: 1 });
      for (const LifecycleHookName of ['a', 'b']) await sdk.putLifecycleHook({ ...hook, LifecycleHookName });
      await clock.advance(MINUTE);
      await sdk.setDesiredCapacity({ ...name, DesiredCapacity: 0 });
      const action = { ...name, LifecycleHookName: 'a', InstanceId: ids()[0], LifecycleActionResult: 'ABANDON' };
      expect(states()).toEqual(['Terminating:Wait']);
      await sdk.completeLifecycleAction(action);
      await clock.advance(MINUTE);
      expect(states()).toEqual([]);
    },
  ],
  [
    'hook outcomes',
    'TerminateHookAbandon: retain keeps the instance, out of service, until it is terminated by name',
    async (world) => {
      const { create, sdk, clock, ids, states, fleet, group } = world;
      const InstanceLifecyclePolicy = { RetentionTriggers: { TerminateHookAbandon: 'retain' as const } };
      create({ DesiredCapacity: 2, InstanceLifecyclePolicy });
      expect(await described(world)).toMatchObject({ InstanceLifecyclePolicy });
      await sdk.putLifecycleHook({ ...hook, HeartbeatTimeout: 30 });
      await clock.advance(MINUTE);
      const [InstanceId] = ids();
      await sdk.terminateInstanceInAutoScalingGroup({ InstanceId, ShouldDecrementDesiredCapacity: false });
      await clock.advance(HOUR);
      expect([states(), group().desired, fleet.running.size]).toEqual([
        ['Terminating:Retained', 'InService', 'InService'],
        2,
        3,
      ]);
      await sdk.terminateInstanceInAutoScalingGroup({ InstanceId, ShouldDecrementDesiredCapacity: false });
      await clock.advance(5 * SECOND);
      expect([states(), fleet.running.size]).toEqual([['InService', 'InService'], 2]);
      await expect(
        sdk.updateAutoScalingGroup({
          ...name,
          InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'keep' as 'retain' } },
        }),
      ).rejects.toThrow('The value keep for TerminateHookAbandon is invalid: retain, terminate are allowed.');
    },
  ],
  [
    'warm pool',
    'keeps stopped instances, up to the maximum less what is desired, and reuses none',
    async ({ create, sdk, group }) => {
      create({ MaxSize: 5, DesiredCapacity: 2 });
      await sdk.putWarmPool(name);
      expect(group().warmPool).toHaveLength(3);
      expect((await sdk.describeWarmPool(name)).WarmPoolConfiguration).toEqual({ PoolState: 'Stopped', MinSize: 0 });
    },
  ],
  [
    'termination',
    'balance between zones goes before the policies',
    async ({ create, sdk, clock, autoScaling, ids }) => {
      create({ DesiredCapacity: 3, TerminationPolicies: ['NewestInstance'] });
      await clock.advance(MINUTE);
      const [a1, b1, a2] = ids();
      expect([a1, b1, a2].map((id) => autoScaling.instance(id)?.availabilityZone.at(-1))).toEqual(['a', 'b', 'a']);
      for (const gone of [a2, b1]) {
        const { desired } = autoScaling.groups()[0];
        await sdk.setDesiredCapacity({ ...name, DesiredCapacity: desired - 1 });
        await clock.advance(MINUTE);
        expect(ids()).not.toContain(gone);
      }
    },
  ],
  [
    'scale-in protection',
    'of all: the desired capacity goes down, and nothing is terminated',
    async ({ create, sdk, clock, group, states }) => {
      create({ DesiredCapacity: 2, NewInstancesProtectedFromScaleIn: true });
      await clock.advance(MINUTE);
      await sdk.setDesiredCapacity({ ...name, DesiredCapacity: 0 });
      await clock.advance(MINUTE);
      expect([group().desired, states()]).toEqual([0, ['InService', 'InService']]);
    },
  ],
  [
    'scale-in protection',
    'shields from no health check, interruption or request',
    async ({ create, sdk, clock, ids, autoScaling }) => {
      create({ MinSize: 3, NewInstancesProtectedFromScaleIn: true });
      await clock.advance(MINUTE);
      const [first, second, third] = ids();
      autoScaling.killInstance(first);
      autoScaling.interruptInstance(second, 0);
      await sdk.terminateInstanceInAutoScalingGroup({ InstanceId: third, ShouldDecrementDesiredCapacity: false });
      await clock.advance(5 * MINUTE);
      expect(ids().filter((id) => [first, second, third].includes(id))).toEqual([]);
    },
  ],
  [
    'health',
    'there is no grace period where none is given',
    async (world) => {
      world.create();
      expect(await described(world)).toMatchObject({ HealthCheckType: 'EC2', HealthCheckGracePeriod: 0 });
    },
  ],
  [
    'maximum lifetime',
    'is a day at least',
    async ({ create, sdk }) => {
      create();
      const update = (MaxInstanceLifetime: number) => sdk.updateAutoScalingGroup({ ...name, MaxInstanceLifetime });
      await expect(update(86_399)).rejects.toThrow('The value 86399 for MaxInstanceLifetime is invalid');
      await update(86_400);
    },
  ],
  ...(
    [
      ['none', true, true],
      ['prevent-force-deletion', true, false],
      ['prevent-all-deletion', false, false],
    ] as const
  ).map(([DeletionProtection, plain, force]): (typeof rows)[number] => [
    'group deletion',
    `${DeletionProtection}: ${plain ? 'may' : 'may not'} be deleted, by force ${force ? 'too' : 'not'}`,
    async ({ create, sdk, autoScaling }) => {
      for (const [ForceDelete, allowed] of [
        [false, plain],
        [true, force],
      ] as const) {
        if (autoScaling.groups().length === 0) create({ DeletionProtection });
        const outcome = sdk.deleteAutoScalingGroup({ ...name, ForceDelete });
        await (allowed ? outcome : expect(outcome).rejects.toThrow('cannot be deleted: its DeletionProtection is'));
      }
    },
  ]),
  [
    'group metrics',
    'are published when they are asked for only, each minute',
    async ({ create, sdk, autoScaling }) => {
      create({ MinSize: 2 });
      expect(autoScaling.collectMetrics(START)).toEqual([]);
      await sdk.enableMetricsCollection({ ...name, Granularity: '1Minute', Metrics: ['GroupDesiredCapacity'] });
      const dimensions = { AutoScalingGroupName: 'g' };
      expect(autoScaling.collectMetrics(START)).toEqual([
        gauge('AWS/AutoScaling', 'GroupDesiredCapacity', dimensions, 'None', START, 2),
      ]);
    },
  ],
];

test.each(rows)('§6 %s: %s', async (_row, _says, check) => {
  await check(setUp());
});

/*
 * Simple scaling by hand: a group of 1 to 6, +2 with a cooldown of 180 s, boot 30 s. Alarms see the depth of minute m at
 * m + 2, look at one point, and act again each minute while they last.
 *
 *   minute       0..4  5 ...  19  20 ...
 *   depth        0     500        0
 *   judged at    2..6  7 ...  21  22 ...
 *
 *    7  500: 1 + 2 = 3. In service at 7:30: the cooldown lasts until 10:30.
 *    8, 9, 10  dropped: the activity goes on until 7:30, and then its cooldown.
 *   11  3 + 2 = 5; in service at 11:30, cooldown until 14:30.
 *   15  5 + 2 is more than the maximum: 6; in service at 15:30, cooldown until 18:30.
 *   19 to 21  6 is the maximum: nothing, and no cooldown.
 *   22  depth 0: the low alarm: -1, with the group's cooldown of 300 s from the end of the termination, 5 s later:
 *       5 at 22, until 27:05.
 *   28  4; until 33:05. 34: 3. 40: 2. 46: 1.
 */
test('§6 simple scaling: a scenario matched to the minute', async () => {
  const { clock, sdk, cloudWatch, create, group } = setUp();
  create({ MinSize: 1, MaxSize: 6 });
  const put = async (PolicyName: string, ScalingAdjustment: number, Cooldown?: number) =>
    (await sdk.putScalingPolicy({ ...simple, PolicyName, ScalingAdjustment, Cooldown })).PolicyARN as string;
  const depth = {
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: 'jobs' }],
    Statistic: 'Maximum' as const,
    Period: 60,
    EvaluationPeriods: 1,
  };
  const high = { Threshold: 100, ComparisonOperator: 'GreaterThanThreshold' as const };
  const low = { Threshold: 10, ComparisonOperator: 'LessThanThreshold' as const };
  cloudWatch.putMetricAlarm({ ...depth, ...high, AlarmName: 'high', AlarmActions: [await put('out', 2, 180)] }, call);
  cloudWatch.putMetricAlarm({ ...depth, ...low, AlarmName: 'low', AlarmActions: [await put('in', -1)] }, call);
  const changes: string[] = [];
  let last = group().desired;
  for (let minute = 0; minute < 60; minute++) {
    await clock.advance(MINUTE);
    const at = START + minute * MINUTE;
    const value = minute >= 5 && minute < 20 ? 500 : 0;
    cloudWatch.ingest([gauge('AWS/SQS', depth.MetricName, { QueueName: 'jobs' }, 'Count', at, value)]);
    const { desired } = group();
    if (desired !== last) changes.push(`${minute + 1}: ${desired}`);
    last = desired;
  }
  expect(changes).toEqual(['7: 3', '11: 5', '15: 6', '22: 5', '28: 4', '34: 3', '40: 2', '46: 1']);
});
