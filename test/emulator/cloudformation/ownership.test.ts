import type { JsonObject } from '../../../lib/emulator/cloudformation';
import { cloudOfVersions, queue } from './cloud-of-versions';

const alarm = (AlarmName: string, Threshold = 1): JsonObject => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName,
    Namespace: 'App',
    MetricName: 'Depth',
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold,
  },
});
const composite = (AlarmName: string): JsonObject => ({
  Type: 'AWS::CloudWatch::CompositeAlarm',
  Properties: { AlarmName, AlarmRule: 'FALSE' },
});
const dashboard = (DashboardName: string): JsonObject => ({
  Type: 'AWS::CloudWatch::Dashboard',
  Properties: { DashboardName, DashboardBody: '{"widgets":[]}' },
});
const parameter = (Name: string): JsonObject => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name, Type: 'String', Value: 'x' },
});
const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const role = (RoleName: string): JsonObject => ({
  Type: 'AWS::IAM::Role',
  Properties: { RoleName, AssumeRolePolicyDocument: trust },
});
const logGroup = (LogGroupName: string): JsonObject => ({ Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName } });
const fn = (FunctionName: string): JsonObject => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Code: { ZipFile: 'exports.handler = async () => {}' },
  },
});
const version: JsonObject = {
  Type: 'AWS::Lambda::Version',
  DeletionPolicy: 'Delete',
  Properties: { FunctionName: { Ref: 'Fn' } },
};
const config = (FunctionName: string): JsonObject => ({
  Type: 'AWS::Lambda::EventInvokeConfig',
  Properties: { FunctionName, Qualifier: '$LATEST', MaximumRetryAttempts: 1 },
});
const group = (AutoScalingGroupName: string): JsonObject => ({
  Launch: {
    Type: 'AWS::AutoScaling::LaunchConfiguration',
    Properties: { ImageId: 'ami-1', InstanceType: 't3.micro' },
  },
  Group: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      AutoScalingGroupName,
      LaunchConfigurationName: { Ref: 'Launch' },
      MinSize: 0,
      MaxSize: 1,
      VPCZoneIdentifier: ['subnet-1'],
    },
  },
});
const hook = (AutoScalingGroupName: string): JsonObject => ({
  Type: 'AWS::AutoScaling::LifecycleHook',
  Properties: {
    AutoScalingGroupName,
    LifecycleHookName: 'drain',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  },
});
const warmPool = (AutoScalingGroupName: string): JsonObject => ({
  Type: 'AWS::AutoScaling::WarmPool',
  Properties: { AutoScalingGroupName },
});
const inlinePolicy = (Queue: JsonObject): JsonObject => ({
  Type: 'AWS::SQS::QueueInlinePolicy',
  Properties: { Queue, PolicyDocument: { Statement: [] } },
});

/** Resources that take a name each, what they need beside them, and the name as the refusal has it. */
const kinds: [type: string, resource: JsonObject, name: string, beside?: JsonObject][] = [
  ['queue', queue({ QueueName: 'jobs' }), 'jobs'],
  ['FIFO queue', queue({ QueueName: 'jobs.fifo', FifoQueue: true }), 'jobs.fifo'],
  ['alarm', alarm('deep'), 'deep'],
  ['composite alarm', composite('deep'), 'deep'],
  ['dashboard', dashboard('board'), 'board'],
  ['parameter', parameter('/app/name'), '/app/name'],
  ['role', role('worker'), 'worker'],
  ['log group', logGroup('/app/log'), '/app/log'],
  ['function', fn('handle'), 'handle'],
  ['event invoke config', config('handle'), 'handle|$LATEST', { Fn: fn('handle') }],
  ['lifecycle hook', hook('workers'), 'workers/drain', group('workers')],
  ['warm pool', warmPool('workers'), 'workers', group('workers')],
];

/** What a stack is to have beside `resource`: that which makes the names that it uses comes first. */
const dependent = (resource: JsonObject, beside: JsonObject): JsonObject => ({
  ...resource,
  DependsOn: Object.keys(beside),
});

