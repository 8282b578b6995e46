import { Match, Template } from 'aws-cdk-lib/assertions';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import {
  AlarmSeverity,
  EventRuleProducer,
  QueueAlarm,
  QueueAlarms,
  type QueueAlarmsProps,
  StandardQueue,
} from '../../lib';

type Build = (stack: Stack) => QueueAlarmsProps;

const withDeadLetters = (stack: Stack, fifo?: true, days = 14): IQueue =>
  new Queue(stack, 'Jobs', {
    fifo,
    deadLetterQueue: {
      maxReceiveCount: 5,
      queue: new Queue(stack, 'Dead', { fifo, retentionPeriod: Duration.days(days) }),
    },
  });

function alarmsOf(build: Build) {
  const stack = new Stack(new App(), 'Stack');
  const alarms = new QueueAlarms(stack, 'Alarms', build(stack));
  const template = Template.fromStack(stack);
  const rendered = Object.values(template.findResources('AWS::CloudWatch::Alarm')) as {
    Properties: Record<string, unknown>;
  }[];
  return { alarms, template, rendered: rendered.map(({ Properties }) => Properties) };
}

/** The one alarm that is left when all others are left out. */
function only(name: QueueAlarm, build: Build) {
  const others = Object.values(QueueAlarm).filter((one) => one !== name);
  const { rendered } = alarmsOf((stack) => ({ disabled: others, ...build(stack) }));
  expect(rendered).toHaveLength(1);
  return rendered[0];
}

const foreign = (stack: Stack, id: string) => Queue.fromQueueArn(stack, id, `arn:aws:sqs:eu-west-1:111122223333:${id}`);

