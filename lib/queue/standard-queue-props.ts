import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { type Duration, type RemovalPolicy, type Size } from 'aws-cdk-lib/core';
import { type IQueueConsumer } from '../consumer/queue-consumer';
import { type QueueEncryption } from './queue-encryption';

/** Properties of a StandardQueue. */
export interface StandardQueueProps {
  /**
   * The queue's name: 1 to 80 letters, digits, `-` and `_`.
   *
   * @default - a name that CloudFormation makes, which lets it replace the queue
   */
  readonly queueName?: string;

  /**
   * How message bodies are encrypted, in the queue and in the dead-letter queue that it creates.
   *
   * @default QueueEncryption.sqsManaged()
   */
  readonly encryption?: QueueEncryption;

  /**
   * Where messages go that were received `maxReceiveCount` times and never deleted: a standard queue of the same
   * account and Region. Let it keep messages for longer than this queue: they keep the age that they have.
   *
   * @default - a queue of its own is created: 14 days' retention, the same encryption, TLS only
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * How many times a message is delivered before it counts as failed, 1 to 1,000.
   *
   * Each receive counts, also one whose consumer was throttled or terminated: with 1 or 2 healthy messages end up in
   * the dead-letter queue. AWS recommends at least 5 with Lambda.
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
   * For how long SQS keeps a message that nobody deletes, 1 minute to 14 days. A message that moves to the dead-letter
   * queue takes its age along: 4 days here leave it 10 of the 14 there.
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
   * The largest message, body and attributes together, 1 KiB to 1 MiB.
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
   * What becomes of the queue, and of the dead-letter queue and key created for it, when they leave the stack.
   *
   * @default RemovalPolicy.DESTROY
   */
  readonly removalPolicy?: RemovalPolicy;
}
