import { type ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { type IStream, type IStreamConsumer as ISubscription, StreamConsumer } from 'aws-cdk-lib/aws-kinesis';
import { type IKey } from 'aws-cdk-lib/aws-kms';
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
import { Construct, type IConstruct } from 'constructs';
import { FILTERS, FUNCTION } from '../consumer/consumer-types';
import {
  checkProps,
  checkValue,
  computed,
  duration,
  enforce,
  FLAG,
  KEY,
  like,
  NUMBER,
  oneOf,
  QUEUE,
  required,
  type Shape,
  warn,
} from '../rules';
import { type LambdaStreamConsumerProps } from './lambda-stream-consumer-props';
import { ROLE_CAUTIONS, STREAM_CONSUMER_RULES, TABLE_RULES } from './lambda-stream-consumer-rules';
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
/** As AWSLambdaDynamoDBExecutionRole, limited to this stream. */
const READ_TABLE = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
/** Half of the day for which DynamoDB keeps a change. */
const DEFAULT_TABLE_RECORD_AGE = Duration.hours(12);
const SUBSCRIBE = ['kinesis:DescribeStreamConsumer', 'kinesis:SubscribeToShard'];

/**
 * Has a Lambda function process a stream's records, batch by batch and in order within each shard.
 *
 * A batch that fails blocks its shard. By default it is therefore halved until the record that fails is alone, tried 10
 * times and for a day at most, and then noted in a dead-letter queue.
 *
 * @example
 * clicks.addConsumer(new LambdaStreamConsumer(aggregate, { parallelizationFactor: 4 }));
 * new LambdaStreamConsumer(handler).consumeTable(accounts);
 */
export class LambdaStreamConsumer implements IStreamConsumer {
  private source?: IConstruct;
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
    this.check(scope);
    const parts = this.createParts(stream);
    const subscription = this.props.enhancedFanOut ? subscribe(parts, stream) : undefined;
    const reads = [{ actions: READ, arn: stream.streamArn }];
    if (subscription !== undefined) reads.push({ actions: SUBSCRIBE, arn: subscription.streamConsumerArn });
    const eventSourceArn = subscription?.streamConsumerArn ?? stream.streamArn;
    const { maxRecordAge = DEFAULTS.maxRecordAge } = this.props;
    const { encryptionKey } = stream;
    this.connect(scope, parts, {
      resource: stream,
      eventSourceArn,
      reads,
      encryptionKey,
      content: 'data',
      maxRecordAge,
    });
    return { maxRecordAge };
  }

  /**
   * Has the function process the changes of a table, in order for each item, in place of a stream's records. The table
   * must have a stream. Filters look at the whole change: `eventName`, and `dynamodb` with its `NewImage` and `OldImage`.
   *
   * @param table a table of either version, of this app or imported
   * @throws what Lambda would refuse, all at once
   */
  public consumeTable(table: ITable): void {
    const scope = this.handler;
    checkValue(scope, 'table', table, required(like('a table (ITable)', 'tableArn', 'tableName')));
    this.check(scope);
    const { tableStreamArn = '', tableArn, encryptionKey } = table;
    const facts = { ...this.props, tablePath: table.node.path, tableStreamArn: table.tableStreamArn };
    enforce(scope, facts, TABLE_RULES);
    const { maxRecordAge = DEFAULT_TABLE_RECORD_AGE } = this.props;
    this.connect(scope, this.createParts(table), {
      resource: table,
      eventSourceArn: tableStreamArn,
      reads: [
        { actions: READ_TABLE, arn: tableStreamArn },
        { actions: ['dynamodb:ListStreams'], arn: `${tableArn}/stream/*` },
      ],
      encryptionKey,
      content: 'record',
      maxRecordAge,
    });
  }

  private check(scope: IConstruct): void {
    checkValue(scope, 'handler', this.handler, required(FUNCTION));
    checkProps(scope, 'LambdaStreamConsumer', this.props, PROPS);
    enforce(scope, { ...this.props, boundPath: this.source?.node.path }, STREAM_CONSUMER_RULES);
  }

  /** Below the function, in whatever stack that is. */
  private createParts(source: IConstruct): Construct {
    return new Construct(this.handler, `Consumes${Names.nodeUniqueId(source.node)}`);
  }

  private connect(scope: IConstruct, parts: Construct, source: RecordSource): void {
    this.source = source.resource;
    this.failures =
      this.props.deadLetterQueue ??
      new Queue(parts, 'DeadLetterQueue', {
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod: DEAD_LETTER_RETENTION,
      });
    this.mapping = this.handler.addEventSourceMapping(
      `Reads${Names.nodeUniqueId(source.resource.node)}`,
      this.mappingOptions(source, this.failures),
    );
    this.grant(scope, source, { deadLetterQueue: this.failures, mapping: this.mapping });
  }

  private mappingOptions(source: RecordSource, deadLetterQueue: IQueue): EventSourceMappingOptions {
    const { maxBatchingWindow, parallelizationFactor, tumblingWindow, enabled, filters, filterEncryption } = this.props;
    return {
      eventSourceArn: source.eventSourceArn,
      batchSize: this.props.batchSize ?? DEFAULTS.batchSize,
      maxBatchingWindow,
      parallelizationFactor,
      tumblingWindow,
      enabled,
      startingPosition: this.props.startingPosition ?? DEFAULTS.startingPosition,
      startingPositionTimestamp: this.props.startingTimestamp,
      retryAttempts: this.props.retryAttempts ?? DEFAULTS.retryAttempts,
      maxRecordAge: source.maxRecordAge,
      bisectBatchOnError: this.props.bisectBatchOnError ?? true,
      reportBatchItemFailures: this.props.reportBatchItemFailures ?? true,
      onFailure: { bind: () => ({ destination: deadLetterQueue.queueArn }) },
      filters: filters?.map((filter) => ({ pattern: filter._patternOf(source.content) })),
      filterEncryption,
      metricsConfig: this.props.eventMetrics ? { metrics: [MetricType.EVENT_COUNT] } : undefined,
    };
  }

  private grant(scope: IConstruct, { reads, encryptionKey }: RecordSource, { deadLetterQueue, mapping }: Parts): void {
    if (this.handler.role === undefined) {
      const actions = reads.flatMap((read) => read.actions);
      warn(scope, { functionPath: this.handler.node.path, actions }, ROLE_CAUTIONS);
      return;
    }
    const allow = ({ actions, arn }: Read): void =>
      // Lambda tries the permissions when the mapping is created.
      Grant.addToPrincipal({ grantee: this.handler, actions, resourceArns: [arn] }).applyBefore(mapping);
    reads.forEach(allow);
    encryptionKey?.grantDecrypt(this.handler);
    allow({ actions: ['sqs:SendMessage'], arn: deadLetterQueue.queueArn });
    deadLetterQueue.encryptionMasterKey?.grant(this.handler, 'kms:Decrypt', 'kms:GenerateDataKey');
  }
}

/** A permission to read. */
interface Read {
  readonly actions: string[];
  readonly arn: string;
}

/** A stream or table, and what reading it takes. */
interface RecordSource {
  readonly resource: IConstruct;
  readonly eventSourceArn: string;
  readonly reads: readonly Read[];
  readonly encryptionKey?: IKey;
  /** What filters look at. */
  readonly content: 'data' | 'record';
  readonly maxRecordAge: Duration;
}

/** What is to be used together. */
interface Parts {
  readonly deadLetterQueue: IQueue;
  readonly mapping: IEventSourceMapping;
}

function subscribe(parent: Construct, stream: IStream): ISubscription {
  // A consumer of the same name would have to be gone before it could be replaced: the name says who it is.
  const streamConsumerName = Names.uniqueResourceName(parent, { maxLength: MAX_CONSUMER_NAME, separator: '-' });
  return new StreamConsumer(parent, 'Subscription', { stream, streamConsumerName });
}
