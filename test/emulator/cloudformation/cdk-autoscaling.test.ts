import {
  AdjustmentType,
  AutoScalingGroup,
  DefaultResult,
  GroupMetrics,
  LifecycleTransition,
  MetricAggregationType,
  Schedule,
} from 'aws-cdk-lib/aws-autoscaling';
import { InstanceType, LaunchTemplate, MachineImage, SubnetType, UserData, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { TargetTrackingAlarms } from '../../../lib/emulator/integrations/autoscaling-alarms';
import { AutoScaling } from '../../../lib/emulator/services/autoscaling';
import {
  deploy,
  DeployedResources,
  formatReport,
  readAssembly,
  type JsonObject,
} from '../../../lib/emulator/cloudformation';
import { cloudFor } from './services';
import { assemblyOf, emptyFolder, REGION } from './support';

// The construct library warns of its own use of a deprecated property.
process.env.JSII_DEPRECATED = 'quiet';

/** A group of instances with a launch template and step scaling on a queue's depth, by the L2 constructs. */
function fleetApp(): App {
  const app = new App({ outdir: emptyFolder() });
  const stack = new Stack(app, 'Fleet');
  const queue = new Queue(stack, 'Jobs');
  const vpc = new Vpc(stack, 'Vpc', {
    maxAzs: 2,
    natGateways: 0,
    subnetConfiguration: [{ name: 'Workers', subnetType: SubnetType.PRIVATE_ISOLATED }],
  });
  const userData = UserData.forLinux();
  userData.addCommands(`echo ${queue.queueUrl}`);
  const launchTemplate = new LaunchTemplate(stack, 'Template', {
    machineImage: MachineImage.latestAmazonLinux2023(),
    instanceType: new InstanceType('t3.micro'),
    role: new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }),
    requireImdsv2: true,
    userData,
  });
  const group = new AutoScalingGroup(stack, 'Group', {
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    launchTemplate,
    minCapacity: 1,
    maxCapacity: 6,
    desiredCapacity: 2,
    groupMetrics: [GroupMetrics.all()],
    defaultInstanceWarmup: Duration.seconds(90),
  });
  group.scaleOnMetric('Depth', {
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1) }),
    adjustmentType: AdjustmentType.CHANGE_IN_CAPACITY,
    metricAggregationType: MetricAggregationType.MAXIMUM,
    scalingSteps: [
      { upper: 0, change: -1 },
      { lower: 100, change: 1 },
      { lower: 500, change: 3 },
    ],
  });
  group.addLifecycleHook('Drain', {
    lifecycleTransition: LifecycleTransition.INSTANCE_TERMINATING,
    heartbeatTimeout: Duration.minutes(5),
    defaultResult: DefaultResult.CONTINUE,
  });
  group.scaleOnSchedule('Morning', {
    schedule: Schedule.cron({ hour: '8', minute: '0', weekDay: 'MON-FRI' }),
    timeZone: 'Europe/Berlin',
    minCapacity: 4,
  });
  return app;
}

function cloudWithGroups(assembly: Parameters<typeof cloudFor>[0]) {
  const base = cloudFor(assembly);
  const launchTemplate = (idOrName: string, version: string) => base.launchTemplates.describe(idOrName, version);
  const fleet = { launch: () => undefined, terminate: () => Promise.resolve(), kill: () => Promise.resolve() };
  const alarms = new TargetTrackingAlarms({ ...base.ports, api: { cloudwatch: base.cloudWatch } });
  const autoScaling = new AutoScaling({
    ...base.ports,
    fleet,
    launchTemplate,
    alarms,
    hookTargets: { send: () => undefined },
  });
  const serviceOf = (name: string) => (name === 'autoscaling' ? autoScaling : base.cloud.serviceOf(name));
  return { ...base, autoScaling, cloud: { ...base.cloud, serviceOf } };
}

async function deployFleet(strict = false) {
  const assembly = readAssembly(fleetApp().synth().directory);
  const services = cloudWithGroups(assembly);
  const report = await deploy(assembly.stacks[0], services.cloud, { strict });
  return { ...services, report, resources: new DeployedResources([report]) };
}

