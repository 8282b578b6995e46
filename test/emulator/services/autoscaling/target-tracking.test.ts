import type { PutScalingPolicyType, TargetTrackingConfiguration } from '@aws-sdk/client-auto-scaling';
import { gauge } from '../../../../lib/emulator/core';
import { MINUTE } from '../../../../lib/emulator/clock';
import { call, setUp, START } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };

/** AWS's example of a backlog per instance: what is visible, over what is in service. */
const backlogPerInstance: TargetTrackingConfiguration = {
  TargetValue: 100,
  CustomizedMetricSpecification: {
    Metrics: [
      {
        Id: 'm1',
        ReturnData: false,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SQS',
            MetricName: 'ApproximateNumberOfMessagesVisible',
            Dimensions: [{ Name: 'QueueName', Value: 'jobs' }],
          },
          Stat: 'Sum',
        },
      },
      {
        Id: 'm2',
        ReturnData: false,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/AutoScaling',
            MetricName: 'GroupInServiceInstances',
            Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'g' }],
          },
          Stat: 'Average',
        },
      },
      { Id: 'e1', Expression: 'm1 / m2', Label: 'Backlog per instance', ReturnData: true },
    ],
  },
};

const tracked = (metric: string, target = 10, more: Partial<TargetTrackingConfiguration> = {}) => ({
  TargetValue: target,
  CustomizedMetricSpecification: { Namespace: 'App', MetricName: metric, Statistic: 'Average' as const },
  ...more,
});

type World = ReturnType<typeof setUp>;

function put({ autoScaling }: World, policy: string, TargetTrackingConfiguration: TargetTrackingConfiguration) {
  return autoScaling.putScalingPolicy(
    { ...name, PolicyName: policy, PolicyType: 'TargetTrackingScaling', TargetTrackingConfiguration },
    call,
  );
}

/** Alarms and desired capacities as they change, each as `<minute>: <what>`. */
function changesOf({ timeline }: World): string[] {
  const changes: string[] = [];
  timeline.subscribe(({ at, kind, subject, detail }) => {
    if (kind !== 'cloudwatch.alarm') return;
    changes.push(`${(at - START) / MINUTE}: ${/Alarm(High|Low)/.exec(subject)?.[1]} ${String(detail.to)}`);
  });
  return changes;
}

