import { invalidArgument, invalidTag } from '../errors';

export interface ObjectTag {
  readonly Key: string;
  readonly Value: string;
}

const MOST = 10;

/** Reads the tags of a header: a form, as in a query. */
export function tagsOfHeader(header: string | undefined): ObjectTag[] {
  if (header === undefined || header === '') return [];
  const tags = [...new URLSearchParams(header)].map(([Key, Value]) => ({ Key, Value }));
  if (header.includes('=') === false && tags.length === 0) {
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      'x-amz-tagging',
      header,
    );
  }
  checkTags(tags);
  return tags;
}

/** @throws AwsError InvalidTag or BadRequest */
export function checkTags(tags: readonly Partial<ObjectTag>[], most = MOST): void {
  if (tags.length > most) throw invalidTag(`Object tags cannot be greater than ${most}`);
  const keys = new Set<string>();
  for (const { Key = '', Value = '' } of tags) {
    if (Key.length < 1 || Key.length > 128) throw invalidTag('The TagKey you have provided is invalid');
    if (Value.length > 256) throw invalidTag('The TagValue you have provided is invalid');
    if (Key.toLowerCase().startsWith('aws:')) throw invalidTag('System tags cannot be added/updated by requester');
    if (keys.has(Key)) throw invalidTag('Cannot provide multiple Tags with the same key');
    keys.add(Key);
  }
}
