import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { DeduplicationScope, FifoThroughputLimit, Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib/core';
import { DeadLetterQueue, FifoQueue, type FifoQueueProps, QueueEncryption } from '../../lib';

const stack = () => new Stack(new App(), 'Stack');

function synthesized(props?: FifoQueueProps): Template {
  const scope = stack();
  new FifoQueue(scope, 'Ledger', props);
  return Template.fromStack(scope);
}

describe('FifoQueue', () => {
  test('without props (snapshot)', () => {
    expect(synthesized().toJSON().Resources).toMatchSnapshot();
  });

  test('with all of them (snapshot)', () => {
    const template = synthesized({
      queueName: 'ledger.fifo',
      contentBasedDeduplication: true,
      highThroughput: true,
      encryption: QueueEncryption.customerManaged(),
      dataKeyReuse: Duration.hours(1),
      maxReceiveCount: 7,
      deliveryDelay: Duration.seconds(5),
      retentionPeriod: Duration.days(14),
      visibilityTimeout: Duration.minutes(3),
      receiveMessageWaitTime: Duration.seconds(1),
      maxMessageSize: Size.kibibytes(64),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    expect(template.toJSON().Resources).toMatchSnapshot();
  });

  test('has the key that it is given or that is created, and none without', () => {
    const scope = stack();
    const key = new Key(scope, 'Key');
    const given = new FifoQueue(scope, 'Given', { encryption: QueueEncryption.customerManaged(key) });
    const own = new FifoQueue(scope, 'Own', { encryption: QueueEncryption.customerManaged() });
    expect(given.encryptionKey).toBe(key);
    expect(own.encryptionKey).toBe(own.queue.encryptionMasterKey);
    expect(own.encryptionKey).toBeDefined();
    expect(new FifoQueue(scope, 'Plain').encryptionKey).toBeUndefined();
    const existing = new Queue(scope, 'Existing', { fifo: true, encryptionMasterKey: key });
    expect(FifoQueue.fromQueue(scope, 'Adopted', existing).encryptionKey).toBe(key);
  });

  test('has one switch for high throughput', () => {
    const limits = { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };
    synthesized({ highThroughput: true }).hasResourceProperties('AWS::SQS::Queue', limits);
    const without = synthesized({ deduplicationScope: DeduplicationScope.MESSAGE_GROUP });
    without.hasResourceProperties('AWS::SQS::Queue', {
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: Match.absent(),
    });
  });

  test('has a FIFO dead-letter queue, whose messages begin a new life there', () => {
    const scope = stack();
    const failed = new DeadLetterQueue(scope, 'Failed', { fifo: true, retentionPeriod: Duration.days(1) });
    const ledger = new FifoQueue(scope, 'Ledger', { deadLetterQueue: failed, retentionPeriod: Duration.days(14) });
    expect(ledger.deadLetterQueue).toBe(failed);
    expect(new FifoQueue(scope, 'Other').deadLetterQueue.fifo).toBe(true);
  });

  test('has a name of at most 80 characters, suffix and all, that differs for another path', () => {
    const scope = stack();
    const long = 'L'.repeat(100);
    new FifoQueue(scope, long);
    new FifoQueue(scope, `${long}2`);
    const names = Object.values(Template.fromStack(scope).findResources('AWS::SQS::Queue'))
      .map((queue) => (queue as { Properties: { QueueName?: string } }).Properties.QueueName)
      .filter((name) => name !== undefined);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9-]{1,75}\.fifo$/);
  });

  test('fails on deduplication by queue with limits by group', () => {
    expect(() => synthesized({ highThroughput: true, deduplicationScope: DeduplicationScope.QUEUE })).toThrow(
      /deduplicationScope must be messageGroup with throughput by message group, but was queue; SQS .*\[Spillway-Queue-GroupThroughputNeedsGroupScope\]/,
    );
  });

  test('fails on a name without the ending .fifo', () => {
    expect(() => synthesized({ queueName: 'ledger' })).toThrow(
      "queueName must end in '.fifo' for a FIFO queue, and must not for a standard queue, but was 'ledger' for a FIFO queue; SQS refuses others [Spillway-Queue-NameKindMismatch]",
    );
  });

  test.each(['led ger.fifo', `${'l'.repeat(76)}.fifo`, '.fifo'])('fails on the name %s', (queueName) => {
    expect(() => synthesized({ queueName })).toThrow(
      `queueName must be 1 to 80 letters, digits, '-' and '_', the ending '.fifo' included, but was '${queueName}'; SQS refuses others [Spillway-Queue-NameInvalid]`,
    );
  });

  test('fails on a standard dead-letter queue', () => {
    const scope = stack();
    const deadLetterQueue = new DeadLetterQueue(scope, 'Failed');
    expect(() => new FifoQueue(scope, 'Ledger', { deadLetterQueue })).toThrow(
      /deadLetterQueue must be a FIFO queue for a FIFO queue, but was the standard queue Stack\/Failed; SQS refuses.*\[Spillway-Redrive-KindMismatch\]/,
    );
  });

  describe('fromQueue', () => {
    test('adopts a FIFO queue only', () => {
      const scope = stack();
      const fifo = new Queue(scope, 'Fifo', { fifo: true });
      const imported = Queue.fromQueueArn(scope, 'Imported', 'arn:aws:sqs:eu-west-1:111122223333:jobs');
      expect(FifoQueue.fromQueue(scope, 'Adopted', fifo).queue).toBe(fifo);
      expect(() => FifoQueue.fromQueue(scope, 'Wrong', imported)).toThrow(
        /queue must be a FIFO queue, but was the standard queue Stack\/Imported; adopt it with StandardQueue.fromQueue \[Spillway-Queue-KindMismatch\]/,
      );
    });

    test('fails on throughput by group with deduplication by queue, which SQS refuses', () => {
      const scope = stack();
      const queue = new Queue(scope, 'Fifo', {
        fifo: true,
        fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      });
      expect(() => FifoQueue.fromQueue(scope, 'Adopted', queue)).toThrow(
        /deduplicationScope of queue \(Stack\/Fifo\) must be messageGroup .* but was queue.*\[Spillway-Queue-GroupThroughputNeedsGroupScope\]/,
      );
    });
  });
});
