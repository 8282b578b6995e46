/* oxlint-disable typescript/no-explicit-any, typescript/no-unsafe-argument, typescript/no-unsafe-assignment -- what the compiler would refuse */
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { Stream } from 'aws-cdk-lib/aws-kinesis';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, CfnParameter, Duration, Lazy, Size, Stack } from 'aws-cdk-lib/core';
import * as spillway from '../../lib';

/** Properties as JavaScript may pass them. */
type Props = any;

const WORKER = 'lib/runtime'; // any folder
const hourly = () => ScheduleExpression.rate(Duration.hours(1));
const handler = (stack: Stack, timeout?: Duration) =>
  new LambdaFunction(stack, 'Handler', {
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = () => {};'),
    timeout,
  });
const queueIn = (stack: Stack, props: spillway.StandardQueueProps = {}) =>
  new spillway.StandardQueue(stack, 'Jobs', props);
const steps = (step: Props, options: Props = {}) =>
  spillway.BacklogScaling.steps([{ depth: 100, add: 1, ...step }], options);

/** Each class that takes properties, in the simplest case. */
const CLASSES: Readonly<Record<string, (stack: Stack, props: Props) => void>> = {
  StandardQueue: (stack, props) => void queueIn(stack, props),
  FifoQueue: (stack, props) => void new spillway.FifoQueue(stack, 'Jobs', props),
  DeadLetterQueue: (stack, props) => void new spillway.DeadLetterQueue(stack, 'Dead', props),
  'StandardQueue.fromQueue': (stack, props) =>
    void spillway.StandardQueue.fromQueue(stack, 'Jobs', new Queue(stack, 'Queue'), props),
  'FifoQueue.fromQueue': (stack, props) =>
    void spillway.FifoQueue.fromQueue(stack, 'Jobs', new Queue(stack, 'Queue', { fifo: true }), props),
  QueueKey: (stack, props) => void new spillway.QueueKey(stack, 'Key', props),
  QueueVpcEndpoint: (stack, props) =>
    void new spillway.QueueVpcEndpoint(stack, 'Endpoint', {
      vpc: new Vpc(stack, 'Vpc'),
      queues: [new Queue(stack, 'Queue')],
      ...props,
    }),
  LambdaConsumer: (stack, props) =>
    queueIn(stack, { visibilityTimeout: Duration.minutes(5) }).addConsumer(
      new spillway.LambdaConsumer(handler(stack), props),
    ),
  AutoScalingGroupConsumer: (stack, props) =>
    queueIn(stack).addConsumer(
      new spillway.AutoScalingGroupConsumer(stack, 'Workers', {
        vpc: new Vpc(stack, 'Vpc', { natGateways: 1 }),
        worker: spillway.WorkerProgram.command({ assetPath: WORKER, command: ['/usr/bin/true'] }),
        ...props,
      }),
    ),
  FargateConsumer: (stack, props) =>
    queueIn(stack).addConsumer(
      new spillway.FargateConsumer(stack, 'Tasks', {
        vpc: new Vpc(stack, 'Vpc', { natGateways: 1 }),
        image: ContainerImage.fromRegistry('public.ecr.aws/worker'),
        ...props,
      }),
    ),
  PipeConsumer: (stack, props) =>
    queueIn(stack).addConsumer(
      new spillway.PipeConsumer(stack, 'Pipe', {
        target: spillway.PipeTarget.topic(new Topic(stack, 'Topic')),
        ...props,
      }),
    ),
  TopicProducer: (stack, props) =>
    queueIn(stack).addProducer(new spillway.TopicProducer(new Topic(stack, 'Topic'), props)),
  BucketProducer: (stack, props) =>
    queueIn(stack).addProducer(new spillway.BucketProducer(new Bucket(stack, 'Bucket'), props)),
  EventRuleProducer: (stack, props) => {
    const rule = new Rule(stack, 'Rule', { schedule: Schedule.rate(Duration.hours(1)) });
    queueIn(stack).addProducer(new spillway.EventRuleProducer(rule, props));
  },
  ScheduleProducer: (stack, props) =>
    queueIn(stack).addProducer(new spillway.ScheduleProducer(stack, 'Hourly', { schedule: hourly(), ...props })),
  RestApiProducer: (stack, props) => queueIn(stack).addProducer(new spillway.RestApiProducer(stack, 'Orders', props)),
  HttpApiProducer: (stack, props) => queueIn(stack).addProducer(new spillway.HttpApiProducer(stack, 'Orders', props)),
  TopicFanOut: (stack, props) => void new spillway.TopicFanOut(stack, 'Orders', props),
  QueueAlarms: (stack, props) =>
    void new spillway.QueueAlarms(stack, 'Alarms', { queue: queueIn(stack).queue, ...props }),
  StreamAlarms: (stack, props) =>
    void new spillway.StreamAlarms(stack, 'Alarms', { stream: new Stream(stack, 'Stream'), ...props }),
  DeliveryAlarms: (stack, props) =>
    void new spillway.DeliveryAlarms(stack, 'Alarms', { source: spillway.DeliverySource.schedules(), ...props }),
  QueueDashboard: (stack, props) =>
    void new spillway.QueueDashboard(stack, 'Dashboard', { queue: queueIn(stack).queue, ...props }),
  KinesisPipeline: (stack, props) => void new spillway.KinesisPipeline(stack, 'Records', props),
  LambdaStreamConsumer: (stack, props) =>
    new spillway.KinesisPipeline(stack, 'Records').addConsumer(
      new spillway.LambdaStreamConsumer(handler(stack), props),
    ),
};

