import { routed } from '../../support/routed';
import { AutoScalingClient, DescribePoliciesCommand } from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { GetAliasCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { MINUTE, Random, VirtualClock } from '../../../lib/emulator/clock';
import { CloudWatch } from '../../../lib/emulator/services/cloudwatch';
import { Timeline } from '../../../lib/emulator/timeline';
import {
  type RoutedService,
  RequestRouter,
  type HttpRequest,
  InProcessRequestHandler,
  type HttpResponse,
} from '../../../lib/emulator/protocol';
import { protocolConfig } from './protocols';

const ACCOUNT = '000000000000';

/** Clients' configuration, and the body of the latest answer. */
function recording(service: RoutedService) {
  const router = new RequestRouter({
    services: [service],
    defaultAccount: ACCOUNT,
    defaultRegion: 'us-east-1',
    random: new Random(3),
  });
  const answer: { body: Buffer } = { body: Buffer.alloc(0) };
  const keep = (response: HttpResponse) => {
    answer.body = Buffer.from(response.body as string);
    return response;
  };
  const handle = (request: HttpRequest) => {
    const response = router.handle(request);
    return response instanceof Promise ? response.then(keep) : keep(response);
  };
  const requestHandler = new InProcessRequestHandler(
    Object.create(router, { handle: { value: handle } }) as RequestRouter,
  );
  const credentials = { accessKeyId: 'test', secretAccessKey: 'secret' };
  return { answer, router, config: { region: 'us-east-1', credentials, maxAttempts: 1, requestHandler } };
}

function float64(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes.writeUInt8(0xfb);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

/** A short text, as CBOR. */
const text = (value: string) => Buffer.from([0x60 | value.length, ...Buffer.from(value)]);

const EXPECTED = {
  awsJson: {
    data: ['"Values":[109.0,1e+21,0.5]', '"Timestamps":[1893456180,1893456120,1893456000]'],
    statistics: ['"SampleCount":1.0', '"Sum":109.0', '"ExtendedStatistics":{"p99":109.0}'],
    alarms: ['"Threshold":30.0', '"Period":60', '"EvaluationPeriods":2'],
  },
  awsQuery: {
    data: [
      '<Values><member>109.0</member><member>1e+21</member><member>0.5</member></Values>',
      '<Timestamps><member>2030-01-01T00:03:00Z</member>',
    ],
    statistics: [
      '<SampleCount>1.0</SampleCount>',
      '<Sum>109.0</Sum>',
      '<ExtendedStatistics><entry><key>p99</key><value>109.0</value></entry></ExtendedStatistics>',
    ],
    alarms: ['<Threshold>30.0</Threshold>', '<Period>60</Period>', '<EvaluationPeriods>2</EvaluationPeriods>'],
  },
  rpcV2Cbor: {
    data: [
      Buffer.concat([text('Values'), Buffer.of(0x83), float64(109), float64(1e21), float64(0.5)]),
      Buffer.concat([text('Timestamps'), Buffer.of(0x83, 0xc1), float64(1_893_456_180), Buffer.of(0xc1)]),
    ],
    statistics: [
      Buffer.concat([text('SampleCount'), float64(1)]),
      Buffer.concat([text('Sum'), float64(109)]),
      Buffer.concat([text('ExtendedStatistics'), Buffer.of(0xa1), text('p99'), float64(109)]),
    ],
    alarms: [
      Buffer.concat([text('Threshold'), float64(30)]),
      Buffer.concat([text('Period'), Buffer.of(0x18, 60)]),
      Buffer.concat([text('EvaluationPeriods'), Buffer.of(2)]),
    ],
  },
};

test.each(['awsJson', 'awsQuery', 'rpcV2Cbor'] as const)(
  'CloudWatch by %s writes doubles as floats, integers, and the SDK reads both',
  async (protocol) => {
    const clock = new VirtualClock();
    const cloudWatch = new CloudWatch({
      clock,
      timeline: new Timeline(clock),
      account: ACCOUNT,
      region: 'us-east-1',
      invokeAction: () => {},
    });
    const { answer, config } = recording(routed('cloudwatch', () => cloudWatch));
    const client = new CloudWatchClient({ ...config, ...(await protocolConfig(protocol)) });
    const bytes = EXPECTED[protocol];
    const start = clock.now();
    const at = (minute: number) => new Date(start + minute * MINUTE);
    await clock.advance(5 * MINUTE);
    const metric = { Namespace: 'Story', MetricName: 'Depth' };
    const MetricData = [
      { MetricName: 'Depth', Value: 0.5, Timestamp: at(0) },
      { MetricName: 'Depth', Value: 1e21, Timestamp: at(2) },
      { MetricName: 'Depth', Value: 109, Timestamp: at(3) },
    ];
    await client.send(new PutMetricDataCommand({ Namespace: 'Story', MetricData }));
    const MetricDataQueries = [{ Id: 'm', MetricStat: { Metric: metric, Period: 60, Stat: 'Sum' } }];
    const range = { StartTime: at(0), EndTime: at(4) };
    const { MetricDataResults } = await client.send(new GetMetricDataCommand({ MetricDataQueries, ...range }));
    for (const part of bytes.data) expect(answer.body.includes(part)).toBe(true);
    expect(MetricDataResults?.[0]).toMatchObject({ Values: [109, 1e21, 0.5], Timestamps: [at(3), at(2), at(0)] });

    const { Datapoints } = await client.send(
      new GetMetricStatisticsCommand({
        ...metric,
        Period: 60,
        StartTime: at(3),
        EndTime: at(4),
        Statistics: ['Sum', 'SampleCount'],
      }),
    );
    for (const part of bytes.statistics.slice(0, 2)) expect(answer.body.includes(part)).toBe(true);
    expect(Datapoints).toEqual([{ Timestamp: at(3), Sum: 109, SampleCount: 1, Unit: 'None' }]);
    const percentiles = { Period: 60, StartTime: at(3), EndTime: at(4), ExtendedStatistics: ['p99'] };
    await client.send(new GetMetricStatisticsCommand({ ...metric, ...percentiles }));
    expect(answer.body.includes(bytes.statistics[2])).toBe(true);

    await client.send(
      new PutMetricAlarmCommand({
        ...metric,
        AlarmName: 'Deep',
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 2,
        Threshold: 30,
        ComparisonOperator: 'GreaterThanThreshold',
      }),
    );
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({}));
    for (const part of bytes.alarms) expect(answer.body.includes(part)).toBe(true);
    expect(MetricAlarms).toMatchObject([{ Threshold: 30, Period: 60, EvaluationPeriods: 2 }]);
  },
);

const POLICIES = {
  ScalingPolicies: [
    {
      PolicyName: 'p',
      MinAdjustmentMagnitude: 2,
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 3 }],
      TargetTrackingConfiguration: { TargetValue: 50, DisableScaleIn: false },
    },
  ],
};

