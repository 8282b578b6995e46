import { emulated, list, record, required, text } from '../shapes';

/** The list of keys and values in which CloudFormation takes most resources' tags. */
export const tagList = list(record({ Key: required(emulated(text)), Value: required(emulated(text)) }));

/** The same tags as an object. */
export function tagMap(tags: readonly { Key: string; Value: string }[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
