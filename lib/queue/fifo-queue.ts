import { type IKey } from 'aws-cdk-lib/aws-kms';
import { DeduplicationScope, FifoThroughputLimit, type IQueue } from 'aws-cdk-lib/aws-sqs';
import { type RemovalPolicy } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';
import { checkProps } from '../rules';
import { AdoptedQueue, type AdoptedQueueProps } from './adopted-queue';
import { createQueues } from './create-queues';
import { type DerivedVisibility } from './derived-visibility';
import { type FifoQueueProps } from './fifo-queue-props';
import { MessageQueue } from './message-queue';
import { MessageQueueGrants } from './message-queue-grants';
import { FIFO_QUEUE } from './queue-types';

/**
 * A FIFO queue, secure and durable by default as a `StandardQueue` is. Messages of a message group are delivered in
 * order, one batch at a time; a message sent twice within 5 minutes arrives once.
 *
 * A message that fails holds up its group until it goes to the dead-letter queue, a FIFO queue too: order is kept among
 * what remains.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fifo-queues.html
 * @example
 * const ledger = new FifoQueue(this, 'Ledger', { contentBasedDeduplication: true, highThroughput: true });
 */
export class FifoQueue extends MessageQueue {
  /**
   * Adopts a FIFO queue that exists already, of this app or imported, to give it consumers, producers and grants.
   * Nothing of the queue is changed but its policy, when it is of this app.
   */
  public static fromQueue(scope: Construct, id: string, queue: IQueue, props: AdoptedQueueProps = {}): MessageQueue {
    // eslint-disable-next-line awscdk/require-passing-this -- a factory has no construct of its own
    return new AdoptedQueue(scope, id, queue, true, props);
  }

  /** The queue itself. */
  public readonly queue: IQueue;

  /** Where failed messages go: the queue that was passed in, or the one that was created. */
  public readonly deadLetterQueue: IQueue;

  /** The key of the account that encrypts the messages, if one does. */
  public readonly encryptionKey?: IKey;

  /** Grants to send, consume, purge and redrive, each with the permission to use the keys that it needs. */
  public readonly grants: MessageQueueGrants;

  /** @internal */
  public readonly _visibility: DerivedVisibility;

  /** @internal */
  public readonly _removalPolicy: RemovalPolicy;

  constructor(scope: Construct, id: string, props: FifoQueueProps = {}) {
    super(scope, id);
    checkProps(this, 'FifoQueue', props, FIFO_QUEUE);
    const { queueName, contentBasedDeduplication, highThroughput } = props;
    const created = createQueues(this, props, {
      fifo: true,
      queueName,
      contentBasedDeduplication,
      highThroughput,
      deduplicationScope:
        props.deduplicationScope ?? (highThroughput === true ? DeduplicationScope.MESSAGE_GROUP : undefined),
      fifoThroughputLimit: highThroughput === true ? FifoThroughputLimit.PER_MESSAGE_GROUP_ID : undefined,
    });
    this.queue = created.queue;
    this.deadLetterQueue = created.deadLetterQueue;
    this.encryptionKey = created.encryptionKey;
    this._visibility = created.visibility;
    this._removalPolicy = created.removalPolicy;
    this.grants = MessageQueueGrants.fromQueue(this.queue, this.deadLetterQueue);
    for (const consumer of props.consumers ?? []) this.addConsumer(consumer);
    for (const producer of props.producers ?? []) this.addProducer(producer);
  }
}
