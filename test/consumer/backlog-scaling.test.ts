import { join } from 'node:path';
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import {
  AutoScalingGroupConsumer,
  BacklogScaling,
  FargateConsumer,
  type IQueueConsumer,
  StandardQueue,
  WorkerProgram,
} from '../../lib';
import { gauge } from '../../lib/emulator/core';
import { MINUTE, VirtualClock } from '../../lib/emulator/clock';
import { CloudWatch } from '../../lib/emulator/services/cloudwatch';
import { Timeline } from '../../lib/emulator/timeline';

interface Limits {
  readonly minCapacity?: number;
  readonly maxCapacity?: number;
  readonly processingTime?: Duration;
}
type Make = (scope: Stack, vpc: Vpc, scaling: BacklogScaling, limits: Limits) => IQueueConsumer;

const instances: Make = (scope, vpc, scaling, limits) =>
  new AutoScalingGroupConsumer(scope, 'Workers', {
    vpc,
    worker: WorkerProgram.node(join(__dirname, '../../dist/lambda/encoder')),
    scaling,
    ...limits,
  });
const tasks: Make = (scope, vpc, scaling, limits) =>
  new FargateConsumer(scope, 'Workers', { vpc, image: ContainerImage.fromRegistry('worker'), scaling, ...limits });

function scaled(make: Make, scaling: BacklogScaling, limits: Limits = {}): Template {
  const scope = new Stack(new App(), 'Stack');
  const consumer = make(scope, new Vpc(scope, 'Vpc', { natGateways: 1 }), scaling, limits);
  new StandardQueue(scope, 'Jobs', { consumers: [consumer] });
  return Template.fromStack(scope);
}

/** A message may wait for 5 minutes, and one takes 3 seconds: 100 of them for each worker. */
const target = BacklogScaling.targetTracking({
  acceptableLatency: Duration.minutes(5),
  processingTime: Duration.seconds(3),
});
const steps = BacklogScaling.steps([{ depth: 1, add: 2 }], { emptyFor: Duration.minutes(4), remove: 3 });

const EC2 = 'AWS::AutoScaling::ScalingPolicy';
const APPLICATION = 'AWS::ApplicationAutoScaling::ScalingPolicy';

/** What the tracking policies of both services keep at their target. */
interface Tracking {
  readonly TargetValue: number;
  readonly CustomizedMetricSpecification: { readonly Metrics: MetricDataQuery[] };
}

function trackingOf(template: Template): Tracking {
  const properties = [EC2, APPLICATION].flatMap((type) =>
    Object.values(template.findResources(type)).map((resource) => resource.Properties as Record<string, Tracking>),
  );
  const found = properties.flatMap((one) => [
    one.TargetTrackingConfiguration,
    one.TargetTrackingScalingPolicyConfiguration,
  ]);
  return found.filter((one) => one !== undefined)[0];
}

