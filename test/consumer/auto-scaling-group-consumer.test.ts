import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import {
  EbsDeviceVolumeType,
  InstanceType,
  KeyPair,
  MachineImage,
  SecurityGroup,
  SubnetType,
  Vpc,
  WindowsVersion,
} from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { App, type CfnElement, Duration, Size, Stack } from 'aws-cdk-lib/core';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import {
  AutoScalingGroupConsumer,
  type AutoScalingGroupConsumerProps,
  BacklogScaling,
  NodeVersion,
  QueueEncryption,
  StandardQueue,
  WorkerProgram,
} from '../../lib';

const program = join(__dirname, '../../dist/lambda/encoder');
type Options = Partial<AutoScalingGroupConsumerProps>;

function workers(options: Options = {}) {
  const scope = new Stack(new App(), 'Stack');
  const vpc = new Vpc(scope, 'Vpc', { natGateways: 1 });
  const consumer = new AutoScalingGroupConsumer(scope, 'Workers', {
    vpc,
    worker: WorkerProgram.node(program),
    ...options,
  });
  return { scope, consumer };
}

function synthesized(options?: Options): Template {
  const { scope, consumer } = workers(options);
  new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged(), consumers: [consumer] });
  return Template.fromStack(scope);
}

/** The script that an instance starts with; what CloudFormation fills in appears as `{Ref:…}` and the like. */
function script(template: Template): string {
  const [launchTemplate] = Object.values(template.findResources('AWS::EC2::LaunchTemplate')) as {
    Properties: { LaunchTemplateData: { UserData: { 'Fn::Base64': { 'Fn::Join': [string, unknown[]] } } } };
  }[];
  const [, parts] = launchTemplate.Properties.LaunchTemplateData.UserData['Fn::Base64']['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part).replaceAll('"', ''))).join('');
}

describe('AutoScalingGroupConsumer', () => {
  test('hardens its instances: IMDSv2, encrypted gp3 volume, no public address', () => {
    synthesized().hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required' },
        BlockDeviceMappings: [{ Ebs: { Encrypted: true, VolumeType: 'gp3' } }],
        NetworkInterfaces: [{ AssociatePublicIpAddress: false }],
        InstanceType: 't4g.small',
        ImageId: { Ref: Match.stringLikeRegexp('al2023.*arm64') },
      },
    });
  });

  test('leaves the address to a public subnet, and the image to the architecture of the type', () => {
    synthesized({
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      instanceType: new InstanceType('c7i.large'),
    }).hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        NetworkInterfaces: Match.absent(),
        ImageId: { Ref: Match.stringLikeRegexp('al2023.*x8664') },
      },
    });
  });

  test('lets its workers consume the queue, use the key, end their own lifecycle actions and read the program', () => {
    const template = synthesized();
    const [policy] = Object.values(
      template.findResources('AWS::IAM::Policy', { Properties: { PolicyName: Match.stringLikeRegexp('Workers') } }),
    ) as { Properties: { PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] } } }[];
    const { Statement } = policy.Properties.PolicyDocument;
    expect(Statement.map(({ Action }) => Action)).toEqual([
      ['autoscaling:CompleteLifecycleAction', 'autoscaling:RecordLifecycleActionHeartbeat'],
      's3:GetObject',
      expect.arrayContaining(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility']),
      'kms:Decrypt',
    ]);
    const [group] = Object.values(template.findResources('AWS::AutoScaling::AutoScalingGroup')) as {
      Properties: { AutoScalingGroupName: string };
    }[];
    expect(JSON.stringify(Statement[0].Resource)).toContain(
      `:autoScalingGroup:*:autoScalingGroupName/${group.Properties.AutoScalingGroupName}"`,
    );
    template.resourcePropertiesCountIs('AWS::IAM::Role', { ManagedPolicyArns: Match.anyValue() }, 0);
  });

  test('opens sessions only when asked to', () => {
    synthesized({ ssmSessionPermissions: true }).resourcePropertiesCountIs(
      'AWS::IAM::Role',
      { ManagedPolicyArns: Match.anyValue() },
      1,
    );
  });

  test('waits before a termination until the worker has drained', () => {
    synthesized({ processingTime: Duration.minutes(10) }).hasResourceProperties('AWS::AutoScaling::LifecycleHook', {
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      LifecycleHookName: 'drain',
      HeartbeatTimeout: 660,
      DefaultResult: 'CONTINUE',
    });
    synthesized({ processingTime: Duration.hours(6) }).hasResourceProperties('AWS::AutoScaling::LifecycleHook', {
      HeartbeatTimeout: 7_200,
    });
  });

  test('holds a new instance until its worker runs, the first ones too', () => {
    const group = (options?: Options) =>
      synthesized(options).findResources('AWS::AutoScaling::AutoScalingGroup') as Record<
        string,
        { Properties: { LifecycleHookSpecificationList: unknown } }
      >;
    const hookOf = (options?: Options) => Object.values(group(options))[0].Properties.LifecycleHookSpecificationList;
    const hook = {
      LifecycleHookName: 'launch',
      LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      HeartbeatTimeout: 900,
      DefaultResult: 'ABANDON',
    };
    expect(hookOf()).toEqual([hook]);
    expect(hookOf({ launchTimeout: Duration.hours(2) })).toEqual([{ ...hook, HeartbeatTimeout: 7_200 }]);
  });

  test('starts its own binary of Node.js, and warns of one without security updates', () => {
    const started = (nodeVersion: NodeVersion) => {
      const { scope, consumer } = workers({ worker: WorkerProgram.node(program, { nodeVersion }) });
      new StandardQueue(scope, 'Jobs', { consumers: [consumer] });
      const warnings = Annotations.fromStack(scope).findWarning('/Stack/Workers', Match.anyValue());
      const lines = script(Template.fromStack(scope)).match(/^(?:ExecStart=|dnf install).*$/gm);
      return { lines, warnings: warnings.map(({ entry }) => entry.data) };
    };
    expect(started(NodeVersion.NODEJS_24)).toEqual({
      lines: ['dnf install -y nodejs24 unzip', 'ExecStart=/usr/bin/node-24 index.js'],
      warnings: [],
    });
    expect(started(NodeVersion.NODEJS_20)).toEqual({
      lines: ['dnf install -y nodejs20 unzip', 'ExecStart=/usr/bin/node-20 index.js'],
      warnings: [expect.stringMatching(/^worker should use Node.js 22 or 24, but was given Node.js 20; .* April 2026/)],
    });
  });

  test('refuses user data that EC2 would refuse', () => {
    const environment = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`V${n}`, 'x'.repeat(800)]));
    expect(() => synthesized({ environment })).toThrow(
      /LaunchTemplateData.UserData must be at most 16,384 bytes before it is encoded, but was \d\d,\d{3}/,
    );
  });

  test('keeps the size that its alarms have chosen, and publishes the metrics of the group', () => {
    synthesized({ minCapacity: 2, maxCapacity: 9 }).hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      MinSize: '2',
      MaxSize: '9',
      DesiredCapacity: Match.absent(),
      MetricsCollection: [{ Granularity: '1Minute' }],
      DefaultInstanceWarmup: 120,
    });
  });

  test('derives the visibility timeout from the time that a message takes', () => {
    synthesized({ processingTime: Duration.seconds(20) }).hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 120,
    });
  });

  test('scales out in steps that start at the threshold of the alarm (§6)', () => {
    const steps = [
      { depth: 50, add: 5 },
      { depth: 10, add: 1 },
    ];
    const template = synthesized({ scaling: BacklogScaling.steps(steps), instanceWarmup: Duration.seconds(90) });
    template.hasResourceProperties('AWS::AutoScaling::ScalingPolicy', {
      PolicyType: 'StepScaling',
      AdjustmentType: 'ChangeInCapacity',
      EstimatedInstanceWarmup: 90,
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 40, ScalingAdjustment: 1 },
        { MetricIntervalLowerBound: 40, MetricIntervalUpperBound: Match.absent(), ScalingAdjustment: 5 },
      ],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 10,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 1,
      Period: 60,
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: Match.stringLikeRegexp('ScaleOutPolicy') }],
    });
  });

  test('scales in once nothing has waited or been in flight for a while', () => {
    const scaling = BacklogScaling.steps([{ depth: 10, add: 1 }], { emptyFor: Duration.minutes(3), remove: 2 });
    const template = synthesized({ scaling });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 0,
      ComparisonOperator: 'LessThanOrEqualToThreshold',
      EvaluationPeriods: 3,
      Metrics: Match.arrayWith([Match.objectLike({ Expression: 'visible + inFlight' })]),
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: Match.stringLikeRegexp('ScaleInPolicy') }],
    });
    template.hasResourceProperties('AWS::AutoScaling::ScalingPolicy', {
      StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -2 }],
    });
  });

  test('uses spot instances of several types, and starts new ones before it loses old ones', () => {
    const spot = {
      otherInstanceTypes: [new InstanceType('c7g.large')],
      onDemandBaseCapacity: 1,
      onDemandPercentage: 25,
    };
    const template = synthesized({ spot });
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      CapacityRebalance: true,
      LaunchTemplate: Match.absent(),
      MixedInstancesPolicy: {
        InstancesDistribution: {
          OnDemandBaseCapacity: 1,
          OnDemandPercentageAboveBaseCapacity: 25,
          SpotAllocationStrategy: 'price-capacity-optimized',
        },
        LaunchTemplate: { Overrides: [{ InstanceType: 't4g.small' }, { InstanceType: 'c7g.large' }] },
      },
    });
    synthesized({ spot: { capacityRebalance: false } }).hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      CapacityRebalance: false,
      MixedInstancesPolicy: {
        InstancesDistribution: { OnDemandBaseCapacity: 0, OnDemandPercentageAboveBaseCapacity: 0 },
      },
    });
    synthesized().hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      CapacityRebalance: Match.absent(),
      MixedInstancesPolicy: Match.absent(),
    });
  });

  test('protects busy instances, whose workers may end that', () => {
    const template = synthesized({ protectBusyInstances: true });
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { NewInstancesProtectedFromScaleIn: true });
    expect(script(template)).toContain('Environment="PROTECT_BUSY_INSTANCE=true"');
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: Match.arrayWith(['autoscaling:SetInstanceProtection']) }),
        ]),
      },
    });
    expect(script(synthesized())).not.toContain('PROTECT_BUSY_INSTANCE');
  });

  test('keeps set-up instances ready, stopped only once their worker has run (snapshot)', () => {
    const template = synthesized({ warmPool: { minSize: 1, maxPreparedCapacity: 3 } });
    template.hasResourceProperties('AWS::AutoScaling::WarmPool', {
      PoolState: 'Stopped',
      MinSize: 1,
      MaxGroupPreparedCapacity: 3,
    });
    expect(script(template)).toMatchSnapshot();
    synthesized().resourceCountIs('AWS::AutoScaling::WarmPool', 0);
  });

  test('replaces instances by a refresh, which waits for busy ones', () => {
    synthesized({ instanceRefresh: {} }).hasResource('AWS::AutoScaling::AutoScalingGroup', {
      UpdatePolicy: {
        AutoScalingInstanceRefresh: {
          Strategy: 'Rolling',
          Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 110 },
        },
      },
    });
    const instanceRefresh = { minHealthyPercentage: 50, maxHealthyPercentage: 150 };
    synthesized({ instanceRefresh, protectBusyInstances: true }).hasResource('AWS::AutoScaling::AutoScalingGroup', {
      UpdatePolicy: {
        AutoScalingInstanceRefresh: {
          Preferences: { MinHealthyPercentage: 50, MaxHealthyPercentage: 150, ScaleInProtectedInstances: 'Wait' },
        },
      },
    });
    synthesized().hasResource('AWS::AutoScaling::AutoScalingGroup', {
      UpdatePolicy: { AutoScalingInstanceRefresh: Match.absent() },
    });
  });

  test('passes on its volume, security groups, role, key pair and lifetime', () => {
    const scope = new Stack(new App(), 'Stack');
    const vpc = new Vpc(scope, 'Vpc', { natGateways: 1 });
    const groups = ['One', 'Two'].map((id) => new SecurityGroup(scope, id, { vpc }));
    const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    const consumer = new AutoScalingGroupConsumer(scope, 'Workers', {
      vpc,
      worker: WorkerProgram.node(program),
      volumeSize: Size.tebibytes(1),
      volumeType: EbsDeviceVolumeType.GP2,
      securityGroups: groups,
      role,
      keyPair: KeyPair.fromKeyPairName(scope, 'Key', 'operators'),
      maxInstanceLifetime: Duration.days(14),
    });
    new StandardQueue(scope, 'Jobs', { consumers: [consumer] });
    const template = Template.fromStack(scope);
    const idOf = ({ node }: SecurityGroup) => scope.getLogicalId(node.defaultChild as CfnElement);
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        BlockDeviceMappings: [{ Ebs: { Encrypted: true, VolumeSize: 1_024, VolumeType: 'gp2' } }],
        NetworkInterfaces: [{ Groups: groups.map((group) => ({ 'Fn::GetAtt': [idOf(group), 'GroupId'] })) }],
        KeyName: 'operators',
      },
    });
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { MaxInstanceLifetime: 1_209_600 });
    template.resourceCountIs('AWS::EC2::SecurityGroup', 2);
    template.hasResourceProperties('AWS::IAM::InstanceProfile', { Roles: [scope.resolve(role.roleName)] });
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [scope.resolve(role.roleName)],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['autoscaling:CompleteLifecycleAction', 'autoscaling:RecordLifecycleActionHeartbeat'],
          }),
          Match.objectLike({ Action: Match.arrayWith(['sqs:ReceiveMessage']) }),
        ]),
      },
    });
    expect(consumer.role).toBe(role);
  });

  test('ends a refresh, and so the deployment, on an alarm', () => {
    const { scope, consumer } = workers({
      instanceRefresh: {
        alarms: [Alarm.fromAlarmArn(new Stack(), 'Late', 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:late')],
        bakeTime: Duration.minutes(10),
        checkpointPercentages: [10, 100],
        checkpointDelay: Duration.minutes(5),
      },
    });
    new StandardQueue(scope, 'Jobs', { consumers: [consumer] });
    Template.fromStack(scope).hasResource('AWS::AutoScaling::AutoScalingGroup', {
      UpdatePolicy: {
        AutoScalingInstanceRefresh: {
          Preferences: {
            AlarmSpecification: { Alarms: ['late'] },
            BakeTime: 600,
            CheckpointPercentages: [10, 100],
            CheckpointDelay: 300,
          },
        },
      },
    });
  });

  test('starts the image that it is given', () => {
    const machineImage = MachineImage.genericLinux({ 'eu-west-1': 'ami-0123456789abcdef0' });
    const scope = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
    const vpc = new Vpc(scope, 'Vpc', { availabilityZones: ['eu-west-1a'] });
    const worker = WorkerProgram.node(program);
    const consumer = new AutoScalingGroupConsumer(scope, 'Workers', { vpc, worker, machineImage });
    new StandardQueue(scope, 'Jobs', { consumers: [consumer] });
    Template.fromStack(scope).hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: { ImageId: 'ami-0123456789abcdef0' },
    });
  });

  test('creates the endpoints that instances need, once for a VPC', () => {
    const scope = new Stack(new App(), 'Stack');
    const vpc = new Vpc(scope, 'Vpc', { natGateways: 0 });
    const vpcSubnets = { subnetType: SubnetType.PRIVATE_ISOLATED };
    const shared = { vpc, vpcSubnets, createVpcEndpoints: true, worker: WorkerProgram.node(program) };
    for (const id of ['One', 'Two']) {
      new StandardQueue(scope, `${id}Jobs`, { consumers: [new AutoScalingGroupConsumer(scope, id, shared)] });
    }
    const template = Template.fromStack(scope);
    template.resourcePropertiesCountIs('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' }, 1);
    template.resourcePropertiesCountIs('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface' }, 2);
    for (const service of ['sqs', 'autoscaling']) {
      template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
        PrivateDnsEnabled: true,
        ServiceName: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(`\\.${service}$`)])] },
      });
    }
    synthesized().resourceCountIs('AWS::EC2::VPCEndpoint', 0);
  });

  test('the least and the most (snapshots)', () => {
    const own = (template: Template) => {
      const { Resources } = template.toJSON() as { Resources: Record<string, unknown> };
      return Object.fromEntries(Object.entries(Resources).filter(([id]) => /^(Workers|Jobs)/.test(id)));
    };
    expect(own(synthesized())).toMatchSnapshot('least');
    const most = synthesized({
      createVpcEndpoints: true,
      environment: { MODE: 'fast' },
      instanceRefresh: { minHealthyPercentage: 90, maxHealthyPercentage: 120 },
      instanceType: new InstanceType('c7g.large'),
      instanceWarmup: Duration.minutes(3),
      minCapacity: 0,
      maxCapacity: 20,
      processingTime: Duration.minutes(10),
      protectBusyInstances: true,
      scaling: BacklogScaling.targetTracking({
        acceptableLatency: Duration.minutes(30),
        processingTime: Duration.minutes(2),
        concurrency: 2,
      }),
      spot: { otherInstanceTypes: [new InstanceType('c8g.large')], onDemandBaseCapacity: 2, onDemandPercentage: 10 },
      ssmSessionPermissions: true,
    });
    expect(own(most)).toMatchSnapshot('most');
  });

  test('gives access to its parts', () => {
    const { scope, consumer } = workers();
    expect(consumer.scaleOutAlarm).toBeUndefined();
    new StandardQueue(scope, 'Jobs', { consumers: [consumer] });
    expect(consumer.scaleOutAlarm?.alarmArn).toBeDefined();
    expect(consumer.scaleInAlarm?.alarmArn).toBeDefined();
    expect(consumer.grantPrincipal).toBe(consumer.role);
    expect(consumer.connections.securityGroups).toHaveLength(1);
    expect(consumer.metricInServiceInstances().toMetricConfig().metricStat).toMatchObject({
      namespace: 'AWS/AutoScaling',
      metricName: 'GroupInServiceInstances',
      statistic: 'Average',
    });
  });

  test('starts a program in any language under systemd (snapshot)', () => {
    const worker = WorkerProgram.command({
      assetPath: program,
      command: ['/usr/bin/python3.12', '-c', 'print("$HOME is 100%")'],
      setup: ['dnf install -y python3.12'],
    });
    const environment = { GREETING: 'say "hello" \\ 50%', PLAIN: 'yes' };
    expect(script(synthesized({ worker, environment, processingTime: Duration.seconds(90) }))).toMatchSnapshot();
  });

  test.each([
    ['off', undefined],
    ['on', CURRENTLY_RECOMMENDED_FLAGS],
  ])('consumes across stacks without a cycle or a warning, feature flags %s', (_, context) => {
    const app = new App({ context });
    const queues = new Stack(app, 'Queues');
    const fleet = new Stack(app, 'Fleet');
    const vpc = new Vpc(fleet, 'Vpc');
    const consumer = new AutoScalingGroupConsumer(fleet, 'Workers', { vpc, worker: WorkerProgram.node(program) });
    new StandardQueue(queues, 'Jobs', { consumers: [consumer] });
    expect(script(Template.fromStack(fleet))).toMatch(/QUEUE_URL={Fn::ImportValue:Queues:/);
    Annotations.fromStack(fleet).hasNoWarning('*', Match.anyValue());
  });

  test.each<[string, Options, string, string]>([
    [
      'more than 12 hours for a message',
      { processingTime: Duration.hours(13) },
      'processingTime must be between 1 second and 12 hours, in whole seconds, but was 13 hours',
      'ProcessingTimeOutOfRange',
    ],
    [
      'a warm-up of two days',
      { instanceWarmup: Duration.days(2) },
      'instanceWarmup must be between 0 seconds and 1 day, in whole seconds, but was 2 days',
      'WarmupOutOfRange',
    ],
    [
      'a launch of 20 seconds',
      { launchTimeout: Duration.seconds(20) },
      'launchTimeout must be between 30 seconds and 2 hours, in whole seconds, but was 20 seconds',
      'LaunchTimeoutOutOfRange',
    ],
    [
      'a variable of its own',
      { environment: { QUEUE_URL: 'other' } },
      "environment must use names of letters, digits and '_', other than AWS_REGION, QUEUE_URL",
      'VariableInvalid',
    ],
    [
      'a variable with a bad name',
      { environment: { 'A-B': 'x' } },
      'which every worker has, but had A-B',
      'VariableInvalid',
    ],
    [
      'a value of two lines',
      { environment: { A: 'x\nUser=root' } },
      'environment must have values of a single line, but A has a line break',
      'ValueInvalid',
    ],
    [
      'a program without its path',
      { worker: WorkerProgram.command({ assetPath: program, command: ['python3', 'worker.py'] }) },
      'worker must have a command that is the absolute path of a program and its arguments, without line breaks, but was ["python3","worker.py"]',
      'CommandInvalid',
    ],
    [
      'an image of Windows',
      { machineImage: MachineImage.latestWindows(WindowsVersion.WINDOWS_SERVER_2022_ENGLISH_FULL_BASE) },
      'machineImage must be made from Amazon Linux 2023, but was an image of Windows',
      'ImageNotLinux',
    ],
    [
      'spot types of another architecture',
      { spot: { otherInstanceTypes: [new InstanceType('t4g.medium'), new InstanceType('c7i.large')] } },
      'spot.otherInstanceTypes must have the architecture of t4g.small (arm64), but had c7i.large',
      'SpotArchitecturesDiffer',
    ],
    [
      'more types than a group may have',
      { spot: { otherInstanceTypes: Array.from({ length: 40 }, (_, size) => new InstanceType(`c7g.${size}xlarge`)) } },
      'spot.otherInstanceTypes must have at most 39 types, but had 40',
      'SpotTypesInvalid',
    ],
    [
      'spot that never is',
      { spot: { onDemandBaseCapacity: 5 } },
      'spot.onDemandBaseCapacity must be a whole number between 0 and maxCapacity (4), but was 5',
      'OnDemandBaseInvalid',
    ],
    [
      'more than all on demand',
      { spot: { onDemandPercentage: 101 } },
      'spot.onDemandPercentage must be a whole number between 0 and 100, but was 101',
      'OnDemandPercentageOutOfRange',
    ],
    [
      'a warm pool with spot (§6)',
      { spot: {}, warmPool: {} },
      'warmPool and spot must not both be given',
      'WarmPoolWithSpot',
    ],
    [
      'a warm pool that is smaller than its least',
      { warmPool: { minSize: 3, maxPreparedCapacity: 2 } },
      'the second not below the first, but were 3 and 2',
      'WarmPoolSizeInvalid',
    ],
    [
      'a refresh that keeps too few and has too many',
      { instanceRefresh: { minHealthyPercentage: 50, maxHealthyPercentage: 151 } },
      'instanceRefresh must have a minHealthyPercentage between 0 and 100 and a maxHealthyPercentage between 100 and 200, at most 100 apart, but had 50 and 151',
      'RefreshPercentagesInvalid',
    ],
    [
      'a volume below the size of the image',
      { volumeSize: Size.gibibytes(7) },
      'volumeSize must be between 8 GiB, the size of the image, and 64 TiB, in whole GiB, but was 7 GiB',
      'VolumeSizeOutOfRange',
    ],
    [
      'a volume that needs a number of IOPS',
      { volumeType: EbsDeviceVolumeType.IO2 },
      'volumeType must be one of gp3, gp2, standard, but was io2',
      'VolumeTypeInvalid',
    ],
    [
      'no security group',
      { securityGroups: [] },
      'securityGroups must have 1 to 5 groups, but had 0',
      'SecurityGroupsInvalid',
    ],
    [
      'instances that live for an hour',
      { maxInstanceLifetime: Duration.hours(1) },
      'maxInstanceLifetime must be between 1 and 365 days, in whole seconds, but was 1 hour',
      'LifetimeOutOfRange',
    ],
    [
      'a refresh that no alarm ends',
      { instanceRefresh: { alarms: [] } },
      'instanceRefresh.alarms must have 1 to 10 alarms, but had 0',
      'RefreshAlarmsInvalid',
    ],
    [
      'a refresh that waits for days',
      { instanceRefresh: { bakeTime: Duration.days(3) } },
      'instanceRefresh.checkpointDelay must be between 0 seconds and 2 days, in whole seconds, but were 3 days and undefined',
      'RefreshWaitOutOfRange',
    ],
    [
      'checkpoints that go back',
      { instanceRefresh: { checkpointPercentages: [50, 50] } },
      'instanceRefresh.checkpointPercentages must be whole numbers from 1 to 100, each above the one before it, and be given with instanceRefresh.checkpointDelay, but was [50,50]',
      'CheckpointsInvalid',
    ],
    [
      'a wait at no checkpoint',
      { instanceRefresh: { checkpointDelay: Duration.minutes(5) } },
      'but was undefined',
      'CheckpointsInvalid',
    ],
  ])('fails on %s', (_, options, text, id) => {
    expect(() => workers(options)).toThrow(text);
    expect(() => workers(options)).toThrow(`[Spillway-AutoScalingGroupConsumer-${id}]`);
  });

  test('fails on everything at once', () => {
    const build = () => workers({ processingTime: Duration.seconds(0), minCapacity: 5, spot: {}, warmPool: {} });
    expect(build).toThrow(
      /3 invalid[\s\S]*ProcessingTimeOutOfRange[\s\S]*WarmPoolWithSpot[\s\S]*BacklogScaling-CapacityInvalid/,
    );
  });

  test('fails without a queue', () => {
    expect(() => Template.fromStack(workers().scope)).toThrow('[Stack/Workers] consumes no queue');
  });

  test('fails with a second queue', () => {
    const { scope, consumer } = workers();
    new StandardQueue(scope, 'One', { consumers: [consumer] });
    expect(() => new StandardQueue(scope, 'Two', { consumers: [consumer] })).toThrow(
      '[Spillway-AutoScalingGroupConsumer-QueueAlreadyBound]',
    );
  });
});

