import { CloudWatch, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Stack } from 'aws-cdk-lib/core';
import { HOUR, MINUTE } from '../../lib/emulator/clock';
import { emptyFolder } from '../emulator/cloudformation/support';
import { ACCOUNT, type ConformanceCloud } from './cloud';
import { conformance } from './rows';

const NAMESPACE = 'AWS/SQS';
const STRANGER = { accessKeyId: '444455556666' };
const _ = undefined;

/** CloudWatch of the same cloud, by the SDK's client and the same transport. */
function cloudWatchOf(cloud: ConformanceCloud): CloudWatch {
  return new CloudWatch({ ...cloud.emulator.clientConfig(), maxAttempts: 1 });
}

/** A queue's metrics of the last minutes, oldest first, by name; undefined where there is no data point. */
async function metrics<Names extends string>(
  cloud: ConformanceCloud,
  minutes: number,
  names: Readonly<Record<Names, string>>,
  queue = 'Queue',
): Promise<Record<Names, (number | undefined)[]>> {
  const client = cloudWatchOf(cloud);
  const end = Math.floor(cloud.clock.now() / MINUTE) * MINUTE;
  const start = end - minutes * MINUTE;
  const ids = Object.entries<string>(names);
  const queries = ids.map(([name, Stat], index): MetricDataQuery => {
    const Metric = { Namespace: NAMESPACE, MetricName: name, Dimensions: [{ Name: 'QueueName', Value: queue }] };
    return { Id: `m${index}`, MetricStat: { Metric, Period: 60, Stat } };
  });
  const { MetricDataResults = [] } = await client.getMetricData({
    StartTime: new Date(start),
    EndTime: new Date(end),
    MetricDataQueries: queries,
  });
  client.destroy();
  const all = MetricDataResults.map(({ Timestamps = [], Values = [] }, index) => {
    const values = new Map(Timestamps.map((time, at) => [time.getTime(), Values[at]]));
    const series = Array.from({ length: minutes }, (_minute, minute) => values.get(start + minute * MINUTE));
    return [ids[index][0], series] as const;
  });
  return Object.fromEntries(all) as Record<Names, (number | undefined)[]>;
}

const gauges = {
  ApproximateNumberOfMessagesVisible: 'Maximum',
  ApproximateNumberOfMessagesNotVisible: 'Maximum',
  ApproximateNumberOfMessagesDelayed: 'Maximum',
} as const;
const backlog = { ApproximateNumberOfMessagesVisible: 'Maximum' } as const;
const age = { ApproximateAgeOfOldestMessage: 'Maximum' } as const;

/** Gives a message back at once, so many times. */
async function receiveInVain(cloud: ConformanceCloud, queue: string, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await cloud.receive(queue, { VisibilityTimeout: 0 });
}

async function createWithDeadLetters(cloud: ConformanceCloud, maxReceiveCount: number): Promise<string> {
  await cloud.create('Dead');
  const deadLetterTargetArn = `arn:aws:sqs:us-east-1:${ACCOUNT}:Dead`;
  return cloud.create('Queue', { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }) });
}

