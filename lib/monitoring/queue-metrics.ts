import {
  MathExpression,
  type MathExpressionOptions,
  type Metric,
  type MetricOptions,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Duration } from 'aws-cdk-lib/core';
import { enforce, type Rule } from '../rules';

/** What AWS/SQS reports in. */
const PERIOD = Duration.minutes(1);
/** The longest that SQS keeps a message: what is never drained is gone by then. */
const NEVER = 1_209_600;

interface MetricFacts {
  readonly queue: IQueue;
  readonly metric: string;
  readonly kind: 'fifo' | 'standard';
}

const RULES: readonly Rule<MetricFacts>[] = [
  {
    id: 'Spillway-QueueMetrics-OtherKind',
    broken: ({ queue, kind }) => queue.fifo !== (kind === 'fifo'),
    message: ({ queue, metric, kind }) =>
      `${metric} must be used with a ${kind === 'fifo' ? 'FIFO' : 'standard'} queue, but was used with a ${queue.fifo ? 'FIFO' : 'standard'} queue; SQS does not report this metric for it`,
  },
];

/**
 * All metrics of a queue, each with the statistic that suits it, over the minute in which SQS reports; and what follows
 * from them. Costs nothing: it creates no resources.
 *
 * A queue that nobody has used for 6 hours reports nothing at all, and takes up to 15 minutes to report again.
 *
 * @example
 * QueueMetrics.fromQueue(jobs.queue).metricTimeToDrain();
 */
export class QueueMetrics {
  /** Of any queue, also one that is defined elsewhere. */
  public static fromQueue(queue: IQueue): QueueMetrics {
    return new QueueMetrics(queue);
  }

  private constructor(private readonly queue: IQueue) {}

  /**
   * How many messages wait to be received: the backlog. Neither delayed ones nor those in flight.
   *
   * @default - maximum over 1 minute
   */
  public metricApproximateNumberOfMessagesVisible(props?: MetricOptions): Metric {
    return this.metric('ApproximateNumberOfMessagesVisible', Stats.MAXIMUM, props);
  }

  /**
   * How many messages are in flight: received, and neither deleted nor visible again.
   *
   * @default - maximum over 1 minute
   */
  public metricApproximateNumberOfMessagesNotVisible(props?: MetricOptions): Metric {
    return this.metric('ApproximateNumberOfMessagesNotVisible', Stats.MAXIMUM, props);
  }

  /**
   * How many messages are still delayed.
   *
   * @default - maximum over 1 minute
   */
  public metricApproximateNumberOfMessagesDelayed(props?: MetricOptions): Metric {
    return this.metric('ApproximateNumberOfMessagesDelayed', Stats.MAXIMUM, props);
  }

  /**
   * The age in seconds of the oldest message. A standard queue leaves out what has been received three times or more: see
   * `metricUndeletedReceives`. In a dead-letter queue it counts from the move.
   *
   * @default - maximum over 1 minute
   */
  public metricApproximateAgeOfOldestMessage(props?: MetricOptions): Metric {
    return this.metric('ApproximateAgeOfOldestMessage', Stats.MAXIMUM, props);
  }

  /**
   * How many messages were sent by API calls and services. What SQS itself moves to a dead-letter queue isn't counted.
   *
   * @default - sum over 1 minute
   */
  public metricNumberOfMessagesSent(props?: MetricOptions): Metric {
    return this.metric('NumberOfMessagesSent', Stats.SUM, props);
  }

  /**
   * The size in bytes of the messages that were sent.
   *
   * @default - average over 1 minute
   */
  public metricSentMessageSize(props?: MetricOptions): Metric {
    return this.metric('SentMessageSize', Stats.AVERAGE, props);
  }

  /**
   * How many messages were received, each time counted.
   *
   * @default - sum over 1 minute
   */
  public metricNumberOfMessagesReceived(props?: MetricOptions): Metric {
    return this.metric('NumberOfMessagesReceived', Stats.SUM, props);
  }

  /**
   * How many receives returned no message.
   *
   * @default - sum over 1 minute
   */
  public metricNumberOfEmptyReceives(props?: MetricOptions): Metric {
    return this.metric('NumberOfEmptyReceives', Stats.SUM, props);
  }

