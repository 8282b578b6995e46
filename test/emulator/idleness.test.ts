import {
  AutoScalingClient,
  DescribeScalingActivitiesCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  ListMetricsCommand,
  type Metric,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AutoScalingGroup, GroupMetric, GroupMetrics, Schedule } from 'aws-cdk-lib/aws-autoscaling';
import {
  Alarm,
  CompositeAlarm,
  MathExpression,
  AlarmRule,
  AlarmState,
  Metric as CdkMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { AmazonLinuxImage, InstanceType, LaunchTemplate, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { Emulator, formatEvent, VirtualClock } from '../../lib/emulator';

// A warning of CDK's about itself.
process.env.JSII_DEPRECATED = 'quiet';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Shape {
  /** Whether an alarm depends on the time of the day: then no minute is known to be like the other. */
  readonly asksForTime?: boolean;
  /** Whether the group grows once a week. */
  readonly scheduled?: boolean;
}

/** All that goes on by itself, each minute, each 20 seconds or rarely. */
class Everything extends Stack {
  constructor(app: App, { asksForTime = false, scheduled = true }: Shape) {
    super(app, 'Everything');
    const failed = new Queue(this, 'Failed', { queueName: 'failed', retentionPeriod: Duration.days(2) });
    const jobs = new Queue(this, 'Jobs', {
      queueName: 'jobs',
      deadLetterQueue: { queue: failed, maxReceiveCount: 2 },
    });
    const events = new Queue(this, 'Events', { queueName: 'events', visibilityTimeout: Duration.seconds(30) });
    const handler = new Function(this, 'Handler', {
      functionName: 'handler',
      code: Code.fromInline('exports.handler = async () => undefined'),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_22_X,
    });
    handler.addEventSource(new SqsEventSource(events, { reportBatchItemFailures: true }));
    const group = new AutoScalingGroup(this, 'Workers', {
      autoScalingGroupName: 'workers',
      vpc: new Vpc(this, 'Vpc', { natGateways: 0 }),
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      launchTemplate: new LaunchTemplate(this, 'Template', {
        instanceType: new InstanceType('t4g.small'),
        machineImage: new AmazonLinuxImage(),
      }),
      minCapacity: 1,
      maxCapacity: 6,
      groupMetrics: [new GroupMetrics(GroupMetric.DESIRED_CAPACITY, GroupMetric.IN_SERVICE_INSTANCES)],
    });
    group.scaleOnMetric('Depth', {
      metric: jobs.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'Maximum' }),
      scalingSteps: [
        { upper: 0, change: -1 },
        { lower: 50, change: +1 },
        { lower: 200, change: +3 },
      ],
      estimatedInstanceWarmup: Duration.minutes(30),
    });
    if (scheduled) {
      const schedule = Schedule.cron({ weekDay: 'MON', hour: '7', minute: '30' });
      group.scaleOnSchedule('Weekly', { schedule, desiredCapacity: 2 });
    }
    const dead = new Alarm(this, 'Dead', {
      metric: failed.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5) }),
      threshold: 1,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
    });
    const quiet = new Alarm(this, 'Quiet', {
      metric: new MathExpression({
        expression: 'RATE(sent) + FILL(received, 0)',
        usingMetrics: { sent: jobs.metricNumberOfMessagesSent(), received: events.metricNumberOfMessagesReceived() },
        period: Duration.minutes(1),
      }),
      threshold: 1,
      evaluationPeriods: 30,
    });
    new Alarm(this, 'Custom', {
      metric: new CdkMetric({ namespace: 'Own', metricName: 'Temperature', period: Duration.hours(1) }),
      threshold: 30,
      evaluationPeriods: 24,
      datapointsToAlarm: 1,
    });
    if (asksForTime) {
      new Alarm(this, 'Night', {
        metric: new MathExpression({
          expression: 'IF(HOUR(sent) < 6, 1, 0)',
          usingMetrics: { sent: jobs.metricNumberOfMessagesSent() },
          period: Duration.minutes(1),
        }),
        threshold: 1,
        evaluationPeriods: 1,
      });
    }
    new CompositeAlarm(this, 'Both', {
      alarmRule: AlarmRule.anyOf(
        AlarmRule.fromAlarm(dead, AlarmState.ALARM),
        AlarmRule.fromAlarm(quiet, AlarmState.ALARM),
      ),
    });
  }
}

