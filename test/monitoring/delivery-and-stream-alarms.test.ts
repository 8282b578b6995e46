import { Template } from 'aws-cdk-lib/assertions';
import { EventBus, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { Code, Function as LambdaFunction, type IEventSourceMapping, Runtime } from 'aws-cdk-lib/aws-lambda';
import { ScheduleExpression, ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import {
  AlarmSeverity,
  DeliveryAlarm,
  DeliveryAlarms,
  type DeliveryAlarmsProps,
  DeliverySource,
  KinesisPipeline,
  LambdaStreamConsumer,
  ScheduleProducer,
  StandardQueue,
  StreamAlarm,
  StreamAlarms,
  type StreamAlarmsProps,
} from '../../lib';
import { LocalCloud } from '../../lib/testing';

type AlarmProperties = Readonly<Record<string, unknown>>;

function alarmsIn(stack: Stack): AlarmProperties[] {
  const alarms = Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm') as Record<
    string,
    { readonly Properties: AlarmProperties }
  >;
  return Object.values(alarms).map(({ Properties }) => Properties);
}

const newStack = () => new Stack(new App(), 'Stack');
const bus = (stack: Stack) => new EventBus(stack, 'Bus', { eventBusName: 'shop' });
const rule = (stack: Stack) => new Rule(stack, 'Rule', { schedule: Schedule.rate(Duration.hours(1)) });
const handler = (stack: Stack) =>
  new LambdaFunction(stack, 'Handler', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => {};'),
  });

/** Sources of deliveries, and the metrics that are watched. */
const SOURCES: readonly [
  what: string,
  source: (stack: Stack) => DeliverySource,
  metrics: string[],
  dimensions: object,
][] = [
  [
    'a rule',
    (stack) => DeliverySource.rule(rule(stack)),
    ['FailedInvocations', 'InvocationsSentToDlq', 'InvocationsFailedToBeSentToDlq'],
    [{ Name: 'RuleName', Value: { Ref: expect.stringMatching(/^Rule/) as string } }],
  ],
  [
    'a rule on a bus',
    (stack) => {
      const eventBus = bus(stack);
      return DeliverySource.rule(new Rule(stack, 'Rule', { eventBus, eventPattern: { source: ['shop'] } }), eventBus);
    },
    ['FailedInvocations', 'InvocationsSentToDlq', 'InvocationsFailedToBeSentToDlq'],
    [
      { Name: 'EventBusName', Value: { Ref: expect.stringMatching(/^Bus/) as string } },
      { Name: 'RuleName', Value: expect.anything() as unknown },
    ],
  ],
  [
    'a topic',
    (stack) => DeliverySource.topic(new Topic(stack, 'Topic')),
    ['NumberOfNotificationsFailed', 'NumberOfNotificationsRedrivenToDlq', 'NumberOfNotificationsFailedToRedriveToDlq'],
    [{ Name: 'TopicName', Value: { 'Fn::GetAtt': [expect.stringMatching(/^Topic/) as string, 'TopicName'] } }],
  ],
  [
    'the default schedule group',
    () => DeliverySource.schedules(),
    ['TargetErrorCount', 'InvocationsSentToDeadLetterCount', 'InvocationDroppedCount'],
    [{ Name: 'ScheduleGroup', Value: 'default' }],
  ],
  [
    'a mapping',
    (stack) => {
      const consumer = new LambdaStreamConsumer(handler(stack), { eventMetrics: true });
      new KinesisPipeline(stack, 'Records').addConsumer(consumer);
      return DeliverySource.mapping(consumer.eventSourceMapping as IEventSourceMapping);
    },
    ['FailedInvokeEventCount', 'OnFailureDestinationDeliveredEventCount', 'DroppedEventCount'],
    [{ Name: 'EventSourceMappingUUID', Value: { Ref: expect.stringMatching(/^HandlerReads/) as string } }],
  ],
  [
    'a schedule group',
    (stack) => DeliverySource.schedules(new ScheduleGroup(stack, 'Batch', { scheduleGroupName: 'batch' })),
    ['TargetErrorCount', 'InvocationsSentToDeadLetterCount', 'InvocationDroppedCount'],
    [{ Name: 'ScheduleGroup', Value: 'batch' }],
  ],
];

describe('DeliveryAlarms', () => {
  test.each(SOURCES)('watches %s', (_what, source, metrics, dimensions) => {
    const stack = newStack();
    new DeliveryAlarms(stack, 'Alarms', { source: source(stack) });
    const alarms = alarmsIn(stack);
    expect(alarms.map(({ MetricName }) => MetricName)).toEqual(metrics);
    for (const alarm of alarms) expect(alarm).toMatchObject({ Dimensions: dimensions, Statistic: 'Sum', Threshold: 1 });
    expect(alarms[2].AlarmDescription).toMatch(/^CRITICAL: \w+ of .* are lost.*runbook\.md#deliverylost$/);
  });

  test('watches a function, whose dead letters Lambda does not count (snapshot)', () => {
    const stack = newStack();
    const alarms = new DeliveryAlarms(stack, 'Alarms', { source: DeliverySource.handler(handler(stack)) });
    expect(alarms.alarm(DeliveryAlarm.DELIVERY_DEAD_LETTERED)).toBeUndefined();
    expect(alarmsIn(stack)).toMatchSnapshot();
  });

  test('pages for what is lost, and writes to the others', () => {
    const stack = newStack();
    const [topic, criticalTopic] = [new Topic(stack, 'Chat'), new Topic(stack, 'Pager')];
    const deliveryDeadLettered = { severity: AlarmSeverity.CRITICAL };
    const source = DeliverySource.schedules();
    new DeliveryAlarms(stack, 'Alarms', { source, topic, criticalTopic, deliveryDeadLettered });
    const notified = alarmsIn(stack).map(({ AlarmActions }) => (AlarmActions as { Ref: string }[])[0].Ref);
    expect(notified.map((ref) => ref.replace(/[A-F\d]{8}$/, ''))).toEqual(['Chat', 'Pager', 'Pager']);
  });

  test('goes off in the emulator if a schedule may not send', async () => {
    const stack = new Stack(new App(), 'Jobs', { env: { account: '000000000000', region: 'us-east-1' } });
    const jobs = new StandardQueue(stack, 'Jobs');
    const schedule = ScheduleExpression.rate(Duration.minutes(1));
    jobs.addProducer(new ScheduleProducer(stack, 'Often', { schedule, retryAttempts: 0 }));
    const alarms = new DeliveryAlarms(stack, 'Alarms', { source: DeliverySource.schedules() });
    await using cloud = await LocalCloud.fromStack(stack);
    const failed = cloud.alarm(alarms.alarm(DeliveryAlarm.DELIVERY_FAILED) as never);
    await cloud.advance(Duration.minutes(30));
    expect(failed).not.toHaveAlarmed();
    cloud.faults.fail({ on: cloud.queue(jobs), action: 'SendMessage' });
    await cloud.advance(Duration.minutes(30));
    expect(failed).toBeInAlarm();
    expect(cloud.alarm(alarms.alarm(DeliveryAlarm.DELIVERY_DEAD_LETTERED) as never)).toBeInAlarm();
  });

  test.each<[string, (stack: Stack) => DeliveryAlarmsProps, RegExp]>([
    [
      'options of an alarm that a function has not',
      (stack) => ({ source: DeliverySource.handler(handler(stack)), deliveryDeadLettered: {} }),
      /deliveryDeadLettered must not be given for invocations of the function Stack\/Handler.*\[Spillway-DeliveryAlarms-AlarmAbsent\]/,
    ],
    [
      'more actions than CloudWatch takes',
      (stack) => ({
        source: DeliverySource.schedules(),
        criticalTopic: new Topic(stack, 'Pager'),
        actions: Array.from({ length: 5 }, () => ({ bind: () => ({ alarmActionArn: 'arn' }) })),
      }),
      /actions must have at most 5 items, topic included, but had 6.*\[Spillway-Alarms-TooManyActions\]/,
    ],
    [
      'a threshold of 0',
      () => ({ source: DeliverySource.schedules(), deliveryLost: { threshold: 0 } }),
      /deliveryLost\.threshold must be a number above 0, but was 0.*\[Spillway-Alarms-NumberInvalid\]/,
    ],
  ])('fails on %s', (_what, props, message) => {
    const stack = newStack();
    expect(() => new DeliveryAlarms(stack, 'Alarms', props(stack))).toThrow(message);
  });
});

describe('StreamAlarms', () => {
  test('minimal (snapshot)', () => {
    const stack = newStack();
    new StreamAlarms(stack, 'Alarms', { stream: new Stream(stack, 'Stream') });
    expect(alarmsIn(stack)).toMatchSnapshot();
  });

  test('each is left out by name, and changed by name', () => {
    for (const name of Object.values(StreamAlarm)) {
      const stack = newStack();
      const options = { [`${name[0].toLowerCase()}${name.slice(1)}`]: { threshold: 7 } };
      const others = Object.values(StreamAlarm).filter((other) => other !== name);
      const stream = new Stream(stack, 'Stream');
      const alarms = new StreamAlarms(stack, 'Alarms', { stream, disabled: others, ...options });
      expect(alarms.alarms).toEqual([alarms.alarm(name)]);
      expect(alarmsIn(stack)).toMatchObject([{ Threshold: 7 }]);
    }
  });

  test('takes a stream that is defined elsewhere', () => {
    const stack = newStack();
    const stream = Stream.fromStreamArn(stack, 'Stream', 'arn:aws:kinesis:eu-west-1:111122223333:stream/clicks');
    new StreamAlarms(stack, 'Alarms', { stream });
    for (const alarm of alarmsIn(stack)) {
      expect(alarm).toMatchObject({ Dimensions: [{ Name: 'StreamName', Value: 'clicks' }] });
    }
  });

  test.each<[string, Partial<StreamAlarmsProps>, RegExp]>([
    [
      'a period of half a minute',
      { iteratorAge: { period: Duration.seconds(30) } },
      /iteratorAge\.period must be in whole minutes, but was 30 seconds.*\[Spillway-Alarms-NumberInvalid\]/,
    ],
    [
      'more data points than periods',
      { readThrottled: { evaluationPeriods: 2, datapointsToAlarm: 3 } },
      /readThrottled\.datapointsToAlarm must be a whole number from 1 to evaluationPeriods, but was 3/,
    ],
  ])('fails on %s', (_what, props, message) => {
    const stack = newStack();
    const stream = new Stream(stack, 'Stream');
    expect(() => new StreamAlarms(stack, 'Alarms', { stream, ...props })).toThrow(message);
  });
});
