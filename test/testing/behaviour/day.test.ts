import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { AutoScalingGroupConsumer, BacklogScaling, StandardQueue, WorkerProgram } from '../../../lib';
import { LocalCloud, type LocalGroup, type LocalQueue, RunningTime } from '../../../lib/testing';

class OrdersStack extends Stack {
  public readonly orders = new StandardQueue(this, 'Orders', { maxReceiveCount: 3 });
  public readonly workers = new AutoScalingGroupConsumer(this, 'Workers', {
    vpc: new Vpc(this, 'Vpc', { natGateways: 1 }),
    worker: WorkerProgram.command({ assetPath: __dirname, command: ['/usr/bin/true'] }),
    processingTime: Duration.minutes(1),
    minCapacity: 1,
    maxCapacity: 40,
    instanceWarmup: Duration.minutes(1),
    scaling: BacklogScaling.targetTracking({
      acceptableLatency: Duration.minutes(2),
      processingTime: Duration.seconds(3),
    }),
  });

  constructor() {
    super(new App(), 'Orders');
    this.orders.addConsumer(this.workers);
  }
}

describe('a day of orders: one every ten seconds, and for ten minutes at noon a hundred times as many', () => {
  const USUAL = 24 * 360;
  const SPIKE = 100 * 60;
  let cloud: LocalCloud;
  let orders: LocalQueue;
  let workers: LocalGroup;
  let noon: number;
  let drainedAt: number;
  let beforeNoon: number;

  beforeAll(async () => {
    const stack = new OrdersStack();
    cloud = await LocalCloud.fromStack(stack, { seed: 7 });
    orders = cloud.queue(stack.orders);
    workers = cloud.group(stack.workers);
    workers.model({
      queue: stack.orders,
      runningTime: RunningTime.logNormal(Duration.seconds(2), Duration.seconds(12)),
    });
    const usual = orders.send(USUAL, (i) => ({ order: i }), { over: Duration.hours(24) });
    await cloud.advance(Duration.hours(12));
    beforeNoon = workers.peak;
    noon = cloud.now;
    await orders.send(SPIKE, (i) => ({ order: USUAL + i }), { over: Duration.minutes(10) });
    await cloud.runUntil(() => orders.size < 10, { atMost: Duration.hours(2) });
    drainedAt = cloud.now;
    await usual;
    await orders.waitUntilDrained();
  });
  afterAll(() => cloud.stop());

  test('one worker is enough until noon', () => {
    expect(beforeNoon).toBe(1);
  });

  test('the spike fills the queue, and nothing breaks: every order is processed, none twice, none lost', () => {
    expect(orders.peak).toBeGreaterThan(2_000);
    expect(orders.totals).toMatchObject({ sent: USUAL + SPIKE, received: USUAL + SPIKE, deleted: USUAL + SPIKE });
    expect(orders).toHaveDeliveredOnce();
    expect(orders).toHaveLostNothing();
  });

  test('the workers follow it, within their limit, and the backlog is gone within the hour', () => {
    expect(workers).toHavePeakedAtLeast(20);
    expect(workers).toHavePeakedAtMost(40);
    expect((drainedAt - noon) / 60_000).toBeLessThan(60);
  });

  test('no order of the spike waits for more than half an hour', () => {
    const waits = orders
      .find(({ order }: { order: number }) => order >= USUAL, 'deleted')
      .map(({ sentAt, receivedAt = Infinity }) => receivedAt - sentAt);
    expect(waits).toHaveLength(SPIKE);
    expect(Math.max(...waits) / 60_000).toBeLessThan(30);
  });

  test('at midnight one worker is enough again', () => {
    expect(workers).toHaveInService(1);
  });
});
