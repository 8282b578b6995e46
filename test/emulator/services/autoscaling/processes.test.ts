import { HOUR, MINUTE } from '../../../../lib/emulator/clock';
import { setUp } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };

async function withInstances(DesiredCapacity: number) {
  const world = setUp();
  world.create({ DesiredCapacity });
  await world.clock.advance(10 * MINUTE);
  const suspend = (...ScalingProcesses: string[]) => world.sdk.suspendProcesses({ ...name, ScalingProcesses });
  const resume = (...ScalingProcesses: string[]) => world.sdk.resumeProcesses({ ...name, ScalingProcesses });
  return { ...world, suspend, resume };
}

describe('§6 SuspendProcesses and ResumeProcesses', () => {
  test('what is suspended is described, with the reason; all processes where none is named', async () => {
    const { sdk, suspend, resume, clock, events } = await withInstances(0);
    const suspended = async () => (await sdk.describeAutoScalingGroups({})).AutoScalingGroups?.[0].SuspendedProcesses;
    await suspend('Terminate', 'Launch');
    expect(await suspended()).toEqual([
      { ProcessName: 'Launch', SuspensionReason: 'User suspended at 2030-01-01T00:10:00Z' },
      { ProcessName: 'Terminate', SuspensionReason: 'User suspended at 2030-01-01T00:10:00Z' },
    ]);
    await clock.advance(MINUTE);
    await sdk.suspendProcesses(name);
    const { Processes = [] } = await sdk.describeScalingProcessTypes({});
    expect(Processes.map(({ ProcessName }) => ProcessName)).toEqual([
      'AZRebalance',
      'AddToLoadBalancer',
      'AlarmNotification',
      'HealthCheck',
      'InstanceRefresh',
      'Launch',
      'ReplaceUnhealthy',
      'ScheduledActions',
      'Terminate',
    ]);
    expect(await suspended()).toHaveLength(Processes.length);
    // One that was suspended before stays suspended since then.
    expect(await suspended()).toContainEqual({
      ProcessName: 'Launch',
      SuspensionReason: 'User suspended at 2030-01-01T00:10:00Z',
    });
    await resume('Launch');
    expect(await suspended()).toHaveLength(Processes.length - 1);
    await sdk.resumeProcesses(name);
    expect(await suspended()).toEqual([]);
    expect(events.filter(({ kind }) => kind === 'autoscaling.resumed')).toHaveLength(Processes.length);
  });

  test('a process that there is not, and a group that there is not', async () => {
    const { sdk, suspend } = await withInstances(0);
    await expect(suspend('Sleep')).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('The value Sleep for ScalingProcesses is invalid') as string,
    });
    await expect(sdk.resumeProcesses({ AutoScalingGroupName: 'x' })).rejects.toThrow('AutoScalingGroup: x not found');
  });

  test('Launch: the desired capacity rises, and instances come when it is resumed', async () => {
    const { sdk, suspend, resume, states, activities } = await withInstances(1);
    await suspend('Launch');
    await sdk.setDesiredCapacity({ ...name, DesiredCapacity: 3 });
    expect(states()).toEqual(['InService']);
    await resume('Launch');
    expect(states()).toEqual(['InService', 'Pending', 'Pending']);
    expect(activities()[1][1]).toBe(
      'At 2030-01-01T00:10:00Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 1 to 3.',
    );
  });

  test('Launch: an unhealthy instance is terminated, and not replaced before it is resumed', async () => {
    const { sdk, suspend, resume, states, ids } = await withInstances(1);
    await suspend('Launch');
    await sdk.setInstanceHealth({ InstanceId: ids()[0], HealthStatus: 'Unhealthy' });
    expect(states()).toEqual(['Terminating']);
    await resume('Launch');
    expect(states()).toEqual(['Terminating', 'Pending']);
  });

  test('Terminate: nothing scales in or is replaced, but what the user terminates; resumed, both is made up for', async () => {
    const { sdk, suspend, resume, states, ids, clock } = await withInstances(4);
    await suspend('Terminate');
    await sdk.setDesiredCapacity({ ...name, DesiredCapacity: 3 });
    await sdk.setInstanceHealth({ InstanceId: ids()[1], HealthStatus: 'Unhealthy' });
    expect(states()).toEqual(['InService', 'InService', 'InService', 'InService']);
    await sdk.terminateInstanceInAutoScalingGroup({ InstanceId: ids()[0], ShouldDecrementDesiredCapacity: true });
    expect(states()).toEqual(['Terminating', 'InService', 'InService', 'InService']);
    await resume('Terminate');
    // The unhealthy one goes, which leaves as many as desired.
    expect(states()).toEqual(['Terminating', 'Terminating', 'InService', 'InService']);
    await clock.advance(HOUR);
    expect(states()).toEqual(['InService', 'InService']);
  });

  test('AlarmNotification: alarms run no policy; ExecutePolicy does', async () => {
    const { sdk, autoScaling, suspend, resume, group } = await withInstances(1);
    const input = { ...name, PolicyName: 'p', AdjustmentType: 'ChangeInCapacity', ScalingAdjustment: 1, Cooldown: 0 };
    const { PolicyARN = '' } = await sdk.putScalingPolicy(input);
    const alarm = () =>
      autoScaling.alarmed(PolicyARN, { alarmName: 'deep', state: 'ALARM', values: [1], threshold: 0 });
    await suspend('AlarmNotification');
    alarm();
    expect(group().desired).toBe(1);
    await sdk.executePolicy({ ...name, PolicyName: 'p' });
    expect(group().desired).toBe(2);
    await resume('AlarmNotification');
    expect(group().desired).toBe(2);
  });

  test('ReplaceUnhealthy: an instance is marked, and replaced when it is resumed, unless it is healthy again', async () => {
    const { sdk, suspend, resume, states, ids } = await withInstances(2);
    await suspend('ReplaceUnhealthy');
    const [first, second] = ids();
    for (const InstanceId of [first, second]) await sdk.setInstanceHealth({ InstanceId, HealthStatus: 'Unhealthy' });
    expect(states()).toEqual(['InService', 'InService']);
    const health = async () =>
      (await sdk.describeAutoScalingInstances({})).AutoScalingInstances?.map(({ HealthStatus }) => HealthStatus);
    expect(await health()).toEqual(['UNHEALTHY', 'UNHEALTHY']);
    await sdk.setInstanceHealth({ InstanceId: second, HealthStatus: 'Healthy' });
    await resume('ReplaceUnhealthy');
    expect(states()).toEqual(['Terminating', 'InService', 'Pending']);
  });
});

