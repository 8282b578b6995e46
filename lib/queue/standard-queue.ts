import { type Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type IQueue, Queue, QueueEncryption as SqsEncryption, type QueueGrants } from 'aws-cdk-lib/aws-sqs';
import { Duration, Lazy, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type IQueueConsumer } from '../consumer/queue-consumer';
import { enforce, knownSeconds } from '../rules';
import { QueueEncryption } from './queue-encryption';
import { type StandardQueueProps } from './standard-queue-props';
import { PROPS_RULES, VISIBILITY_RULES } from './standard-queue-rules';

const DEFAULT_VISIBILITY_SECONDS = 30;
const MAX_VISIBILITY_SECONDS = 43_200;
const DEFAULT_MAX_RECEIVE_COUNT = 5;
const DEFAULT_RETENTION = Duration.days(4);
const DEAD_LETTER_RETENTION = Duration.days(14);

/**
 * A standard queue, secure and durable by default: encrypted, TLS only, long polling, and a dead-letter queue that
 * keeps what failed for 14 days.
 *
 * @example
 * const jobs = new StandardQueue(this, 'Jobs');
 */
export class StandardQueue extends Construct {
  /** The queue itself. */
  public readonly queue: Queue;

  /** Where failed messages go: the queue that was passed in, or the one that was created. */
  public readonly deadLetterQueue: IQueue;

  /** The key of the account that encrypts the messages, if one does. */
  public readonly encryptionKey?: IKey;

  /** Grants to send, consume and purge, each with the permission to use the key that it needs. */
  public readonly grants: QueueGrants;

  private readonly visibilityTimeout?: Duration;
  private readonly retentionPeriod: Duration;
  private derivedVisibilitySeconds?: number;

  constructor(scope: Construct, id: string, props: StandardQueueProps = {}) {
    super(scope, id);
    enforce(this, { retentionPeriod: DEFAULT_RETENTION, ...props }, PROPS_RULES);

    const encryption = props.encryption ?? QueueEncryption.sqsManaged();
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.DESTROY;
    this.visibilityTimeout = props.visibilityTimeout;
    this.retentionPeriod = props.retentionPeriod ?? DEFAULT_RETENTION;
    this.encryptionKey = this.keyFor(encryption, removalPolicy);
    const protection = {
      encryption: encryption._type,
      encryptionMasterKey: this.encryptionKey,
      enforceSSL: true,
      removalPolicy,
    };
    this.deadLetterQueue =
      props.deadLetterQueue ??
      new Queue(this, 'DeadLetterQueue', { ...protection, retentionPeriod: DEAD_LETTER_RETENTION });
    this.queue = new Queue(this, 'Queue', {
      ...protection,
      queueName: props.queueName,
      deadLetterQueue: {
        queue: this.deadLetterQueue,
        maxReceiveCount: props.maxReceiveCount ?? DEFAULT_MAX_RECEIVE_COUNT,
      },
      deliveryDelay: props.deliveryDelay,
      retentionPeriod: this.retentionPeriod,
      // Only known once all consumers have been added.
      visibilityTimeout:
        props.visibilityTimeout ??
        Duration.seconds(Lazy.number({ produce: () => this.derivedVisibilitySeconds ?? DEFAULT_VISIBILITY_SECONDS })),
      receiveMessageWaitTime: props.receiveMessageWaitTime ?? Duration.seconds(20),
      maxMessageSizeBytes: props.maxMessageSize?.toBytes(),
    });
    this.grants = this.queue.grants;
    for (const consumer of props.consumers ?? []) this.addConsumer(consumer);
  }

  /**
   * Has a consumer process this queue's messages: it gets the permissions it needs, and the queue's visibility timeout
   * is derived from its work, or checked against it when the props give one.
   */
  public addConsumer(consumer: IQueueConsumer): void {
    const config = consumer.bind(this, this.queue);
    const derived = Math.min(knownSeconds(config.visibilityTimeout) ?? 0, MAX_VISIBILITY_SECONDS);
    const facts = {
      consumer: consumer.constructor.name,
      given: knownSeconds(this.visibilityTimeout),
      derived,
      minimum: knownSeconds(config.minimumVisibilityTimeout),
      retention: knownSeconds(this.retentionPeriod),
      reason: config.reason,
    };
    enforce(this, facts, VISIBILITY_RULES);
    this.derivedVisibilitySeconds = Math.max(this.derivedVisibilitySeconds ?? 0, derived);
  }

  /**
   * How many messages wait to be received: the backlog.
   *
   * @default - maximum over 5 minutes
   */
  public metricApproximateNumberOfMessagesVisible(props?: MetricOptions): Metric {
    return this.queue.metricApproximateNumberOfMessagesVisible(props);
  }

  /**
   * The age in seconds of the oldest message that has been received fewer than three times.
   *
   * @default - maximum over 5 minutes
   */
  public metricApproximateAgeOfOldestMessage(props?: MetricOptions): Metric {
    return this.queue.metricApproximateAgeOfOldestMessage(props);
  }

  /**
   * One key for the queue and its dead-letter queue: a message that SQS moves there stays encrypted with the key of the
   * queue that it came from.
   */
  private keyFor({ _type: type, _key: key }: QueueEncryption, removalPolicy: RemovalPolicy): IKey | undefined {
    if (type !== SqsEncryption.KMS || key !== undefined) return key;
    const description = `Encrypts the messages of ${this.node.path}`;
    return new Key(this, 'Key', { description, enableKeyRotation: true, removalPolicy });
  }
}
