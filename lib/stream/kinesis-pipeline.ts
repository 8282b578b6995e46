import { type IStream, Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import {
  checkProps,
  checkValue,
  duration,
  enforce,
  KEY,
  knownSeconds,
  like,
  list,
  NUMBER,
  type PropType,
  REMOVAL_POLICY,
  required,
  type Shape,
  TEXT,
} from '../rules';
import { type KinesisPipelineProps } from './kinesis-pipeline-props';
import { PIPELINE_RULES, RETENTION_RULES } from './kinesis-pipeline-rules';
import { StreamCapacity } from './stream-capacity';
import { type IStreamConsumer } from './stream-consumer';

const DEFAULT_RETENTION = Duration.days(7);
const CONSUMER = like('a stream consumer, such as new LambdaStreamConsumer(handler)', 'bind');
const CAPACITY: PropType = {
  ...like('a StreamCapacity, such as StreamCapacity.provisioned(2)', '_shards'),
  parts: (value) => [{ suffix: '.shards', value: (value as StreamCapacity)._shards, type: NUMBER }],
};
const PROPS: Shape<KinesisPipelineProps> = {
  streamName: TEXT,
  capacity: CAPACITY,
  retentionPeriod: duration('Duration.hours(168)'),
  encryptionKey: KEY,
  consumers: list(CONSUMER),
  removalPolicy: REMOVAL_POLICY,
};

/**
 * A data stream and what processes it: for records that several consumers read, in order within a partition key, and
 * again if need be. For work that is done once, by whoever is free, a queue is the better choice.
 *
 * @example
 * const clicks = new KinesisPipeline(this, 'Clicks', { consumers: [new LambdaStreamConsumer(aggregate)] });
 */
export class KinesisPipeline extends Construct {
  /** The stream itself; `grantWrite` lets a producer put records, and use the key. */
  public readonly stream: IStream;

  private readonly retentionPeriod: Duration;

  constructor(scope: Construct, id: string, props: KinesisPipelineProps = {}) {
    super(scope, id);
    checkProps(this, 'KinesisPipeline', props, PROPS);
    enforce(this, props, PIPELINE_RULES);
    const { streamName, encryptionKey, removalPolicy = RemovalPolicy.RETAIN } = props;
    const { _shards: shardCount } = props.capacity ?? StreamCapacity.onDemand();
    this.retentionPeriod = props.retentionPeriod ?? DEFAULT_RETENTION;
    this.stream = new Stream(this, 'Stream', {
      streamName,
      streamMode: shardCount === undefined ? StreamMode.ON_DEMAND : StreamMode.PROVISIONED,
      shardCount,
      retentionPeriod: this.retentionPeriod,
      encryption: encryptionKey === undefined ? StreamEncryption.MANAGED : StreamEncryption.KMS,
      encryptionKey,
      removalPolicy,
    });
    for (const consumer of props.consumers ?? []) this.addConsumer(consumer);
  }

  /** Has a consumer process this stream's records: it gets the permissions it needs. */
  public addConsumer(consumer: IStreamConsumer): void {
    checkValue(this, 'consumer', consumer, required(CONSUMER));
    const { maxRecordAge } = consumer.bind(this, this.stream);
    const facts = {
      consumer: consumer.constructor.name,
      maxRecordAge: knownSeconds(maxRecordAge),
      retention: knownSeconds(this.retentionPeriod),
    };
    enforce(this, facts, RETENTION_RULES);
  }
}