  /**
   * How many messages were deleted, repeated deletes included.
   *
   * @default - sum over 1 minute
   */
  public metricNumberOfMessagesDeleted(props?: MetricOptions): Metric {
    return this.metric('NumberOfMessagesDeleted', Stats.SUM, props);
  }

  /**
   * Of a FIFO queue: how many message groups have messages in flight, which is the concurrency of its consumers.
   *
   * @default - maximum over 1 minute
   */
  public metricApproximateNumberOfGroupsWithInflightMessages(props?: MetricOptions): Metric {
    this.only('fifo', 'ApproximateNumberOfGroupsWithInflightMessages');
    return this.metric('ApproximateNumberOfGroupsWithInflightMessages', Stats.MAXIMUM, props);
  }

  /**
   * Of a FIFO queue: how many messages were dropped as duplicates.
   *
   * @default - sum over 1 minute
   */
  public metricNumberOfDeduplicatedSentMessages(props?: MetricOptions): Metric {
    this.only('fifo', 'NumberOfDeduplicatedSentMessages');
    return this.metric('NumberOfDeduplicatedSentMessages', Stats.SUM, props);
  }

  /**
   * Of a fair queue (a standard queue whose messages have groups): how many groups use more than their share.
   *
   * @default - maximum over 1 minute
   */
  public metricApproximateNumberOfNoisyGroups(props?: MetricOptions): Metric {
    this.only('standard', 'ApproximateNumberOfNoisyGroups');
    return this.metric('ApproximateNumberOfNoisyGroups', Stats.MAXIMUM, props);
  }

  /**
   * Of a fair queue: how many messages wait in groups that aren't noisy.
   *
   * @default - maximum over 1 minute
   */
  public metricApproximateNumberOfMessagesVisibleInQuietGroups(props?: MetricOptions): Metric {
    this.only('standard', 'ApproximateNumberOfMessagesVisibleInQuietGroups');
    return this.metric('ApproximateNumberOfMessagesVisibleInQuietGroups', Stats.MAXIMUM, props);
  }

  /**
   * Of a fair queue: how many messages of groups that aren't noisy are in flight.
   *
   * @default - maximum over 1 minute
   */
  public metricApproximateNumberOfMessagesNotVisibleInQuietGroups(props?: MetricOptions): Metric {
    this.only('standard', 'ApproximateNumberOfMessagesNotVisibleInQuietGroups');
    return this.metric('ApproximateNumberOfMessagesNotVisibleInQuietGroups', Stats.MAXIMUM, props);
  }

  /**
   * Of a fair queue: how many messages of groups that aren't noisy are still delayed.
   *
   * @default - maximum over 1 minute
   */
  public metricApproximateNumberOfMessagesDelayedInQuietGroups(props?: MetricOptions): Metric {
    this.only('standard', 'ApproximateNumberOfMessagesDelayedInQuietGroups');
    return this.metric('ApproximateNumberOfMessagesDelayedInQuietGroups', Stats.MAXIMUM, props);
  }

  /**
   * Of a fair queue: the age in seconds of the oldest message in groups that aren't noisy; what the others have to wait.
   *
   * @default - maximum over 1 minute
   */
  public metricApproximateAgeOfOldestMessageInQuietGroups(props?: MetricOptions): Metric {
    this.only('standard', 'ApproximateAgeOfOldestMessageInQuietGroups');
    return this.metric('ApproximateAgeOfOldestMessageInQuietGroups', Stats.MAXIMUM, props);
  }

  /**
   * How many messages are still to be done: waiting and in flight. What capacity is taken away by.
   *
   * @default - over 1 minute
   */
  public metricOutstandingMessages(props?: MathExpressionOptions): MathExpression {
    const { visible, inFlight } = this.gauges(props);
    return this.formula('visible + inFlight', 'Outstanding messages', { visible, inFlight }, props);
  }

  /**
   * How many messages a second are sent.
   *
   * @default - over 1 minute
   */
  public metricProductionRate(props?: MathExpressionOptions): MathExpression {
    const sent = this.metricNumberOfMessagesSent({ period: props?.period });
    return this.formula('sent / PERIOD(sent)', 'Sent a second', { sent }, props);
  }

  /**
   * How many messages a second are done with: deleted.
   *
   * @default - over 1 minute
   */
  public metricConsumptionRate(props?: MathExpressionOptions): MathExpression {
    const deleted = this.metricNumberOfMessagesDeleted({ period: props?.period });
    return this.formula('deleted / PERIOD(deleted)', 'Done a second', { deleted }, props);
  }