describe('WorkerProgram.typescript', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'spillway-typescript-'));
    for (const name of ['one', 'two']) {
      writeFileSync(join(folder, `${name}.ts`), `const says: string = '${name}';\nconsole.log(says);\n`);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('bundles each source when the app is synthesized, and names it in the metadata', () => {
    const app = new App();
    const stack = new Stack(app, 'App');
    const vpc = new Vpc(stack, 'Vpc');
    for (const name of ['one', 'two']) {
      const worker = WorkerProgram.typescript(join(folder, `${name}.ts`));
      const scaling = BacklogScaling.steps([{ depth: 1, add: 1 }]);
      new StandardQueue(stack, `${name}Queue`, {
        consumers: [new AutoScalingGroupConsumer(stack, name, { vpc, worker, scaling, maxCapacity: 1 })],
      });
    }
    const { directory } = app.synth();
    const template = JSON.parse(readFileSync(join(directory, 'App.template.json'), 'utf8')) as {
      Resources: Record<string, { Metadata?: Record<string, { entry: string; asset: string }> }>;
    };
    const found = Object.values(template.Resources).flatMap(({ Metadata }) => Metadata?.['spillway:worker'] ?? []);
    expect(found.map(({ entry }) => resolve(entry))).toEqual([join(folder, 'one.ts'), join(folder, 'two.ts')]);
    const bundles = found.map(({ asset }) => readFileSync(join(directory, asset, 'index.js'), 'utf8'));
    expect(bundles).toEqual([expect.stringContaining('"one"'), expect.stringContaining('"two"')]);
  });

  test('refuses a source that does not exist', () => {
    const stack = new Stack(new App(), 'App');
    const worker = WorkerProgram.typescript(join(folder, 'none.ts'));
    const create = () =>
      new AutoScalingGroupConsumer(stack, 'Workers', {
        vpc: new Vpc(stack, 'Vpc'),
        worker,
        scaling: BacklogScaling.steps([{ depth: 1, add: 1 }]),
        maxCapacity: 1,
      });
    expect(create).toThrow(/worker must be a folder with none\.ts, .*a folder without none\.ts/);
  });
});
