import type { RefreshPreferences, StartInstanceRefreshType } from '@aws-sdk/client-auto-scaling';
import { HOUR, MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { call, setUp } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };
const version = (Version: string) => ({ LaunchTemplate: { LaunchTemplateName: 'workers', Version } });

/** Four instances of version 1 of their template, which has a second one; boot 30 s, shutdown 5 s, warm-up 60 s. */
async function withInstances(group: Parameters<ReturnType<typeof setUp>['create']>[0] = {}) {
  const world = setUp();
  world.launchTemplates.createVersion('workers', { imageId: 'ami-2' });
  world.create({ DesiredCapacity: 4, DefaultInstanceWarmup: 60, ...version('1'), ...group });
  await world.clock.advance(10 * MINUTE);
  const began = world.clock.now();
  const start = async (Preferences: RefreshPreferences = {}, to?: string) => {
    const DesiredConfiguration = to === undefined ? undefined : version(to);
    const answer = await world.sdk.startInstanceRefresh({ ...name, Preferences, DesiredConfiguration });
    await world.clock.advance(0);
    return answer.InstanceRefreshId;
  };
  const refresh = async () => (await world.sdk.describeInstanceRefreshes(name)).InstanceRefreshes?.[0];
  const images = () => world.ids().map((id) => world.autoScaling.instance(id)?.imageId);
  /** What happened since, each as `<seconds> +` for a launch, `<seconds> -` for a termination. */
  const moves = () =>
    world.events
      .filter(({ at, kind }) => at >= began && /autoscaling\.(launched|terminating)/.test(kind))
      .map(({ at, kind }) => `${(at - began) / SECOND} ${kind.endsWith('launched') ? '+' : '-'}`);
  return { ...world, start, refresh, images, moves };
}