  /**
   * In how many seconds nothing will be left to do, at the rates at which messages are deleted and sent now. 0 when
   * nothing is left already; 14 days, which no message outlives, when the backlog doesn't shrink.
   *
   * @default - over 1 minute
   */
  public metricTimeToDrain(props?: MathExpressionOptions): MathExpression {
    const { visible, inFlight } = this.gauges(props);
    const counted = { period: props?.period };
    const sent = this.metricNumberOfMessagesSent(counted);
    const deleted = this.metricNumberOfMessagesDeleted(counted);
    const backlog = this.formula('visible + inFlight', 'Outstanding messages', { visible, inFlight }, counted);
    const shrinking = this.formula(
      '(deleted - sent) / PERIOD(deleted)',
      'Shrinks a second',
      { deleted, sent },
      counted,
    );
    // Never divides by zero: CloudWatch would drop the data point, also when the other branch is taken.
    const expression = `IF(shrinking * ${NEVER} > backlog, backlog / IF(shrinking > 0, shrinking, 1), IF(backlog > 0, ${NEVER}, 0))`;
    return this.formula(expression, 'Seconds to drain', { backlog, shrinking }, props);
  }

  /**
   * Which percentage of the receives was not followed by a delete: of what fails, and comes back. Sees what
   * `ApproximateAgeOfOldestMessage` doesn't, messages that have been received three times or more. Use it over periods
   * that are longer than the processing of a message, as it also counts what is still being processed.
   *
   * @default - over 15 minutes
   */
  public metricUndeletedReceives(props?: MathExpressionOptions): MathExpression {
    const period = props?.period ?? Duration.minutes(15);
    const received = this.metricNumberOfMessagesReceived({ period });
    const deleted = this.metricNumberOfMessagesDeleted({ period });
    const expression = '100 * IF(received > deleted, received - deleted, 0) / IF(received > 0, received, 1)';
    return this.formula(expression, 'Receives without delete (%)', { received, deleted }, { ...props, period });
  }

  /**
   * Of a FIFO queue: how many messages wait while at most one group is being worked on. Adding consumers doesn't help
   * then: the messages are in one group, or behind one that fails.
   *
   * @default - over 1 minute
   */
  public metricMessagesBehindOneGroup(props?: MathExpressionOptions): MathExpression {
    const period = props?.period;
    const visible = this.metricApproximateNumberOfMessagesVisible({ period });
    const groups = this.metricApproximateNumberOfGroupsWithInflightMessages({ period });
    // Not IF(groups <= 1, visible, 0): where no groups are reported that would have no value.
    return this.formula('visible - IF(groups > 1, visible, 0)', 'Waiting behind one group', { visible, groups }, props);
  }

  private gauges(props?: MathExpressionOptions): { visible: Metric; inFlight: Metric } {
    const period = props?.period;
    return {
      visible: this.metricApproximateNumberOfMessagesVisible({ period }),
      inFlight: this.metricApproximateNumberOfMessagesNotVisible({ period }),
    };
  }

  private metric(name: string, statistic: string, props: MetricOptions = {}): Metric {
    return this.queue.metric(name, {
      ...props,
      statistic: props.statistic ?? statistic,
      period: props.period ?? PERIOD,
    });
  }

  private formula(
    expression: string,
    label: string,
    usingMetrics: Record<string, Metric | MathExpression>,
    props: MathExpressionOptions = {},
  ): MathExpression {
    const period = props.period ?? PERIOD;
    // An id means one metric in the whole of a graph or an alarm: formulas of several queues and periods go together.
    const id = (name: string) => `${name}_${this.queue.node.addr.slice(-8)}_${period.toSeconds()}`;
    const names = Object.keys(usingMetrics);
    return new MathExpression({
      label,
      ...props,
      period,
      expression: expression.replace(new RegExp(`\\b(${names.join('|')})\\b`, 'g'), id),
      usingMetrics: Object.fromEntries(names.map((name) => [id(name), usingMetrics[name]])),
    });
  }

  private only(kind: 'fifo' | 'standard', metric: string): void {
    enforce(this.queue, { queue: this.queue, metric, kind }, RULES);
  }
}
