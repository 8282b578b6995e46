import { checkRange, invalidParameter } from './errors';

/** One page of a list, and the marker of the next where there is one. */
export function page<Item>(
  all: readonly Item[],
  { Marker: marker, MaxItems: maxItems }: { readonly Marker?: string; readonly MaxItems?: number },
  largest: number,
): { readonly items: readonly Item[]; readonly nextMarker?: string } {
  checkRange('maxItems', maxItems, 1, 10_000);
  if (marker !== undefined && !/^\d+$/.test(marker)) throw invalidParameter(`Invalid pagination token: ${marker}`);
  const start = Number(marker ?? 0);
  const end = start + Math.min(maxItems ?? largest, largest);
  return { items: all.slice(start, end), ...(end < all.length && { nextMarker: String(end) }) };
}
