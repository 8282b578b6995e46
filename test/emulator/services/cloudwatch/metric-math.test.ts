import type { MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { MINUTE } from '../../../../lib/emulator/clock';
import { ACCOUNT, cloudWatchInTest, START } from './cloudwatch-in-test';

const at = (minute: number) => new Date(START + minute * MINUTE);
// Oldest first, - is missing: five minutes of three metrics, from midnight of a Tuesday, the first of January 2030.
const DATA = { a: '1 2 - 4 5', b: '2 0 3 - 5', c: '- - - - -' };

/** What an expression over the metrics a, b and c comes to: a series, or several. */
async function results(Expression: string): Promise<MetricDataResult[]> {
  const { client } = cloudWatchInTest();
  for (const [MetricName, text] of Object.entries(DATA)) {
    for (const [minute, mark] of text.split(' ').entries()) {
      if (mark === '-') continue;
      const MetricData = [{ MetricName, Value: Number(mark), Timestamp: at(minute) }];
      await client.putMetricData({ Namespace: 'My', MetricData });
    }
  }
  const queries = Object.keys(DATA).map((Id) => ({
    Id,
    ReturnData: false,
    MetricStat: { Metric: { Namespace: 'My', MetricName: Id }, Period: 60, Stat: 'Average' },
  }));
  const { MetricDataResults = [] } = await client.getMetricData({
    MetricDataQueries: [...queries, { Id: 'e', Expression }],
    StartTime: at(0),
    EndTime: at(5),
    ScanBy: 'TimestampAscending',
  });
  return MetricDataResults;
}

/** The value of each minute; undefined where there is none. */
function minutesOf({ Timestamps = [], Values = [] }: MetricDataResult): (number | undefined)[] {
  const values = new Map(Timestamps.map((time, index) => [time.getTime(), Values[index]]));
  return [0, 1, 2, 3, 4].map((minute) => values.get(at(minute).getTime()));
}

describe('§5 metric math', () => {
  const _ = undefined;
  test.each<[string, (number | undefined)[]]>([
    ['a + b', [3, 2, 3, 4, 10]], // a missing value is 0 where the other side has a point
    ['a - b * 2', [-3, 2, -6, 4, -5]],
    ['(a - b) * 2', [-2, 4, -6, 8, 0]],
    ['2 ^ a', [2, 4, _, 16, 32]],
    ['-a', [-1, -2, _, -4, -5]],
    ['a / b', [0.5, _, 0, _, 1]], // x/0 is no data point
    ['a / c', [_, _, _, _, _]],
    ['c + c', [_, _, _, _, _]],
    ['a > b', [0, 1, 0, 1, 0]],
    ['a >= 2 AND b != 0', [0, 0, 0, 0, 1]],
    ['a == 1 || b == 3', [1, 0, 1, 0, 0]],
    ['IF(a > 1, a, 10)', [10, 2, _, 4, 5]],
    ['IF(a > 1, b)', [_, 0, _, 0, 5]], // where the condition holds, a missing value is 0
    ['IF(b, c, a)', [0, 2, 0, _, 0]],
    ['IF(b > 1, 9, c)', [9, _, 9, _, 9]],
    ['IF(a - a, 1, 2)', [2, 2, _, 2, 2]],
    ['IF(0, a)', [_, _, _, _, _]],
    ['IF(FILL(b, 0) > 0, a / b, 7)', [0.5, 7, 0, 7, 1]], // the guard that lets a group scale out from zero
    ['IF(1 > 2, a, b)', [2, 0, 3, _, 5]],
    ['FILL(a, 0)', [1, 2, 0, 4, 5]],
    ['FILL(b, REPEAT)', [2, 0, 3, 3, 5]],
    ['FILL(b, LINEAR)', [2, 0, 3, 4, 5]],
    ['FILL(a, b)', [1, 2, 3, 4, 5]],
    ['FILL(c, 9)', [9, 9, 9, 9, 9]],
    ['FILL(c, REPEAT)', [_, _, _, _, _]],
    ['MAX([a, b])', [2, 2, 3, 4, 5]],
    ['MIN([a, b])', [1, 0, 3, 4, 5]],
    ['SUM([a, b, 1])', [4, 3, 4, 5, 11]],
    ['AVG(METRICS())', [1, 2 / 3, 1, 4 / 3, 10 / 3]], // of an array, too, a missing value counts as 0
    ['AVG([a, b])', [1.5, 1, 1.5, 2, 5]],
    ['STDDEV([a, b])', [0.5, 1, 0, 0, 0]],
    ['TIME_SERIES(STDDEV(b))', Array<number>(5).fill(Math.sqrt(3.25))],
    ['TIME_SERIES(AVG(a))', [3, 3, 3, 3, 3]],
    ['a - MIN(a)', [0, 1, _, 3, 4]],
    ['LOG10(a * 10) - LOG10(a)', [1, 1, _, 1, 1]],
    ['LOG(b)', [Math.log(2), _, Math.log(3), _, Math.log(5)]], // of 0 there is none
    ['FIRST([a, b])', [1, 2, _, 4, 5]],
    ['LAST([a, b])', [2, 0, 3, _, 5]],
    ['FIRST(REMOVE_EMPTY([c, b]))', [2, 0, 3, _, 5]],
    ['TIME_SERIES(METRIC_COUNT(REMOVE_EMPTY(METRICS())))', [2, 2, 2, 2, 2]],
    ['FIRST(REMOVE_EMPTY([c]))', [_, _, _, _, _]],
    ['FIRST(SORT(METRICS(), SUM, DESC))', [1, 2, _, 4, 5]],
    ['FIRST(SORT(METRICS(), SUM, ASC))', [2, 0, 3, _, 5]],
    ['LAST(SORT([a, b], MIN, ASC))', [1, 2, _, 4, 5]],
    ['LAST(SORT(METRICS(), MAX, ASC))', [_, _, _, _, _]], // what is empty comes last
    ['LAST(SORT(METRICS(), AVG, DESC, 1))', [1, 2, _, 4, 5]],
    ['SUM(SLICE([a, b, a], 1))', [3, 2, 3, 4, 10]],
    ['SUM(SLICE([a, b, a], 0, 2))', [3, 2, 3, 4, 10]],
    ['SUM(SLICE([a, b, a], 0, 1))', [1, 2, _, 4, 5]],
    ['MINUTE(c)', [0, 1, 2, 3, 4]],
    ['HOUR(a)', [0, 0, 0, 0, 0]],
    ['DAY(a)', [2, 2, 2, 2, 2]], // a Tuesday
    ['DATE(a) * 100 + MONTH(a)', [101, 101, 101, 101, 101]],
    ['YEAR(a)', [2030, 2030, 2030, 2030, 2030]],
    ['EPOCH(a) / 60 - EPOCH(a) / 60 + MINUTE(a)', [0, 1, 2, 3, 4]],
    ['IF(MINUTE(a) < 2, a)', [1, 2, _, _, _]],
    ['2 + 3 * a', [5, 8, _, 14, 17]],
    ['TIME_SERIES(2 ^ 3 - 1)', [7, 7, 7, 7, 7]],
    ['TIME_SERIES(1 / 0)', [_, _, _, _, _]],
    ['TIME_SERIES(3 > 2)', [1, 1, 1, 1, 1]],
    ['a < b', [1, 0, 1, 0, 0]],
    ['a <= b', [1, 0, 1, 0, 1]],
    ['a > 1 && b > 1', [0, 0, 0, 0, 1]],
    ['SUM(METRICS("b"))', [2, 0, 3, _, 5]],
    ['TIME_SERIES(SUM(a))', [12, 12, 12, 12, 12]], // of one series a function gives a scalar over all points
    ['TIME_SERIES(METRIC_COUNT(METRICS()))', [3, 3, 3, 3, 3]],
    ['TIME_SERIES(DATAPOINT_COUNT(a))', [4, 4, 4, 4, 4]],
    ['DATAPOINT_COUNT([a, b])', [2, 2, 1, 1, 2]],
    ['TIME_SERIES(PERIOD(a))', [60, 60, 60, 60, 60]],
    ['a / PERIOD(a) * 60', [1, 2, _, 4, 5]],
    ['ABS(a - 3)', [2, 1, _, 1, 2]],
    ['CEIL(a / 2)', [1, 1, _, 2, 3]],
    ['FLOOR(a / 2)', [0, 1, _, 2, 2]],
    ['DIFF(a)', [_, 1, _, 2, 1]],
    ['DIFF_TIME(a)', [_, 60, _, 120, 60]],
    ['RATE(a) * 60', [_, 1, _, 1, 1]],
    ['RUNNING_SUM(a)', [1, 3, _, 7, 12]],
    ['SUM(METRICS() * 2)', [6, 4, 6, 8, 20]],
    ['c + SUM(c)', [_, _, _, _, _]],
  ])('%s', async (expression, expected) => {
    const found = await results(expression);
    expect(found).toHaveLength(1);
    const minutes = minutesOf(found[0]);
    expect(minutes.map((value) => value !== undefined)).toEqual(expected.map((value) => value !== undefined));
    for (const [minute, value] of expected.entries())
      if (value !== undefined) expect(minutes[minute]).toBeCloseTo(value, 9);
  });

  test.each<[string, (number | undefined)[][]]>([
    [
      '[a, b]',
      [
        [1, 2, _, 4, 5],
        [2, 0, 3, _, 5],
      ],
    ],
    [
      'METRICS() * 10',
      [
        [10, 20, _, 40, 50],
        [20, 0, 30, _, 50],
        [_, _, _, _, _],
      ],
    ],
    [
      '60 / [a, b]',
      [
        [60, 30, _, 15, 12],
        [30, _, 20, _, 12],
      ],
    ],
    [
      '[a, b] - b',
      [
        [-1, 2, -3, 4, 0],
        [0, 0, 0, _, 0],
      ],
    ],
    ['FILL(METRICS("c"), 1)', [[1, 1, 1, 1, 1]]],
    ['-METRICS("a")', [[-1, -2, _, -4, -5]]],
    [
      'RUNNING_SUM([a, b])',
      [
        [1, 3, _, 7, 12],
        [2, 2, 5, _, 10],
      ],
    ],
    [
      'SORT(METRICS(), MIN, ASC, 2)',
      [
        [2, 0, 3, _, 5],
        [1, 2, _, 4, 5],
      ],
    ],
    [
      'REMOVE_EMPTY(METRICS())',
      [
        [1, 2, _, 4, 5],
        [2, 0, 3, _, 5],
      ],
    ],
    ['SLICE(METRICS(), 1, 2)', [[2, 0, 3, _, 5]]],
  ])('%s is an array: %j', async (expression, expected) => {
    expect((await results(expression)).map(minutesOf)).toEqual(expected);
  });

  test.each([
    ['a +', "Invalid syntax: unexpected 'the end of the expression'"],
    ['(a', "Invalid syntax: expected ')'"],
    ['a b', "Invalid syntax: unexpected 'b'"],
    ['a # b', 'Invalid syntax: unexpected character at position 1'],
    ['nothing', "no metric or expression with the id 'nothing'"],
    ['e + 1', 'it refers to itself'],
    ['sum([a, b])', "Function 'sum' not found"], // functions are in capital letters
    ['MEDIAN(a)', "Function 'MEDIAN' not found"],
    ['SUM(1)', 'SUM takes a time series, got a scalar'],
    ['FILL(a)', 'FILL takes 2 operands, got 1'],
    ['FILL(a, AVG)', "FILL takes a number, a time series, REPEAT or LINEAR, got 'AVG'"],
    ['FIRST(a)', 'FIRST takes an array of time series, got a time series'],
    ['METRIC_COUNT(a) + a', 'METRIC_COUNT takes an array of time series, got a time series'],
    ['TIME_SERIES(a)', 'TIME_SERIES takes a number, got a time series'],
    ['MINUTE(5)', 'MINUTE takes a time series, got a scalar'],
    ['PERIOD(a + b) * a', 'PERIOD takes a metric, and no expression'],
    ['SORT([a, b], STDDEV(a), DESC)', 'SORT takes a text, got a scalar'],
    ['SORT([a, b], AVG, UP)', "no metric or expression with the id 'UP'"],
    ['SLICE([a, b], 0.5)', 'SLICE takes whole numbers from 0, got 0.5'],
    ['IF(a, [a, b])', 'IF takes a time series, got an array of time series'],
    ['a + "text"', '+ does not take a text'],
    ['[a, "text"]', 'a text cannot be an element of an array'],
    ['[a, b] + [a]', '+ takes arrays of the same length, got 2 and 1'],
    [`SEARCH('{My,Worker} M', 'Sum', 60)`, 'the function SEARCH is not emulated: name the metrics one by one'],
    ['ANOMALY_DETECTION_BAND(a, 2)', 'ANOMALY_DETECTION_BAND is not emulated: there are no anomaly detection models'],
    ['INSIGHT_RULE_METRIC("r", "Sum")', 'the function INSIGHT_RULE_METRIC is not emulated'],
    ['SELECT AVG(Depth) FROM My', 'Metrics Insights queries are not emulated.'],
    ['SERVICE_QUOTA(a)', 'the function SERVICE_QUOTA is not emulated'],
    ['SUM(a)', 'the result must be a time series'],
    ['"text"', 'it is a text'],
  ])('%s is refused', async (expression, message) => {
    await expect(results(expression)).rejects.toMatchObject({
      Code: 'ValidationError',
      message: expect.stringMatching(/^Error in expression 'e': /) as string,
    });
    await expect(results(expression)).rejects.toThrow(message);
  });

  test.each([
    ['round brackets', '('.repeat(101) + 'a' + ')'.repeat(101)],
    ['signs', '-'.repeat(101) + 'a'],
    ['calls', 'ABS('.repeat(101) + 'a' + ')'.repeat(101)],
    ['lists', '['.repeat(101) + 'a' + ']'.repeat(101)],
    ['brackets that do not end', '('.repeat(2_048)],
  ])('101 levels of %s are refused', async (_, expression) => {
    await expect(results(expression)).rejects.toMatchObject({
      Code: 'ValidationError',
      message: "Error in expression 'e': Invalid syntax: it nests more than 100 levels deep",
    });
  });

  test('an expression may nest 100 levels deep, and have 2,048 characters', async () => {
    const [deep] = await results('('.repeat(100) + 'a' + ')'.repeat(100));
    expect(minutesOf(deep)).toEqual([1, 2, _, 4, 5]);
    const chain = `a${'+0'.repeat(1_023)} `;
    const [long] = await results(chain);
    expect(minutesOf(long)).toEqual([1, 2, _, 4, 5]);
    await expect(results(`${chain} `)).rejects.toMatchObject({
      Code: 'ValidationError',
      message: expect.stringContaining(
        "at 'MetricDataQueries.e.Expression' failed to satisfy constraint: Member must have length less than or equal to 2048",
      ) as string,
    });
  });

  test('expressions that use one another twice are looked through once', async () => {
    const { client } = cloudWatchInTest();
    await client.putMetricData({ Namespace: 'My', MetricData: [{ MetricName: 'a', Value: 1, Timestamp: at(0) }] });
    const last = 60;
    const { MetricDataResults: [result] = [] } = await client.getMetricData({
      StartTime: at(0),
      EndTime: at(1),
      MetricDataQueries: [
        {
          Id: 'e0',
          MetricStat: { Metric: { Namespace: 'My', MetricName: 'a' }, Period: 60, Stat: 'Sum' },
          ReturnData: false,
        },
        { Id: 'f0', Expression: 'e0', ReturnData: false },
        ...Array.from({ length: last }, (_, index) => [
          { Id: `e${index + 1}`, Expression: `(e${index} + f${index}) / 2`, ReturnData: index === last - 1 },
          { Id: `f${index + 1}`, Expression: `e${index} * f${index}`, ReturnData: false },
        ]).flat(),
      ],
    });
    expect(minutesOf(result)[0]).toBe(1);
  });

  // The documentation's own example.
  test('IF(metric1, metric2, metric3) of [1, 1, 0, 0, -], [30, -, 0, 0, 30] and [0, 0, 20, -, 20] is [30, 0, 20, -, -]', async () => {
    const { client } = cloudWatchInTest();
    const metrics = { metric1: '1 1 0 0 -', metric2: '30 - 0 0 30', metric3: '0 0 20 - 20' };
    for (const [MetricName, text] of Object.entries(metrics)) {
      for (const [minute, mark] of text.split(' ').entries()) {
        if (mark === '-') continue;
        const MetricData = [{ MetricName, Value: Number(mark), Timestamp: at(minute) }];
        await client.putMetricData({ Namespace: 'My', MetricData });
      }
    }
    const { MetricDataResults: [result] = [] } = await client.getMetricData({
      MetricDataQueries: [
        ...Object.keys(metrics).map((Id) => ({
          Id,
          ReturnData: false,
          MetricStat: { Metric: { Namespace: 'My', MetricName: Id }, Period: 60, Stat: 'Sum' },
        })),
        { Id: 'e', Expression: 'IF(metric1, metric2, metric3)' },
      ],
      StartTime: at(0),
      EndTime: at(5),
    });
    expect(minutesOf(result)).toEqual([30, 0, 20, _, _]);
  });

  test('a query of another account is refused; the own one may be named', async () => {
    const { client } = cloudWatchInTest();
    const get = (AccountId: string) =>
      client.getMetricData({
        StartTime: at(0),
        EndTime: at(1),
        MetricDataQueries: [
          { Id: 'a', AccountId, MetricStat: { Metric: { Namespace: 'My', MetricName: 'a' }, Period: 60, Stat: 'Sum' } },
        ],
      });
    await expect(get('111122223333')).rejects.toThrow(
      "The AccountId 111122223333 of the query 'a' is not supported: no other accounts are linked.",
    );
    expect((await get(ACCOUNT)).MetricDataResults).toHaveLength(1);
  });
});
