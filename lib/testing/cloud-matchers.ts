import type { MessagePattern } from './message-pattern';

/** The matchers as they read after `expect(…)`; `R` is what they return there. */
export interface CloudMatchers<R> {
  /** Of a queue: every message that left it was deleted by a consumer, or is in the dead-letter queue. */
  toHaveLostNothing(): R;
  /** Of a queue: it holds no message, visible, in flight or delayed. */
  toHaveNoMessages(): R;
  /** Of a queue: it is empty, and none of the test's sends to it is still in progress. */
  toBeDrained(): R;
  /** Of a queue: it holds this many messages, visible, in flight or delayed. */
  toHaveSize(size: number): R;
  /** Of a queue: a matching message was sent to it, or moved to it as a dead letter. */
  toHaveBeenSent(matching: MessagePattern): R;
  /** Of a queue: a consumer received a matching message. */
  toHaveDelivered(matching: MessagePattern): R;
  /** Of a queue: a consumer deleted a matching message. */
  toHaveDeleted(matching: MessagePattern): R;
  /** Of a queue: a matching message was moved to the dead-letter queue. */
  toHaveDeadLettered(matching: MessagePattern): R;
  /** Of a queue: messages were received, and none more than once. Throws if none was received. */
  toHaveDeliveredOnce(): R;
  /** An upper bound of a peak: a group's instances in service, a function's invocations, or a queue's messages. */
  toHavePeakedAtMost(most: number): R;
  /** The lower bound of the same peaks as {@link toHavePeakedAtMost}; `least` must be at least 1. */
  toHavePeakedAtLeast(least: number): R;
  /** Of a group: this many instances are in service. */
  toHaveInService(instances: number): R;
  /** Of an alarm: it is in ALARM. */
  toBeInAlarm(): R;
  /** Of an alarm: it has been in ALARM. */
  toHaveAlarmed(): R;
  /** Of a function: no invocation failed. */
  toHaveNoErrors(): R;
}

declare global {
  // The name is @types/jest's. Without it these lines say nothing.
  // oxlint-disable-next-line typescript/no-namespace -- the only way to add to its types
  namespace jest {
    // oxlint-disable-next-line typescript/no-empty-object-type -- as there
    interface Matchers<R, T = {}> extends CloudMatchers<R> {}
  }
}
