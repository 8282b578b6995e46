import { gunzipSync } from 'node:zlib';
import { CloudWatchClient, GetMetricDataCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import * as sdk from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  ACCOUNT,
  contract,
  type ContractCloud,
  expectRefused,
  REGION,
  type Resources,
} from '../../../support/contract-cloud';

const DAY = 86_400_000;
const logsOf = (cloud: ContractCloud) => cloud.client(sdk.CloudWatchLogsClient);
const invalid = (message?: string | RegExp) => ({ name: 'InvalidParameterException', message });
const missing = (what: string) => ({
  name: 'ResourceNotFoundException',
  message: `The specified ${what} does not exist.`,
});

/** A client, and a group `g` with a stream `s`. */
async function withStream(cloud: ContractCloud, retentionInDays?: number) {
  const logs = logsOf(cloud);
  await logs.send(new sdk.CreateLogGroupCommand({ logGroupName: 'g' }));
  await logs.send(new sdk.CreateLogStreamCommand({ logGroupName: 'g', logStreamName: 's' }));
  if (retentionInDays !== undefined) {
    await logs.send(new sdk.PutRetentionPolicyCommand({ logGroupName: 'g', retentionInDays }));
  }
  const put = (events: readonly (readonly [timestamp: number, message: string])[], logStreamName = 's') =>
    logs.send(
      new sdk.PutLogEventsCommand({
        logGroupName: 'g',
        logStreamName,
        logEvents: events.map(([timestamp, message]) => ({ timestamp, message })),
      }),
    );
  const get = (input: Partial<sdk.GetLogEventsCommandInput> = {}) =>
    logs.send(new sdk.GetLogEventsCommand({ logGroupName: 'g', logStreamName: 's', ...input }));
  const filter = (input: Partial<sdk.FilterLogEventsCommandInput> = {}) =>
    logs.send(new sdk.FilterLogEventsCommand({ logGroupName: 'g', ...input }));
  return { logs, put, get, filter };
}

const messages = ({ events = [] }: { readonly events?: { readonly message?: string }[] }) =>
  events.map(({ message }) => message);

