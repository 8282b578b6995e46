import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Stack } from 'aws-cdk-lib/core';
import { Emulator, type TimelineEvent, VirtualClock } from '../../../../lib/emulator';
import { MINUTE } from '../../../../lib/emulator/clock';
import { emptyFolder } from '../../cloudformation/support';

const ACCOUNT = '000000000000';
const REGION = 'us-east-1';
const arnOf = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
const OPS_ITEM = `arn:aws:ssm:${REGION}:${ACCOUNT}:opsitem:1`;

/** A cloud with a function `pager`, and what it was told. */
async function setUp() {
  const clock = new VirtualClock();
  const timeline: TimelineEvent[] = [];
  const emulator = new Emulator({ clock });
  emulator.timeline.subscribe((event) => timeline.push(event));
  const app = new App({ outdir: emptyFolder() });
  const stack = new Stack(app, 'Ops', { env: { account: ACCOUNT, region: REGION } });
  const pager = new LambdaFunction(stack, 'Pager', {
    functionName: 'pager',
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => {}'),
  });
  pager.grantInvoke(new ServicePrincipal('lambda.alarms.cloudwatch.amazonaws.com'));
  await emulator.load(app.synth().directory);
  const told: unknown[] = [];
  emulator.modelFunction('pager', { handler: (event) => void told.push(event) });
  const client = new CloudWatch({ ...emulator.clientConfig(), region: REGION, maxAttempts: 1 });
  const history = async (AlarmName: string) => {
    const { AlarmHistoryItems = [] } = await client.describeAlarmHistory({
      AlarmName,
      HistoryItemType: 'Action',
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    });
    return AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary);
  };
  return { clock, timeline, emulator, told, client, history };
}

const alarm = {
  AlarmName: 'deep',
  AlarmDescription: 'too deep',
  Namespace: 'My',
  MetricName: 'Depth',
  Dimensions: [{ Name: 'Queue', Value: 'jobs' }],
  Statistic: 'Average' as const,
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 2,
  ComparisonOperator: 'GreaterThanThreshold' as const,
  TreatMissingData: 'ignore',
};

test("§5 actions: a function is invoked with AWS's event, once, when the alarm goes off", async () => {
  const { clock, emulator, told, client, history } = await setUp();
  await client.putMetricAlarm({ ...alarm, AlarmActions: [arnOf('pager')] });
  await clock.advance(MINUTE);
  const at = (instant: number) => new Date(instant).toISOString().replace('Z', '+0000');
  const start = clock.now() - MINUTE;
  await client.setAlarmState({ AlarmName: 'deep', StateValue: 'ALARM', StateReason: 'testing alarm' });
  await clock.advance(5 * MINUTE);
  const AlarmArn = `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:deep`;
  expect(told).toEqual([
    {
      source: 'aws.cloudwatch',
      alarmArn: AlarmArn,
      accountId: ACCOUNT,
      time: at(start + MINUTE),
      region: REGION,
      alarmData: {
        alarmName: 'deep',
        state: { value: 'ALARM', reason: 'testing alarm', timestamp: at(start + MINUTE) },
        previousState: {
          value: 'INSUFFICIENT_DATA',
          reason: 'Unchecked: Initial alarm creation',
          timestamp: at(start),
        },
        configuration: {
          description: 'too deep',
          metrics: [
            {
              id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string,
              metricStat: {
                metric: { namespace: 'My', name: 'Depth', dimensions: { Queue: 'jobs' } },
                period: 60,
                stat: 'Average',
              },
              returnData: true,
            },
          ],
        },
      },
    },
  ]);
  expect(await history('deep')).toEqual([`Successfully executed action ${arnOf('pager')}`]);
  client.destroy();
  await emulator.stop();
});

test("§5 actions: the event of a function contains the expression or the composite alarm's rule", async () => {
  const { clock, emulator, told, client } = await setUp();
  const { AlarmName, EvaluationPeriods, Threshold, ComparisonOperator, TreatMissingData } = alarm;
  const MetricStat = { Metric: { Namespace: 'My', MetricName: 'Depth' }, Period: 60, Stat: 'Sum' };
  await client.putMetricAlarm({
    ...{ AlarmName, EvaluationPeriods, Threshold, ComparisonOperator, TreatMissingData },
    Metrics: [
      { Id: 'a', MetricStat, ReturnData: false },
      { Id: 'half', Expression: 'a / 2', Label: 'Half' },
    ],
    OKActions: [arnOf('pager')],
  });
  await client.putCompositeAlarm({ AlarmName: 'none', AlarmRule: 'NOT OK(deep)', OKActions: [arnOf('pager')] });
  await client.setAlarmState({ AlarmName: 'deep', StateValue: 'OK', StateReason: 'fine' });
  await clock.advance(1);
  expect(told).toMatchObject([
    {
      alarmData: {
        configuration: {
          metrics: [
            { id: 'a', metricStat: { period: 60, stat: 'Sum' }, returnData: false },
            { id: 'half', expression: 'a / 2', label: 'Half', returnData: true },
          ],
        },
      },
    },
    { alarmData: { alarmName: 'none', state: { value: 'OK' }, configuration: { alarmRule: 'NOT OK(deep)' } } },
  ]);
  client.destroy();
  await emulator.stop();
});

test('§5 actions: records failed actions in the history, and actions of other services in the timeline', async () => {
  const { emulator, timeline, client, history } = await setUp();
  await client.putMetricAlarm({ ...alarm, AlarmActions: [arnOf('nobody'), OPS_ITEM] });
  await client.setAlarmState({ AlarmName: 'deep', StateValue: 'ALARM', StateReason: 'drill' });
  expect(await history('deep')).toEqual([
    `Successfully executed action ${OPS_ITEM}`,
    `Failed to execute action ${arnOf('nobody')}`,
  ]);
  const actions = timeline.filter(({ kind }) => kind === 'cloudwatch.action');
  expect(actions.map(({ subject, detail }) => [subject, detail.action, detail.state])).toEqual([
    ['deep', arnOf('nobody'), 'ALARM'],
    ['deep', OPS_ITEM, 'ALARM'],
  ]);
  expect(actions[0].detail.error).toContain('Function not found');
  client.destroy();
  await emulator.stop();
});
