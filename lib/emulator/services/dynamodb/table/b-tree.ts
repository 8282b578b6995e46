/** Negative if `a` comes before `b`, positive if after it, 0 if they are the same. */
export type Order<T> = (a: T, b: T) => number;

const MOST = 64;
const HALF = MOST / 2;

interface Leaf<T> {
  readonly leaf: true;
  readonly entries: T[];
  previous?: Leaf<T>;
  next?: Leaf<T>;
}

interface Branch<T> {
  readonly leaf: false;
  readonly children: Node<T>[];
  /** The first entry that each child had when it was made: what is before it belongs to the children before. */
  readonly firsts: T[];
}

type Node<T> = Leaf<T> | Branch<T>;

/**
 * Entries in order: a B+ tree. Finding, adding and removing one takes time logarithmic in the number of entries.
 *
 * A node is removed when it is empty, but nodes are never joined: in a table that grows and shrinks, they fill again.
 */
export class BTree<T> {
  private root: Node<T> = { leaf: true, entries: [] };
  private count = 0;

  constructor(private readonly order: Order<T>) {}

  public get size(): number {
    return this.count;
  }

  /** The entry that is the same as `probe` by the tree's order. */
  public get(probe: T): T | undefined {
    const leaf = this.leafOf((entry) => this.order(entry, probe) <= 0);
    const found = leaf.entries[firstIndex(leaf.entries, (entry) => this.order(entry, probe) < 0)];
    return found !== undefined && this.order(found, probe) === 0 ? found : undefined;
  }

  /** Adds an entry that the tree does not have. */
  public add(entry: T): void {
    const sibling = this.addTo(this.root, entry);
    if (sibling !== undefined) {
      this.root = { leaf: false, children: [this.root, sibling.node], firsts: [sibling.first, sibling.first] };
    }
    this.count++;
  }

  /** Removes the entry that is the same as `probe`. Returns false if there is none. */
  public remove(probe: T): boolean {
    if (!this.removeFrom(this.root, probe)) return false;
    this.count--;
    while (!this.root.leaf && this.root.children.length === 1) this.root = this.root.children[0];
    if (this.count === 0) this.root = { leaf: true, entries: [] };
    return true;
  }

  /** The entries from the first one that is not `before`. The entries that are come first in the tree's order. */
  public *ascending(before: (entry: T) => boolean): IterableIterator<T> {
    let leaf: Leaf<T> | undefined = this.leafOf(before);
    let index = firstIndex(leaf.entries, before);
    while (leaf !== undefined) {
      for (; index < leaf.entries.length; index++) yield leaf.entries[index];
      leaf = leaf.next;
      index = 0;
    }
  }

  /** The entries from the last one that is `before`, backwards. */
  public *descending(before: (entry: T) => boolean): IterableIterator<T> {
    let leaf: Leaf<T> | undefined = this.leafOf(before);
    let index = firstIndex(leaf.entries, before) - 1;
    while (leaf !== undefined) {
      for (; index >= 0; index--) yield leaf.entries[index];
      leaf = leaf.previous;
      index = (leaf?.entries.length ?? 0) - 1;
    }
  }

  /** The leaf with the last entry that is `before`, or else the first leaf. */
  private leafOf(before: (entry: T) => boolean): Leaf<T> {
    let node = this.root;
    while (!node.leaf) node = node.children[childIndex(node, before)];
    return node;
  }

  private addTo(node: Node<T>, entry: T): { first: T; node: Node<T> } | undefined {
    if (node.leaf) {
      const index = firstIndex(node.entries, (other) => this.order(other, entry) < 0);
      node.entries.splice(index, 0, entry);
      return node.entries.length > MOST ? splitLeaf(node, index === MOST) : undefined;
    }
    const index = childIndex(node, (other) => this.order(other, entry) <= 0);
    const sibling = this.addTo(node.children[index], entry);
    if (sibling === undefined) return undefined;
    node.children.splice(index + 1, 0, sibling.node);
    node.firsts.splice(index + 1, 0, sibling.first);
    return node.children.length > MOST ? splitBranch(node) : undefined;
  }

  private removeFrom(node: Node<T>, probe: T): boolean {
    if (node.leaf) {
      const index = firstIndex(node.entries, (other) => this.order(other, probe) < 0);
      const found = node.entries[index];
      if (found === undefined || this.order(found, probe) !== 0) return false;
      node.entries.splice(index, 1);
      return true;
    }
    const index = childIndex(node, (other) => this.order(other, probe) <= 0);
    const child = node.children[index];
    if (!this.removeFrom(child, probe)) return false;
    if ((child.leaf ? child.entries : child.children).length === 0) {
      node.children.splice(index, 1);
      node.firsts.splice(index, 1);
      if (child.leaf) unlink(child);
    }
    return true;
  }
}

/** How many entries, which come first, are `before`. */
function firstIndex<T>(entries: readonly T[], before: (entry: T) => boolean, from = 0): number {
  let [low, high] = [from, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(entries[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The child with the last entry that is `before`. The first child has no lower end. */
function childIndex<T>({ firsts }: Branch<T>, before: (entry: T) => boolean): number {
  return firstIndex(firsts, before, 1) - 1;
}

function splitLeaf<T>(leaf: Leaf<T>, atEnd: boolean): { first: T; node: Leaf<T> } {
  // Entries that come in order leave full leaves behind them.
  const entries = leaf.entries.splice(atEnd ? MOST : HALF);
  const node: Leaf<T> = { leaf: true, entries, previous: leaf, next: leaf.next };
  if (leaf.next !== undefined) leaf.next.previous = node;
  leaf.next = node;
  return { first: entries[0], node };
}

function splitBranch<T>(branch: Branch<T>): { first: T; node: Branch<T> } {
  const children = branch.children.splice(HALF);
  const firsts = branch.firsts.splice(HALF);
  return { first: firsts[0], node: { leaf: false, children, firsts } };
}

function unlink<T>({ previous, next }: Leaf<T>): void {
  if (previous !== undefined) previous.next = next;
  if (next !== undefined) next.previous = previous;
}
