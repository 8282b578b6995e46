/**
 * Groups received items into sequences to handle in order: those with the same key. An item without a key is a sequence
 * of its own.
 */
export function sequencesOf<Item>(items: readonly Item[], keyOf: (item: Item) => string | undefined): Item[][] {
  const all: Item[][] = [];
  const byKey = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const sequence = key === undefined ? undefined : byKey.get(key);
    if (sequence !== undefined) {
      sequence.push(item);
      continue;
    }
    const begun = [item];
    all.push(begun);
    if (key !== undefined) byKey.set(key, begun);
  }
  return all;
}
