import type { MetricDatum, StandardUnit } from '@aws-sdk/client-cloudwatch';
import { DAY, HOUR, MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { cloudWatchInTest, START } from './cloudwatch-in-test';

function setUp() {
  const { clock, client } = cloudWatchInTest();
  const put = (...MetricData: Partial<MetricDatum>[]) =>
    client.putMetricData({ Namespace: 'My', MetricData: MetricData.map((one) => ({ MetricName: 'M', ...one })) });
  /** The statistics of the first minute. */
  const statistics = async (...names: string[]) => {
    const { MetricDataResults = [] } = await client.getMetricData({
      StartTime: new Date(START),
      EndTime: new Date(START + MINUTE),
      MetricDataQueries: names.map((Stat, index) => ({
        Id: `m${index}`,
        MetricStat: { Metric: { Namespace: 'My', MetricName: 'M' }, Period: 60, Stat },
      })),
    });
    return MetricDataResults.map(({ Values }) => Values?.[0]);
  };
  return { clock, client, put, statistics };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('§5 extended statistics, of the values 1 to 10', () => {
  const _ = undefined;
  test.each<[string, number | undefined]>([
    ['p0', 1],
    ['p10', 1],
    ['p50', 5],
    ['p90', 9],
    ['p99', 10],
    ['p99.95', 10],
    ['p100', 10],
    ['tm90', 5], // the mean of 1 to 9
    ['tm99', 5.5], // one percent of ten is no whole value: nothing is taken away
    ['TM(:90%)', 5],
    ['TM(10%:90%)', 5.5], // 2 to 9
    ['TM(20%:)', 6.5], // 3 to 10
    ['TM(4:8)', 6.5], // without 4, with 8: 5 to 8
    ['TM(:3)', 2],
    ['TM(100:200)', _], // nothing to make a mean of
    ['IQM', 5.5], // the middle half, whole values: 3 to 8
    ['tc90', 9],
    ['TC(2:5)', 3],
    ['TC(100:200)', 0],
    ['ts90', 45],
    ['TS(80%:)', 19],
    ['TS(2.5:5)', 12],
    ['wm90', 5.4], // 10 counts as 9
    ['WM(10%:90%)', 5.5], // 1 counts as 2, and 10 as 9
    ['WM(3:7)', 5.2], // 1, 2 and 3 count as 3; 8, 9 and 10 as 7
    ['PR(:3)', 30],
    ['PR(3:)', 70],
    ['PR(2:7)', 50],
    ['PR(1e1:2E1)', 0],
  ])('%s is %d', async (name, expected) => {
    const { put, statistics } = setUp();
    await put({ Values: upTo(10) });
    expect(await statistics(name)).toEqual([expected]);
  });

  test('values that came often count as often', async () => {
    const { put, statistics } = setUp();
    await put({ Values: [1, 100], Counts: [9, 1] });
    expect(await statistics('p90', 'p91', 'tm90', 'tc90', 'PR(:1)', 'wm90')).toEqual([1, 100, 1, 9, 90, 1]);
  });

  test.each(['p101', 'p', 'tm', 'TM90', 'tm(10%:90%)', 'TM(:)', 'TM(10%:90)', 'PR(10%:90%)', 'pr90', 'Median', 'sum'])(
    '%s is no statistic',
    async (name) => {
      await expect(setUp().statistics(name)).rejects.toMatchObject({
        Code: 'ValidationError',
        message: `The value ${name} for parameter MetricDataQueries.m0.MetricStat.Stat is not supported.`,
      });
    },
  );

  test('percentiles of statistic sets exist only if all values of a set are equal', async () => {
    const { put, statistics } = setUp();
    await put({ StatisticValues: { SampleCount: 4, Sum: 20, Minimum: 5, Maximum: 5 } });
    expect(await statistics('p50', 'tm50')).toEqual([5, 5]);
    await put({ StatisticValues: { SampleCount: 2, Sum: 8, Minimum: 3, Maximum: 5 } });
    expect(await statistics('p50', 'tm50', 'Sum')).toEqual([undefined, undefined, 28]);
  });

  test('a period with a negative value has no percentiles', async () => {
    const { put, statistics } = setUp();
    await put({ Values: [-1, 1, 2] });
    expect(await statistics('p50', 'Minimum')).toEqual([undefined, -1]);
  });

  test('of very many different values they are within half a percent', async () => {
    const { put, statistics } = setUp();
    const all = upTo(6_000);
    for (let at = 0; at < all.length; at += 150) await put({ Values: all.slice(at, at + 150) });
    const [p50 = 0, p99 = 0, tc90 = 0, sum] = await statistics('p50', 'p99', 'tc90', 'Sum');
    expect(Math.abs(p50 - 3_000) / 3_000).toBeLessThan(0.01);
    expect(Math.abs(p99 - 5_940) / 5_940).toBeLessThan(0.01);
    expect(tc90).toBe(5_400);
    expect(sum).toBe((6_000 * 6_001) / 2);
  });
});

describe('§5 GetMetricStatistics', () => {
  test('gives extended statistics, by themselves', async () => {
    const { client, put } = setUp();
    await put({ Values: upTo(10), Unit: 'Bytes' });
    const request = {
      Namespace: 'My',
      MetricName: 'M',
      StartTime: new Date(START),
      EndTime: new Date(START + MINUTE),
      Period: 60,
    };
    const { Datapoints } = await client.getMetricStatistics({ ...request, ExtendedStatistics: ['p90', 'TM(10%:90%)'] });
    expect(Datapoints).toEqual([
      { Timestamp: new Date(START), Unit: 'Bytes', ExtendedStatistics: { p90: 9, 'TM(10%:90%)': 5.5 } },
    ]);
    await expect(
      client.getMetricStatistics({ ...request, Statistics: ['Sum'], ExtendedStatistics: ['p90'] }),
    ).rejects.toMatchObject({
      name: 'InvalidParameterCombinationException',
      message: 'The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.',
    });
    await expect(client.getMetricStatistics({ ...request, ExtendedStatistics: ['p101'] })).rejects.toThrow(
      'The value p101 for parameter ExtendedStatistics is not supported.',
    );
    await expect(
      client.getMetricStatistics({ ...request, Statistics: ['Sum'], Unit: 'Furlongs' as StandardUnit }),
    ).rejects.toThrow("Value 'Furlongs' at 'unit' failed to satisfy constraint: Member must satisfy enum value set: [");
    await expect(
      client.getMetricStatistics({ ...request, Statistics: ['Sum'], EndTime: new Date(START + 2 * DAY) }),
    ).rejects.toThrow('You have requested up to 2880 datapoints, which exceeds the limit of 1440.');
  });

  test('a day by the minute may begin within a minute: the span decides how many datapoints are asked for', async () => {
    const { client, put } = setUp();
    await put({ Value: 1 });
    const StartTime = new Date(START + 17 * SECOND);
    const get = (span: number) =>
      client.getMetricStatistics({
        ...{ Namespace: 'My', MetricName: 'M', Period: 60, Statistics: ['Sum'] },
        ...{ StartTime, EndTime: new Date(StartTime.getTime() + span) },
      });
    expect((await get(DAY)).Datapoints).toHaveLength(1);
    await expect(get(DAY + 1)).rejects.toMatchObject({
      Code: 'InvalidParameterCombination',
      message: expect.stringContaining('up to 1441 datapoints, which exceeds the limit of 1440') as string,
    });
  });

  test.each([
    [0, 'The parameter StartTime must not equal parameter EndTime.'],
    [-1, 'The parameter StartTime must be less than the parameter EndTime.'],
  ])('a span of %i ms is refused', async (span, message) => {
    const { client } = setUp();
    const range = { StartTime: new Date(START), EndTime: new Date(START + span) };
    await expect(
      client.getMetricStatistics({ Namespace: 'My', MetricName: 'M', Period: 60, Statistics: ['Sum'], ...range }),
    ).rejects.toMatchObject({ Code: 'InvalidParameterValue', message });
    await expect(client.getMetricData({ MetricDataQueries: [], ...range })).rejects.toMatchObject({
      Code: 'ValidationError',
      message,
    });
  });

  test('periods begin with the first minute of the request, whatever they are', async () => {
    const { client, put } = setUp();
    await put(...[6, 7, 8].map((minute) => ({ Value: minute, Timestamp: new Date(START + minute * MINUTE) })));
    const { Datapoints } = await client.getMetricStatistics({
      Namespace: 'My',
      MetricName: 'M',
      StartTime: new Date(START + 2 * MINUTE + 34 * SECOND),
      EndTime: new Date(START + 12 * MINUTE),
      Period: 300,
      Statistics: ['Sum'],
    });
    expect(Datapoints?.map(({ Timestamp, Sum }) => [(Number(Timestamp) - START) / MINUTE, Sum])).toEqual([
      [2, 6],
      [7, 15],
    ]);
  });
});

describe('§5 units', () => {
  test('data in different units are separate series: a query without a unit gets one of them, and a message', async () => {
    const { client, put } = setUp();
    await put(
      { Value: 60_000, Unit: 'Milliseconds' },
      { Value: 60, Unit: 'Seconds' },
      { Value: 5, Unit: 'Count', Timestamp: new Date(START + MINUTE) },
    );
    const get = async (Unit: StandardUnit | undefined, minutes: number) => {
      const { MetricDataResults: [result] = [] } = await client.getMetricData({
        StartTime: new Date(START),
        EndTime: new Date(START + minutes * MINUTE),
        MetricDataQueries: [
          {
            Id: 'm',
            MetricStat: { Metric: { Namespace: 'My', MetricName: 'M' }, Period: 60, Stat: 'Sum', Unit },
          },
        ],
      });
      return [result.Values, result.Messages];
    };
    expect(await get('Seconds', 1)).toEqual([[60], undefined]);
    expect(await get('Bytes', 1)).toEqual([[], undefined]);
    expect(await get(undefined, 1)).toEqual([
      [60_000],
      [{ Code: 'MultipleUnits', Value: "Multiple units returned: '[Milliseconds, Seconds]'" }],
    ]);
    expect(await get(undefined, 2)).toEqual([
      [5],
      [{ Code: 'MultipleUnits', Value: "Multiple units returned: '[Count, Milliseconds, Seconds]'" }],
    ]);
  });
});

describe('§5 retention', () => {
  test('seconds are kept for 3 hours, minutes for 15 days, five minutes for 63, hours for 455', async () => {
    const { clock, client, put } = setUp();
    // In the first hour: at 0 s, 1 s and 61 s, and at 301 s.
    for (const second of [0, 1, 61, 301]) {
      await put({ Value: second + 1, StorageResolution: 1, Timestamp: new Date(START + second * SECOND) });
    }
    const sums = async (Period: number) => {
      const { Datapoints = [] } = await client.getMetricStatistics({
        Namespace: 'My',
        MetricName: 'M',
        StartTime: new Date(START),
        EndTime: new Date(START + 10 * MINUTE),
        Period,
        Statistics: ['Sum'],
      });
      return Datapoints.map(({ Sum }) => Sum);
    };
    const all = async () => ({
      1: await sums(1),
      30: await sums(30),
      60: await sums(60),
      300: await sums(300),
      3600: await sums(3_600),
    });
    const seconds = { 1: [1, 2, 62, 302], 30: [3, 62, 302] };
    const minutes = { 60: [3, 62, 302] };
    const fiveMinutes = { 300: [65, 302] };
    const hours = { 3600: [367] };
    await clock.advance(3 * HOUR);
    expect(await all()).toMatchObject({ ...seconds, ...minutes, ...fiveMinutes, ...hours });
    await clock.advance(10 * MINUTE);
    expect(await all()).toEqual({ 1: [], 30: [], ...minutes, ...fiveMinutes, ...hours });
    await clock.advance(15 * DAY);
    expect(await all()).toEqual({ 1: [], 30: [], 60: [], ...fiveMinutes, ...hours });
    await clock.advance(48 * DAY);
    expect(await all()).toEqual({ 1: [], 30: [], 60: [], 300: [], ...hours });
    await clock.advance(391 * DAY);
    expect(await sums(3_600)).toEqual([367]);
    await clock.advance(DAY);
    expect(await sums(3_600)).toEqual([]);
  });

  test('a minute shows in shorter periods at its beginning', async () => {
    const { client, put } = setUp();
    await put({ Value: 7, Timestamp: new Date(START + 90 * SECOND) });
    const { Datapoints = [] } = await client.getMetricStatistics({
      Namespace: 'My',
      MetricName: 'M',
      StartTime: new Date(START),
      EndTime: new Date(START + 3 * MINUTE),
      Period: 10,
      Statistics: ['Sum'],
    });
    expect(Datapoints).toEqual([{ Timestamp: new Date(START + MINUTE), Unit: 'None', Sum: 7 }]);
  });

  test('reads fine and already merged data together', async () => {
    const { clock, client, put } = setUp();
    await put({ Value: 1 });
    await clock.advance(16 * DAY);
    await put({ Value: 2 });
    const { MetricDataResults: [result] = [] } = await client.getMetricData({
      StartTime: new Date(START),
      EndTime: new Date(clock.now() + MINUTE),
      ScanBy: 'TimestampAscending',
      MetricDataQueries: [
        { Id: 'm', MetricStat: { Metric: { Namespace: 'My', MetricName: 'M' }, Period: 300, Stat: 'Sum' } },
      ],
    });
    expect(result).toMatchObject({ Values: [1, 2], Timestamps: [new Date(START), new Date(START + 16 * DAY)] });
  });

  test('a request for all of time costs no more than one for the retained data', async () => {
    const { client, put } = setUp();
    await put({ Value: 1, StorageResolution: 1 });
    const { MetricDataResults: [result] = [] } = await client.getMetricData({
      StartTime: new Date(0),
      EndTime: new Date(START + 100_000 * DAY),
      MetricDataQueries: [
        { Id: 'm', MetricStat: { Metric: { Namespace: 'My', MetricName: 'M' }, Period: 1, Stat: 'Sum' } },
      ],
    });
    expect(result).toMatchObject({ Values: [1], Timestamps: [new Date(START)] });
  });
});

describe('GetMetricData labels', () => {
  const metric = { Namespace: 'My', MetricName: 'M' };
  test.each<[string, [string, number][], string[]]>([
    ['are the name alone', [['Sum', 60]], ['M']],
    [
      'say the statistic where it differs',
      [
        ['Sum', 60],
        ['Minimum', 60],
      ],
      ['M Sum', 'M Minimum'],
    ],
    [
      'say the period where it differs',
      [
        ['Sum', 60],
        ['Sum', 30],
      ],
      ['M 60', 'M 30'],
    ],
    [
      'say both where both do',
      [
        ['Sum', 60],
        ['Minimum', 30],
      ],
      ['M Sum 60', 'M Minimum 30'],
    ],
  ])('%s', async (_, pairs, labels) => {
    const { client } = setUp();
    const { MetricDataResults } = await client.getMetricData({
      StartTime: new Date(START),
      EndTime: new Date(START + MINUTE),
      MetricDataQueries: pairs.map(([Stat, Period], index) => ({
        Id: `m${index}`,
        MetricStat: { Metric: metric, Stat, Period },
      })),
    });
    expect(MetricDataResults?.map(({ Label }) => Label)).toEqual(labels);
  });
});
