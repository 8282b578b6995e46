import type { CreateAutoScalingGroupType, LaunchTemplateOverrides } from '@aws-sdk/client-auto-scaling';
import { MINUTE } from '../../../../lib/emulator/clock';
import { call, setUp, START } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };

const weighted = (
  Overrides: LaunchTemplateOverrides[] = [
    { InstanceType: 'c7g.xlarge', WeightedCapacity: '4' },
    { InstanceType: 'c7g.large', WeightedCapacity: '2' },
  ],
): Partial<CreateAutoScalingGroupType> => ({
  LaunchTemplate: undefined,
  MixedInstancesPolicy: {
    LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName: 'workers', Version: '1' }, Overrides },
  },
});

/** A group of instances that count four units each, with what is desired of it in service. */
async function weightedGroup(DesiredCapacity: number, more: Partial<CreateAutoScalingGroupType> = {}) {
  const world = setUp();
  world.create({ ...weighted(), DesiredCapacity, ...more });
  await world.clock.advance(MINUTE);
  const instances = () => world.autoScaling.describeAutoScalingGroups({}, call).AutoScalingGroups?.[0].Instances;
  const types = () => instances()?.map(({ InstanceType, WeightedCapacity }) => `${InstanceType} ${WeightedCapacity}`);
  const desire = async (capacity: number) => {
    world.autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: capacity }, call);
    await world.clock.advance(MINUTE);
  };
  return { ...world, instances, types, desire };
}

