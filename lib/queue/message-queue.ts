import { type Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { type IKey } from 'aws-cdk-lib/aws-kms';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { type RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { type IQueueConsumer } from './queue-consumer';
import { type IQueueProducer } from './queue-producer';
import { checkValue, required } from '../rules';
import { DeadLetterQueue } from './dead-letter-queue';
import { type DerivedVisibility } from './derived-visibility';
import { type MessageQueueGrants } from './message-queue-grants';
import { QueueEncryption } from './queue-encryption';
import { CONSUMER, PRODUCER } from './queue-types';

/** A queue with what belongs to it: its key, its grants, and what produces and consumes its messages. */
export abstract class MessageQueue extends Construct {
  /** The queue itself. */
  public abstract readonly queue: IQueue;

  /** The key of the account that encrypts the messages, if one does. */
  public abstract readonly encryptionKey?: IKey;

  /** Grants to send, consume, purge and redrive, each with the permission to use the keys that it needs. */
  public abstract readonly grants: MessageQueueGrants;

  /** @internal */
  public abstract readonly _visibility: DerivedVisibility;

  /** @internal */
  public abstract readonly _removalPolicy: RemovalPolicy | undefined;

  private readonly undelivered = new Map<string, DeadLetterQueue>();
  private readonly undeliveredWatchers: ((queue: IQueue) => void)[] = [];

  /**
   * Has a consumer process this queue's messages: it gets the permissions it needs, and the queue's visibility timeout
   * is derived from its work, or checked against it when the props give one.
   */
  public addConsumer(consumer: IQueueConsumer): void {
    checkValue(this, 'consumer', consumer, required(CONSUMER));
    this._visibility.add(this, consumer, consumer.bind(this, this.queue));
  }

  /**
   * Has a service or account send to this queue: policies of queue and key let it through, and nobody who pretends to
   * be it.
   */
  public addProducer(producer: IQueueProducer): void {
    checkValue(this, 'producer', producer, required(PRODUCER));
    producer.bind(this);
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
   * The age in seconds of the oldest message; of a standard queue only of those received fewer than three times.
   *
   * @default - maximum over 5 minutes
   */
  public metricApproximateAgeOfOldestMessage(props?: MetricOptions): Metric {
    return this.queue.metricApproximateAgeOfOldestMessage(props);
  }

  /**
   * Where services put what they could not deliver to this queue, when their producers were given no dead-letter queue;
   * undefined while no producer needs it. Encrypted as this queue is, 14 days' retention.
   */
  public get undeliveredQueue(): IQueue | undefined {
    return this.undelivered.get(UNDELIVERED);
  }

  /** The same of subscriptions to FIFO topics, which need a FIFO queue for it. */
  public get undeliveredFifoQueue(): IQueue | undefined {
    return this.undelivered.get(UNDELIVERED_FIFO);
  }

  /** @internal */
  public _undelivered(fifo: boolean): IQueue {
    const id = fifo ? UNDELIVERED_FIFO : UNDELIVERED;
    const existing = this.undelivered.get(id);
    if (existing !== undefined) return existing;
    const created = new DeadLetterQueue(this, id, {
      fifo,
      encryption:
        this.encryptionKey === undefined
          ? QueueEncryption.sqsManaged()
          : QueueEncryption.customerManaged(this.encryptionKey),
      removalPolicy: this._removalPolicy,
    });
    this.undelivered.set(id, created);
    for (const watcher of this.undeliveredWatchers) watcher(created);
    return created;
  }

  /**
   * Calls `watcher` with each queue of undelivered messages, those that exist already included.
   * @internal
   */
  public _whenUndelivered(watcher: (queue: IQueue) => void): void {
    for (const queue of this.undelivered.values()) watcher(queue);
    this.undeliveredWatchers.push(watcher);
  }
}

const UNDELIVERED = 'Undelivered';
const UNDELIVERED_FIFO = 'UndeliveredFifo';