function thrownBy(act: () => unknown): Error | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** The error of making one with these properties. */
const refusal = (name: string, props: Props) => thrownBy(() => CLASSES[name](new Stack(new App(), 'Stack'), props));

/** All properties of a class, as the error on an unknown one lists them. */
function propertiesOf(name: string): string[] {
  const error = refusal(name, { nonsense: 1 });
  const [, list] = /^ {2}- nonsense is not a property of \S+: it must be one of (.*) \[Spillway-Props-Unknown\]$/m.exec(
    error?.message ?? '',
  ) ?? [undefined, ''];
  return list.split(', ').filter((one) => one !== '');
}

describe.each(Object.keys(CLASSES))('%s', (name) => {
  test('names a property that it does not have, and takes undefined for none', () => {
    expect(propertiesOf(name).length).toBeGreaterThanOrEqual(2);
    expect(refusal(name, { nonsense: undefined })).toBeUndefined();
  });

  test('says of each property what it must be, for whatever is given', () => {
    for (const property of propertiesOf(name)) {
      for (const [bad, shown] of [
        [new Map(), 'a Map'],
        [null, 'null'],
      ] as const) {
        const error = refusal(name, { [property]: bad });
        const takesAnyObject = bad !== null && !/ must be /.test(error?.message ?? '');
        if (takesAnyObject)
          expect(property).toMatch(
            /[sS]ubnets$|Policy|environment|secrets|spot|warmPool|provisioned|Refresh|NotEmpty|Expiry|Message|Receives|Quota|Groups|undelivered|backlog|timeToDrain|silentProducer|iteratorAge|Throttled|Failed|DeadLettered|Lost|Attributes/,
          );
        else expect(error?.message).toContain(`- ${property} must be `);
        if (!takesAnyObject) expect(error?.message).toContain(`, but was ${shown} [Spillway-Props-TypeInvalid]`);
      }
    }
  });

  test('passes on a property that is known only at deployment, or refuses it by name', () => {
    for (const property of propertiesOf(name)) {
      const values: ((token: number) => unknown)[] = [
        (token) => token,
        (token) => Duration.seconds(token),
        (token) => Duration.minutes(token),
        ...(name === 'KinesisPipeline' ? [(token: number) => Duration.hours(token)] : []),
        (token) => Size.bytes(token),
        (token) => Size.kibibytes(token),
      ];
      for (const value of values) {
        const stack = new Stack(new App(), 'Stack');
        const token = new CfnParameter(stack, 'Later', { type: 'Number' }).valueAsNumber;
        const error = thrownBy(() => CLASSES[name](stack, { [property]: value(token) }));
        if (error === undefined) expect(leaked(stack)).toEqual([]);
        else expect(error.message).toMatch(new RegExp(`- .*\\b${property}\\b.*\\[Spillway-`));
        expect(error?.message ?? '').not.toMatch(/e\+\d{3}|\$\{Token/);
      }
    }
  });
});

/** Numbers that stand for tokens, and what was computed from them. */
function leaked(stack: Stack): string[] {
  const { Resources } = Template.fromStack(stack).toJSON() as { readonly Resources: object };
  return (
    JSON.stringify(Resources).match(/"\w+":(-?\d(\.\d+)?e\+\d+|null)|\d+e\+2\d+|NaN|"VisibilityTimeout":0\b/g) ?? []
  );
}

describe('a value that something would have to be computed from', () => {
  const later = (stack: Stack) => new CfnParameter(stack, 'Later', { type: 'Number' }).valueAsNumber;
  const refused = (build: (stack: Stack, token: number) => void) => {
    const stack = new Stack(new App(), 'Stack');
    return thrownBy(() => build(stack, later(stack)))?.message;
  };
  const scaled = (scaling: (token: number) => spillway.BacklogScaling) =>
    refused((stack, token) => CLASSES.FargateConsumer(stack, { scaling: scaling(token) }));
  const tracking = (options: Props) =>
    spillway.BacklogScaling.targetTracking({
      acceptableLatency: Duration.minutes(10),
      processingTime: Duration.seconds(30),
      ...options,
    });

  test.each<[string, string | undefined]>([
    ['scaling.steps[0].depth must be a number, known at synthesis', scaled((depth) => steps({ depth }))],
    ['scaling.remove must be a number, known at synthesis', scaled((remove) => steps({}, { remove }))],
    ['scaling.emptyFor must be a Duration', scaled((token) => steps({}, { emptyFor: Duration.minutes(token) }))],
    ['scaling.acceptableLatency must be', scaled((token) => tracking({ acceptableLatency: Duration.seconds(token) }))],
    ['scaling.processingTime must be', scaled((token) => tracking({ processingTime: Duration.seconds(token) }))],
    ['scaling.concurrency must be a number', scaled((concurrency) => tracking({ concurrency }))],
  ])('is refused: %s', (text, message) => {
    expect(message).toContain(text);
    expect(message).toContain('but was a value that is known only at deployment [Spillway-Props-ValueUnknown]');
  });

  test("is refused: a function's timeout, unless the queue has a visibility timeout of its own", () => {
    const build = (visibilityTimeout?: Duration) => (stack: Stack, token: number) =>
      queueIn(stack, { visibilityTimeout }).addConsumer(
        new spillway.LambdaConsumer(handler(stack, Duration.seconds(token))),
      );
    expect(refused(build())).toMatch(
      /visibilityTimeout must be given with this LambdaConsumer, .* known only at deployment.*\[Spillway-Queue-VisibilityUnknown\]/,
    );
    expect(refused(build(Duration.minutes(1)))).toBeUndefined();
  });

  test('is refused: what any consumer needs', () => {
    const consumer: spillway.IQueueConsumer = {
      bind: () => ({
        visibilityTimeout: Duration.seconds(Lazy.number({ produce: () => 60 })),
        minimumVisibilityTimeout: Duration.seconds(1),
        reason: 'messages come back',
      }),
    };
    expect(refused((stack) => queueIn(stack).addConsumer(consumer))).toContain('[Spillway-Queue-VisibilityUnknown]');
  });
});

describe('what JavaScript may pass', () => {
  const stack = () => new Stack(new App(), 'Stack');
  const sentence = (build: (inner: Stack) => unknown) =>
    thrownBy(() => build(stack()))
      ?.message.split('\n')[1]
      ?.trim();
  const standard = (props: Props) => sentence((inner) => queueIn(inner, props));

  test.each<[string, string | undefined]>([
    [
      'visibilityTimeout must be a Duration, such as Duration.seconds(30), but was 30',
      standard({ visibilityTimeout: 30 }),
    ],
    ["maxReceiveCount must be a number, but was '3'", standard({ maxReceiveCount: '3' })],
    [
      'encryption must be a QueueEncryption, such as QueueEncryption.customerManaged(key), but was a Key',
      sentence((inner) => queueIn(inner, { encryption: new Key(inner, 'Key') as Props })),
    ],
    [
      "encryption.key must be a key (IKey), such as a QueueKey, but was 'alias/x'",
      standard({ encryption: spillway.QueueEncryption.customerManaged('alias/x' as Props) }),
    ],
    [
      'consumers[0] must be a consumer, such as new LambdaConsumer(handler), but was a Function',
      sentence((inner) => queueIn(inner, { consumers: [handler(inner)] as Props })),
    ],
    [
      'consumer must be a consumer, such as new LambdaConsumer(handler), but was not given',
      sentence((inner) => queueIn(inner).addConsumer(undefined as Props)),
    ],
    [
      'producer must be a producer, such as new TopicProducer(topic), but was a Topic',
      sentence((inner) => queueIn(inner).addProducer(new Topic(inner, 'Topic') as Props)),
    ],
    [
      'deadLetterQueue must be a queue (IQueue), such as the queue or the deadLetterQueue of a StandardQueue, but was a StandardQueue',
      sentence((inner) => new spillway.StandardQueue(inner, 'More', { deadLetterQueue: queueIn(inner) as Props })),
    ],
    ['fifo is not a property of StandardQueue: it must be one of queueName, encryption, ', standard({ fifo: true })],
    ["props of StandardQueue must be an object with properties of StandardQueue, but was 'jobs'", standard('jobs')],
    [
      `filterPolicy.kind must be a SubscriptionFilter, such as SubscriptionFilter.stringFilter({ allowlist: ['paid'] }), but was ["paid"]`,
      refusal('TopicProducer', { filterPolicy: { kind: ['paid'] } })
        ?.message.split('\n')[1]
        ?.trim(),
    ],
    [
      "worker must be a WorkerProgram, such as WorkerProgram.node('dist/worker'), but was 'dist'",
      refusal('AutoScalingGroupConsumer', { worker: 'dist' })?.message.split('\n')[1]?.trim(),
    ],
    ['consumers must be a list, each item a consumer', standard({ consumers: 'all' })],
    [
      'worker must be a WorkerProgram',
      refusal('AutoScalingGroupConsumer', { worker: undefined })?.message.split('\n')[1]?.trim(),
    ],
    [
      'worker.assetPath must be a string, but was not given',
      refusal('AutoScalingGroupConsumer', { worker: spillway.WorkerProgram.node(undefined as Props) })
        ?.message.split('\n')[1]
        ?.trim(),
    ],
    [
      "handler must be a function (IFunction), but was 'arn:aws:lambda'",
      sentence((inner) => queueIn(inner).addConsumer(new spillway.LambdaConsumer('arn:aws:lambda' as Props))),
    ],
    [
      "topic must be a topic (ITopic), but was 'orders'",
      sentence((inner) => queueIn(inner).addProducer(new spillway.TopicProducer('orders' as Props))),
    ],
    [
      'queue must be a queue (IQueue)',
      sentence((inner) => spillway.StandardQueue.fromQueue(inner, 'Adopted', queueIn(inner) as Props)),
    ],
    [
      'queue must be a queue of this library, such as a StandardQueue, but was a Queue',
      sentence((inner) => new spillway.TopicFanOut(inner, 'Orders').addQueue(new Queue(inner, 'Queue') as Props)),
    ],
    [
      'removalPolicy must be one of RemovalPolicy (RemovalPolicy.DESTROY, RemovalPolicy.RETAIN, ',
      standard({ removalPolicy: 'DELETE' }),
    ],
  ])('%s', (text, found) => {
    expect(found).toContain(text);
    expect(found).toMatch(/\[Spillway-Props-(TypeInvalid|Unknown)\]$/);
  });

  test('all that is wrong is reported together', () => {
    const message = refusal('StandardQueue', { visibilityTimeout: 30, queueName: 1, fifo: true })?.message;
    expect(message).toMatch(/^Stack\/Jobs: 3 invalid\n {2}- queueName .*\n {2}- visibilityTimeout .*\n {2}- fifo /);
  });

  test('an unknown property can be acknowledged', () => {
    const scope = stack();
    const id = 'Spillway-Props-Unknown';
    spillway.RuleAcknowledgements.of(scope).add({ id, reason: 'of a subclass' });
    expect(() => queueIn(scope, { tenant: 'a' } as Props)).not.toThrow();
  });
});
