import type { LocalGroup } from '../emulator/services/autoscaling/testing/local-group';
import type { LocalAlarm } from '../emulator/services/cloudwatch/testing/local-alarm';
import type { LocalFunction } from '../emulator/services/lambda/testing/local-function';
import type { LocalQueue } from '../emulator/services/sqs/testing/local-queue';
import type { QueueMessage } from '../emulator/services/sqs/testing/queue-message';
import { CloudAssertionError, type MessagePattern, type Verdict } from '../emulator/testing';
import { matchers } from './matchers';

export { CloudAssertionError };

/** Asserts that every message that left the queue was deleted by a consumer, or is in the dead-letter queue. */
export function assertLostNothing(queue: LocalQueue): void {
  check(matchers.toHaveLostNothing(queue));
}

/** Asserts that the queue holds no message, visible, in flight or delayed. */
export function assertEmpty(queue: LocalQueue): void {
  check(matchers.toHaveNoMessages(queue));
}

/** Asserts that the queue is empty, and that none of the test's sends to it is still in progress. */
export function assertDrained(queue: LocalQueue): void {
  check(matchers.toBeDrained(queue));
}

/** Asserts how many messages the queue holds, visible, in flight or delayed. */
export function assertSize(queue: LocalQueue, size: number): void {
  check(matchers.toHaveSize(queue, size));
}

/** Asserts that a matching message was sent to the queue, or moved to it as a dead letter. */
export function assertSent(queue: LocalQueue, matching: MessagePattern<QueueMessage>): void {
  check(matchers.toHaveBeenSent(queue, matching));
}

/** Asserts that a consumer received a matching message. */
export function assertDelivered(queue: LocalQueue, matching: MessagePattern<QueueMessage>): void {
  check(matchers.toHaveDelivered(queue, matching));
}

/** Asserts that a consumer deleted a matching message. */
export function assertDeleted(queue: LocalQueue, matching: MessagePattern<QueueMessage>): void {
  check(matchers.toHaveDeleted(queue, matching));
}

/** Asserts that a matching message was moved to the dead-letter queue. */
export function assertDeadLettered(queue: LocalQueue, matching: MessagePattern<QueueMessage>): void {
  check(matchers.toHaveDeadLettered(queue, matching));
}

/** Asserts that messages of the queue were received, and none more than once. */
export function assertDeliveredOnce(queue: LocalQueue): void {
  check(matchers.toHaveDeliveredOnce(queue));
}

/**
 * Asserts an upper bound of a peak: a group's instances in service, a function's invocations, or a queue's messages.
 */
export function assertPeakedAtMost(subject: LocalGroup | LocalFunction | LocalQueue, most: number): void {
  check(matchers.toHavePeakedAtMost(subject, most));
}

/** Asserts a lower bound of a peak: a group's instances in service, a function's invocations, or a queue's messages. */
export function assertPeakedAtLeast(subject: LocalGroup | LocalFunction | LocalQueue, least: number): void {
  check(matchers.toHavePeakedAtLeast(subject, least));
}

/** Asserts how many instances of the group are in service. */
export function assertInService(group: LocalGroup, instances: number): void {
  check(matchers.toHaveInService(group, instances));
}

/** Asserts that the alarm is in ALARM. */
export function assertInAlarm(alarm: LocalAlarm): void {
  check(matchers.toBeInAlarm(alarm));
}

/** Asserts that the alarm has been in ALARM. */
export function assertAlarmed(alarm: LocalAlarm): void {
  check(matchers.toHaveAlarmed(alarm));
}

/** Asserts that no invocation of the function failed. */
export function assertNoErrors(fn: LocalFunction): void {
  check(matchers.toHaveNoErrors(fn));
}

function check({ pass, message }: Verdict): void {
  if (!pass) throw new CloudAssertionError(message());
}
