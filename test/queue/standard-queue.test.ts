import { App, Duration, RemovalPolicy, Size, Stack, Token } from 'aws-cdk-lib/core';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ServicePrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import { type IQueueConsumer, QueueEncryption, StandardQueue, type StandardQueueProps } from '../../lib';

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
        /visibilityTimeout: got 19 seconds, allowed .* 20 seconds and more.*it is slow \[Spillway-Queue-VisibilityTooShort\]/,
      );
    });

    test('fails when a consumer needs more than 12 hours', () => {
      expect(() => synthesized({ consumers: [slow(43_201)] })).toThrow('[Spillway-Queue-ConsumerTooSlow]');
    });

    test('fails when a derived one reaches the retention period', () => {
      const retentionPeriod = Duration.minutes(2);
      expect(() => synthesized({ retentionPeriod, consumers: [slow(120)] })).toThrow(
        '[Spillway-Queue-DerivedVisibilityOutlivesRetention]',
      );
    });
  });

  test.each<[string, StandardQueueProps, string]>([
    ['a name with a dot', { queueName: 'jobs.fifo' }, 'NameInvalid'],
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

  test('takes values that are not known yet', () => {
    const scope = stack();
    const later = Token.asNumber({ Ref: 'Count' });
    new StandardQueue(scope, 'Jobs', {
      queueName: Token.asString({ Ref: 'Name' }),
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
});
