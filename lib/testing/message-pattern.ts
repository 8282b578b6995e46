import { types } from 'node:util';
import type { QueueMessage } from './recording/queue-message';

/**
 * Which messages are meant.
 *
 * - A value: what the JSON of the body must contain. Of objects, the properties that the pattern names; of arrays, all
 *   elements. A regular expression matches texts, and matchers such as `expect.any(Number)` work at any depth.
 * - A function: whether it is this message, by its parsed body. Its parameter may have any type.
 *
 * A body that is no JSON is taken as the text that it is.
 */
export type MessagePattern = MessagePredicate | object | string | number | boolean | null;

/** Says of a message whether it is meant. */
export type MessagePredicate = {
  // A method's parameter may be of a narrower type: `({ video }: Video) => video === 7`.
  test(body: unknown, message: QueueMessage): boolean;
}['test'];

interface AsymmetricMatcher {
  asymmetricMatch(value: unknown): boolean;
}

/** Whether a message is meant by a pattern. */
export function matches(pattern: MessagePattern, message: QueueMessage): boolean {
  if (typeof pattern === 'function') return (pattern as MessagePredicate)(message.body, message);
  return contains(message.body, pattern);
}

/** A pattern in words, for errors. */
export function describePattern(pattern: MessagePattern): string {
  if (typeof pattern === 'function') return String(pattern);
  return JSON.stringify(pattern, (_, value: unknown) => (types.isRegExp(value) ? String(value) : value));
}

function contains(value: unknown, pattern: unknown): boolean {
  if (isAsymmetric(pattern)) return pattern.asymmetricMatch(value);
  if (types.isRegExp(pattern)) return typeof value === 'string' && value.search(pattern) >= 0; // `test` would go on where it left off
  if (typeof pattern !== 'object' || pattern === null) return Object.is(value, pattern);
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