describe('an Auto Scaling group with a launch template and step scaling, by the L2 constructs', () => {
  test('§9: the group has its sizes, template, zones, hook and metrics; Ref is the name', async () => {
    const { autoScaling, call, resources } = await deployFleet();
    const name = resources.byType('AWS::AutoScaling::AutoScalingGroup')[0].physicalId;
    const { AutoScalingGroups: [group] = [] } = autoScaling.describeAutoScalingGroups(
      { AutoScalingGroupNames: [name] },
      call,
    );
    expect(group).toMatchObject({
      AutoScalingGroupARN: resources.byPath('Fleet/Group/ASG')?.attributes.AutoScalingGroupARN,
      MinSize: 1,
      MaxSize: 6,
      DesiredCapacity: 2,
      DefaultInstanceWarmup: 90,
      AvailabilityZones: [`${REGION}a`, `${REGION}b`],
      LaunchTemplate: { LaunchTemplateId: resources.byPath('Fleet/Template')?.physicalId, Version: '1' },
    });
    expect(group.EnabledMetrics?.length).toBeGreaterThan(0);
    const { LifecycleHooks } = autoScaling.describeLifecycleHooks({ AutoScalingGroupName: name }, call);
    expect(LifecycleHooks).toMatchObject([
      { LifecycleHookName: resources.byType('AWS::AutoScaling::LifecycleHook')[0].physicalId, HeartbeatTimeout: 300 },
    ]);
  });

  test("the launch template's data reach the instances: image, user data, profile", async () => {
    const { launchTemplates, resources } = await deployFleet();
    const data = launchTemplates.resolve(resources.byPath('Fleet/Template')?.physicalId ?? '', '$Latest');
    expect(data).toMatchObject({
      imageId: expect.stringMatching(/^ami-[0-9a-f]{17}$/) as string,
      instanceType: 't3.micro',
      iamInstanceProfile: expect.stringMatching(/^arn:aws:iam::\d{12}:instance-profile\//) as string,
      tags: { Name: 'Fleet/Template' },
    });
    expect(Buffer.from(data.userData ?? '', 'base64').toString()).toBe(
      `#!/bin/bash\necho ${resources.byPath('Fleet/Jobs')?.physicalId}`,
    );
  });

  test('a scheduled action has its recurrence, and Ref is its name', async () => {
    const { autoScaling, call, resources } = await deployFleet();
    const [action] = resources.byType('AWS::AutoScaling::ScheduledAction');
    const { ScheduledUpdateGroupActions } = autoScaling.describeScheduledActions({}, call);
    expect(ScheduledUpdateGroupActions).toMatchObject([
      {
        ScheduledActionName: action.physicalId,
        AutoScalingGroupName: resources.byType('AWS::AutoScaling::AutoScalingGroup')[0].physicalId,
        Recurrence: '0 8 * * MON-FRI',
        TimeZone: 'Europe/Berlin',
        MinSize: 4,
      },
    ]);
  });

  test("§9: each alarm's action is its policy's ARN, which is the policy's Ref", async () => {
    const { autoScaling, cloudWatch, call, resources } = await deployFleet();
    const policies = resources.byType('AWS::AutoScaling::ScalingPolicy');
    const { ScalingPolicies = [] } = autoScaling.describePolicies({}, call);
    expect(ScalingPolicies.map(({ PolicyARN }) => PolicyARN).sort()).toEqual(
      policies.map(({ physicalId }) => physicalId).sort(),
    );
    for (const { physicalId, attributes } of policies) {
      expect(physicalId).toMatch(/^arn:aws:autoscaling:.*:scalingPolicy:/);
      expect(attributes.Arn).toBe(physicalId);
    }
    const actions = cloudWatch.describeAlarms({}, call).MetricAlarms?.flatMap(({ AlarmActions = [] }) => AlarmActions);
    expect(actions).toHaveLength(2);
    for (const action of actions ?? []) expect(policies.map(({ physicalId }) => physicalId)).toContain(action);
    const upper = ScalingPolicies.find(({ StepAdjustments = [] }) => StepAdjustments.length === 2);
    expect(upper).toMatchObject({
      PolicyType: 'StepScaling',
      AdjustmentType: 'ChangeInCapacity',
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 400, ScalingAdjustment: 1 },
        { MetricIntervalLowerBound: 400, ScalingAdjustment: 3 },
      ],
    });
  });

  test('passes strict; networks are inert, one line a type', async () => {
    const { report } = await deployFleet(true);
    const lines = formatReport(report).split('\n');
    expect(lines).toContain('  - AWS::EC2::Subnet x2 (inert)');
    expect(lines.filter((line) => line.includes('!'))).toEqual([]);
  });
});

