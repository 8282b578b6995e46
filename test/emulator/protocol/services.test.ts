import { routed } from '../../support/routed';
import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  PutScalingPolicyCommand,
  SetDesiredCapacityCommand,
  CreateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { GetFunctionCommand, InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { cbor } from '@smithy/core/cbor';
import { AwsError } from '../../../lib/emulator/core';
import { MINUTE, Random, VirtualClock } from '../../../lib/emulator/clock';
import { CloudWatch } from '../../../lib/emulator/services/cloudwatch';
import { Lambda } from '../../../lib/emulator/services/lambda';
import { HttpEndpoint } from '../../../lib/emulator/server';
import { Timeline } from '../../../lib/emulator/timeline';
import { RequestRouter, InProcessRequestHandler, type RoutedService } from '../../../lib/emulator/protocol';
import { aloneSts } from '../sessions';
import { protocolConfig } from './protocols';

const ACCOUNT = '000000000000';
const credentials = { accessKeyId: 'test', secretAccessKey: 'secret' };

let clock: VirtualClock;
let timeline: Timeline;
let random: Random;
const failures: unknown[] = [];
const closers: (() => unknown)[] = [];

beforeEach(() => {
  clock = new VirtualClock();
  timeline = new Timeline(clock);
  random = new Random(11);
});

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  expect(failures.splice(0)).toEqual([]);
});

function wireOf(...services: RoutedService[]): RequestRouter {
  const onInternalError = (error: unknown) => void failures.push(error);
  return new RequestRouter({ services, defaultAccount: ACCOUNT, defaultRegion: 'us-east-1', random, onInternalError });
}

function inProcess(router: RequestRouter) {
  return { region: 'us-east-1', credentials, maxAttempts: 1, requestHandler: new InProcessRequestHandler(router) };
}

describe('CloudWatch', () => {
  let router: RequestRouter;

  beforeEach(() => {
    const cloudWatch = new CloudWatch({
      clock,
      timeline,
      account: ACCOUNT,
      region: 'us-east-1',
      invokeAction: () => {},
    });
    router = wireOf(routed('cloudwatch', () => cloudWatch));
  });

  test.each(['awsJson', 'awsQuery', 'rpcV2Cbor'])('metrics and alarms by %s', async (protocol) => {
    const client = new CloudWatchClient({ ...inProcess(router), ...(await protocolConfig(protocol)) });
    const at = new Date(clock.now());
    await client.send(
      new PutMetricDataCommand({
        Namespace: 'Story',
        MetricData: [
          {
            MetricName: 'Depth',
            Value: 1.5,
            Unit: 'Count',
            Timestamp: at,
            Dimensions: [{ Name: 'Queue', Value: 'Q' }],
          },
          {
            MetricName: 'Depth',
            Value: 2.5,
            Unit: 'Count',
            Timestamp: at,
            Dimensions: [{ Name: 'Queue', Value: 'Q' }],
          },
        ],
      }),
    );
    await clock.advance(5 * MINUTE);
    const { Datapoints } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'Story',
        MetricName: 'Depth',
        Dimensions: [{ Name: 'Queue', Value: 'Q' }],
        StartTime: at,
        EndTime: new Date(clock.now()),
        Period: 60,
        Statistics: ['Sum', 'Average'],
      }),
    );
    expect(Datapoints).toEqual([expect.objectContaining({ Sum: 4, Average: 2, Timestamp: at, Unit: 'Count' })]);
    await client.send(
      new PutMetricAlarmCommand({
        AlarmName: 'Deep <&>',
        Namespace: 'Story',
        MetricName: 'Depth',
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 100.25,
        ComparisonOperator: 'GreaterThanThreshold',
        ActionsEnabled: false,
      }),
    );
    const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms).toHaveLength(1);
    expect(MetricAlarms[0]).toMatchObject({ AlarmName: 'Deep <&>', Threshold: 100.25, ActionsEnabled: false });
    expect(MetricAlarms[0].StateUpdatedTimestamp).toBeInstanceOf(Date);
  });

  test('what the model requires is asked for in the words of AWS', async () => {
    const client = new CloudWatchClient(inProcess(router));
    // @ts-expect-error: the type requires the members that this leaves out
    const attempt = client.send(new SetAlarmStateCommand({ AlarmName: 'a' }));
    await expect(attempt).rejects.toMatchObject({
      Code: 'ValidationError',
      message: expect.stringMatching(
        /^2 validation errors detected: Value null at 'stateValue' failed to satisfy constraint: Member must not be null; Value null at 'stateReason' failed/,
      ) as string,
    });
  });

  test('CBOR that is none, and CBOR of the wrong types', async () => {
    const send = async (body: Uint8Array, action = 'SetAlarmState') => {
      const path = `/service/GraniteServiceVersion20100801/operation/${action}`;
      const headers = { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' };
      const response = await router.handle({ method: 'POST', path, query: '', headers, body, endpoint: 'http://x' });
      expect(response.headers['smithy-protocol']).toBe('rpc-v2-cbor');
      return { status: response.status, error: cbor.deserialize(response.body as Uint8Array) as unknown };
    };
    const malformed = { __type: 'com.amazon.coral.service#SerializationException' };
    expect(await send(new Uint8Array([0xff]))).toMatchObject({
      status: 400,
      error: { ...malformed, message: 'the body is not valid CBOR' },
    });
    expect(await send(cbor.serialize({ AlarmName: 5 }))).toMatchObject({
      status: 400,
      error: { ...malformed, message: 'NUMBER_VALUE can not be converted to a String (at AlarmName)' },
    });
    expect(await send(cbor.serialize({}), 'MakeCoffee')).toMatchObject({
      status: 404,
      error: { message: expect.stringContaining('MakeCoffee') as string },
    });
  });
});

