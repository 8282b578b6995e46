import { HOUR, MINUTE } from '../../../../lib/emulator/clock';
import { setUp } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };

async function withInstances(DesiredCapacity: number, MaxSize = 4) {
  const world = setUp();
  world.create({ MinSize: 1, MaxSize, DesiredCapacity });
  await world.clock.advance(10 * MINUTE);
  return world;
}

describe('§6 Standby', () => {
  test('an instance counts for nothing, runs on, and comes back with the capacity that went down with it', async () => {
    const { sdk, ids, states, group, fleet, autoScaling, clock, activities } = await withInstances(2);
    const [first] = ids();
    const { Activities } = await sdk.enterStandby({
      ...name,
      InstanceIds: [first],
      ShouldDecrementDesiredCapacity: true,
    });
    expect(Activities).toMatchObject([
      {
        Description: `Moving EC2 instance to Standby: ${first}`,
        Cause: `At 2030-01-01T00:10:00Z instance ${first} was moved to standby in response to a user request, shrinking the capacity from 2 to 1.`,
        StatusCode: 'InProgress',
        Progress: 50,
      },
    ]);
    await clock.advance(HOUR);
    expect([states(), group().desired, fleet.running.size]).toEqual([['Standby', 'InService'], 1, 2]);
    expect(autoScaling.instance(first)?.targetLifecycleState).toBe('Standby');
    await sdk.exitStandby({ ...name, InstanceIds: [first] });
    expect([states(), group().desired]).toEqual([['InService', 'InService'], 2]);
    expect(activities().at(-1)).toEqual([
      `Moving EC2 instance out of Standby: ${first}`,
      `At 2030-01-01T01:10:00Z instance ${first} was moved out of standby in response to a user request, increasing the capacity from 1 to 2.`,
      'Successful',
    ]);
  });

  test('without a smaller capacity another takes its place; then there may be no room to come back', async () => {
    const { sdk, ids, states, clock, autoScaling } = await withInstances(2, 2);
    const [first] = ids();
    await sdk.enterStandby({ ...name, InstanceIds: [first], ShouldDecrementDesiredCapacity: false });
    await clock.advance(MINUTE);
    expect(states()).toEqual(['Standby', 'InService', 'InService']);
    await expect(sdk.exitStandby({ ...name, InstanceIds: [first] })).rejects.toThrow(
      'AutoScalingGroup g has max-size=2, and desired-capacity=2. To return 1 instances to service, please update',
    );
    // Nobody looks after its health, until it is in service again.
    autoScaling.killInstance(first);
    await clock.advance(HOUR);
    expect(states()).toEqual(['Standby', 'InService', 'InService']);
    await sdk.updateAutoScalingGroup({ ...name, MaxSize: 3 });
    await sdk.exitStandby({ ...name, InstanceIds: [first] });
    await clock.advance(0);
    expect(ids()).not.toContain(first);
    expect(states()).toEqual(['InService', 'InService', 'Pending']);
  });

  test.each([
    ['Terminate', 'Successful', 0],
    ['Ignore', 'Successful', 1],
    ['Wait', 'Failed', 1],
  ] as const)('an instance refresh: %s', async (StandbyInstances, status, left) => {
    const { sdk, ids, clock } = await withInstances(2);
    const [first] = ids();
    await sdk.enterStandby({ ...name, InstanceIds: [first], ShouldDecrementDesiredCapacity: true });
    await sdk.startInstanceRefresh({ ...name, Preferences: { StandbyInstances, MinHealthyPercentage: 0 } });
    await clock.advance(2 * HOUR);
    const [refresh] = (await sdk.describeInstanceRefreshes(name)).InstanceRefreshes ?? [];
    expect(refresh.Status).toBe(status);
    expect(ids().filter((id) => id === first)).toHaveLength(left);
  });

  test('what cannot be', async () => {
    const { sdk, ids } = await withInstances(1);
    const InstanceIds = ids();
    const decrements = { ShouldDecrementDesiredCapacity: true };
    await expect(sdk.enterStandby({ ...name, InstanceIds, ...decrements })).rejects.toThrow(
      'AutoScalingGroup g has min-size=1, max-size=4, and desired-size=1. To place into standby',
    );
    await expect(sdk.exitStandby({ ...name, InstanceIds })).rejects.toThrow(
      'is not in Standby: its state is InService',
    );
    await expect(sdk.enterStandby({ ...name, InstanceIds: ['i-1'], ...decrements })).rejects.toThrow(
      'The instance i-1 is not part of Auto Scaling group g.',
    );
  });
});

describe('§6 DetachInstances', () => {
  test('the instance runs on and belongs to no group; another takes its place, unless the capacity goes down', async () => {
    const { sdk, ids, states, group, fleet, autoScaling, clock } = await withInstances(3);
    const [first, second] = ids();
    const { Activities } = await sdk.detachInstances({
      ...name,
      InstanceIds: [first],
      ShouldDecrementDesiredCapacity: true,
    });
    expect(Activities).toMatchObject([
      {
        Description: `Detaching EC2 instance: ${first}`,
        Cause: `At 2030-01-01T00:10:00Z instance ${first} was detached in response to a user request, shrinking the capacity from 3 to 2.`,
      },
    ]);
    await sdk.detachInstances({ ...name, InstanceIds: [second], ShouldDecrementDesiredCapacity: false });
    await clock.advance(MINUTE);
    expect([states(), group().desired, fleet.running.size]).toEqual([['InService', 'InService'], 2, 4]);
    expect(autoScaling.instance(first)).toMatchObject({ lifecycleState: 'Detached' });
    expect(autoScaling.instance(first)?.targetLifecycleState).toBeUndefined();
    expect((await sdk.describeAutoScalingInstances({ InstanceIds: [first] })).AutoScalingInstances).toEqual([]);
    expect(autoScaling.killInstance(first)).toBe(true);
    expect([...fleet.running.keys()]).not.toContain(first);
    await expect(sdk.attachInstances({ ...name, InstanceIds: [second] })).rejects.toThrow('is not supported');
  });
});

test('what there is to choose from', async () => {
  const { sdk } = await withInstances(1);
  expect(await sdk.describeAccountLimits({})).toMatchObject({ NumberOfAutoScalingGroups: 1 });
  expect((await sdk.describeAdjustmentTypes({})).AdjustmentTypes).toEqual([
    { AdjustmentType: 'ChangeInCapacity' },
    { AdjustmentType: 'ExactCapacity' },
    { AdjustmentType: 'PercentChangeInCapacity' },
  ]);
  expect((await sdk.describeTerminationPolicyTypes({})).TerminationPolicyTypes).toContain('NewestInstance');
  expect((await sdk.describeLifecycleHookTypes({})).LifecycleHookTypes).toEqual([
    'autoscaling:EC2_INSTANCE_LAUNCHING',
    'autoscaling:EC2_INSTANCE_TERMINATING',
  ]);
  const { Metrics = [], Granularities } = await sdk.describeMetricCollectionTypes({});
  expect(Metrics).toContainEqual({ Metric: 'WarmPoolWarmedCapacity' });
  expect(Granularities).toEqual([{ Granularity: '1Minute' }]);
});
