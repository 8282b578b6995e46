import type { Json, JsonObject } from '../../../lib/emulator/cloudformation';
import { cloudOfVersions, queue } from './cloud-of-versions';
import { deployTemplate } from './support';

const key = (properties: JsonObject = {}): JsonObject => ({ Type: 'AWS::KMS::Key', Properties: properties });
const fn = (properties: JsonObject = {}): JsonObject => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: 'handle',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Code: { ZipFile: 'exports.handler = async () => {}' },
    ...properties,
  },
});
const group: JsonObject = {
  Launch: {
    Type: 'AWS::AutoScaling::LaunchConfiguration',
    Properties: { ImageId: 'ami-1', InstanceType: 't3.micro' },
  },
  Group: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      AutoScalingGroupName: 'workers',
      LaunchConfigurationName: { Ref: 'Launch' },
      MinSize: 0,
      MaxSize: 1,
      VPCZoneIdentifier: ['subnet-1'],
    },
  },
};

describe('updates', () => {
  test('a queue policy that keeps its queues changes theirs, clears those that it loses, sets those that it gains', async () => {
    const { app, attributes } = cloudOfVersions();
    const policy = (Sid: string, ...queues: string[]): JsonObject => ({
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: queues.map((Ref) => ({ Ref })),
        PolicyDocument: {
          Statement: [{ Sid, Effect: 'Deny', Principal: '*', Action: 'sqs:PurgeQueue', Resource: '*' }],
        },
      },
    });
    const queues = { A: queue(), B: queue(), C: queue() };
    const sids = async () =>
      Promise.all(['A', 'B', 'C'].map(async (id) => /"Sid":"(\w+)"/.exec((await attributes(id)).Policy ?? '')?.[1]));
    await app({ ...queues, Policy: policy('one', 'A', 'B') });
    expect(await sids()).toEqual(['one', 'one', undefined]);
    await app({ ...queues, Policy: policy('two', 'A', 'C') });
    expect(await sids()).toEqual(['two', undefined, 'two']);
    await app(queues);
    expect(await sids()).toEqual([undefined, undefined, undefined]);
  });

  test('a key keeps its rotation through other updates, and loses it when the template drops it', async () => {
    const { app, kms, resource } = cloudOfVersions();
    const rotation = async () => {
      const { KeyRotationEnabled, RotationPeriodInDays } = await kms.getKeyRotationStatus({
        KeyId: resource('Key').physicalId,
      });
      return KeyRotationEnabled === true ? RotationPeriodInDays : undefined;
    };
    const rotated = { EnableKeyRotation: true, RotationPeriodInDays: 100 };
    await app({ Key: key(rotated) });
    expect(await rotation()).toBe(100);
    await app({ Key: key({ ...rotated, Description: 'x' }) });
    expect(await rotation()).toBe(100);
    await app({ Key: key({ ...rotated, RotationPeriodInDays: 200 }) });
    expect(await rotation()).toBe(200);
    await app({ Key: key() });
    expect(await rotation()).toBeUndefined();
    await app({ Key: key({ EnableKeyRotation: true }) });
    expect(await rotation()).toBe(365);
  });

  test('a key is disabled, enabled and described as its template says', async () => {
    const { app, kms, resource } = cloudOfVersions();
    const described = async () => {
      const { KeyMetadata } = await kms.describeKey({ KeyId: resource('Key').physicalId });
      return [KeyMetadata?.Enabled, KeyMetadata?.Description];
    };
    await app({ Key: key({ Enabled: false, Description: 'one' }) });
    expect(await described()).toEqual([false, 'one']);
    await app({ Key: key({ Description: 'two' }) });
    expect(await described()).toEqual([true, 'two']);
    await app({ Key: key({ Enabled: false }) });
    expect(await described()).toEqual([false, '']);
  });

  test('a function gets the defaults of what its template drops', async () => {
    const { app, lambda } = cloudOfVersions();
    const Environment = { Variables: { A: 'a' } };
    const given = { Description: 'x', Timeout: 30, MemorySize: 512, ReservedConcurrentExecutions: 5, Environment };
    await app({ Fn: fn(given) });
    await app({ Fn: fn() });
    const { Configuration, Concurrency } = await lambda.getFunction({ FunctionName: 'handle' });
    expect(Configuration).toMatchObject({ Description: '', Timeout: 3, MemorySize: 128 });
    expect(Configuration?.Environment?.Variables ?? {}).toEqual({});
    expect(Concurrency).toBeUndefined();
  });

  test('a lifecycle hook gets the defaults of what its template drops', async () => {
    const { app, autoScaling } = cloudOfVersions();
    const hook = (properties: JsonObject = {}): JsonObject => ({
      Type: 'AWS::AutoScaling::LifecycleHook',
      Properties: {
        AutoScalingGroupName: { Ref: 'Group' },
        LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        ...properties,
      },
    });
    const described = async () =>
      (await autoScaling.describeLifecycleHooks({ AutoScalingGroupName: 'workers' })).LifecycleHooks;
    await app({ ...group, Hook: hook({ DefaultResult: 'CONTINUE', HeartbeatTimeout: 60 }) });
    expect(await described()).toMatchObject([{ DefaultResult: 'CONTINUE', HeartbeatTimeout: 60 }]);
    await app({ ...group, Hook: hook() });
    expect(await described()).toMatchObject([{ DefaultResult: 'ABANDON', HeartbeatTimeout: 3_600 }]);
    await app(group);
    expect(await described()).toEqual([]);
  });

  test('a warm pool gets the defaults of what its template drops', async () => {
    const { app, autoScaling } = cloudOfVersions();
    const pool = (properties: JsonObject = {}): JsonObject => ({
      Type: 'AWS::AutoScaling::WarmPool',
      Properties: { AutoScalingGroupName: { Ref: 'Group' }, ...properties },
    });
    const described = async () =>
      (await autoScaling.describeWarmPool({ AutoScalingGroupName: 'workers' })).WarmPoolConfiguration;
    const InstanceReusePolicy = { ReuseOnScaleIn: true };
    await app({
      ...group,
      Pool: pool({ MinSize: 1, MaxGroupPreparedCapacity: 2, PoolState: 'Running', InstanceReusePolicy }),
    });
    expect(await described()).toMatchObject({
      MinSize: 1,
      MaxGroupPreparedCapacity: 2,
      PoolState: 'Running',
      InstanceReusePolicy,
    });
    await app({ ...group, Pool: pool() });
    const now = await described();
    expect(now).toMatchObject({ MinSize: 0, PoolState: 'Stopped' });
    expect(now?.MaxGroupPreparedCapacity ?? -1).toBe(-1);
    expect(now?.InstanceReusePolicy?.ReuseOnScaleIn ?? false).toBe(false);
  });

  test('a user data of more than 16 KB fails the stack, in the words of each service', async () => {
    const { app } = cloudOfVersions();
    const UserData = Buffer.alloc(16_385, '#').toString('base64');
    const launch = { ImageId: 'ami-1', InstanceType: 't3.micro', UserData };
    await expect(
      app({ Launch: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: launch } } }),
    ).rejects.toThrow('AWS::EC2::LaunchTemplate: InvalidUserData.Malformed: User data is limited to 16384 bytes.');
    await expect(
      app({ Launch: { Type: 'AWS::AutoScaling::LaunchConfiguration', Properties: launch } }),
    ).rejects.toThrow(
      "ValidationError: Value at 'userData' failed to satisfy constraint: Member must have length less",
    );
  });
});