conformance('§2 metrics', {
  'Visible is the backlog, without what is delayed or in flight; an active queue without messages has zeros': async (
    cloud,
  ) => {
    const queue = await cloud.create();
    await cloud.wait(60);
    for (const body of ['a', 'b', 'c']) await cloud.send(queue, body);
    await cloud.send(queue, 'later', { DelaySeconds: 90 });
    const [first] = await cloud.receive(queue, { MaxNumberOfMessages: 1, VisibilityTimeout: 600 });
    await cloud.wait(60);
    await cloud.delete(queue, first);
    await cloud.wait(60);
    expect(await metrics(cloud, 3, gauges)).toEqual({
      ApproximateNumberOfMessagesVisible: [0, 2, 3],
      // Of these there is nothing before the first such message, and zeros after the last.
      ApproximateNumberOfMessagesNotVisible: [_, 1, 0],
      ApproximateNumberOfMessagesDelayed: [_, 1, 0],
    });
  },

  'several consecutive zeros of Visible, NotVisible and Delayed tell that a queue is empty': async (cloud) => {
    const queue = await cloud.create();
    await cloud.send(queue, 'a');
    await cloud.send(queue, 'b', { DelaySeconds: 65 });
    await cloud.wait(66);
    for (const message of await cloud.receive(queue)) await cloud.delete(queue, message);
    await cloud.wait(180);
    expect(await metrics(cloud, 3, gauges)).toEqual({
      ApproximateNumberOfMessagesVisible: [0, 0, 0],
      ApproximateNumberOfMessagesNotVisible: [0, 0, 0],
      ApproximateNumberOfMessagesDelayed: [0, 0, 0],
    });
  },

  'AgeOfOldestMessage counts seconds, while there is a message': async (cloud) => {
    const queue = await cloud.create();
    await cloud.wait(90);
    await cloud.send(queue, 'a');
    await cloud.wait(150);
    const [message] = await cloud.receive(queue);
    await cloud.delete(queue, message);
    await cloud.wait(60);
    expect(await metrics(cloud, 5, age)).toEqual({ ApproximateAgeOfOldestMessage: [_, 30, 90, 150, _] });
  },

  'AgeOfOldestMessage leaves out what was received three times and not deleted, with a redrive policy or without':
    async (cloud) => {
      const queue = await cloud.create();
      await cloud.send(queue, 'poison');
      await cloud.wait(30);
      await cloud.send(queue, 'fresh', { DelaySeconds: 900 });
      await receiveInVain(cloud, queue, 2);
      await cloud.wait(30);
      await receiveInVain(cloud, queue, 1);
      await cloud.wait(60);
      expect(await metrics(cloud, 2, { ...age, ...backlog })).toEqual({
        ApproximateAgeOfOldestMessage: [60, 90], // the other one's, from then on
        ApproximateNumberOfMessagesVisible: [1, 1],
      });
    },

  'in a dead-letter queue the age counts from the move, and the move is not counted as sent': async (cloud) => {
    const queue = await createWithDeadLetters(cloud, 1);
    await cloud.send(queue, 'poison');
    await receiveInVain(cloud, queue, 1);
    await cloud.wait(90);
    await cloud.receive(queue); // this one moves it
    await cloud.wait(90);
    const names = { ...age, ...backlog, NumberOfMessagesSent: 'Sum', SentMessageSize: 'SampleCount' } as const;
    expect(await metrics(cloud, 3, names, 'Dead')).toEqual({
      ApproximateAgeOfOldestMessage: [_, 30, 90],
      ApproximateNumberOfMessagesVisible: [0, 1, 1],
      NumberOfMessagesSent: [0, 0, 0],
      SentMessageSize: [_, _, _],
    });
    const { NumberOfMessagesSent } = await metrics(cloud, 3, { NumberOfMessagesSent: 'Sum' });
    expect(NumberOfMessagesSent).toEqual([1, 0, 0]);
  },

  'Sent counts what is sent by hand, one by one or in batches; SentMessageSize is in bytes, and there once something was sent':
    async (cloud) => {
      const queue = await cloud.create();
      await cloud.wait(60);
      await cloud.send(queue, 'four');
      await cloud.call('SendMessageBatch', {
        QueueUrl: queue,
        Entries: [
          { Id: 'a', MessageBody: '☃' }, // three bytes
          { Id: 'b', MessageBody: 'x'.repeat(100) },
          { Id: 'c', MessageBody: '\u0001' }, // refused, and not counted
        ],
      });
      await cloud.wait(120);
      const names = { NumberOfMessagesSent: 'Sum', SentMessageSize: 'Sum' } as const;
      expect(await metrics(cloud, 3, names)).toEqual({
        NumberOfMessagesSent: [0, 3, 0],
        SentMessageSize: [_, 107, _],
      });
      for (const [stat, value] of [
        ['Minimum', 3],
        ['Maximum', 100],
        ['SampleCount', 3],
        ['Average', 107 / 3],
      ] as const) {
        expect((await metrics(cloud, 3, { SentMessageSize: stat })).SentMessageSize[1]).toBeCloseTo(value, 9);
      }
    },

  'Received counts messages, repeats too; EmptyReceives counts calls that found none': async (cloud) => {
    const queue = await cloud.create();
    for (const body of ['a', 'b', 'c']) await cloud.send(queue, body);
    await cloud.receive(queue, { VisibilityTimeout: 0 });
    await cloud.receive(queue);
    await cloud.receive(queue);
    await cloud.whileWaiting(cloud.receive(queue, { WaitTimeSeconds: 3 }));
    await cloud.wait(60);
    const names = { NumberOfMessagesReceived: 'Sum', NumberOfEmptyReceives: 'Sum' } as const;
    expect(await metrics(cloud, 1, names)).toEqual({ NumberOfMessagesReceived: [6], NumberOfEmptyReceives: [2] });
  },

  'each poll of an event source mapping counts as a receive': async (cloud) => {
    const app = new App({ outdir: emptyFolder() });
    const stack = new Stack(app, 'Story', { env: { account: ACCOUNT, region: 'us-east-1' } });
    const queue = new Queue(stack, 'Queue', { queueName: 'Queue' });
    const handler = new LambdaFunction(stack, 'Handler', {
      functionName: 'handler',
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => {}'),
    });
    handler.addEventSource(new SqsEventSource(queue));
    await cloud.emulator.load(app.synth().directory);
    cloud.emulator.modelFunction('handler', { handler: () => undefined });
    await cloud.wait(60);
    await cloud.send(cloud.urlOf('Queue'), 'a');
    await cloud.wait(60);
    const names = {
      NumberOfMessagesReceived: 'Sum',
      NumberOfMessagesDeleted: 'Sum',
      NumberOfEmptyReceives: 'Sum',
    } as const;
    const { NumberOfEmptyReceives, ...others } = await metrics(cloud, 2, names);
    expect(others).toEqual({ NumberOfMessagesReceived: [0, 1], NumberOfMessagesDeleted: [0, 1] });
    for (const polls of NumberOfEmptyReceives) expect(polls).toBeGreaterThan(0);
  },

  'Deleted counts each deletion by a valid handle, again and again': async (cloud) => {
    const queue = await cloud.create();
    await cloud.send(queue, 'a');
    const [message] = await cloud.receive(queue);
    await cloud.delete(queue, message);
    await cloud.delete(queue, message);
    await cloud.refuses(
      'DeleteMessage',
      { QueueUrl: queue, ReceiptHandle: 'x' },
      {
        shape: 'ReceiptHandleIsInvalid',
        status: 404,
        message: 'The input receipt handle "x" is not a valid receipt handle.',
      },
    );
    await cloud.wait(60);
    expect(await metrics(cloud, 1, { NumberOfMessagesDeleted: 'Sum' })).toEqual({ NumberOfMessagesDeleted: [2] });
  },

  'FIFO queues: groups with messages in flight, duplicates, and the same names as of the others': async (cloud) => {
    const queue = await cloud.create('Queue.fifo');
    await cloud.sendInGroup(queue, 'one', 'a', 'b', 'a');
    await cloud.sendInGroup(queue, 'two', 'a', 'a', 'a');
    await cloud.sendInGroup(queue, 'three', 'a');
    await cloud.wait(60);
    await cloud.receive(queue, { MaxNumberOfMessages: 3, VisibilityTimeout: 90 }); // both of one, and two's
    await cloud.wait(120);
    const names = {
      ...gauges,
      NumberOfMessagesSent: 'Sum',
      NumberOfDeduplicatedSentMessages: 'Sum',
      ApproximateNumberOfGroupsWithInflightMessages: 'Maximum',
    } as const;
    expect(await metrics(cloud, 3, names, 'Queue.fifo')).toEqual({
      ApproximateNumberOfMessagesVisible: [4, 1, 4],
      ApproximateNumberOfMessagesNotVisible: [_, 3, 0],
      ApproximateNumberOfMessagesDelayed: [_, _, _],
      NumberOfMessagesSent: [4, 0, 0],
      NumberOfDeduplicatedSentMessages: [3, 0, 0],
      ApproximateNumberOfGroupsWithInflightMessages: [0, 2, 0],
    });
  },

  'standard queues have none of the metrics of FIFO queues, nor, without groups, of fair ones': async (cloud) => {
    const queue = await cloud.create();
    await cloud.send(queue, 'a');
    await cloud.wait(60);
    const client = cloudWatchOf(cloud);
    const { Metrics = [] } = await client.listMetrics({ Namespace: NAMESPACE });
    client.destroy();
    expect(Metrics.map(({ MetricName }) => MetricName).sort()).toEqual([
      'ApproximateAgeOfOldestMessage',
      'ApproximateNumberOfMessagesVisible',
      'NumberOfEmptyReceives',
      'NumberOfMessagesDeleted',
      'NumberOfMessagesReceived',
      'NumberOfMessagesSent',
      'SentMessageSize',
    ]);
    for (const { Dimensions } of Metrics) expect(Dimensions).toEqual([{ Name: 'QueueName', Value: 'Queue' }]);
  },

  units: async (cloud) => {
    const queue = await cloud.create();
    await cloud.send(queue, 'a', { MessageGroupId: 'g' });
    await cloud.send(queue, 'b', { MessageGroupId: 'g', DelaySeconds: 900 });
    await cloud.send(queue, 'c', { MessageGroupId: 'h' });
    await cloud.receive(queue, { MaxNumberOfMessages: 1, VisibilityTimeout: 600 });
    await cloud.wait(60);
    const client = cloudWatchOf(cloud);
    const units: Record<string, string | undefined> = {};
    const { Metrics = [] } = await client.listMetrics({ Namespace: NAMESPACE });
    for (const { MetricName = '', Dimensions } of Metrics) {
      const { Datapoints = [] } = await client.getMetricStatistics({
        ...{ Namespace: NAMESPACE, MetricName, Dimensions, Statistics: ['Sum'], Period: 60 },
        StartTime: new Date(cloud.clock.now() - MINUTE),
        EndTime: new Date(cloud.clock.now()),
      });
      units[MetricName] = Datapoints[0].Unit;
    }
    client.destroy();
    const { SentMessageSize, ...others } = units;
    expect(SentMessageSize).toBe('Bytes');
    for (const [name, unit] of Object.entries(others)) {
      expect([name, unit]).toEqual([name, name.includes('Age') ? 'Seconds' : 'Count']);
    }
    expect(Object.keys(units)).toHaveLength(14);
  },

  'a queue that is unused for more than 6 hours emits nothing, no zeros either; a look at it wakes it': async (
    cloud,
  ) => {
    const queue = await cloud.create();
    await cloud.wait((6 * HOUR) / 1_000 + 120);
    const idle = (await metrics(cloud, 362, backlog)).ApproximateNumberOfMessagesVisible;
    expect(idle.indexOf(undefined)).toBe(360);
    expect(idle.slice(0, 360).every((value) => value === 0)).toBe(true);
    expect(idle.slice(360)).toEqual([_, _]);
    await cloud.attributes(queue, 'QueueArn');
    await cloud.wait(60);
    expect(await metrics(cloud, 2, backlog)).toEqual({ ApproximateNumberOfMessagesVisible: [_, 0] });
  },

  'a queue with messages is active, however long nobody uses it': async (cloud) => {
    const queue = await cloud.create();
    await cloud.send(queue, 'a');
    await cloud.wait((8 * HOUR) / 1_000);
    expect(await metrics(cloud, 1, { ...backlog, ...age })).toEqual({
      ApproximateNumberOfMessagesVisible: [1],
      ApproximateAgeOfOldestMessage: [(8 * HOUR) / 1_000],
    });
  },

  'a call that is denied is activity, too': async (cloud) => {
    const queue = await cloud.create();
    await cloud.wait((6 * HOUR) / 1_000 + 120);
    expect(await metrics(cloud, 1, backlog)).toEqual({ ApproximateNumberOfMessagesVisible: [_] });
    const denied = await cloud.ask('SendMessage', { QueueUrl: queue, MessageBody: 'x' }, STRANGER);
    expect(denied.status).toBe(403);
    await cloud.wait(60);
    expect(await metrics(cloud, 1, backlog)).toEqual({ ApproximateNumberOfMessagesVisible: [0] });
  },

  'alarms see a data point a minute after its period has ended': async (cloud) => {
    const queue = await cloud.create();
    const client = cloudWatchOf(cloud);
    await client.putMetricAlarm({ ...deep, AlarmName: 'deep' });
    const state = async () => (await client.describeAlarms({})).MetricAlarms?.[0].StateValue;
    await cloud.send(queue, 'a');
    await cloud.wait(119);
    expect(await state()).toBe('INSUFFICIENT_DATA');
    await cloud.wait(1);
    expect(await state()).toBe('ALARM');
    client.destroy();
  },

  'of an idle queue an alarm has insufficient data, unless missing data is said not to breach': async (cloud) => {
    const queue = await cloud.create();
    const client = cloudWatchOf(cloud);
    await client.putMetricAlarm({ ...deep, AlarmName: 'missing' });
    await client.putMetricAlarm({ ...deep, AlarmName: 'notBreaching', TreatMissingData: 'notBreaching' });
    const states = async () =>
      (await client.describeAlarms({})).MetricAlarms?.map(({ StateValue }) => StateValue).join(' ');
    await cloud.send(queue, 'a');
    await cloud.wait(180);
    expect(await states()).toBe('ALARM ALARM');
    for (const message of await cloud.receive(queue)) await cloud.delete(queue, message);
    await cloud.wait(180);
    expect(await states()).toBe('OK OK');
    await cloud.wait((6 * HOUR) / 1_000 + 600);
    expect(await states()).toBe('INSUFFICIENT_DATA OK');
    client.destroy();
  },
});

