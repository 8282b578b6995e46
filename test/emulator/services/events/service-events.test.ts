import { CloudWatchClient, PutCompositeAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import { AutoScalingGroup, CfnLifecycleHook, DefaultResult, LifecycleTransition } from 'aws-cdk-lib/aws-autoscaling';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { InstanceType, LaunchTemplate, MachineImage, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { LocalCloud, RunningTime } from '../../../../lib/testing';

const ACCOUNT = '000000000000';
const alarmArn = (name: string) => `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:${name}`;

interface Event {
  readonly 'detail-type': string;
  readonly source: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The events that a rule of the cloud has sent, oldest first. */
const sent = (cloud: LocalCloud, rule: Rule): Event[] => cloud.rule(rule).dispatches.map(({ body }) => body as Event);

function stackWithRule(source: string) {
  const stack = new Stack(new App(), 'Ops');
  const queue = new Queue(stack, 'Queue');
  const handler = new Function(stack, 'Handler', {
    code: Code.fromInline('exports.handler = async (event) => console.log("handles", event["detail-type"]);'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
  });
  const targets = [new SqsQueue(queue), new LambdaFunction(handler)];
  const rule = new Rule(stack, 'Rule', { eventPattern: { source: [source] }, targets });
  return { stack, queue, handler, rule };
}

test('an alarm emits its changes of state, in the shape of AWS, to queues and functions', async () => {
  const { stack, queue, handler, rule } = stackWithRule('aws.cloudwatch');
  new Alarm(stack, 'Deep', {
    alarmName: 'deep',
    alarmDescription: 'too deep',
    metric: new Metric({ namespace: 'My', metricName: 'Depth', dimensionsMap: { Sea: 'North' } }),
    threshold: 1,
    evaluationPeriods: 1,
  });
  await using cloud = await LocalCloud.fromStack(stack);
  const client = new CloudWatchClient(cloud.clientConfig());
  const set = (StateValue: 'ALARM' | 'OK', StateReason: string) =>
    client.send(new SetAlarmStateCommand({ AlarmName: 'deep', StateValue, StateReason }));
  await set('ALARM', 'sinks');
  await set('ALARM', 'sinks still');
  await cloud.advance(Duration.seconds(30));
  await set('OK', 'floats');
  const events = sent(cloud, rule);
  expect(events).toHaveLength(2);
  expect(events[1]).toEqual({
    version: '0',
    id: expect.any(String) as string,
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: ACCOUNT,
    time: '2030-01-01T00:00:30Z',
    region: 'us-east-1',
    resources: [alarmArn('deep')],
    detail: {
      alarmName: 'deep',
      state: { value: 'OK', reason: 'floats', timestamp: '2030-01-01T00:00:30.000+0000' },
      previousState: { value: 'ALARM', reason: 'sinks still', timestamp: '2030-01-01T00:00:00.000+0000' },
      configuration: {
        description: 'too deep',
        metrics: [
          {
            id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
            metricStat: {
              metric: { namespace: 'My', name: 'Depth', dimensions: { Sea: 'North' } },
              period: 300,
              stat: 'Average',
            },
            returnData: true,
          },
        ],
      },
    },
  });
  expect(cloud.rule(rule)).toHaveBeenDelivered({ detail: { state: { value: 'ALARM' } } });
  expect(cloud.queue(queue)).toHaveSize(2);
  await cloud.runUntil(() => cloud.function(handler).invocations === 2);
  expect(cloud.logGroup(`/aws/lambda/${cloud.function(handler).name}`)).toHaveLogged('"CloudWatch Alarm State Change"');
});

test('a composite alarm emits its changes, and what suppresses its actions', async () => {
  const { stack, rule } = stackWithRule('aws.cloudwatch');
  const metric = new Metric({ namespace: 'My', metricName: 'Depth' });
  for (const alarmName of ['one', 'calm']) {
    new Alarm(stack, alarmName, { alarmName, metric, threshold: 1, evaluationPeriods: 1 });
  }
  await using cloud = await LocalCloud.fromStack(stack);
  const client = new CloudWatchClient(cloud.clientConfig());
  const suppressor = {
    ActionsSuppressor: 'calm',
    ActionsSuppressorWaitPeriod: 60,
    ActionsSuppressorExtensionPeriod: 30,
  };
  await client.send(new PutCompositeAlarmCommand({ AlarmName: 'any', AlarmRule: 'ALARM("one")', ...suppressor }));
  await client.send(new SetAlarmStateCommand({ AlarmName: 'one', StateValue: 'ALARM', StateReason: 'test' }));
  const events = sent(cloud, rule).filter(({ detail }) => detail.alarmName === 'any');
  expect(events.map(({ detail }) => (detail.state as { value: string }).value)).toEqual(['OK', 'ALARM']);
  expect(events[1]).toMatchObject({
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [alarmArn('any')],
    detail: {
      state: {
        actionsSuppressedBy: 'WaitPeriod',
        actionsSuppressedReason: 'Actions suppressed by WaitPeriod',
        reason: `${alarmArn('one')} transitioned to ALARM at Tuesday 01 January, 2030 00:00:00 UTC`,
        reasonData: JSON.stringify({
          triggeringAlarms: [
            { arn: alarmArn('one'), state: { value: 'ALARM', timestamp: '2030-01-01T00:00:00.000+0000' } },
          ],
        }),
      },
      configuration: {
        alarmRule: 'ALARM("one")',
        actionsSuppressor: 'calm',
        actionsSuppressorWaitPeriod: 60,
        actionsSuppressorExtensionPeriod: 30,
      },
    },
  });
});

test('a group emits the launches, terminations and lifecycle actions of its instances', async () => {
  const { stack, queue, rule } = stackWithRule('aws.autoscaling');
  const group = new AutoScalingGroup(stack, 'Workers', {
    vpc: new Vpc(stack, 'Vpc'),
    autoScalingGroupName: 'workers',
    launchTemplate: new LaunchTemplate(stack, 'Template', {
      instanceType: new InstanceType('t4g.small'),
      machineImage: MachineImage.genericLinux({ 'us-east-1': 'ami-1' }),
    }),
    minCapacity: 0,
    maxCapacity: 3,
  });
  const hook = (id: string, lifecycleTransition: LifecycleTransition, defaultResult: DefaultResult) =>
    new CfnLifecycleHook(stack, id, {
      autoScalingGroupName: group.autoScalingGroupName,
      lifecycleHookName: id,
      lifecycleTransition,
      defaultResult,
      heartbeatTimeout: 60,
      notificationMetadata: `${id} it`,
    });
  hook('warm', LifecycleTransition.INSTANCE_LAUNCHING, DefaultResult.ABANDON);
  hook('drain', LifecycleTransition.INSTANCE_TERMINATING, DefaultResult.CONTINUE);
  await using cloud = await LocalCloud.fromStack(stack);
  cloud.group(group).model({ queue: cloud.queue(queue).name, runningTime: RunningTime.fixed(1_000) });
  const client = new AutoScalingClient(cloud.clientConfig());
  const AutoScalingGroupName = 'workers';
  const scale = (DesiredCapacity: number) =>
    client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity }));
  const complete = (index: number, LifecycleActionResult: string) => {
    const LifecycleActionToken = String(sent(cloud, rule)[index].detail.LifecycleActionToken);
    const action = { AutoScalingGroupName, LifecycleHookName: 'warm', LifecycleActionToken, LifecycleActionResult };
    return client.send(new CompleteLifecycleActionCommand(action));
  };
  const seen = () =>
    sent(cloud, rule)
      .splice(0)
      .map((event) => event['detail-type']);

  await scale(1);
  await cloud.runUntil(() => seen().length === 1);
  const [{ resources, detail }] = sent(cloud, rule);
  const [groupArn] = resources;
  expect(groupArn).toMatch(/:autoScalingGroup:.*:autoScalingGroupName\/workers$/);
  const instanceId = cloud.group(group).instances[0].id;
  expect(detail).toEqual({
    LifecycleActionToken: expect.any(String) as string,
    AutoScalingGroupName,
    LifecycleHookName: 'warm',
    EC2InstanceId: instanceId,
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
    NotificationMetadata: 'warm it',
    Origin: 'EC2',
    Destination: 'AutoScalingGroup',
  });
  await complete(0, 'CONTINUE');
  await cloud.runUntil(() => seen().length === 2);
  expect(sent(cloud, rule)[1]).toMatchObject({
    'detail-type': 'EC2 Instance Launch Successful',
    resources: [groupArn, `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/${instanceId}`],
    detail: {
      StatusCode: 'InProgress',
      Description: `Launching a new EC2 instance: ${instanceId}`,
      AutoScalingGroupName,
      ActivityId: expect.any(String) as string,
      Details: { 'Availability Zone': expect.stringMatching(/^us-east-1/) as string },
      StatusMessage: '',
      StartTime: expect.stringMatching(/^2030-01-01T00:0\d:\d\dZ$/) as string,
      EC2InstanceId: instanceId,
      Cause: expect.stringContaining('a user request') as string,
      Origin: 'EC2',
      Destination: 'AutoScalingGroup',
    },
  });

  await scale(0);
  await cloud.runUntil(() => seen().length === 4);
  expect(sent(cloud, rule)[2].detail).toMatchObject({ LifecycleHookName: 'drain', Origin: 'AutoScalingGroup' });
  expect(sent(cloud, rule)[3].detail).toMatchObject({
    Description: `Terminating EC2 instance: ${instanceId}`,
    Origin: 'AutoScalingGroup',
    Destination: 'EC2',
  });

  await scale(1);
  await cloud.runUntil(() => seen().length === 5);
  await complete(4, 'ABANDON');
  await cloud.runUntil(() => seen().includes('EC2 Instance Launch Unsuccessful'));
  expect(seen().slice(0, 6)).toEqual([
    'EC2 Instance-launch Lifecycle Action',
    'EC2 Instance Launch Successful',
    'EC2 Instance-terminate Lifecycle Action',
    'EC2 Instance Terminate Successful',
    'EC2 Instance-launch Lifecycle Action',
    'EC2 Instance Launch Unsuccessful',
  ]);
  expect(sent(cloud, rule)[5].detail).toMatchObject({
    StatusCode: 'Cancelled',
    StatusMessage: expect.stringContaining('was abandoned: ') as string,
  });
});

test('a stack emits its changes of status, and those of its resources, to a rule that is there already', async () => {
  const { stack, rule } = stackWithRule('aws.cloudformation');
  await using cloud = await LocalCloud.fromStack(stack);
  const stackId = sent(cloud, rule).at(-1)?.resources[0];
  expect(stackId).toMatch(new RegExp(`^arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/Ops/`));
  expect(sent(cloud, rule).at(-1)).toMatchObject({
    'detail-type': 'CloudFormation Stack Status Change',
    detail: {
      'stack-id': stackId,
      'status-details': { status: 'CREATE_COMPLETE', 'status-reason': '' },
      'client-request-token': '',
    },
  });
  const { stack: changed } = stackWithRule('aws.cloudformation');
  new Queue(changed, 'Added', { queueName: 'added' });
  await cloud.update(changed);
  expect(
    sent(cloud, rule)
      .filter((event) => event['detail-type'] === 'CloudFormation Resource Status Change')
      .at(-1)?.detail,
  ).toMatchObject({
    'stack-id': stackId,
    'logical-resource-id': expect.stringMatching(/^Added/) as string,
    'physical-resource-id': expect.stringMatching(/added$/) as string,
    'resource-type': 'AWS::SQS::Queue',
    'status-details': { status: 'CREATE_COMPLETE', 'status-reason': '' },
  });
  expect(cloud.rule(rule)).toHaveFired({ detail: { 'status-details': { status: 'UPDATE_COMPLETE' } } });
});

test('without a rule on the default bus nothing is put there', async () => {
  const stack = new Stack(new App(), 'Quiet');
  new Alarm(stack, 'Deep', {
    alarmName: 'deep',
    metric: new Metric({ namespace: 'My', metricName: 'Depth' }),
    threshold: 1,
    evaluationPeriods: 1,
  });
  await using cloud = await LocalCloud.fromStack(stack);
  const client = new CloudWatchClient(cloud.clientConfig());
  await client.send(new SetAlarmStateCommand({ AlarmName: 'deep', StateValue: 'ALARM', StateReason: 'test' }));
  expect(cloud.bus('default').events).toEqual([]);
});
