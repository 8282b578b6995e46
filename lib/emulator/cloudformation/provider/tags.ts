import { mapOfEntries } from './json';
import { emulated, list, record, required, text } from './shapes';

/*
 * Of the resources that are emulated, AWS puts CloudFormation's own tags (`NewResource.systemTags`) on functions, event
 * source mappings, groups, alarms and dashboards. SQS and KMS take no tags that begin with `aws:`.
 */

/** CloudFormation's list of tags. */
export const tagList = list(record({ Key: required(emulated(text)), Value: required(emulated(text)) }));

export type TagList = readonly { readonly Key: string; readonly Value: string }[];

/** The changes to a resource's tags: tags that are new or have a new value, and the keys to remove. */
export function tagChanges(
  before: TagList = [],
  after: TagList = [],
): { readonly added: Record<string, string>; readonly removed: string[] } {
  const [had, has] = [tagMap(before), tagMap(after)];
  return {
    added: mapOfEntries(Object.entries(has).filter(([key, value]) => had[key] !== value)),
    removed: Object.keys(had).filter((key) => has[key] === undefined),
  };
}

/** The same tags as an object. */
export function tagMap(tags: TagList): Record<string, string> {
  return mapOfEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
