import { CfnScalingPolicy, type IAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import {
  Alarm,
  ComparisonOperator,
  type IAlarm,
  type IMetric,
  MathExpression,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type DepthScaling } from './depth-scaling';

const PERIOD = Duration.minutes(1);
const MAXIMUM = { period: PERIOD, statistic: Stats.MAXIMUM };

/** Properties of QueueDepthScaling. */
export interface QueueDepthScalingProps {
  /** What grows and shrinks. */
  readonly autoScalingGroup: IAutoScalingGroup;
  /** Whose depth decides. */
  readonly queue: IQueue;
  /** By how much. */
  readonly scaling: DepthScaling;
  /** How long a new instance counts as not yet working. */
  readonly instanceWarmup: Duration;
}

/** The alarms and policies that scale a group on the depth of a queue. */
export class QueueDepthScaling extends Construct {
  /** Goes off while messages pile up. */
  public readonly scaleOutAlarm: IAlarm;
  /** Goes off while there is nothing to do. */
  public readonly scaleInAlarm: IAlarm;

  constructor(scope: Construct, id: string, props: QueueDepthScalingProps) {
    super(scope, id);
    const { autoScalingGroup: group, queue, scaling, instanceWarmup } = props;
    this.scaleOutAlarm = this.scaleOut(group, queue, scaling, instanceWarmup);
    this.scaleInAlarm = this.scaleIn(group, queue, scaling);
  }

  private scaleOut(group: IAutoScalingGroup, queue: IQueue, { _steps }: DepthScaling, warmup: Duration): Alarm {
    const steps = [..._steps].sort((one, other) => one.depth - other.depth);
    const [{ depth: threshold }] = steps;
    const policy = new CfnScalingPolicy(this, 'ScaleOutPolicy', {
      autoScalingGroupName: group.autoScalingGroupName,
      policyType: 'StepScaling',
      adjustmentType: 'ChangeInCapacity',
      metricAggregationType: 'Maximum',
      estimatedInstanceWarmup: warmup.toSeconds(),
      // Bounds are relative to the alarm's threshold, the upper one exclusive.
      stepAdjustments: steps.map(({ depth, add }, index) => ({
        metricIntervalLowerBound: depth - threshold,
        metricIntervalUpperBound: index + 1 < steps.length ? steps[index + 1].depth - threshold : undefined,
        scalingAdjustment: add,
      })),
    });
    const alarm = new Alarm(this, 'ScaleOutAlarm', {
      alarmDescription: `Adds workers: ${threshold} or more messages wait`,
      metric: queue.metricApproximateNumberOfMessagesVisible(MAXIMUM),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    return acting(alarm, policy);
  }

  private scaleIn(group: IAutoScalingGroup, queue: IQueue, { _emptyFor, _remove }: DepthScaling): Alarm {
    const policy = new CfnScalingPolicy(this, 'ScaleInPolicy', {
      autoScalingGroupName: group.autoScalingGroupName,
      policyType: 'StepScaling',
      adjustmentType: 'ChangeInCapacity',
      metricAggregationType: 'Maximum',
      stepAdjustments: [{ metricIntervalUpperBound: 0, scalingAdjustment: -_remove }],
    });
    const alarm = new Alarm(this, 'ScaleInAlarm', {
      alarmDescription: `Removes workers: nothing has waited or been in flight for ${_emptyFor.toHumanString()}`,
      metric: outstanding(queue),
      comparisonOperator: ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 0,
      evaluationPeriods: _emptyFor.toMinutes(),
      // A queue that nobody has used for six hours reports nothing; the group is at its minimum by then.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    return acting(alarm, policy);
  }
}

/** What waits and what is being worked on: a group whose queue is empty but whose workers are busy must not shrink. */
function outstanding(queue: IQueue): IMetric {
  return new MathExpression({
    label: 'Outstanding messages',
    expression: 'visible + inFlight',
    period: PERIOD,
    usingMetrics: {
      visible: queue.metricApproximateNumberOfMessagesVisible(MAXIMUM),
      inFlight: queue.metricApproximateNumberOfMessagesNotVisible(MAXIMUM),
    },
  });
}

function acting(alarm: Alarm, policy: CfnScalingPolicy): Alarm {
  alarm.addAlarmAction({ bind: () => ({ alarmActionArn: policy.ref }) });
  return alarm;
}
