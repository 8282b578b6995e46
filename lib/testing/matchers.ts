import { CloudAssertionError } from './cloud-assertion-error';
import { kindOf } from './kind-of';
import { LocalAlarm } from './local-alarm';
import { LocalFunction } from './local-function';
import { LocalGroup } from './local-group';
import { LocalQueue } from './local-queue';
import { checkPattern, describePattern, type MessagePattern } from './message-pattern';
import type { FunctionFailure } from './recording/function-record';
import type { MessageStatus, QueueMessage } from './recording/queue-message';
import { inWords, stopwatch } from './time-span';

/** Whether an expectation holds, and the message if it should not have. */
export interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

type Subject = LocalQueue | LocalGroup | LocalAlarm | LocalFunction;

const MOST_MESSAGES = 5;
const MOST_TEXT = 100;
const MOST_FRAMES = 5;

/**
 * Matchers for a local cloud's resources: `expect.extend(matchers)`. Importing this module does so if `expect` is a
 * global. Each throws, with and without `.not`, if its argument is of the wrong kind.
 */
export const matchers = countingArguments({
  /** Of a queue: every message that left it was deleted by a consumer, or is in the dead-letter queue. */
  toHaveLostNothing(received: unknown): Verdict {
    const queue = queueOf(received, 'toHaveLostNothing');
    const { lost } = queue;
    return verdict(
      queue,
      lost.length === 0,
      () => `${queue.label} lost ${count(lost.length, 'message')}:\n${listed(queue, lost)}`,
      () => `${queue.label} was expected to have lost messages, and has lost none`,
    );
  },

  /** Of a queue: it holds no message, visible, in flight or delayed. */
  toHaveNoMessages(received: unknown): Verdict {
    const queue = queueOf(received, 'toHaveNoMessages');
    return verdict(
      queue,
      queue.isEmpty,
      () => `${queue.label} is not empty: ${holds(queue)}\n${listed(queue, queue.messages)}`,
      () => `${queue.label} was expected to hold messages, and is empty`,
    );
  },

  /** Of a queue: it is empty, and none of the test's sends to it is still in progress. */
  toBeDrained(received: unknown): Verdict {
    const queue = queueOf(received, 'toBeDrained');
    return verdict(
      queue,
      queue.isDrained,
      () =>
        queue.isEmpty
          ? `${queue.label} is empty, but the test is still sending to it`
          : `${queue.label} is not drained: ${holds(queue)}\n${listed(queue, queue.messages)}`,
      () => `${queue.label} was expected not to be drained, and is`,
    );
  },

  /** Of a queue: it holds this many messages, visible, in flight or delayed. */
  toHaveSize(received: unknown, size: number): Verdict {
    const queue = queueOf(received, 'toHaveSize');
    checkCount('toHaveSize', 'size', size, 0);
    return verdict(
      queue,
      queue.size === size,
      () => `${queue.label} was expected to hold ${count(size, 'message')}, and holds ${queue.size}: ${holds(queue)}`,
      () => `${queue.label} was expected not to hold ${count(size, 'message')}, and does`,
    );
  },

  /** Of a queue: a matching message was sent to it, or moved to it as a dead letter. */
  toHaveBeenSent(received: unknown, matching: MessagePattern): Verdict {
    const queue = queueOf(received, 'toHaveBeenSent');
    return found(queue, 'sent', matching, 'been sent');
  },

  /** Of a queue: a consumer received a matching message. */
  toHaveDelivered(received: unknown, matching: MessagePattern): Verdict {
    const queue = queueOf(received, 'toHaveDelivered');
    return found(queue, 'received', matching, 'delivered');
  },

  /** Of a queue: a consumer deleted a matching message. */
  toHaveDeleted(received: unknown, matching: MessagePattern): Verdict {
    const queue = queueOf(received, 'toHaveDeleted');
    return found(queue, 'deleted', matching, 'deleted');
  },

  /** Of a queue: a matching message was moved to the dead-letter queue. */
  toHaveDeadLettered(received: unknown, matching: MessagePattern): Verdict {
    const queue = queueOf(received, 'toHaveDeadLettered');
    return found(queue, 'deadLettered', matching, 'dead-lettered');
  },

  /** Of a queue: messages were received, and none more than once. Throws if none was received. */
  toHaveDeliveredOnce(received: unknown): Verdict {
    const queue = queueOf(received, 'toHaveDeliveredOnce');
    const { redelivered, totals } = queue;
    if (totals.received === 0) {
      throw new CloudAssertionError(
        `${queue.label} has delivered no message, so none once\n\n${queue.context.picture()}`,
      );
    }
    return verdict(
      queue,
      redelivered.length === 0,
      () =>
        `${queue.label} delivered ${count(redelivered.length, 'message')} more than once:\n${listed(queue, redelivered)}`,
      () => `${queue.label} was expected to have delivered messages more than once, and has not`,
    );
  },

  /** An upper bound of a peak: a group's instances in service, a function's invocations, or a queue's messages. */
  toHavePeakedAtMost(received: unknown, most: number): Verdict {
    const { subject, peak, of } = peakOf(received, 'toHavePeakedAtMost');
    checkCount('toHavePeakedAtMost', 'most', most, 0);
    const says = `${subject.label} peaked at ${peak} ${of}`;
    return verdict(
      subject,
      peak <= most,
      () => `${says}, expected at most ${most}`,
      () => `${says}, expected more than ${most}`,
    );
  },

  /** A lower bound of a peak: a group's instances in service, a function's invocations, or a queue's messages. */
  toHavePeakedAtLeast(received: unknown, least: number): Verdict {
    const { subject, peak, of } = peakOf(received, 'toHavePeakedAtLeast');
    checkCount('toHavePeakedAtLeast', 'least', least, 1); // at least 0 it always is
    const says = `${subject.label} peaked at ${peak} ${of}`;
    return verdict(
      subject,
      peak >= least,
      () => `${says}, expected at least ${least}`,
      () => `${says}, expected less than ${least}`,
    );
  },

  /** Of a group: this many instances are in service. */
  toHaveInService(received: unknown, instances: number): Verdict {
    const group = of(LocalGroup, received, 'toHaveInService', 'cloud.group(…)');
    checkCount('toHaveInService', 'instances', instances, 0);
    const states = () => group.instances.map(({ id, state }) => `${id} ${state}`).join(', ') || 'none';
    return verdict(
      group,
      group.inService === instances,
      () =>
        `${group.label} has ${count(group.inService, 'instance')} in service, expected ${instances} (${group.desired} desired); its instances: ${states()}`,
      () => `${group.label} was expected not to have ${count(instances, 'instance')} in service, and has`,
    );
  },

  /** Of an alarm: it is in ALARM. */
  toBeInAlarm(received: unknown): Verdict {
    const alarm = of(LocalAlarm, received, 'toBeInAlarm', 'cloud.alarm(…)');
    return verdict(
      alarm,
      alarm.state === 'ALARM',
      () => `${alarm.label} is in ${alarm.state}, expected ALARM: ${alarm.reason}`,
      () => `${alarm.label} is in ALARM, and was expected not to be: ${alarm.reason}`,
    );
  },

  /** Of an alarm: it has been in ALARM. */
  toHaveAlarmed(received: unknown): Verdict {
    const alarm = of(LocalAlarm, received, 'toHaveAlarmed', 'cloud.alarm(…)');
    const times = alarm.history.filter(({ to }) => to === 'ALARM');
    return verdict(
      alarm,
      times.length > 0,
      () => `${alarm.label} has never been in ALARM; it is in ${alarm.state}: ${alarm.reason}`,
      () => {
        const [{ at, reason }] = times;
        return `${alarm.label} went into ALARM at ${since(alarm, at)}, and was expected never to: ${reason}`;
      },
    );
  },

  /** Of a function: no invocation failed. */
  toHaveNoErrors(received: unknown): Verdict {
    const fn = of(LocalFunction, received, 'toHaveNoErrors', 'cloud.function(…)');
    const last = fn.failures.at(-1);
    return verdict(
      fn,
      fn.errors === 0,
      () =>
        `${fn.errors} of ${count(fn.invocations, 'invocation')} of ${fn.label} failed; the last at ${since(fn, last?.at ?? 0)}: ${last?.errorType}: ${last?.errorMessage}${stackOf(last)}`,
      () => `${fn.label} was expected to have failed, and none of its ${count(fn.invocations, 'invocation')} has`,
    );
  },
});

