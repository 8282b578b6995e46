import type { CreateAutoScalingGroupType } from '@aws-sdk/client-auto-scaling';
import { DAY, MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { setUp, START } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };

async function withInstances(group: Partial<CreateAutoScalingGroupType>) {
  const world = setUp();
  world.create(group);
  await world.clock.advance(10 * MINUTE);
  const before = world.activities().length;
  /** The causes of what has happened since then, without the instants. */
  const causes = () => {
    const since = world.activities().slice(before);
    return since.map(([, cause]) => cause?.replace(/At \S+Z /g, ''));
  };
  return { ...world, causes };
}

const GONE =
  'an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.';
const REPLACED = 'an instance was launched in response to an unhealthy instance needing to be replaced.';

describe('§6 an instance that vanishes', () => {
  test('is found out a minute later, and replaced', async () => {
    const { autoScaling, clock, fleet, ids, states, causes, sdk } = await withInstances({ MinSize: 2 });
    const [first, second] = ids();
    expect(autoScaling.killInstance(first)).toBe(true);
    expect([...fleet.running.keys()]).toEqual([second]);
    await clock.advance(MINUTE - 1);
    expect(states()).toEqual(['InService', 'InService']); // nobody has noticed
    await clock.advance(1);
    expect(states()).toEqual(['InService', 'Pending']); // there is nothing left to shut down
    expect(causes()).toEqual([GONE, REPLACED]);
    await clock.advance(MINUTE);
    expect(states()).toEqual(['InService', 'InService']);
    expect(ids()).not.toContain(first);
    expect((await sdk.describeAutoScalingGroups({})).AutoScalingGroups?.[0].DesiredCapacity).toBe(2);
    expect(autoScaling.killInstance(first)).toBe(false);
  });

  test('is not found out before the grace period is over', async () => {
    const { autoScaling, clock, ids, states } = await withInstances({ MinSize: 1, HealthCheckGracePeriod: 1_200 });
    autoScaling.killInstance(ids()[0]);
    await clock.advance(10 * MINUTE + 30 * SECOND - 1); // in service since 0:30
    expect(states()).toEqual(['InService']);
    await clock.advance(1);
    expect(states()).toEqual(['Pending']);
  });

  test('while it boots: does not go into service, and is replaced', async () => {
    const { autoScaling, clock, create, ids, states } = setUp();
    create({ MinSize: 1 });
    autoScaling.killInstance(ids()[0]);
    await clock.advance(MINUTE - 1);
    expect(states()).toEqual(['Pending']);
    const [first] = ids();
    await clock.advance(1 + 30 * SECOND);
    expect(states()).toEqual(['InService']);
    expect(ids()).not.toContain(first);
  });

  test('while health checks are suspended: stays, until they are resumed', async () => {
    const { autoScaling, clock, ids, states, sdk } = await withInstances({ MinSize: 1 });
    await sdk.suspendProcesses({ ...name, ScalingProcesses: ['HealthCheck'] });
    autoScaling.killInstance(ids()[0]);
    await clock.advance(DAY);
    expect(states()).toEqual(['InService']);
    await sdk.resumeProcesses({ ...name, ScalingProcesses: ['HealthCheck'] });
    expect(states()).toEqual(['Pending']);
  });
});