describe('error paths', () => {
  test('a rollback that fails says so, and ends in ROLLBACK_FAILED, of an update in UPDATE_ROLLBACK_FAILED', async () => {
    const { app, events } = cloudOfVersions({ authorizeKey: ({ action }) => action !== 'ScheduleKeyDeletion' });
    const statuses = () =>
      events.filter(({ kind }) => kind === 'cloudformation.stack').map(({ detail }) => detail.status);
    const bad = (DependsOn: string) => queue({ DelaySeconds: 901 }, { DependsOn });
    await expect(app({ Key: key(), Bad: bad('Key') })).rejects.toThrow(
      /^App: Resources\.Bad: .*; and the rollback failed too: User: .* is not authorized to perform: kms:ScheduleKeyDeletion/,
    );
    expect(statuses()).toEqual(['ROLLBACK_IN_PROGRESS', 'ROLLBACK_FAILED']);

    await app({ Jobs: queue() });
    events.length = 0;
    await expect(app({ Jobs: queue(), New: key(), Bad: bad('New') })).rejects.toThrow('and the rollback failed too: ');
    expect(statuses()).toEqual(['UPDATE_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_FAILED']);
  });

  test.each<[Json, string]>([
    ['0', 'must be a whole number from 1 to 256, but was 0'],
    [257, 'must be a whole number from 1 to 256, but was 257'],
    ['1.5', 'must be a whole number from 1 to 256, but was 1.5'],
  ])('Fn::Cidr refuses the count %j', async (count, problem) => {
    const Value = { 'Fn::Select': [0, { 'Fn::Cidr': ['10.0.0.0/8', count, 8] }] };
    const Resources = { A: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value } } };
    await expect(deployTemplate({ Resources })).rejects.toThrow(`Fn::Cidr.1: ${problem}`);
  });

  test('Fn::Cidr gives 1 to 256 blocks', async () => {
    const blocks = async (count: number) => {
      const Value = { 'Fn::Join': [',', { 'Fn::Cidr': ['10.0.0.0/8', count, 8] }] };
      const Resources = { A: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value } } };
      return ((await deployTemplate({ Resources })).resources[0].attributes.Value as string).split(',');
    };
    expect(await blocks(1)).toEqual(['10.0.0.0/24']);
    expect((await blocks(256)).at(-1)).toBe('10.0.255.0/24');
  });

  test('an unknown DefaultResult of a hook is refused, on its own and as a property of the group', async () => {
    const { app } = cloudOfVersions();
    const hook = { LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', DefaultResult: 'RETRY' };
    const refused = /ValidationError: .*DefaultResult.*RETRY|ValidationError: .*RETRY.*DefaultResult/;
    const resource = {
      Type: 'AWS::AutoScaling::LifecycleHook',
      Properties: { ...hook, AutoScalingGroupName: { Ref: 'Group' } },
    };
    await expect(app({ ...group, Hook: resource })).rejects.toThrow(refused);
    const { Group, Launch } = group as Record<string, JsonObject>;
    const own = { LifecycleHookSpecificationList: [{ ...hook, LifecycleHookName: 'ready' }] };
    const withHook = { ...Group, Properties: { ...(Group.Properties as JsonObject), ...own } };
    await expect(app({ Launch, Group: withHook })).rejects.toThrow(refused);
  });
});
