import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { type RemovalPolicy } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';
import { checkProps } from '../rules';
import { AdoptedQueue, type AdoptedQueueProps } from './adopted-queue';
import { createQueues } from './create-queues';
import { type DerivedVisibility } from './derived-visibility';
import { MessageQueue } from './message-queue';
import { MessageQueueGrants } from './message-queue-grants';
import { STANDARD_QUEUE } from './queue-types';
import { type StandardQueueProps } from './standard-queue-props';

/**
 * A standard queue, secure and durable by default: encrypted, TLS only, long polling, and a dead-letter queue that
 * keeps what failed for 14 days and admits no other queue. Messages may arrive more than once and in any order.
 *
 * All that SQS would refuse, or accept and then lose or repeat messages, is refused at synthesis, together.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html
 * @example
 * const jobs = new StandardQueue(this, 'Jobs');
 */
export class StandardQueue extends MessageQueue {
  /**
   * Adopts a standard queue that exists already, of this app or imported, to give it consumers, producers and grants.
   * Nothing of the queue is changed but its policy, when it is of this app.
   */
  public static fromQueue(scope: Construct, id: string, queue: IQueue, props: AdoptedQueueProps = {}): MessageQueue {
    // eslint-disable-next-line awscdk/require-passing-this -- a factory has no construct of its own
    return new AdoptedQueue(scope, id, queue, false, props);
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

  constructor(scope: Construct, id: string, props: StandardQueueProps = {}) {
    super(scope, id);
    checkProps(this, 'StandardQueue', props, STANDARD_QUEUE);
    const created = createQueues(this, props, { fifo: false, queueName: props.queueName });
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
