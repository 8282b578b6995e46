import { gauge } from '../../../../lib/emulator/core';
import { MINUTE } from '../../../../lib/emulator/clock';
import { call, setUp, START } from './scaled-group';

/*
 * The depth of a queue, minute by minute, an alarm each way, and a group of 1 to 8, by hand.
 *
 * The depth that is published at the end of a minute can be seen by alarms a minute later: the depth of minute m is
 * judged at m + 2. Both alarms look at one point, and act again each minute while they last.
 *
 *   minute       0..4  5    6    7    8    9    10   11   12 ...
 *   depth        0     120  300  700  700  400  90   0    0
 *   judged at    2..6  7    8    9    10   11   12   13   14
 *
 *   out: depth >= 100: [100, 500) +2, [500, ...) +5; warm-up 120 s, boot 30 s
 *   in:  depth <= 10:  -1
 *
 *    2  the low alarm has its first point, 0: ALARM. One instance is the minimum: nothing happens, each minute anew.
 *    7  depth 120: the high alarm goes off: +2 on 1 warm: 3. The low alarm is OK. In service at 7:30, warm at 9:30.
 *    8  depth 300: +2 on 1 warm is 3, which is what is desired: nothing.
 *    9  depth 700: +5 on 1 warm: 6, so 3 more. In service at 9:30, warm at 11:30.
 *   10  depth 700: 3 warm (since 9:30) + 5: 8, so 2 more. In service at 10:30, warm at 12:30.
 *   11  depth 400: 3 warm + 2 = 5: fewer than desired: nothing.
 *   12  depth 90: the high alarm is OK; the low one has 90: OK.
 *   13  depth 0: low alarm: all are warm since 12:30: 8 becomes 7.
 *   14 to 19: one fewer each minute: 1 at 19. From then on the minimum.
 */
test('§5 and §6, the closed loop: depth, alarm, policy, group, matched to the minute', async () => {
  const { clock, timeline, autoScaling, cloudWatch, create, group, fleet } = setUp();
  create({ MinSize: 1, MaxSize: 8 });
  const policy = (
    PolicyName: string,
    StepAdjustments: {
      MetricIntervalLowerBound?: number;
      MetricIntervalUpperBound?: number;
      ScalingAdjustment: number;
    }[],
  ) => {
    const input = {
      AutoScalingGroupName: 'g',
      PolicyName,
      PolicyType: 'StepScaling',
      AdjustmentType: 'ChangeInCapacity',
      EstimatedInstanceWarmup: 120,
      StepAdjustments,
    };
    return [autoScaling.putScalingPolicy(input, call).PolicyARN as string];
  };
  const depth = {
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: 'jobs' }],
    Statistic: 'Maximum' as const,
    Period: 60,
    EvaluationPeriods: 1,
  };
  cloudWatch.putMetricAlarm(
    {
      ...depth,
      AlarmName: 'high',
      Threshold: 100,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      AlarmActions: policy('out', [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 400, ScalingAdjustment: 2 },
        { MetricIntervalLowerBound: 400, ScalingAdjustment: 5 },
      ]),
    },
    call,
  );
  cloudWatch.putMetricAlarm(
    {
      ...depth,
      AlarmName: 'low',
      Threshold: 10,
      ComparisonOperator: 'LessThanOrEqualToThreshold',
      AlarmActions: policy('in', [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -1 }]),
    },
    call,
  );

  const depths = [0, 0, 0, 0, 0, 120, 300, 700, 700, 400, 90];
  const alarms: [number, string, unknown][] = [];
  timeline.subscribe(({ at, kind, subject, detail }) => {
    if (kind === 'cloudwatch.alarm') alarms.push([(at - START) / MINUTE, subject, detail.to]);
  });
  const desired: number[] = [];
  for (let minute = 0; minute < 25; minute++) {
    await clock.advance(MINUTE);
    cloudWatch.ingest([
      gauge('AWS/SQS', depth.MetricName, { QueueName: 'jobs' }, 'Count', START + minute * MINUTE, depths[minute] ?? 0),
    ]);
    desired.push(group().desired); // after minute + 1
  }

  expect(desired).toEqual([1, 1, 1, 1, 1, 1, 3, 3, 6, 8, 8, 8, 7, 6, 5, 4, 3, 2, 1, 1, 1, 1, 1, 1, 1]);
  expect(alarms).toEqual([
    [2, 'high', 'OK'],
    [2, 'low', 'ALARM'],
    [7, 'high', 'ALARM'],
    [7, 'low', 'OK'],
    [12, 'high', 'OK'],
    [13, 'low', 'ALARM'],
  ]);
  expect(fleet.running.size).toBe(1);
});
