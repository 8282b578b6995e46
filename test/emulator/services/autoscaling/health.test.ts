import { MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { call, setUp } from './scaled-group';

async function withInstance() {
  const world = setUp();
  world.create({ MinSize: 1, MaxSize: 1, HealthCheckGracePeriod: 300 });
  const [InstanceId] = world.ids();
  await world.clock.advance(MINUTE); // in service since 0:30
  const report = (HealthStatus: string, ShouldRespectGracePeriod?: boolean) =>
    world.autoScaling.setInstanceHealth({ InstanceId, HealthStatus, ShouldRespectGracePeriod }, call);
  return { ...world, InstanceId, report };
}

describe('§6 SetInstanceHealth', () => {
  test('an unhealthy instance is terminated and replaced, whatever the minimum; a protected one as well', async () => {
    const { autoScaling, clock, group, ids, states, InstanceId, report } = await withInstance();
    const protect = { AutoScalingGroupName: 'g', InstanceIds: [InstanceId], ProtectedFromScaleIn: true };
    autoScaling.setInstanceProtection(protect, call);
    report('Unhealthy', false);
    expect(states()).toEqual(['Terminating', 'Pending']);
    const { AutoScalingInstances } = autoScaling.describeAutoScalingInstances({ InstanceIds: [InstanceId] }, call);
    expect(AutoScalingInstances).toMatchObject([{ HealthStatus: 'UNHEALTHY' }]);
    await clock.advance(MINUTE);
    expect(states()).toEqual(['InService']);
    expect(ids()).not.toContain(InstanceId);
    expect(group().desired).toBe(1);
    const { Activities = [] } = autoScaling.describeScalingActivities({}, call);
    expect(Activities.map(({ Cause }) => Cause?.replace(/^At \S+ /, ''))).toEqual([
      expect.stringMatching(/^an instance was launched in response to an unhealthy instance needing to be replaced\./),
      'an instance was taken out of service in response to a user health-check.',
      expect.stringContaining('created an AutoScalingGroup'),
    ]);
  });

  test('nothing happens to a healthy one, nor during the grace period, unless that is not to be respected', async () => {
    const { clock, ids, states, InstanceId, report } = await withInstance();
    report('Healthy');
    report('Unhealthy');
    await clock.advance(270 * SECOND - 1);
    report('Unhealthy');
    expect(states()).toEqual(['InService']);
    expect(ids()).toEqual([InstanceId]);
    await clock.advance(1); // five minutes in service
    report('Unhealthy');
    expect(states()).toEqual(['Terminating', 'Pending']);
    expect(() => report('Unhealthy')).toThrow('is already being terminated');
  });

  test('a status that there is not, and an instance that there is not', async () => {
    const { autoScaling, report } = await withInstance();
    expect(() => report('Poorly')).toThrow(
      'The value Poorly for HealthStatus is invalid: Healthy, Unhealthy are allowed',
    );
    const nobody = { InstanceId: 'i-0', HealthStatus: 'Unhealthy' };
    expect(() => autoScaling.setInstanceHealth(nobody, call)).toThrow('No managed instance found for instance ID: i-0');
  });
});
