import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, CpuArchitecture, LogDrivers, Secret as TaskSecret } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { App, Duration, Size, Stack } from 'aws-cdk-lib/core';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import { BacklogScaling, FargateConsumer, type FargateConsumerProps, QueueEncryption, StandardQueue } from '../../lib';

type Options = Partial<FargateConsumerProps>;
type Make = (scope: Stack, vpc: Vpc) => Options;

function tasks(make: Make = () => ({})) {
  const scope = new Stack(new App(), 'Stack');
  const vpc = new Vpc(scope, 'Vpc', { natGateways: 1 });
  const options = make(scope, vpc);
  const consumer = new FargateConsumer(scope, 'Tasks', {
    vpc: 'cluster' in options ? undefined : vpc,
    image: ContainerImage.fromRegistry('worker'),
    ...options,
  });
  return { scope, consumer };
}

function synthesized(make?: Make) {
  const { scope, consumer } = tasks(make);
  const queue = new StandardQueue(scope, 'Jobs', { consumers: [consumer] });
  return { scope, consumer, queue, template: Template.fromStack(scope) };
}

const container = (expected: object) => ({ ContainerDefinitions: [Match.objectLike(expected)] });

describe('FargateConsumer', () => {
  test('runs the image with the URL of the queue, in private subnets, and keeps its output', () => {
    const { template } = synthesized();
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      Cpu: '256',
      Memory: '512',
      RuntimePlatform: { CpuArchitecture: 'X86_64', OperatingSystemFamily: 'LINUX' },
      ...container({
        Image: 'worker',
        Environment: [{ Name: 'QUEUE_URL', Value: { Ref: Match.stringLikeRegexp('JobsQueue') } }],
        StopTimeout: 90,
        LogConfiguration: { LogDriver: 'awslogs' },
      }),
    });
    template.hasResourceProperties('AWS::ECS::Service', {
      LaunchType: 'FARGATE',
      DesiredCount: Match.absent(),
      DeploymentConfiguration: {
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
      },
      NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'DISABLED' } },
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: 1, MaxCapacity: 4 });
  });

  test('passes every setting on', () => {
    const { template } = synthesized((scope) => ({
      command: ['node', 'worker.js'],
      cpu: 1_024,
      memoryLimitMiB: 3_072,
      cpuArchitecture: CpuArchitecture.ARM64,
      environment: { MODE: 'fast' },
      secrets: { TOKEN: TaskSecret.fromSecretsManager(new Secret(scope, 'Token')) },
      stopTimeout: Duration.seconds(20),
      processingTime: Duration.seconds(15),
      logGroup: new LogGroup(scope, 'Output', { logGroupName: 'output' }),
      protectBusyTasks: true,
    }));
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      Cpu: '1024',
      Memory: '3072',
      RuntimePlatform: { CpuArchitecture: 'ARM64' },
      ...container({
        Command: ['node', 'worker.js'],
        Environment: Match.arrayWith([
          { Name: 'PROTECT_BUSY_TASK', Value: 'true' },
          { Name: 'MODE', Value: 'fast' },
        ]),
        Secrets: [Match.objectLike({ Name: 'TOKEN' })],
        StopTimeout: 20,
        LogConfiguration: { Options: { 'awslogs-group': { Ref: Match.stringLikeRegexp('^Output') } } },
      }),
    });
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
    template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 90 });
  });

  test('has its own role, security groups, disk, health check, log driver and deployment alarms', () => {
    const { template, consumer } = synthesized((scope, vpc) => ({
      role: new Role(scope, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }),
      securityGroups: [new SecurityGroup(scope, 'Group', { vpc })],
      ephemeralStorage: Size.gibibytes(100),
      healthCheck: { command: ['CMD', '/healthy'] },
      logging: LogDrivers.firelens({}),
      deploymentAlarms: [Alarm.fromAlarmArn(scope, 'Late', 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:late')],
      enableExecuteCommand: true,
    }));
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      TaskRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Role'), 'Arn'] },
      EphemeralStorage: { SizeInGiB: 100 },
      ContainerDefinitions: Match.arrayWith([
        Match.objectLike({
          Name: 'Worker',
          HealthCheck: Match.objectLike({ Command: ['CMD', '/healthy'] }),
          LogConfiguration: { LogDriver: 'awsfirelens' },
        }),
      ]),
    });
    template.hasResourceProperties('AWS::ECS::Service', {
      EnableExecuteCommand: true,
      DeploymentConfiguration: { Alarms: { AlarmNames: ['late'], Enable: true, Rollback: true } },
      NetworkConfiguration: {
        AwsvpcConfiguration: { SecurityGroups: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^Group'), 'GroupId'] }] },
      },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^Role') }],
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['sqs:ReceiveMessage']) })]),
      },
    });
    expect(consumer.taskDefinition.findContainer('Worker')).toBeDefined();
  });

  test('divides its tasks between the providers of Fargate', () => {
    const capacityProviderStrategies = [
      { capacityProvider: 'FARGATE', base: 2, weight: 1 },
      { capacityProvider: 'FARGATE_SPOT', weight: 3 },
    ];
    const { template } = synthesized(() => ({ capacityProviderStrategies }));
    const [providers] = Object.keys(template.findResources('AWS::ECS::ClusterCapacityProviderAssociations'));
    template.hasResource('AWS::ECS::Service', {
      Properties: {
        LaunchType: Match.absent(),
        CapacityProviderStrategy: [
          { CapacityProvider: 'FARGATE', Base: 2, Weight: 1 },
          { CapacityProvider: 'FARGATE_SPOT', Weight: 3 },
        ],
      },
      DependsOn: Match.arrayWith([providers]),
    });
  });

  test('runs on spare capacity', () => {
    const { template } = synthesized(() => ({ spot: true }));
    template.hasResourceProperties('AWS::ECS::Service', {
      LaunchType: Match.absent(),
      CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE_SPOT', Weight: 1 }],
    });
    template.hasResourceProperties('AWS::ECS::ClusterCapacityProviderAssociations', {
      CapacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    });
  });

  test.each<[string, Make]>([
    ['its own cluster', () => ({ spot: true })],
    [
      'a cluster that is there already',
      (scope, vpc) => ({
        spot: true,
        cluster: new Cluster(scope, 'Mine', { vpc, enableFargateCapacityProviders: true }),
      }),
    ],
  ])('creates a spot service after the capacity providers of %s, and deletes it before', (_, make) => {
    const { template } = synthesized(make);
    const [providers] = Object.keys(template.findResources('AWS::ECS::ClusterCapacityProviderAssociations'));
    expect(providers).toBeDefined();
    template.hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([providers]) });
  });

  test.each([
    [256, 2_048],
    [4_096, 30_720],
    [8_192, 61_440],
    [16_384, 122_880],
    [32_768, 61_440],
    [32_768, 249_856],
  ])('takes %s CPU units with %s MiB', (cpu, memoryLimitMiB) => {
    const { template } = synthesized(() => ({ cpu, memoryLimitMiB }));
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { Cpu: String(cpu), Memory: String(memoryLimitMiB) });
  });

  test('runs in a cluster that is there already, with an address of its own in public subnets', () => {
    const { template } = synthesized((scope, vpc) => ({
      cluster: new Cluster(scope, 'Mine', { vpc }),
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
    }));
    template.resourceCountIs('AWS::ECS::Cluster', 1);
    template.hasResourceProperties('AWS::ECS::Service', {
      Cluster: { Ref: Match.stringLikeRegexp('^Mine') },
      NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'ENABLED' } },
    });
  });

  test('creates the endpoints that tasks need, once for a VPC', () => {
    const scope = new Stack(new App(), 'Stack');
    const vpc = new Vpc(scope, 'Vpc', { natGateways: 0 });
    const vpcSubnets = { subnetType: SubnetType.PRIVATE_ISOLATED };
    const shared = { vpc, vpcSubnets, createVpcEndpoints: true, image: ContainerImage.fromRegistry('worker') };
    for (const id of ['One', 'Two']) {
      new StandardQueue(scope, `${id}Jobs`, { consumers: [new FargateConsumer(scope, id, shared)] });
    }
    const template = Template.fromStack(scope);
    const services = Object.values(template.findResources('AWS::EC2::VPCEndpoint')).map(
      ({ Properties }) =>
        /\b(s3|sqs|ecr\.api|ecr\.dkr|logs|secretsmanager)\b/.exec(
          JSON.stringify((Properties as { ServiceName: unknown }).ServiceName),
        )?.[1],
    );
    expect(services.sort()).toEqual(['ecr.api', 'ecr.dkr', 'logs', 's3', 'secretsmanager', 'sqs']);
  });

  test.each([
    ['off', undefined],
    ['on', CURRENTLY_RECOMMENDED_FLAGS],
  ])('consumes across stacks without a cycle or a warning, feature flags %s', (_, context) => {
    const app = new App({ context });
    const queues = new Stack(app, 'Queues');
    const fleet = new Stack(app, 'Fleet');
    const vpc = new Vpc(fleet, 'Vpc');
    const consumer = new FargateConsumer(fleet, 'Tasks', { vpc, image: ContainerImage.fromRegistry('worker') });
    const encryption = QueueEncryption.customerManaged();
    new StandardQueue(queues, 'Jobs', { encryption, consumers: [consumer] });
    Template.fromStack(fleet).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ...container({ Environment: [{ Name: 'QUEUE_URL', Value: Match.anyValue() }] }),
    });
    Annotations.fromStack(fleet).hasNoWarning('*', Match.anyValue());
  });

  test('gives access to its parts', () => {
    const { scope, consumer } = tasks();
    expect(consumer.scaleOutAlarm).toBeUndefined();
    new StandardQueue(scope, 'Jobs', { consumers: [consumer] });
    expect(consumer.scaleOutAlarm?.alarmArn).toBeDefined();
    expect(consumer.scaleInAlarm?.alarmArn).toBeDefined();
    expect(consumer.grantPrincipal).toBe(consumer.role);
    expect(consumer.connections.securityGroups).toHaveLength(1);
    expect(consumer.metricRunningTasks().toMetricConfig().metricStat).toMatchObject({
      namespace: 'AWS/ECS',
      metricName: 'CPUUtilization',
      statistic: 'SampleCount',
    });
  });

  test('warns of messages that take longer than a task may take to stop, unless it protects itself', () => {
    const slow = synthesized(() => ({ processingTime: Duration.minutes(10) }));
    slow.template.hasResourceProperties('AWS::ECS::TaskDefinition', container({ StopTimeout: 120 }));
    const warning = Match.stringLikeRegexp(
      'as long as a message may take \\(10 minutes\\), but was 2 minutes.*StopTimeoutTooShort',
    );
    Annotations.fromStack(slow.scope).hasWarning('*', warning);
    const protectedTasks = synthesized(() => ({ processingTime: Duration.minutes(10), protectBusyTasks: true }));
    Annotations.fromStack(protectedTasks.scope).hasNoWarning('*', Match.stringLikeRegexp('StopTimeoutTooShort'));
  });

  test('the least and the most (snapshots)', () => {
    const scaling = (template: Template) => {
      const { Resources } = template.toJSON() as { Resources: Record<string, { Type: string }> };
      const own = ([id]: [string, unknown]) => id.startsWith('Tasks') || id.startsWith('Jobs');
      return Object.fromEntries(Object.entries(Resources).filter(own));
    };
    expect(scaling(synthesized().template)).toMatchSnapshot('least');
    const most = synthesized((scope) => ({
      command: ['node', 'worker.js'],
      cpu: 512,
      memoryLimitMiB: 2_048,
      cpuArchitecture: CpuArchitecture.ARM64,
      createVpcEndpoints: true,
      environment: { MODE: 'fast' },
      secrets: { TOKEN: TaskSecret.fromSecretsManager(new Secret(scope, 'Token')) },
      minCapacity: 0,
      maxCapacity: 10,
      processingTime: Duration.minutes(5),
      protectBusyTasks: true,
      scaling: BacklogScaling.targetTracking({
        acceptableLatency: Duration.minutes(10),
        processingTime: Duration.minutes(1),
      }),
      spot: true,
      stopTimeout: Duration.seconds(100),
      taskWarmup: Duration.minutes(3),
    }));
    expect(scaling(most.template)).toMatchSnapshot('most');
  });

  test.each<[string, Make, string, string]>([
    [
      'spare capacity and a strategy',
      () => ({ spot: true, capacityProviderStrategies: [{ capacityProvider: 'FARGATE' }] }),
      'spot and capacityProviderStrategies must not both be given',
      'SpotAndStrategies',
    ],
    [
      'a provider of instances',
      () => ({ capacityProviderStrategies: [{ capacityProvider: 'Mine' }] }),
      'capacityProviderStrategies must be of FARGATE and FARGATE_SPOT, but had Mine',
      'StrategiesInvalid',
    ],
    [
      'two places for its output',
      (scope) => ({ logGroup: new LogGroup(scope, 'Output'), logging: LogDrivers.firelens({}) }),
      'logGroup and logging must not both be given',
      'LogGroupAndLogging',
    ],
    [
      'too many security groups',
      (scope, vpc) => ({
        securityGroups: Array.from({ length: 6 }, (_, n) => new SecurityGroup(scope, `Group${n}`, { vpc })),
      }),
      'securityGroups must have 1 to 5 groups, but had 6',
      'SecurityGroupsInvalid',
    ],
    [
      'a disk of the size that there is anyway',
      () => ({ ephemeralStorage: Size.gibibytes(20) }),
      'ephemeralStorage must be between 21 and 200 GiB, in whole GiB, but was 20 GiB',
      'StorageOutOfRange',
    ],
    [
      'no network',
      () => ({ vpc: undefined }),
      'vpc or cluster must be given, and not both, but neither was',
      'NetworkInvalid',
    ],
    [
      'two networks',
      (scope, vpc) => ({ vpc, cluster: new Cluster(scope, 'Mine', { vpc }) }),
      'vpc or cluster must be given, and not both, but both were',
      'NetworkInvalid',
    ],
    [
      'memory that the CPU does not come with',
      () => ({ cpu: 256, memoryLimitMiB: 4_096 }),
      'but were 256 and 4096',
      'TaskSizeInvalid',
    ],
    [
      'a size between two',
      () => ({ cpu: 256, memoryLimitMiB: 1_536 }),
      'cpu and memoryLimitMiB must be 256 with 512, 1024 or 2048; 512 with',
      'TaskSizeInvalid',
    ],
    [
      'an odd size of the largest',
      () => ({ cpu: 32_768, memoryLimitMiB: 65_536 }),
      'but were 32768 and 65536',
      'TaskSizeInvalid',
    ],
    ['a CPU that is not for sale', () => ({ cpu: 300 }), 'but were 300 and 512', 'TaskSizeInvalid'],
    [
      'more than 12 hours for a message',
      () => ({ processingTime: Duration.hours(13) }),
      'processingTime must be between 1 second and 12 hours, in whole seconds, but was 13 hours',
      'ProcessingTimeOutOfRange',
    ],
    [
      'more than 2 minutes to stop',
      () => ({ stopTimeout: Duration.seconds(121) }),
      'stopTimeout must be between 2 and 120 seconds, in whole seconds, but was 2 minutes 1 second',
      'StopTimeoutOutOfRange',
    ],
    [
      'a warm-up of two days',
      () => ({ taskWarmup: Duration.days(2) }),
      'taskWarmup must be between 0 seconds and 1 day, in whole seconds, but was 2 days',
      'WarmupOutOfRange',
    ],
    [
      'a variable of its own',
      () => ({ environment: { QUEUE_URL: 'other' } }),
      'not QUEUE_URL or PROTECT_BUSY_TASK, which every task has, but had QUEUE_URL',
      'VariableInvalid',
    ],
    [
      'a variable that is a secret too',
      (scope) => ({
        environment: { TOKEN: 'x' },
        secrets: { TOKEN: TaskSecret.fromSecretsManager(new Secret(scope, 'Token')) },
      }),
      'environment and secrets must have each name once',
      'VariableInvalid',
    ],
  ])('fails on %s', (_, make, text, id) => {
    expect(() => tasks(make)).toThrow(text);
    expect(() => tasks(make)).toThrow(`[Spillway-FargateConsumer-${id}]`);
  });

  test('fails without a queue', () => {
    expect(() => Template.fromStack(tasks().scope)).toThrow('[Stack/Tasks] consumes no queue');
  });

  test('fails with a second queue', () => {
    const { scope, consumer } = synthesized();
    expect(() => new StandardQueue(scope, 'Two', { consumers: [consumer] })).toThrow(
      'queue must be the only one of this consumer, but was a second one; the tasks know a single QUEUE_URL and consume Stack/Jobs/Queue already [Spillway-FargateConsumer-QueueAlreadyBound]',
    );
  });
});