/** Lets minutes go by, each of which publishes its metrics at its end; gives the capacities, as `<minute>: <desired>`. */
async function play(
  world: World,
  minutes: number,
  metrics: (minute: number) => Readonly<Record<string, number | undefined>>,
): Promise<string[]> {
  const { clock, cloudWatch, autoScaling, group } = world;
  const changes: string[] = [];
  const first = Math.round((clock.now() - START) / MINUTE);
  let last = group().desired;
  for (let minute = first; minute < first + minutes; minute++) {
    await clock.advance(MINUTE);
    if (group().desired !== last) changes.push(`${minute + 1}: ${group().desired}`);
    last = group().desired;
    const at = START + minute * MINUTE;
    cloudWatch.ingest(autoScaling.collectMetrics(at));
    for (const [metric, value] of Object.entries(metrics(minute))) {
      if (value === undefined) continue;
      const isDepth = metric === 'visible';
      cloudWatch.ingest([
        isDepth
          ? gauge('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: 'jobs' }, 'Count', at, value)
          : gauge('App', metric, {}, 'None', at, value),
      ]);
    }
  }
  return changes;
}

describe('§6 target tracking', () => {
  /*
   * AWS's example by hand: an acceptable latency of 10 s over 0.1 s a message is a target of 100; 1,500 messages and 10
   * instances are 150 each: five more. Alarms see the data of minute m at m + 2; boot 30 s, warm-up 120 s.
   *
   *   minute           0..9   10..13  14..19  20..24  25  26..34  35 ...
   *   visible          1000   1500    1500    600     0   600     600
   *   in service       10     10      15      15      15  15      6      (at the minute's end)
   *   per instance     100    150     100     40      0   40      100
   *
   *    2  100 is neither above 100 nor below 70: both alarms are OK.
   *   14  minutes 10 to 12 are above: 10 x 150 / 100 = 15. In service at 14:30, warm at 16:30.
   *   15  150 again (minute 13): 10 warm x 1.5 = 15, which is desired: nothing. At 16 it is 100: OK.
   *   36  minutes 20 to 34 are below 70; the highest of them is 40: 15 x 0.4 = 6. The minute of zero doesn't count.
   *   37  minute 35 has 100, as the six do: OK.
   */
  test("AWS's backlog per instance: 1,500 messages for 10 instances, at a target of 100, are 5 instances more", async () => {
    const world = setUp();
    world.create({ MinSize: 1, DesiredCapacity: 10, DefaultInstanceWarmup: 120 });
    world.autoScaling.enableMetricsCollection({ ...name, Granularity: '1Minute' }, call);
    put(world, 'backlog', backlogPerInstance);
    const alarms = changesOf(world);
    const desired = await play(world, 60, (minute) => ({
      visible: minute < 10 ? 1_000 : minute < 20 ? 1_500 : minute === 25 ? 0 : 600,
    }));
    expect(desired).toEqual(['14: 15', '36: 6']);
    expect(alarms).toEqual(['2: High OK', '2: Low OK', '14: High ALARM', '16: High OK', '36: Low ALARM', '37: Low OK']);
  });

  /*
   * Four warm instances and two metrics with a target of 10 each, by hand; warm-up 60 s.
   *
   *   minute   0..2   3..
   *   A        20     1
   *   B        5      5
   *
   *    4  A's minutes 0 to 2: 4 x 20 / 10 = 8, although B has enough. At 5 A is OK.
   *   16  B's minutes 0 to 14 are below 7; A's are not yet: nothing.
   *   19  A's minutes 3 to 17 are, too: A wants 8 x 1 / 10 = 1, B 8 x 5 / 10 = 4: the larger.
   *   20  the same data, half of it measured with 8: until 34 it is too soon after a scale-in for another.
   *   34  fifteen minutes after that both still last: 4 x 5 / 10 = 2. At 49: 1, the minimum.
   */
  test('with several policies it grows if any wants to, and shrinks if all do, to the most that one wants', async () => {
    const world = setUp();
    world.create({ MinSize: 1, DesiredCapacity: 4, DefaultInstanceWarmup: 60 });
    put(world, 'a', tracked('A'));
    put(world, 'b', tracked('B'));
    expect(await play(world, 60, (minute) => ({ A: minute < 3 ? 20 : 1, B: 5 }))).toEqual([
      '4: 8',
      '19: 4',
      '34: 2',
      '49: 1',
    ]);
  });

  test.each<[string, TargetTrackingConfiguration, boolean, string[]]>([
    ['has no data keeps the group from shrinking', tracked('B'), true, []],
    ['does not scale in has no say in that', tracked('B', 10, { DisableScaleIn: true }), true, ['16: 1']],
    ['is disabled has none either', tracked('B'), false, ['16: 1']],
  ])('a second policy that %s', async (_, second, Enabled, desired) => {
    const world = setUp();
    world.create({ MinSize: 1, DesiredCapacity: 4 });
    put(world, 'a', tracked('A'));
    const policy = { ...name, PolicyName: 'b', PolicyType: 'TargetTrackingScaling', Enabled };
    world.autoScaling.putScalingPolicy({ ...policy, TargetTrackingConfiguration: second }, call);
    expect(await play(world, 30, () => ({ A: 1 }))).toEqual(desired);
  });

  test('alone, a policy that does not scale in only grows; a disabled one does nothing; without data nothing happens', async () => {
    const metrics = (minute: number) => ({ A: minute < 3 ? 15 : minute < 30 ? 1 : undefined });
    const run = async (more: Partial<TargetTrackingConfiguration>, Enabled: boolean, silent = false) => {
      const world = setUp();
      world.create({ MinSize: 1, DesiredCapacity: 4, DefaultInstanceWarmup: 0 });
      const policy = { ...name, PolicyName: 'a', PolicyType: 'TargetTrackingScaling', Enabled };
      world.autoScaling.putScalingPolicy({ ...policy, TargetTrackingConfiguration: tracked('A', 10, more) }, call);
      return play(world, 60, silent ? () => ({}) : metrics);
    };
    expect(await run({}, true)).toEqual(['4: 6', '19: 1']);
    expect(await run({ DisableScaleIn: true }, true)).toEqual(['4: 6']);
    expect(await run({}, false)).toEqual([]);
    expect(await run({}, true, true)).toEqual([]);
  });

  test('what warms up is not multiplied: the group does not grow again on account of the same messages', async () => {
    const world = setUp();
    world.create({ MinSize: 1, DesiredCapacity: 4, DefaultInstanceWarmup: 20 * 60 });
    put(world, 'a', tracked('A'));
    // The four are warm at 20:30, and the next four, launched at 21, at 41:30. The high alarm lasts all the time, and
    // the same 4 x 2 is not added anew each minute.
    expect(await play(world, 60, () => ({ A: 20 }))).toEqual(['21: 8', '42: 16']);
  });
});

describe("the alarms of a target-tracking policy are the policy's", () => {
  const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
  const alarmsOf = ({ cloudWatch }: World) => cloudWatch.describeAlarms({}, call).MetricAlarms ?? [];

  function withPolicy(options: { readonly scaleInShare?: number } = {}) {
    const world = setUp(options);
    world.create();
    return { ...world, answer: put(world, 'backlog', backlogPerInstance) };
  }

  test('§6: three minutes above the target, fifteen below 0.7 of it; named, described and listed as AWS does', () => {
    const world = withPolicy();
    const [high, low] = alarmsOf(world);
    const { PolicyARN = '', Alarms } = world.answer;
    expect(high).toMatchObject({
      AlarmName: expect.stringMatching(`^TargetTracking-g-AlarmHigh-${uuid}$`) as string,
      AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${PolicyARN}.`,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 100,
      EvaluationPeriods: 3,
      AlarmActions: [PolicyARN],
      Metrics: [{ MetricStat: { Period: 60, Stat: 'Sum' } }, {}, { Id: 'e1', ReturnData: true }],
    });
    expect(low).toMatchObject({
      AlarmName: expect.stringMatching(`^TargetTracking-g-AlarmLow-${uuid}$`) as string,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 70,
      EvaluationPeriods: 15,
      AlarmActions: [PolicyARN],
    });
    const both = [high, low].map(({ AlarmName, AlarmArn }) => ({ AlarmName, AlarmARN: AlarmArn }));
    expect(Alarms).toEqual(both);
    expect(world.autoScaling.describePolicies({}, call).ScalingPolicies).toMatchObject([
      {
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingConfiguration: backlogPerInstance,
        Alarms: both,
        Enabled: true,
      },
    ]);
  });

  test('limits.scaleInShare moves the low threshold, within bounds', () => {
    expect(alarmsOf(withPolicy({ scaleInShare: 0.9 }))[1].Threshold).toBe(90);
    expect(() => setUp({ scaleInShare: 0 })).toThrow(
      'limits.scaleInShare must be more than 0 and at most 1, but was 0',
    );
  });

  test('a metric in high resolution is judged over 3 of its periods, and over fifteen minutes', () => {
    const world = withPolicy();
    const metric = { Namespace: 'App', MetricName: 'A', Statistic: 'Average' as const, Period: 10 };
    put(world, 'backlog', { TargetValue: 5, CustomizedMetricSpecification: metric });
    expect(alarmsOf(world)).toMatchObject([
      { Period: 10, EvaluationPeriods: 3, Threshold: 5 },
      { Period: 10, EvaluationPeriods: 90, Threshold: 3.5 },
    ]);
  });

  test('an update keeps them and changes them; a policy of another type, or none, has none', () => {
    const world = withPolicy();
    const names = alarmsOf(world).map(({ AlarmName }) => AlarmName);
    put(world, 'backlog', { ...backlogPerInstance, TargetValue: 200 });
    expect(alarmsOf(world)).toMatchObject([
      { AlarmName: names[0], Threshold: 200 },
      { AlarmName: names[1], Threshold: 140 },
    ]);
    const simple = { ...name, PolicyName: 'backlog', AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1 };
    expect(world.autoScaling.putScalingPolicy(simple, call).Alarms).toEqual([]);
    expect(alarmsOf(world)).toEqual([]);
    put(world, 'backlog', backlogPerInstance);
    world.autoScaling.deletePolicy({ ...name, PolicyName: 'backlog' }, call);
    expect(alarmsOf(world)).toEqual([]);
  });

  test('an alarm that a composite alarm depends on stays when its policy goes', () => {
    const world = withPolicy();
    const [high] = alarmsOf(world);
    world.cloudWatch.putCompositeAlarm({ AlarmName: 'mine', AlarmRule: `ALARM(${high.AlarmName})` }, call);
    world.autoScaling.deletePolicy({ ...name, PolicyName: 'backlog' }, call);
    expect(alarmsOf(world).map(({ AlarmName }) => AlarmName)).toEqual([high.AlarmName]);
  });

  test.each([false, true])('a group that is deleted takes them along; with instances: %s', async (instances) => {
    const world = withPolicy();
    if (instances) world.autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 1 }, call);
    await world.clock.advance(MINUTE);
    world.autoScaling.deleteAutoScalingGroup({ ...name, ForceDelete: instances }, call);
    await world.clock.advance(MINUTE);
    expect(world.autoScaling.groups()).toEqual([]);
    expect(alarmsOf(world)).toEqual([]);
  });

  test('nothing else runs the policy: not ExecutePolicy, not another alarm', () => {
    const { autoScaling, answer } = withPolicy();
    expect(() => autoScaling.executePolicy({ ...name, PolicyName: 'backlog' }, call)).toThrow(
      'only policies of type StepScaling and SimpleScaling can be executed',
    );
    const signal = { alarmName: 'mine', state: 'ALARM', values: [1], threshold: 1 };
    expect(() => autoScaling.alarmed(answer.PolicyARN ?? '', signal)).toThrow('is run by its own alarms');
  });

  test.each<[string, Partial<PutScalingPolicyType>, string]>([
    ['no configuration', { TargetTrackingConfiguration: undefined }, 'You must specify a TargetTrackingConfiguration'],
    ['a target of zero', { TargetTrackingConfiguration: tracked('A', 0) }, 'The value 0 for TargetValue is invalid'],
    ['no metric', { TargetTrackingConfiguration: { TargetValue: 1 } }, 'Exactly one of PredefinedMetricSpecification'],
    [
      'a predefined metric, of which there is no data',
      {
        TargetTrackingConfiguration: {
          TargetValue: 50,
          PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
        },
      },
      'The predefined metric ASGAverageCPUUtilization is not supported: instances have no CPU',
    ],
    ['steps', { StepAdjustments: [{ ScalingAdjustment: 1 }] }, 'StepAdjustments cannot be specified for a policy of'],
    ['a cooldown', { Cooldown: 60 }, 'Cooldown cannot be specified for a policy of type TargetTrackingScaling'],
    [
      'a metric without statistic',
      {
        TargetTrackingConfiguration: {
          TargetValue: 1,
          CustomizedMetricSpecification: { Namespace: 'App', MetricName: 'A' },
        },
      },
      'A CustomizedMetricSpecification without Metrics must have Statistic',
    ],
    [
      'a period of five minutes',
      {
        TargetTrackingConfiguration: {
          TargetValue: 1,
          CustomizedMetricSpecification: { Namespace: 'App', MetricName: 'A', Statistic: 'Sum', Period: 300 },
        },
      },
      'The value 300 for Period is invalid: 10, 20, 30, 60 seconds are allowed',
    ],
    [
      'both a metric and a list',
      {
        TargetTrackingConfiguration: {
          TargetValue: 1,
          CustomizedMetricSpecification: {
            ...backlogPerInstance.CustomizedMetricSpecification,
            MetricName: 'A',
          },
        },
      },
      'MetricName and Metrics cannot both be specified',
    ],
    [
      'a list that gives two series, in the words of CloudWatch',
      {
        TargetTrackingConfiguration: {
          TargetValue: 1,
          CustomizedMetricSpecification: {
            Metrics: backlogPerInstance.CustomizedMetricSpecification?.Metrics?.map((query) => ({
              ...query,
              ReturnData: true,
            })),
          },
        },
      },
      'Exactly one element of the metrics list should return data.',
    ],
  ])('PutScalingPolicy refuses %s, and nothing has changed', (_, policy, message) => {
    const world = setUp();
    world.create();
    const valid = { TargetTrackingConfiguration: tracked('A'), PolicyName: 'p', PolicyType: 'TargetTrackingScaling' };
    expect(() => world.autoScaling.putScalingPolicy({ ...name, ...valid, ...policy }, call)).toThrow(message);
    expect(alarmsOf(world)).toEqual([]);
    expect(world.autoScaling.describePolicies({}, call).ScalingPolicies).toEqual([]);
  });
});
