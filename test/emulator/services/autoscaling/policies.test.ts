import type { PutScalingPolicyType } from '@aws-sdk/client-auto-scaling';
import { MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { call, setUp } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };

/** A group of so many warm instances with one policy, and what makes its alarm go off. */
async function withPolicy(instances: number, policy: Partial<PutScalingPolicyType>) {
  const world = setUp();
  world.create({ DesiredCapacity: instances });
  const input = { ...name, PolicyName: 'p', PolicyType: 'StepScaling', AdjustmentType: 'ChangeInCapacity', ...policy };
  const { PolicyARN = '' } = world.autoScaling.putScalingPolicy(input, call);
  await world.clock.advance(30 * MINUTE);
  const alarm = (value: number, threshold: number) => {
    world.autoScaling.alarmed(PolicyARN, { alarmName: 'deep', state: 'ALARM', values: [value], threshold });
    return world.group().desired;
  };
  return { ...world, alarm, PolicyARN };
}

const step = (lower: number | undefined, upper: number | undefined, ScalingAdjustment: number) => ({
  MetricIntervalLowerBound: lower,
  MetricIntervalUpperBound: upper,
  ScalingAdjustment,
});

describe('§6 step scaling', () => {
  test('the documented vector: steps apply to what is warm, and are compared with what is desired', async () => {
    const { alarm, clock } = await withPolicy(10, {
      AdjustmentType: 'PercentChangeInCapacity',
      EstimatedInstanceWarmup: 120,
      StepAdjustments: [step(0, 10, 10), step(10, undefined, 30)],
    });
    expect(alarm(60, 60)).toBe(11); // +10 % of 10
    expect(alarm(62, 60)).toBe(11); // the new one warms up: still 10 % of 10
    expect(alarm(70, 60)).toBe(13); // +30 % of 10, of which 1 has been launched
    await clock.advance(30 * SECOND + 120 * SECOND - 1);
    expect(alarm(70, 60)).toBe(13);
  });

  test('once 11 are warm, +30 % is 3.3: 3', async () => {
    const { alarm } = await withPolicy(11, {
      AdjustmentType: 'PercentChangeInCapacity',
      StepAdjustments: [step(0, undefined, 30)],
    });
    expect(alarm(70, 60)).toBe(14);
  });

  test.each([
    // Above the threshold a step includes its lower bound, below it its upper one.
    [50, 6],
    [59.9, 6],
    [60, 7],
    [1_000, 8],
    [40, 4],
    [40.1, 4],
    [30.1, 4],
    [30, 3],
    [29, 3],
  ])('bounds: at %d, with a threshold of 50, five become %d', async (value, desired) => {
    const { alarm } = await withPolicy(5, {
      StepAdjustments: [
        step(0, 10, 1),
        step(10, 20, 2),
        step(20, undefined, 3),
        step(-20, 0, -1),
        step(undefined, -20, -2),
      ],
    });
    expect(alarm(value, 50)).toBe(desired);
  });

  test.each([
    ['a value that no step is for', [step(10, undefined, 1)], 55, 5],
    ['the threshold itself, for a step below it', [step(undefined, 0, -1)], 50, 4],
  ])('%s', async (_, StepAdjustments, value, desired) => {
    expect((await withPolicy(5, { StepAdjustments })).alarm(value, 50)).toBe(desired);
  });

  test.each([
    [10, 25, undefined, 12], // 2.5 down
    [2, 10, undefined, 3], // 0.2 is 1
    [10, -25, undefined, 8], // -2.5 toward zero
    [2, -10, undefined, 1], // -0.2 is -1
    [4, 25, 3, 7], // MinAdjustmentMagnitude
    [4, -25, 2, 2],
    [0, 50, 2, 2],
    [0, 50, undefined, 0],
    [4, 0, 2, 4],
  ])(
    '%d instances by %d %%, at least %p: %d',
    async (instances, ScalingAdjustment, MinAdjustmentMagnitude, desired) => {
      const { alarm } = await withPolicy(instances, {
        AdjustmentType: 'PercentChangeInCapacity',
        MinAdjustmentMagnitude,
        StepAdjustments: [step(0, undefined, ScalingAdjustment)],
      });
      expect(alarm(1, 0)).toBe(desired);
    },
  );

  test('results stay within min and max', async () => {
    const { alarm, autoScaling } = await withPolicy(10, {
      StepAdjustments: [step(0, undefined, 100), step(undefined, 0, -100)],
    });
    autoScaling.updateAutoScalingGroup({ ...name, MinSize: 2 }, call);
    expect(alarm(-1, 0)).toBe(2);
    expect(alarm(1, 0)).toBe(20);
  });

  test('ExactCapacity', async () => {
    const { alarm } = await withPolicy(10, {
      AdjustmentType: 'ExactCapacity',
      StepAdjustments: [step(0, undefined, 12), step(undefined, 0, 3)],
    });
    expect(alarm(-1, 0)).toBe(3);
    expect(alarm(1, 0)).toBe(12);
    expect(alarm(-1, 0)).toBe(12); // not while they warm up
  });

  test('nothing scales in while an instance warms up; hooks and booting are no warm-up', async () => {
    const { alarm, autoScaling, clock } = await withPolicy(2, {
      EstimatedInstanceWarmup: 60,
      StepAdjustments: [step(undefined, 0, -1)],
    });
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 3 }, call);
    await clock.advance(90 * SECOND - 1);
    expect(alarm(-1, 0)).toBe(3);
    await clock.advance(1);
    expect(alarm(-1, 0)).toBe(2);
  });

  test('the warm-up is the policy’s, else the group’s, else its cooldown', async () => {
    const { alarm, autoScaling, clock } = await withPolicy(1, { StepAdjustments: [step(0, undefined, 1)] });
    expect(alarm(1, 0)).toBe(2);
    await clock.advance(30 * SECOND + 299 * SECOND);
    expect(alarm(1, 0)).toBe(2);
    autoScaling.updateAutoScalingGroup({ ...name, DefaultInstanceWarmup: 299 }, call);
    expect(alarm(1, 0)).toBe(3);
  });

  test.each([
    ['Average', 3],
    ['Minimum', 2],
    ['Maximum', 6],
    [undefined, 3],
  ])('values are aggregated by %p', async (MetricAggregationType, desired) => {
    const { autoScaling, PolicyARN, group } = await withPolicy(1, {
      MetricAggregationType,
      StepAdjustments: [step(0, 20, 1), step(20, 50, 2), step(50, undefined, 5)],
    });
    autoScaling.alarmed(PolicyARN, { alarmName: 'deep', state: 'ALARM', values: [10, 60, 20], threshold: 0 });
    expect(group().desired).toBe(desired);
  });

  test('an alarm without data points, or a disabled policy, changes nothing; the cause names alarm and policy', async () => {
    const { autoScaling, alarm, PolicyARN, group, clock } = await withPolicy(1, {
      StepAdjustments: [step(0, undefined, 1)],
    });
    autoScaling.alarmed(PolicyARN, { alarmName: 'deep', state: 'ALARM', values: [], threshold: 0 });
    expect(group().desired).toBe(1);
    expect(alarm(1, 0)).toBe(2);
    expect(autoScaling.describeScalingActivities(name, call).Activities?.[0].Cause).toContain(
      'At 2030-01-01T00:30:00Z a monitor alarm deep in state ALARM triggered policy p changing the desired capacity from 1 to 2.',
    );
    await clock.advance(30 * MINUTE);
    const [policy] = autoScaling.describePolicies({}, call).ScalingPolicies ?? [];
    autoScaling.putScalingPolicy(
      {
        ...name,
        PolicyName: 'p',
        PolicyType: 'StepScaling',
        AdjustmentType: policy.AdjustmentType,
        StepAdjustments: policy.StepAdjustments,
        Enabled: false,
      },
      call,
    );
    expect(alarm(1, 0)).toBe(2);
    expect(() =>
      autoScaling.alarmed('arn:aws:autoscaling:::nothing', { alarmName: 'a', state: 'OK', values: [], threshold: 0 }),
    ).toThrow('No scaling policy found');
  });
});