describe('§6 Spot Instances', () => {
  test('interrupted: told two minutes before, shut down, found out and replaced', async () => {
    const { autoScaling, clock, fleet, ids, states, causes, events } = await withInstances({ MinSize: 1 });
    const [id] = ids();
    expect(autoScaling.interruptInstance(id, 2 * MINUTE)).toBe(true);
    expect(autoScaling.instance(id)).toMatchObject({
      interruptedAt: START + 12 * MINUTE,
      targetLifecycleState: 'InService',
    });
    await clock.advance(2 * MINUTE);
    expect(states()).toEqual(['InService']);
    await clock.advance(5 * SECOND);
    expect(fleet.running.size).toBe(0); // shut down, which takes 5 seconds
    await clock.advance(MINUTE);
    expect(states()).toEqual(['Pending']);
    expect(causes()).toEqual([GONE, REPLACED]);
    expect(events.filter(({ kind }) => kind.startsWith('ec2.')).map(({ at, kind }) => [at - START, kind])).toEqual([
      [10 * MINUTE, 'ec2.interruptionWarning'],
      [12 * MINUTE, 'ec2.interrupted'],
    ]);
  });

  test('interrupted, with CapacityRebalance: its hooks begin at once, and so does its successor', async () => {
    const { autoScaling, clock, fleet, ids, states, sdk } = await withInstances({
      MinSize: 1,
      CapacityRebalance: true,
    });
    await sdk.putLifecycleHook({
      ...name,
      LifecycleHookName: 'drain',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    });
    const [id] = ids();
    autoScaling.interruptInstance(id, 2 * MINUTE);
    expect(states()).toEqual(['Terminating:Wait', 'Pending']);
    expect(autoScaling.instance(id)?.targetLifecycleState).toBe('Terminated');
    await clock.advance(2 * MINUTE + 5 * SECOND);
    // EC2 does not wait for hooks, though the group does.
    expect([...fleet.running.keys()]).toEqual([ids()[1]]);
    expect(states()).toEqual(['Terminating:Wait', 'InService']);
    await clock.advance(60 * MINUTE);
    expect(states()).toEqual(['InService']);
  });

  test('at risk: only its metadata tell; with CapacityRebalance another comes first, then it goes', async () => {
    const plain = await withInstances({ MinSize: 1 });
    plain.autoScaling.recommendRebalance(plain.ids()[0]);
    await plain.clock.advance(10 * MINUTE);
    expect(plain.autoScaling.instance(plain.ids()[0])?.rebalanceRecommendedAt).toBe(START + 10 * MINUTE);
    expect(plain.causes()).toEqual([]);
    expect(plain.events.filter(({ kind }) => kind === 'ec2.rebalanceRecommended')).toMatchObject([
      { at: START + 10 * MINUTE, subject: 'g', detail: { instance: plain.ids()[0] } },
    ]);

    const { autoScaling, clock, ids, states, causes, group } = await withInstances({
      MinSize: 1,
      MaxSize: 1,
      CapacityRebalance: true,
    });
    const [id] = ids();
    expect(autoScaling.recommendRebalance(id)).toBe(true);
    await clock.advance(SECOND);
    autoScaling.recommendRebalance(id); // a second time changes nothing
    expect(autoScaling.instance(id)?.rebalanceRecommendedAt).toBe(START + 10 * MINUTE);
    expect(states()).toEqual(['InService', 'Pending']); // more than the maximum, for a while
    await clock.advance(29 * SECOND);
    expect(states()).toEqual(['Terminating', 'InService']);
    await clock.advance(MINUTE);
    expect([states(), ids().includes(id), group().desired]).toEqual([['InService'], false, 1]);
    expect(causes()).toEqual([
      'an instance was launched in response to an EC2 instance rebalance recommendation.',
      'an instance was taken out of service in response to an EC2 instance rebalance recommendation.',
    ]);
  });

  test('at risk while a refresh replaces it already: one successor is enough', async () => {
    const { autoScaling, clock, ids, states, sdk } = await withInstances({ MinSize: 1, CapacityRebalance: true });
    const Preferences = { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 };
    await sdk.startInstanceRefresh({ ...name, Preferences });
    await clock.advance(0);
    expect(states()).toEqual(['InService', 'Pending']);
    autoScaling.recommendRebalance(ids()[0]);
    expect(states()).toEqual(['InService', 'Pending']);
  });

  test('which ones are Spot: by the distribution of a MixedInstancesPolicy, or by the launch template', async () => {
    const world = setUp();
    world.create({
      DesiredCapacity: 7,
      LaunchTemplate: undefined,
      MixedInstancesPolicy: {
        LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName: 'workers' } },
        // 1, and 25 % of the 6 above: 1.5, which is 2.
        InstancesDistribution: { OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 25 },
      },
    });
    const spot = world.ids().map((id) => world.autoScaling.instance(id)?.isSpot);
    expect(spot).toEqual([false, false, true, true, true, false, true]);
    world.launchTemplates.createVersion('workers', { imageId: 'ami-2', spot: true });
    await world.sdk.createAutoScalingGroup({
      AutoScalingGroupName: 'h',
      MinSize: 1,
      MaxSize: 1,
      AvailabilityZones: ['us-east-1a'],
      LaunchTemplate: { LaunchTemplateName: 'workers', Version: '2' },
    });
    const [id] = world.autoScaling.groups()[1].instances.map((instance) => instance.id);
    expect(world.autoScaling.instance(id)).toMatchObject({ isSpot: true, imageId: 'ami-2' });
  });
});