describe('BacklogScaling.targetTracking', () => {
  test.each([
    ['instances', instances, EC2, 'GroupInServiceInstances', 'Average'],
    ['tasks', tasks, APPLICATION, 'CPUUtilization', 'SampleCount'],
  ] as const)('tracks the backlog that one of the %s can work off in time', (_, make, type, metric, statistic) => {
    const template = scaled(make, target);
    template.resourceCountIs(type, 1);
    template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
    const { TargetValue, CustomizedMetricSpecification } = trackingOf(template);
    expect(TargetValue).toBe(100);
    expect(
      CustomizedMetricSpecification.Metrics.filter(({ MetricStat }) => MetricStat).map(({ MetricStat }) => [
        MetricStat?.Metric?.MetricName,
        MetricStat?.Stat,
      ]),
    ).toEqual([
      ['ApproximateNumberOfMessagesVisible', 'Maximum'],
      ['ApproximateNumberOfMessagesNotVisible', 'Maximum'],
      [metric, statistic],
    ]);
    expect(CustomizedMetricSpecification.Metrics.filter(({ ReturnData }) => ReturnData)).toHaveLength(1);
    template.resourceCountIs('AWS::Lambda::Function', 0); // no helper that publishes a metric
  });

  test('counts in the messages that a worker processes at a time', () => {
    const scaling = BacklogScaling.targetTracking({
      acceptableLatency: Duration.minutes(1),
      processingTime: Duration.millis(400),
      concurrency: 2,
    });
    expect(trackingOf(scaled(instances, scaling)).TargetValue).toBe(300);
  });

  describe.each([
    ['instances', instances],
    ['tasks', tasks],
  ] as const)('its metric, of %s, on the emulated CloudWatch (§5)', (_, make) => {
    const { CustomizedMetricSpecification } = trackingOf(scaled(make, target));

    /** The value of the tracked metric in the last of some minutes; undefined: no data point. */
    function backlog(minutes: { visible: number; inFlight: number; running?: number }[]): number | undefined {
      const clock = new VirtualClock();
      const cloudWatch = new CloudWatch({
        clock,
        timeline: new Timeline(clock),
        account: '000000000000',
        region: 'us-east-1',
        invokeAction: () => undefined,
      });
      const start = Math.ceil(clock.now() / MINUTE) * MINUTE;
      minutes.forEach((minute, index) => {
        const datum = (name: string, value: number) => gauge('Test', name, {}, 'Count', start + index * MINUTE, value);
        const { visible, inFlight, running } = minute;
        cloudWatch.ingest([datum('visible', visible), datum('inFlight', inFlight)]);
        if (running === undefined) return;
        if (make === instances) cloudWatch.ingest([datum('running', running)]);
        // Each task reports its CPU: no tasks, no reports.
        else if (running > 0) cloudWatch.ingest([{ ...datum('running', running * 30), sampleCount: running }]);
      });
      const call = { account: '000000000000', region: 'us-east-1', principal: 'test', endpoint: 'http://localhost' };
      const { MetricDataResults = [] } = cloudWatch.getMetricData(
        {
          StartTime: new Date(start),
          EndTime: new Date(start + minutes.length * MINUTE),
          MetricDataQueries: CustomizedMetricSpecification.Metrics.map(({ MetricStat, ...query }) => ({
            ...query,
            MetricStat: MetricStat && {
              Metric: { Namespace: 'Test', MetricName: query.Id },
              Period: 60,
              Stat: MetricStat.Stat,
            },
          })),
        },
        call,
      );
      const { Timestamps = [], Values = [] } = MetricDataResults[0];
      const last = Timestamps.findIndex((time) => time.getTime() === start + (minutes.length - 1) * MINUTE);
      return Values[last];
    }

    test.each([
      ['what waits, for each worker', { visible: 1_500, inFlight: 10, running: 10 }, 150],
      ['at the target: no change', { visible: 1_000, inFlight: 0, running: 10 }, 100],
      ['what is in flight adds no worker', { visible: 950, inFlight: 900, running: 10 }, 100],
      ['what is in flight keeps workers', { visible: 0, inFlight: 300, running: 10 }, 30],
      ['nothing to do', { visible: 0, inFlight: 0, running: 10 }, 0],
      ['no worker: there is a data point all the same', { visible: 250, inFlight: 0, running: 0 }, 250],
    ])('%s', (_case, minute, expected) => {
      expect(backlog([minute])).toBeCloseTo(expected);
    });

    test('without a report of the workers there is a data point all the same', () => {
      const late = { visible: 1_500, inFlight: 0 };
      expect(backlog([{ ...late, running: 10 }, late])).toBe(make === instances ? 150 : 1_500);
    });
  });

  test('gets from none to one instance with the first message, and back when there is nothing to do', () => {
    const template = scaled(instances, target, { minCapacity: 0 });
    template.resourceCountIs(EC2, 3);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([Match.objectLike({ Expression: 'IF(FILL(running, REPEAT) < 1, visible, 0)' })]),
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: Match.stringLikeRegexp('FromZeroPolicy') }],
    });
    template.hasResourceProperties(EC2, {
      AdjustmentType: 'ChangeInCapacity',
      EstimatedInstanceWarmup: 120, // the one that starts counts already: no second one meanwhile (§6)
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([Match.objectLike({ Expression: 'visible + inFlight' })]),
      Threshold: 0,
      ComparisonOperator: 'LessThanOrEqualToThreshold',
      EvaluationPeriods: 15,
      AlarmActions: [{ Ref: Match.stringLikeRegexp('ToZeroPolicy') }],
    });
    template.hasResourceProperties(EC2, {
      AdjustmentType: 'ExactCapacity',
      StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: 0 }],
    });
  });

  test('believes that no task runs only after 3 minutes without a report', () => {
    const template = scaled(tasks, target, { minCapacity: 0 });
    template.resourceCountIs(APPLICATION, 3);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([Match.objectLike({ Expression: 'IF(FILL(running, 0) < 1, visible, 0)' })]),
      EvaluationPeriods: 3,
    });
  });
});

