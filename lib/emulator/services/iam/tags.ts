import type { Tag } from '@aws-sdk/client-iam';
import { invalidInput, limitExceeded } from './errors';
import { LIMITS } from './limits';

/** Adds tags: all of them, or none if one is invalid. */
export function addTags(tags: Map<string, string>, added: readonly Tag[] = []): void {
  for (const { Key = '' } of added) {
    if (/^aws:/i.test(Key)) throw invalidInput('Tag keys that start with aws: are reserved for AWS.');
  }
  const keys = added.map(({ Key = '' }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  if (new Set([...tags.keys(), ...added.map(({ Key }) => Key)]).size > LIMITS.tags) {
    throw limitExceeded(`The number of tags has reached the maximum limit: ${LIMITS.tags}.`);
  }
  for (const { Key = '', Value = '' } of added) tags.set(Key, Value);
}

export function removeTags(tags: Map<string, string>, keys: readonly string[] = []): void {
  for (const key of keys) tags.delete(key);
}
