/** A node of a {@link LinkedList}. It knows its neighbours, so it can be removed without the list. */
export class Link {
  public older: Link = this;
  public newer: Link = this;

  /** Removes it from its list; does nothing if it is in none. */
  public unlink(): void {
    this.older.newer = this.newer;
    this.newer.older = this.older;
    this.older = this;
    this.newer = this;
  }
}

/** A doubly linked list, in order of insertion. */
export class LinkedList<T extends Link> {
  private readonly ends = new Link();

  public append(link: T): void {
    const { ends } = this;
    link.older = ends.older;
    link.newer = ends;
    ends.older.newer = link;
    ends.older = link;
  }

  /** The number of nodes. Takes linear time. */
  public get length(): number {
    let length = 0;
    for (let link = this.ends.newer; link !== this.ends; link = link.newer) length++;
    return length;
  }

  /** The first node for which `isSo` returns true. */
  public find(isSo: (link: T) => boolean): T | undefined {
    for (let link = this.ends.newer; link !== this.ends; link = link.newer) {
      if (isSo(link as T)) return link as T;
    }
    return undefined;
  }

  /** The nodes, in the order in which they were added. */
  public *[Symbol.iterator](): Generator<T> {
    for (let link = this.ends.newer; link !== this.ends; link = link.newer) yield link as T;
  }

  /** The node that was added first. */
  public first(): T | undefined {
    // Only `append` adds nodes, and it accepts nothing but T.
    return this.ends.newer === this.ends ? undefined : (this.ends.newer as T);
  }
}
