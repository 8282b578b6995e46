import { ComparisonOperator, type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Token } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type TargetPlan } from './backlog-plan';
import { PolicyAlarm } from './policy-alarm';
import { inFlight, METRIC_PERIOD, outstanding, visible } from './queue-backlog';
import { type ScalingTarget, type TrackedQuery } from './scaling-target';

/** As long as target tracking itself waits before it removes anything. */
const IDLE_MINUTES = 15;

/** Properties of TrackedBacklogScaling. */
export interface TrackedBacklogScalingProps {
  /** What grows and shrinks. */
  readonly target: ScalingTarget;
  /** Whose backlog decides. */
  readonly queue: IQueue;
  /** What it aims at. */
  readonly plan: TargetPlan;
  /** The fewest workers. */
  readonly minCapacity: number;
}

/** The policy that keeps the backlog per worker at a target; and, for workers that may be none, those around zero. */
export class TrackedBacklogScaling extends Construct {
  constructor(scope: Construct, id: string, { target, queue, plan, minCapacity }: TrackedBacklogScalingProps) {
    super(scope, id);
    const backlog = (plan.acceptableLatency.toSeconds() / seconds(plan)) * plan.concurrency;
    target.addTrackingPolicy(this, 'Policy', backlog, queries(target, queue, backlog));
    if (!Token.isUnresolved(minCapacity) && minCapacity > 0) return;
    this.leaveZero(target, queue);
    this.returnToZero(target, queue);
  }

  /** Target tracking multiplies the number of workers: from none it gets to none. */
  private leaveZero(target: ScalingTarget, queue: IQueue): void {
    new PolicyAlarm(this, 'FromZeroAlarm', {
      alarmDescription: 'Starts the first worker: messages wait and nobody works',
      metric: new MathExpression({
        label: 'Messages that nobody works on',
        expression: `IF(${target.gapless} < 1, visible, 0)`,
        period: METRIC_PERIOD,
        usingMetrics: { visible: visible(queue), running: target.running },
      }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      minutes: target.surelyZeroMinutes,
      policyArn: target.addStepPolicy(this, 'FromZeroPolicy', {
        adjustmentType: 'ChangeInCapacity',
        grows: true,
        stepAdjustments: [{ metricIntervalLowerBound: 0, scalingAdjustment: 1 }],
      }),
    });
  }

  /** Target tracking rounds up, so that it may keep a last worker which has nothing to do. */
  private returnToZero(target: ScalingTarget, queue: IQueue): void {
    new PolicyAlarm(this, 'ToZeroAlarm', {
      alarmDescription: `Removes all workers: nothing has waited or been in flight for ${IDLE_MINUTES} minutes`,
      metric: outstanding(queue),
      comparisonOperator: ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 0,
      minutes: IDLE_MINUTES,
      policyArn: target.addStepPolicy(this, 'ToZeroPolicy', {
        adjustmentType: 'ExactCapacity',
        grows: false,
        stepAdjustments: [{ metricIntervalUpperBound: 0, scalingAdjustment: 0 }],
      }),
    });
  }
}

/** The average may be a fraction of a second. */
function seconds({ processingTime }: TargetPlan): number {
  return processingTime.toSeconds({ integral: false });
}

/**
 * The backlog per worker: of visible messages while they are more than the target, so that only what waits adds
 * workers; of outstanding ones below it, so that a worker which is busy is not taken for idle.
 *
 * Division by zero gives no data point at all, and without data target tracking does nothing: without workers the
 * backlog counts as that of one.
 */
function queries(target: ScalingTarget, queue: IQueue, backlog: number): TrackedQuery[] {
  const most = `workers * ${backlog}`;
  return [
    measured('visible', visible(queue)),
    measured('inFlight', inFlight(queue)),
    measured('running', target.running),
    { id: 'known', expression: target.gapless, returnData: false },
    { id: 'workers', expression: 'IF(known < 1, 1, known)', returnData: false },
    { id: 'outstanding', expression: 'visible + inFlight', returnData: false },
    {
      id: 'backlog',
      label: 'Backlog per worker',
      expression: `IF(visible > ${most}, visible, IF(outstanding > ${most}, ${most}, outstanding)) / workers`,
      returnData: true,
    },
  ];
}

function measured(id: string, metric: IMetric): TrackedQuery {
  const stat = metric.toMetricConfig().metricStat;
  if (stat === undefined) throw new TypeError(`${id} must be a plain metric, but was an expression`);
  const { namespace, metricName, statistic } = stat;
  const dimensions = stat.dimensions?.map(({ name, value }) => ({ name, value: String(value) }));
  return { id, metricStat: { metric: { namespace, metricName, dimensions }, stat: statistic }, returnData: false };
}
