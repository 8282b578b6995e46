import { SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { LambdaConsumer, StandardQueue } from '../../../lib';
import { LocalCloud, type LocalFunction, type LocalQueue } from '../../../lib/testing';

class PaymentsStack extends Stack {
  public readonly booker = new Function(this, 'Booker', {
    code: Code.fromInline('exports.handler = async () => ({ batchItemFailures: [] });'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_22_X,
    timeout: Duration.seconds(30),
  });
  /** The visibility timeout becomes six times the function's timeout: 3 minutes. */
  public readonly payments = new StandardQueue(this, 'Payments', {
    maxReceiveCount: 5,
    consumers: [new LambdaConsumer(this.booker)],
  });

  constructor() {
    super(new App(), 'Payments');
  }
}

describe('a payment a second, and a function that fails for an hour', () => {
  let cloud: LocalCloud;
  let payments: LocalQueue;
  let dead: LocalQueue;
  let booker: LocalFunction;
  let failing = false;
  const atTheEnd = { dead: 0, size: 0, booked: 0 };

  beforeAll(async () => {
    const stack = new PaymentsStack();
    cloud = await LocalCloud.fromStack(stack, { seed: 7 });
    payments = cloud.queue(stack.payments);
    dead = cloud.queue(stack.payments.deadLetterQueue);
    booker = cloud.function(stack.booker);
    booker.model({
      runningTime: Duration.millis(200),
      handler: () => {
        if (failing) throw new Error('the ledger is locked');
        return { batchItemFailures: [] };
      },
    });
    const sending = payments.send(3 * 3_600, (i) => ({ payment: i }), { over: Duration.hours(3) });
    await cloud.advance(Duration.hours(1));
    atTheEnd.booked = payments.totals.deleted;
    failing = true;
    await cloud.advance(Duration.hours(1));
    failing = false;
    atTheEnd.dead = dead.size;
    atTheEnd.size = payments.size;
    await sending;
    await payments.waitUntilDrained();
  });
  afterAll(() => cloud.stop());

  test('before that hour, each is booked as it comes', () => {
    expect(atTheEnd.booked).toBeGreaterThan(3_590);
  });

  test('in that hour, a payment is tried five times, three minutes apart, and then put aside', () => {
    // The last quarter of an hour's are still being tried.
    expect(atTheEnd.dead + atTheEnd.size).toBeGreaterThanOrEqual(3_600);
    expect(atTheEnd.size).toBeGreaterThan(15 * 60 - 60);
    expect(atTheEnd.size).toBeLessThan(15 * 60 + 60);
    for (const { receives } of payments.deadLettered) expect(receives).toBe(5);
  });

  test('after it, those that are not put aside are booked without anybody doing anything', () => {
    expect(payments).toHaveNoMessages();
    expect(payments.totals.deleted).toBe(3 * 3_600 - payments.totals.deadLettered);
    expect(payments).toHaveLostNothing();
  });

  test('those put aside are moved back by hand, and booked too: all 10,800 are, each once', async () => {
    const sqs = new SQSClient(cloud.clientConfig());
    const SourceArn = `arn:aws:sqs:us-east-1:000000000000:${dead.name}`;
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
    await cloud.runUntil(() => dead.isEmpty && payments.isEmpty, { atMost: Duration.hours(1) });
    sqs.destroy();
    const booked = new Set(
      payments.find(() => true, 'deleted').map(({ body }) => (body as { payment: number }).payment),
    );
    expect(booked.size).toBe(3 * 3_600);
    expect(payments.totals.deleted).toBe(3 * 3_600);
    expect(dead.totals.moved).toBe(payments.totals.deadLettered);
    expect(booker.errors).toBeGreaterThan(0);
  });
});