/** The cloud of one run, and all that can be seen of it. */
class Run {
  public static async begin(skipIdleTime: boolean, observed: boolean, shape: Shape): Promise<Run> {
    const clock = new VirtualClock({ skipIdleTime });
    const emulator = await Emulator.fromStack(new Everything(new App(), shape), { clock, seed: 11 });
    emulator.modelGroup('workers', {
      queue: 'jobs',
      concurrency: 3,
      runningTime: (random) => random.integer(1_000, 20_000),
      handler: ({ Body }) => {
        if (Body === 'bad') throw new Error('bad');
      },
    });
    emulator.modelFunction('handler', { runningTime: 2 * SECOND, handler: () => ({ batchItemFailures: [] }) });
    return new Run(clock, emulator, observed);
  }

  public readonly timeline: string[] = [];
  private readonly sqs: SQSClient;
  private readonly cloudWatch: CloudWatchClient;
  private readonly autoScaling: AutoScalingClient;

  private constructor(
    public readonly clock: VirtualClock,
    private readonly emulator: Emulator,
    observed: boolean,
  ) {
    const config = emulator.clientConfig();
    this.sqs = new SQSClient(config);
    this.cloudWatch = new CloudWatchClient(config);
    this.autoScaling = new AutoScalingClient(config);
    if (observed) emulator.timeline.subscribe((event) => this.timeline.push(formatEvent(event)));
  }

  public end(): Promise<void> {
    return this.emulator.stop();
  }

  public async send(queue: string, bodies: readonly string[], DelaySeconds = 0): Promise<void> {
    for (let first = 0; first < bodies.length; first += 10) {
      const Entries = bodies
        .slice(first, first + 10)
        .map((MessageBody, index) => ({ Id: String(index), MessageBody, DelaySeconds }));
      await this.sqs.send(new SendMessageBatchCommand({ QueueUrl: this.url(queue), Entries }));
    }
  }

  public async hide(queue: string): Promise<void> {
    const Attributes = { ReceiveMessageWaitTimeSeconds: '20', MessageRetentionPeriod: '3600' };
    await this.sqs.send(new SetQueueAttributesCommand({ QueueUrl: this.url(queue), Attributes }));
  }

  /** A long poll of a stranger: how long it took. */
  public async poll(queue: string): Promise<number> {
    const began = this.clock.now();
    const request = new ReceiveMessageCommand({ QueueUrl: this.url(queue), WaitTimeSeconds: 17 });
    const ended = this.sqs.send(request).then(() => this.clock.now() - began);
    await this.clock.advance(HOUR);
    return ended;
  }

  public async measure(Value: number): Promise<void> {
    const MetricData = [{ MetricName: 'Temperature', Value }];
    await this.cloudWatch.send(new PutMetricDataCommand({ Namespace: 'Own', MetricData }));
  }

  public async alarm(prefix: string): Promise<void> {
    const { MetricAlarms = [] } = await this.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: prefix }));
    const AlarmName = MetricAlarms[0].AlarmName;
    await this.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test' }));
  }

  public async grow(DesiredCapacity: number): Promise<void> {
    const request = new SetDesiredCapacityCommand({ AutoScalingGroupName: 'workers', DesiredCapacity });
    await this.autoScaling.send(request);
  }

  /** Everything that APIs tell: metrics of the last days minute by minute, of all time by the hour. */
  public async view(): Promise<Record<string, unknown>> {
    const { Metrics = [] } = await this.cloudWatch.send(new ListMetricsCommand({}));
    const now = this.clock.now();
    const alarms = await this.cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100 }),
    );
    const { Activities } = await this.autoScaling.send(new DescribeScalingActivitiesCommand({ MaxRecords: 100 }));
    return {
      now,
      minutes: await this.data(Metrics, 'Sum', now - 12 * HOUR, 60),
      spans: await this.data(Metrics, 'SampleCount', now - 3 * DAY, 300),
      hours: await this.data(Metrics, 'Maximum', Date.UTC(2029, 11, 31), 3600),
      metrics: Metrics,
      alarms: [alarms.MetricAlarms, alarms.CompositeAlarms],
      history: await this.history(),
      activities: Activities,
      status: this.emulator.status(),
      queues: await Promise.all(
        ['jobs', 'events', 'failed'].map(async (queue) => {
          const ask = new GetQueueAttributesCommand({ QueueUrl: this.url(queue), AttributeNames: ['All'] });
          return (await this.sqs.send(ask)).Attributes;
        }),
      ),
    };
  }

  private url(queue: string): string {
    return `${this.emulator.endpointUrl}/000000000000/${queue}`;
  }

  private async data(metrics: readonly Metric[], Stat: string, from: number, Period: number): Promise<unknown> {
    const MetricDataQueries = metrics.map((Metric, index) => ({
      Id: `m${index}`,
      MetricStat: { Metric, Stat, Period },
    }));
    const range = { StartTime: new Date(from), EndTime: new Date(this.clock.now()) };
    const data: unknown[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await this.cloudWatch.send(
        new GetMetricDataCommand({ MetricDataQueries, ...range, NextToken, MaxDatapoints: 100_800 }),
      );
      for (const { Id, Timestamps = [], Values = [] } of answer.MetricDataResults ?? [])
        data.push(`${Id} ${Timestamps.map(Number).join()} ${Values.join()}`);
      ({ NextToken } = answer);
    } while (NextToken !== undefined);
    return data;
  }

  private async history(): Promise<unknown[]> {
    const items: unknown[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await this.cloudWatch.send(new DescribeAlarmHistoryCommand({ MaxRecords: 100, NextToken }));
      items.push(...(answer.AlarmHistoryItems ?? []));
      ({ NextToken } = answer);
    } while (NextToken !== undefined);
    return items;
  }
}

