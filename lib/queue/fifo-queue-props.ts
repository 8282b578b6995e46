import { type DeduplicationScope } from 'aws-cdk-lib/aws-sqs';
import { type MessageQueueProps } from './message-queue-props';

/** Properties of a FifoQueue. */
export interface FifoQueueProps extends MessageQueueProps {
  /**
   * The queue's name: up to 80 letters, digits, `-` and `_`, of which the last five are `.fifo`.
   *
   * @default - a name made of the construct's path, by which the dead-letter queue knows it; a name that CloudFormation
   * makes when the given dead-letter queue is no DeadLetterQueue
   */
  readonly queueName?: string;

  /**
   * Whether messages without a deduplication id get the SHA-256 of their body as such. EventBridge rules and schedules
   * can't give one, and need it.
   *
   * @default false
   */
  readonly contentBasedDeduplication?: boolean;

  /**
   * Thousands of messages a second rather than 300 API calls: limits and deduplication apply to each message group
   * instead of to the queue as a whole. The same deduplication id in two groups is then two messages.
   *
   * @default false
   */
  readonly highThroughput?: boolean;

  /**
   * Where a deduplication id must be unique within 5 minutes.
   *
   * @default - DeduplicationScope.MESSAGE_GROUP with high throughput, else DeduplicationScope.QUEUE
   */
  readonly deduplicationScope?: DeduplicationScope;
}
