import { type MessageQueueProps } from './message-queue-props';

/** Properties of a StandardQueue. */
export interface StandardQueueProps extends MessageQueueProps {
  /**
   * The queue's name: 1 to 80 letters, digits, `-` and `_`.
   *
   * @default - a name made of the construct's path, by which the dead-letter queue knows it; a name that CloudFormation
   * makes when the given dead-letter queue is no DeadLetterQueue
   */
  readonly queueName?: string;
}
