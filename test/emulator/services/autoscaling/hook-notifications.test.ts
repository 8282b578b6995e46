import { AutoScaling } from '@aws-sdk/client-auto-scaling';
import { SQS } from '@aws-sdk/client-sqs';
import { AutoScalingGroup, LifecycleTransition } from 'aws-cdk-lib/aws-autoscaling';
import { QueueHook } from 'aws-cdk-lib/aws-autoscaling-hooktargets';
import { InstanceType, LaunchTemplate, MachineImage, SubnetType, UserData, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, CfnOutput, Stack } from 'aws-cdk-lib/core';
import { Emulator, VirtualClock } from '../../../../lib/emulator';

const MINUTE = 60_000;
const START = Date.UTC(2030, 0, 1);

let emulator: Emulator;
afterEach(() => emulator.stop());

/** A group of two with a launch hook that tells a queue, and a function that logs what it is called with. */
async function deployed() {
  const stack = new Stack(new App(), 'Hooked');
  const queue = new Queue(stack, 'Told');
  const group = new AutoScalingGroup(stack, 'Group', {
    vpc: new Vpc(stack, 'Vpc', {
      natGateways: 0,
      subnetConfiguration: [{ name: 'Workers', subnetType: SubnetType.PRIVATE_ISOLATED }],
    }),
    launchTemplate: new LaunchTemplate(stack, 'Template', {
      machineImage: MachineImage.latestAmazonLinux2023(),
      instanceType: new InstanceType('t3.micro'),
      role: new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }),
      userData: UserData.forLinux(),
    }),
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    minCapacity: 0,
    maxCapacity: 2,
  });
  group.addLifecycleHook('Ready', {
    lifecycleTransition: LifecycleTransition.INSTANCE_LAUNCHING,
    notificationMetadata: 'stage=test',
    notificationTarget: new QueueHook(queue),
  });
  const fn = new LambdaFunction(stack, 'Log', {
    code: Code.fromInline('exports.handler = async (event) => console.log(`got ${JSON.stringify(event)}`);'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
  });
  fn.grantInvoke(new ServicePrincipal('autoscaling.amazonaws.com'));
  new CfnOutput(stack, 'QueueUrl', { value: queue.queueUrl });
  new CfnOutput(stack, 'QueueArn', { value: queue.queueArn });
  new CfnOutput(stack, 'FunctionArn', { value: fn.functionArn });
  const clock = new VirtualClock({ startAt: START });
  const logged: Record<string, unknown>[] = [];
  emulator = await Emulator.fromStack(stack, {
    clock,
    strict: true,
    onLog: ({ text }) => {
      const [, event] = /got (\{.*\})/.exec(text) ?? [];
      if (event !== undefined) logged.push(JSON.parse(event) as Record<string, unknown>);
    },
  });
  const events: string[] = [];
  emulator.timeline.subscribe(({ kind }) => events.push(kind));
  const sdk = new AutoScaling(emulator.clientConfig());
  const sqs = new SQS(emulator.clientConfig());
  const { outputs } = emulator.reports[0];
  const received = async () => {
    const answer = await sqs.receiveMessage({
      QueueUrl: outputs.QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 0,
    });
    for (const { ReceiptHandle } of answer.Messages ?? []) {
      await sqs.deleteMessage({ QueueUrl: outputs.QueueUrl, ReceiptHandle });
    }
    return (answer.Messages ?? []).map(({ Body = '' }) => JSON.parse(Body) as Record<string, string>);
  };
  const groups = () => emulator.status().groups[0];
  const AutoScalingGroupName = groups().name;
  return { clock, sdk, sqs, outputs, received, groups, AutoScalingGroupName, logged, events };
}

test('§6 a queue is told: a test when the hook is created, then each instance that waits, whose token completes it', async () => {
  const { clock, sdk, received, groups, AutoScalingGroupName, events } = await deployed();
  const [test] = await received();
  expect(test).toEqual({
    AccountId: '000000000000',
    RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    AutoScalingGroupARN: expect.stringMatching(/:autoScalingGroup:/) as string,
    AutoScalingGroupName,
    Service: 'AWS Auto Scaling',
    Event: 'autoscaling:TEST_NOTIFICATION',
    Time: '2030-01-01T00:00:00.000Z',
  });
  await sdk.setDesiredCapacity({ AutoScalingGroupName, DesiredCapacity: 1 });
  await clock.advance(MINUTE);
  const [message] = await received();
  const [{ id, state }] = groups().instances;
  expect(state).toBe('Pending:Wait');
  expect(message).toEqual({
    Origin: 'EC2',
    Destination: 'AutoScalingGroup',
    AccountId: '000000000000',
    RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
    AutoScalingGroupName,
    Service: 'AWS Auto Scaling',
    Time: '2030-01-01T00:00:30.000Z',
    EC2InstanceId: id,
    LifecycleActionToken: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    LifecycleHookName: expect.stringMatching(/Ready/) as string,
    NotificationMetadata: 'stage=test',
  });
  await sdk.completeLifecycleAction({
    AutoScalingGroupName,
    LifecycleHookName: message.LifecycleHookName,
    LifecycleActionToken: message.LifecycleActionToken,
    LifecycleActionResult: 'CONTINUE',
  });
  expect(groups().instances[0].state).toBe('InService');
  expect(events).toContain('autoscaling.notified');
});

