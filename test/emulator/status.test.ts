import { AutoScalingGroup, CfnScalingPolicy } from 'aws-cdk-lib/aws-autoscaling';
import { Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { InstanceType, MachineImage, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, NestedStack, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { Emulator, VirtualClock } from '../../lib/emulator';
import { LocalCloud } from '../../lib/testing';
import { emptyFolder } from './cloudformation/support';

let emulator: Emulator;
beforeEach(() => {
  emulator = new Emulator({ clock: new VirtualClock() });
});
afterEach(() => emulator.stop());

test('resources go by the paths of their constructs, with the stack where there are several', async () => {
  const app = new App({ outdir: emptyFolder() });
  const stack = new Stack(app, 'Outer', { env: { account: '111111111111', region: 'us-east-1' } });
  new Queue(stack, 'Jobs', { queueName: 'same' });
  new Queue(new NestedStack(stack, 'Inner'), 'Work', { queueName: 'nested' });
  const elsewhere = new Stack(app, 'Elsewhere', { env: { account: '111111111111', region: 'eu-west-1' } });
  new Queue(elsewhere, 'Others', { queueName: 'same' });
  await emulator.load(app.synth().directory);

  const labels = emulator.status().queues.map(({ name, label }) => [name, label]);
  expect(labels).toEqual([
    ['nested', 'Outer/Inner/Work'],
    ['same', 'Outer/Jobs'],
    ['same', 'Elsewhere/Others'],
  ]);
});

test('so do those that have slashes in their names', async () => {
  const app = new App({ outdir: emptyFolder() });
  const stack = new Stack(app, 'Stack');
  new Alarm(stack, 'Backlog', {
    alarmName: 'team/jobs/backlog',
    metric: new Queue(stack, 'Jobs').metricApproximateNumberOfMessagesVisible(),
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  });
  await emulator.load(app.synth().directory);

  expect(emulator.status().alarms).toMatchObject([{ name: 'team/jobs/backlog', label: 'Backlog' }]);
});

test('a group, and the alarms of its target tracking, go by the construct that holds it, in status and handles', async () => {
  const stack = new Stack(new App({ outdir: emptyFolder() }), 'Shop');
  const queue = new Queue(stack, 'Jobs');
  const group = new AutoScalingGroup(new Construct(stack, 'Encoders'), 'Group', {
    vpc: new Vpc(stack, 'Vpc', { maxAzs: 1, natGateways: 0 }),
    instanceType: new InstanceType('t3.micro'),
    machineImage: MachineImage.latestAmazonLinux2023(),
    maxCapacity: 2,
  });
  const { metricName, namespace } = queue.metricApproximateNumberOfMessagesVisible();
  new CfnScalingPolicy(stack, 'Policy', {
    autoScalingGroupName: group.autoScalingGroupName,
    policyType: 'TargetTrackingScaling',
    targetTrackingConfiguration: {
      targetValue: 10,
      customizedMetricSpecification: { metricName, namespace, statistic: 'Average' },
    },
  });
  const cloud = await LocalCloud.fromStack(stack);
  const { groups, alarms } = cloud.emulator.status();
  expect(groups.map(({ label }) => label)).toEqual(['Encoders']);
  expect(cloud.group('Encoders').label).toBe('Encoders');
  expect(alarms.map(({ label }) => label).sort()).toEqual(['Encoders/AlarmHigh', 'Encoders/AlarmLow']);
  for (const { name, label } of alarms) expect(cloud.alarm(name).label).toBe(label);
  await cloud.stop();
});
