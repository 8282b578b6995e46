import { invalidParameterValue } from '../errors';
import type { SqsLimits } from '../limits';
import { checkTag } from './validation';

/** Validates tags that are added to existing ones. */
export function checkTags(
  added: Readonly<Record<string, string>>,
  present: ReadonlyMap<string, string>,
  limits: SqsLimits,
): void {
  for (const [key, value] of Object.entries(added)) checkTag(key, value);
  const total = new Set([...present.keys(), ...Object.keys(added)]).size;
  if (total > limits.tags) {
    throw invalidParameterValue(`Too many tags added for queue: ${total}, at most ${limits.tags} are allowed.`);
  }
}
