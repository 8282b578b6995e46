import type { GetMetricDataInput, MetricDatum } from '@aws-sdk/client-cloudwatch';
import { type RequestContext } from '../../../../lib/emulator/core';
import { DAY, HOUR, MINUTE, SECOND, VirtualClock } from '../../../../lib/emulator/clock';
import { CloudWatch } from '../../../../lib/emulator/services/cloudwatch';
import { Timeline } from '../../../../lib/emulator/timeline';

const START = Date.UTC(2030, 0, 1);
const call: RequestContext = {
  account: '000000000000',
  region: 'us-east-1',
  principal: 'arn:aws:iam::000000000000:root',
  endpoint: 'http://127.0.0.1',
};

function setUp() {
  const clock = new VirtualClock({ startAt: START });
  const cloudWatch = new CloudWatch({
    clock,
    timeline: new Timeline(clock),
    account: '000000000000',
    region: 'us-east-1',
    invokeAction: () => undefined,
  });
  const put = (...MetricData: MetricDatum[]) => cloudWatch.putMetricData({ Namespace: 'My', MetricData }, call);
  return { clock, cloudWatch, put };
}

const at = (minute: number) => new Date(START + minute * MINUTE);

describe('§5 PutMetricData and the statistics', () => {
  test('values, counts and statistic sets of a minute come together', () => {
    const { cloudWatch, put } = setUp();
    put({ MetricName: 'Size', Value: 4, Timestamp: at(1), Unit: 'Bytes' });
    put({
      MetricName: 'Size',
      Values: [1, 2],
      Counts: [2, 1],
      Timestamp: new Date(START + MINUTE + 59 * SECOND),
      Unit: 'Bytes',
    });
    const request = { Namespace: 'My', MetricName: 'Size', StartTime: at(0), EndTime: at(5), Period: 60 };
    const Statistics = ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'] as const;
    const answer = cloudWatch.getMetricStatistics({ ...request, Statistics: [...Statistics] }, call);
    expect(answer).toEqual({
      Label: 'Size',
      Datapoints: [{ Timestamp: at(1), Unit: 'Bytes', Average: 2, Sum: 8, Minimum: 1, Maximum: 4, SampleCount: 4 }],
    });
    const StatisticValues = { SampleCount: 6, Sum: 22, Minimum: 0, Maximum: 9 };
    put({ MetricName: 'Size', StatisticValues, Timestamp: at(1), Unit: 'Bytes' });
    expect(cloudWatch.getMetricStatistics({ ...request, Statistics: ['Average', 'Maximum'] }, call).Datapoints).toEqual(
      [{ Timestamp: at(1), Unit: 'Bytes', Average: 3, Maximum: 9 }],
    );
    put({ MetricName: 'Size', Value: 1, Timestamp: at(1), Unit: 'Count' });
    expect(
      cloudWatch.getMetricStatistics({ ...request, Statistics: ['SampleCount'], Unit: 'Count' }, call).Datapoints,
    ).toHaveLength(1);
    expect(cloudWatch.getMetricStatistics({ ...request, Statistics: ['SampleCount'] }, call).Datapoints).toHaveLength(
      2,
    );
  });

  test('values and a statistic set of one datum both count', () => {
    const { cloudWatch, put } = setUp();
    const StatisticValues = { SampleCount: 6, Sum: 22, Minimum: 0, Maximum: 9 };
    put({ MetricName: 'Size', Values: [10, 2], Counts: [1, 3], StatisticValues, Timestamp: at(1) });
    const request = { Namespace: 'My', MetricName: 'Size', StartTime: at(0), EndTime: at(5), Period: 60 };
    const Statistics = ['Sum', 'Minimum', 'Maximum', 'SampleCount'] as const;
    expect(cloudWatch.getMetricStatistics({ ...request, Statistics: [...Statistics] }, call).Datapoints).toEqual([
      { Timestamp: at(1), Unit: 'None', Sum: 38, Minimum: 0, Maximum: 10, SampleCount: 10 },
    ]);
  });

  test('metrics are listed by namespace, name and dimensions, for two weeks', async () => {
    const { clock, cloudWatch, put } = setUp();
    const Dimensions = [{ Name: 'Worker', Value: 'a' }];
    put({ MetricName: 'One', Value: 1, Dimensions }, { MetricName: 'Two', Value: 1 });
    const names = (input: Parameters<typeof cloudWatch.listMetrics>[0]) =>
      cloudWatch.listMetrics(input, call).Metrics?.map(({ MetricName }) => MetricName);
    expect(names({})).toEqual(['One', 'Two']);
    expect(names({ Namespace: 'My', Dimensions: [{ Name: 'Worker' }] })).toEqual(['One']);
    expect(names({ Dimensions: [{ Name: 'Worker', Value: 'b' }] })).toEqual([]);
    expect(cloudWatch.listMetrics({ MetricName: 'One' }, call).Metrics).toEqual([
      { Namespace: 'My', MetricName: 'One', Dimensions },
    ]);
    await clock.advance(4 * HOUR);
    expect(names({ RecentlyActive: 'PT3H' })).toEqual([]);
    await clock.advance(14 * DAY);
    expect(names({})).toEqual([]);
  });

  test.each<[string, MetricDatum, string]>([
    ['NaN', { MetricName: 'M', Value: NaN }, 'The value NaN for parameter MetricData.member.1.Value is invalid.'],
    ['no value', { MetricName: 'M' }, 'The parameter MetricData.member.1.Value is required.'],
    [
      'two forms',
      { MetricName: 'M', Value: 1, Values: [1] },
      'The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have specified both.',
    ],
    [
      'a value beside a statistic set',
      { MetricName: 'M', Value: 1, StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1 } },
      'The parameters MetricData.member.1.Value and MetricData.member.1.StatisticValues are mutually exclusive',
    ],
    [
      'a statistic set of no samples',
      { MetricName: 'M', StatisticValues: { SampleCount: 0, Sum: 1, Minimum: 1, Maximum: 1 } },
      'The value 0 for parameter MetricData.member.1.StatisticValues.SampleCount is invalid.',
    ],
    [
      'a minimum above the maximum',
      { MetricName: 'M', StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 2, Maximum: 1 } },
      'StatisticValues.Minimum and Maximum contradict: 2 is greater than 1.',
    ],
    ['counts of another size', { MetricName: 'M', Values: [1], Counts: [1, 2] }, 'must be of the same size'],
    ['three weeks ago', { MetricName: 'M', Value: 1, Timestamp: new Date(START - 21 * DAY) }, 'two weeks in the past'],
    ['in three hours', { MetricName: 'M', Value: 1, Timestamp: new Date(START + 3 * HOUR) }, 'two hours in the future'],
    [
      'a resolution of 5',
      { MetricName: 'M', Value: 1, StorageResolution: 5 },
      'The value 5 for parameter MetricData.member.1.StorageResolution',
    ],
    [
      'a unit of its own',
      { MetricName: 'M', Value: 1, Unit: 'Furlongs' as MetricDatum['Unit'] },
      "Value 'Furlongs' at 'MetricData.member.1.Unit' failed to satisfy constraint: Member must satisfy enum value set: [",
    ],
    [
      '31 dimensions',
      { MetricName: 'M', Value: 1, Dimensions: Array.from({ length: 31 }, (_, i) => ({ Name: `n${i}`, Value: 'v' })) },
      "Value at 'MetricData.member.1.Dimensions' failed to satisfy constraint: Member must have length less than or equal to 30",
    ],
  ])('PutMetricData refuses %s, and all that came with it', (_, datum, message) => {
    const { cloudWatch, put } = setUp();
    expect(() => put(datum, { MetricName: 'Good', Value: 1 })).toThrow(message);
    expect(cloudWatch.listMetrics({}, call).Metrics).toEqual([]);
  });

  test('PutMetricData accepts at most 1,000 metrics', () => {
    const { cloudWatch, put } = setUp();
    const data = Array.from({ length: 1_001 }, (_, index) => ({ MetricName: `m${index}`, Value: 1 }));
    expect(() => put(...data)).toThrow(
      expect.objectContaining({
        queryCode: 'InvalidParameterValue',
        message: 'The collection MetricData must not have a size greater than 1000.',
      }) as Error,
    );
    put(...data.slice(1));
    expect(cloudWatch.listMetrics({}, call).Metrics).toHaveLength(500); // a page
  });

  test('PutMetricData refuses a namespace of AWS', () => {
    const MetricData = [{ MetricName: 'M', Value: 1 }];
    expect(() => setUp().cloudWatch.putMetricData({ Namespace: 'AWS/SQS', MetricData }, call)).toThrow(
      'The value AWS/SQS for parameter Namespace is invalid.',
    );
  });
});