describe('BacklogScaling.steps', () => {
  test('scales tasks out on what waits, and in on what is in flight too', () => {
    const template = scaled(tasks, steps, { minCapacity: 0, maxCapacity: 20 });
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
      ServiceNamespace: 'ecs',
      ScalableDimension: 'ecs:service:DesiredCount',
      MinCapacity: 0,
      MaxCapacity: 20,
    });
    template.hasResourceProperties(APPLICATION, {
      PolicyType: 'StepScaling',
      StepScalingPolicyConfiguration: {
        AdjustmentType: 'ChangeInCapacity',
        Cooldown: 120,
        StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 2 }],
      },
    });
    template.hasResourceProperties(APPLICATION, {
      StepScalingPolicyConfiguration: { StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -3 }] },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 1,
      AlarmActions: [{ Ref: Match.stringLikeRegexp('ScaleOutPolicy') }],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([Match.objectLike({ Expression: 'visible + inFlight' })]),
      EvaluationPeriods: 4,
      AlarmActions: [{ Ref: Match.stringLikeRegexp('ScaleInPolicy') }],
    });
  });
});

describe.each([
  ['AutoScalingGroupConsumer', instances],
  ['FargateConsumer', tasks],
] as const)('%s', (_, make) => {
  const tracking = (acceptable: number, average: number, concurrency?: number) =>
    BacklogScaling.targetTracking({
      acceptableLatency: Duration.seconds(acceptable),
      processingTime: Duration.seconds(average),
      concurrency,
    });
  const first = (...given: [number, number][]) => BacklogScaling.steps(given.map(([depth, add]) => ({ depth, add })));

  test.each<[string, BacklogScaling, Limits, string, string]>([
    [
      'a maximum below the minimum',
      steps,
      { minCapacity: 3, maxCapacity: 2 },
      'minCapacity and maxCapacity must be whole numbers, from 0 and from 1, the second not below the first, but were 3 and 2',
      'CapacityInvalid',
    ],
    ['half a worker', steps, { maxCapacity: 1.5 }, 'but were 1 and 1.5', 'CapacityInvalid'],
    ['no worker ever', steps, { minCapacity: 0, maxCapacity: 0 }, 'but were 0 and 0', 'CapacityInvalid'],
    [
      'a consumer that could not leave zero',
      first([100, 1]),
      { minCapacity: 0 },
      'scaling must have a first step at depth 1 if minCapacity is 0, but it was at depth 100',
      'StuckAtZero',
    ],
    [
      'no steps',
      first(),
      {},
      'scaling must have 1 to 20 steps of different depths, each of at least 1 message and 1 worker, but had []',
      'StepsInvalid',
    ],
    ['a step that adds nothing', first([1, 0]), {}, 'but had {"depth":1,"add":0}', 'StepsInvalid'],
    ['two steps at one depth', first([5, 1], [5, 2]), {}, 'but had [{"depth":5', 'StepsInvalid'],
    [
      'an alarm on half minutes',
      BacklogScaling.steps([{ depth: 1, add: 1 }], { emptyFor: Duration.seconds(90) }),
      {},
      'scaling.emptyFor must be between 1 minute and 1 day, in whole minutes, but was 1 minute 30 seconds',
      'EmptyForOutOfRange',
    ],
    [
      'a removal of none',
      BacklogScaling.steps([{ depth: 1, add: 1 }], { remove: 0 }),
      {},
      'scaling.remove must be a whole number of 1 or more, but was 0',
      'RemoveInvalid',
    ],
    [
      'an average above the longest',
      tracking(600, 60),
      { processingTime: Duration.seconds(59) },
      "scaling.processingTime must be above 0 and at most the consumer's processingTime (59 seconds), but was 1 minute",
      'AverageInvalid',
    ],
    ['no time at all', tracking(600, 0), {}, '), but was 0 seconds', 'AverageInvalid'],
    [
      'a latency below the time that a message takes',
      tracking(3, 4),
      {},
      'scaling.acceptableLatency must be at least scaling.processingTime (4 seconds), but was 3 seconds',
      'LatencyTooShort',
    ],
    [
      'workers that process nothing',
      tracking(60, 4, 0),
      {},
      'scaling.concurrency must be a whole number of 1 or more, but was 0',
      'ConcurrencyInvalid',
    ],
  ])('fails on %s', (_case, scaling, limits, text, id) => {
    expect(() => scaled(make, scaling, limits)).toThrow(text);
    expect(() => scaled(make, scaling, limits)).toThrow(`[Spillway-BacklogScaling-${id}]`);
  });
});