test('§6 a function is invoked; instances of a warm pool tell where they come from and go', async () => {
  const { clock, sdk, received, outputs, AutoScalingGroupName, logged } = await deployed();
  const [LifecycleHookName] = ((await sdk.describeLifecycleHooks({ AutoScalingGroupName })).LifecycleHooks ?? []).map(
    (hook) => hook.LifecycleHookName,
  );
  await sdk.deleteLifecycleHook({ AutoScalingGroupName, LifecycleHookName });
  await sdk.putLifecycleHook({
    AutoScalingGroupName,
    LifecycleHookName: 'drain',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
    NotificationTargetARN: outputs.FunctionArn,
    HeartbeatTimeout: 30,
  });
  await clock.advance(0);
  expect(logged).toMatchObject([{ Event: 'autoscaling:TEST_NOTIFICATION' }]);
  await sdk.putWarmPool({ AutoScalingGroupName, InstanceReusePolicy: { ReuseOnScaleIn: true } });
  await clock.advance(MINUTE);
  for (const DesiredCapacity of [1, 0]) {
    await sdk.setDesiredCapacity({ AutoScalingGroupName, DesiredCapacity });
    await clock.advance(MINUTE);
  }
  await sdk.deleteWarmPool({ AutoScalingGroupName, ForceDelete: true });
  await clock.advance(MINUTE);
  await sdk.setDesiredCapacity({ AutoScalingGroupName, DesiredCapacity: 1 });
  await clock.advance(MINUTE);
  await sdk.setDesiredCapacity({ AutoScalingGroupName, DesiredCapacity: 0 });
  await clock.advance(MINUTE);
  expect(logged.slice(1)).toMatchObject([
    { Origin: 'AutoScalingGroup', Destination: 'WarmPool', LifecycleHookName: 'drain' },
    { Origin: 'AutoScalingGroup', Destination: 'EC2' },
  ]);
  expect((await received()).map(({ Event }) => Event)).toEqual(['autoscaling:TEST_NOTIFICATION']); // the first hook's
});

test('a target that is not there is refused, as is a queue without a role; one that has gone is told nothing', async () => {
  const { clock, sdk, sqs, outputs, AutoScalingGroupName, groups, events } = await deployed();
  const hook = {
    AutoScalingGroupName,
    LifecycleHookName: 'drain',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  };
  const RoleARN = 'arn:aws:iam::000000000000:role/tell';
  for (const NotificationTargetARN of [
    `${outputs.QueueArn}-not`,
    `${outputs.FunctionArn}-not`,
    'arn:aws:sns:us-east-1:000000000000:t',
  ]) {
    await expect(sdk.putLifecycleHook({ ...hook, NotificationTargetARN, RoleARN })).rejects.toMatchObject({
      name: 'ValidationError',
      message: `Unable to publish test message to notification target ${NotificationTargetARN} using IAM role ${RoleARN}. Please check your target and role configuration and try to put lifecycle hook again.`,
    });
  }
  const withoutRole = sdk.putLifecycleHook({ ...hook, NotificationTargetARN: outputs.QueueArn });
  await expect(withoutRole).rejects.toThrow('RoleARN must be specified with the NotificationTargetARN');
  expect((await sdk.describeLifecycleHooks({ AutoScalingGroupName })).LifecycleHooks).toHaveLength(1);
  await sqs.deleteQueue({ QueueUrl: outputs.QueueUrl });
  await sdk.setDesiredCapacity({ AutoScalingGroupName, DesiredCapacity: 1 });
  await clock.advance(MINUTE);
  expect(groups().instances).toMatchObject([{ state: 'Pending:Wait' }]);
  expect(events).toContain('autoscaling.notificationFailed');
});