const deep = {
  Namespace: NAMESPACE,
  MetricName: 'ApproximateNumberOfMessagesVisible',
  Dimensions: [{ Name: 'QueueName', Value: 'Queue' }],
  Statistic: 'Maximum' as const,
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold' as const,
};

conformance(
  '§2 metrics of a queue that takes its time to wake up',
  {
    'after 6 idle hours they come back 15 minutes after the first use': async (cloud) => {
      const queue = await cloud.create();
      await cloud.wait((6 * HOUR) / 1_000 + 120);
      await cloud.send(queue, 'a');
      await cloud.wait(17 * 60);
      expect((await metrics(cloud, 18, backlog)).ApproximateNumberOfMessagesVisible).toEqual([
        ...Array<undefined>(15).fill(_),
        1,
        1,
        1,
      ]);
    },
  },
  { sqsLimits: { metricWakeUp: 15 * MINUTE } },
);

conformance(
  '§2 metrics of fair queues',
  {
    'noisy groups, and the part of each gauge that is of the quiet ones': async (cloud) => {
      const queue = await cloud.create('Queue', { VisibilityTimeout: '600' });
      const sendTo = (MessageGroupId: string, more: object = {}) => cloud.send(queue, 'x', { MessageGroupId, ...more });
      for (let message = 0; message < 5; message++) await sendTo('noisy');
      await cloud.receive(queue, { MaxNumberOfMessages: 2 });
      await cloud.wait(20);
      for (let message = 0; message < 2; message++) await sendTo('quiet');
      await sendTo('quiet', { DelaySeconds: 900 });
      await sendTo('noisy', { DelaySeconds: 900 });
      await cloud.receive(queue, { MaxNumberOfMessages: 1 });
      await cloud.wait(40);
      const suffixed = Object.fromEntries(
        Object.entries({ ...gauges, ...age }).map(([name, stat]) => [`${name}InQuietGroups`, stat]),
      );
      const names: Record<string, string> = {
        ...gauges,
        ...age,
        ...suffixed,
        ApproximateNumberOfNoisyGroups: 'Maximum',
      };
      const found = await metrics(cloud, 1, names);
      expect(Object.fromEntries(Object.entries(found).map(([name, [value]]) => [name, value]))).toEqual({
        ApproximateNumberOfNoisyGroups: 1,
        ApproximateNumberOfMessagesVisible: 4,
        ApproximateNumberOfMessagesVisibleInQuietGroups: 1,
        ApproximateNumberOfMessagesNotVisible: 3,
        ApproximateNumberOfMessagesNotVisibleInQuietGroups: 1,
        ApproximateNumberOfMessagesDelayed: 2,
        ApproximateNumberOfMessagesDelayedInQuietGroups: 1,
        ApproximateAgeOfOldestMessage: 60,
        ApproximateAgeOfOldestMessageInQuietGroups: 40,
      });
    },
  },
  { sqsLimits: { noisyInFlight: 2 } },
);
