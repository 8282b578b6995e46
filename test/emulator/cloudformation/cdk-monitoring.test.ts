import { CloudWatch, type Tag } from '@aws-sdk/client-cloudwatch';
import { Alarm, type CfnAlarm, CfnDashboard, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { App, Stack, Tags } from 'aws-cdk-lib/core';
import { Emulator, VirtualClock } from '../../../lib/emulator';
import { QueueDashboard } from '../../../lib/monitoring';
import { StandardQueue } from '../../../lib/queue';
import { emptyFolder } from './support';

const env = { account: '111122223333', region: 'us-east-1' };

let emulator: Emulator;

beforeEach(() => {
  emulator = new Emulator({ clock: new VirtualClock() });
});

afterEach(() => emulator.stop());

const clientIn = (region: string) =>
  new CloudWatch({
    ...emulator.clientConfig(),
    region,
    credentials: { accessKeyId: env.account, secretAccessKey: 'x' },
  });

function synthesize(define: (stack: Stack) => void): string {
  const app = new App({ outdir: emptyFolder() });
  define(new Stack(app, 'Story', { env }));
  return app.synth().directory;
}

/** All but CloudFormation's own. */
const own = (tags: Tag[] = []) => tags.filter(({ Key = '' }) => !Key.startsWith('aws:'));

test("§9: the library's dashboard can be read back, in every region; its stack changes it and takes it away", async () => {
  const storyWith = (stage: string, define: (dashboard: QueueDashboard) => void = () => undefined) =>
    synthesize((stack) => {
      const jobs = new StandardQueue(stack, 'Jobs', { queueName: 'jobs' });
      const overview = new QueueDashboard(stack, 'Overview', { queue: jobs.queue });
      define(overview);
      (overview.dashboard.node.defaultChild as CfnDashboard).addPropertyOverride('Tags', [
        { Key: 'stage', Value: stage },
        { Key: stage, Value: 'yes' },
      ]);
    });
  const [report] = await emulator.load(storyWith('one'));
  const resource = report.resources.find(({ type }) => type === 'AWS::CloudWatch::Dashboard');
  expect(resource).toMatchObject({ status: 'emulated' });
  const client = clientIn('eu-west-1');
  const read = async () => {
    const { DashboardEntries: [{ DashboardName, DashboardArn: ResourceARN } = {}] = [] } = await client.listDashboards(
      {},
    );
    const { DashboardBody = '' } = await client.getDashboard({ DashboardName });
    const { Tags } = await client.listTagsForResource({ ResourceARN });
    return { DashboardName, body: DashboardBody, tags: own(Tags) };
  };
  const first = await read();
  const { widgets } = JSON.parse(first.body) as {
    widgets: { properties: { metrics?: unknown[][]; region: string } }[];
  };
  const rows = widgets.flatMap(({ properties }) => properties.metrics ?? []);
  expect(rows).toContainEqual(
    expect.arrayContaining(['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', 'jobs']) as unknown,
  );
  expect(widgets.find(({ properties }) => properties.metrics)?.properties.region).toBe('us-east-1');
  expect(first.tags).toEqual([
    { Key: 'stage', Value: 'one' },
    { Key: 'one', Value: 'yes' },
  ]);

  await emulator.load(storyWith('two', ({ dashboard }) => dashboard.addWidgets(new TextWidget({ markdown: 'new' }))));
  const second = await read();
  expect(second.DashboardName).toBe(first.DashboardName);
  expect(second.body).toContain('"markdown":"new"');
  expect(second.tags).toEqual([
    { Key: 'stage', Value: 'two' },
    { Key: 'two', Value: 'yes' },
  ]);

  await emulator.load(synthesize((stack) => new StandardQueue(stack, 'Jobs', { queueName: 'jobs' })));
  expect((await client.listDashboards({})).DashboardEntries).toEqual([]);
});

test('§9: a dashboard that AWS would refuse is refused when it is deployed', async () => {
  const DashboardBody = JSON.stringify({ widgets: [{ type: 'text', x: 0, y: 0, properties: {} }] });
  const stack = synthesize((scope) => new CfnDashboard(scope, 'Bad', { dashboardBody: DashboardBody }));
  await expect(emulator.load(stack)).rejects.toThrow('The dashboard body is invalid, there is 1 validation error:');
});

test("§9: an alarm's tags, its window and its warm-up", async () => {
  const withAlarm = (stage: string, define: (alarm: CfnAlarm) => void) =>
    synthesize((stack) => {
      const jobs = new StandardQueue(stack, 'Jobs');
      const metric = jobs.queue.metricApproximateNumberOfMessagesVisible();
      const alarm = new Alarm(stack, 'Deep', { metric, threshold: 5, evaluationPeriods: 1, alarmName: 'deep' });
      Tags.of(stack).add('stage', stage);
      define(alarm.node.defaultChild as CfnAlarm);
    });
  const [report] = await emulator.load(
    withAlarm('one', (alarm) => {
      alarm.addPropertyOverride('EvaluationWindow', { WallClockWindow: { Timezone: 'Asia/Kolkata' } });
      alarm.addPropertyOverride('WarmUpConfiguration', { WarmUpPeriodDurationInMinutes: 30 });
    }),
  );
  const reported = report.resources.find(({ type }) => type === 'AWS::CloudWatch::Alarm');
  expect(reported?.properties.every(({ status }) => status === 'emulated')).toBe(true);
  const client = clientIn(env.region);
  const described = async () => (await client.describeAlarms({ AlarmNames: ['deep'] })).MetricAlarms?.[0];
  const alarm = await described();
  expect(alarm).toMatchObject({
    EvaluationWindow: { WallClockWindow: { Timezone: 'Asia/Kolkata' } },
    WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 30 },
  });
  const tags = async () => own((await client.listTagsForResource({ ResourceARN: alarm?.AlarmArn })).Tags);
  expect(await tags()).toEqual([{ Key: 'stage', Value: 'one' }]);
  await emulator.load(withAlarm('two', () => undefined));
  expect(await described()).not.toHaveProperty('EvaluationWindow');
  expect(await tags()).toEqual([{ Key: 'stage', Value: 'two' }]);
});
