import { type MessageQueue } from './message-queue';

/** Something that sends to a queue with rights of its own: a service of AWS, another account. */
export interface IQueueProducer {
  /**
   * Connects this producer to a queue: creates what makes it send, and lets it through the policies of queue and key.
   * Called by the queue's `addProducer`.
   *
   * @param queue the queue to send to
   */
  bind(queue: MessageQueue): void;
}
