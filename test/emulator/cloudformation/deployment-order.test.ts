import type { JsonObject } from '../../../lib/emulator/cloudformation';
import { arn, cloudOfVersions, queue } from './cloud-of-versions';

const LAUNCHING = 'autoscaling:EC2_INSTANCE_LAUNCHING';

const launch: JsonObject = {
  Type: 'AWS::AutoScaling::LaunchConfiguration',
  Properties: { ImageId: 'ami-1', InstanceType: 't3.micro' },
};
const group = (properties: JsonObject = {}): JsonObject => ({
  Type: 'AWS::AutoScaling::AutoScalingGroup',
  Properties: {
    AutoScalingGroupName: 'workers',
    LaunchConfigurationName: { Ref: 'Launch' },
    MinSize: 1,
    MaxSize: 3,
    VPCZoneIdentifier: ['subnet-1'],
    ...properties,
  },
});
const hook: JsonObject = {
  Type: 'AWS::AutoScaling::LifecycleHook',
  Properties: {
    AutoScalingGroupName: { Ref: 'Group' },
    LifecycleHookName: 'ready',
    LifecycleTransition: LAUNCHING,
  },
};

describe('a launch hook', () => {
  const states = (cloud: ReturnType<typeof cloudOfVersions>) =>
    cloud.emulator.status().groups[0].instances.map(({ state }) => state);

  test('that is a resource comes when the group is stable: it holds later instances, not the first ones', async () => {
    const cloud = cloudOfVersions();
    await cloud.app({ Launch: launch, Group: group(), Hook: hook });
    await cloud.clock.advance(30_000);
    expect(states(cloud)).toEqual(['InService']);

    await cloud.autoScaling.setDesiredCapacity({ AutoScalingGroupName: 'workers', DesiredCapacity: 2 });
    await cloud.clock.advance(30_000);
    expect(states(cloud)).toEqual(['InService', 'Pending:Wait']);
  });

  test('that is a property of its group holds the first instances too', async () => {
    const cloud = cloudOfVersions();
    const hooks = [{ LifecycleHookName: 'ready', LifecycleTransition: LAUNCHING }];
    await cloud.app({ Launch: launch, Group: group({ LifecycleHookSpecificationList: hooks }) });
    await cloud.clock.advance(30_000);
    expect(states(cloud)).toEqual(['Pending:Wait']);
  });

  test('that an update changes holds what is being launched', async () => {
    const cloud = cloudOfVersions();
    const later = (HeartbeatTimeout: number) => ({
      ...hook,
      Properties: { ...(hook.Properties as JsonObject), HeartbeatTimeout },
    });
    await cloud.app({ Launch: launch, Group: group(), Hook: later(60) });
    await cloud.clock.advance(30_000);
    await cloud.autoScaling.setDesiredCapacity({ AutoScalingGroupName: 'workers', DesiredCapacity: 2 });
    await cloud.app({ Launch: launch, Group: group(), Hook: later(90) });
    await cloud.clock.advance(30_000);
    expect(states(cloud)).toContain('Pending:Wait');
  });

  test('holds an instance that comes back from the warm pool, though it passed when it was first launched', async () => {
    const cloud = cloudOfVersions();
    const pool: JsonObject = {
      Type: 'AWS::AutoScaling::WarmPool',
      Properties: { AutoScalingGroupName: { Ref: 'Group' }, InstanceReusePolicy: { ReuseOnScaleIn: true } },
    };
    await cloud.app({ Launch: launch, Group: group({ MinSize: 0, DesiredCapacity: 1 }), Hook: hook, Pool: pool });
    await cloud.clock.advance(30_000);
    expect(states(cloud)).toEqual(['InService']);
    const capacity = async (DesiredCapacity: number): Promise<void> => {
      await cloud.autoScaling.setDesiredCapacity({ AutoScalingGroupName: 'workers', DesiredCapacity });
      await cloud.clock.advance(60_000);
    };
    await capacity(0);
    await capacity(1);
    expect(states(cloud)).toEqual(['Pending:Wait']);
  });
});

describe('a mapping', () => {
  const fn: JsonObject = {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: 'exports.handler = async () => {}' },
    },
  };
  const mapping = (properties: JsonObject = {}): JsonObject => ({
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: arn('Jobs'), FunctionName: { Ref: 'Fn' }, ...properties },
  });

  test('is in force when its stack is complete', async () => {
    const { app, lambda, resource } = cloudOfVersions();
    const state = async () => (await lambda.getEventSourceMapping({ UUID: resource('Mapping').physicalId })).State;
    const version = (properties?: JsonObject) => app({ Jobs: queue(), Fn: fn, Mapping: mapping(properties) });
    await version();
    expect(await state()).toBe('Enabled');
    await version({ BatchSize: 1 });
    expect(await state()).toBe('Enabled');
    await version({ Enabled: false });
    expect(await state()).toBe('Disabled');
  });
});
