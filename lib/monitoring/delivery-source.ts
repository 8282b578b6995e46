import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type IEventBus, type IRule } from 'aws-cdk-lib/aws-events';
import { type IEventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { type IScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { type ITopic } from 'aws-cdk-lib/aws-sns';
import { type Duration } from 'aws-cdk-lib/core';

const TARGET_HINT = 'do their targets exist, take requests, and let them in?';

/** How to count what became of deliveries. */
interface DeliveryCounts {
  /** What is counted, as descriptions name it: `deliveries of the rule App/Placed`. */
  readonly name: string;
  /** What to ask if some fail. */
  readonly hint: string;
  /** What failed, retries included where the service counts them. */
  readonly failed: string;
  /** What is in a dead-letter queue. @default - the service doesn't count it */
  readonly deadLettered?: string;
  /** What is lost. */
  readonly lost: readonly string[];
}

/**
 * What delivers messages or events, and so may fail to: an EventBridge rule, a topic, the schedules of a group, or a
 * function that is invoked asynchronously or reads a stream or queue.
 */
export class DeliverySource {
  /**
   * The targets of an EventBridge rule.
   *
   * @param eventBus the rule's bus, unless that is the default one: its metrics have it as a dimension
   */
  public static rule(rule: IRule, eventBus?: IEventBus): DeliverySource {
    const bus = eventBus === undefined ? undefined : { EventBusName: eventBus.eventBusName };
    return new DeliverySource(
      'AWS/Events',
      { ...bus, RuleName: rule.ruleName },
      {
        name: `deliveries of the rule ${rule.node.path}`,
        hint: TARGET_HINT,
        failed: 'FailedInvocations',
        deadLettered: 'InvocationsSentToDlq',
        lost: ['InvocationsFailedToBeSentToDlq'],
      },
    );
  }

  /** The subscriptions of a topic. */
  public static topic(topic: ITopic): DeliverySource {
    return new DeliverySource(
      'AWS/SNS',
      { TopicName: topic.topicName },
      {
        name: `deliveries of the topic ${topic.node.path}`,
        hint: TARGET_HINT,
        failed: 'NumberOfNotificationsFailed',
        deadLettered: 'NumberOfNotificationsRedrivenToDlq',
        lost: ['NumberOfNotificationsFailedToRedriveToDlq'],
      },
    );
  }

  /**
   * The schedules of a group.
   *
   * @param group the group; the default group if not given
   */
  public static schedules(group?: IScheduleGroup): DeliverySource {
    return new DeliverySource(
      'AWS/Scheduler',
      { ScheduleGroup: group?.scheduleGroupName ?? 'default' },
      {
        name: `deliveries of ${group === undefined ? 'the default schedule group' : `the schedule group ${group.node.path}`}`,
        hint: TARGET_HINT,
        failed: 'TargetErrorCount',
        deadLettered: 'InvocationsSentToDeadLetterCount',
        lost: ['InvocationDroppedCount'],
      },
    );
  }

  /** The asynchronous invocations of a function. */
  public static handler(handler: IFunction): DeliverySource {
    return new DeliverySource(
      'AWS/Lambda',
      { FunctionName: handler.functionName },
      {
        name: `invocations of the function ${handler.node.path}`,
        hint: 'what do its logs say?',
        failed: 'Errors',
        lost: ['DeadLetterErrors', 'DestinationDeliveryFailures'],
      },
    );
  }

  /**
   * The records or messages of an event source mapping, which must have `metricsConfig` for event counts: the consumers of
   * this library have it with `eventMetrics`.
   */
  public static mapping(mapping: IEventSourceMapping): DeliverySource {
    return new DeliverySource(
      'AWS/Lambda',
      { EventSourceMappingUUID: mapping.eventSourceMappingId },
      {
        name: `records of the mapping ${mapping.node.path}`,
        hint: 'what do the logs of its function say?',
        failed: 'FailedInvokeEventCount',
        deadLettered: 'OnFailureDestinationDeliveredEventCount',
        lost: ['DroppedEventCount'],
      },
    );
  }

  private constructor(
    private readonly namespace: string,
    private readonly dimensions: Record<string, string>,
    private readonly counts: DeliveryCounts,
  ) {}

  /** @internal */
  public get _name(): string {
    return this.counts.name;
  }

  /** @internal */
  public get _hint(): string {
    return this.counts.hint;
  }

  /** @internal */
  public _failed(period: Duration): IMetric {
    return this.sum(this.counts.failed, period);
  }

  /** @internal */
  public get _countsDeadLetters(): boolean {
    return this.counts.deadLettered !== undefined;
  }

  /** @internal */
  public _deadLettered(period: Duration): IMetric {
    return this.sum(this.counts.deadLettered ?? '', period);
  }

  /** @internal */
  public _lost(period: Duration): IMetric {
    const { lost } = this.counts;
    if (lost.length === 1) return this.sum(lost[0], period);
    const usingMetrics = Object.fromEntries(lost.map((name, index) => [`lost${index}`, this.sum(name, period)]));
    const expression = Object.keys(usingMetrics)
      .map((id) => `FILL(${id}, 0)`)
      .join(' + ');
    return new MathExpression({ expression, usingMetrics, period, label: 'Lost' });
  }

  private sum(metricName: string, period: Duration): Metric {
    const { namespace, dimensions } = this;
    return new Metric({ namespace, metricName, dimensionsMap: dimensions, statistic: Stats.SUM, period });
  }
}