test('a group with nothing to launch from is reported as unsupported, and so is what the emulator has no policy for', async () => {
  const assembly = assemblyOf({
    Test: {
      Resources: {
        Group: { Type: 'AWS::AutoScaling::AutoScalingGroup', Properties: { MinSize: '1', MaxSize: '2' } },
        Policy: {
          Type: 'AWS::AutoScaling::ScalingPolicy',
          Properties: { AutoScalingGroupName: { Ref: 'Group' }, PolicyType: 'PredictiveScaling' },
        },
      },
    },
  });
  const report = await deploy(assembly.stacks[0], cloudWithGroups(assembly).cloud);
  expect(report.resources).toMatchObject([
    { logicalId: 'Group', status: 'unsupported', note: 'it has no launch template, and no launch configuration' },
    {
      logicalId: 'Policy',
      status: 'unsupported',
      note: 'its PolicyType is PredictiveScaling; StepScaling, SimpleScaling, TargetTrackingScaling are emulated',
    },
  ]);
});

describe('§9 a target-tracking policy in a template', () => {
  const template = (TargetTrackingConfiguration: JsonObject) =>
    assemblyOf({
      Test: {
        Resources: {
          Template: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { ImageId: 'ami-1' } } },
          Group: {
            Type: 'AWS::AutoScaling::AutoScalingGroup',
            Properties: {
              MinSize: '0',
              MaxSize: '2',
              LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
            },
          },
          Policy: {
            Type: 'AWS::AutoScaling::ScalingPolicy',
            Properties: {
              AutoScalingGroupName: { Ref: 'Group' },
              PolicyType: 'TargetTrackingScaling',
              TargetTrackingConfiguration,
            },
          },
        },
      },
    });

  test('has its two alarms, and no property of it is left out', async () => {
    const assembly = template({
      TargetValue: 10,
      DisableScaleIn: true,
      CustomizedMetricSpecification: {
        MetricName: 'Backlog',
        Namespace: 'App',
        Dimensions: [{ Name: 'Queue', Value: 'jobs' }],
        Statistic: 'Average',
        Unit: 'Count',
      },
    });
    const { cloud, cloudWatch, autoScaling, call } = cloudWithGroups(assembly);
    const report = await deploy(assembly.stacks[0], cloud, { strict: true });
    expect(cloudWatch.describeAlarms({}, call).MetricAlarms).toMatchObject([
      { MetricName: 'Backlog', Threshold: 10, Unit: 'Count', AlarmActions: [report.resources[2].physicalId] },
      { MetricName: 'Backlog', Threshold: 7, Dimensions: [{ Name: 'Queue', Value: 'jobs' }] },
    ]);
    expect(autoScaling.describePolicies({}, call).ScalingPolicies).toMatchObject([
      { TargetTrackingConfiguration: { TargetValue: 10, DisableScaleIn: true } },
    ]);
  });

  test('of a predefined metric is reported as unsupported: there is no data of it', async () => {
    const PredefinedMetricSpecification = { PredefinedMetricType: 'ASGAverageCPUUtilization' };
    const assembly = template({ TargetValue: 50, PredefinedMetricSpecification });
    const report = await deploy(assembly.stacks[0], cloudWithGroups(assembly).cloud);
    expect(report.resources[2]).toMatchObject({
      status: 'unsupported',
      note: expect.stringContaining('it tracks ASGAverageCPUUtilization, and instances have no CPU') as string,
    });
  });
});

test('a group with a MixedInstancesPolicy launches from its template, as the first of its types', async () => {
  const policy: JsonObject = {
    InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0, SpotAllocationStrategy: 'lowest-price' },
    LaunchTemplate: {
      LaunchTemplateSpecification: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
      Overrides: [
        { InstanceType: 'm7g.large', WeightedCapacity: '1' },
        { InstanceType: 'm6g.large', WeightedCapacity: 2 },
      ],
    },
  };
  const assembly = assemblyOf({
    Test: {
      Resources: {
        Template: { Type: 'AWS::EC2::LaunchTemplate', Properties: { LaunchTemplateData: { ImageId: 'ami-1' } } },
        Group: {
          Type: 'AWS::AutoScaling::AutoScalingGroup',
          Properties: { MinSize: '1', MaxSize: '2', MixedInstancesPolicy: policy },
        },
      },
    },
  });
  const { cloud, autoScaling, call } = cloudWithGroups(assembly);
  const report = await deploy(assembly.stacks[0], cloud);
  expect(autoScaling.describeAutoScalingInstances({}, call).AutoScalingInstances).toMatchObject([
    { InstanceType: 'm7g.large', WeightedCapacity: '1' },
  ]);
  const statuses = report.resources[1].properties.map(({ name, status }) => `${name} ${status}`);
  expect(statuses).toEqual([
    'MinSize emulated',
    'MaxSize emulated',
    'MixedInstancesPolicy emulated',
    'MixedInstancesPolicy.InstancesDistribution.SpotAllocationStrategy inert',
  ]);
});
