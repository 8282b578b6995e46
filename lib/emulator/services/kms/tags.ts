import type { Tag } from '@aws-sdk/client-kms';
import { tagError } from './errors';
import { checkLength } from './validation';

const MOST_TAGS = 50;

/** Adds `added` to `tags`, after validating all of them. */
export function addTags(tags: Map<string, string>, added: readonly Tag[]): void {
  added.forEach(({ TagKey = '', TagValue = '' }, index) => {
    checkLength(`tags.${index + 1}.member.tagKey`, TagKey, 1, 128);
    checkLength(`tags.${index + 1}.member.tagValue`, TagValue, 0, 256);
    if (TagKey.toLowerCase().startsWith('aws:')) throw tagError('Tags beginning with aws: are reserved');
  });
  if (new Set(added.map(({ TagKey }) => TagKey)).size < added.length) throw tagError('Duplicate tag keys');
  const keys = new Set([...tags.keys(), ...added.map(({ TagKey }) => TagKey)]);
  if (keys.size > MOST_TAGS) throw tagError('Too many tags');
  for (const { TagKey = '', TagValue = '' } of added) tags.set(TagKey, TagValue);
}
