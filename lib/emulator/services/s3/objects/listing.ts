import { compareKeys, type ObjectIndex } from './object-index';
import type { ObjectVersion } from './object-version';

/** What to list of a bucket. */
export interface ListingQuery {
  readonly prefix: string;
  readonly delimiter?: string;
  /** Lists what is after this key. */
  readonly after?: string;
  readonly max: number;
}

/** A page of a listing, in order. */
export interface Listing<Item> {
  readonly items: readonly Item[];
  readonly commonPrefixes: readonly string[];
  /** The last key or common prefix, if there is more. */
  readonly next?: string;
}

/** The largest code point: what follows a prefix is before the prefix with it. */
const LAST = '\u{10FFFF}';

/** The objects that are not deleted. */
export function listObjects(index: ObjectIndex, query: ListingQuery): Listing<ObjectVersion> {
  const items: ObjectVersion[] = [];
  const groups = list(index, query, (key) => {
    const newest = index.newest(key);
    if (newest === undefined || newest.isDeleteMarker) return 0;
    items.push(newest);
    return 1;
  });
  return { items, ...groups };
}

/**
 * Walks the keys of a page.
 * @param take takes a key, and returns how many entries it makes
 */
export function list(
  index: ObjectIndex,
  { prefix, delimiter, after, max }: ListingQuery,
  take: (key: string) => number,
): { readonly commonPrefixes: readonly string[]; readonly next?: string } {
  const commonPrefixes: string[] = [];
  let count = 0;
  let last: string | undefined;
  let position = index.firstFrom(after === undefined || compareKeys(after, prefix) < 0 ? prefix : after);
  for (;;) {
    const key = index.keyAt(position);
    if (key === undefined || !key.startsWith(prefix)) return { commonPrefixes };
    if (key === after) {
      position++;
      continue;
    }
    const group = groupOf(key, prefix, delimiter);
    if (group === undefined) {
      if (count >= max) {
        if (index.newest(key)?.isDeleteMarker !== true) return { commonPrefixes, next: last ?? '' };
      } else {
        const taken = take(key);
        count += taken;
        if (taken > 0) last = key;
      }
      position++;
      continue;
    }
    // All keys of a group are one entry: the listing goes on after them.
    const end = index.firstFrom(`${group}${LAST}`);
    if (group !== after && hasObject(index, position, end)) {
      if (count >= max) return { commonPrefixes, next: last ?? '' };
      commonPrefixes.push(group);
      count++;
      last = group;
    }
    position = end;
  }
}

function groupOf(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (delimiter === undefined || delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function hasObject(index: ObjectIndex, from: number, end: number): boolean {
  for (let at = from; at < end; at++) {
    if (index.newest(index.keyAt(at) ?? '')?.isDeleteMarker === false) return true;
  }
  return false;
}