describe('Auto Scaling, by Query', () => {
  const asked: { action: string; input: unknown }[] = [];
  const group = {
    AutoScalingGroupName: 'Workers & <sons>',
    MinSize: 1,
    MaxSize: 8,
    DesiredCapacity: 2,
    DefaultCooldown: 300,
    AvailabilityZones: ['us-east-1a', 'us-east-1b'],
    HealthCheckType: 'EC2',
    CreatedTime: new Date('2030-01-01T00:00:00.250Z'),
    Instances: [
      {
        InstanceId: 'i-1',
        AvailabilityZone: 'us-east-1a',
        LifecycleState: 'InService',
        HealthStatus: 'Healthy',
        ProtectedFromScaleIn: false,
      },
    ],
    Tags: [],
  };
  // Stands for any service: it shows what arrives, and what is sent back.
  const service = {
    describeAutoScalingGroups: (input: unknown) => (
      asked.push({ action: 'describe', input }),
      { AutoScalingGroups: [group] }
    ),
    putScalingPolicy: (input: unknown) => (asked.push({ action: 'policy', input }), { PolicyARN: 'arn:x', Alarms: [] }),
    createAutoScalingGroup: () => {
      throw new AwsError('AlreadyExistsFault', 'AutoScalingGroup by this name already exists', {
        queryCode: 'AlreadyExists',
      });
    },
  };
  let router: RequestRouter;
  let client: AutoScalingClient;

  beforeEach(() => {
    asked.length = 0;
    router = wireOf(routed('autoscaling', () => service));
    client = new AutoScalingClient(inProcess(router));
  });

  test('lists of structures, times and booleans in both directions', async () => {
    const { AutoScalingGroups } = await client.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['a', 'b'], MaxRecords: 5 }),
    );
    expect(AutoScalingGroups).toEqual([group]);
    const policy = {
      AutoScalingGroupName: 'a',
      PolicyName: 'out',
      PolicyType: 'StepScaling',
      AdjustmentType: 'ChangeInCapacity',
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 400.5, ScalingAdjustment: 1 },
        { MetricIntervalLowerBound: 400.5, ScalingAdjustment: 3 },
      ],
      Enabled: true,
    };
    await client.send(new PutScalingPolicyCommand(policy));
    expect(asked).toEqual([
      { action: 'describe', input: { AutoScalingGroupNames: ['a', 'b'], MaxRecords: 5 } },
      { action: 'policy', input: policy },
    ]);
  });

  test('errors are the modelled ones', async () => {
    const attempt = client.send(
      new CreateAutoScalingGroupCommand({ AutoScalingGroupName: 'a', MinSize: 0, MaxSize: 1 }),
    );
    await expect(attempt).rejects.toMatchObject({
      name: 'AlreadyExistsFault',
      message: 'AutoScalingGroup by this name already exists',
    });
  });

  test('an action that the service has no method for is named', async () => {
    const attempt = client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'a', DesiredCapacity: 1 }));
    await expect(attempt).rejects.toMatchObject({
      name: 'InvalidAction',
      message: 'Could not find operation SetDesiredCapacity for version 2011-01-01',
    });
  });

  test('unsigned requests find their service by version, action or path', async () => {
    const both = wireOf(
      routed('sts', () => aloneSts()),
      routed('autoscaling', () => service),
      routed('lambda', () => ({ listFunctions: () => ({ Functions: [] }) })),
    );
    const get = (path: string, query: string) =>
      both.handle({ method: 'GET', path, query, headers: {}, body: new Uint8Array(), endpoint: 'http://x' });
    expect(await get('/', 'Action=GetCallerIdentity')).toMatchObject({ status: 200 });
    expect(await get('/', 'Action=DescribeAutoScalingGroups')).toMatchObject({ status: 200 });
    expect(await get('/2015-03-31/functions/', '')).toMatchObject({ status: 200, body: '{"Functions":[]}' });
    expect(await get('/', 'Action=Nope&Version=2011-06-15')).toMatchObject({
      status: 400,
      body: expect.stringContaining('Could not find operation Nope for version 2011-06-15') as string,
    });
    expect(await get('/elsewhere', '')).toMatchObject({ status: 404, body: '<UnknownOperationException/>\n' });
  });
});

