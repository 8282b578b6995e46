import type { Tag } from '@aws-sdk/client-eventbridge';
import { limitExceeded, validation } from './errors';
import { LIMITS } from './limits';
import { checkLength } from './validation';

/** Adds tags to those of a resource, after checking all of them. */
export function addTags(tags: Map<string, string>, added: readonly Tag[]): void {
  for (const [index, { Key = '', Value = '' }] of added.entries()) {
    checkLength(`tags.${index + 1}.member.key`, Key, 1, 128);
    checkLength(`tags.${index + 1}.member.value`, Value, 0, 256);
    if (Key.toLowerCase().startsWith('aws:')) throw validation('Tag keys starting with aws: are reserved.');
  }
  const keys = new Set([...tags.keys(), ...added.map(({ Key }) => Key)]);
  if (keys.size > LIMITS.tags) throw limitExceeded();
  for (const { Key = '', Value = '' } of added) tags.set(Key, Value);
}

/** The tags of a resource, as the API has them. */
export function listTags(tags: ReadonlyMap<string, string>): Tag[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}
