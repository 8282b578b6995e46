import { kindOf } from './kind-of';
import type { LocalResource } from './local-resource';
import { stopwatch } from './time-span';

/** Whether an expectation holds, and the message if it should not have. */
export interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

/** A matcher, as `expect.extend` takes it. */
export type Matcher = (received: unknown, ...expected: never[]) => Verdict;

/**
 * A matcher's verdict on a resource. Its messages end with the timeline's picture.
 * @param isNot the message if it does not pass
 * @param is the message if it passes, for `.not`
 */
export function verdict(subject: LocalResource, pass: boolean, isNot: () => string, is: () => string): Verdict {
  return { pass, message: () => `${pass ? is() : isNot()}\n\n${subject.context.picture()}` };
}

/**
 * What was passed to `expect`, if it is the matcher's kind of resource.
 * @param wanted how a test gets such a resource: `cloud.queue(…)`
 * @throws TypeError if it is anything else
 */
export function subjectOf<H>(
  handle: abstract new (...args: never[]) => H,
  received: unknown,
  matcher: string,
  wanted: string,
): H {
  if (received instanceof handle) return received;
  throw wrongSubject(received, matcher, wanted);
}

/** The error of {@link subjectOf}. */
export function wrongSubject(received: unknown, matcher: string, wanted: string): TypeError {
  return new TypeError(`${matcher} needs ${wanted}, but got ${kindOf(received)}`);
}

/** @throws TypeError if `value` is not a whole number of at least `least` */
export function checkCount(matcher: string, name: string, value: unknown, least: number): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return;
  const given = typeof value === 'string' ? `'${value}'` : kindOf(value);
  throw new TypeError(`${matcher}: ${name} must be a whole number of ${least} or more, but was ${given}`);
}

/** `1 message`, `2 messages`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The time from the cloud's start to an instant: `1:30`. */
export function elapsed({ context }: LocalResource, at: number): string {
  return stopwatch(at - context.startedAt);
}
