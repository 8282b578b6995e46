import { type IMetric, MathExpression, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { QueueMetrics } from '../../lib';
import { MINUTE, VirtualClock } from '../../lib/emulator/clock';
import { CloudWatch } from '../../lib/emulator/services/cloudwatch';
import { Timeline } from '../../lib/emulator/timeline';

const START = Date.UTC(2030, 0, 1);

function metricsOf(fifo = false) {
  const stack = new Stack(new App(), 'Stack');
  return QueueMetrics.fromQueue(new Queue(stack, 'Jobs', { fifo: fifo || undefined }));
}

const EVERY = [
  'ApproximateNumberOfMessagesVisible',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateAgeOfOldestMessage',
];
const COUNTERS = [
  'NumberOfMessagesSent',
  'NumberOfMessagesReceived',
  'NumberOfEmptyReceives',
  'NumberOfMessagesDeleted',
];
const FAIR = [
  'ApproximateNumberOfNoisyGroups',
  'ApproximateNumberOfMessagesVisibleInQuietGroups',
  'ApproximateNumberOfMessagesNotVisibleInQuietGroups',
  'ApproximateNumberOfMessagesDelayedInQuietGroups',
  'ApproximateAgeOfOldestMessageInQuietGroups',
];

type Named = Record<string, (props?: object) => Metric>;
const named = (metrics: QueueMetrics, name: string, props?: object) => {
  const all = metrics as unknown as Named;
  return all[`metric${name}`](props);
};

describe('§2 QueueMetrics: the metrics of AWS/SQS', () => {
  test.each([
    ...EVERY.map((name) => [name, 'Maximum', false] as const),
    ...COUNTERS.map((name) => [name, 'Sum', false] as const),
    ['SentMessageSize', 'Average', false] as const,
    ['ApproximateNumberOfGroupsWithInflightMessages', 'Maximum', true] as const,
    ['NumberOfDeduplicatedSentMessages', 'Sum', true] as const,
    ...FAIR.map((name) => [name, 'Maximum', false] as const),
  ])('%s: %s over a minute', (name, statistic, fifo) => {
    expect(named(metricsOf(fifo), name)).toMatchObject({
      namespace: 'AWS/SQS',
      metricName: name,
      statistic,
      period: Duration.minutes(1),
    });
  });

  test('takes other statistics, periods and labels', () => {
    const metric = metricsOf().metricSentMessageSize({ statistic: 'p99', period: Duration.minutes(5), label: 'Size' });
    expect(metric).toMatchObject({ statistic: 'p99', period: Duration.minutes(5), label: 'Size' });
  });

  test('is of queues that are defined elsewhere, too', () => {
    const stack = new Stack(new App(), 'Stack');
    const queue = Queue.fromQueueArn(stack, 'Jobs', 'arn:aws:sqs:eu-west-1:111122223333:jobs');
    const metric = QueueMetrics.fromQueue(queue).metricApproximateAgeOfOldestMessage();
    expect(metric.dimensions).toEqual({ QueueName: 'jobs' });
  });

  test.each([
    ['ApproximateNumberOfNoisyGroups', true, 'standard'],
    ['NumberOfDeduplicatedSentMessages', false, 'FIFO'],
  ])('fails for %s of the other kind of queue', (name, fifo, kind) => {
    expect(() => named(metricsOf(fifo), name)).toThrow(
      new RegExp(
        `${name} must be used with a ${kind} queue, but was used with a .* queue; .*\\[Spillway-QueueMetrics-OtherKind\\]`,
      ),
    );
  });
});

describe('QueueMetrics: what follows from them, computed by metric math', () => {
  const minute = (values: Record<string, number>) => values;

  /** The formula's values for minutes of data, by CloudWatch's rules; undefined where it has no data point. */
  function computed(formula: IMetric, minutes: readonly Record<string, number>[], periodMinutes = 1) {
    const clock = new VirtualClock({ startAt: START });
    const account = '000000000000';
    const region = 'us-east-1';
    const timeline = new Timeline(clock);
    const cloudWatch = new CloudWatch({ clock, timeline, account, region, invokeAction: () => undefined });
    const call = { account, region, principal: `arn:aws:iam::${account}:root`, endpoint: 'http://127.0.0.1' };
    minutes.forEach((data, index) => {
      const MetricData = Object.entries(data).map(([MetricName, Value]) => ({
        MetricName,
        Value,
        Timestamp: new Date(START + index * MINUTE),
        Dimensions: [{ Name: 'QueueName', Value: 'jobs' }],
      }));
      if (MetricData.length > 0) cloudWatch.putMetricData({ Namespace: 'Test/SQS', MetricData }, call);
    });
    const { MetricDataResults: [result] = [] } = cloudWatch.getMetricData(
      {
        MetricDataQueries: queries(formula, periodMinutes * 60),
        StartTime: new Date(START),
        EndTime: new Date(START + minutes.length * MINUTE),
        ScanBy: 'TimestampAscending',
      },
      call,
    );
    const times = result.Timestamps?.map(Number) ?? [];
    return minutes
      .filter((_, index) => index % periodMinutes === 0)
      .map((_, index) => result.Values?.[times.indexOf(START + index * periodMinutes * MINUTE)]);
  }

  /** What an alarm's or a widget's rendering does with nested formulas. */
  function queries(metric: IMetric, period: number, id = 'result', isResult = true): MetricDataQuery[] {
    if (metric instanceof MathExpression) {
      const parts = Object.entries(metric.usingMetrics).flatMap(([name, part]) => queries(part, period, name, false));
      const unique = parts.filter((part, index) => parts.findIndex((one) => one.Id === part.Id) === index);
      return [...unique, { Id: id, Expression: metric.expression, Period: period, ReturnData: isResult }];
    }
    const { metricName, statistic } = metric as Metric;
    const Metric = {
      Namespace: 'Test/SQS',
      MetricName: metricName,
      Dimensions: [{ Name: 'QueueName', Value: 'jobs' }],
    };
    return [{ Id: id, MetricStat: { Metric, Period: period, Stat: statistic }, ReturnData: isResult }];
  }

  const VISIBLE = 'ApproximateNumberOfMessagesVisible';
  const IN_FLIGHT = 'ApproximateNumberOfMessagesNotVisible';
  const SENT = 'NumberOfMessagesSent';
  const DELETED = 'NumberOfMessagesDeleted';
  const RECEIVED = 'NumberOfMessagesReceived';

  test('outstanding: what waits and what is in flight, also while one of them is missing', () => {
    const data = [minute({ [VISIBLE]: 5, [IN_FLIGHT]: 3 }), minute({ [VISIBLE]: 4 }), minute({})];
    expect(computed(metricsOf().metricOutstandingMessages(), data)).toEqual([8, 4, undefined]);
  });

  test('rates are a second', () => {
    const data = [minute({ [SENT]: 120, [DELETED]: 30 }), minute({ [SENT]: 0, [DELETED]: 0 })];
    expect(computed(metricsOf().metricProductionRate(), data)).toEqual([2, 0]);
    expect(computed(metricsOf().metricConsumptionRate(), data)).toEqual([0.5, 0]);
  });

  test('time to drain: 0 when empty, 14 days when it does not shrink, never a division by zero', () => {
    const data = [
      minute({ [VISIBLE]: 500, [IN_FLIGHT]: 100, [SENT]: 60, [DELETED]: 180 }), // shrinks by 2 a second
      minute({ [VISIBLE]: 500, [IN_FLIGHT]: 0, [SENT]: 60, [DELETED]: 60 }), // keeps
      minute({ [VISIBLE]: 500, [IN_FLIGHT]: 0, [SENT]: 60, [DELETED]: 0 }), // grows
      minute({ [VISIBLE]: 0, [IN_FLIGHT]: 0, [SENT]: 0, [DELETED]: 0 }), // is empty
      minute({ [VISIBLE]: 0, [IN_FLIGHT]: 0, [SENT]: 60, [DELETED]: 60 }), // is kept empty
      minute({ [VISIBLE]: 60, [SENT]: 0, [DELETED]: 60 }), // nothing in flight is reported
    ];
    expect(computed(metricsOf().metricTimeToDrain(), data)).toEqual([300, 1_209_600, 1_209_600, 0, 0, 60]);
  });

  test('receives without delete: a share, never negative, 0 without receives', () => {
    const data = [
      minute({ [RECEIVED]: 10, [DELETED]: 4 }),
      minute({ [RECEIVED]: 4, [DELETED]: 10 }),
      minute({ [RECEIVED]: 0, [DELETED]: 0 }),
    ];
    const formula = metricsOf().metricUndeletedReceives({ period: Duration.minutes(1) });
    expect(computed(formula, data)).toEqual([60, 0, 0]);
    expect(metricsOf().metricUndeletedReceives().period).toEqual(Duration.minutes(15));
  });

  test('behind one group: what waits while one group or none is worked on', () => {
    const GROUPS = 'ApproximateNumberOfGroupsWithInflightMessages';
    const data = [
      minute({ [VISIBLE]: 700, [GROUPS]: 1 }),
      minute({ [VISIBLE]: 700, [GROUPS]: 2 }),
      minute({ [VISIBLE]: 700 }),
    ];
    expect(computed(metricsOf(true).metricMessagesBehindOneGroup(), data)).toEqual([700, 0, 700]);
  });

  test('each can be over longer periods, and so are the metrics in it', () => {
    const formula = metricsOf().metricTimeToDrain({ period: Duration.minutes(5), label: 'Drain' });
    expect(formula).toMatchObject({ period: Duration.minutes(5), label: 'Drain' });
    const [backlog] = Object.values(formula.usingMetrics) as MathExpression[];
    expect(Object.values(backlog.usingMetrics)).toEqual([
      expect.objectContaining({ period: Duration.minutes(5) }),
      expect.objectContaining({ period: Duration.minutes(5) }),
    ]);
  });
});