test('tags are created, changed, found and deleted', async () => {
  const { sdk, create } = setUp();
  create({ Tags: [{ Key: 'team', Value: 'video' }] });
  const own = { ResourceId: 'g', ResourceType: 'auto-scaling-group' };
  await sdk.createOrUpdateTags({
    Tags: [
      { ...own, Key: 'team', Value: 'audio', PropagateAtLaunch: true },
      { ...own, Key: 'stage', Value: 'test' },
    ],
  });
  expect((await sdk.describeTags({})).Tags).toEqual([
    { ...own, Key: 'team', Value: 'audio', PropagateAtLaunch: true },
    { ...own, Key: 'stage', Value: 'test', PropagateAtLaunch: false },
  ]);
  const Filters = [{ Name: 'key', Values: ['stage'] }];
  expect((await sdk.describeTags({ Filters })).Tags).toMatchObject([{ Key: 'stage' }]);
  await sdk.deleteTags({
    Tags: [
      { ...own, Key: 'stage', Value: 'other' },
      { ...own, Key: 'team' },
    ],
  });
  const [described] = (await sdk.describeAutoScalingGroups({})).AutoScalingGroups ?? [];
  expect(described.Tags).toMatchObject([{ Key: 'stage' }]);
  await expect(sdk.createOrUpdateTags({ Tags: [{ ...own, Key: 'aws:x' }] })).rejects.toThrow(
    'The tag key aws:x is invalid',
  );
});