const AT_NIGHT = 'an alarm goes off each night';

/** What happens, and for how long nothing does in between. */
const STORIES: Readonly<Record<string, (run: Run) => Promise<unknown>>> = {
  [AT_NIGHT]: async ({ clock }) => {
    await clock.advance(1.5 * DAY);
  },
  'a group that may shrink only when its instances are warm': async (run) => {
    await run.clock.advance(2 * HOUR);
    await run.grow(3);
    await run.clock.advance(5 * HOUR);
  },
  'nothing at all, for days of odd lengths': async ({ clock }) => {
    for (const days of [0.3, 1.234567, 2.7]) await clock.advance(Math.round(days * DAY));
  },
  'a burst, its aftermath, and days of silence': async (run) => {
    await run.clock.advance(HOUR);
    await run.send(
      'jobs',
      Array.from({ length: 400 }, (_, index) => String(index)),
    );
    await run.send('events', ['a', 'b', 'c']);
    await run.clock.advance(2 * DAY + 12_345);
  },
  'messages that fail, lie in the dead-letter queue and expire there': async (run) => {
    await run.send('jobs', ['good', 'bad', 'bad']);
    await run.clock.advance(3 * DAY + 7 * HOUR);
  },
  'delayed messages, changed attributes, a stranger’s poll, measurements and a set alarm in between': async (run) => {
    await run.clock.advance(9 * HOUR + 1);
    await run.send('jobs', ['later'], 600);
    await run.clock.advance(8 * HOUR);
    await run.hide('failed');
    await run.clock.advance(30 * MINUTE);
    const polled = await run.poll('failed');
    await run.measure(35);
    await run.clock.advance(DAY + 59_999);
    await run.alarm('Everything-Quiet');
    await run.clock.advance(10 * HOUR);
    await run.measure(20);
    await run.clock.advance(40 * HOUR);
    return polled;
  },
};

// Each of them takes seconds: one way in turn, and both in the long run.
const TRIALS = Object.entries(STORIES).flatMap(([name, story], index) =>
  [true, false]
    .filter((observed) => process.env.LONG !== undefined || observed === (index % 2 === 0))
    .map((observed) => ({ name, story, observed, while: observed ? 'somebody listens' : 'nobody listens' })),
);

describe('what time passes over is as if it had passed', () => {
  test.each(TRIALS)('$name, while $while', async ({ name, story, observed }) => {
    const outcomes = [];
    for (const skipIdleTime of [false, true]) {
      const run = await Run.begin(skipIdleTime, observed, { asksForTime: name === AT_NIGHT });
      const told = await story(run);
      outcomes.push({ told, timeline: run.timeline, ...(await run.view()) });
      await run.end();
    }
    const [inFull, passedOver] = outcomes;
    for (const [name, value] of Object.entries(inFull)) {
      expect([name, passedOver[name as keyof typeof passedOver]]).toEqual([name, value]);
    }
  });
});

test('years without an event pass in no time', async () => {
  const run = await Run.begin(true, false, { scheduled: false });
  await run.clock.advance(10_000 * DAY);
  const { minutes, status } = await run.view();
  expect(status).toMatchObject({ at: Date.UTC(2030, 0, 1) + 10_000 * DAY });
  // Of all metrics, which are published to the end, there are the last twelve hours.
  for (const line of minutes as string[]) expect(line.split(' ')[2].split(',')).toHaveLength(720);
  expect(minutes).toContainEqual(expect.stringMatching(/ 15(,15)+$/)); // empty receives of five polls
  await run.end();
});
