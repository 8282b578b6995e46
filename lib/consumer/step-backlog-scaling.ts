import { ComparisonOperator, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type StepsPlan } from './backlog-plan';
import { PolicyAlarm } from './policy-alarm';
import { outstanding, visible } from './queue-backlog';
import { type ScalingTarget } from './scaling-target';

/** Properties of StepBacklogScaling. */
export interface StepBacklogScalingProps {
  /** What grows and shrinks. */
  readonly target: ScalingTarget;
  /** Whose depth decides. */
  readonly queue: IQueue;
  /** By how much. */
  readonly plan: StepsPlan;
}

/** The alarms and policies that scale workers in steps of the depth of a queue. */
export class StepBacklogScaling extends Construct {
  /** Goes off while messages pile up. */
  public readonly scaleOutAlarm: IAlarm;
  /** Goes off while there is nothing to do. */
  public readonly scaleInAlarm: IAlarm;

  constructor(scope: Construct, id: string, { target, queue, plan }: StepBacklogScalingProps) {
    super(scope, id);
    this.scaleOutAlarm = this.scaleOut(target, queue, plan);
    this.scaleInAlarm = this.scaleIn(target, queue, plan);
  }

  private scaleOut(target: ScalingTarget, queue: IQueue, plan: StepsPlan): IAlarm {
    const steps = [...plan.steps].sort((one, other) => one.depth - other.depth);
    const [{ depth: threshold }] = steps;
    const policyArn = target.addStepPolicy(this, 'ScaleOutPolicy', {
      adjustmentType: 'ChangeInCapacity',
      grows: true,
      stepAdjustments: steps.map(({ depth, add }, index) => ({
        metricIntervalLowerBound: depth - threshold,
        metricIntervalUpperBound: index + 1 < steps.length ? steps[index + 1].depth - threshold : undefined,
        scalingAdjustment: add,
      })),
    });
    return new PolicyAlarm(this, 'ScaleOutAlarm', {
      alarmDescription: `Adds workers: ${threshold} or more messages wait`,
      metric: visible(queue),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold,
      minutes: 1,
      policyArn,
    });
  }

  private scaleIn(target: ScalingTarget, queue: IQueue, { emptyFor, remove }: StepsPlan): IAlarm {
    const policyArn = target.addStepPolicy(this, 'ScaleInPolicy', {
      adjustmentType: 'ChangeInCapacity',
      grows: false,
      stepAdjustments: [{ metricIntervalUpperBound: 0, scalingAdjustment: -remove }],
    });
    return new PolicyAlarm(this, 'ScaleInAlarm', {
      alarmDescription: `Removes workers: nothing has waited or been in flight for ${emptyFor.toHumanString()}`,
      metric: outstanding(queue),
      comparisonOperator: ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 0,
      minutes: emptyFor.toMinutes(),
      policyArn,
    });
  }
}
