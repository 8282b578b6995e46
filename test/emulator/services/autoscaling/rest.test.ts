import { MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { call, setUp } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };

/** Whether a minute that begins now may be repeated, as far as the groups go. */
const rests = ({ autoScaling }: ReturnType<typeof setUp>): boolean => {
  autoScaling.idle.probe();
  return autoScaling.idle.steadyUntil() === Infinity;
};

/** A group of three instances, warm and at rest. */
async function restingGroup(warmup = 60) {
  const world = setUp();
  world.create({ DesiredCapacity: 3, DefaultInstanceWarmup: warmup });
  await world.clock.advance(10 * MINUTE);
  expect(rests(world)).toBe(true);
  return world;
}

describe('time may pass over a group that is at rest', () => {
  test('not for a quarter of an hour after a scale-in: until then target tracking waits', async () => {
    const world = await restingGroup();
    world.autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 2 }, call);
    await world.clock.advance(15 * MINUTE - 1);
    expect(rests(world)).toBe(false);
    await world.clock.advance(1);
    expect(rests(world)).toBe(true);
  });

  test('nor after an instance left in another way than by scaling in', async () => {
    const world = await restingGroup();
    const [InstanceId] = world.ids();
    const leave = { InstanceId, ShouldDecrementDesiredCapacity: true };
    world.autoScaling.terminateInstanceInAutoScalingGroup(leave, call);
    await world.clock.advance(15 * MINUTE - 1);
    expect(rests(world)).toBe(false);
    await world.clock.advance(1);
    expect(rests(world)).toBe(true);
  });

  test('not while an instance boots or warms up', async () => {
    const world = await restingGroup(240);
    world.autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 4 }, call);
    await world.clock.advance(30 * SECOND + 240 * SECOND - 1);
    expect(rests(world)).toBe(false);
    await world.clock.advance(1);
    expect(rests(world)).toBe(true);
  });

  test('by the longest warm-up of its policies', async () => {
    const world = await restingGroup();
    const policy = { ...name, PolicyType: 'StepScaling', AdjustmentType: 'ChangeInCapacity' };
    const StepAdjustments = [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }];
    for (const [PolicyName, EstimatedInstanceWarmup] of [
      ['long', 900],
      ['short', 30],
    ] as const) {
      world.autoScaling.putScalingPolicy({ ...policy, PolicyName, StepAdjustments, EstimatedInstanceWarmup }, call);
    }
    expect(rests(world)).toBe(false); // it has been in service for nine and a half minutes
    await world.clock.advance(5.5 * MINUTE - 1);
    expect(rests(world)).toBe(false);
    await world.clock.advance(1);
    expect(rests(world)).toBe(true);
  });

  test('not before the cooldown of simple scaling is over', async () => {
    const world = await restingGroup();
    const { PolicyARN } = world.autoScaling.putScalingPolicy(
      {
        ...{ ...name, PolicyName: 'p', PolicyType: 'SimpleScaling', AdjustmentType: 'ChangeInCapacity' },
        ...{ ScalingAdjustment: 1, Cooldown: 600 },
      },
      call,
    );
    world.autoScaling.executePolicy({ PolicyName: PolicyARN }, call);
    await world.clock.advance(30 * SECOND + 600 * SECOND - 1);
    expect(rests(world)).toBe(false);
    await world.clock.advance(1);
    expect(rests(world)).toBe(true);
  });

  test('not in a minute in which an activity began', async () => {
    const world = await restingGroup();
    world.autoScaling.idle.probe();
    world.autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 4 }, call);
    expect(world.autoScaling.idle.steadyUntil()).toBe(-Infinity);
  });

  test('not while an instance is in Standby, or known to be unhealthy', async () => {
    const world = await restingGroup();
    const [first, second] = world.ids();
    world.autoScaling.suspendProcesses({ ...name, ScalingProcesses: ['ReplaceUnhealthy'] }, call);
    world.autoScaling.setInstanceHealth({ InstanceId: first, HealthStatus: 'Unhealthy' }, call);
    expect(rests(world)).toBe(false);
    world.autoScaling.setInstanceHealth({ InstanceId: first, HealthStatus: 'Healthy' }, call);
    expect(rests(world)).toBe(true);
    world.autoScaling.enterStandby({ ...name, InstanceIds: [second], ShouldDecrementDesiredCapacity: true }, call);
    expect(rests(world)).toBe(false);
  });
});