type Matcher = (received: unknown, ...expected: never[]) => Verdict;

/** The same matchers, which reject additional arguments instead of ignoring them. */
function countingArguments<M extends Readonly<Record<string, Matcher>>>(all: M): M {
  const counting = Object.entries(all).map(([name, matcher]) => {
    const takes = matcher.length - 1;
    const counted: Matcher = (received, ...expected) => {
      if (expected.length <= takes) return matcher(received, ...expected);
      const most = takes === 0 ? 'no arguments' : 'one argument';
      throw new TypeError(`${name} takes ${most}, but was given ${expected.length}`);
    };
    return [name, counted];
  });
  return Object.fromEntries(counting) as M;
}

/** @throws TypeError if `value` is not a whole number of at least `least` */
function checkCount(matcher: string, name: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  const given = typeof value === 'string' ? `'${value}'` : kindOf(value);
  throw new TypeError(`${matcher}: ${name} must be a whole number of ${least} or more, but was ${given}`);
}

function verdict(subject: Subject, pass: boolean, isNot: () => string, is: () => string): Verdict {
  return { pass, message: () => `${pass ? is() : isNot()}\n\n${subject.context.picture()}` };
}

function found(queue: LocalQueue, status: MessageStatus, matching: MessagePattern, done: string): Verdict {
  checkPattern(matching);
  const what = `a message that matches ${describePattern(matching)}`;
  const { totals, forgotten } = queue;
  const messages = queue.find(matching, status);
  if (messages.length === 0 && forgotten > 0 && status !== 'deadLettered') {
    throw new Error(
      `whether ${queue.label} has ${done} ${what} is not known: ${count(forgotten, 'message')} that it is done with are not kept with recording: 'summary'; make the cloud with recording: 'full'`,
    );
  }
  return verdict(
    queue,
    messages.length > 0,
    () =>
      `${queue.label} was expected to have ${done} ${what}, and has not. In all: ${totals.sent + totals.arrivedDead} came, ${totals.received} receives, ${totals.deleted} deleted, ${totals.deadLettered} dead-lettered; last came:\n${listed(queue, latest(queue))}`,
    () => `${queue.label} was expected not to have ${done} ${what}, and has:\n${listed(queue, messages)}`,
  );
}

