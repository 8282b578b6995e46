import { types } from 'node:util';
import { kindOf } from './kind-of';

/**
 * Which messages are meant.
 *
 * - A value: what the JSON of the body must contain. Of objects, the properties that the pattern names; of arrays, all
 *   elements. A regular expression matches texts, and matchers such as `expect.any(Number)` work at any depth.
 * - A function: whether it is this message, by its parsed body. Its parameter may have any type.
 *
 * A body that is no JSON is taken as the text that it is.
 */
export type MessagePattern<M = unknown> = MessagePredicate<M> | object | string | number | boolean | null;

/** Returns whether a message matches. */
export type MessagePredicate<M = unknown> = {
  // A method's parameter may have a narrower type: `({ video }: Video) => video === 7`.
  test(body: unknown, message: M): boolean;
}['test'];

/** What a pattern is about: a message of a queue or topic, or an event. */
export interface Matchable {
  /** The body's JSON; its text if it is not JSON. */
  readonly body: unknown;
}

interface AsymmetricMatcher {
  asymmetricMatch(value: unknown): boolean;
}

/** Whether a message matches a pattern. */
export function matches<M extends Matchable>(pattern: MessagePattern<M>, message: M): boolean {
  if (typeof pattern === 'function') return answerOf(pattern as MessagePredicate<M>, message);
  return contains(message.body, pattern);
}

/**
 * Rejects patterns that match no message or every message: values that JSON cannot hold, and async functions.
 * @throws TypeError that names the property
 */
export function checkPattern(pattern: unknown): void {
  if (types.isAsyncFunction(pattern) || types.isGeneratorFunction(pattern)) {
    throw new TypeError('a function as a message pattern must return true or false, but is async or a generator');
  }
  if (typeof pattern !== 'function') checkPart(pattern, '');
}

function checkPart(part: unknown, path: string): void {
  if (isAsymmetric(part) || types.isRegExp(part)) return;
  if (part === null || typeof part === 'string' || typeof part === 'boolean') return;
  if (typeof part === 'number' && Number.isFinite(part)) return;
  if (Array.isArray(part)) {
    for (const [index, item] of part.entries()) checkPart(item, `${path}[${index}]`);
  } else if (isPlain(part)) {
    for (const [name, item] of Object.entries(part)) checkPart(item, path === '' ? name : `${path}.${name}`);
  } else {
    const what = path === '' ? 'a message pattern' : `${path} in a message pattern`;
    const given = typeof part === 'bigint' ? `${part}n` : kindOf(part);
    throw new TypeError(`${what} must be JSON, a regular expression or a matcher such as expect.any, but was ${given}`);
  }
}

/** Whether it is a plain object, of any realm. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function answerOf<M extends Matchable>(predicate: MessagePredicate<M>, message: M): boolean {
  const answer: unknown = predicate(message.body, message);
  if (typeof answer === 'boolean') return answer;
  throw new TypeError(
    `a function as a message pattern must return true or false, but returned ${kindOf(answer)}: ${String(predicate)}`,
  );
}

/** Describes a pattern in errors. */
export function describePattern<M>(pattern: MessagePattern<M>): string {
  if (typeof pattern === 'function') return String(pattern);
  return JSON.stringify(pattern, (_, value: unknown) => (types.isRegExp(value) ? String(value) : value));
}

function contains(value: unknown, pattern: unknown): boolean {
  if (isAsymmetric(pattern)) return pattern.asymmetricMatch(value);
  if (types.isRegExp(pattern)) return typeof value === 'string' && value.search(pattern) >= 0; // `test` would continue where it left off
  if (typeof pattern !== 'object' || pattern === null) return value === pattern;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(pattern)) {
    return (
      Array.isArray(value) &&
      value.length === pattern.length &&
      pattern.every((item, index) => contains(value[index], item))
    );
  }
  return Object.entries(pattern).every(([name, item]) => contains((value as Record<string, unknown>)[name], item));
}

function isAsymmetric(pattern: unknown): pattern is AsymmetricMatcher {
  return typeof (pattern as Partial<AsymmetricMatcher> | null | undefined)?.asymmetricMatch === 'function';
}
