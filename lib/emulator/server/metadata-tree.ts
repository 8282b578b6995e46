/** A leaf's text, or a function that returns it. */
export type MetadataLeaf = string | (() => string) | undefined;

/** Metadata as a tree of folders below `/latest`, laid out as on EC2. */
export class MetadataTree {
  private readonly leaves: ReadonlyMap<string, string | (() => string)>;

  /** @param leaves by path below `/latest`; leaves that are undefined do not exist */
  constructor(leaves: Readonly<Record<string, MetadataLeaf>>) {
    const existing = new Map<string, string | (() => string)>();
    for (const [path, leaf] of Object.entries(leaves)) if (leaf !== undefined) existing.set(path, leaf);
    this.leaves = existing;
  }

  /** The text of the leaf at `path`, or the listing of the folder there; undefined if there is neither. */
  public at(path: string): string | undefined {
    const steps = path.split('/').filter((step) => step !== '');
    if (steps.length === 0) return 'latest';
    if (steps[0] !== 'latest') return undefined;
    const within = steps.slice(1).join('/');
    const leaf = this.leaves.get(within);
    if (leaf !== undefined) return typeof leaf === 'string' ? leaf : leaf();
    return this.list(within === '' ? '' : `${within}/`);
  }

  private list(prefix: string): string | undefined {
    const names = new Set<string>();
    for (const path of this.leaves.keys()) {
      if (!path.startsWith(prefix)) continue;
      const rest = path.slice(prefix.length);
      const slash = rest.indexOf('/');
      // Folder names end in a slash, except for the two at the top.
      names.add(slash < 0 ? rest : rest.slice(0, prefix === '' ? slash : slash + 1));
    }
    return names.size === 0 ? undefined : [...names].sort().join('\n');
  }
}