describe('§6 MaxInstanceLifetime', () => {
  test('instances are replaced when they are as old as that, one after another', async () => {
    const { clock, ids, states, causes, sdk } = await withInstances({ MinSize: 2, MaxInstanceLifetime: 86_400 });
    const first = ids();
    await clock.advance(DAY - 10 * MINUTE - 1);
    expect(ids()).toEqual(first);
    await clock.advance(1);
    expect(states()).toEqual(['Terminating', 'InService', 'Pending']);
    await clock.advance(30 * SECOND);
    expect(states()).toEqual(['Terminating', 'InService', 'Pending']);
    await clock.advance(30 * SECOND);
    expect(states()).toEqual(['InService', 'InService']);
    expect(ids().filter((id) => first.includes(id))).toEqual([]);
    expect(causes()[0]).toBe(
      'an instance was taken out of service in response to it reaching the maximum instance lifetime.',
    );
    // 0 switches it off.
    await sdk.updateAutoScalingGroup({ ...name, MaxInstanceLifetime: 0 });
    const second = ids();
    await clock.advance(3 * DAY);
    expect(ids()).toEqual(second);
    const update = sdk.updateAutoScalingGroup({ ...name, MaxInstanceLifetime: 3_600 });
    await expect(update).rejects.toThrow('The value 3600 for MaxInstanceLifetime is invalid');
  });
});

describe('§6 zones are kept in balance', () => {
  const zones = ({ sdk }: ReturnType<typeof setUp>) =>
    sdk
      .describeAutoScalingInstances({})
      .then(({ AutoScalingInstances = [] }) => AutoScalingInstances.map((i) => i.AvailabilityZone?.at(-1)).sort());

  test('after instances of one zone were terminated by hand: one is launched there, then one elsewhere goes', async () => {
    const world = await withInstances({ DesiredCapacity: 6 });
    const { sdk, clock, ids, states, causes } = world;
    for (const id of [ids()[1], ids()[3]]) {
      await sdk.terminateInstanceInAutoScalingGroup({ InstanceId: id, ShouldDecrementDesiredCapacity: true });
    }
    await clock.advance(5 * SECOND);
    expect(states()).toEqual(['InService', 'InService', 'InService', 'InService', 'Pending']);
    await clock.advance(MINUTE);
    expect(await zones(world)).toEqual(['a', 'a', 'b', 'b']);
    expect(causes().slice(2)).toEqual([
      "availability zones us-east-1a us-east-1b had 3 1 instances respectively. An instance was launched to aid in balancing the group's zones.",
      expect.stringMatching(
        /^instances were launched to balance instances in zones us-east-1b with other zones resulting in more than desired number of instances in the group\. {2}instance i-\w+ was selected for termination\.$/,
      ),
    ]);
  });

  test('when the zones of the group change; not while that is suspended', async () => {
    const world = await withInstances({ DesiredCapacity: 4 });
    await world.sdk.suspendProcesses({ ...name, ScalingProcesses: ['AZRebalance'] });
    await world.sdk.updateAutoScalingGroup({ ...name, AvailabilityZones: ['us-east-1b', 'us-east-1c'] });
    await world.clock.advance(10 * MINUTE);
    expect(await zones(world)).toEqual(['a', 'a', 'b', 'b']);
    await world.sdk.resumeProcesses(name);
    await world.clock.advance(10 * MINUTE);
    expect(await zones(world)).toEqual(['b', 'b', 'c', 'c']);
    expect(world.group().desired).toBe(4);
  });

  test('protected instances stay where they are', async () => {
    const world = await withInstances({ DesiredCapacity: 2, NewInstancesProtectedFromScaleIn: true });
    await world.sdk.updateAutoScalingGroup({ ...name, AvailabilityZones: ['us-east-1c'] });
    await world.clock.advance(10 * MINUTE);
    expect(await zones(world)).toEqual(['a', 'b']);
  });
});