describe('§6 simple scaling', () => {
  test('one activity at a time; the cooldown begins when its last instance is in service', async () => {
    const { alarm, clock, autoScaling } = await withPolicy(1, {
      PolicyType: undefined,
      ScalingAdjustment: 2,
      Cooldown: 60,
    });
    expect(autoScaling.describePolicies({}, call).ScalingPolicies?.[0].PolicyType).toBe('SimpleScaling');
    expect(alarm(1, 0)).toBe(3);
    expect(alarm(1, 0)).toBe(3);
    await clock.advance(30 * SECOND + 60 * SECOND - 1);
    expect(alarm(1, 0)).toBe(3);
    expect(() => autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 1, HonorCooldown: true }, call)).toThrow(
      'is in progress',
    );
    await clock.advance(1);
    expect(alarm(1, 0)).toBe(5);
    autoScaling.executePolicy({ ...name, PolicyName: 'p' }, call);
    expect(alarm(1, 0)).toBe(7);
  });
});

describe('§6 policies', () => {
  test('a policy keeps its ARN when it is replaced, is executed by hand, and deleted', async () => {
    const { autoScaling, PolicyARN, group } = await withPolicy(1, { StepAdjustments: [step(0, undefined, 1)] });
    expect(PolicyARN).toMatch(
      /^arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:[0-9a-f-]{36}:autoScalingGroupName\/g:policyName\/p$/,
    );
    const again = {
      ...name,
      PolicyName: 'p',
      PolicyType: 'StepScaling',
      AdjustmentType: 'ChangeInCapacity',
      StepAdjustments: [step(0, undefined, 2)],
    };
    expect(autoScaling.putScalingPolicy(again, call).PolicyARN).toBe(PolicyARN);
    expect(() => autoScaling.executePolicy({ ...name, PolicyName: 'p' }, call)).toThrow(
      'MetricValue and BreachThreshold are required',
    );
    autoScaling.executePolicy({ PolicyName: PolicyARN, MetricValue: 5, BreachThreshold: 1 }, call);
    expect(group().desired).toBe(3);
    expect(autoScaling.describePolicies({ PolicyTypes: ['SimpleScaling'] }, call).ScalingPolicies).toEqual([]);
    autoScaling.deletePolicy({ ...name, PolicyName: 'p' }, call);
    expect(() => autoScaling.deletePolicy({ ...name, PolicyName: 'p' }, call)).toThrow(
      'No scaling policy found with name: p',
    );
  });

  test.each<[string, Partial<PutScalingPolicyType>, string]>([
    [
      'prediction',
      { PolicyType: 'PredictiveScaling' },
      'The policy type PredictiveScaling is not supported: SimpleScaling, StepScaling and TargetTrackingScaling are.',
    ],
    ['no steps', { StepAdjustments: [] }, 'at least one StepAdjustment'],
    ['a gap', { StepAdjustments: [step(0, 10, 1), step(20, undefined, 2)] }, 'cannot have a gap'],
    ['an overlap', { StepAdjustments: [step(0, 10, 1), step(5, undefined, 2)] }, 'cannot overlap'],
    [
      'a step for everything',
      { StepAdjustments: [step(undefined, undefined, 1)] },
      'At least one of MetricIntervalLowerBound and MetricIntervalUpperBound',
    ],
    ['bounds the wrong way round', { StepAdjustments: [step(10, 0, 1)] }, 'must be less than MetricIntervalUpperBound'],
    [
      'an open end above',
      { StepAdjustments: [step(0, 10, 1)] },
      'there must be a step adjustment without an upper bound',
    ],
    [
      'an open end below',
      { StepAdjustments: [step(-10, 0, -1)] },
      'there must be a step adjustment without a lower bound',
    ],
    [
      'a magnitude without percent',
      { MinAdjustmentMagnitude: 2 },
      'MinAdjustmentMagnitude can only be specified with the adjustment type PercentChangeInCapacity',
    ],
    [
      'no adjustment type',
      { AdjustmentType: undefined },
      'You must specify an AdjustmentType for policy type: StepScaling',
    ],
    [
      'an unknown adjustment type',
      { AdjustmentType: 'Double' },
      'ChangeInCapacity, ExactCapacity, PercentChangeInCapacity are allowed',
    ],
    ['a cooldown', { Cooldown: 60 }, 'Cooldown cannot be specified for a policy of type StepScaling'],
    [
      'steps in a simple policy',
      { PolicyType: 'SimpleScaling', ScalingAdjustment: 1 },
      'StepAdjustments cannot be specified for a policy of type SimpleScaling',
    ],
    [
      'a simple policy without adjustment',
      { PolicyType: 'SimpleScaling', StepAdjustments: undefined },
      'You must specify a ScalingAdjustment',
    ],
  ])('PutScalingPolicy refuses %s', async (_, policy, message) => {
    await expect(withPolicy(1, { StepAdjustments: [step(0, undefined, 1)], ...policy })).rejects.toThrow(message);
  });
});
