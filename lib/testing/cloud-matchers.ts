import type { MessagePattern } from './message-pattern';

/** The matchers as they read after `expect(…)`; `R` is what they give there. */
export interface CloudMatchers<R> {
  /** Of a queue: every message that left it was deleted by a consumer, or is in the dead-letter queue. */
  toHaveLostNothing(): R;
  /** Of a queue: it holds no message, visible, in flight or delayed. */
  toHaveNoMessages(): R;
  /** Of a queue: it is empty, and none of the test's sends to it is still under way. */
  toBeDrained(): R;
  /** Of a queue: it holds so many messages, visible, in flight or delayed. */
  toHaveSize(size: number): R;
  /** Of a queue: a message that matches was sent to it, or came to it from a queue that had given up on it. */
  toHaveBeenSent(matching: MessagePattern): R;
  /** Of a queue: a message that matches was received by a consumer. */
  toHaveDelivered(matching: MessagePattern): R;
  /** Of a queue: a message that matches was deleted by a consumer: it is done. */
  toHaveDeleted(matching: MessagePattern): R;
  /** Of a queue: a message that matches was moved to the dead-letter queue. */
  toHaveDeadLettered(matching: MessagePattern): R;
  /** Of a queue: messages were received, and none of them more than once. Throws if none was received. */
  toHaveDeliveredOnce(): R;
  /** The most at a time: of a group, instances in service; of a function, invocations; of a queue, messages. */
  toHavePeakedAtMost(most: number): R;
  /** As {@link toHavePeakedAtMost}: `least` is 1 or more. */
  toHavePeakedAtLeast(least: number): R;
  /** Of a group: so many instances are in service. */
  toHaveInService(instances: number): R;
  /** Of an alarm: it is in ALARM. */
  toBeInAlarm(): R;
  /** Of an alarm: it has been in ALARM. */
  toHaveAlarmed(): R;
  /** Of a function: none of its invocations has failed. */
  toHaveNoErrors(): R;
}

declare global {
  // The name is @types/jest's. Without it these lines say nothing.
  // eslint-disable-next-line @typescript-eslint/no-namespace -- the only way to add to its types
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars -- as there
    interface Matchers<R, T = {}> extends CloudMatchers<R> {}
  }
}
