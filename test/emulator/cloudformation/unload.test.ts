import type { UnloadOptions } from '../../../lib/emulator';
import type { JsonObject } from '../../../lib/emulator/cloudformation';
import { cloudOfVersions, queue } from './cloud-of-versions';

const Resources: JsonObject = {
  Jobs: queue({ QueueName: 'jobs' }),
  Launch: {
    Type: 'AWS::AutoScaling::LaunchConfiguration',
    Properties: { ImageId: 'ami-1', InstanceType: 't3.micro' },
  },
  Group: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    DependsOn: 'Jobs',
    Properties: {
      AutoScalingGroupName: 'workers',
      LaunchConfigurationName: { Ref: 'Launch' },
      MinSize: 2,
      MaxSize: 3,
      VPCZoneIdentifier: ['subnet-1'],
    },
  },
};

/** A stack whose group has two instances in service, of which the first is protected. */
async function protectedGroup() {
  const cloud = cloudOfVersions();
  const { app, clock, emulator, autoScaling } = cloud;
  await app(Resources);
  await clock.advance(30_000);
  const instances = () => emulator.status().groups.flatMap((group) => group.instances.map(({ id }) => id));
  const [first] = instances();
  const protect = (ProtectedFromScaleIn: boolean) =>
    autoScaling.setInstanceProtection({ AutoScalingGroupName: 'workers', InstanceIds: [first], ProtectedFromScaleIn });
  await protect(true);
  return { ...cloud, instances, first, protect };
}

describe('a stack whose group has protected instances', () => {
  test('is not deleted: the others go, and after an hour the protected ones are named', async () => {
    const { emulator, clock, events, instances, first, queueNames } = await protectedGroup();
    const failure = emulator.unload('App').catch((error: Error) => error.message);
    await clock.advance(300_000);
    expect(instances()).toEqual([first]);
    await clock.advance(3_600_000);
    expect(await failure).toBe(
      `App: these resources could not be deleted: Group: Group did not stabilize: ${first} of workers are protected ` +
        'from scale in. End their protection, or unload the stack with { force: true }.',
    );
    const statuses = events.filter(({ kind }) => kind === 'cloudformation.stack').map(({ detail }) => detail.status);
    expect(statuses.at(-1)).toBe('DELETE_FAILED');
    expect(instances()).toEqual([first]);
    expect(emulator.reports.map(({ stackName }) => stackName)).toEqual(['App']);
    expect(await queueNames()).toEqual([]);
  });

  test('is deleted once their protection has ended', async () => {
    const { emulator, clock, instances, protect } = await protectedGroup();
    const unloaded = emulator.unload('App');
    await clock.advance(300_000);
    await protect(false);
    await clock.advance(300_000);
    await unloaded;
    expect(instances()).toEqual([]);
    expect(emulator.reports).toEqual([]);
  });

  test('is deleted at once by force, with which its instances go', async () => {
    const { emulator, clock, instances } = await protectedGroup();
    const before = clock.now();
    await emulator.unload('App', { force: true });
    expect(clock.now()).toBe(before);
    await clock.advance(60_000);
    expect(instances()).toEqual([]);
  });

  test('does not hold up a reset, nor the end', async () => {
    const { emulator, clock, instances } = await protectedGroup();
    const before = clock.now();
    const unloaded = emulator.unload('App');
    await emulator.reset();
    await unloaded;
    expect(clock.now()).toBe(before);
    expect(instances()).toEqual([]);

    const other = await protectedGroup();
    const unloading = other.emulator.unload('App');
    await other.clock.advance(60_000); // so it waits by now
    await other.emulator.stop();
    await unloading;
  });
});

test('an unknown option of unload is refused', () => {
  const { emulator } = cloudOfVersions();
  expect(() => emulator.unload('App', { forced: true } as UnloadOptions)).toThrow(
    'forced is not an option; allowed: force',
  );
});
