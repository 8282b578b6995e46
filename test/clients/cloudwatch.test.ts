import { CloudWatch, type CloudWatchClientConfig } from '@aws-sdk/client-cloudwatch';
import { Emulator } from '../../lib/emulator';
import { MINUTE, VirtualClock } from '../../lib/emulator/clock';

type Protocol = NonNullable<CloudWatchClientConfig['protocol']>;

/** The protocols by which CloudWatch is spoken to, and what a request says that it is. */
const PROTOCOLS: readonly (readonly [name: string, contentType: string, load: () => Promise<Protocol | undefined>])[] =
  [
    ['what the SDK speaks by itself', 'application/x-amz-json-1.0', () => Promise.resolve(undefined)],
    ['RPC v2 CBOR', 'application/cbor', async () => (await import('@smithy/core/cbor')).SmithyRpcV2CborProtocol],
    [
      'Query',
      'application/x-www-form-urlencoded',
      async () => (await import('@aws-sdk/core/protocols')).AwsQueryProtocol,
    ],
  ];

describe.each(PROTOCOLS)('%s', (_name, contentType, load) => {
  describe.each(['port', 'in-process'])('%s', (transport) => {
    let clock: VirtualClock;
    let emulator: Emulator;
    let config: CloudWatchClientConfig;
    let client: CloudWatch;
    const sent: Record<string, string>[] = [];
    const received: Record<string, string>[] = [];

    beforeEach(async () => {
      clock = new VirtualClock();
      emulator = new Emulator({ clock });
      if (transport === 'port') await emulator.listen(0);
      const protocol = await load();
      config = { ...emulator.clientConfig(), maxAttempts: 1, ...(protocol && { protocol }) };
      client = new CloudWatch(config);
      sent.length = received.length = 0;
      client.middlewareStack.add(
        (next) => async (request) => {
          sent.push((request.request as { headers: Record<string, string> }).headers);
          const answer = await next(request);
          received.push((answer.response as { headers: Record<string, string> }).headers);
          return answer;
        },
        { step: 'finalizeRequest', priority: 'low', name: 'seeWire' },
      );
    });

    afterEach(async () => {
      client.destroy();
      await emulator.stop();
    });

    test('metrics, math, alarms, dashboards and tags, by that protocol both ways', async () => {
      const start = new Date(clock.now());
      const Dimensions = [{ Name: 'Queue', Value: 'jobs <&> ☃' }];
      await client.putMetricData({
        Namespace: 'My/App',
        MetricData: [
          { MetricName: 'Depth', Values: [1.5, 2], Counts: [2, 1], Unit: 'Count', Timestamp: start, Dimensions },
          {
            MetricName: 'Size',
            StatisticValues: { SampleCount: 2, Sum: 10, Minimum: 0, Maximum: 10 },
            StorageResolution: 1,
          },
        ],
      });
      await clock.advance(2 * MINUTE);
      const { Metrics } = await client.listMetrics({ Namespace: 'My/App' });
      expect(Metrics).toEqual([
        { Namespace: 'My/App', MetricName: 'Depth', Dimensions },
        { Namespace: 'My/App', MetricName: 'Size', Dimensions: [] },
      ]);
      const EndTime = new Date(clock.now());
      const { Datapoints } = await client.getMetricStatistics({
        ...{ Namespace: 'My/App', MetricName: 'Depth', Dimensions, StartTime: start, EndTime, Period: 60 },
        ExtendedStatistics: ['p50', 'TM(10%:90%)'],
      });
      expect(Datapoints).toEqual([
        { Timestamp: start, Unit: 'Count', ExtendedStatistics: { p50: 1.5, 'TM(10%:90%)': 5 / 3 } },
      ]);
      const depth = { Metric: { Namespace: 'My/App', MetricName: 'Depth', Dimensions }, Period: 60, Stat: 'Sum' };
      const { MetricDataResults } = await client.getMetricData({
        StartTime: start,
        EndTime,
        MetricDataQueries: [
          { Id: 'depth', MetricStat: depth, ReturnData: false },
          { Id: 'filled', Expression: 'FILL(depth, 0) + 0.25', Label: 'l' },
        ],
      });
      expect(MetricDataResults).toEqual([
        {
          Id: 'filled',
          Label: 'l',
          StatusCode: 'Complete',
          Timestamps: [new Date(start.getTime() + MINUTE), start],
          Values: [0.25, 5.25],
        },
      ]);
      await client.putMetricAlarm({
        AlarmName: 'deep',
        Metrics: [{ Id: 'depth', MetricStat: depth }],
        EvaluationPeriods: 1,
        Threshold: 4.5,
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationWindow: { WallClockWindow: { Timezone: 'Europe/Berlin' } },
        WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 5 },
        Tags: [{ Key: 'team', Value: '' }],
      });
      await client.putCompositeAlarm({ AlarmName: 'any', AlarmRule: 'AT_LEAST(50%, ALARM, (deep))' });
      await client.setAlarmState({
        AlarmName: 'deep',
        StateValue: 'ALARM',
        StateReason: 'drill',
        StateReasonData: '{}',
      });
      const { MetricAlarms: [deep] = [], CompositeAlarms: [any] = [] } = await client.describeAlarms({
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        StateValue: 'ALARM',
      });
      expect(deep).toMatchObject({
        Threshold: 4.5,
        Metrics: [{ Id: 'depth', MetricStat: depth }],
        EvaluationWindow: { WallClockWindow: { Timezone: 'Europe/Berlin' } },
        StateTransitionedTimestamp: EndTime,
      });
      expect(any).toMatchObject({ AlarmName: 'any', ActionsEnabled: true });
      expect((await client.listTagsForResource({ ResourceARN: deep.AlarmArn })).Tags).toEqual([
        { Key: 'team', Value: '' },
      ]);
      const DashboardBody = '{"widgets":[],"note":"☃"}';
      expect(await client.putDashboard({ DashboardName: 'd', DashboardBody })).toMatchObject({
        DashboardValidationMessages: [{ DataPath: '/note' }],
      });
      expect((await client.getDashboard({ DashboardName: 'd' })).DashboardBody).toBe(DashboardBody);
      await client.deleteAlarms({ AlarmNames: ['deep', 'any'] });
      expect((await client.describeAlarmHistory({ AlarmName: 'deep' })).AlarmHistoryItems).toHaveLength(3);
      for (const headers of sent) expect(headers['content-type']).toMatch(contentType);
      for (const headers of received.filter((one) => one['content-length'] !== '0')) {
        expect(headers['content-type']).toMatch(
          contentType === 'application/x-www-form-urlencoded' ? 'text/xml' : contentType,
        );
      }
      expect(sent.length).toBeGreaterThan(10);
    });

    test('errors, with their codes and what else they say', async () => {
      const put = client.putDashboard({ DashboardName: 'd', DashboardBody: '{"widgets":[{}]}' });
      await expect(put).rejects.toMatchObject({
        name: 'DashboardInvalidInputError',
        message: expect.stringMatching(/^The dashboard body is invalid, there are 2 validation errors:\n\[/) as string,
        dashboardValidationMessages: [
          { DataPath: '/widgets/0', Message: "Should have required property 'type'" },
          { DataPath: '/widgets/0', Message: "Should have required property 'properties'" },
        ],
        $metadata: { httpStatusCode: 400 },
      });
      const unknown = client.setAlarmState({ AlarmName: 'none', StateValue: 'OK', StateReason: '' });
      await expect(unknown).rejects.toMatchObject({ name: 'ResourceNotFound', $metadata: { httpStatusCode: 404 } });
      const token = client.describeAlarms({ NextToken: 'x' });
      await expect(token).rejects.toMatchObject({
        name: 'InvalidNextToken',
        message: 'The next token specified is invalid.',
      });
    });

    // By CBOR the SDK for JavaScript announces the length that the body had before, and a port waits for the rest.
    const testOfCompression = contentType === 'application/cbor' && transport === 'port' ? test.skip : test;
    testOfCompression('large data comes compressed, as the SDK sends it', async () => {
      const MetricData = Array.from({ length: 1_000 }, (_, index) => ({ MetricName: 'Many', Value: index }));
      await client.putMetricData({ Namespace: 'My', MetricData });
      expect(sent.at(-1)?.['content-encoding']).toBe('gzip');
      const { MetricDataResults } = await client.getMetricData({
        StartTime: new Date(clock.now() - MINUTE),
        EndTime: new Date(clock.now() + MINUTE),
        MetricDataQueries: [
          { Id: 'n', MetricStat: { Metric: { Namespace: 'My', MetricName: 'Many' }, Period: 60, Stat: 'SampleCount' } },
        ],
      });
      expect(MetricDataResults?.[0].Values).toEqual([1_000]);
    });

    test('data that is larger than 1 MB is refused', async () => {
      const Dimensions = [{ Name: 'n', Value: 'v'.repeat(1_024) }];
      const MetricData = Array.from({ length: 1_000 }, (_, index) => ({
        MetricName: `m${index}`,
        Value: 1,
        Dimensions,
      }));
      const plain = new CloudWatch({ ...config, disableRequestCompression: true });
      await expect(plain.putMetricData({ Namespace: 'My', MetricData })).rejects.toMatchObject({
        $metadata: { httpStatusCode: 413 },
        message: expect.stringMatching(/^The request is of \d+ bytes; at most 1048576 are allowed\.$/) as string,
      });
      plain.destroy();
    });
  });
});
