import { CfnScalableTarget, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type ICluster, type IFargateService } from 'aws-cdk-lib/aws-ecs';
import { type Duration, Names } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';
import { METRIC_PERIOD } from './queue-backlog';
import { type ScalingTarget } from './scaling-target';

/**
 * How many tasks of a service run. ECS has no metric of that name without Container Insights, but each task reports
 * its CPU once a minute: the number of the reports is the number of tasks.
 */
export function tasksRunning({ clusterName }: ICluster, { serviceName }: IFargateService): Metric {
  return new Metric({
    namespace: 'AWS/ECS',
    metricName: 'CPUUtilization',
    dimensionsMap: { ClusterName: clusterName, ServiceName: serviceName },
    statistic: Stats.SAMPLE_COUNT,
    period: METRIC_PERIOD,
    label: 'Running tasks',
  });
}

/** How many tasks there may be. */
export interface TaskLimits {
  /** The fewest. */
  readonly minCapacity: number;
  /** The most. */
  readonly maxCapacity: number;
  /** How long a new one counts as there although it does not work yet. */
  readonly taskWarmup: Duration;
}

/** A service and where it runs. */
export interface ClusterService {
  /** Where. */
  readonly cluster: ICluster;
  /** What. */
  readonly service: IFargateService;
}

/** Registers the tasks of a service with Application Auto Scaling, to be scaled. */
export function fargateServiceTarget(
  parent: Construct,
  { cluster, service }: ClusterService,
  limits: TaskLimits,
): ScalingTarget {
  const warmup = limits.taskWarmup.toSeconds();
  const { ref: scalingTargetId } = new CfnScalableTarget(parent, 'ScalableTarget', {
    serviceNamespace: 'ecs',
    scalableDimension: 'ecs:service:DesiredCount',
    resourceId: `service/${cluster.clusterName}/${service.serviceName}`,
    minCapacity: limits.minCapacity,
    maxCapacity: limits.maxCapacity, // no role: Application Auto Scaling has a service-linked one
  });
  return {
    running: tasksRunning(cluster, service),
    gapless: 'FILL(running, 0)', // without tasks nobody reports
    surelyZeroMinutes: 3,
    addStepPolicy: (construct, id, { grows, adjustmentType, stepAdjustments }) =>
      new CfnScalingPolicy(construct, id, {
        policyName: nameOf(construct, id),
        policyType: 'StepScaling',
        scalingTargetId,
        stepScalingPolicyConfiguration: {
          adjustmentType,
          metricAggregationType: 'Maximum',
          cooldown: grows ? warmup : 60, // while it lasts, tasks that were added count as there
          stepAdjustments,
        },
      }).ref,
    addTrackingPolicy: (construct, id, targetValue, metrics) =>
      void new CfnScalingPolicy(construct, id, {
        policyName: nameOf(construct, id),
        policyType: 'TargetTrackingScaling',
        scalingTargetId,
        targetTrackingScalingPolicyConfiguration: {
          targetValue,
          scaleOutCooldown: warmup,
          customizedMetricSpecification: { metrics },
        },
      }),
  };
}

/** Policies of one target need names of their own. */
function nameOf(scope: Construct, id: string): string {
  return `${Names.uniqueResourceName(scope, { maxLength: 200, separator: '-' })}-${id}`;
}
