import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { DAY, HOUR, MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { cloudWatchInTest, START } from './cloudwatch-in-test';

const base: PutMetricAlarmInput = {
  AlarmName: 'alarm',
  Namespace: 'My',
  MetricName: 'M',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  Threshold: 10,
};

/** CloudWatch whose data can be seen at once, and its alarm's changes: when, and to what. */
function setUp() {
  const world = cloudWatchInTest({}, 0);
  const { client } = world;
  const put = (at: number, Value: number, more: object = {}) =>
    client.putMetricData({
      Namespace: 'My',
      MetricData: [{ MetricName: 'M', Value, Timestamp: new Date(START + at), ...more }],
    });
  const changes = async () => {
    const { AlarmHistoryItems = [] } = await client.describeAlarmHistory({
      HistoryItemType: 'StateUpdate',
      ScanBy: 'TimestampAscending',
    });
    return AlarmHistoryItems.map(({ Timestamp, HistorySummary }) => [
      Number(Timestamp) - START,
      HistorySummary?.split(' to ')[1],
    ]);
  };
  return { ...world, put, changes };
}

describe('§5 high resolution', () => {
  test.each([10, 20, 30])('an alarm with a period of %i s is evaluated every 10 s', async (Period) => {
    const { clock, client, put, changes } = setUp();
    await client.putMetricAlarm({ ...base, Period, TreatMissingData: 'notBreaching' });
    await clock.advance(31 * SECOND);
    await put(31 * SECOND, 10, { StorageResolution: 1 });
    await clock.advance(2 * MINUTE);
    // Seen when the tenth of a minute in which it came has ended; gone when the range, three periods, has moved on.
    expect(await changes()).toEqual([
      [10 * SECOND, 'OK'],
      [40 * SECOND, 'ALARM'],
      [(40 + 3 * Period) * SECOND, 'OK'],
    ]);
  });

  test('a metric of minutes has a data point in one of its tenths', async () => {
    const { clock, client, put, changes } = setUp();
    await client.putMetricAlarm({ ...base, Period: 10 });
    await put(5 * SECOND, 10);
    await clock.advance(2 * MINUTE);
    expect(await changes()).toEqual([
      [10 * SECOND, 'ALARM'],
      [40 * SECOND, 'INSUFFICIENT_DATA'],
    ]);
  });
});

describe('§5 a range of more than a day', () => {
  test('is evaluated once an hour', async () => {
    const { clock, client, put, changes } = setUp();
    await client.putMetricAlarm({ ...base, Period: 3_600, EvaluationPeriods: 25, DatapointsToAlarm: 1 });
    await put(0, 1);
    await clock.advance(90 * MINUTE);
    await put(90 * MINUTE, 10);
    await clock.advance(HOUR);
    expect(await changes()).toEqual([
      [MINUTE, 'OK'], // a new alarm is looked at within a minute
      [2 * HOUR, 'ALARM'],
    ]);
  });
});

describe('§5 a range of exactly a day', () => {
  test.each([
    [3_600, 24],
    [60, 1_440],
    [86_400, 1],
  ])('of periods of %i s is evaluated each minute', async (Period, EvaluationPeriods) => {
    const { clock, client, put, changes } = setUp();
    await client.putMetricAlarm({ ...base, Period, EvaluationPeriods, DatapointsToAlarm: 1 });
    await put(0, 1);
    await clock.advance(90 * MINUTE);
    await put(90 * MINUTE, 10);
    await clock.advance(3 * MINUTE);
    expect(await changes()).toEqual([
      [MINUTE, 'OK'],
      [91 * MINUTE, 'ALARM'],
    ]);
  });
});

describe('§5 evaluation windows', () => {
  const hourly = { ...base, Period: 3_600, EvaluationPeriods: 1, TreatMissingData: 'notBreaching' };

  test('a sliding window includes data that a wall-clock window sees later or never', async () => {
    const { clock, client, put, changes } = setUp();
    await client.putMetricAlarm({ ...hourly, AlarmName: 'alarm', EvaluationWindow: { SlidingWindow: {} } });
    await put(50 * MINUTE, 5);
    await put(70 * MINUTE, 5);
    await clock.advance(3 * HOUR);
    // From 0:50 to 1:10 there are 10 in one hour, wherever it begins; at 4:51 the last range that holds both is gone.
    expect((await changes()).slice(0, 2)).toEqual([
      [MINUTE, 'OK'],
      [71 * MINUTE, 'ALARM'],
    ]);
    const byClock = setUp();
    await byClock.client.putMetricAlarm({ ...hourly, EvaluationWindow: { WallClockWindow: {} } });
    await byClock.put(50 * MINUTE, 5);
    await byClock.put(70 * MINUTE, 5);
    await byClock.clock.advance(130 * MINUTE);
    await byClock.put(130 * MINUTE, 10);
    await byClock.clock.advance(3 * HOUR);
    // Exactly N whole hours, no more: the one from 2:00 is judged from 3:00 to 4:00.
    expect(await byClock.changes()).toEqual([
      [MINUTE, 'OK'],
      [3 * HOUR, 'ALARM'],
      [4 * HOUR, 'OK'],
    ]);
  });

  test.each([
    [undefined, 0],
    ['Asia/Kolkata', 30 * MINUTE], // five and a half hours ahead: its hours begin at our half ones
    ['+05:30', 30 * MINUTE],
    ['UTC-08:15', 15 * MINUTE],
  ])('hours begin where those of %s do', async (Timezone, offset) => {
    const { clock, client, put, changes } = setUp();
    await client.putMetricAlarm({ ...hourly, EvaluationWindow: { WallClockWindow: { Timezone } } });
    await clock.advance(2 * HOUR);
    await put(2 * HOUR + offset, 10);
    await clock.advance(4 * HOUR);
    expect(await changes()).toEqual([
      [MINUTE, 'OK'],
      [3 * HOUR + offset, 'ALARM'],
      [4 * HOUR + offset, 'OK'],
    ]);
  });

  test('a week begins on Monday', async () => {
    const { clock, client, put, changes } = setUp();
    const week = { ...hourly, Period: 604_800, EvaluationWindow: { WallClockWindow: {} } };
    await client.putMetricAlarm(week);
    // The first of January 2030 is a Tuesday: the next Monday begins six days later.
    await put(MINUTE, 10);
    await clock.advance(20 * DAY);
    expect(await changes()).toEqual([
      [MINUTE, 'OK'],
      [6 * DAY, 'ALARM'],
      [13 * DAY, 'OK'],
    ]);
  });

  test('days are as long as the clocks of the zone make them', async () => {
    const { clock, client, put, changes } = setUp();
    const EvaluationWindow = { WallClockWindow: { Timezone: 'America/New_York' } };
    await client.putMetricAlarm({ ...hourly, Period: 86_400, EvaluationWindow });
    // On the 10th of March 2030 New York's clocks go from 2 to 3: the day lasts from 5:00 to 4:00 UTC, 23 hours.
    const springs = Date.UTC(2030, 2, 10) - START;
    await clock.advance(springs);
    await clock.advance(4 * HOUR);
    await put(springs + 5 * HOUR - MINUTE, 10); // the last minute of the 9th
    await clock.advance(DAY);
    await put(springs + DAY + 4 * HOUR, 10); // the first minute of the 11th
    await clock.advance(2 * DAY);
    // What was more than 30 days ago, that it was OK at first, is in the history no longer.
    expect(await changes()).toEqual([
      [springs + 5 * HOUR, 'ALARM'],
      [springs + DAY + 4 * HOUR, 'OK'],
      [springs + 2 * DAY + 4 * HOUR, 'ALARM'],
      [springs + 3 * DAY + 4 * HOUR, 'OK'],
    ]);
  });
});

describe('§5 warm-up', () => {
  const ops = 'arn:aws:sns:us-east-1:000000000000:ops';
  const three = { ...base, Period: 300, EvaluationPeriods: 3, TreatMissingData: 'breaching', AlarmActions: [ops] };

  test('ends early, when data has come in for N periods', async () => {
    const { clock, client, put, changes } = setUp();
    await client.putMetricAlarm({ ...three, WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 120 } });
    await clock.advance(4 * MINUTE);
    for (let minute = 4; minute < 30; minute++) {
      await put(minute * MINUTE, 1);
      await clock.advance(MINUTE);
    }
    // The first data is of minute 4: three periods of five minutes are full at 19.
    expect(await changes()).toEqual([[19 * MINUTE, 'OK']]);
  });

  test('lasts to its end if configured so, and runs no action meanwhile', async () => {
    const { clock, client, actions, put, changes } = setUp();
    const WarmUpConfiguration = {
      WarmUpPeriodDurationInMinutes: 60,
      OnlyStartEvaluatingAfterWarmUpPeriodEnds: true,
    };
    await client.putMetricAlarm({ ...three, WarmUpConfiguration });
    for (let minute = 0; minute < 70; minute++) {
      await put(minute * MINUTE, 10);
      if (minute === 30) {
        await client.setAlarmState({ AlarmName: 'alarm', StateValue: 'ALARM', StateReason: 'drill' });
        await client.setAlarmState({ AlarmName: 'alarm', StateValue: 'INSUFFICIENT_DATA', StateReason: 'drill' });
      }
      await clock.advance(MINUTE);
    }
    expect((await changes()).at(-1)).toEqual([60 * MINUTE, 'ALARM']);
    expect(actions.map(({ at }) => at)).toEqual([60 * MINUTE]);
  });

  test('ends on time without data; an update can end it, and does not restart it', async () => {
    const { clock, client, changes } = setUp();
    const WarmUpConfiguration = { WarmUpPeriodDurationInMinutes: 60 };
    await client.putMetricAlarm({ ...three, WarmUpConfiguration });
    await clock.advance(30 * MINUTE);
    await client.putMetricAlarm({ ...three, WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 45 } });
    await clock.advance(30 * MINUTE);
    expect(await changes()).toEqual([[45 * MINUTE, 'ALARM']]);
    await client.putMetricAlarm({ ...three, WarmUpConfiguration, TreatMissingData: 'notBreaching' });
    await clock.advance(2 * MINUTE);
    expect(await changes()).toEqual([
      [45 * MINUTE, 'ALARM'],
      [61 * MINUTE, 'OK'],
    ]);
    const other = setUp();
    await other.client.putMetricAlarm({ ...three, WarmUpConfiguration });
    await other.clock.advance(10 * MINUTE);
    await other.client.putMetricAlarm(three);
    await other.clock.advance(10 * MINUTE);
    expect(await other.changes()).toEqual([[11 * MINUTE, 'ALARM']]);
  });
});