describe('QueueAlarms', () => {
  test('minimal: a StandardQueue (snapshot)', () => {
    const stack = new Stack(new App(), 'Stack');
    const jobs = new StandardQueue(stack, 'Jobs');
    new QueueAlarms(stack, 'Alarms', { queue: jobs.queue });
    expect(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm')).toMatchSnapshot();
  });

  test('maximal: each alarm changed, topic with key and policy (snapshot)', () => {
    const stack = new Stack(new App(), 'Stack');
    const topic = new Topic(stack, 'OnCall', { masterKey: new Key(stack, 'Key'), enforceSSL: true });
    const options = {
      threshold: 7,
      period: Duration.minutes(5),
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: TreatMissingData.IGNORE,
      alarmDescription: 'call us',
      actionsEnabled: false,
    };
    new QueueAlarms(stack, 'Alarms', {
      queue: withDeadLetters(stack),
      topic,
      fairQueue: true,
      notifyOk: false,
      actions: [{ bind: () => ({ alarmActionArn: 'arn:aws:ssm:eu-west-1:111122223333:opsitem:1' }) }],
      deadLetterQueueNotEmpty: { ...options, alarmName: 'jobs-failed' },
      deadLetterQueueExpiry: options,
      ageOfOldestMessage: options,
      undeletedReceives: options,
      inFlightQuota: options,
      noisyGroups: options,
    });
    const template = Template.fromStack(stack);
    expect([
      template.findResources('AWS::CloudWatch::Alarm'),
      template.findResources('AWS::SNS::TopicPolicy'),
      template.findResources('AWS::KMS::Key'),
    ]).toMatchSnapshot();
  });

  test('every one says what missing data means, and which queue it is about', () => {
    const { rendered } = alarmsOf((stack) => ({ queue: withDeadLetters(stack), fairQueue: true }));
    expect(rendered).toHaveLength(6);
    for (const alarm of rendered) {
      expect(alarm).toMatchObject({ TreatMissingData: 'notBreaching' });
      expect(alarm.AlarmDescription).toContain('Stack/Jobs');
    }
  });

  test('the dead-letter queue is watched by what is in it: moves are not counted as sent', () => {
    const alarm = only(QueueAlarm.DEAD_LETTER_QUEUE_NOT_EMPTY, (stack) => ({ queue: withDeadLetters(stack) }));
    expect(alarm).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [expect.stringMatching(/^Dead/), 'QueueName'] } }],
      Threshold: 1,
      EvaluationPeriods: 1,
    });
  });

  describe('§1.10 expiry in the dead-letter queue', () => {
    const DAY = 86_400;
    test.each<[string, number, Build]>([
      ['standard: the time in the queue counts', (14 - 4) * DAY * 0.5, (stack) => ({ queue: withDeadLetters(stack) })],
      ['FIFO: it starts anew', 14 * DAY * 0.5, (stack) => ({ queue: withDeadLetters(stack, true) })],
      ['FIFO: also with equal retention', 4 * DAY * 0.5, (stack) => ({ queue: withDeadLetters(stack, true, 4) })],
      [
        'queues that are defined elsewhere',
        (10 - 7) * DAY * 0.5,
        (stack) => ({
          queue: foreign(stack, 'jobs'),
          deadLetterQueue: foreign(stack, 'dead'),
          retentionPeriod: Duration.days(7),
          deadLetterRetentionPeriod: Duration.days(10),
        }),
      ],
      [
        'a threshold of their own',
        60,
        (stack) => ({ queue: withDeadLetters(stack), deadLetterQueueExpiry: { threshold: 60 } }),
      ],
    ])('%s: goes off after %d seconds', (_, threshold, build) => {
      const alarm = only(QueueAlarm.DEAD_LETTER_QUEUE_EXPIRY, build);
      expect(alarm).toMatchObject({ MetricName: 'ApproximateAgeOfOldestMessage', Threshold: threshold });
    });
  });

  test('messages that the age leaves out are seen by their receives, over the time they take to come back', () => {
    const alarm = only(QueueAlarm.UNDELETED_RECEIVES, (stack) => ({
      queue: new Queue(stack, 'Jobs', { visibilityTimeout: Duration.hours(2) }),
    }));
    const { Metrics, ...rest } = alarm as { Metrics: Record<string, unknown>[] };
    expect(rest).toMatchObject({ Threshold: 10, EvaluationPeriods: 4 });
    expect(Metrics).toContainEqual(
      expect.objectContaining({ Expression: expect.stringMatching(/received_\w+ - deleted_\w+/) as string }),
    );
    const periods = Metrics.map(({ MetricStat }) => (MetricStat as { Period?: number } | undefined)?.Period);
    expect(periods.filter((period) => period !== undefined)).toEqual([7_200, 7_200]);
  });

  test('a FIFO queue has an alarm on blocked groups, and none on noisy ones', () => {
    const { alarms } = alarmsOf((stack) => ({ queue: withDeadLetters(stack, true) }));
    expect(alarms.alarm(QueueAlarm.BLOCKED_GROUPS)).toBeDefined();
    expect(alarms.alarm(QueueAlarm.NOISY_GROUPS)).toBeUndefined();
  });

  test('each can be left out by name', () => {
    const asked = { backlog: { threshold: 1_000 }, timeToDrain: {}, silentProducer: {} };
    // Such a queue has neither of the two.
    const absent: QueueAlarm[] = [QueueAlarm.BLOCKED_GROUPS, QueueAlarm.UNDELIVERED];
    for (const name of Object.values(QueueAlarm)) {
      const { alarms } = alarmsOf((stack) => ({
        queue: withDeadLetters(stack),
        fairQueue: true,
        disabled: [name],
        ...asked,
      }));
      expect(alarms.alarm(name)).toBeUndefined();
      expect(alarms.alarms).toHaveLength(absent.includes(name) ? 9 : 8);
    }
  });

  test('the backlog, its time to drain and silent producers are watched if asked for (snapshot)', () => {
    const { rendered } = alarmsOf((stack) => ({
      queue: new Queue(stack, 'Jobs'),
      disabled: [QueueAlarm.AGE_OF_OLDEST_MESSAGE, QueueAlarm.UNDELETED_RECEIVES, QueueAlarm.IN_FLIGHT_QUOTA],
      backlog: { threshold: 1_000 },
      timeToDrain: { threshold: 600 },
      silentProducer: { period: Duration.minutes(30) },
    }));
    expect(rendered).toMatchSnapshot();
  });

  test('silence goes off below its threshold, and where there is no data', () => {
    const { rendered } = alarmsOf((stack) => ({ queue: new Queue(stack, 'Jobs'), silentProducer: {} }));
    expect(rendered).toContainEqual(
      expect.objectContaining({
        MetricName: 'NumberOfMessagesSent',
        ComparisonOperator: 'LessThanThreshold',
        Threshold: 1,
        Period: 3_600,
        TreatMissingData: 'breaching',
      }),
    );
  });

  test.each(['before', 'after'])('undelivered messages are watched if a producer comes %s the alarms', (when) => {
    const stack = new Stack(new App(), 'Stack');
    const jobs = new StandardQueue(stack, 'Jobs');
    const produce = () =>
      jobs.addProducer(new EventRuleProducer(new Rule(stack, 'Rule', { eventPattern: { source: ['shop'] } })));
    if (when === 'before') produce();
    const alarms = new QueueAlarms(stack, 'Alarms', { queue: jobs.queue });
    if (when === 'after') produce();
    expect(alarms.alarms).toContain(alarms.alarm(QueueAlarm.UNDELIVERED));
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      AlarmDescription: Match.stringLikeRegexp('^CRITICAL: Services could not deliver messages to Stack/Jobs/Queue'),
      Dimensions: [
        { Name: 'QueueName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^JobsUndelivered'), 'QueueName'] } },
      ],
    });
  });

  test('critical alarms notify a topic of their own, and descriptions link to a runbook', () => {
    const { alarms, rendered } = alarmsOf((stack) => ({
      queue: withDeadLetters(stack),
      topic: new Topic(stack, 'Chat'),
      criticalTopic: new Topic(stack, 'Pager'),
      runbookUrl: 'https://wiki.example.com/runbook',
      ageOfOldestMessage: { severity: AlarmSeverity.CRITICAL },
    }));
    const paged = rendered.filter(({ AlarmActions }) => JSON.stringify(AlarmActions).includes('Pager'));
    const links = paged.map(({ AlarmDescription }) => String(AlarmDescription).split('#')[1]);
    expect(links.sort()).toEqual(['ageofoldestmessage', 'deadletterqueueexpiry', 'inflightquota']);
    expect(rendered).toHaveLength(alarms.alarms.length);
    for (const { AlarmDescription } of rendered) {
      expect(AlarmDescription).toMatch(/^(CRITICAL|WARNING): .* Runbook: https:\/\/wiki\.example\.com\/runbook#\w+$/);
    }
  });

  test('each id is its name: ids are public', () => {
    const { alarms } = alarmsOf((stack) => ({ queue: withDeadLetters(stack) }));
    expect(alarms.node.children.map(({ node }) => node.id).sort()).toEqual([
      'AgeOfOldestMessage',
      'DeadLetterQueueExpiry',
      'DeadLetterQueueNotEmpty',
      'InFlightQuota',
      'UndeletedReceives',
    ]);
  });

  describe('an existing topic', () => {
    test('is notified of alarms, and when all is well', () => {
      const { rendered, template } = alarmsOf((stack) => ({
        queue: withDeadLetters(stack),
        topic: new Topic(stack, 'OnCall'),
      }));
      for (const alarm of rendered) {
        expect(alarm.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^OnCall/) as string }]);
        expect(alarm.OKActions).toEqual([{ Ref: expect.stringMatching(/^OnCall/) as string }]);
      }
      // SNS's default policy lets alarms in: one of our own would shut others out
      template.resourceCountIs('AWS::SNS::TopicPolicy', 0);
    });

    test('lets CloudWatch in with its key, and with its policy if it has one', () => {
      const { template } = alarmsOf((stack) => {
        const topic = new Topic(stack, 'OnCall', { masterKey: new Key(stack, 'Key'), enforceSSL: true });
        return { queue: withDeadLetters(stack), topic };
      });
      const fromAlarms = Match.objectLike({
        ArnLike: { 'aws:SourceArn': Match.anyValue() },
        StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
      });
      const statement = (Action: unknown) =>
        Match.arrayWith([
          Match.objectLike({
            Action,
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: fromAlarms,
          }),
        ]);
      template.hasResourceProperties('AWS::KMS::Key', {
        KeyPolicy: { Statement: statement(['kms:Decrypt', 'kms:GenerateDataKey*']) },
      });
      template.hasResourceProperties('AWS::SNS::TopicPolicy', {
        PolicyDocument: { Statement: statement('sns:Publish') },
      });
    });
  });

  test.each<[string, Build, RegExp]>([
    [
      'a standard dead-letter queue that keeps messages no longer than the queue',
      (stack) => ({ queue: withDeadLetters(stack, undefined, 4) }),
      /deadLetterRetentionPeriod must be longer than the queue's retentionPeriod \(.* seconds\), but was 345600 seconds.*\[Spillway-QueueAlarms-ExpiryUnforeseeable\]/,
    ],
    [
      'unknown retention of a queue that is defined elsewhere',
      (stack) => ({ queue: foreign(stack, 'jobs'), deadLetterQueue: new Queue(stack, 'Dead') }),
      /retentionPeriod is required for Stack\/jobs, which is defined elsewhere.*\[Spillway-QueueAlarms-RetentionUnknown\]/,
    ],
    [
      'unknown retention of a dead-letter queue that is defined elsewhere',
      (stack) => ({ queue: new Queue(stack, 'Jobs'), deadLetterQueue: foreign(stack, 'dead') }),
      /deadLetterRetentionPeriod is required for Stack\/dead, which is defined elsewhere.*\[Spillway-QueueAlarms-DeadLetterRetentionUnknown\]/,
    ],
    [
      'options of an alarm that such a queue has not',
      (stack) => ({ queue: new Queue(stack, 'Jobs'), blockedGroups: {} }),
      /blockedGroups must not be given here; the alarm BlockedGroups needs a FIFO queue \[Spillway-QueueAlarms-AlarmAbsent\]/,
    ],
    [
      'a backlog without a threshold',
      (stack) => ({ queue: new Queue(stack, 'Jobs'), backlog: {} }),
      /backlog\.threshold is required; .* \[Spillway-QueueAlarms-BacklogThreshold\]/,
    ],
    [
      'options for undelivered messages of a plain queue',
      (stack) => ({ queue: new Queue(stack, 'Jobs'), undelivered: {} }),
      /undelivered must not be given here; the alarm Undelivered needs the queue of a StandardQueue or FifoQueue/,
    ],
    [
      'more actions than CloudWatch takes',
      (stack) => ({
        queue: new Queue(stack, 'Jobs'),
        topic: new Topic(stack, 'OnCall'),
        actions: Array.from({ length: 5 }, () => ({ bind: () => ({ alarmActionArn: 'arn' }) })),
      }),
      /actions must have at most 5 items, topic included, but had 6.*\[Spillway-QueueAlarms-TooManyActions\]/,
    ],
    [
      'a threshold of 0',
      (stack) => ({ queue: new Queue(stack, 'Jobs'), ageOfOldestMessage: { threshold: 0 } }),
      /ageOfOldestMessage\.threshold must be a number above 0, but was 0.*\[Spillway-QueueAlarms-NumberInvalid\]/,
    ],
    [
      'a period of half a minute',
      (stack) => ({ queue: new Queue(stack, 'Jobs'), inFlightQuota: { period: Duration.seconds(30) } }),
      /inFlightQuota\.period must be in whole minutes, but was 30 seconds.*\[Spillway-QueueAlarms-NumberInvalid\]/,
    ],
    [
      'more data points than periods',
      (stack) => ({ queue: new Queue(stack, 'Jobs'), inFlightQuota: { evaluationPeriods: 2, datapointsToAlarm: 3 } }),
      /inFlightQuota\.datapointsToAlarm must be a whole number from 1 to evaluationPeriods, but was 3.*\[Spillway-QueueAlarms-NumberInvalid\]/,
    ],
  ])('fails on %s', (_, build, message) => {
    expect(() => alarmsOf(build)).toThrow(message);
  });
});
