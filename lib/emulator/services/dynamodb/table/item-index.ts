import { BTree } from './b-tree';
import { comparePositions, type Position } from './keys';
import type { Entry } from './stored-item';

/** The part of a partition that a query reads: sort keys from the first that is not `below` to the last not `above`. */
export interface SortRange {
  below(sort: string): boolean;
  above(sort: string): boolean;
}

/** All sort keys of a partition. */
export const WHOLE_PARTITION: SortRange = { below: () => false, above: () => false };

/** Entries by partition and sort key: a table itself, or one of its indexes. */
export class ItemIndex {
  private readonly tree = new BTree<Entry>(compareEntries);

  public get size(): number {
    return this.tree.size;
  }

  public get(probe: Entry): Entry | undefined {
    return this.tree.get(probe);
  }

  public add(entry: Entry): void {
    this.tree.add(entry);
  }

  public remove(entry: Entry): void {
    this.tree.remove(entry);
  }

  /** The first entry in order. */
  public first(): Entry | undefined {
    const [first] = this.tree.ascending(() => false);
    return first;
  }

  /**
   * The entries of a partition within a range.
   * @param after the entry to continue after, in the direction of reading
   */
  public *query(
    { hash, partition }: Pick<Position, 'hash' | 'partition'>,
    range: SortRange,
    forward: boolean,
    after?: Entry,
  ): IterableIterator<Entry> {
    const isIn = (entry: Entry) => entry.hash === hash && entry.partition === partition;
    const order = (entry: Entry) => entry.hash - hash || (entry.partition < partition ? -1 : 1);
    const below = (entry: Entry) => {
      const place = isIn(entry) ? (range.below(entry.sort) ? -1 : 0) : order(entry);
      return place < 0 || (forward && after !== undefined && compareEntries(entry, after) <= 0);
    };
    const notAbove = (entry: Entry) => {
      const place = isIn(entry) ? (range.above(entry.sort) ? 1 : 0) : order(entry);
      return place <= 0 && (forward || after === undefined || compareEntries(entry, after) < 0);
    };
    for (const entry of forward ? this.tree.ascending(below) : this.tree.descending(notAbove)) {
      if (!isIn(entry) || (forward ? range.above(entry.sort) : range.below(entry.sort))) return;
      yield entry;
    }
  }

  /**
   * The entries with hashes from `from` up to, but not including, `to`.
   * @param after the entry to continue after
   */
  public *scan(from: number, to: number, after?: Entry): IterableIterator<Entry> {
    const before = (entry: Entry) => entry.hash < from || (after !== undefined && compareEntries(entry, after) <= 0);
    for (const entry of this.tree.ascending(before)) {
      if (entry.hash >= to) return;
      yield entry;
    }
  }
}

/** Entries of an index with the same key stand in the order of their items in the table. */
function compareEntries(a: Entry, b: Entry): number {
  return comparePositions(a, b) || (a.stored === b.stored ? 0 : comparePositions(a.stored, b.stored));
}