contract('§20.1 groups and streams', {
  'a group is created, described, tagged and deleted': async (cloud) => {
    const logs = logsOf(cloud);
    const arn = `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/app/jobs`;
    const create = new sdk.CreateLogGroupCommand({ logGroupName: '/app/jobs', tags: { team: 'orders' } });
    await logs.send(create);
    await expectRefused(logs.send(create), {
      name: 'ResourceAlreadyExistsException',
      message: 'The specified log group already exists',
    });
    const { logGroups } = await logs.send(new sdk.DescribeLogGroupsCommand({ logGroupNamePrefix: '/app' }));
    expect(logGroups).toEqual([
      {
        logGroupName: '/app/jobs',
        creationTime: cloud.now,
        metricFilterCount: 0,
        arn: `${arn}:*`,
        logGroupArn: arn,
        storedBytes: 0,
        logGroupClass: 'STANDARD',
        deletionProtectionEnabled: false,
      },
    ]);
    const byPattern = await logs.send(new sdk.DescribeLogGroupsCommand({ logGroupNamePattern: 'p/j' }));
    expect(byPattern.logGroups?.[0]).not.toHaveProperty('storedBytes');
    await logs.send(new sdk.TagResourceCommand({ resourceArn: arn, tags: { stage: 'test' } }));
    await logs.send(new sdk.UntagResourceCommand({ resourceArn: arn, tagKeys: ['team'] }));
    expect((await logs.send(new sdk.ListTagsForResourceCommand({ resourceArn: arn }))).tags).toEqual({ stage: 'test' });
    await logs.send(new sdk.DeleteLogGroupCommand({ logGroupName: '/app/jobs' }));
    await expectRefused(logs.send(new sdk.DeleteLogGroupCommand({ logGroupName: '/app/jobs' })), missing('log group'));
  },
  'names, prefixes with patterns and tokens are checked': async (cloud) => {
    const logs = logsOf(cloud);
    const create = (logGroupName: string) => logs.send(new sdk.CreateLogGroupCommand({ logGroupName }));
    await create('a'.repeat(512));
    const tooLong = 'Invalid LogGroup or LogStream, both must have length less than or equal to 512.';
    await expectRefused(create('a'.repeat(513)), invalid(tooLong));
    await expectRefused(
      create('a b'),
      invalid(/Value 'a b' at 'logGroupName' failed to satisfy constraint: .*pattern/),
    );
    const both = { logGroupNamePrefix: 'a', logGroupNamePattern: 'a' };
    await expectRefused(
      logs.send(new sdk.DescribeLogGroupsCommand(both)),
      invalid('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.'),
    );
    const foreign = new sdk.DescribeLogGroupsCommand({ nextToken: 'foreign' });
    await expectRefused(logs.send(foreign), invalid('The specified nextToken is invalid.'));
  },
  'streams are ordered by name or by their last event': async (cloud) => {
    const { logs, put } = await withStream(cloud);
    await logs.send(new sdk.CreateLogStreamCommand({ logGroupName: 'g', logStreamName: 'r' }));
    await expectRefused(logs.send(new sdk.CreateLogStreamCommand({ logGroupName: 'g', logStreamName: 'r' })), {
      name: 'ResourceAlreadyExistsException',
      message: 'The specified log stream already exists',
    });
    await put([[cloud.now, 'late']], 'r');
    await put([[cloud.now - 1, 'early']]);
    const names = async (input: object) => {
      const command = new sdk.DescribeLogStreamsCommand({ logGroupName: 'g', ...input });
      return (await logs.send(command)).logStreams?.map(({ logStreamName }) => logStreamName);
    };
    expect(await names({})).toEqual(['r', 's']);
    expect(await names({ orderBy: 'LastEventTime' })).toEqual(['s', 'r']);
    expect(await names({ orderBy: 'LastEventTime', descending: true, limit: 1 })).toEqual(['r']);
    await expectRefused(names({ orderBy: 'LastEventTime', logStreamNamePrefix: 'r' }), invalid());
    await logs.send(new sdk.DeleteLogStreamCommand({ logGroupName: 'g', logStreamName: 'r' }));
    expect(
      await names({ logGroupName: undefined, logGroupIdentifier: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:g` }),
    ).toEqual(['s']);
  },
  'queries of Logs Insights are refused by name': async (cloud) => {
    const query = new sdk.StartQueryCommand({
      logGroupName: 'g',
      queryString: 'fields @message',
      startTime: 0,
      endTime: 1,
    });
    await expectRefused(logsOf(cloud).send(query), { name: 'UnknownOperationException', message: /StartQuery/ });
  },
});

contract('§20.2 events', {
  'events come back in their order, and only after a stream was created': async (cloud) => {
    const { put, get } = await withStream(cloud);
    await expectRefused(put([[cloud.now, 'x']], 'none'), missing('log stream'));
    await put([
      [cloud.now, 'b'],
      [cloud.now, 'c'],
    ]);
    const { nextSequenceToken } = await put([[cloud.now - 1, 'a']]);
    expect(nextSequenceToken).toMatch(/^\d{56}$/);
    expect(messages(await get())).toEqual(['a', 'b', 'c']);
    expect(messages(await get({ startTime: cloud.now }))).toEqual(['b', 'c']);
    expect(messages(await get({ endTime: cloud.now }))).toEqual(['a']);
  },
  'limits of a batch, at their boundary': async (cloud) => {
    const { put } = await withStream(cloud);
    const { now } = cloud;
    await put(Array.from({ length: 10_000 }, () => [now, 'x'] as const));
    await expectRefused(
      put(Array.from({ length: 10_001 }, () => [now, 'x'] as const)),
      invalid(/less than or equal to 10000/),
    );
    await put([[now, 'x'.repeat(1_048_576 - 26)]]);
    await expectRefused(put([[now, 'x'.repeat(1_048_576 - 25)]]), invalid());
    await put([
      [now - DAY, 'x'],
      [now, 'x'],
    ]);
    await expectRefused(
      put([
        [now - DAY - 1, 'x'],
        [now, 'x'],
      ]),
      invalid(/cannot span more than 24 hours/),
    );
    const unordered = 'Log events in a single PutLogEvents request must be in chronological order.';
    await expectRefused(
      put([
        [now, 'x'],
        [now - 1, 'x'],
      ]),
      invalid(unordered),
    );
    await expectRefused(put([[now, '']]), invalid(/logEvents\.1\.member\.message/));
  },
  'events too old, too new or expired are not stored, and reported': async (cloud) => {
    const { put, get } = await withStream(cloud, 3);
    const { now } = cloud;
    expect(
      (
        await put([
          [now - 14 * DAY - 1, 'a'],
          [now - 14 * DAY, 'b'],
        ])
      ).rejectedLogEventsInfo,
    ).toEqual({
      tooOldLogEventEndIndex: 1,
      expiredLogEventEndIndex: 2,
    });
    expect(
      (
        await put([
          [now - 3 * DAY - 1, 'c'],
          [now - 3 * DAY, 'd'],
        ])
      ).rejectedLogEventsInfo,
    ).toEqual({ expiredLogEventEndIndex: 1 });
    expect(
      (
        await put([
          [now + 7_200_000, 'e'],
          [now + 7_200_001, 'f'],
        ])
      ).rejectedLogEventsInfo,
    ).toEqual({ tooNewLogEventStartIndex: 1 });
    expect(messages(await get())).toEqual(['d', 'e']);
  },
  'events expire with the retention period': async (cloud) => {
    const { logs, put, filter } = await withStream(cloud, 1);
    await put([
      [cloud.now, 'a'],
      [cloud.now + 1_000, 'b'],
    ]);
    await cloud.advance(DAY);
    expect(messages(await filter())).toEqual(['a', 'b']);
    await cloud.advance(1);
    expect(messages(await filter())).toEqual(['b']);
    const retain = (retentionInDays: number) =>
      logs.send(new sdk.PutRetentionPolicyCommand({ logGroupName: 'g', retentionInDays }));
    await expectRefused(retain(2), invalid(/enum value set: \[1, 3, 5, 7,/));
    await logs.send(new sdk.DeleteRetentionPolicyCommand({ logGroupName: 'g' }));
    await cloud.advance(30 * DAY);
    expect(messages(await filter())).toEqual(['b']);
  },
  'pages of a stream in both directions; the end gives the same token again': async (cloud) => {
    const { put, get } = await withStream(cloud);
    await put(Array.from('abcde', (message, index) => [cloud.now + index, message] as const));
    const newest = await get({ limit: 2 });
    expect(messages(newest)).toEqual(['d', 'e']);
    const before = await get({ limit: 2, nextToken: newest.nextBackwardToken });
    expect(messages(before)).toEqual(['b', 'c']);
    const oldest = await get({ limit: 2, nextToken: before.nextBackwardToken });
    expect(messages(oldest)).toEqual(['a']);
    const end = await get({ nextToken: oldest.nextBackwardToken });
    expect(end).toMatchObject({ events: [], nextBackwardToken: oldest.nextBackwardToken });
    expect(messages(await get({ nextToken: end.nextForwardToken }))).toEqual(['a', 'b', 'c', 'd', 'e']);
    const done = await get({ nextToken: newest.nextForwardToken });
    expect(done).toMatchObject({ events: [], nextForwardToken: newest.nextForwardToken });
    await put([[cloud.now + 9, 'f']]);
    expect(messages(await get({ nextToken: done.nextForwardToken }))).toEqual(['f']);
    expect(messages(await get({ startFromHead: true, limit: 1 }))).toEqual(['a']);
    await expectRefused(get({ nextToken: 'f/1/s' }), invalid('The specified nextToken is invalid.'));
    await expectRefused(
      get({ limit: 10_001 }),
      invalid(
        "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
      ),
    );
  },
  'a search merges streams by time, a page at a time': async (cloud) => {
    const { logs, put, filter } = await withStream(cloud);
    await logs.send(new sdk.CreateLogStreamCommand({ logGroupName: 'g', logStreamName: 't' }));
    await put([
      [cloud.now, 'a ERROR'],
      [cloud.now + 2, 'c ERROR'],
      [cloud.now + 3, 'fine'],
    ]);
    await put(
      [
        [cloud.now + 1, 'b ERROR'],
        [cloud.now + 2, 'd ERROR'],
      ],
      't',
    );
    const first = await filter({ filterPattern: 'ERROR', limit: 3 });
    expect(messages(first)).toEqual(['a ERROR', 'b ERROR', 'c ERROR']);
    expect(first).toMatchObject({ searchedLogStreams: [] });
    expect(first.events?.[1]).toMatchObject({
      logStreamName: 't',
      eventId: expect.stringMatching(/^\d{56}$/) as string,
    });
    const second = await filter({ filterPattern: 'ERROR', limit: 3, nextToken: first.nextToken });
    expect(messages(second)).toEqual(['d ERROR']);
    expect(second.nextToken).toBeUndefined();
    expect(messages(await filter({ logStreamNames: ['t'], startTime: cloud.now + 2 }))).toEqual(['d ERROR']);
    expect(messages(await filter({ logStreamNamePrefix: 's', endTime: cloud.now + 1 }))).toEqual(['a ERROR']);
    await expectRefused(filter({ logStreamNames: ['t'], logStreamNamePrefix: 's' }), invalid());
    await expectRefused(filter({ logStreamNames: ['none'] }), missing('log stream'));
  },
});

contract(
  '§20.7 memory',
  {
    'beyond its capacity, the events that arrived first are dropped': async (cloud) => {
      const { logs, put, filter } = await withStream(cloud);
      await logs.send(new sdk.CreateLogStreamCommand({ logGroupName: 'g', logStreamName: 't' }));
      for (let index = 0; index < 20; index++) {
        await put([[cloud.now, String(index).padStart(74, '0')]], index % 2 === 0 ? 's' : 't');
      }
      const kept = messages(await filter()).map(Number);
      expect(kept).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    },
  },
  { logCapacity: 1_000 },
);

const LINE = '127.0.0.1 frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';
const EVENT = JSON.stringify({
  level: 'error',
  status: 503,
  latency: 12.5,
  ok: false,
  none: null,
  user: { name: 'ann', ids: [7, 8] },
  'a.b': 'dotted',
});
const PATTERNS: readonly (readonly [pattern: string, message: string, matches: boolean])[] = [
  ['', 'anything', true],
  [' ', 'anything', true],
  ['ERROR', '[ERROR 400] BAD REQUEST', true],
  ['ERROR', 'error', false],
  ['ERROR BAD', '[ERROR 400] BAD REQUEST', true],
  ['ERROR GOOD', '[ERROR 400] BAD REQUEST', false],
  ['?ERROR ?WARN', 'a WARN', true],
  ['?ERROR ?WARN', 'an INFO', false],
  ['?ERROR GOOD', 'all GOOD', true],
  ['ERROR -EXITING', 'ERROR EXITING', false],
  ['ERROR -EXITING', 'ERROR ONLY', true],
  ['"INTERNAL SERVER ERROR"', '[ERROR 500] INTERNAL SERVER ERROR', true],
  ['%AUTHORIZED%', 'UNAUTHORIZED 401', true],
  ['%4[0-9]{2}$%', 'status 404', true],
  ['%4[0-9]{2}$%', 'status 504', false],
  ['{ $.level = "error" }', EVENT, true],
  ['{ $.level = err* }', EVENT, true],
  ['{ $.level = %^err% }', EVENT, true],
  ['{ $.level != "error" }', EVENT, false],
  ['{ $.missing != "error" }', EVENT, false],
  ['{ $.status = 503 && ($.latency > 20 || $.latency >= 1.25e1) }', EVENT, true],
  ['{ $.status = 5* }', EVENT, true],
  ['{ $.latency < 12 }', EVENT, false],
  ['{ $.ok IS FALSE }', EVENT, true],
  ['{ $.none IS NULL }', EVENT, true],
  ['{ $.missing NOT EXISTS }', EVENT, true],
  ['{ $.none NOT EXISTS }', EVENT, false],
  ['{ $.user.ids[1] = 8 }', EVENT, true],
  ['{ $.user.ids[*] = 8 }', EVENT, true],
  ['{ $.user.ids[2] = 8 }', EVENT, false],
  ['{ $.user = "*" }', EVENT, false],
  ["{ $.['a.b'] = dotted }", EVENT, true],
  ['{ $.level = "error" }', 'level error', false],
  ['[ip, user, timestamp, request = "GET*", status = 4*, size > 1000 && size < 2000]', LINE, true],
  ['[ip, user, timestamp, request, status = 404 || status = 410, size]', LINE, true],
  ['[ip, user, timestamp, request, status != 404, size]', LINE, false],
  ['[ip, ..., size = 1534]', LINE, true],
  ['[ip, user]', LINE, false],
  ['[w1, w2 = %^fr%, ...]', LINE, true],
];
const UNREADABLE = [
  '{ $.a',
  '{ $.a = }',
  '{ a = 1 }',
  '{ $.a > "x" }',
  '[a',
  '[a = ]',
  'a:b',
  '"open',
  '%(a)%',
  '%a% %b% %c%',
  '{ $.a[*].b[*] = 1 }',
];

contract('§20.3 filter patterns', {
  'what matches, by pattern and message': async (cloud) => {
    const logs = logsOf(cloud);
    const found = await Promise.all(
      PATTERNS.map(async ([filterPattern, message]) => {
        const command = new sdk.TestMetricFilterCommand({ filterPattern, logEventMessages: [message] });
        return [filterPattern, message, (await logs.send(command)).matches?.length === 1] as const;
      }),
    );
    expect(found).toEqual(PATTERNS);
  },
  'what cannot be read is refused': async (cloud) => {
    const test = (filterPattern: string) =>
      logsOf(cloud).send(new sdk.TestMetricFilterCommand({ filterPattern, logEventMessages: ['x'] }));
    for (const pattern of UNREADABLE) await expectRefused(test(pattern), invalid());
  },
  'fields that were extracted are shown by their selectors': async (cloud) => {
    const extract = async (filterPattern: string, message: string) => {
      const command = new sdk.TestMetricFilterCommand({ filterPattern, logEventMessages: [message] });
      return (await logsOf(cloud).send(command)).matches?.[0].extractedValues;
    };
    expect(await extract('[ip, user, at, request, status, size]', LINE)).toEqual({
      $ip: '127.0.0.1',
      $user: 'frank',
      $at: '10/Oct/2000:13:25:15 -0700',
      $request: 'GET /index.html HTTP/1.0',
      $status: '404',
      $size: '1534',
    });
    expect(await extract('{ $.status = 503 }', EVENT)).toEqual({ '$.status': '503' });
  },
});

const transformation = { metricName: 'Latency', metricNamespace: 'App', metricValue: '$.latency' };

contract('§20.4 metric filters', {
  'matching events become metrics, with dimensions, and percentiles are exact': async (cloud) => {
    const { logs, put } = await withStream(cloud);
    const metricTransformations = [
      { ...transformation, dimensions: { Level: '$.level' }, unit: 'Milliseconds' as const },
    ];
    await logs.send(
      new sdk.PutMetricFilterCommand({
        logGroupName: 'g',
        filterName: 'f',
        filterPattern: '{ $.latency > 0 }',
        metricTransformations,
      }),
    );
    const start = cloud.now;
    await put([10, 20, 30, 'x'].map((latency) => [start, JSON.stringify({ latency, level: 'info' })] as const));
    await cloud.advance(120_000);
    const stat = (Stat: string) => ({
      Id: Stat.toLowerCase(),
      MetricStat: {
        Metric: { Namespace: 'App', MetricName: 'Latency', Dimensions: [{ Name: 'Level', Value: 'info' }] },
        Period: 60,
        Stat,
      },
    });
    const { MetricDataResults = [] } = await cloud.client(CloudWatchClient).send(
      new GetMetricDataCommand({
        StartTime: new Date(start - 60_000),
        EndTime: new Date(cloud.now),
        MetricDataQueries: ['Sum', 'SampleCount', 'p50'].map(stat),
      }),
    );
    expect(MetricDataResults.map(({ Values }) => Values)).toEqual([[60], [3], [20]]);
  },
  'the default value is published where events arrived and none matched': async (cloud) => {
    const { logs, put } = await withStream(cloud);
    const metricTransformations = [{ metricName: 'Errors', metricNamespace: 'App', metricValue: '1', defaultValue: 0 }];
    await logs.send(
      new sdk.PutMetricFilterCommand({
        logGroupName: 'g',
        filterName: 'f',
        filterPattern: 'ERROR',
        metricTransformations,
      }),
    );
    const start = cloud.now;
    await put([[cloud.now, 'fine']]);
    await cloud.advance(60_000);
    await put([
      [cloud.now, 'ERROR'],
      [cloud.now, 'fine'],
    ]);
    await cloud.advance(180_000);
    const { MetricDataResults: [sums] = [] } = await cloud.client(CloudWatchClient).send(
      new GetMetricDataCommand({
        StartTime: new Date(start - 60_000),
        EndTime: new Date(cloud.now),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: [
          { Id: 'm', MetricStat: { Metric: { Namespace: 'App', MetricName: 'Errors' }, Period: 60, Stat: 'Sum' } },
        ],
      }),
    );
    expect(sums.Values).toEqual([0, 1]);
  },
  'an alarm sees the metric of a filter': async (cloud) => {
    const { logs, put } = await withStream(cloud);
    const metricTransformations = [{ metricName: 'Errors', metricNamespace: 'App', metricValue: '1' }];
    await logs.send(
      new sdk.PutMetricFilterCommand({
        logGroupName: 'g',
        filterName: 'f',
        filterPattern: 'ERROR',
        metricTransformations,
      }),
    );
    await cloud.client(CloudWatchClient).send(
      new PutMetricAlarmCommand({
        AlarmName: 'Errors',
        Namespace: 'App',
        MetricName: 'Errors',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        TreatMissingData: 'notBreaching',
      }),
    );
    await put([[cloud.now, 'ERROR']]);
    await cloud.advance(180_000);
    expect(cloud.events.filter(({ kind }) => kind === 'cloudwatch.alarm').map(({ detail }) => detail.to)).toContain(
      'ALARM',
    );
  },
  'settings are checked, and filters described and deleted': async (cloud) => {
    const { logs } = await withStream(cloud);
    const put = (metricTransformations: sdk.MetricTransformation[], filterName = 'f') =>
      logs.send(
        new sdk.PutMetricFilterCommand({ logGroupName: 'g', filterName, filterPattern: '', metricTransformations }),
      );
    await expectRefused(
      put([
        { metricName: 'metric1', metricNamespace: 'namespace1', metricValue: '1' },
        { metricName: 'metric2', metricNamespace: 'namespace2', metricValue: '2' },
      ]),
      invalid(
        "1 validation error detected: Value '[MetricTransformation(metricName=metric1, metricNamespace=namespace1, metricValue=1, defaultValue=null, unit=null, dimensions=null), " +
          "MetricTransformation(metricName=metric2, metricNamespace=namespace2, metricValue=2, defaultValue=null, unit=null, dimensions=null)]' at 'metricTransformations' failed to satisfy constraint: Member must have length less than or equal to 1",
      ),
    );
    await expectRefused(put([{ ...transformation, metricNamespace: 'AWS/Logs' }]), invalid());
    await expectRefused(put([{ ...transformation, metricValue: 'many' }]), invalid());
    await expectRefused(put([{ ...transformation, defaultValue: 0, dimensions: { Level: '$.level' } }]), invalid());
    for (let index = 0; index < 100; index++) await put([transformation], `f${index}`);
    await put([transformation], 'f99');
    await expectRefused(put([transformation]), { name: 'LimitExceededException', message: 'Resource limit exceeded.' });
    const described = await logs.send(
      new sdk.DescribeMetricFiltersCommand({
        metricName: 'Latency',
        metricNamespace: 'App',
        filterNamePrefix: 'f9',
        limit: 2,
      }),
    );
    expect(described.metricFilters).toMatchObject([
      { filterName: 'f9' },
      { filterName: 'f90', metricTransformations: [transformation] },
    ]);
    expect(described.nextToken).toBeDefined();
    await logs.send(new sdk.DeleteMetricFilterCommand({ logGroupName: 'g', filterName: 'f9' }));
    await expectRefused(
      logs.send(new sdk.DeleteMetricFilterCommand({ logGroupName: 'g', filterName: 'f9' })),
      missing('metric filter'),
    );
  },
});

const RECEIVER: [string, Record<string, unknown>] = [
  'AWS::Lambda::Function',
  {
    FunctionName: 'receiver',
    Code: { ZipFile: 'exports.handler = async ({ awslogs }) => { console.log(awslogs.data); };' },
    Handler: 'index.handler',
    Runtime: 'nodejs22.x',
    Role: `arn:aws:iam::${ACCOUNT}:role/receiver`,
  },
];
/** The function, and its permission for log groups. */
const RECEIVING: Resources = {
  Receiver: RECEIVER,
  Permission: [
    'AWS::Lambda::Permission',
    {
      FunctionName: 'receiver',
      Action: 'lambda:InvokeFunction',
      Principal: 'logs.amazonaws.com',
      SourceArn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:g:*`,
    },
  ],
};
const receiverArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:receiver`;

contract('§20.5 subscription filters', {
  'a function gets matching events, compressed': async (cloud) => {
    const { logs, put, filter } = await withStream(cloud);
    await cloud.deploy(RECEIVING);
    await logs.send(
      new sdk.PutSubscriptionFilterCommand({
        logGroupName: 'g',
        filterName: 'f',
        filterPattern: 'ERROR',
        destinationArn: receiverArn,
      }),
    );
    await put([
      [cloud.now, 'ERROR 1'],
      [cloud.now, 'fine'],
      [cloud.now + 1, 'ERROR 2'],
    ]);
    await cloud.advance(10_000);
    const [printed] = messages(await filter({ logGroupName: '/aws/lambda/receiver', filterPattern: 'INFO' }));
    const data = printed?.trim().split('\t').at(-1) ?? '';
    const id = expect.stringMatching(/^\d{56}$/) as string;
    expect(JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString())).toEqual({
      messageType: 'DATA_MESSAGE',
      owner: ACCOUNT,
      logGroup: 'g',
      logStream: 's',
      subscriptionFilters: ['f'],
      logEvents: [
        { id, timestamp: expect.any(Number) as number, message: 'ERROR 1' },
        { id, timestamp: expect.any(Number) as number, message: 'ERROR 2' },
      ],
    });
    expect(cloud.events.filter(({ kind }) => kind === 'logs.delivered').map(({ detail }) => detail.events)).toEqual([
      2,
    ]);
  },
  'after its destination is gone, events are skipped for ten minutes': async (cloud) => {
    const { logs, put } = await withStream(cloud);
    await cloud.deploy(RECEIVING);
    await logs.send(
      new sdk.PutSubscriptionFilterCommand({
        logGroupName: 'g',
        filterName: 'f',
        filterPattern: '',
        destinationArn: receiverArn,
      }),
    );
    await cloud.emulator.unload('Test');
    await put([[cloud.now, 'lost']]);
    await cloud.advance(10_000);
    expect(cloud.events.filter(({ kind }) => kind === 'logs.delivery-failed')).toHaveLength(1);
    await cloud.deploy(RECEIVING);
    await put([[cloud.now, 'skipped']]);
    await cloud.advance(600_000);
    await put([[cloud.now, 'delivered']]);
    await cloud.advance(10_000);
    expect(cloud.events.filter(({ kind }) => kind === 'logs.delivered')).toHaveLength(1);
  },
  'destinations are checked before the group, and two filters are the most': async (cloud) => {
    const { logs } = await withStream(cloud);
    await cloud.deploy(RECEIVING);
    const put = (input: Partial<sdk.PutSubscriptionFilterCommandInput>) =>
      logs.send(
        new sdk.PutSubscriptionFilterCommand({
          logGroupName: 'g',
          filterName: 'f',
          filterPattern: '',
          destinationArn: receiverArn,
          ...input,
        }),
      );
    const foreign = {
      name: 'AccessDeniedException',
      message:
        'Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.',
    };
    await expectRefused(put({ destinationArn: `${receiverArn}s`, logGroupName: 'none' }), foreign);
    await expectRefused(put({ destinationArn: receiverArn.replace(ACCOUNT, '111122223333') }), foreign);
    const stream = `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/none`;
    await expectRefused(
      put({ destinationArn: stream }),
      invalid('destinationArn for vendor kinesis cannot be used without roleArn'),
    );
    await expectRefused(
      put({ destinationArn: stream, roleArn: `arn:aws:iam::${ACCOUNT}:role/r` }),
      invalid(/^Could not deliver test message to specified Kinesis stream/),
    );
    await logs.send(new sdk.CreateLogGroupCommand({ logGroupName: 'without-permission' }));
    await expectRefused(put({ logGroupName: 'without-permission' }), invalid(/^Could not execute the lambda function/));
    await put({});
    await put({ filterName: 'second' });
    await put({ filterName: 'second', filterPattern: 'ERROR' });
    await expectRefused(put({ filterName: 'third' }), {
      name: 'LimitExceededException',
      message: 'Resource limit exceeded.',
    });
    const { subscriptionFilters } = await logs.send(new sdk.DescribeSubscriptionFiltersCommand({ logGroupName: 'g' }));
    expect(subscriptionFilters).toMatchObject([
      { filterName: 'f', distribution: 'ByLogStream' },
      { filterName: 'second', filterPattern: 'ERROR' },
    ]);
    await logs.send(new sdk.DeleteSubscriptionFilterCommand({ logGroupName: 'g', filterName: 'f' }));
    await expectRefused(
      logs.send(new sdk.DeleteSubscriptionFilterCommand({ logGroupName: 'g', filterName: 'f' })),
      missing('subscription filter'),
    );
  },
});

const loud = (code: string, more: Record<string, unknown> = {}): [string, Record<string, unknown>] => [
  'AWS::Lambda::Function',
  { ...RECEIVER[1], FunctionName: 'loud', Code: { ZipFile: code }, ...more },
];

/** Invokes the function `loud`, and returns what is in a log group then. */
async function logged(cloud: ContractCloud, logGroupName = '/aws/lambda/loud') {
  const invoked = cloud.client(LambdaClient).send(new InvokeCommand({ FunctionName: 'loud', LogType: 'Tail' }));
  await cloud.invoked(invoked);
  const found = await logsOf(cloud).send(new sdk.FilterLogEventsCommand({ logGroupName }));
  return {
    messages: messages(found),
    events: found.events ?? [],
    tail: Buffer.from((await invoked).LogResult ?? '', 'base64').toString(),
  };
}

const ID = '[0-9a-f-]{36}';
const TIME = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z';
const like = (pattern: string) => expect.stringMatching(new RegExp(`^${pattern}$`)) as string;

contract('§20.6 logs of functions', {
  'text: the lines of Lambda frame those of the console': async (cloud) => {
    const code = `exports.handler = async () => {
      console.log('one', { two: 2 });
      console.warn('several\\nlines');
      process.stdout.write('raw\\n');
      throw new RangeError('no');
    };`;
    await cloud.deploy({ Loud: loud(code) });
    const { messages: lines, events, tail } = await logged(cloud);
    expect(lines).toEqual([
      like(
        'INIT_START Runtime Version: nodejs:22\\.v\\d+\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}\n',
      ),
      like(`START RequestId: ${ID} Version: \\$LATEST\n`),
      like(`${TIME}\t${ID}\tINFO\tone \\{ two: 2 \\}\n`),
      like(`${TIME}\t${ID}\tWARN\tseveral\nlines\n`),
      'raw\n',
      like(
        `${TIME}\t${ID}\tERROR\tInvoke Error \t\\{"errorType":"RangeError","errorMessage":"no","stack":\\[.*\\]\\}\n`,
      ),
      like(`END RequestId: ${ID}\n`),
      like(
        `REPORT RequestId: ${ID}\tDuration: [\\d.]+ ms\tBilled Duration: \\d+ ms\tMemory Size: 128 MB\t(Max Memory Used: \\d+ MB\t)?Init Duration: [\\d.]+ ms\t\n`,
      ),
    ]);
    expect(events[0].logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    expect(tail).toBe(lines.slice(1).join(''));
    const second = await logged(cloud);
    expect(second.messages.at(-1)).not.toContain('Init Duration');
    expect(new Set(second.events.map(({ logStreamName }) => logStreamName)).size).toBe(1);
  },
  'JSON: records of the platform, and of what the console writes at its level': async (cloud) => {
    const code = `exports.handler = async () => {
      console.log('text');
      console.error(new RangeError('no'));
      console.debug('dropped');
    };`;
    const LoggingConfig = { LogFormat: 'JSON', LogGroup: 'mine', ApplicationLogLevel: 'INFO', SystemLogLevel: 'DEBUG' };
    await cloud.deploy({ Loud: loud(code, { LoggingConfig }) });
    const { messages: lines, events } = await logged(cloud, 'mine');
    const requestId = like(ID);
    expect(lines.map((line) => JSON.parse(line ?? '') as unknown)).toMatchObject([
      {
        time: like(TIME),
        type: 'platform.initStart',
        record: { initializationType: 'on-demand', phase: 'init', functionVersion: '$LATEST' },
      },
      { type: 'platform.start', record: { requestId, version: '$LATEST' } },
      { timestamp: like(TIME), level: 'INFO', requestId, message: 'text' },
      { timestamp: like(TIME), level: 'ERROR', requestId, message: { errorType: 'RangeError', errorMessage: 'no' } },
      { type: 'platform.runtimeDone', record: { requestId, status: 'success' } },
      { type: 'platform.report', record: { requestId, status: 'success', metrics: { memorySizeMB: 128 } } },
    ]);
    expect(events[0].logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/loud\[\$LATEST\][0-9a-f]{32}$/);
  },
  'a timeout, and code that cannot be loaded': async (cloud) => {
    await cloud.deploy({
      Loud: loud('exports.handler = () => new Promise((done) => setTimeout(done, 9000));', { Timeout: 1 }),
    });
    expect((await logged(cloud)).messages.slice(2)).toEqual([
      like(`${TIME} ${ID} Task timed out after 1\\.00 seconds\n\n`),
      like(`END RequestId: ${ID}\n`),
      like(`REPORT RequestId: ${ID}\tDuration: 1000\\.00 ms\t.*Status: timeout\n`),
    ]);
    await cloud.deploy({ Loud: loud('require("absent");') });
    const { messages: lines } = await logged(cloud);
    expect(lines).toContainEqual(
      like(`${TIME}\tundefined\tERROR\tUncaught Exception \t\\{"errorType":"Runtime.ImportModuleError".*\\}\n`),
    );
  },
});
