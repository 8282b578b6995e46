import { CfnScalingPolicy, type IAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type Duration } from 'aws-cdk-lib/core';
import { METRIC_PERIOD } from './queue-backlog';
import { type ScalingTarget } from './scaling-target';

/** How many instances of a group are in service; none are counted unless the group's metrics are on. */
export function instancesInService(autoScalingGroupName: string): Metric {
  return new Metric({
    namespace: 'AWS/AutoScaling',
    metricName: 'GroupInServiceInstances',
    dimensionsMap: { AutoScalingGroupName: autoScalingGroupName },
    statistic: Stats.AVERAGE,
    period: METRIC_PERIOD,
  });
}

/** The instances of a group, to be scaled. */
export function autoScalingGroupTarget(
  { autoScalingGroupName }: IAutoScalingGroup,
  instanceWarmup: Duration,
): ScalingTarget {
  const estimatedInstanceWarmup = instanceWarmup.toSeconds();
  return {
    running: instancesInService(autoScalingGroupName),
    gapless: 'FILL(running, REPEAT)', // the group reports zero as well, but may be later than SQS
    surelyZeroMinutes: 1,
    addStepPolicy: (parent, id, { grows, adjustmentType, stepAdjustments }) =>
      new CfnScalingPolicy(parent, id, {
        autoScalingGroupName,
        policyType: 'StepScaling',
        adjustmentType,
        metricAggregationType: 'Maximum',
        estimatedInstanceWarmup: grows ? estimatedInstanceWarmup : undefined,
        stepAdjustments,
      }).ref,
    addTrackingPolicy: (parent, id, targetValue, metrics) =>
      void new CfnScalingPolicy(parent, id, {
        autoScalingGroupName,
        policyType: 'TargetTrackingScaling',
        estimatedInstanceWarmup,
        targetTrackingConfiguration: { targetValue, customizedMetricSpecification: { metrics } },
      }),
  };
}
