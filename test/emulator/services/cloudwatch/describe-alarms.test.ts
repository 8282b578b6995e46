import { type AlarmType, type DescribeAlarmsInput, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { DAY, HOUR, MINUTE } from '../../../../lib/emulator/clock';
import { ACCOUNT, cloudWatchInTest, START } from './cloudwatch-in-test';

const OPS = `arn:aws:sns:us-east-1:${ACCOUNT}:ops`;
const PAGER = `arn:aws:sns:us-east-1:${ACCOUNT}:pager`;
const arnOf = (name: string) => `arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:${name}`;

const onMetric = (AlarmName: string, more: object = {}) => ({
  AlarmName,
  Namespace: 'My',
  MetricName: 'Depth',
  Dimensions: [{ Name: 'Queue', Value: 'jobs' }],
  Statistic: 'Sum' as const,
  Period: 60,
  EvaluationPeriods: 1,
  ComparisonOperator: 'GreaterThanThreshold' as const,
  Threshold: 0,
  TreatMissingData: 'ignore',
  ...more,
});

/** The alarms a, b and c; the composite ones `either` of a and b, and `top` of that one and c. */
async function setUp() {
  const world = cloudWatchInTest();
  const { client } = world;
  await client.putMetricAlarm(onMetric('a', { AlarmActions: [OPS] }));
  await client.putMetricAlarm(onMetric('b', { OKActions: [PAGER], Statistic: 'Maximum', Period: 300 }));
  await client.putMetricAlarm(onMetric('c', { Dimensions: [], Unit: 'Count' }));
  await client.putCompositeAlarm({ AlarmName: 'either', AlarmRule: 'ALARM(a) OR ALARM(b)', AlarmActions: [PAGER] });
  await client.putCompositeAlarm({ AlarmName: 'top', AlarmRule: 'ALARM(either) AND ALARM(c)' });
  await client.setAlarmState({ AlarmName: 'a', StateValue: 'ALARM', StateReason: 'drill' });
  const names = async (input: DescribeAlarmsInput) => {
    const { CompositeAlarms = [], MetricAlarms = [] } = await client.describeAlarms(input);
    return [...CompositeAlarms, ...MetricAlarms].map(({ AlarmName }) => AlarmName).join(' ');
  };
  return { ...world, names };
}

const ALL: AlarmType[] = ['MetricAlarm', 'CompositeAlarm'];

describe('DescribeAlarms', () => {
  test.each<[DescribeAlarmsInput, string]>([
    [{}, 'a b c'], // metric alarms alone, unless others are asked for
    [{ AlarmTypes: ['CompositeAlarm'] }, 'either top'],
    [{ AlarmTypes: ALL }, 'either top a b c'],
    [{ AlarmTypes: ['LogAlarm'] }, ''],
    [{ AlarmNames: ['b', 'nobody', 'a'] }, 'a b'],
    [{ AlarmNames: ['either'] }, ''],
    [{ AlarmNames: ['either', 'a'], AlarmTypes: ALL }, 'either a'],
    [{ AlarmNamePrefix: 'e', AlarmTypes: ALL }, 'either'],
    [{ StateValue: 'ALARM', AlarmTypes: ALL }, 'either a'],
    [{ StateValue: 'INSUFFICIENT_DATA' }, 'b c'],
    [{ ActionPrefix: 'arn:aws:sns', AlarmTypes: ALL }, 'either a b'],
    [{ ActionPrefix: OPS, AlarmTypes: ALL }, 'a'],
    [{ ChildrenOfAlarmName: 'either' }, 'a b'],
    [{ ChildrenOfAlarmName: 'top' }, 'either c'],
    [{ ChildrenOfAlarmName: 'nobody' }, ''],
    [{ ParentsOfAlarmName: 'a' }, 'either'],
    [{ ParentsOfAlarmName: 'either', MaxRecords: 5 }, 'top'],
  ])('%j', async (input, expected) => {
    const { names } = await setUp();
    expect(await names(input)).toBe(expected);
  });

  test('returns only a few members of parents and children', async () => {
    const { client } = await setUp();
    const { MetricAlarms } = await client.describeAlarms({ ChildrenOfAlarmName: 'either' });
    expect(MetricAlarms?.[0]).toEqual({
      AlarmName: 'a',
      AlarmArn: arnOf('a'),
      StateValue: 'ALARM',
      StateUpdatedTimestamp: new Date(START),
    });
    const { CompositeAlarms } = await client.describeAlarms({ ParentsOfAlarmName: 'a' });
    expect(CompositeAlarms).toEqual([{ AlarmName: 'either', AlarmArn: arnOf('either') }]);
  });

  test('an alarm as AWS describes it', async () => {
    const { clock, client } = await setUp();
    await clock.advance(MINUTE);
    const { MetricAlarms } = await client.describeAlarms({ AlarmNames: ['c'] });
    expect(MetricAlarms).toEqual([
      {
        ActionsEnabled: true,
        AlarmActions: [],
        AlarmArn: arnOf('c'),
        AlarmConfigurationUpdatedTimestamp: new Date(START),
        AlarmName: 'c',
        ComparisonOperator: 'GreaterThanThreshold',
        Dimensions: [],
        EvaluationPeriods: 1,
        InsufficientDataActions: [],
        MetricName: 'Depth',
        Namespace: 'My',
        OKActions: [],
        Period: 60,
        StateReason: 'Unchecked: Initial alarm creation',
        StateTransitionedTimestamp: new Date(START),
        StateUpdatedTimestamp: new Date(START),
        StateValue: 'INSUFFICIENT_DATA',
        Statistic: 'Sum',
        Threshold: 0,
        TreatMissingData: 'ignore',
        Unit: 'Count',
      },
    ]);
  });

  test('pages, of all kinds', async () => {
    const { client } = await setUp();
    const pages: (string | undefined)[][] = [];
    const paginator = paginateDescribeAlarms({ client, pageSize: 2 }, { AlarmTypes: ALL });
    for await (const { CompositeAlarms = [], MetricAlarms = [] } of paginator) {
      pages.push([...CompositeAlarms, ...MetricAlarms].map(({ AlarmName }) => AlarmName));
    }
    expect(pages).toEqual([['either', 'top'], ['a', 'b'], ['c']]);
  });

  const violation = (value: unknown, member: string, rule: string) =>
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: ${rule}`;
  test.each<[DescribeAlarmsInput, string, string]>([
    [{ NextToken: 'x' }, 'InvalidNextToken', 'The next token specified is invalid.'],
    [
      { MaxRecords: 0 },
      'ValidationError',
      violation(0, 'maxRecords', 'Member must have value greater than or equal to 1'),
    ],
    [
      { MaxRecords: 101 },
      'ValidationError',
      violation(101, 'maxRecords', 'Member must have value less than or equal to 100'),
    ],
    [
      { StateValue: 'INVALID' as 'OK' },
      'ValidationError',
      violation('INVALID', 'stateValue', 'Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]'),
    ],
    [
      { AlarmTypes: ['Metric' as 'MetricAlarm'] },
      'ValidationError',
      violation('Metric', 'alarmTypes', 'Member must satisfy enum value set: [CompositeAlarm, MetricAlarm, LogAlarm]'),
    ],
    [
      { AlarmNames: ['a'], AlarmNamePrefix: 'a' },
      'InvalidParameterCombination',
      'AlarmNames and AlarmNamePrefix cannot both be specified.',
    ],
    [
      { ChildrenOfAlarmName: 'either', ParentsOfAlarmName: 'a' },
      'ValidationError',
      'ParentsOfAlarmName cannot be specified together with ChildrenOfAlarmName or ParentsOfAlarmName.',
    ],
    [
      { ChildrenOfAlarmName: 'either', StateValue: 'OK' },
      'ValidationError',
      'StateValue cannot be specified together with ChildrenOfAlarmName or ParentsOfAlarmName.',
    ],
  ])('%j is refused', async (input, Code, message) => {
    const { client } = await setUp();
    await expect(client.describeAlarms(input)).rejects.toMatchObject({ Code, message });
  });

  test('more than 100 names are refused', async () => {
    const { client } = await setUp();
    const AlarmNames = Array.from({ length: 101 }, (_, index) => `n${index}`);
    for (const call of [
      client.describeAlarms({ AlarmNames }),
      client.deleteAlarms({ AlarmNames }),
      client.enableAlarmActions({ AlarmNames }),
    ]) {
      await expect(call).rejects.toThrow(
        "at 'alarmNames' failed to satisfy constraint: Member must have length less than",
      );
    }
  });
});

describe('DescribeAlarmsForMetric', () => {
  const metric = { Namespace: 'My', MetricName: 'Depth' };
  const Dimensions = [{ Name: 'Queue', Value: 'jobs' }];
  test.each([
    [{ ...metric, Dimensions }, 'a b'],
    [metric, 'c'],
    [{ ...metric, Dimensions, Statistic: 'Maximum' as const }, 'b'],
    [{ ...metric, Dimensions, Period: 60 }, 'a'],
    [{ ...metric, Unit: 'Count' as const }, 'c'],
    [{ ...metric, Unit: 'Bytes' as const }, ''],
    [{ ...metric, MetricName: 'Other' }, ''],
  ])('%j', async (input, expected) => {
    const { client } = await setUp();
    const { MetricAlarms = [] } = await client.describeAlarmsForMetric(input);
    expect(MetricAlarms.map(({ AlarmName }) => AlarmName).join(' ')).toBe(expected);
  });
});

describe('DescribeAlarmHistory', () => {
  test('filters history by name, type, item and time, newest first by default, in pages', async () => {
    const { clock, client } = await setUp();
    await clock.advance(HOUR);
    await client.setAlarmState({ AlarmName: 'a', StateValue: 'OK', StateReason: 'over' });
    const history = async (input: Parameters<typeof client.describeAlarmHistory>[0]) => {
      const { AlarmHistoryItems = [] } = await client.describeAlarmHistory(input);
      return AlarmHistoryItems.map(({ AlarmName, HistorySummary }) => `${AlarmName}: ${HistorySummary}`);
    };
    expect(await history({ AlarmName: 'a' })).toEqual([
      'a: Alarm updated from ALARM to OK',
      `a: Successfully executed action ${OPS}`,
      'a: Alarm updated from INSUFFICIENT_DATA to ALARM',
      'a: Alarm "a" created',
    ]);
    expect(await history({ AlarmName: 'a', MaxRecords: 1, ScanBy: 'TimestampAscending' })).toEqual([
      'a: Alarm "a" created',
    ]);
    expect(await history({ HistoryItemType: 'Action', AlarmTypes: ALL })).toEqual([
      `either: Successfully executed action ${PAGER}`,
      `a: Successfully executed action ${OPS}`,
    ]);
    // As of alarms, those of metrics alone are told of unless others are asked for.
    expect(await history({ AlarmName: 'either' })).toEqual([]);
    expect(await history({ StartDate: new Date(START + MINUTE), AlarmTypes: ALL })).toEqual([
      'either: Alarm updated from ALARM to OK',
      'a: Alarm updated from ALARM to OK',
    ]);
    expect(await history({ EndDate: new Date(START - 1) })).toEqual([]);
    const first = await client.describeAlarmHistory({ AlarmName: 'a', MaxRecords: 3 });
    expect(await history({ AlarmName: 'a', MaxRecords: 3, NextToken: first.NextToken })).toEqual([
      'a: Alarm "a" created',
    ]);
    await expect(history({ NextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidNextToken' });
    await expect(history({ HistoryItemType: 'Other' as 'Action' })).rejects.toThrow(
      "Value 'Other' at 'historyItemType'",
    );
    await clock.advance(30 * DAY);
    expect(await history({ AlarmTypes: ALL })).toHaveLength(2);
    await clock.advance(1);
    expect(await history({ AlarmTypes: ALL })).toEqual([]);
  });

  test('of a change it has both states, their reasons and their data', async () => {
    const { clock, client } = await setUp();
    await client.putMetricData({
      Namespace: 'My',
      MetricData: [{ MetricName: 'Depth', Values: [7, 8], Timestamp: new Date(START) }],
    });
    await client.putMetricAlarm(onMetric('d', { Dimensions: [], EvaluationPeriods: 2, TreatMissingData: 'breaching' }));
    await clock.advance(2 * MINUTE);
    const { AlarmHistoryItems: [item] = [] } = await client.describeAlarmHistory({
      AlarmName: 'd',
      HistoryItemType: 'StateUpdate',
    });
    const newState = {
      stateValue: 'ALARM',
      stateReason:
        'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].',
      stateReasonData: {
        version: '1.0',
        queryDate: '2030-01-01T00:01:00.000+0000',
        statistic: 'Sum',
        period: 60,
        recentDatapoints: [],
        threshold: 0,
        evaluatedDatapoints: [
          { timestamp: '2029-12-31T23:59:00.000+0000' },
          { timestamp: '2029-12-31T23:58:00.000+0000' },
        ],
      },
    };
    expect(JSON.parse(item.HistoryData ?? '')).toEqual({
      version: '1.0',
      oldState: { stateValue: 'INSUFFICIENT_DATA', stateReason: 'Unchecked: Initial alarm creation' },
      newState,
    });
  });
});

describe('the reason of a state, in the words of CloudWatch', () => {
  const at = '(01/01/30 00:00:00)';
  test.each<[string, object, number[], string]>([
    ['one point', {}, [5], `1 datapoint [5.0 ${at}] was greater than the threshold (0.0).`],
    [
      'M of N',
      { EvaluationPeriods: 2, DatapointsToAlarm: 1 },
      [5, 0],
      `1 out of the last 2 datapoints [5.0 ${at}] was greater than the threshold (0.0) (minimum 1 datapoint for INSUFFICIENT_DATA -> ALARM transition).`,
    ],
    ['a fine point', { Threshold: 9.5 }, [5], `1 datapoint [5.0 ${at}] was not greater than the threshold (9.5).`],
    [
      'points that are made up',
      { EvaluationPeriods: 3, TreatMissingData: 'breaching' },
      [5],
      `1 datapoint [5.0 ${at}] was greater than the threshold (0.0) and 2 missing datapoints were treated as [Breaching].`,
    ],
    [
      'made-up points alone',
      { EvaluationPeriods: 2, TreatMissingData: 'notBreaching' },
      [5],
      '1 missing datapoint was treated as [NonBreaching].',
    ],
    [
      'many points',
      { EvaluationPeriods: 6 },
      [1, 2, 3, 4, 5, 6],
      '6 datapoints were greater than the threshold (0.0). The most recent datapoints which crossed the threshold: ' +
        '[6.0 (01/01/30 00:05:00), 5.0 (01/01/30 00:04:00), 4.0 (01/01/30 00:03:00), 3.0 (01/01/30 00:02:00), 2.0 (01/01/30 00:01:00)].',
    ],
  ])('%s', async (_, more, values, words) => {
    const { clock, client } = cloudWatchInTest();
    const MetricData = values.map((Value, minute) => ({
      MetricName: 'Depth',
      Value,
      Timestamp: new Date(START + minute * MINUTE),
    }));
    await client.putMetricData({ Namespace: 'My', MetricData });
    await clock.advance((values.length + 0.5) * MINUTE);
    await client.putMetricAlarm(onMetric('a', { Dimensions: [], ...more }));
    await clock.advance(0.5 * MINUTE);
    const { MetricAlarms: [alarm] = [] } = await client.describeAlarms({});
    expect(alarm.StateReason).toBe(`Threshold Crossed: ${words}`);
  });

  test('its data say which points there were, of how many values each', async () => {
    const { clock, client } = cloudWatchInTest();
    const MetricData = [{ MetricName: 'Depth', Values: [7, 8], Timestamp: new Date(START), Unit: 'Count' as const }];
    await client.putMetricData({ Namespace: 'My', MetricData });
    await client.putMetricAlarm(onMetric('a', { Dimensions: [], Unit: 'Count' }));
    await clock.advance(2 * MINUTE);
    const { MetricAlarms: [alarm] = [] } = await client.describeAlarms({});
    expect(JSON.parse(alarm.StateReasonData ?? '')).toEqual({
      version: '1.0',
      queryDate: '2030-01-01T00:02:00.000+0000',
      startDate: '2030-01-01T00:00:00.000+0000',
      unit: 'Count',
      statistic: 'Sum',
      period: 60,
      recentDatapoints: [15],
      threshold: 0,
      evaluatedDatapoints: [{ timestamp: '2030-01-01T00:00:00.000+0000', sampleCount: 2, value: 15 }],
    });
    const written = '"recentDatapoints":[15.0],"threshold":0.0,"evaluatedDatapoints":[{"timestamp":';
    expect(alarm.StateReasonData).toContain(
      `${written}"2030-01-01T00:00:00.000+0000","sampleCount":2.0,"value":15.0}]`,
    );
    const { AlarmHistoryItems: [item] = [] } = await client.describeAlarmHistory({ HistoryItemType: 'StateUpdate' });
    expect(item.HistoryData).toContain(`"stateReasonData":${alarm.StateReasonData}`);
  });
});

describe('tags of alarms', () => {
  test('are set when an alarm is created, and changed by their own actions alone', async () => {
    const { client, clock } = cloudWatchInTest();
    const ResourceARN = arnOf('a');
    const tags = async () => (await client.listTagsForResource({ ResourceARN })).Tags;
    const Tags = [
      { Key: 'tag1', Value: 'foo' },
      { Key: 'tag2', Value: 'bar' },
    ];
    await client.putMetricAlarm(onMetric('a', { Tags }));
    expect(await tags()).toEqual(Tags);
    await client.putMetricAlarm(onMetric('a', { Tags: [{ Key: 'tag3', Value: '' }] }));
    expect(await tags()).toEqual(Tags);
    await client.tagResource({
      ResourceARN,
      Tags: [
        { Key: 'tag2', Value: 'baz' },
        { Key: 'tag4', Value: '' },
      ],
    });
    await client.untagResource({ ResourceARN, TagKeys: ['tag1', 'nothing'] });
    expect(await tags()).toEqual([
      { Key: 'tag2', Value: 'baz' },
      { Key: 'tag4', Value: '' },
    ]);
    expect((await client.describeAlarms({})).MetricAlarms?.[0]).not.toHaveProperty('Tags');
    await client.putCompositeAlarm({ AlarmName: 'c', AlarmRule: 'TRUE', Tags });
    expect((await client.listTagsForResource({ ResourceARN: arnOf('c') })).Tags).toEqual(Tags);
    await client.putDashboard({ DashboardName: 'd', DashboardBody: '{"widgets":[]}', Tags });
    const dashboard = `arn:aws:cloudwatch::${ACCOUNT}:dashboard/d`;
    expect((await client.listTagsForResource({ ResourceARN: dashboard })).Tags).toEqual(Tags);
    await client.deleteAlarms({ AlarmNames: ['a'] });
    await client.deleteDashboards({ DashboardNames: ['d'] });
    expect(await tags()).toEqual([]); // right after its deletion
    expect((await client.listTagsForResource({ ResourceARN: dashboard })).Tags).toEqual([]);
    await client.putMetricAlarm(onMetric('a', { Tags }));
    expect(await tags()).toEqual(Tags);
    await client.deleteAlarms({ AlarmNames: ['a'] });
    await clock.advance(MINUTE - 1);
    expect(await tags()).toEqual([]);
    await clock.advance(1);
    await expect(tags()).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Unknown resource: ${ResourceARN}`,
      $metadata: { httpStatusCode: 404 },
    });
  });

  test.each<[string, { Key: string; Value: string }[], string]>([
    ['an empty key', [{ Key: '', Value: '' }], "Value '' at 'tags.1.member.key' failed to satisfy constraint"],
    ['a long value', [{ Key: 'k', Value: 'v'.repeat(257) }], "at 'tags.1.member.value' failed to satisfy constraint"],
    ["AWS's own", [{ Key: 'aws:name', Value: '' }], 'The tag key aws:name is invalid: aws: is reserved.'],
    [
      'a key twice',
      [
        { Key: 'k', Value: '1' },
        { Key: 'k', Value: '2' },
      ],
      'The tag key k is given twice.',
    ],
    [
      '51 of them',
      Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' })),
      'A resource can have at most 50 tags, and this one would have 51.',
    ],
  ])('%s is refused, and nothing is created', async (_, Tags, message) => {
    const { client } = cloudWatchInTest();
    await expect(client.putMetricAlarm(onMetric('a', { Tags }))).rejects.toThrow(message);
    expect((await client.describeAlarms({})).MetricAlarms).toEqual([]);
  });

  test('returns no tags for a resource that is neither an alarm nor a dashboard', async () => {
    const ResourceARN = `arn:aws:sqs:us-east-1:${ACCOUNT}:jobs`;
    await expect(cloudWatchInTest().client.listTagsForResource({ ResourceARN })).rejects.toMatchObject({
      Code: 'InvalidParameterValue',
    });
  });
});