describe('one name for two resources', () => {
  test.each(kinds)(
    'of one stack is refused, and the stack is rolled back: %s',
    async (_, resource, name, beside = {}) => {
      const { load, emulator, clock } = cloudOfVersions();
      const one = dependent(resource, beside);
      await expect(load({ App: { Resources: { ...beside, One: one, Other: one } } })).rejects.toThrow(
        `App: Resources.Other: ${resource.Type as string}: AlreadyExists: ${name} already exists in stack arn:aws:cloudformation:us-east-1:000000000000:stack/App/`,
      );
      expect(emulator.reports).toEqual([]);
      // The name is free again, though SQS keeps a deleted queue's for a minute.
      await clock.advance(60_000);
      await load({ App: { Resources: { ...beside, One: one } } });
    },
  );

  test.each(kinds)('of two stacks is refused; the first keeps it: %s', async (_, resource, name, beside = {}) => {
    const { load, emulator, clock } = cloudOfVersions();
    await load({ A: { Resources: { ...beside, One: dependent(resource, beside) } } });
    await expect(load({ B: { Resources: { Other: resource } } })).rejects.toThrow(
      `AlreadyExists: ${name} already exists in stack arn:aws:cloudformation:us-east-1:000000000000:stack/A/`,
    );
    await emulator.unload('A');
    await clock.advance(60_000);
    await load({ B: { Resources: { ...beside, Other: dependent(resource, beside) } } });
  });

  test('a metric alarm and a composite alarm share their names', async () => {
    const { load } = cloudOfVersions();
    await load({ A: { Resources: { Deep: alarm('deep') } } });
    await expect(load({ B: { Resources: { Any: composite('deep') } } })).rejects.toThrow(
      'deep already exists in stack',
    );
  });

  test('a queue has one inline policy', async () => {
    const { app } = cloudOfVersions();
    const policy = inlinePolicy({ Ref: 'Jobs' });
    await expect(app({ Jobs: queue({ QueueName: 'jobs' }), One: policy, Other: policy })).rejects.toThrow(
      'Resources.Other: AWS::SQS::QueueInlinePolicy: AlreadyExists: http://127.0.0.1:4566/000000000000/jobs already exists in stack',
    );
  });

  test('is refused when an update creates the second one: a renamed logical id keeps its queue', async () => {
    const { app, resource, sqs } = cloudOfVersions();
    await app({ Jobs: queue({ QueueName: 'jobs' }) });
    const QueueUrl = resource('Jobs').physicalId;
    await sqs.sendMessage({ QueueUrl, MessageBody: 'kept' });

    await expect(app({ Work: queue({ QueueName: 'jobs' }) })).rejects.toThrow(
      'Resources.Work: AWS::SQS::Queue: AlreadyExists: jobs already exists in stack',
    );

    expect((await sqs.receiveMessage({ QueueUrl })).Messages).toHaveLength(1);
  });

  test('is refused when an update renames one', async () => {
    const { app, queueNames } = cloudOfVersions();
    await app({ One: queue({ QueueName: 'one' }), Other: queue({ QueueName: 'other' }) });
    await expect(app({ One: queue({ QueueName: 'other' }), Other: queue({ QueueName: 'other' }) })).rejects.toThrow(
      'Resources.One: AWS::SQS::Queue: AlreadyExists: other already exists in stack',
    );
    expect(await queueNames()).toEqual(['one', 'other']);

    await app({ Worker: role('one'), Admin: role('other') });
    await expect(app({ Worker: role('other'), Admin: role('other') })).rejects.toThrow('other already exists in stack');
  });

  test('a stack in another Region may have the same queue, and not the same role or dashboard', async () => {
    const { load } = cloudOfVersions();
    await load({
      A: { Resources: { Jobs: queue({ QueueName: 'jobs' }), Role: role('worker'), Board: dashboard('b') } },
    });
    const elsewhere = (Resources: JsonObject) => load({ B: { Resources } }, 'aws://000000000000/eu-west-1');
    await elsewhere({ Jobs: queue({ QueueName: 'jobs' }) });
    await expect(elsewhere({ Role: role('worker') })).rejects.toThrow('worker already exists in stack');
    await expect(elsewhere({ Board: dashboard('b') })).rejects.toThrow('b already exists in stack');
  });
});

