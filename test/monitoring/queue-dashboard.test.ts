import { Template } from 'aws-cdk-lib/assertions';
import { AutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { Dashboard, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Stack } from 'aws-cdk-lib/core';
import { ConsumerCapacity, QueueAlarms, QueueDashboard, type QueueDashboardProps, StandardQueue } from '../../lib';

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: { readonly title?: string; readonly metrics?: readonly unknown[] };
}

const stackOf = () => new Stack(new App(), 'Stack', { env: { region: 'eu-west-1', account: '111122223333' } });

/** The widgets as CloudWatch will read them, with names for what is known at deployment only. */
function widgetsIn(stack: Stack): Widget[] {
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  const { DashboardBody: body } = dashboard.Properties as {
    DashboardBody: string | { 'Fn::Join': [string, unknown[]] };
  };
  const parts = typeof body === 'string' ? [body] : body['Fn::Join'][1];
  const text = parts.map((part) => (typeof part === 'string' ? part : `<${Object.values(part as object).join('.')}>`));
  return (JSON.parse(text.join('')) as { widgets: Widget[] }).widgets;
}

const titles = (widgets: Widget[]) => widgets.map(({ type, properties: { title } }) => title ?? type);

describe('QueueDashboard', () => {
  test('minimal: a queue that is defined elsewhere (snapshot)', () => {
    const stack = stackOf();
    const queue = Queue.fromQueueArn(stack, 'Jobs', 'arn:aws:sqs:eu-west-1:111122223333:jobs');
    new QueueDashboard(stack, 'Dashboard', { queue });
    expect(widgetsIn(stack)).toMatchSnapshot();
  });

  test('maximal: alarms, fair queue, dead letters, functions and instances (snapshot)', () => {
    const stack = stackOf();
    const { queue } = new StandardQueue(stack, 'Jobs');
    const handler = new LambdaFunction(stack, 'Handler', {
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = () => {};'),
    });
    const group = AutoScalingGroup.fromAutoScalingGroupName(stack, 'Group', 'workers');
    new QueueDashboard(stack, 'Dashboard', {
      queue,
      fairQueue: true,
      dashboardName: 'jobs',
      alarms: new QueueAlarms(stack, 'Alarms', { queue }),
      consumers: [
        ConsumerCapacity.lambdaFunction(handler),
        ConsumerCapacity.autoScalingGroup(group),
        ConsumerCapacity.metrics('Tasks', [queue.metricNumberOfMessagesReceived()]),
      ],
    });
    const widgets = widgetsIn(stack);
    expect(widgets).toMatchSnapshot();
    expect(titles(widgets)).toEqual([
      'text',
      'Alarms',
      'Now',
      'Backlog',
      'Age',
      'Throughput',
      'Time to drain',
      'Consumers: Executions',
      'Consumers: Instances',
      'Consumers: Tasks',
      'Dead letters',
    ]);
  });

  test('shows the groups of a FIFO queue, and its duplicates', () => {
    const stack = stackOf();
    new QueueDashboard(stack, 'Dashboard', { queue: new Queue(stack, 'Jobs', { fifo: true }) });
    const text = JSON.stringify(widgetsIn(stack));
    expect(text).toContain('ApproximateNumberOfGroupsWithInflightMessages');
    expect(text).toContain('NumberOfDeduplicatedSentMessages');
  });

  test('adds to a dashboard that there is already, below what it shows', () => {
    const stack = stackOf();
    const dashboard = new Dashboard(stack, 'Everything', { widgets: [[new TextWidget({ markdown: 'Ours' })]] });
    const added = new QueueDashboard(stack, 'Jobs', { queue: new Queue(stack, 'Queue'), dashboard });
    expect(added.dashboard).toBe(dashboard);
    const [first, ...rest] = widgetsIn(stack);
    expect(first.y).toBe(0);
    expect(rest.every(({ y }) => y > 0)).toBe(true);
  });

  const failing: [string, (queue: IQueue, stack: Stack) => Partial<QueueDashboardProps>, RegExp][] = [
    [
      'a name for a dashboard that has one',
      (_, stack) => ({ dashboard: new Dashboard(stack, 'Ours'), dashboardName: 'jobs' }),
      /dashboardName must be omitted if dashboard is given, but was 'jobs'.*\[Spillway-QueueDashboard-NameOfExisting\]/,
    ],
    [
      'a fair FIFO queue',
      (_, stack) => ({ fairQueue: true, queue: new Queue(stack, 'Ordered', { fifo: true }) }),
      /fairQueue must be false for a FIFO queue, but was true.*\[Spillway-QueueDashboard-FairFifo\]/,
    ],
    [
      'consumers without metrics',
      () => ({ consumers: [ConsumerCapacity.metrics('Tasks', [])] }),
      /consumers must have metrics, but 'Tasks' has none.*\[Spillway-QueueDashboard-NoMetrics\]/,
    ],
  ];
  test.each(failing)('fails on %s', (_, props, message) => {
    const stack = stackOf();
    const queue = new Queue(stack, 'Jobs');
    expect(() => new QueueDashboard(stack, 'Dashboard', { queue, ...props(queue, stack) })).toThrow(message);
  });
});