describe('instances with a WeightedCapacity', () => {
  test('are launched until the desired units are there, and go only if the group can do without them', async () => {
    const { autoScaling, activities, desire, types, ids } = await weightedGroup(9);
    expect(types()).toEqual(Array(3).fill('c7g.xlarge 4'));
    expect(autoScaling.describeAutoScalingInstances({}, call).AutoScalingInstances?.[0]).toMatchObject({
      WeightedCapacity: '4',
    });
    expect(activities()[0][1]).toMatch(/increasing the capacity from 0 to 9\.$/);
    await desire(12);
    expect(ids()).toHaveLength(3);
    await desire(13);
    expect(ids()).toHaveLength(4);
    await desire(13 - 1);
    expect(ids()).toHaveLength(3);
    await desire(9); // two would be eight
    expect(ids()).toHaveLength(3);
    await desire(8);
    expect(ids()).toHaveLength(2);
    await desire(0);
    expect(ids()).toHaveLength(0);
  });

  test('may take a group above its MaxSize', async () => {
    const { ids } = await weightedGroup(5, { MaxSize: 5 });
    expect(ids()).toHaveLength(2);
  });

  test('of several types go as far as the surplus allows, whatever the termination policy prefers', async () => {
    const { autoScaling, clock, desire, types } = await weightedGroup(4, { TerminationPolicies: ['OldestInstance'] });
    const policy = weighted([
      { InstanceType: 'c7g.large', WeightedCapacity: '2' },
      { InstanceType: 'c7g.xlarge', WeightedCapacity: '4' },
    ]);
    autoScaling.updateAutoScalingGroup({ ...name, MixedInstancesPolicy: policy.MixedInstancesPolicy }, call);
    await desire(6);
    expect(types()).toEqual(['c7g.xlarge 4', 'c7g.large 2']);
    await desire(4); // the oldest counts too much
    expect(types()).toEqual(['c7g.xlarge 4']);
    // New weights are those of running instances, too: there are two units too few.
    const heavier = weighted([{ InstanceType: 'c7g.xlarge', WeightedCapacity: '2' }]);
    autoScaling.updateAutoScalingGroup({ ...name, MixedInstancesPolicy: heavier.MixedInstancesPolicy }, call);
    await clock.advance(MINUTE);
    expect(types()).toEqual(['c7g.xlarge 2', 'c7g.xlarge 2']);
  });

  test('are counted in units by the metrics of capacity, and one by one by those of instances', async () => {
    const { autoScaling, ids } = await weightedGroup(12);
    const [first, second] = ids();
    autoScaling.enterStandby({ ...name, InstanceIds: [first], ShouldDecrementDesiredCapacity: true }, call);
    autoScaling.terminateInstanceInAutoScalingGroup(
      { InstanceId: second, ShouldDecrementDesiredCapacity: false },
      call,
    );
    autoScaling.enableMetricsCollection({ ...name, Granularity: '1Minute' }, call);
    const values = autoScaling.collectMetrics(START).map((datum) => [datum.name, datum.sum]);
    expect(Object.fromEntries(values)).toMatchObject({
      GroupDesiredCapacity: 8,
      GroupInServiceInstances: 1,
      GroupInServiceCapacity: 4,
      GroupPendingInstances: 1,
      GroupPendingCapacity: 4,
      GroupStandbyInstances: 1,
      GroupStandbyCapacity: 4,
      GroupTerminatingInstances: 1,
      GroupTerminatingCapacity: 4,
      GroupTotalInstances: 4,
      GroupTotalCapacity: 16,
    });
  });

  test('take their units along when they leave, and bring them back', async () => {
    const { autoScaling, activities, clock, group, ids } = await weightedGroup(12, { MinSize: 4 });
    const [first, second, third] = ids();
    autoScaling.enterStandby({ ...name, InstanceIds: [first, second], ShouldDecrementDesiredCapacity: true }, call);
    expect(group().desired).toBe(4);
    const causes = () => activities().map(([, cause]) => cause?.split(', ')[1]);
    expect(causes().slice(-2)).toEqual(['shrinking the capacity from 12 to 8.', 'shrinking the capacity from 8 to 4.']);
    expect(() =>
      autoScaling.enterStandby({ ...name, InstanceIds: [third], ShouldDecrementDesiredCapacity: true }, call),
    ).toThrow('desired-size=4. To place into standby or detach 1 instances');
    autoScaling.exitStandby({ ...name, InstanceIds: [first, second] }, call);
    expect(group().desired).toBe(12);
    expect(causes().slice(-2)).toEqual([
      'increasing the capacity from 4 to 8.',
      'increasing the capacity from 8 to 12.',
    ]);
    autoScaling.detachInstances({ ...name, InstanceIds: [first], ShouldDecrementDesiredCapacity: true }, call);
    autoScaling.terminateInstanceInAutoScalingGroup({ InstanceId: second, ShouldDecrementDesiredCapacity: true }, call);
    expect(group().desired).toBe(4);
    expect(causes().slice(-2)).toEqual(['shrinking the capacity from 12 to 8.', 'shrinking the capacity from 8 to 4.']);
    expect(() =>
      autoScaling.terminateInstanceInAutoScalingGroup(
        { InstanceId: third, ShouldDecrementDesiredCapacity: true },
        call,
      ),
    ).toThrow('desiredSize equals minSize (4)');
    await clock.advance(MINUTE);
    expect(ids()).toEqual([third]);
  });

  test('warm up in units: a step is not applied to what is on its way', async () => {
    const { autoScaling, clock, group } = await weightedGroup(4);
    const { PolicyARN = '' } = autoScaling.putScalingPolicy(
      {
        ...name,
        PolicyName: 'p',
        PolicyType: 'StepScaling',
        AdjustmentType: 'ChangeInCapacity',
        StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 8 }],
        EstimatedInstanceWarmup: 30,
      },
      call,
    );
    const execute = () =>
      autoScaling.executePolicy({ PolicyName: PolicyARN, MetricValue: 1, BreachThreshold: 0 }, call);
    execute();
    expect(group().desired).toBe(12);
    execute(); // eight units are on their way
    expect(group().desired).toBe(12);
    await clock.advance(2 * MINUTE);
    execute();
    expect(group().desired).toBe(20);
  });

  test('share the On-Demand base and the percentage above it in units', async () => {
    const policy = weighted().MixedInstancesPolicy;
    const { autoScaling, ids } = await weightedGroup(20, {
      MixedInstancesPolicy: {
        ...policy,
        InstancesDistribution: { OnDemandBaseCapacity: 8, OnDemandPercentageAboveBaseCapacity: 0 },
      },
    });
    expect(ids().map((id) => autoScaling.instance(id)?.isSpot)).toEqual([false, false, true, true, true]);
  });

  test('are replaced by an instance refresh one at a time, as the percentages count instances', async () => {
    const { autoScaling, clock, states, ids } = await weightedGroup(16);
    const before = ids();
    autoScaling.startInstanceRefresh({ ...name, Preferences: { MinHealthyPercentage: 75, InstanceWarmup: 0 } }, call);
    await clock.advance(1);
    expect(states().filter((state) => state.startsWith('Terminating'))).toHaveLength(1);
    await clock.advance(30 * MINUTE);
    expect(ids()).toHaveLength(4);
    expect(ids().filter((id) => before.includes(id))).toEqual([]);
  });

  test('are spread over the zones, also if they count more than is desired', async () => {
    const { autoScaling, clock, instances } = await weightedGroup(7, { AvailabilityZones: ['us-east-1a'] });
    autoScaling.updateAutoScalingGroup({ ...name, AvailabilityZones: ['us-east-1a', 'us-east-1b'] }, call);
    await clock.advance(5 * MINUTE);
    expect(
      instances()
        ?.map(({ AvailabilityZone }) => AvailabilityZone)
        .sort(),
    ).toEqual(['us-east-1a', 'us-east-1b']);
  });

  test.each<[string, (string | undefined)[], string]>([
    ['0', ['0'], 'WeightedCapacity must be a whole number from 1 to 999, but was 0.'],
    ['1000', ['1000'], 'WeightedCapacity must be a whole number from 1 to 999, but was 1000.'],
    ['1.5', ['1.5'], 'WeightedCapacity must be a whole number from 1 to 999, but was 1.5.'],
    [
      'one of two',
      ['1', undefined],
      'WeightedCapacity must be specified for all instance types or for none, but m2.large has none.',
    ],
  ])('a weight of %s is refused, in a refresh too', async (_, weights, message) => {
    const overrides = weights.map((WeightedCapacity, index) => ({
      InstanceType: `m${index + 1}.large`,
      WeightedCapacity,
    }));
    expect(() => setUp().create(weighted(overrides))).toThrow(message);
    const { autoScaling } = await weightedGroup(4);
    const { MixedInstancesPolicy } = weighted(overrides);
    expect(() =>
      autoScaling.startInstanceRefresh({ ...name, DesiredConfiguration: { MixedInstancesPolicy } }, call),
    ).toThrow(message);
  });

  test('weights from 1 to 999 are taken', () => {
    const overrides = ['1', '999'].map((WeightedCapacity, index) => ({ InstanceType: `m${index}`, WeightedCapacity }));
    expect(() => setUp().create(weighted(overrides))).not.toThrow();
  });
});