describe('§5 percentiles of few values', () => {
  const p90 = { ...base, Statistic: undefined, ExtendedStatistic: 'p90' };

  // Of p90 100 values are significant: ten of them lie beyond it.
  test.each([
    ['ignore', 99, []],
    ['ignore', 100, [[MINUTE, 'ALARM']]],
    ['evaluate', 1, [[MINUTE, 'ALARM']]],
    [undefined, 1, [[MINUTE, 'ALARM']]],
  ])('%s, with %i of them', async (EvaluateLowSampleCountPercentile, count, expected) => {
    const { clock, client, changes } = setUp();
    await client.putMetricAlarm({ ...p90, EvaluateLowSampleCountPercentile });
    const MetricData = [{ MetricName: 'M', Values: [50], Counts: [count], Timestamp: new Date(START) }];
    await client.putMetricData({ Namespace: 'My', MetricData });
    await clock.advance(MINUTE);
    expect(await changes()).toEqual(expected);
  });

  test('an alarm on a trimmed mean', async () => {
    const { clock, client, changes } = setUp();
    await client.putMetricAlarm({ ...p90, ExtendedStatistic: 'tm90', EvaluateLowSampleCountPercentile: 'ignore' });
    const MetricData = [{ MetricName: 'M', Values: [1, 1_000], Counts: [9, 1], Timestamp: new Date(START) }];
    await client.putMetricData({ Namespace: 'My', MetricData });
    await clock.advance(MINUTE);
    expect(await changes()).toEqual([[MINUTE, 'OK']]);
  });
});

