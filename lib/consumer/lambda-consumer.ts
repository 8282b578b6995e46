import { Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { type EventSourceMapping, type IFunction, MetricType } from 'aws-cdk-lib/aws-lambda';
import { CfnQueue, type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Duration, Lazy, Names, Resource } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';
import { checkProps, checkValue, enforce, known, knownSeconds, required, type Rule, warn } from '../rules';
import { FUNCTION, LAMBDA_CONSUMER } from './consumer-types';
import { reservedConcurrencyOf, timeoutOf } from './function-facts';
import { type LambdaConsumerProps } from './lambda-consumer-props';
import {
  CONSUME_ACTIONS,
  type FunctionTimes,
  isAcrossAccounts,
  LAMBDA_CONSUMER_CAUTIONS,
  LAMBDA_CONSUMER_RULES,
  recommendedVisibility,
} from './lambda-consumer-rules';
import { type IQueueConsumer, type QueueConsumerConfig } from '../queue/queue-consumer';

const DEFAULT_BATCH_SIZE = 10;
/** A length that is known only at deployment, and never asked for then. */
const UNKNOWN = Duration.seconds(Lazy.number({ produce: () => undefined }));

/** What its event source mapping can tell about a LambdaConsumer, with `eventMetrics`. */
export enum LambdaConsumerMetric {
  /** Messages that Lambda received. */
  POLLED = 'PolledEventCount',
  /** Messages that no filter matched: deleted. */
  FILTERED_OUT = 'FilteredOutEventCount',
  /** Messages that the function was invoked with. */
  INVOKED = 'InvokedEventCount',
  /** Messages that the function failed on. */
  FAILED = 'FailedInvokeEventCount',
  /** Messages that Lambda deleted after the function had succeeded. */
  DELETED = 'DeletedEventCount',
}

const POLICY_CAUTIONS: readonly Rule<{ readonly queue: IQueue; readonly policyKnown: boolean }>[] = [
  {
    id: 'Spillway-LambdaConsumer-QueuePolicyUnknown',
    broken: ({ policyKnown }) => !policyKnown,
    message: ({ queue }) =>
      `queue should be of this app, but was the imported ${queue.node.path} of another account than the function's; its policy must already let the function's role use ${CONSUME_ACTIONS.join(', ')}, or Lambda refuses the mapping`,
  },
];

const METRIC_RULES: readonly Rule<{ metrics: boolean }>[] = [
  {
    id: 'Spillway-LambdaConsumer-MetricsOff',
    broken: ({ metrics }) => !metrics,
    message: () =>
      'eventMetrics must be true, and a queue have this consumer, for a metric of its event source mapping; Lambda counts nothing otherwise, and an alarm would stay silent',
  },
];

/**
 * Has a Lambda function process a queue's messages, batch by batch. The function reports which messages of a batch
 * failed (`ReportBatchItemFailures`; `processBatch` of `cdk-spillway/runtime` does), the others are deleted.
 *
 * The queue's visibility timeout is derived from the function's: 6 times, as AWS recommends, and the batching window.
 *
 * @example
 * jobs.addConsumer(new LambdaConsumer(handler, { maxConcurrency: 20 }));
 */
export class LambdaConsumer implements IQueueConsumer {
  private queue?: IQueue;
  private mapping?: EventSourceMapping;

  /**
   * @param handler the function; it may be an alias or a version
   * @param props how Lambda polls for it
   */
  constructor(
    private readonly handler: IFunction,
    private readonly props: LambdaConsumerProps = {},
  ) {}

  /** What polls the queue; undefined until a queue has this consumer. */
  public get eventSourceMapping(): EventSourceMapping | undefined {
    return this.mapping;
  }

  /**
   * How many messages Lambda polled, filtered out, invoked with, failed or deleted.
   *
   * @default - sum over 5 minutes
   * @throws without `eventMetrics`, or before a queue has this consumer
   */
  public metric(metric: LambdaConsumerMetric, options: MetricOptions = {}): Metric {
    enforce(this.handler, { metrics: this.mapping !== undefined && this.props.eventMetrics === true }, METRIC_RULES);
    return new Metric({
      namespace: 'AWS/Lambda',
      metricName: metric,
      dimensionsMap: { EventSourceMappingUUID: this.mapping?.eventSourceMappingId ?? '' },
      statistic: Stats.SUM,
      ...options,
    });
  }

  /**
   * Creates the event source mapping below the function, and lets the function's role consume the queue.
   *
   * @throws what Lambda would refuse, all at once
   */
  public bind(scope: Construct, queue: IQueue): QueueConsumerConfig {
    checkValue(scope, 'handler', this.handler, required(FUNCTION));
    checkProps(scope, 'LambdaConsumer', this.props, LAMBDA_CONSUMER);
    const { maxBatchingWindow } = this.props;
    const functionTimeout = this.props.functionTimeout ?? timeoutOf(this.handler);
    const facts = {
      ...this.props,
      functionTimeout,
      handler: this.handler,
      queue,
      mappingId: mappingId(queue),
      functionPath: this.handler.node.path,
      boundPath: this.queue?.node.path,
      fifo: queue.fifo,
      reservedConcurrency: reservedConcurrencyOf(this.handler),
    };
    enforce(scope, facts, LAMBDA_CONSUMER_RULES);
    this.queue = queue;
    this.mapping = this.createMapping(queue);
    this.grant(scope, queue, this.mapping);
    const timeout = knownSeconds(functionTimeout);
    const window = maxBatchingWindow === undefined ? 0 : knownSeconds(maxBatchingWindow);
    const roleKnown = this.handler.role !== undefined;
    warn(scope, { ...facts, timeout, window, visibility: visibilityOf(queue), roleKnown }, LAMBDA_CONSUMER_CAUTIONS);
    return visibilityFor({ timeout, window });
  }

  private createMapping(queue: IQueue): EventSourceMapping {
    const { batchSize = DEFAULT_BATCH_SIZE, provisionedPollers, filters } = this.props;
    const { maxBatchingWindow, maxConcurrency, enabled, filterEncryption } = this.props;
    return this.handler.addEventSourceMapping(mappingId(queue), {
      eventSourceArn: queue.queueArn,
      batchSize,
      maxBatchingWindow,
      maxConcurrency,
      enabled,
      reportBatchItemFailures: this.props.reportBatchItemFailures ?? true,
      provisionedPollerConfig: provisionedPollers && {
        minimumPollers: provisionedPollers.minimum,
        maximumPollers: provisionedPollers.maximum,
      },
      filters: filters?.map((filter) => ({ pattern: filter._patternOf('body') })),
      filterEncryption,
      metricsConfig: this.props.eventMetrics ? { metrics: [MetricType.EVENT_COUNT] } : undefined,
    });
  }

  private grant(scope: Construct, queue: IQueue, mapping: EventSourceMapping): void {
    if (this.handler.role === undefined) return;
    const { handler } = this;
    const options = { grantee: handler, actions: CONSUME_ACTIONS, resourceArns: [queue.queueArn] };
    const acrossAccounts = isAcrossAccounts({ handler, queue });
    const grant = acrossAccounts
      ? Grant.addToPrincipalAndResource({ ...options, resource: queue })
      : Grant.addToPrincipal(options);
    warn(scope, { queue, policyKnown: !acrossAccounts || Resource.isOwnedResource(queue) }, POLICY_CAUTIONS);
    grant.applyBefore(mapping); // Lambda tries the permissions when the mapping is created
    queue.encryptionMasterKey?.grantDecrypt(this.handler);
  }
}

function mappingId(queue: IQueue): string {
  return `Consumes${Names.nodeUniqueId(queue.node)}`;
}

function visibilityFor(times: FunctionTimes): QueueConsumerConfig {
  const { timeout, window } = times;
  const recommended = recommendedVisibility(times);
  const length = (seconds: number | undefined) =>
    seconds === undefined ? 'known at deployment' : `${seconds} seconds`;
  return {
    visibilityTimeout: recommended === undefined ? UNKNOWN : Duration.seconds(recommended),
    // Just as long is too short: the time runs from the receive, which is before the function starts.
    minimumVisibilityTimeout: Duration.seconds((timeout ?? 0) + (window ?? 0) + 1),
    reason: `Lambda refuses a queue whose visibility timeout is shorter than the function's timeout (${length(timeout)}), messages that wait for a batch (up to ${length(window)}) use it up as well, and at the very same length a message comes back while the function still works on it`,
  };
}

/** The queue's own visibility timeout in seconds, when its template says it and nothing derives it. */
function visibilityOf(queue: IQueue): number | undefined {
  const resource = queue.node.defaultChild;
  return CfnQueue.isCfnQueue(resource) ? known(resource.visibilityTimeout) : undefined;
}