describe('§6 instance refresh', () => {
  /*
   * At least half of four: two at a time, terminated and launched together. In service 30 s later, warm 60 s after that.
   *
   *   0    two go, two come       90   they are warm: 50 %; the next two        180  warm: done
   */
  test('at least 50 % in service: two at a time, when those before are warm', async () => {
    const { clock, start, refresh, moves, ids, activities } = await withInstances();
    const first = ids();
    const id = await start({ MinHealthyPercentage: 50 });
    expect(await refresh()).toMatchObject({
      ...name,
      InstanceRefreshId: id,
      Status: 'InProgress',
      PercentageComplete: 0,
      InstancesToUpdate: 4,
      StatusReason: `Waiting for instances to warm up before continuing. For example: ${ids()[4]} is warming up.`,
      Preferences: {
        MinHealthyPercentage: 50,
        SkipMatching: false,
        ScaleInProtectedInstances: 'Wait',
        StandbyInstances: 'Wait',
      },
    });
    await clock.advance(90 * SECOND);
    expect(await refresh()).toMatchObject({ Status: 'InProgress', PercentageComplete: 50, InstancesToUpdate: 2 });
    await clock.advance(90 * SECOND);
    expect(await refresh()).toMatchObject({ Status: 'Successful', PercentageComplete: 100, InstancesToUpdate: 0 });
    expect(moves()).toEqual(['0 -', '0 +', '0 -', '0 +', '90 -', '90 +', '90 -', '90 +']);
    expect(ids().filter((other) => first.includes(other))).toEqual([]);
    expect(activities()[4][1]).toBe(
      `At 2030-01-01T00:10:00Z an instance was taken out of service in response to an instance refresh.  At 2030-01-01T00:10:00Z instance ${first[0]} was selected for termination.`,
    );
    expect(activities()[5][1]).toBe(
      'At 2030-01-01T00:10:00Z an instance was launched in response to an instance refresh.',
    );
  });

  test.each<[string, RefreshPreferences, string[]]>([
    // 90 % of 4 is 3.6: all four are needed, and one is replaced all the same.
    ['the default, 90 %', {}, ['0 -', '0 +', '90 -', '90 +', '180 -', '180 +', '270 -', '270 +']],
    // One more than four: it comes first.
    [
      '100 % to 125 %',
      { MinHealthyPercentage: 100, MaxHealthyPercentage: 125 },
      ['0 +', '30 -', '90 +', '120 -', '180 +', '210 -', '270 +', '300 -'],
    ],
    // Impossible within the bounds, which are both named: again one comes first.
    [
      '100 % to 100 %',
      { MinHealthyPercentage: 100, MaxHealthyPercentage: 100 },
      ['0 +', '30 -', '90 +', '120 -', '180 +', '210 -', '270 +', '300 -'],
    ],
    [
      '100 % to 200 %: all at once, after their successors',
      { MinHealthyPercentage: 100, MaxHealthyPercentage: 200 },
      ['0 +', '0 +', '0 +', '0 +', '30 -', '30 -', '30 -', '30 -'],
    ],
    // Two before, one after: three at a time.
    [
      '75 % to 150 %, not warming up',
      { MinHealthyPercentage: 75, MaxHealthyPercentage: 150, InstanceWarmup: 0 },
      ['0 +', '0 +', '0 -', '0 +', '30 -', '30 +', '30 -', '60 -'],
    ],
  ])('%s', async (_, preferences, expected) => {
    const { clock, start, refresh, moves } = await withInstances();
    await start(preferences);
    await clock.advance(10 * MINUTE);
    expect(await refresh()).toMatchObject({ Status: 'Successful' });
    expect(moves()).toEqual(expected);
  });

  test('to another version: new instances have it at once, the group when all is done', async () => {
    const { clock, sdk, start, images } = await withInstances();
    const launched = async () =>
      (await sdk.describeAutoScalingGroups({})).AutoScalingGroups?.[0].LaunchTemplate?.Version;
    await start({ MinHealthyPercentage: 0 }, '2');
    await sdk.setDesiredCapacity({ ...name, DesiredCapacity: 5 });
    await clock.advance(MINUTE);
    expect([images(), await launched()]).toEqual([Array(5).fill('ami-2'), '1']);
    await clock.advance(MINUTE);
    expect(await launched()).toBe('2');
    expect((await sdk.describeAutoScalingInstances({})).AutoScalingInstances?.[0].LaunchTemplate?.Version).toBe('2');
  });

  test('SkipMatching leaves alone what is as it is to be', async () => {
    const { clock, sdk, start, refresh, images, moves } = await withInstances();
    await sdk.updateAutoScalingGroup({ ...name, ...version('2') });
    await sdk.setDesiredCapacity({ ...name, DesiredCapacity: 6 });
    await clock.advance(10 * MINUTE);
    const before = moves().length;
    await start({ SkipMatching: true, MinHealthyPercentage: 0 });
    expect(await refresh()).toMatchObject({ InstancesToUpdate: 4 });
    await clock.advance(10 * MINUTE);
    expect(images()).toEqual(Array(6).fill('ami-2'));
    expect(moves().length - before).toBe(8);
    await start({ SkipMatching: true });
    expect(await refresh()).toMatchObject({ Status: 'Successful', PercentageComplete: 100, InstancesToUpdate: 0 });
  });

  /*
   * Checkpoints at 25 % and 50 % of four, 10 minutes each: one, warm at 90 s; until 690 s; another, warm at 780 s, which
   * is the last checkpoint: done, with two of four.
   */
  test('checkpoints: waits at each, and ends with the last', async () => {
    const { clock, start, refresh, moves } = await withInstances();
    await start({ CheckpointPercentages: [25, 50], CheckpointDelay: 600, MinHealthyPercentage: 0 });
    await clock.advance(90 * SECOND);
    expect(await refresh()).toMatchObject({
      Status: 'InProgress',
      PercentageComplete: 25,
      StatusReason: 'Waiting at the checkpoint of 25 percent until 2030-01-01T00:21:30Z.',
    });
    await clock.advance(HOUR);
    expect(moves()).toEqual(['0 -', '0 +', '690 -', '690 +']);
    expect(await refresh()).toMatchObject({ Status: 'Successful', PercentageComplete: 50, InstancesToUpdate: 2 });
  });

  test('cancelled: what goes on ends, and no more is replaced', async () => {
    const { clock, sdk, start, refresh, moves, images } = await withInstances();
    await expect(sdk.cancelInstanceRefresh(name)).rejects.toMatchObject({
      name: 'ActiveInstanceRefreshNotFoundFault',
      message: 'No in progress or pending Instance Refresh found for Auto Scaling group g',
    });
    const InstanceRefreshId = await start({ MinHealthyPercentage: 50 }, '2');
    await expect(start()).rejects.toMatchObject({
      name: 'InstanceRefreshInProgressFault',
      message: 'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
    });
    expect(await sdk.cancelInstanceRefresh(name)).toMatchObject({ InstanceRefreshId });
    expect(await refresh()).toMatchObject({ Status: 'Cancelling' });
    await clock.advance(10 * MINUTE);
    expect(await refresh()).toMatchObject({ Status: 'Cancelled', PercentageComplete: 0 });
    expect(moves()).toHaveLength(4);
    expect(images().sort()).toEqual(['ami-1', 'ami-1', 'ami-2', 'ami-2']);
    await start({}, '2'); // another may begin
  });

  test('rolled back: what has been replaced becomes again what it was', async () => {
    const { clock, sdk, start, refresh, images } = await withInstances();
    await start({ MinHealthyPercentage: 50 }, '2');
    await clock.advance(100 * SECOND);
    expect(images()).toContain('ami-2');
    await sdk.rollbackInstanceRefresh(name);
    expect(await refresh()).toMatchObject({
      Status: 'RollbackInProgress',
      PercentageComplete: 50,
      RollbackDetails: {
        RollbackReason: 'Rollback initiated by user.',
        PercentageCompleteOnRollback: 50,
        InstancesToUpdateOnRollback: 2,
      },
    });
    await clock.advance(20 * MINUTE);
    expect(await refresh()).toMatchObject({ Status: 'RollbackSuccessful', PercentageComplete: 0 });
    expect(images()).toEqual(Array(4).fill('ami-1'));
    expect((await sdk.describeAutoScalingGroups({})).AutoScalingGroups?.[0].LaunchTemplate?.Version).toBe('1');
  });

  test('what cannot be undone', async () => {
    const { sdk, start } = await withInstances();
    await start();
    await expect(sdk.rollbackInstanceRefresh(name)).rejects.toMatchObject({
      name: 'IrreversibleInstanceRefreshFault',
      message: expect.stringContaining('no desired configuration is specified') as string,
    });
    const latest = await withInstances(version('$Latest'));
    await expect(latest.start({ AutoRollback: true }, '1')).rejects.toThrow(
      'AutoRollback cannot be specified: the Auto Scaling group uses the launch template version $Latest.',
    );
  });

  test.each([false, true])('an alarm makes it fail; AutoRollback %p', async (AutoRollback) => {
    const { clock, cloudWatch, start, refresh, images } = await withInstances();
    const alarm = { AlarmName: 'errors', MetricName: 'Errors', Namespace: 'App', Statistic: 'Sum' as const };
    const rule = {
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold' as const,
    };
    cloudWatch.putMetricAlarm({ ...alarm, ...rule }, call);
    await start({ MinHealthyPercentage: 50, AutoRollback, AlarmSpecification: { Alarms: ['errors'] } }, '2');
    await clock.advance(100 * SECOND);
    cloudWatch.setAlarmState({ AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'x' }, call);
    await clock.advance(MINUTE);
    const reason = 'The CloudWatch alarm errors is in ALARM.';
    expect(await refresh()).toMatchObject(
      AutoRollback
        ? { Status: 'RollbackInProgress', RollbackDetails: { RollbackReason: reason } }
        : { Status: 'Failed', StatusReason: reason },
    );
    await clock.advance(20 * MINUTE);
    expect((await refresh())?.Status).toBe(AutoRollback ? 'RollbackSuccessful' : 'Failed');
    expect(images().includes('ami-2')).toBe(!AutoRollback);
  });

  test.each([
    ['Wait', 'Failed', 1],
    ['Ignore', 'Successful', 1],
    ['Refresh', 'Successful', 0],
  ] as const)('protected instances: %s', async (ScaleInProtectedInstances, status, left) => {
    const { clock, sdk, start, refresh, ids } = await withInstances();
    const [first] = ids();
    await sdk.setInstanceProtection({ ...name, InstanceIds: [first], ProtectedFromScaleIn: true });
    await start({ ScaleInProtectedInstances, MinHealthyPercentage: 0 });
    await clock.advance(30 * MINUTE);
    if (status === 'Failed') {
      expect(await refresh()).toMatchObject({
        Status: 'InProgress',
        PercentageComplete: 75,
        StatusReason: `Waiting for instances that cannot be replaced. For example: ${first} is protected from scale in.`,
      });
    }
    await clock.advance(HOUR);
    expect(await refresh()).toMatchObject({ Status: status });
    expect(ids().filter((id) => id === first)).toHaveLength(left);
  });

  test('suspended it goes on when it is resumed; BakeTime is waited for at the end', async () => {
    const { clock, sdk, start, refresh, moves } = await withInstances();
    await start({ MinHealthyPercentage: 50, BakeTime: 600 });
    await sdk.suspendProcesses({ ...name, ScalingProcesses: ['InstanceRefresh'] });
    await clock.advance(3 * HOUR);
    expect(moves()).toHaveLength(4);
    await sdk.resumeProcesses(name);
    expect(moves()).toHaveLength(8);
    await clock.advance(90 * SECOND);
    expect(await refresh()).toMatchObject({ Status: 'Baking', PercentageComplete: 100 });
    await clock.advance(10 * MINUTE);
    expect(await refresh()).toMatchObject({ Status: 'Successful' });
  });

  test('a warm pool is refreshed, too', async () => {
    const { clock, sdk, start, autoScaling, group } = await withInstances({ MaxSize: 6 });
    await sdk.putWarmPool(name);
    await clock.advance(10 * MINUTE);
    await start({ MinHealthyPercentage: 0 }, '2');
    await clock.advance(10 * MINUTE);
    expect(group().warmPool.map(({ id }) => autoScaling.instance(id)?.imageId)).toEqual(['ami-2', 'ami-2']);
  });

  test.each<[string, Partial<StartInstanceRefreshType>, string]>([
    ['another strategy', { Strategy: 'ReplaceRootVolume' }, 'The strategy ReplaceRootVolume is not supported'],
    ['too much', { Preferences: { MinHealthyPercentage: 101 } }, 'MinHealthyPercentage is invalid'],
    ['a maximum alone', { Preferences: { MaxHealthyPercentage: 110 } }, 'MinHealthyPercentage must be specified'],
    [
      'a wide range',
      { Preferences: { MinHealthyPercentage: 50, MaxHealthyPercentage: 200 } },
      'The difference between MaxHealthyPercentage, 200, and MinHealthyPercentage, 50, cannot be greater than 100.',
    ],
    ['falling checkpoints', { Preferences: { CheckpointPercentages: [50, 20] } }, 'The value 50, 20 for Checkpoint'],
    ['a delay of no checkpoint', { Preferences: { CheckpointDelay: 60 } }, 'CheckpointPercentages must be specified'],
    ['a version that is not there', { DesiredConfiguration: version('9') }, 'Could not find the specified version 9'],
  ])('StartInstanceRefresh refuses %s', async (_, input, message) => {
    const { sdk, refresh } = await withInstances();
    await expect(sdk.startInstanceRefresh({ ...name, ...input })).rejects.toThrow(message);
    expect(await refresh()).toBeUndefined();
  });
});