describe('Lambda', () => {
  let router: RequestRouter;

  beforeEach(() => {
    const lambda = new Lambda({
      clock,
      random,
      timeline,
      account: ACCOUNT,
      region: 'us-east-1',
      runner: {
        run: (_fn, event) =>
          Promise.resolve(
            event.includes('fail')
              ? { error: { errorType: 'Error', errorMessage: 'failed', trace: [] } }
              : { payload: `{"echo":${event}}` },
          ),
        dispose: () => Promise.resolve(),
      },
      queues: {
        onDeleted: () => undefined,
        describe: () => undefined,
        hasVisible: () => false,
        receive: () => [],
        delete: () => undefined,
      },
    });
    lambda.deployFunction({
      functionName: 'catalogue',
      functionArn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:catalogue`,
      runtime: 'nodejs22.x',
      handler: 'index.handler',
      codeDirectory: __dirname,
      environment: {},
      timeoutSeconds: 3,
      memoryMegabytes: 128,
    });
    closers.push(() => lambda.stop());
    router = wireOf(routed('lambda', () => lambda));
  });

  test.each(['in process', 'over a port'])('Invoke %s: payload, function error, event', async (by) => {
    const endpoint = new HttpEndpoint({ router, clock });
    closers.push(() => endpoint.close());
    const client = new LambdaClient(
      by === 'in process'
        ? inProcess(router)
        : { region: 'us-east-1', credentials, maxAttempts: 1, endpoint: await endpoint.listen(0) },
    );
    closers.push(() => client.destroy());
    const invoke = (payload: unknown, InvocationType?: 'Event' | 'DryRun') =>
      client.send(
        new InvokeCommand({ FunctionName: 'catalogue', Payload: Buffer.from(JSON.stringify(payload)), InvocationType }),
      );
    const answer = await invoke({ video: '☃' });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(JSON.parse(Buffer.from(answer.Payload ?? []).toString())).toEqual({ echo: { video: '☃' } });
    const failed = await invoke('fail');
    expect(failed).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(Buffer.from(failed.Payload ?? []).toString())).toMatchObject({ errorMessage: 'failed' });
    expect(await invoke({}, 'Event')).toMatchObject({ StatusCode: 202 });
    expect(await invoke({}, 'DryRun')).toMatchObject({ StatusCode: 204 });
  });

  test('labels take ARNs; errors are the modelled ones', async () => {
    const client = new LambdaClient(inProcess(router));
    const FunctionName = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:catalogue`;
    const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName }));
    expect(Configuration).toMatchObject({ FunctionName: 'catalogue', Timeout: 3 });
    expect((await client.send(new ListFunctionsCommand({ MaxItems: 10 }))).Functions).toHaveLength(1);
    await expect(client.send(new GetFunctionCommand({ FunctionName: 'none' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      Type: 'User',
      message: expect.stringContaining('Function not found') as string,
      $metadata: { httpStatusCode: 404 },
    });
  });

  test.each([
    ['GET', '/2015-03-31/functions', 'MaxItems=many', '', 400, 'can not be converted to a Number (at MaxItems)'],
    ['GET', '/2015-03-31/functions/%E0%A4%A', '', '', 400, 'the path is not valid percent-encoding (at FunctionName)'],
    ['POST', '/2015-03-31/event-source-mappings', '', '{', 400, 'the body is not valid JSON'],
    ['POST', '/2015-03-31/event-source-mappings', '', '{"BatchSize":"1"}', 400, 'STRING_VALUE can not be converted'],
    ['POST', '/2015-03-31/event-source-mappings', '', '{}', 400, "Value null at 'functionName'"],
    ['POST', '/2021-10-31/functions/f/url', '', '{"AuthType":"NONE"}', 404, 'not recognized: CreateFunctionUrlConfig'],
    ['PATCH', '/2015-03-31/functions', '', '', 404, 'not recognized: PATCH /2015-03-31/functions'],
  ])('%s %s?%s %s is refused with %i', async (method, path, query, body, status, message) => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20300101/us-east-1/lambda/aws4_request, Signature=00';
    const request = { method, path, query, headers: { authorization }, body: Buffer.from(body), endpoint: 'http://x' };
    const response = await router.handle(request);
    expect(response.status).toBe(status);
    expect(response.headers['x-amzn-ErrorType']).toMatch(/Exception$/);
    expect((JSON.parse(response.body as string) as { Message: string }).Message).toContain(message);
  });
});
