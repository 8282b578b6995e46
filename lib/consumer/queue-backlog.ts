import { type IMetric, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';

/** How often SQS and EC2 Auto Scaling report. */
export const METRIC_PERIOD = Duration.minutes(1);
const MAXIMUM = { period: METRIC_PERIOD, statistic: Stats.MAXIMUM };

/** What waits: the reason to add workers. */
export function visible(queue: IQueue): IMetric {
  return queue.metricApproximateNumberOfMessagesVisible(MAXIMUM);
}

/** What is being worked on. */
export function inFlight(queue: IQueue): IMetric {
  return queue.metricApproximateNumberOfMessagesNotVisible(MAXIMUM);
}

/** The messages that wait and those in flight: while any are in flight, workers are busy and must stay. */
export function outstanding(queue: IQueue): IMetric {
  return new MathExpression({
    label: 'Outstanding messages',
    expression: 'visible + inFlight',
    period: METRIC_PERIOD,
    usingMetrics: { visible: visible(queue), inFlight: inFlight(queue) },
  });
}
