import { page as pageOf } from '../../core';
import { checkRange, invalidParameter } from './errors';

/** A page of a list, and the marker of the next page if there is one. */
export function page<Item>(
  all: readonly Item[],
  { Marker: marker, MaxItems: maxItems }: { readonly Marker?: string; readonly MaxItems?: number },
  largest: number,
): { readonly items: readonly Item[]; readonly nextMarker?: string } {
  checkRange('maxItems', maxItems, 1, 10_000);
  const invalid = () => invalidParameter(`Invalid pagination token: ${marker}`);
  const { items, nextToken } = pageOf(all, Math.min(maxItems ?? largest, largest), marker, invalid);
  return { items, ...(nextToken !== undefined && { nextMarker: nextToken }) };
}
