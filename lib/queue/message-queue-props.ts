import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { type Duration, type RemovalPolicy, type Size } from 'aws-cdk-lib/core';
import { type IQueueConsumer } from './queue-consumer';
import { type IQueueProducer } from './queue-producer';
import { type QueueEncryption } from './queue-encryption';

/** What all queues of this library have in common. */
export interface MessageQueueProps {
  /**
   * How message bodies are encrypted, in the queue and in the dead-letter queues that it creates.
   *
   * @default QueueEncryption.sqsManaged()
   */
  readonly encryption?: QueueEncryption;

  /**
   * For how long SQS uses a data key before it asks KMS for another, 1 minute to 24 hours. Longer costs fewer calls of
   * KMS; only with a key of KMS.
   *
   * @default - 5 minutes with a key of KMS
   */
  readonly dataKeyReuse?: Duration;

  /**
   * Where messages go that were received `maxReceiveCount` times and never deleted: a queue of the same kind, account
   * and Region. A `DeadLetterQueue` can be shared by up to 10 queues, and admits only them.
   *
   * @default - a DeadLetterQueue of its own is created: 14 days' retention, the same encryption, TLS only
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * How many times a message is delivered before it counts as failed, 2 to 1,000.
   *
   * Each receive counts, also one whose consumer was throttled or terminated: with few healthy messages end up in the
   * dead-letter queue. AWS recommends at least 5 with Lambda.
   *
   * @default 5
   */
  readonly maxReceiveCount?: number;

  /**
   * For how long each new message stays hidden, up to 15 minutes.
   *
   * @default Duration.seconds(0)
   */
  readonly deliveryDelay?: Duration;

  /**
   * For how long SQS keeps a message that nobody deletes, 1 minute to 14 days. A message of a standard queue that moves
   * to the dead-letter queue takes its age along: 4 days here leave it 10 of the 14 there.
   *
   * @default Duration.days(4)
   */
  readonly retentionPeriod?: Duration;

  /**
   * For how long a received message is hidden from other consumers, up to 12 hours. It must cover the consumer's work
   * and should not exceed it by far: a message whose consumer died comes back only then.
   *
   * @default - derived from the consumers (the longest that one of them needs); 30 seconds without consumers
   */
  readonly visibilityTimeout?: Duration;

  /**
   * For how long a receive waits for a message, up to 20 seconds. Waiting costs nothing; asking again does, and a
   * receive that does not wait may overlook messages that are there.
   *
   * @default Duration.seconds(20)
   */
  readonly receiveMessageWaitTime?: Duration;

  /**
   * The largest message, body and attributes together, 1 KiB to 1 MiB. Does not apply to what SNS delivers.
   *
   * @default Size.mebibytes(1)
   */
  readonly maxMessageSize?: Size;

  /**
   * What processes the messages; more can be added with `addConsumer`. Several consumers share the messages: each
   * message goes to one of them.
   *
   * @default - none
   */
  readonly consumers?: IQueueConsumer[];

  /**
   * What sends to the queue besides the principals that `grants` are given to; more can be added with `addProducer`.
   *
   * @default - none
   */
  readonly producers?: IQueueProducer[];

  /**
   * What becomes of the queue, and of the dead-letter queues and key created for it, when they leave the stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}
