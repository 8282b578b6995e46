import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { AwsError, type RequestContext, gauge } from '../../../../lib/emulator/core';
import { HOUR, MINUTE, SECOND, VirtualClock } from '../../../../lib/emulator/clock';
import { type AlarmNotice, CloudWatch } from '../../../../lib/emulator/services/cloudwatch';
import { Timeline, type TimelineEvent } from '../../../../lib/emulator/timeline';

const START = Date.UTC(2030, 0, 1);
const POLICY = 'arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1:autoScalingGroupName/g:policyName/p';
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:ops';
const call: RequestContext = {
  account: '000000000000',
  region: 'us-east-1',
  principal: 'arn:aws:iam::000000000000:root',
  endpoint: 'http://127.0.0.1',
};

const deep: PutMetricAlarmInput = {
  AlarmName: 'deep',
  Namespace: 'AWS/SQS',
  MetricName: 'ApproximateNumberOfMessagesVisible',
  Dimensions: [{ Name: 'QueueName', Value: 'jobs' }],
  Statistic: 'Maximum',
  Period: 60,
  EvaluationPeriods: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  Threshold: 100,
  AlarmActions: [POLICY, TOPIC],
  OKActions: [TOPIC],
};

function setUp(metricDelay?: number) {
  const clock = new VirtualClock({ startAt: START });
  const timeline = new Timeline(clock);
  const events: TimelineEvent[] = [];
  timeline.subscribe((event) => events.push(event));
  const actions: { minute: number; arn: string; notice: AlarmNotice }[] = [];
  const cloudWatch = new CloudWatch({
    clock,
    timeline,
    account: '000000000000',
    region: 'us-east-1',
    metricDelay,
    invokeAction: (arn, notice) => actions.push({ minute: (clock.now() - START) / MINUTE, arn, notice }),
  });
  const visible = (minute: number, value: number) =>
    gauge(
      'AWS/SQS',
      'ApproximateNumberOfMessagesVisible',
      { QueueName: 'jobs' },
      'Count',
      START + minute * MINUTE,
      value,
    );
  const changes = () =>
    events
      .filter(({ kind }) => kind === 'cloudwatch.alarm')
      .map(({ at, subject, detail }) => [(at - START) / MINUTE, subject, detail.from, detail.to]);
  const state = (name = 'deep') => cloudWatch.alarms().find((alarm) => alarm.name === name)?.state;
  return { clock, cloudWatch, actions, visible, changes, state };
}