describe('a group is told with what its request left out', () => {
  test.each([{ LaunchTemplateName: 'workers', Version: '$Latest' }, { LaunchTemplateName: 'workers' }])(
    'the id of its launch template: %j',
    (LaunchTemplate) => {
      const { autoScaling, create, launchTemplates } = setUp();
      create({ LaunchTemplate });
      const { launchTemplateId: LaunchTemplateId } = launchTemplates.describe('workers', '1');
      const told = () => autoScaling.describeAutoScalingGroups({}, call).AutoScalingGroups?.[0];
      expect(told()?.LaunchTemplate).toEqual({ ...LaunchTemplate, LaunchTemplateId });
      launchTemplates.create('others', {});
      const others = launchTemplates.describe('others', '1').launchTemplateId;
      autoScaling.updateAutoScalingGroup({ ...name, LaunchTemplate: { LaunchTemplateId: others } }, call);
      expect(told()?.LaunchTemplate).toEqual({ LaunchTemplateId: others, LaunchTemplateName: 'others' });
      expect(told()).not.toHaveProperty('MixedInstancesPolicy.LaunchTemplate');
    },
  );

  test('the defaults of a MixedInstancesPolicy', () => {
    const { autoScaling, create, launchTemplates } = setUp();
    const { launchTemplateId: LaunchTemplateId } = launchTemplates.describe('workers', '1');
    create(weighted());
    const told = () => autoScaling.describeAutoScalingGroups({}, call).AutoScalingGroups?.[0].MixedInstancesPolicy;
    expect(told()).toEqual({
      LaunchTemplate: {
        ...weighted().MixedInstancesPolicy?.LaunchTemplate,
        LaunchTemplateSpecification: { LaunchTemplateId, LaunchTemplateName: 'workers', Version: '1' },
      },
      InstancesDistribution: {
        OnDemandAllocationStrategy: 'prioritized',
        OnDemandBaseCapacity: 0,
        OnDemandPercentageAboveBaseCapacity: 100,
        SpotAllocationStrategy: 'lowest-price',
        SpotInstancePools: 2,
      },
    });
    const InstancesDistribution = { SpotAllocationStrategy: 'capacity-optimized', OnDemandBaseCapacity: 3 };
    const MixedInstancesPolicy = { ...weighted().MixedInstancesPolicy, InstancesDistribution };
    autoScaling.updateAutoScalingGroup({ ...name, MixedInstancesPolicy }, call);
    expect(told()?.InstancesDistribution).toEqual({
      OnDemandAllocationStrategy: 'prioritized',
      OnDemandBaseCapacity: 3,
      OnDemandPercentageAboveBaseCapacity: 100,
      SpotAllocationStrategy: 'capacity-optimized',
    });
  });

  test('the configuration that an instance refresh brings', () => {
    const { autoScaling, create, launchTemplates } = setUp();
    create();
    const { launchTemplateId: LaunchTemplateId } = launchTemplates.describe('workers', '1');
    const LaunchTemplate = { LaunchTemplateName: 'workers', Version: '1' };
    autoScaling.startInstanceRefresh({ ...name, DesiredConfiguration: { LaunchTemplate } }, call);
    expect(autoScaling.describeInstanceRefreshes(name, call).InstanceRefreshes?.[0].DesiredConfiguration).toEqual({
      LaunchTemplate: { ...LaunchTemplate, LaunchTemplateId },
    });
  });
});