test('Auto Scaling by Query writes doubles as floats, in XML and in JSON', async () => {
  const { answer, config, router } = recording(routed('autoscaling', () => ({ describePolicies: () => POLICIES })));
  expect(await new AutoScalingClient(config).send(new DescribePoliciesCommand({}))).toMatchObject(POLICIES);
  const xml = answer.body.toString();
  expect(xml).toContain('<TargetValue>50.0</TargetValue>');
  expect(xml).toContain('<MetricIntervalLowerBound>0.0</MetricIntervalLowerBound>');
  expect(xml).toContain('<ScalingAdjustment>3</ScalingAdjustment>');
  expect(xml).toContain('<MinAdjustmentMagnitude>2</MinAdjustmentMagnitude>');
  const response = await router.handle({
    method: 'POST',
    path: '/',
    query: 'Action=DescribePolicies&Version=2011-01-01',
    headers: { accept: 'application/json' },
    body: Buffer.alloc(0),
    endpoint: 'http://127.0.0.1:4566',
  });
  const json = response.body as string;
  expect(json).toContain('"StepAdjustments":[{"ScalingAdjustment":3,"MetricIntervalLowerBound":0.0}]');
  expect(json).toContain('"TargetValue":50.0');
  expect(JSON.parse(json)).toMatchObject({ DescribePoliciesResponse: { DescribePoliciesResult: POLICIES } });
});

test('Lambda by REST JSON writes doubles as floats', async () => {
  const alias = { FunctionVersion: '1', RoutingConfig: { AdditionalVersionWeights: { 2: 1, 3: 0.25 } } };
  const { answer, config } = recording(routed('lambda', () => ({ getAlias: () => alias })));
  const read = await new LambdaClient(config).send(new GetAliasCommand({ FunctionName: 'f', Name: 'live' }));
  expect(answer.body.toString()).toContain('"AdditionalVersionWeights":{"2":1.0,"3":0.25}');
  expect(read).toMatchObject(alias);
});