describe('what no stack made', () => {
  test('is not taken over by one: queues, alarms, dashboards, hooks', async () => {
    const { app, sqs, cloudWatch, autoScaling, queueNames } = cloudOfVersions();
    await sqs.createQueue({ QueueName: 'jobs' });
    await cloudWatch.putDashboard({ DashboardName: 'board', DashboardBody: '{"widgets":[]}' });
    await cloudWatch.putCompositeAlarm({ AlarmName: 'deep', AlarmRule: 'FALSE' });
    await app(group('workers'));
    await autoScaling.putLifecycleHook({
      AutoScalingGroupName: 'workers',
      LifecycleHookName: 'drain',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    });
    await autoScaling.putWarmPool({ AutoScalingGroupName: 'workers' });

    const refused = async (resource: JsonObject, name: string) =>
      expect(app({ ...group('workers'), New: resource })).rejects.toThrow(
        `AlreadyExists: Resource of type '${resource.Type as string}' with identifier '${name}' already exists`,
      );
    await refused(queue({ QueueName: 'jobs' }), 'jobs');
    await refused(alarm('deep'), 'deep');
    await refused(dashboard('board'), 'board');
    await refused(hook('workers'), 'workers/drain');
    await refused(warmPool('workers'), 'workers');
    expect(await queueNames()).toEqual(['jobs']);
  });

  test('nor is what a stack left behind when it was deleted', async () => {
    const { load, emulator } = cloudOfVersions();
    const resources = { Jobs: queue({ QueueName: 'jobs' }, { DeletionPolicy: 'Retain' }) };
    await load({ A: { Resources: resources } });
    await emulator.unload('A');
    await expect(load({ B: { Resources: resources } })).rejects.toThrow(
      "AlreadyExists: Resource of type 'AWS::SQS::Queue' with identifier 'jobs' already exists.",
    );
  });
});

test('a stack whose deletion failed does not delete what another has made under the name since', async () => {
  const { load, emulator, clock, queueNames, lambda, resource } = cloudOfVersions();
  await load({ A: { Resources: { Fn: fn('handle'), V1: version, Jobs: queue({ QueueName: 'jobs' }) } } });
  const FunctionVersion = resource('V1').attributes.Version as string;
  await lambda.createAlias({ FunctionName: 'handle', Name: 'live', FunctionVersion });
  await expect(emulator.unload('A')).rejects.toThrow('A: these resources could not be deleted: V1: ');
  await clock.advance(60_000);
  await load({ B: { Resources: { Jobs: queue({ QueueName: 'jobs' }) } } });

  await emulator.unload('A');

  expect(await queueNames()).toEqual(['jobs']);
});

describe('a version of a function that is published already', () => {
  test('passes to the logical id that takes the place of the one that had it', async () => {
    const { app, lambda } = cloudOfVersions();
    await app({ Fn: fn('handle'), V1: version });
    expect(await app({ Fn: fn('handle'), V2: version })).toEqual({ Fn: 'unchanged', V2: 'created', '-V1': 'deleted' });
    const versions = async () =>
      (await lambda.listVersionsByFunction({ FunctionName: 'handle' })).Versions?.map(({ Version }) => Version);
    expect(await versions()).toEqual(['$LATEST', '1']);
    await app({ Fn: fn('handle') });
    expect(await versions()).toEqual(['$LATEST']);
  });

  test('stays with the one that had it when the update fails', async () => {
    const { app, lambda } = cloudOfVersions();
    await app({ Fn: fn('handle'), V1: version });
    const broken = queue({ DelaySeconds: 901 });
    await expect(app({ Fn: fn('handle'), V2: version, Broken: broken })).rejects.toThrow('Resources.Broken');
    await app({ Fn: fn('handle') });
    const { Versions } = await lambda.listVersionsByFunction({ FunctionName: 'handle' });
    expect(Versions?.map(({ Version }) => Version)).toEqual(['$LATEST']);
  });

  test('cannot be two resources at once', async () => {
    const { app } = cloudOfVersions();
    await expect(app({ Fn: fn('handle'), V1: version, V2: version })).rejects.toThrow(
      'Resources.V2: AWS::Lambda::Version: AlreadyExists: arn:aws:lambda:us-east-1:000000000000:function:handle:1 already exists in stack',
    );
  });
});