describe('§5 alarms', () => {
  test('a data point counts one minute after its period has ended; a new alarm is INSUFFICIENT_DATA', async () => {
    const { clock, cloudWatch, visible, changes, state } = setUp();
    cloudWatch.putMetricAlarm(deep, call);
    expect(state()).toBe('INSUFFICIENT_DATA');
    cloudWatch.ingest([visible(0, 150)]); // the minute 0 to 1: visible from 2 on
    await clock.advance(2 * MINUTE - 1);
    expect(changes()).toEqual([]);
    await clock.advance(1);
    expect(changes()).toEqual([[2, 'deep', 'INSUFFICIENT_DATA', 'ALARM']]);
    expect(cloudWatch.alarms()[0].reason).toBe(
      'Threshold Crossed: 1 datapoint [150.0 (01/01/30 00:00:00)] was greater than or equal to the threshold (100.0).',
    );
  });

  test('metricDelay moves the moment', async () => {
    const { clock, cloudWatch, visible, changes } = setUp(3 * MINUTE);
    cloudWatch.putMetricAlarm(deep, call);
    cloudWatch.ingest([visible(0, 150)]);
    await clock.advance(10 * MINUTE);
    expect(changes()[0]).toEqual([4, 'deep', 'INSUFFICIENT_DATA', 'ALARM']);
  });

  test('data from before the alarm counts', async () => {
    const { clock, cloudWatch, visible, changes } = setUp();
    cloudWatch.ingest([visible(0, 1)]);
    await clock.advance(2.5 * MINUTE);
    cloudWatch.putMetricAlarm(deep, call);
    await clock.advance(MINUTE);
    expect(changes()).toEqual([[3, 'deep', 'INSUFFICIENT_DATA', 'OK']]);
  });

  test('actions run on a transition; a scaling policy again each minute while the state lasts', async () => {
    const { clock, cloudWatch, actions, visible } = setUp();
    cloudWatch.putMetricAlarm(deep, call);
    cloudWatch.ingest([visible(0, 150), visible(1, 160), visible(2, 170), visible(3, 5)]);
    await clock.advance(8 * MINUTE);
    expect(actions.map(({ minute, arn, notice }) => [minute, arn, notice.state, notice.value])).toEqual([
      [2, POLICY, 'ALARM', 150],
      [2, TOPIC, 'ALARM', 150],
      [3, POLICY, 'ALARM', 160],
      [4, POLICY, 'ALARM', 170],
      [5, TOPIC, 'OK', 5],
    ]);
    expect(actions[0].notice).toMatchObject({
      alarmName: 'deep',
      threshold: 100,
      values: [150],
      at: START + 2 * MINUTE,
    });
  });

  test('§5 M of N: 2 of 3', async () => {
    const { clock, cloudWatch, visible, changes } = setUp();
    cloudWatch.putMetricAlarm({ ...deep, EvaluationPeriods: 3, DatapointsToAlarm: 2 }, call);
    cloudWatch.ingest([150, 5, 150, 5, 5].map((value, minute) => visible(minute, value)));
    await clock.advance(6 * MINUTE);
    expect(changes()).toEqual([
      // One breaching point is no alarm, and no proof that all is well; 150, 5 is.
      [3, 'deep', 'INSUFFICIENT_DATA', 'OK'],
      [4, 'deep', 'OK', 'ALARM'],
      [5, 'deep', 'ALARM', 'OK'],
    ]);
  });

  test('when the data stops the alarm lasts for the evaluation range, then has insufficient data, then nothing is scheduled', async () => {
    const { clock, cloudWatch, visible, changes } = setUp();
    cloudWatch.putMetricAlarm({ ...deep, AlarmActions: [TOPIC] }, call);
    cloudWatch.ingest([visible(0, 150)]);
    await clock.advance(HOUR);
    // N = 1 reads three points: the ones of minutes 0, 1 and 2 are the last window that holds minute 0, seen at 4.
    expect(changes()).toEqual([
      [2, 'deep', 'INSUFFICIENT_DATA', 'ALARM'],
      [5, 'deep', 'ALARM', 'INSUFFICIENT_DATA'],
    ]);
    expect(clock.pending).toBe(0);
    cloudWatch.ingest([visible(60, 150)]);
    await clock.advance(2 * MINUTE);
    expect(changes()[2]).toEqual([62, 'deep', 'INSUFFICIENT_DATA', 'ALARM']);
  });

  test.each([
    [
      'notBreaching',
      'OK',
      'no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]',
    ],
    [
      'breaching',
      'ALARM',
      'no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching]',
    ],
  ])('without any data, %s is %s', async (TreatMissingData, expected, words) => {
    const { clock, cloudWatch, state } = setUp();
    cloudWatch.putMetricAlarm({ ...deep, TreatMissingData, AlarmActions: [] }, call);
    await clock.advance(MINUTE);
    expect(state()).toBe(expected);
    expect(cloudWatch.alarms()[0].reason).toContain(words);
  });

  test('§5 AWS/DynamoDB ignores missing data by default', async () => {
    const { clock, cloudWatch, state } = setUp();
    cloudWatch.putMetricAlarm({ ...deep, Namespace: 'AWS/DynamoDB' }, call);
    cloudWatch.setAlarmState({ AlarmName: 'deep', StateValue: 'OK', StateReason: 'by hand' }, call);
    await clock.advance(10 * MINUTE);
    expect(state()).toBe('OK');
  });

  test('a period of 10 seconds is evaluated every 10 seconds', async () => {
    const { clock, cloudWatch, changes } = setUp(0);
    cloudWatch.putMetricAlarm({ ...deep, Namespace: 'My', MetricName: 'Depth', Dimensions: [], Period: 10 }, call);
    await clock.advance(12 * SECOND);
    const datum = { MetricName: 'Depth', Value: 500, StorageResolution: 1 };
    cloudWatch.putMetricData({ Namespace: 'My', MetricData: [datum] }, call);
    await clock.advance(8 * SECOND);
    expect(changes()).toEqual([[20 / 60, 'deep', 'INSUFFICIENT_DATA', 'ALARM']]);
  });

  test('a sliding window of five minutes moves every minute; a wall clock window each five', async () => {
    const { clock, cloudWatch, visible, changes } = setUp();
    const five = { ...deep, Period: 300, Statistic: 'Sum' as const };
    cloudWatch.putMetricAlarm({ ...five, AlarmName: 'sliding' }, call);
    cloudWatch.putMetricAlarm({ ...five, AlarmName: 'wall', EvaluationWindow: { WallClockWindow: {} } }, call);
    // 60 in the minutes 3 and 6: no five minutes of the clock hold 100, but those from 2 to 7 do.
    cloudWatch.ingest([visible(3, 60), visible(6, 60)]);
    await clock.advance(12 * MINUTE);
    const alarms = changes().filter(([, , , to]) => to === 'ALARM');
    expect(alarms).toEqual([[8, 'sliding', 'OK', 'ALARM']]);
  });

  test('§5 metric math: an alarm on backlog per instance has no data point without instances', async () => {
    const { clock, cloudWatch, visible, changes } = setUp();
    const metric = (MetricName: string, Namespace: string, Name: string, Value: string) => ({
      Metric: { Namespace, MetricName, Dimensions: [{ Name, Value }] },
      Period: 60,
      Stat: 'Average',
    });
    cloudWatch.putMetricAlarm(
      {
        AlarmName: 'perInstance',
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: 10,
        Metrics: [
          {
            Id: 'visible',
            ReturnData: false,
            MetricStat: metric('ApproximateNumberOfMessagesVisible', 'AWS/SQS', 'QueueName', 'jobs'),
          },
          {
            Id: 'running',
            ReturnData: false,
            MetricStat: metric('GroupInServiceInstances', 'AWS/AutoScaling', 'AutoScalingGroupName', 'g'),
          },
          { Id: 'backlog', Expression: 'visible / running' },
        ],
      },
      call,
    );
    const running = (minute: number, value: number) =>
      gauge(
        'AWS/AutoScaling',
        'GroupInServiceInstances',
        { AutoScalingGroupName: 'g' },
        'None',
        START + minute * MINUTE,
        value,
      );
    cloudWatch.ingest([visible(0, 100), running(0, 0), visible(1, 100), running(1, 5), visible(2, 40), running(2, 5)]);
    await clock.advance(4 * MINUTE);
    expect(changes()).toEqual([
      [3, 'perInstance', 'INSUFFICIENT_DATA', 'ALARM'],
      [4, 'perInstance', 'ALARM', 'OK'],
    ]);
  });

  test('disabled actions do not run; an update replaces the configuration and keeps the state', async () => {
    const { clock, cloudWatch, actions, visible, state } = setUp();
    cloudWatch.putMetricAlarm(deep, call);
    cloudWatch.disableAlarmActions({ AlarmNames: ['deep'] }, call);
    cloudWatch.ingest([visible(0, 150), visible(1, 150), visible(2, 150)]);
    await clock.advance(2 * MINUTE);
    expect(state()).toBe('ALARM');
    expect(actions).toEqual([]);
    cloudWatch.enableAlarmActions({ AlarmNames: ['deep'] }, call);
    await clock.advance(MINUTE);
    expect(actions.map(({ arn }) => arn)).toEqual([POLICY]);
    cloudWatch.putMetricAlarm({ ...deep, AlarmActions: undefined, Threshold: 7 }, call);
    expect(state()).toBe('ALARM');
    const { MetricAlarms } = cloudWatch.describeAlarms({}, call);
    expect(MetricAlarms?.[0]).toMatchObject({ Threshold: 7, AlarmActions: [], ActionsEnabled: true, Period: 60 });
  });

  test('SetAlarmState acts at once, the next evaluation corrects it, and both are in the history', async () => {
    const { clock, cloudWatch, actions, visible, changes } = setUp();
    cloudWatch.putMetricAlarm(deep, call);
    cloudWatch.ingest([visible(0, 1), visible(1, 1), visible(2, 1)]);
    await clock.advance(2.5 * MINUTE);
    cloudWatch.setAlarmState({ AlarmName: 'deep', StateValue: 'ALARM', StateReason: 'drill' }, call);
    expect(actions.map(({ arn, notice }) => [arn, notice.value])).toEqual([
      [TOPIC, 1],
      [POLICY, undefined],
      [TOPIC, undefined],
    ]);
    await clock.advance(MINUTE);
    expect(changes().map(([, , , to]) => to)).toEqual(['OK', 'ALARM', 'OK']);
    const items = (type: 'StateUpdate' | 'Action' | 'ConfigurationUpdate') =>
      cloudWatch
        .describeAlarmHistory({ AlarmName: 'deep', HistoryItemType: type }, call)
        .AlarmHistoryItems?.map((item) => item.HistorySummary);
    expect(items('StateUpdate')).toEqual([
      'Alarm updated from ALARM to OK',
      'Alarm updated from OK to ALARM',
      'Alarm updated from INSUFFICIENT_DATA to OK',
    ]);
    expect(items('Action')).toHaveLength(4);
    expect(items('ConfigurationUpdate')).toEqual(['Alarm "deep" created']);
  });

  test('alarms are described by name, prefix, state, action and metric, page by page, and deleted', () => {
    const { cloudWatch } = setUp();
    for (const AlarmName of ['b', 'a', 'other']) cloudWatch.putMetricAlarm({ ...deep, AlarmName }, call);
    const names = (input: Parameters<typeof cloudWatch.describeAlarms>[0]) =>
      cloudWatch.describeAlarms(input, call).MetricAlarms?.map((alarm) => alarm.AlarmName);
    expect(names({})).toEqual(['a', 'b', 'other']);
    expect(names({ AlarmNames: ['b', 'nobody'] })).toEqual(['b']);
    expect(names({ AlarmNamePrefix: 'o' })).toEqual(['other']);
    expect(names({ StateValue: 'ALARM' })).toEqual([]);
    expect(names({ ActionPrefix: 'arn:aws:sns' })).toHaveLength(3);
    expect(names({ AlarmTypes: ['CompositeAlarm'] })).toEqual([]);
    const first = cloudWatch.describeAlarms({ MaxRecords: 2 }, call);
    expect(names({ MaxRecords: 2, NextToken: first.NextToken })).toEqual(['other']);
    expect(() => names({ NextToken: 'x' })).toThrow('next token');
    const { MetricName, Namespace, Dimensions } = deep;
    const forMetric = (dimensions: typeof Dimensions) =>
      cloudWatch.describeAlarmsForMetric({ MetricName, Namespace, Dimensions: dimensions }, call).MetricAlarms;
    expect(forMetric(Dimensions)).toHaveLength(3);
    expect(forMetric([])).toHaveLength(0);
    cloudWatch.deleteAlarms({ AlarmNames: ['a', 'nobody'] }, call);
    expect(names({})).toEqual(['b', 'other']);
  });

  test.each<[string, Partial<PutMetricAlarmInput>, string]>([
    ['a period of 45', { Period: 45 }, 'Period must be 10, 20, 30 or a multiple of 60, got 45.'],
    [
      'more than a day',
      { Period: 60, EvaluationPeriods: 1_441 },
      'Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).',
    ],
    ['more than a day of 5 minutes', { Period: 300, EvaluationPeriods: 289 }, 'more than a day'],
    ['more than a week', { Period: 86_400, EvaluationPeriods: 8 }, 'more than a week'],
    ['more than a week of hours', { Period: 3_600, EvaluationPeriods: 169 }, 'more than a week'],
    ['M above N', { DatapointsToAlarm: 2 }, 'DatapointsToAlarm must be less than or equal to EvaluationPeriods'],
    ['no periods', { EvaluationPeriods: 0 }, "Value '0' at 'evaluationPeriods'"],
    ['no operator', { ComparisonOperator: undefined }, 'ComparisonOperator'],
    [
      'a band operator',
      { ComparisonOperator: 'GreaterThanUpperThreshold' },
      'ComparisonOperator GreaterThanUpperThreshold is not emulated: there are no anomaly detection models.',
    ],
    ['an unknown operator', { ComparisonOperator: 'Equals' as 'GreaterThanThreshold' }, "at 'comparisonOperator'"],
    [
      'a band',
      { ThresholdMetricId: 'band' },
      'ThresholdMetricId is not emulated: there are no anomaly detection models.',
    ],
    ['PromQL', { EvaluationInterval: 60 }, 'EvaluationInterval is not emulated: there are no PromQL queries.'],
    [
      'tags for actions',
      { ActionConfiguration: {} },
      'ActionConfiguration is not emulated: actions are not told of tags.',
    ],
    ['a unit of its own', { Unit: 'Furlongs' as 'Count' }, "Value 'Furlongs' at 'unit' failed to satisfy constraint"],
    [
      'an action of no service that has them',
      { OKActions: ['arn:aws:sqs:us-east-1:000000000000:jobs'] },
      'Unsupported action in OKActions: arn:aws:sqs:us-east-1:000000000000:jobs.',
    ],
    [
      'a percentile option',
      { EvaluateLowSampleCountPercentile: 'guess' },
      'Option guess is not supported for EvaluateLowSampleCountPercentile: evaluate and ignore are.',
    ],
    [
      'a warm-up of three days',
      { WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 4_320 } },
      "Value '4320' at 'warmUpConfiguration.warmUpPeriodDurationInMinutes' failed to satisfy constraint: Member must have value less than or equal to 2880",
    ],
    [
      'a period that no clock has',
      { Period: 120, EvaluationWindow: { WallClockWindow: {} } },
      'A wall clock window needs a Period of 60, 300, 3600, 86400, 604800 seconds, got 120.',
    ],
    [
      'a time zone that is three minutes off',
      { EvaluationWindow: { WallClockWindow: { Timezone: '+01:03' } } },
      'The value +01:03 for parameter EvaluationWindow.WallClockWindow.Timezone is invalid',
    ],
    [
      'a time zone that there is not',
      { EvaluationWindow: { WallClockWindow: { Timezone: 'Europe/Atlantis' } } },
      'The value Europe/Atlantis for parameter',
    ],
    ['no statistic', { Statistic: undefined }, 'Exactly one of Statistic or ExtendedStatistic must be specified.'],
    ['both statistics', { ExtendedStatistic: 'p99' }, 'mutually exclusive'],
    ['p101', { Statistic: undefined, ExtendedStatistic: 'p101' }, 'The value p101 for parameter ExtendedStatistic'],
    ['an unknown treatment', { TreatMissingData: 'guess' }, 'Unsupported treat missing data value: guess.'],
    ['six actions', { AlarmActions: Array<string>(6).fill(TOPIC) }, 'length less than or equal to 5'],
    ['an action that is no ARN', { OKActions: ['mail me'] }, 'Invalid arn syntax in OKActions: mail me'],
    ['no threshold', { Threshold: undefined }, 'Threshold'],
    ['both a metric and a list', { Metrics: [] }, 'The parameters Metrics and MetricName are mutually exclusive'],
  ])('PutMetricAlarm refuses %s', (_, change, message) => {
    expect(() => setUp().cloudWatch.putMetricAlarm({ ...deep, ...change }, call)).toThrow(message);
  });

  test.each<[string, PutMetricAlarmInput['Metrics'], string]>([
    [
      'two that return data',
      ['a', 'b'].map((Id) => stat(Id)),
      'Exactly one element of the metrics list should return data.',
    ],
    [
      'a scalar',
      [stat('a', false), { Id: 'e', Expression: 'SUM(a)' }],
      'needs a single time series, and this is a scalar',
    ],
    [
      'an array',
      [stat('a', false), { Id: 'e', Expression: 'METRICS()' }],
      'Metrics expression that return multi time series are only allowed for MetricsInsights expression with an ORDER BY clause',
    ],
    [
      'no metrics',
      [{ Id: 'e', Expression: 'TIME_SERIES(1)' }],
      'The expression for an alarm must include at least one metric',
    ],
    ['an unknown id', [stat('a', false), { Id: 'e', Expression: 'a + c' }], "no metric or expression with the id 'c'"],
    ['a search', [stat('a', false), { Id: 'e', Expression: 'SEARCH(a)' }], 'the function SEARCH is not emulated'],
    [
      'two periods',
      [stat('a', false), stat('b', false, 300), { Id: 'e', Expression: 'a / b' }],
      'must have the same period, got 60, 300 seconds',
    ],
    [
      'eleven metrics',
      [...Array.from({ length: 11 }, (_, i) => stat(`m${i}`, false)), { Id: 'e', Expression: 'm1' }],
      'at most 10 metrics, got 11',
    ],
  ])('PutMetricAlarm refuses a list of metrics with %s', (_, Metrics, message) => {
    const alarm = {
      AlarmName: 'math',
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: deep.ComparisonOperator,
      Metrics,
    };
    expect(() => setUp().cloudWatch.putMetricAlarm(alarm, call)).toThrow(message);
  });

  test('an action that is refused is in the history, and leaves the state as it is', () => {
    const clock = new VirtualClock({ startAt: START });
    const cloudWatch = new CloudWatch({
      clock,
      timeline: new Timeline(clock),
      account: '000000000000',
      region: 'us-east-1',
      invokeAction: () => {
        throw new AwsError('ValidationError', 'there is no such policy');
      },
    });
    cloudWatch.putMetricAlarm({ ...deep, AlarmActions: [POLICY] }, call);
    cloudWatch.setAlarmState({ AlarmName: 'deep', StateValue: 'ALARM', StateReason: 'drill' }, call);
    expect(cloudWatch.alarms()).toEqual([{ name: 'deep', state: 'ALARM', reason: 'drill' }]);
    const [item] = cloudWatch.describeAlarmHistory({ HistoryItemType: 'Action' }, call).AlarmHistoryItems ?? [];
    expect(item.HistorySummary).toBe(`Failed to execute action ${POLICY}`);
    expect(item.HistoryData).toContain('there is no such policy');
  });

  test.each([
    [60, 1_440],
    [300, 288],
    [3_600, 168],
    [86_400, 7],
    [604_800, 1],
  ])('a period of %i s may be evaluated %i times', (Period, EvaluationPeriods) => {
    const { cloudWatch } = setUp();
    cloudWatch.putMetricAlarm({ ...deep, Period, EvaluationPeriods }, call);
    expect(cloudWatch.alarms()).toHaveLength(1);
  });

  test('SetAlarmState of an alarm that is not there is ResourceNotFound', () => {
    const { cloudWatch } = setUp();
    expect(() => cloudWatch.setAlarmState({ AlarmName: 'nobody', StateValue: 'OK', StateReason: '' }, call)).toThrow(
      expect.objectContaining({ shape: 'ResourceNotFound', status: 404, message: '' }) as Error,
    );
  });
});

function stat(Id: string, ReturnData = true, Period = 60) {
  return { Id, ReturnData, MetricStat: { Metric: { Namespace: 'My', MetricName: Id }, Period, Stat: 'Sum' } };
}
