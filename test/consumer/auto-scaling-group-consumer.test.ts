import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { InstanceType, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import {
  AutoScalingGroupConsumer,
  type AutoScalingGroupConsumerProps,
  BacklogScaling,
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

  test('gives access to its parts', () => {
    const { scope, consumer } = workers();
    expect(consumer.scaleOutAlarm).toBeUndefined();
    new StandardQueue(scope, 'Jobs', { consumers: [consumer] });
    expect(consumer.scaleOutAlarm?.alarmArn).toBeDefined();
    expect(consumer.scaleInAlarm?.alarmArn).toBeDefined();
    expect(consumer.grantPrincipal).toBe(consumer.role);
    expect(consumer.connections.securityGroups).toHaveLength(1);
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

  test('consumes across stacks without a cycle', () => {
    const app = new App();
    const queues = new Stack(app, 'Queues');
    const fleet = new Stack(app, 'Fleet');
    const vpc = new Vpc(fleet, 'Vpc');
    const consumer = new AutoScalingGroupConsumer(fleet, 'Workers', { vpc, worker: WorkerProgram.node(program) });
    new StandardQueue(queues, 'Jobs', { consumers: [consumer] });
    expect(script(Template.fromStack(fleet))).toMatch(/QUEUE_URL={Fn::ImportValue:Queues:/);
  });

  test.each<[string, Options, string]>([
    ['a maximum below the minimum', { minCapacity: 3, maxCapacity: 2 }, 'BacklogScaling-CapacityInvalid'],
    ['half an instance', { maxCapacity: 1.5 }, 'BacklogScaling-CapacityInvalid'],
    ['a group that could not leave zero', { minCapacity: 0 }, 'BacklogScaling-StuckAtZero'],
    ['no steps', { scaling: BacklogScaling.steps([]) }, 'BacklogScaling-StepsInvalid'],
    [
      'a step that adds nothing',
      { scaling: BacklogScaling.steps([{ depth: 1, add: 0 }]) },
      'BacklogScaling-StepsInvalid',
    ],
    [
      'two steps at one depth',
      {
        scaling: BacklogScaling.steps([
          { depth: 5, add: 1 },
          { depth: 5, add: 2 },
        ]),
      },
      'BacklogScaling-StepsInvalid',
    ],
    [
      'an alarm on half minutes',
      { scaling: BacklogScaling.steps([{ depth: 1, add: 1 }], { emptyFor: Duration.seconds(90) }) },
      'BacklogScaling-EmptyForOutOfRange',
    ],
    [
      'a group that would not shrink',
      { scaling: BacklogScaling.steps([{ depth: 1, add: 1 }], { remove: 0 }) },
      'BacklogScaling-RemoveInvalid',
    ],
    [
      'more than 12 hours for a message',
      { processingTime: Duration.hours(13) },
      'AutoScalingGroupConsumer-ProcessingTimeOutOfRange',
    ],
    ['a warm-up of two days', { instanceWarmup: Duration.days(2) }, 'AutoScalingGroupConsumer-WarmupOutOfRange'],
    ['a variable of its own', { environment: { QUEUE_URL: 'other' } }, 'AutoScalingGroupConsumer-VariableInvalid'],
    ['a variable with a bad name', { environment: { 'A-B': 'x' } }, 'AutoScalingGroupConsumer-VariableInvalid'],
    ['a value of two lines', { environment: { A: 'x\nUser=root' } }, 'AutoScalingGroupConsumer-ValueInvalid'],
    [
      'a program without its path',
      { worker: WorkerProgram.command({ assetPath: program, command: ['python3', 'worker.py'] }) },
      'AutoScalingGroupConsumer-CommandInvalid',
    ],
  ])('fails on %s', (_, options, rule) => {
    expect(() => workers(options)).toThrow(`[Spillway-${rule}]`);
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
