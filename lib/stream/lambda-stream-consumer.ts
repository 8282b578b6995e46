import { Grant } from 'aws-cdk-lib/aws-iam';
import { type IStream, type IStreamConsumer as ISubscription, StreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import {
  type EventSourceMapping,
  type EventSourceMappingOptions,
  type IEventSourceMapping,
  type IFunction,
  MetricType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Duration, Names } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { FILTERS, FUNCTION } from '../consumer/consumer-types';
import {
  checkProps,
  checkValue,
  computed,
  duration,
  enforce,
  FLAG,
  KEY,
  NUMBER,
  oneOf,
  QUEUE,
  required,
  type Shape,
  warn,
} from '../rules';
import { type LambdaStreamConsumerProps } from './lambda-stream-consumer-props';
import { ROLE_CAUTIONS, STREAM_CONSUMER_RULES } from './lambda-stream-consumer-rules';
import { type IStreamConsumer, type StreamConsumerConfig } from './stream-consumer';

const DEFAULTS = {
  batchSize: 100,
  retryAttempts: 10,
  maxRecordAge: Duration.days(1),
  startingPosition: StartingPosition.TRIM_HORIZON,
};
const PROPS: Shape<LambdaStreamConsumerProps> = {
  batchSize: NUMBER,
  maxBatchingWindow: duration(),
  parallelizationFactor: NUMBER,
  startingPosition: oneOf('StartingPosition', StartingPosition),
  startingTimestamp: NUMBER,
  retryAttempts: NUMBER,
  maxRecordAge: computed(duration('Duration.days(1)')), // CDK compares it
  bisectBatchOnError: FLAG,
  reportBatchItemFailures: FLAG,
  deadLetterQueue: QUEUE,
  filters: FILTERS,
  filterEncryption: KEY,
  tumblingWindow: duration(),
  enhancedFanOut: FLAG,
  eventMetrics: FLAG,
  enabled: FLAG,
};
const DEAD_LETTER_RETENTION = Duration.days(14);
const MAX_CONSUMER_NAME = 128;
/** As AWSLambdaKinesisExecutionRole, limited to this stream. */
const READ = [
  'kinesis:DescribeStream',
  'kinesis:DescribeStreamSummary',
  'kinesis:GetRecords',
  'kinesis:GetShardIterator',
  'kinesis:ListShards',
];
const SUBSCRIBE = ['kinesis:DescribeStreamConsumer', 'kinesis:SubscribeToShard'];

/**
 * Has a Lambda function process a stream's records, batch by batch and in order within each shard.
 *
 * A batch that fails blocks its shard. By default it is therefore halved until the record that fails is alone, tried 10
 * times and for a day at most, and then noted in a dead-letter queue.
 *
 * @example
 * clicks.addConsumer(new LambdaStreamConsumer(aggregate, { parallelizationFactor: 4 }));
 */
export class LambdaStreamConsumer implements IStreamConsumer {
  private stream?: IStream;
  private mapping?: EventSourceMapping;
  private failures?: IQueue;

  /**
   * @param handler the function; it may be an alias or a version
   * @param props how Lambda reads for it
   */
  constructor(
    private readonly handler: IFunction,
    private readonly props: LambdaStreamConsumerProps = {},
  ) {}

  /** What reads the stream; undefined until a stream has this consumer. */
  public get eventSourceMapping(): EventSourceMapping | undefined {
    return this.mapping;
  }

  /** Where it is noted which records were given up; undefined until a stream has this consumer. */
  public get deadLetterQueue(): IQueue | undefined {
    return this.failures;
  }

  /**
   * Creates the event source mapping and what it needs below the function, and lets the function's role read the stream.
   *
   * @throws what Lambda would refuse, all at once
   */
  public bind(scope: Construct, stream: IStream): StreamConsumerConfig {
    checkValue(scope, 'handler', this.handler, required(FUNCTION));
    checkProps(scope, 'LambdaStreamConsumer', this.props, PROPS);
    enforce(scope, { ...this.props, boundPath: this.stream?.node.path }, STREAM_CONSUMER_RULES);
    this.stream = stream;
    // Below the function, in whatever stack that is.
    const parts = new Construct(this.handler, `Consumes${Names.nodeUniqueId(stream.node)}`);
    const deadLetterQueue =
      this.props.deadLetterQueue ??
      new Queue(parts, 'DeadLetterQueue', {
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod: DEAD_LETTER_RETENTION,
      });
    this.failures = deadLetterQueue;
    const subscription = this.props.enhancedFanOut ? subscribe(parts, stream) : undefined;
    this.mapping = this.handler.addEventSourceMapping(
      `Reads${Names.nodeUniqueId(stream.node)}`,
      this.mappingOptions(subscription?.streamConsumerArn ?? stream.streamArn, deadLetterQueue),
    );
    this.grant(scope, { stream, subscription, deadLetterQueue, mapping: this.mapping });
    return { maxRecordAge: this.props.maxRecordAge ?? DEFAULTS.maxRecordAge };
  }

  private mappingOptions(eventSourceArn: string, deadLetterQueue: IQueue): EventSourceMappingOptions {
    const { maxBatchingWindow, parallelizationFactor, tumblingWindow, enabled, filters, filterEncryption } = this.props;
    return {
      eventSourceArn,
      batchSize: this.props.batchSize ?? DEFAULTS.batchSize,
      maxBatchingWindow,
      parallelizationFactor,
      tumblingWindow,
      enabled,
      startingPosition: this.props.startingPosition ?? DEFAULTS.startingPosition,
      startingPositionTimestamp: this.props.startingTimestamp,
      retryAttempts: this.props.retryAttempts ?? DEFAULTS.retryAttempts,
      maxRecordAge: this.props.maxRecordAge ?? DEFAULTS.maxRecordAge,
      bisectBatchOnError: this.props.bisectBatchOnError ?? true,
      reportBatchItemFailures: this.props.reportBatchItemFailures ?? true,
      onFailure: { bind: () => ({ destination: deadLetterQueue.queueArn }) },
      filters: filters?.map((filter) => ({ pattern: filter._patternOf('data') })),
      filterEncryption,
      metricsConfig: this.props.eventMetrics ? { metrics: [MetricType.EVENT_COUNT] } : undefined,
    };
  }

  private grant(scope: Construct, { stream, subscription, deadLetterQueue, mapping }: Parts): void {
    if (this.handler.role === undefined) {
      const actions = subscription ? [...READ, ...SUBSCRIBE] : READ;
      warn(scope, { functionPath: this.handler.node.path, actions }, ROLE_CAUTIONS);
      return;
    }
    const allow = (actions: string[], arn: string): void =>
      // Lambda tries the permissions when the mapping is created.
      Grant.addToPrincipal({ grantee: this.handler, actions, resourceArns: [arn] }).applyBefore(mapping);
    allow(READ, stream.streamArn);
    if (subscription !== undefined) allow(SUBSCRIBE, subscription.streamConsumerArn);
    stream.encryptionKey?.grantDecrypt(this.handler);
    allow(['sqs:SendMessage'], deadLetterQueue.queueArn);
    deadLetterQueue.encryptionMasterKey?.grant(this.handler, 'kms:Decrypt', 'kms:GenerateDataKey');
  }
}

/** What is to be used together. */
interface Parts {
  readonly stream: IStream;
  readonly subscription?: ISubscription;
  readonly deadLetterQueue: IQueue;
  readonly mapping: IEventSourceMapping;
}

function subscribe(parent: Construct, stream: IStream): ISubscription {
  // A consumer of the same name would have to be gone before it could be replaced: the name says who it is.
  const streamConsumerName = Names.uniqueResourceName(parent, { maxLength: MAX_CONSUMER_NAME, separator: '-' });
  return new StreamConsumer(parent, 'Subscription', { stream, streamConsumerName });
}
