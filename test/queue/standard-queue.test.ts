import { App, CfnParameter, Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib/core';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ServicePrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import {
  AccountProducer,
  DeadLetterQueue,
  type IQueueConsumer,
  QueueEncryption,
  RuleAcknowledgements,
  StandardQueue,
  type StandardQueueProps,
  TopicProducer,
} from '../../lib';

const stack = (context?: Record<string, unknown>) => new Stack(new App({ context }), 'Stack');

function synthesized(props?: StandardQueueProps): Template {
  const scope = stack();
  new StandardQueue(scope, 'Jobs', props);
  return Template.fromStack(scope);
}

/** A consumer that needs nothing but time. */
const slow = (seconds: number, minimum = seconds): IQueueConsumer => ({
  bind: () => ({
    visibilityTimeout: Duration.seconds(seconds),
    minimumVisibilityTimeout: Duration.seconds(minimum),
    reason: 'it is slow',
  }),
});

/** The queue that isn't the dead-letter queue. */
const jobs = (template: Template) =>
  Object.values(template.findResources('AWS::SQS::Queue', { Properties: { RedrivePolicy: Match.anyValue() } }))[0]
    .Properties as Record<string, unknown>;

describe('StandardQueue', () => {
  test.each([
    ['off', undefined],
    ['on', CURRENTLY_RECOMMENDED_FLAGS],
  ])('without props, feature flags %s (snapshot)', (_, flags) => {
    const scope = stack(flags);
    new StandardQueue(scope, 'Jobs');
    const { Resources } = Template.fromStack(scope).toJSON() as { Resources: unknown };
    expect(Resources).toMatchSnapshot();
  });

  test('passes every setting on', () => {
    const template = synthesized({
      queueName: 'jobs',
      deliveryDelay: Duration.seconds(5),
      retentionPeriod: Duration.days(2),
      visibilityTimeout: Duration.minutes(3),
      receiveMessageWaitTime: Duration.seconds(0),
      maxMessageSize: Size.kibibytes(64),
      maxReceiveCount: 7,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    expect(jobs(template)).toMatchObject({
      QueueName: 'jobs',
      DelaySeconds: 5,
      MessageRetentionPeriod: 172_800,
      VisibilityTimeout: 180,
      ReceiveMessageWaitTimeSeconds: 0,
      MaximumMessageSize: 65_536,
      RedrivePolicy: { maxReceiveCount: 7 },
    });
    template.allResources('AWS::SQS::Queue', { DeletionPolicy: 'Retain' });
  });

  test('creates one rotating key for the queue and its dead-letter queue', () => {
    const scope = stack();
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
    const template = Template.fromStack(scope);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    const [logicalId] = Object.keys(template.findResources('AWS::KMS::Key'));
    template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: { 'Fn::GetAtt': [logicalId, 'Arn'] } });
    expect(queue.encryptionKey).toBeDefined();
  });

  test('takes the key that it is given, and has none without', () => {
    const scope = stack();
    const key = new Key(scope, 'Key');
    const given = new StandardQueue(scope, 'Given', { encryption: QueueEncryption.customerManaged(key) });
    const managed = new StandardQueue(scope, 'Managed', { encryption: QueueEncryption.kmsManaged() });
    expect(given.encryptionKey).toBe(key);
    expect(managed.encryptionKey).toBeUndefined();
    const template = Template.fromStack(scope);
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.resourcePropertiesCountIs('AWS::SQS::Queue', { KmsMasterKeyId: 'alias/aws/sqs' }, 2);
  });

  test('takes the dead-letter queue that it is given, from another stack or account too', () => {
    const scope = stack();
    const failed: IQueue = Queue.fromQueueArn(scope, 'Failed', 'arn:aws:sqs:eu-west-1:111122223333:failed');
    const queue = new StandardQueue(scope, 'Jobs', { deadLetterQueue: failed });
    expect(queue.deadLetterQueue).toBe(failed);
    const template = Template.fromStack(scope);
    template.resourceCountIs('AWS::SQS::Queue', 1);
    template.hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:111122223333:failed', maxReceiveCount: 5 },
    });
  });

  test('grants the use of the key along with the queue', () => {
    const scope = stack();
    const queue = new StandardQueue(scope, 'Jobs', { encryption: QueueEncryption.customerManaged() });
    const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    queue.grants.consumeMessages(role);
    queue.grants.sendMessages(role);
    const policy = JSON.stringify(Template.fromStack(scope).findResources('AWS::IAM::Policy'));
    for (const action of ['sqs:ReceiveMessage', 'sqs:SendMessage', 'kms:Decrypt', 'kms:GenerateDataKey']) {
      expect(policy).toContain(`"${action}"`);
    }
  });

  test('has metrics of its own queue', () => {
    const scope = stack();
    const queue = new StandardQueue(scope, 'Jobs');
    expect(queue.metricApproximateNumberOfMessagesVisible()).toMatchObject({
      metricName: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: queue.queue.queueName },
    });
    expect(queue.metricApproximateAgeOfOldestMessage({ statistic: 'Average' })).toMatchObject({
      metricName: 'ApproximateAgeOfOldestMessage',
      statistic: 'Average',
    });
  });

  describe('visibility timeout', () => {
    test('is 30 seconds without consumers', () => {
      expect(jobs(synthesized())).toMatchObject({ VisibilityTimeout: 30 });
    });

    test('is what the slowest of the consumers needs, even when that is little', () => {
      expect(jobs(synthesized({ consumers: [slow(70), slow(12)] }))).toMatchObject({ VisibilityTimeout: 70 });
      expect(jobs(synthesized({ consumers: [slow(12)] }))).toMatchObject({ VisibilityTimeout: 12 });
    });

    test('stops at 12 hours, the most that SQS allows', () => {
      expect(jobs(synthesized({ consumers: [slow(60_000, 40_000)] }))).toMatchObject({ VisibilityTimeout: 43_200 });
    });

    test('is the given one when that suffices', () => {
      const visibilityTimeout = Duration.seconds(20);
      expect(jobs(synthesized({ visibilityTimeout, consumers: [slow(60, 20)] }))).toMatchObject({
        VisibilityTimeout: 20,
      });
    });

    test('fails when a given one is shorter than a consumer needs', () => {
      const visibilityTimeout = Duration.seconds(19);
      expect(() => synthesized({ visibilityTimeout, consumers: [slow(60, 20)] })).toThrow(
        /visibilityTimeout must be at least 20 seconds .* but was 19 seconds.*it is slow \[Spillway-Queue-VisibilityTooShort\]/,
      );
    });

    test('fails when a consumer needs more than 12 hours', () => {
      expect(() => synthesized({ consumers: [slow(43_201)] })).toThrow('[Spillway-Queue-ConsumerTooSlow]');
    });

    test('fails when a derived one reaches the retention period', () => {
      const retentionPeriod = Duration.minutes(2);
      expect(() => synthesized({ retentionPeriod, consumers: [slow(120)] })).toThrow(
        '[Spillway-Queue-VisibilityOutlivesRetention]',
      );
    });
  });

  test.each<[string, StandardQueueProps, string]>([
    ['a name of a FIFO queue', { queueName: 'jobs.fifo' }, 'NameKindMismatch'],
    ['a name of 81 characters', { queueName: 'j'.repeat(81) }, 'NameInvalid'],
    ['a delay above 15 minutes', { deliveryDelay: Duration.seconds(901) }, 'DelayOutOfRange'],
    ['half a second of delay', { deliveryDelay: Duration.millis(500) }, 'DelayOutOfRange'],
    ['visibility above 12 hours', { visibilityTimeout: Duration.seconds(43_201) }, 'VisibilityOutOfRange'],
    ['retention below a minute', { retentionPeriod: Duration.seconds(59) }, 'RetentionOutOfRange'],
    ['retention above 14 days', { retentionPeriod: Duration.days(15) }, 'RetentionOutOfRange'],
    ['a wait above 20 seconds', { receiveMessageWaitTime: Duration.seconds(21) }, 'WaitTimeOutOfRange'],
    ['messages above 1 MiB', { maxMessageSize: Size.mebibytes(2) }, 'MessageSizeOutOfRange'],
    ['no receives', { maxReceiveCount: 0 }, 'MaxReceiveCountOutOfRange'],
    ['1,001 receives', { maxReceiveCount: 1_001 }, 'MaxReceiveCountOutOfRange'],
    [
      'a delay that reaches the retention',
      { deliveryDelay: Duration.minutes(10), retentionPeriod: Duration.minutes(10) },
      'DelayOutlivesRetention',
    ],
    [
      'visibility above the retention',
      { retentionPeriod: Duration.minutes(1), visibilityTimeout: Duration.hours(1) },
      'VisibilityOutlivesRetention',
    ],
  ])('fails on %s', (_, props, rule) => {
    expect(() => synthesized(props)).toThrow(`[Spillway-Queue-${rule}]`);
  });

  test('fails with everything that is wrong at once, and says where', () => {
    const props = { queueName: 'a b', maxReceiveCount: 0, deliveryDelay: Duration.hours(1) };
    const scope = stack();
    expect(() => new StandardQueue(scope, 'Jobs', props)).toThrow(
      /^Stack\/Jobs: 3 invalid\n.*queueName.*'a b'.*\n.*deliveryDelay.*\n.*maxReceiveCount/,
    );
  });

  test('fails on one name for the queue and its dead-letter queue', () => {
    const scope = stack();
    const deadLetterQueue = new DeadLetterQueue(scope, 'Dead', { queueName: 'jobs' });
    expect(() => new StandardQueue(scope, 'Jobs', { queueName: 'jobs', deadLetterQueue })).toThrow(
      /queueName must differ from that of the dead-letter queue Stack\/Dead, but was 'jobs' as well.*\[Spillway-Queue-NameTaken\]/,
    );
  });

  test('takes values that are not known yet', () => {
    const scope = stack();
    const later = new CfnParameter(scope, 'Count', { type: 'Number' }).valueAsNumber;
    new StandardQueue(scope, 'Jobs', {
      queueName: new CfnParameter(scope, 'Name').valueAsString,
      maxReceiveCount: later,
      deliveryDelay: Duration.seconds(later),
      retentionPeriod: Duration.seconds(later),
      visibilityTimeout: Duration.seconds(later),
    });
    Template.fromStack(scope).hasResourceProperties('AWS::SQS::Queue', {
      DelaySeconds: { Ref: 'Count' },
      RedrivePolicy: { maxReceiveCount: { Ref: 'Count' } },
    });
  });

  test('with all props (snapshot)', () => {
    const scope = stack();
    const jobs = new StandardQueue(scope, 'Jobs', {
      queueName: 'jobs',
      encryption: QueueEncryption.customerManaged(),
      dataKeyReuse: Duration.hours(24),
      maxReceiveCount: 1_000,
      deliveryDelay: Duration.minutes(15),
      retentionPeriod: Duration.days(14),
      visibilityTimeout: Duration.hours(12),
      receiveMessageWaitTime: Duration.seconds(0),
      maxMessageSize: Size.kibibytes(1),
      consumers: [slow(60)],
      producers: [new TopicProducer(new Topic(scope, 'Topic')), AccountProducer.account('444455556666')],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    expect(jobs.undeliveredQueue).toBeDefined();
    expect(Template.fromStack(scope).toJSON().Resources).toMatchSnapshot();
  });

  test.each<[string, StandardQueueProps, string]>([
    [
      'a name of 81 characters',
      { queueName: 'n'.repeat(81) },
      "queueName must be 1 to 80 letters, digits, '-' and '_', but was 'nnn*'",
    ],
    [
      'a name of a FIFO queue',
      { queueName: 'jobs.fifo' },
      "queueName must end in '.fifo' for a FIFO queue, .* but was 'jobs.fifo' for a standard queue",
    ],
    ['a single receive', { maxReceiveCount: 1 }, 'maxReceiveCount should be 2 or more, but was 1'],
    [
      '1,001 receives',
      { maxReceiveCount: 1_001 },
      'maxReceiveCount must be a whole number between 1 and 1,000, but was 1001',
    ],
    [
      'data key reuse without a key',
      { dataKeyReuse: Duration.minutes(5) },
      'dataKeyReuse should not be set without a KMS key, but was 300 seconds',
    ],
    [
      'data key reuse of a second',
      { dataKeyReuse: Duration.seconds(1), encryption: QueueEncryption.kmsManaged() },
      'dataKeyReuse must be between 60 and 86,400 seconds \\(24 hours\\), in whole seconds, but was 1 second',
    ],
    [
      'a retention below the visibility timeout',
      { retentionPeriod: Duration.minutes(1), visibilityTimeout: Duration.hours(1) },
      'visibilityTimeout must be less than the retention period \\(60 seconds\\), but was 3600 seconds',
    ],
    [
      'a delay that reaches the retention',
      { retentionPeriod: Duration.minutes(1), deliveryDelay: Duration.minutes(1) },
      'deliveryDelay must be less than the retention period \\(60 seconds\\), but was 60 seconds',
    ],
  ])('fails on %s: property, value, allowed set and id', (_, props, text) => {
    expect(() => synthesized(props)).toThrow(new RegExp(`${text}.*; .+ \\[Spillway-[A-Za-z]+-[A-Za-z]+\\]`));
  });

  test('does what is acknowledged', () => {
    const scope = stack();
    const id = 'Spillway-Redrive-SingleReceive';
    RuleAcknowledgements.of(scope).add({ id, reason: 'a charge must never be tried twice' });
    expect(() => new StandardQueue(scope, 'Charges', { maxReceiveCount: 1 })).not.toThrow();
  });

  test('uses AWS keys with data key reuse', () => {
    const template = synthesized({ encryption: QueueEncryption.kmsManaged(), dataKeyReuse: Duration.hours(1) });
    template.hasResourceProperties('AWS::SQS::Queue', {
      KmsMasterKeyId: 'alias/aws/sqs',
      KmsDataKeyReusePeriodSeconds: 3_600,
    });
  });

  describe('fromQueue', () => {
    test('adopts a queue of this app, checks consumers against it, lets producers in', () => {
      const scope = stack();
      const queue = new Queue(scope, 'Existing', { visibilityTimeout: Duration.seconds(45) });
      const adopted = StandardQueue.fromQueue(scope, 'Jobs', queue);
      expect(adopted.queue).toBe(queue);
      expect(() => adopted.addConsumer(slow(60, 46))).toThrow(
        /visibilityTimeout must be at least 46 seconds .* but was 45 seconds.*\[Spillway-Queue-VisibilityTooShort\]/,
      );
      expect(() => adopted.addConsumer(slow(60, 45))).not.toThrow();
      adopted.addProducer(AccountProducer.account('444455556666'));
      Template.fromStack(scope).hasResourceProperties('AWS::SQS::QueuePolicy', {
        PolicyDocument: { Statement: [Match.objectLike({ Effect: 'Allow' })] },
      });
    });

    test('adopts an imported queue, about which it believes what it is told', () => {
      const scope = stack();
      const imported = Queue.fromQueueArn(scope, 'Imported', 'arn:aws:sqs:eu-west-1:111122223333:jobs');
      expect(() => StandardQueue.fromQueue(scope, 'Unknown', imported).addConsumer(slow(60))).not.toThrow();
      const visibilityTimeout = Duration.seconds(59);
      const told = StandardQueue.fromQueue(scope, 'Told', imported, { visibilityTimeout });
      expect(() => told.addConsumer(slow(60))).toThrow('[Spillway-Queue-VisibilityTooShort]');
    });

    test('keeps what could not be delivered encrypted as the queue is', () => {
      const scope = stack();
      const encryptionMasterKey = new Key(scope, 'Key');
      const adopted = StandardQueue.fromQueue(scope, 'Jobs', new Queue(scope, 'Existing', { encryptionMasterKey }));
      adopted.addProducer(new TopicProducer(new Topic(scope, 'Topic')));
      expect(adopted.encryptionKey).toBe(encryptionMasterKey);
      expect(adopted.undeliveredQueue?.encryptionMasterKey).toBe(encryptionMasterKey);
    });

    test('fails on a FIFO queue', () => {
      const scope = stack();
      const queue = new Queue(scope, 'Existing', { fifo: true });
      expect(() => StandardQueue.fromQueue(scope, 'Jobs', queue)).toThrow(
        /queue must be a standard queue, but was the FIFO queue Stack\/Existing; adopt it with FifoQueue.fromQueue \[Spillway-Queue-KindMismatch\]/,
      );
    });
  });
});
