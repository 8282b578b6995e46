import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { AutoScalingGroupConsumer, BacklogScaling, StandardQueue, WorkerProgram } from '../../../lib';
import { LocalCloud } from '../../../lib/testing';

/*
 * The example of the EC2 Auto Scaling User Guide ("Scaling policy based on Amazon SQS"): a message takes 0.1 s and may
 * wait for 10 s, so 100 messages are an acceptable backlog per instance. 10 instances run and 1,500 messages wait: a
 * backlog of 150 per instance, half as much again as is acceptable. The group adds 5 instances, in proportion.
 */
class BacklogStack extends Stack {
  public readonly queue = new StandardQueue(this, 'Queue');
  public readonly fleet = new AutoScalingGroupConsumer(this, 'Fleet', {
    vpc: new Vpc(this, 'Vpc', { natGateways: 1 }),
    worker: WorkerProgram.command({ assetPath: __dirname, command: ['/usr/bin/true'] }),
    processingTime: Duration.seconds(30),
    minCapacity: 10,
    maxCapacity: 100,
    instanceWarmup: Duration.minutes(1),
    scaling: BacklogScaling.targetTracking({
      acceptableLatency: Duration.seconds(10),
      processingTime: Duration.millis(100),
    }),
  });

  constructor() {
    super(new App(), 'Backlog');
    this.queue.addConsumer(this.fleet);
  }
}

test("AWS's example: 1,500 messages for 10 instances, 100 a piece being acceptable, make 15 instances", async () => {
  const stack = new BacklogStack();
  const cloud = await LocalCloud.fromStack(stack, { seed: 7 });
  const fleet = cloud.group(stack.fleet);
  const queue = cloud.queue(stack.queue);
  // Nothing is done meanwhile, so that the backlog stays what it is in the example.
  fleet.model({ queue: stack.queue, runningTime: Duration.hours(6) });
  await cloud.runUntil(() => fleet.inService === 10);
  await queue.send(1_510, (i) => ({ i }));
  await cloud.advance(0);
  expect([queue.visible, queue.inFlight]).toEqual([1_500, 10]);

  await cloud.runUntil(() => fleet.desired > 10, { atMost: Duration.minutes(10) });
  expect(fleet.desired).toBe(15);
  await cloud.runUntil(() => fleet.inService === 15, { atMost: Duration.minutes(2) });

  // 1,495 for 15 are fewer than 100 a piece: that is enough, and not so few that any could go.
  await cloud.advance(Duration.hours(1));
  expect(fleet).toHaveInService(15);
  expect(fleet).toHavePeakedAtMost(15);
  await cloud.stop();
});
