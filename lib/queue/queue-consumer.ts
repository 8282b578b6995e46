import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { type Duration } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';

/** Something that processes the messages of a queue. */
export interface IQueueConsumer {
  /**
   * Connects this consumer to a queue. Called by the queue's `addConsumer`.
   *
   * What this creates belongs below the consumer, not below `scope`: the consumer's permissions already make its stack
   * depend on the queue's, and a dependency the other way would be a cycle.
   *
   * @param scope the construct of the queue, for annotations and errors
   * @param queue the queue to consume
   * @returns what the consumer needs of the queue
   */
  bind(scope: Construct, queue: IQueue): QueueConsumerConfig;
}

/** What a consumer needs of its queue. */
export interface QueueConsumerConfig {
  /**
   * The visibility timeout that suits the consumer; the queue takes it, up to 12 hours, unless it was given one. If it is
   * known only at deployment, the queue must have been given one.
   */
  readonly visibilityTimeout: Duration;

  /** The least visibility timeout with which the consumer works. */
  readonly minimumVisibilityTimeout: Duration;

  /** What happens with less than the minimum: the end of the error's text. */
  readonly reason: string;
}
