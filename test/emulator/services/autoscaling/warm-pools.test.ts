import type { CreateAutoScalingGroupType, PutWarmPoolType } from '@aws-sdk/client-auto-scaling';
import { MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { call, setUp, START } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };

/** A group of one instance of at most four, in service for long, with a warm pool. */
async function withPool(pool: Omit<PutWarmPoolType, 'AutoScalingGroupName'> = {}) {
  const world = setUp();
  world.create({ MinSize: 0, MaxSize: 4, DesiredCapacity: 1, AvailabilityZones: ['us-east-1a'] });
  await world.clock.advance(10 * MINUTE);
  await world.sdk.putWarmPool({ ...name, ...pool });
  const pooled = () => world.group().warmPool.map(({ state }) => state);
  const poolIds = () => world.group().warmPool.map(({ id }) => id);
  const scaleTo = (DesiredCapacity: number) => world.sdk.setDesiredCapacity({ ...name, DesiredCapacity });
  return { ...world, pooled, poolIds, scaleTo };
}

describe('§6 warm pools', () => {
  test('as many as the group may still grow by are launched, booted and stopped; none of them counts', async () => {
    const { clock, sdk, states, pooled, fleet, group, autoScaling, poolIds, activities } = await withPool();
    expect(pooled()).toEqual(['Warmed:Pending', 'Warmed:Pending', 'Warmed:Pending']);
    expect(autoScaling.instance(poolIds()[0])?.targetLifecycleState).toBe('Warmed:Stopped');
    await clock.advance(30 * SECOND);
    expect([pooled()[0], fleet.running.size]).toEqual(['Warmed:Pending', 4]); // they shut down
    await clock.advance(5 * SECOND);
    expect(pooled()).toEqual(['Warmed:Stopped', 'Warmed:Stopped', 'Warmed:Stopped']);
    expect([states(), fleet.running.size, group().desired]).toEqual([['InService'], 1, 1]);
    const { WarmPoolConfiguration, Instances } = await sdk.describeWarmPool(name);
    expect(WarmPoolConfiguration).toEqual({ PoolState: 'Stopped', MinSize: 0 });
    expect(Instances).toMatchObject([{ LifecycleState: 'Warmed:Stopped' }, {}, {}]);
    const [described] = (await sdk.describeAutoScalingGroups({})).AutoScalingGroups ?? [];
    expect(described).toMatchObject({ WarmPoolSize: 3, WarmPoolConfiguration: { PoolState: 'Stopped' } });
    expect(described.Instances).toHaveLength(1);
    expect(activities()[1]).toEqual([
      `Launching a new EC2 instance into warm pool: ${poolIds()[0]}`,
      'At 2030-01-01T00:10:00Z an instance was started in response to a difference between desired and actual warm pool capacity, increasing the warm pool capacity from 0 to 3.',
      'Successful',
    ]);
  });

  /*
   * Boot 30 s, from the pool 10 s, shutdown 5 s.
   *
   *   10:00  the pool is made: 4 - 1 = 3
   *   11:00  1 to 3: two of the pool, which needs 4 - 3 = 1, as many as it has left; in service at 11:10
   *   12:00  3 to 4: the last of the pool, which needs none
   *   13:00  4 to 1: three are terminated; the pool needs 3, and launches them anew
   */
  test('scaling out takes from the pool, which is faster; what scales in is replaced by new ones in the pool', async () => {
    const { clock, scaleTo, states, pooled, poolIds, ids, activities, fleet } = await withPool();
    await clock.advance(MINUTE);
    const prepared = poolIds();
    await scaleTo(3);
    expect([states(), pooled()]).toEqual([['InService', 'Pending', 'Pending'], ['Warmed:Stopped']]);
    expect(ids().slice(1)).toEqual(prepared.slice(0, 2));
    await clock.advance(10 * SECOND);
    expect([states(), fleet.running.size]).toEqual([['InService', 'InService', 'InService'], 3]);
    expect(activities().at(-1)?.[0]).toBe(`Launching a new EC2 instance from warm pool: ${prepared[1]}`);
    await clock.advance(50 * SECOND);
    await scaleTo(4);
    await clock.advance(MINUTE);
    expect([ids().includes(prepared[2]), pooled()]).toEqual([true, []]);
    await scaleTo(1);
    expect(pooled()).toEqual(['Warmed:Pending', 'Warmed:Pending', 'Warmed:Pending']);
    await clock.advance(MINUTE);
    expect([states(), pooled().length]).toEqual([['InService'], 3]);
    expect(poolIds().filter((id) => prepared.includes(id))).toEqual([]);
  });

  test('what is not ready is not waited for: a new instance is launched instead', async () => {
    const { scaleTo, states, pooled, clock } = await withPool();
    await scaleTo(2);
    expect(states()).toEqual(['InService', 'Pending']);
    expect(pooled()).toEqual(['Warmed:Pending', 'Warmed:Pending']); // 4 - 2: one that has not booted goes at once
    await clock.advance(MINUTE);
    expect(pooled()).toEqual(['Warmed:Stopped', 'Warmed:Stopped']);
  });

  test('ReuseOnScaleIn: what scales in goes back to the pool, through its hooks', async () => {
    const { clock, sdk, scaleTo, states, pooled, ids, poolIds, autoScaling, fleet } = await withPool({
      InstanceReusePolicy: { ReuseOnScaleIn: true },
    });
    const hook = { ...name, LifecycleHookName: 'drain', HeartbeatTimeout: 300 };
    await sdk.putLifecycleHook({ ...hook, LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' });
    await clock.advance(MINUTE);
    await scaleTo(2);
    await clock.advance(MINUTE);
    const [first, second] = ids();
    await scaleTo(1);
    expect(states()).toEqual(['Terminating:Wait', 'InService']);
    expect(autoScaling.instance(first)?.targetLifecycleState).toBe('Warmed:Stopped');
    await clock.advance(MINUTE);
    await sdk.completeLifecycleAction({
      ...name,
      LifecycleHookName: 'drain',
      InstanceId: first,
      LifecycleActionResult: 'CONTINUE',
    });
    expect([states(), poolIds().includes(first)]).toEqual([['InService'], true]);
    await clock.advance(5 * SECOND);
    expect(pooled()).toEqual(['Warmed:Stopped', 'Warmed:Stopped', 'Warmed:Stopped']);
    expect([...fleet.running.keys()]).toEqual([second]);
    await scaleTo(2);
    await clock.advance(10 * SECOND);
    expect(ids()).toContain(first); // the oldest of the pool
    // One that is abandoned on its way back is terminated.
    await scaleTo(1);
    await clock.advance(5 * MINUTE + 5 * SECOND);
    expect([...ids(), ...poolIds()].filter((id) => [first, second].includes(id))).toHaveLength(1);
  });

  test('a pool of running instances: in service at once', async () => {
    const { clock, scaleTo, states, pooled, fleet } = await withPool({ PoolState: 'Running' });
    await clock.advance(30 * SECOND);
    expect(pooled()).toEqual(['Warmed:Running', 'Warmed:Running', 'Warmed:Running']);
    expect(fleet.running.size).toBe(4);
    await scaleTo(3);
    await clock.advance(0);
    expect([states(), pooled()]).toEqual([['InService', 'InService', 'InService'], ['Warmed:Running']]);
  });

  test('launch hooks hold instances on their way into the pool, and again on their way out of it', async () => {
    const { clock, sdk, scaleTo, states, pooled, poolIds } = await withPool({ MaxGroupPreparedCapacity: 1 });
    const hook = { ...name, LifecycleHookName: 'ready', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' };
    await sdk.putLifecycleHook(hook);
    expect(pooled()).toEqual([]);
    await sdk.putWarmPool({ ...name, MaxGroupPreparedCapacity: 2, PoolState: 'Hibernated' });
    const [InstanceId] = poolIds();
    const complete = () =>
      sdk.completeLifecycleAction({
        ...name,
        LifecycleHookName: 'ready',
        InstanceId,
        LifecycleActionResult: 'CONTINUE',
      });
    await clock.advance(30 * SECOND);
    expect(pooled()).toEqual(['Warmed:Pending:Wait']);
    await complete();
    expect(pooled()).toEqual(['Warmed:Pending:Proceed']);
    await clock.advance(5 * SECOND);
    expect(pooled()).toEqual(['Warmed:Hibernated']);
    await scaleTo(2);
    await clock.advance(10 * SECOND);
    expect(states()).toEqual(['InService', 'Pending:Wait']);
    await complete();
    expect(states()).toEqual(['InService', 'InService']);
  });

  test.each<[PutWarmPoolType['MaxGroupPreparedCapacity'], number | undefined, number]>([
    [undefined, undefined, 3], // 4 - 1
    [2, undefined, 1], // 2 - 1
    [10, undefined, 9],
    [0, undefined, 0],
    [2, 2, 2], // never fewer than the minimum
    [undefined, 5, 5],
  ])('MaxGroupPreparedCapacity %p and MinSize %p, for 1 of 4: %d', async (MaxGroupPreparedCapacity, MinSize, size) => {
    const { pooled } = await withPool({ MaxGroupPreparedCapacity, MinSize });
    expect(pooled()).toHaveLength(size);
  });

  test('a change leaves what it does not name; -1 takes the prepared capacity back; Launch suspended launches none', async () => {
    const { sdk, pooled, clock } = await withPool({ MaxGroupPreparedCapacity: 2, PoolState: 'Running' });
    await sdk.suspendProcesses({ ...name, ScalingProcesses: ['Launch'] });
    await sdk.putWarmPool({ ...name, MaxGroupPreparedCapacity: -1 });
    expect(pooled()).toHaveLength(1);
    await sdk.resumeProcesses(name);
    expect(pooled()).toHaveLength(3);
    await clock.advance(MINUTE);
    expect(pooled()).toEqual(['Warmed:Running', 'Warmed:Running', 'Warmed:Running']);
  });

  test('it is deleted when it is empty, or by force', async () => {
    const { sdk, clock, pooled, states, fleet } = await withPool();
    await clock.advance(MINUTE);
    await expect(sdk.deleteWarmPool(name)).rejects.toMatchObject({ name: 'ResourceInUseFault' });
    await sdk.setDesiredCapacity({ ...name, DesiredCapacity: 2 });
    await sdk.deleteWarmPool({ ...name, ForceDelete: true });
    await clock.advance(MINUTE);
    expect([pooled(), states(), fleet.running.size]).toEqual([[], ['InService', 'InService'], 2]);
    expect(await sdk.describeWarmPool(name)).toMatchObject({ Instances: [] });
    expect((await sdk.describeWarmPool(name)).WarmPoolConfiguration).toBeUndefined();
    await expect(sdk.deleteWarmPool(name)).rejects.toThrow('No warm pool found');
    await sdk.setDesiredCapacity({ ...name, DesiredCapacity: 1 });
    await clock.advance(MINUTE);
    expect(pooled()).toEqual([]);
  });

  test('a pool goes with its group', async () => {
    const { sdk, clock, autoScaling } = await withPool();
    await clock.advance(MINUTE);
    await sdk.deleteAutoScalingGroup({ ...name, ForceDelete: true });
    await clock.advance(MINUTE);
    expect(autoScaling.groups()).toEqual([]);
  });

  test('an instance of the pool that vanishes is replaced there', async () => {
    const { clock, autoScaling, pooled, poolIds } = await withPool();
    await clock.advance(MINUTE);
    const [id] = poolIds();
    autoScaling.killInstance(id);
    await clock.advance(MINUTE);
    expect(pooled()).toEqual(['Warmed:Stopped', 'Warmed:Stopped', 'Warmed:Pending']);
    await clock.advance(MINUTE);
    expect([pooled().length, poolIds().includes(id)]).toEqual([3, false]);
  });

  test('one that has vanished is not used', async () => {
    const { clock, autoScaling, poolIds, scaleTo, ids } = await withPool();
    await clock.advance(MINUTE);
    const [first, second] = poolIds();
    autoScaling.killInstance(first);
    await scaleTo(2);
    expect(ids()).toContain(second);
  });

  test('what would be too many does not go back', async () => {
    const { sdk, clock, scaleTo, pooled, activities } = await withPool({
      InstanceReusePolicy: { ReuseOnScaleIn: true },
      MaxGroupPreparedCapacity: 2,
    });
    await clock.advance(MINUTE);
    await scaleTo(3);
    await clock.advance(MINUTE);
    await scaleTo(1); // two leave, and 2 - 1 may be prepared
    await clock.advance(MINUTE);
    expect(pooled()).toEqual(['Warmed:Stopped']);
    const returning = activities().filter(([description]) => description?.startsWith('Returning EC2 instance'));
    expect(returning).toHaveLength(1);
    expect((await sdk.describeWarmPool(name)).Instances).toHaveLength(1);
  });

  test('one that is terminated while it is being stopped never was in the pool', async () => {
    const { sdk, clock, events, pooled } = await withPool();
    await clock.advance(32 * SECOND);
    await sdk.deleteWarmPool({ ...name, ForceDelete: true });
    await clock.advance(MINUTE);
    expect(pooled()).toEqual([]);
    expect(events.filter(({ kind }) => kind === 'autoscaling.prepared')).toEqual([]);
  });

  test('its metrics: only of a group that has one', async () => {
    const { sdk, clock, autoScaling, scaleTo } = await withPool({ MaxGroupPreparedCapacity: 3 });
    await sdk.enableMetricsCollection({ ...name, Granularity: '1Minute' });
    const metrics = () =>
      Object.fromEntries(autoScaling.collectMetrics(START).map((metric) => [metric.name, metric.sum]));
    await clock.advance(MINUTE);
    await scaleTo(2);
    expect(metrics()).toMatchObject({
      GroupDesiredCapacity: 2,
      GroupInServiceInstances: 1,
      GroupPendingInstances: 1,
      GroupTotalInstances: 2,
      WarmPoolDesiredCapacity: 1,
      WarmPoolWarmedCapacity: 1,
      WarmPoolPendingCapacity: 0,
      WarmPoolTerminatingCapacity: 0,
      WarmPoolTotalCapacity: 1,
      GroupAndWarmPoolDesiredCapacity: 3,
      GroupAndWarmPoolTotalCapacity: 3,
    });
    await sdk.deleteWarmPool({ ...name, ForceDelete: true });
    await clock.advance(MINUTE);
    expect(Object.keys(metrics())).toHaveLength(13);
  });

  test.each<[string, Partial<PutWarmPoolType>, Partial<CreateAutoScalingGroupType>, string]>([
    ['a state that there is not', { PoolState: 'Warm' as 'Running' }, {}, 'The value Warm for PoolState is invalid'],
    ['fewer than -1', { MaxGroupPreparedCapacity: -2 }, {}, 'MaxGroupPreparedCapacity is invalid'],
    ['less than its minimum', { MaxGroupPreparedCapacity: 1, MinSize: 2 }, {}, 'MaxGroupPreparedCapacity, 1, must be'],
    [
      'a group that mixes in Spot Instances',
      {},
      {
        LaunchTemplate: undefined,
        MixedInstancesPolicy: {
          LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName: 'workers' } },
          InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 50 },
        },
      },
      'You cannot add a warm pool to an Auto Scaling group that has a mixed instances policy',
    ],
  ])('PutWarmPool refuses %s', async (_, pool, group, message) => {
    const { create, sdk, autoScaling } = setUp();
    create(group);
    await expect(sdk.putWarmPool({ ...name, ...pool })).rejects.toThrow(message);
    expect(autoScaling.describeWarmPool(name, call).WarmPoolConfiguration).toBeUndefined();
  });
});
