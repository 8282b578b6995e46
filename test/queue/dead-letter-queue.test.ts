import { Match, Template } from 'aws-cdk-lib/assertions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { DeadLetterQueue, type DeadLetterQueueProps, QueueEncryption, StandardQueue } from '../../lib';
import { dependencyCycle } from '../producer/dependency-cycles';

const stack = () => new Stack(new App(), 'Stack');

function synthesized(props?: DeadLetterQueueProps): Template {
  const scope = stack();
  new DeadLetterQueue(scope, 'Failed', props);
  return Template.fromStack(scope);
}

/** The ARN of a queue with this name, as text. */
const arnOf = (name: string) => ({
  'Fn::Join': [
    '',
    ['arn:', { Ref: 'AWS::Partition' }, ':sqs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:${name}`],
  ],
});

describe('DeadLetterQueue', () => {
  test('admits exactly the queues that name it, without referring to them', () => {
    const scope = stack();
    const failed = new DeadLetterQueue(scope, 'Failed');
    new StandardQueue(scope, 'Orders', { deadLetterQueue: failed });
    new StandardQueue(scope, 'Returns', { deadLetterQueue: failed, queueName: 'returns' });
    const template = Template.fromStack(scope);
    const name = (Object.values(template.findResources('AWS::SQS::Queue')) as { Properties: { QueueName?: string } }[])
      .map(({ Properties }) => Properties.QueueName)
      .find((each) => each?.includes('Orders'));
    template.hasResourceProperties('AWS::SQS::Queue', {
      RedriveAllowPolicy: {
        redrivePermission: 'byQueue',
        sourceQueueArns: [arnOf(name ?? ''), arnOf('returns')],
      },
    });
    expect(dependencyCycle(template.toJSON())).toBeUndefined();
    expect(DeadLetterQueue.isDeadLetterQueue(failed)).toBe(true);
    expect(DeadLetterQueue.isDeadLetterQueue(new Queue(scope, 'Plain'))).toBe(false);
  });

  test('admits queues of other stacks, which depend on its own', () => {
    const app = new App();
    const home = new Stack(app, 'Home');
    const failed = new DeadLetterQueue(home, 'Failed');
    new StandardQueue(new Stack(app, 'Abroad'), 'Jobs', { deadLetterQueue: failed, queueName: 'jobs' });
    expect(
      app
        .synth()
        .getStackByName('Abroad')
        .dependencies.map(({ id }) => id),
    ).toContain('Home');
    Template.fromStack(home).hasResourceProperties('AWS::SQS::Queue', {
      RedriveAllowPolicy: { sourceQueueArns: [arnOf('jobs')] },
    });
  });

  test('admits all when it is told so, and keeps to the names that CloudFormation makes elsewhere', () => {
    const scope = stack();
    const open = new DeadLetterQueue(scope, 'Open', { openToAllSources: true });
    for (let index = 0; index < 11; index += 1) new StandardQueue(scope, `Jobs${index}`, { deadLetterQueue: open });
    new StandardQueue(scope, 'More', { deadLetterQueue: new Queue(scope, 'Plain') });
    const template = Template.fromStack(scope);
    template.resourcePropertiesCountIs('AWS::SQS::Queue', { RedriveAllowPolicy: Match.anyValue() }, 0);
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: Match.absent(),
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Plain'), 'Arn'] } },
    });
  });

  test('admits all while no queue of the app names it: it may be for subscriptions', () => {
    synthesized().hasResourceProperties('AWS::SQS::Queue', {
      MessageRetentionPeriod: 1_209_600,
      RedriveAllowPolicy: Match.absent(),
      SqsManagedSseEnabled: true,
    });
  });

  test('passes every setting on', () => {
    const template = synthesized({
      queueName: 'failed.fifo',
      fifo: true,
      encryption: QueueEncryption.customerManaged(),
      retentionPeriod: Duration.days(7),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    template.hasResource('AWS::SQS::Queue', {
      Properties: {
        QueueName: 'failed.fifo',
        FifoQueue: true,
        MessageRetentionPeriod: 604_800,
        KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FailedKey'), 'Arn'] },
      },
      DeletionPolicy: 'Retain',
    });
    template.hasResourceProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: { Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }] },
    });
  });

  test('fails on an eleventh source', () => {
    const scope = stack();
    const failed = new DeadLetterQueue(scope, 'Failed');
    const add = (index: number) => new StandardQueue(scope, `Jobs${index}`, { deadLetterQueue: failed });
    for (let index = 0; index < 10; index += 1) add(index);
    expect(() => add(10)).toThrow(
      /^Stack\/Jobs10: .*\n.*deadLetterQueue must be shared by at most 10 queues, but Stack\/Failed is by 11; SQS admits no more.*\[Spillway-DeadLetterQueue-TooManySources\]/,
    );
  });

  test.each([
    ['an own', (scope: Stack) => new DeadLetterQueue(scope, 'Failed', { retentionPeriod: Duration.days(3) })],
    ['a plain', (scope: Stack) => new Queue(scope, 'Failed', { retentionPeriod: Duration.days(3) })],
  ])('fails on a retention below that of a standard source: %s queue', (_, make) => {
    const scope = stack();
    const deadLetterQueue = make(scope);
    expect(() => new StandardQueue(scope, 'Jobs', { deadLetterQueue })).toThrow(
      /deadLetterQueue must have a longer retention period than the queue \(345600 seconds\), but Stack\/Failed has 259200 seconds.*\[Spillway-Redrive-RetentionShorter\]/,
    );
    expect(
      () => new StandardQueue(scope, 'Brief', { deadLetterQueue, retentionPeriod: Duration.days(3) }),
    ).not.toThrow();
  });

  test('fails when it is in another Region and account', () => {
    const app = new App();
    const scope = new Stack(app, 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
    const deadLetterQueue = Queue.fromQueueArn(scope, 'Far', 'arn:aws:sqs:us-east-1:444455556666:failed');
    expect(() => new StandardQueue(scope, 'Jobs', { deadLetterQueue })).toThrow(
      /must be in eu-west-1, .* but Stack\/Far is in us-east-1.*\[Spillway-Redrive-OtherRegion\]\n.*is in account 444455556666.*\[Spillway-Redrive-OtherAccount\]/,
    );
  });

  test('fails on values that SQS refuses', () => {
    expect(() => synthesized({ fifo: true, queueName: 'failed', retentionPeriod: Duration.days(15) })).toThrow(
      /queueName must end in '.fifo' for a FIFO queue.* but was 'failed' for a FIFO queue.*\[Spillway-Queue-NameKindMismatch\]\n.*retentionPeriod must be .* but was 1296000 seconds.*\[Spillway-Queue-RetentionOutOfRange\]/,
    );
  });
});
