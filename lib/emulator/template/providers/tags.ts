import { emulated, list, record, required, text } from '../shapes';

/** The list of keys and values in which CloudFormation takes most resources' tags. */
export const tagList = list(record({ Key: required(emulated(text)), Value: required(emulated(text)) }));

/** What has to be done to a resource's tags: those that are new or have another value, and the names of those that go. */
export function tagChanges(
  before: readonly { Key: string; Value: string }[] = [],
  after: readonly { Key: string; Value: string }[] = [],
): { readonly added: Record<string, string>; readonly removed: string[] } {
  const [had, has] = [tagMap(before), tagMap(after)];
  return {
    added: Object.fromEntries(Object.entries(has).filter(([key, value]) => had[key] !== value)),
    removed: Object.keys(had).filter((key) => has[key] === undefined),
  };
}

/** The same tags as an object. */
export function tagMap(tags: readonly { Key: string; Value: string }[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
