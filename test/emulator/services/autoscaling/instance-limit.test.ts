import { MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { call, setUp } from './scaled-group';

const REASON =
  'You have requested more vCPU capacity than your current vCPU limit of 5 allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit. Launching EC2 instance failed.';

function failures({ autoScaling }: ReturnType<typeof setUp>) {
  const { Activities = [] } = autoScaling.describeScalingActivities({}, call);
  return Activities.filter(({ StatusCode }) => StatusCode === 'Failed').reverse();
}

test('launches stop at the limit; each attempt beyond it is a failed activity, and the attempts become rarer', async () => {
  const cloud = setUp({ instanceLimit: 5 });
  cloud.create({ DesiredCapacity: 16 });
  expect(cloud.group()).toMatchObject({ desired: 16 });
  expect(cloud.states()).toEqual(Array(5).fill('Pending'));
  const failedAt = () => failures(cloud).map(({ StartTime }) => ((StartTime?.getTime() ?? 0) - begin) / MINUTE);
  const begin = cloud.clock.now();
  expect(failures(cloud)).toMatchObject([
    { Description: `Launching a new EC2 instance.  Status Reason: ${REASON}`, StatusMessage: REASON, Progress: 100 },
  ]);
  await cloud.clock.advance(10 * MINUTE);
  expect(failedAt()).toEqual([0, 1, 3, 7]);
  await cloud.clock.advance(300 * MINUTE);
  expect(failedAt()).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303]);
  expect(cloud.states()).toEqual(Array(5).fill('InService'));
});

test('a new desired capacity is tried at once, and room that has come is used at the next attempt', async () => {
  const cloud = setUp({ instanceLimit: 5 });
  cloud.create({ DesiredCapacity: 7 });
  cloud.autoScaling.setDesiredCapacity({ AutoScalingGroupName: 'g', DesiredCapacity: 8 }, call);
  expect(failures(cloud)).toHaveLength(2);
  cloud.create({ AutoScalingGroupName: 'other', DesiredCapacity: 1 });
  expect(failures(cloud)).toHaveLength(3);
  cloud.autoScaling.deleteAutoScalingGroup({ AutoScalingGroupName: 'g', ForceDelete: true }, call);
  await cloud.clock.advance(2 * MINUTE);
  expect(cloud.autoScaling.groups()).toMatchObject([{ name: 'other', instances: [{ state: 'InService' }] }]);
  expect(failures(cloud)).toHaveLength(1); // those of the group that is gone are not listed
});

test('an instance that ends makes room, and so does one that is detached', async () => {
  const cloud = setUp({ instanceLimit: 2 });
  cloud.create({ DesiredCapacity: 2 });
  await cloud.clock.advance(MINUTE);
  const [first, second] = cloud.ids();
  const shrink = { ShouldDecrementDesiredCapacity: true };
  cloud.autoScaling.terminateInstanceInAutoScalingGroup({ InstanceId: first, ...shrink }, call);
  cloud.autoScaling.detachInstances({ AutoScalingGroupName: 'g', InstanceIds: [second], ...shrink }, call);
  await cloud.clock.advance(10 * SECOND);
  cloud.autoScaling.setDesiredCapacity({ AutoScalingGroupName: 'g', DesiredCapacity: 3 }, call);
  expect(cloud.states()).toEqual(['Pending', 'Pending']);
  expect(failures(cloud)).toHaveLength(1);
});

test('PutWarmPool accepts the largest size, and fills the pool up to the limit', async () => {
  const cloud = setUp({ instanceLimit: 5 });
  cloud.create({ DesiredCapacity: 2 });
  cloud.autoScaling.putWarmPool({ AutoScalingGroupName: 'g', MinSize: 2_147_483_647 }, call);
  expect(cloud.autoScaling.describeWarmPool({ AutoScalingGroupName: 'g' }, call).WarmPoolConfiguration).toMatchObject({
    MinSize: 2_147_483_647,
  });
  expect([cloud.group().instances.length, cloud.group().warmPool.length]).toEqual([2, 3]);
  expect(failures(cloud)).toHaveLength(1);
  await cloud.clock.advance(MINUTE);
  expect(failures(cloud)).toHaveLength(2);
});

test.each([
  ['out to', 0, 16_000],
  ['in from', 16_000, 0],
])('scaling %s thousands takes time that grows with the number of instances', (_, from, to) => {
  const cost = (instances: number) => {
    const cloud = setUp({ instanceLimit: instances });
    cloud.create({ MaxSize: 16_000, DesiredCapacity: from });
    const before = process.cpuUsage();
    cloud.autoScaling.setDesiredCapacity({ AutoScalingGroupName: 'g', DesiredCapacity: to }, call);
    const { user, system } = process.cpuUsage(before);
    expect(cloud.states().filter((state) => state === 'Pending')).toHaveLength(to === 0 ? 0 : instances);
    return (user + system) / 1_000;
  };
  const least = (instances: number) => Math.min(cost(instances), cost(instances), cost(instances));
  least(1_000); // warms up
  // Four times as many: 16 times the work, were it quadratic. What is in between is the garbage collector's, and what
  // else the machine does: it only ever adds, so that the least of some tries counts.
  let growth = Infinity;
  for (let tries = 0; tries < 8 && growth >= 10; tries++) growth = Math.min(growth, least(4_000) / least(1_000));
  expect(growth).toBeLessThan(10);
});

test.each([0, -1, 1.5, NaN, Infinity])('a limit of %p is refused', (instanceLimit) => {
  expect(() => setUp({ instanceLimit })).toThrow(
    `limits.instanceLimit must be a whole number of 1 or more, but was ${instanceLimit}`,
  );
});