describe('GetMetricData', () => {
  test('GetMetricData gives the newest first, in pages', () => {
    const { cloudWatch, put } = setUp();
    for (const minute of [0, 1, 2]) put({ MetricName: 'a', Value: minute, Timestamp: at(minute) });
    const input: GetMetricDataInput = {
      MetricDataQueries: [
        {
          Id: 'a',
          Label: 'depth',
          MetricStat: { Metric: { Namespace: 'My', MetricName: 'a' }, Period: 60, Stat: 'Sum' },
        },
        { Id: 'twice', Expression: 'a * 2' },
      ],
      StartTime: at(0),
      EndTime: at(3),
      MaxDatapoints: 4,
    };
    const first = cloudWatch.getMetricData(input, call);
    expect(first.MetricDataResults).toEqual([
      { Id: 'a', Label: 'depth', Timestamps: [at(2), at(1), at(0)], Values: [2, 1, 0], StatusCode: 'Complete' },
      { Id: 'twice', Label: 'twice', Timestamps: [at(2)], Values: [4], StatusCode: 'PartialData' },
    ]);
    const second = cloudWatch.getMetricData({ ...input, NextToken: first.NextToken }, call);
    expect(second.MetricDataResults?.[1]).toMatchObject({ Values: [2, 0], StatusCode: 'Complete' });
    expect(second.NextToken).toBeUndefined();
  });

  test('an invalid query fails with an error that says what is missing', () => {
    const { cloudWatch } = setUp();
    const get = (MetricDataQueries: GetMetricDataInput['MetricDataQueries']) =>
      cloudWatch.getMetricData({ MetricDataQueries, StartTime: at(0), EndTime: at(1) }, call);
    expect(() => get([{ Id: 'Upper', Expression: '1' }])).toThrow('an id begins with a lower-case letter');
    expect(() => get([{ Id: 'a' }])).toThrow('neither MetricStat nor Expression');
    const MetricStat = { Metric: { Namespace: 'My', MetricName: 'a' }, Period: 60, Stat: 'Median' };
    expect(() => get([{ Id: 'a', MetricStat }])).toThrow(
      'The value Median for parameter MetricDataQueries.a.MetricStat.Stat is not supported.',
    );
    expect(() => get([{ Id: 'a', MetricStat: { ...MetricStat, Stat: 'Sum', Period: 61 } }])).toThrow(
      'a multiple of 60 is required',
    );
  });
});
