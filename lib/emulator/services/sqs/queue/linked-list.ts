/** A link of a {@link LinkedList}: it knows its neighbours, so it can leave without the chain being searched or even known. */
export class Link {
  public older: Link = this;
  public newer: Link = this;

  /** Leaves the chain; does nothing where it is in none. */
  public unlink(): void {
    this.older.newer = this.newer;
    this.newer.older = this.older;
    this.older = this;
    this.newer = this;
  }
}

/** Links in the order in which they came. */
export class LinkedList<T extends Link> {
  private readonly ends = new Link();

  public append(link: T): void {
    const { ends } = this;
    link.older = ends.older;
    link.newer = ends;
    ends.older.newer = link;
    ends.older = link;
  }

  /** How many links there are. Takes time in their number. */
  public get length(): number {
    let length = 0;
    for (let link = this.ends.newer; link !== this.ends; link = link.newer) length++;
    return length;
  }

  /** The first link that is so. */
  public find(isSo: (link: T) => boolean): T | undefined {
    for (let link = this.ends.newer; link !== this.ends; link = link.newer) {
      if (isSo(link as T)) return link as T;
    }
    return undefined;
  }

  /** The link that came first. */
  public first(): T | undefined {
    // Only `append` adds links, and it takes nothing but T.
    return this.ends.newer === this.ends ? undefined : (this.ends.newer as T);
  }
}