describe('§5 missing data of AWS/DynamoDB', () => {
  test('is ignored, whatever the alarm says', async () => {
    const { clock, client, changes } = setUp();
    await client.putMetricAlarm({ ...base, Namespace: 'AWS/DynamoDB', TreatMissingData: 'breaching' });
    await clock.advance(10 * MINUTE);
    expect(await changes()).toEqual([]);
  });
});

describe('§5 metric math in alarms', () => {
  const MetricStat = { Metric: { Namespace: 'My', MetricName: 'M' }, Period: 60, Stat: 'Sum' };
  const onExpression = (Expression: string, more: object = {}) => ({
    AlarmName: 'alarm',
    Metrics: [
      { Id: 'm', MetricStat, ReturnData: false },
      { Id: 'e', Expression },
    ],
    EvaluationPeriods: 1,
    ComparisonOperator: base.ComparisonOperator,
    Threshold: 10,
    ...more,
  });

  test.each([
    ['pins an alarm on its filler', {}, [[MINUTE, 'OK']]],
    [
      'does not pin one that looks at M of N',
      { EvaluationPeriods: 3, DatapointsToAlarm: 1 },
      [
        [MINUTE, 'OK'],
        [4 * MINUTE, 'ALARM'],
      ],
    ],
  ])('FILL of a metric that is late %s', async (_, more, expected) => {
    const { clock, client, put, changes } = setUp();
    await client.putMetricAlarm(onExpression('FILL(m, 0)', more));
    await clock.advance(1);
    // The data of each minute comes when the next one has gone by, too.
    for (let minute = 2; minute < 10; minute++) {
      await clock.advance(START + minute * MINUTE + 30 * SECOND - clock.now());
      if (minute > 2) await put((minute - 2) * MINUTE, 10);
    }
    expect(await changes()).toEqual(expected);
  });

  test('a function of a whole series sees the points beyond N', async () => {
    const { clock, client, put, changes } = setUp();
    await put(0, 10);
    await put(MINUTE, 1);
    await put(2 * MINUTE, 1);
    await put(3 * MINUTE, 1);
    await clock.advance(2.5 * MINUTE);
    await client.putMetricAlarm(onExpression('m * 0 + MAX(m)'));
    await clock.advance(2 * MINUTE);
    // N is 1, and three points are read: that of minute 0 is still among them at 3, and is not at 4.
    expect(await changes()).toEqual([
      [3 * MINUTE, 'ALARM'],
      [4 * MINUTE, 'OK'],
    ]);
  });
});
