import { CloudAssertionError } from './cloud-assertion-error';
import type { LocalAlarm } from './local-alarm';
import type { LocalFunction } from './local-function';
import type { LocalGroup } from './local-group';
import type { LocalQueue } from './local-queue';
import { matchers, type Verdict } from './matchers';
import type { MessagePattern } from './message-pattern';

export { CloudAssertionError };

/** Every message that left the queue was deleted by a consumer, or is in the dead-letter queue. */
export function assertLostNothing(queue: LocalQueue): void {
  check(matchers.toHaveLostNothing(queue));
}

/** The queue holds no message, visible, in flight or delayed. */
export function assertEmpty(queue: LocalQueue): void {
  check(matchers.toHaveNoMessages(queue));
}

/** The queue is empty, and none of the test's sends to it is still under way. */
export function assertDrained(queue: LocalQueue): void {
  check(matchers.toBeDrained(queue));
}

/** The queue holds so many messages, visible, in flight or delayed. */
export function assertSize(queue: LocalQueue, size: number): void {
  check(matchers.toHaveSize(queue, size));
}

/** A message that matches was sent to the queue, or came to it from a queue that had given up on it. */
export function assertSent(queue: LocalQueue, matching: MessagePattern): void {
  check(matchers.toHaveBeenSent(queue, matching));
}

/** A message that matches was received by a consumer. */
export function assertDelivered(queue: LocalQueue, matching: MessagePattern): void {
  check(matchers.toHaveDelivered(queue, matching));
}

/** A message that matches was deleted by a consumer: it is done. */
export function assertDeleted(queue: LocalQueue, matching: MessagePattern): void {
  check(matchers.toHaveDeleted(queue, matching));
}

/** A message that matches was moved to the dead-letter queue. */
export function assertDeadLettered(queue: LocalQueue, matching: MessagePattern): void {
  check(matchers.toHaveDeadLettered(queue, matching));
}

/** Messages of the queue were received, and none of them more than once. */
export function assertDeliveredOnce(queue: LocalQueue): void {
  check(matchers.toHaveDeliveredOnce(queue));
}

/** At no time more than that: of a group, instances in service; of a function, invocations; of a queue, messages. */
export function assertPeakedAtMost(subject: LocalGroup | LocalFunction | LocalQueue, most: number): void {
  check(matchers.toHavePeakedAtMost(subject, most));
}

/** At some time that many: of a group, instances in service; of a function, invocations; of a queue, messages. */
export function assertPeakedAtLeast(subject: LocalGroup | LocalFunction | LocalQueue, least: number): void {
  check(matchers.toHavePeakedAtLeast(subject, least));
}

/** So many instances of the group are in service. */
export function assertInService(group: LocalGroup, instances: number): void {
  check(matchers.toHaveInService(group, instances));
}

/** The alarm is in ALARM. */
export function assertInAlarm(alarm: LocalAlarm): void {
  check(matchers.toBeInAlarm(alarm));
}

/** The alarm has been in ALARM. */
export function assertAlarmed(alarm: LocalAlarm): void {
  check(matchers.toHaveAlarmed(alarm));
}

/** None of the function's invocations has failed. */
export function assertNoErrors(fn: LocalFunction): void {
  check(matchers.toHaveNoErrors(fn));
}

function check({ pass, message }: Verdict): void {
  if (!pass) throw new CloudAssertionError(message());
}
