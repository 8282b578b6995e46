import { type IAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Duration } from 'aws-cdk-lib/core';

const PERIOD = Duration.minutes(1);

/** How much is at work on a queue, for a dashboard. */
export class ConsumerCapacity {
  /** The instances of a group; the group must report its metrics, as that of an AutoScalingGroupConsumer does. */
  public static autoScalingGroup(group: IAutoScalingGroup): ConsumerCapacity {
    const metric = (metricName: string, label: string) =>
      new Metric({
        namespace: 'AWS/AutoScaling',
        metricName,
        label,
        dimensionsMap: { AutoScalingGroupName: group.autoScalingGroupName },
        statistic: Stats.MAXIMUM,
        period: PERIOD,
      }).attachTo(group);
    return new ConsumerCapacity('Instances', [
      metric('GroupInServiceInstances', 'In service'),
      metric('GroupDesiredCapacity', 'Desired'),
      metric('GroupPendingInstances', 'Starting'),
      metric('GroupTerminatingInstances', 'Draining'),
      metric('GroupMaxSize', 'At most'),
    ]);
  }

  /** The concurrent executions of a function, and what keeps it from more. */
  public static lambdaFunction(handler: IFunction): ConsumerCapacity {
    const metric = (name: string, statistic: string, label: string) =>
      handler.metric(name, { statistic, label, period: PERIOD });
    return new ConsumerCapacity('Executions', [
      metric('ConcurrentExecutions', Stats.MAXIMUM, 'Concurrent'),
      metric('Throttles', Stats.SUM, 'Throttled'),
      metric('Errors', Stats.SUM, 'Failed'),
    ]);
  }

  /**
   * Anything else.
   *
   * @param title what is counted
   * @param metrics at least one
   */
  public static metrics(title: string, metrics: IMetric[]): ConsumerCapacity {
    return new ConsumerCapacity(title, metrics);
  }

  private constructor(
    /** @internal */
    public readonly _title: string,
    /** @internal */
    public readonly _metrics: IMetric[],
  ) {}
}