function latest(queue: LocalQueue): QueueMessage[] {
  return queue.find(() => true).slice(-MOST_MESSAGES);
}

function peakOf(received: unknown, matcher: string): { subject: Subject; peak: number; of: string } {
  if (received instanceof LocalGroup) return { subject: received, peak: received.peak, of: 'instances in service' };
  if (received instanceof LocalFunction) {
    return { subject: received, peak: received.peakConcurrency, of: 'invocations at a time' };
  }
  if (received instanceof LocalQueue) return { subject: received, peak: received.peak, of: 'messages' };
  throw wrongSubject(received, matcher, 'cloud.group(…), cloud.function(…) or cloud.queue(…)');
}

function queueOf(received: unknown, matcher: string): LocalQueue {
  return of(LocalQueue, received, matcher, 'cloud.queue(…)');
}

function of<T extends Subject>(
  kind: abstract new (...args: never[]) => T,
  received: unknown,
  matcher: string,
  wanted: string,
): T {
  if (received instanceof kind) return received;
  throw wrongSubject(received, matcher, wanted);
}

function wrongSubject(received: unknown, matcher: string, wanted: string): TypeError {
  return new TypeError(`${matcher} needs ${wanted}, but got ${kindOf(received)}`);
}

function holds({ visible, inFlight, delayed }: LocalQueue): string {
  return `${visible} visible, ${inFlight} in flight, ${delayed} delayed`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function listed(queue: LocalQueue, messages: readonly QueueMessage[]): string {
  const lines = messages.slice(0, MOST_MESSAGES).map((message) => `  ${describeMessage(queue, message)}`);
  if (messages.length > MOST_MESSAGES) lines.push(`  … ${messages.length - MOST_MESSAGES} more`);
  return lines.join('\n');
}

function describeMessage(queue: LocalQueue, message: QueueMessage): string {
  const { text, sentAt, receives, endedAt, status } = message;
  const body = text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text;
  const fate = message.deadLetter?.status ?? status;
  const end =
    endedAt === undefined ? '' : `, ${fate} after ${inWords((message.deadLetter?.endedAt ?? endedAt) - sentAt)}`;
  return `${body}: sent at ${since(queue, sentAt)}, received ${count(receives, 'time')}${end}`;
}

/** The first frames of a failure's stack, without its message. */
function stackOf(failure: FunctionFailure | undefined): string {
  const frames = failure?.trace.filter((line) => line.trimStart().startsWith('at ')) ?? [];
  return frames
    .slice(0, MOST_FRAMES)
    .map((frame) => `\n${frame}`)
    .join('');
}

function since(subject: Subject, at: number): string {
  return stopwatch(at - subject.context.recorder.startedAt);
}
