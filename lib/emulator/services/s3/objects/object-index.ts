import type { ObjectVersion } from './object-version';

/** The objects of a bucket in the order of their keys, each with its versions, newest first. */
export class ObjectIndex {
  private readonly versions = new Map<string, ObjectVersion[]>();
  /** In the order of their UTF-8 bytes. */
  private readonly sorted: string[] = [];

  public get isEmpty(): boolean {
    return this.sorted.length === 0;
  }

  /** The versions of a key, newest first. */
  public of(key: string): readonly ObjectVersion[] {
    return this.versions.get(key) ?? [];
  }

  /** The newest version; a delete marker if the object has been deleted. */
  public newest(key: string): ObjectVersion | undefined {
    return this.versions.get(key)?.[0];
  }

  /** Adds a version as the newest. Returns the one of the same id that it replaces. */
  public add(version: ObjectVersion): ObjectVersion | undefined {
    const { key, versionId } = version;
    const known = this.versions.get(key);
    if (known === undefined) {
      this.versions.set(key, [version]);
      const at = this.firstFrom(key);
      this.sorted.splice(at, 0, key);
      return undefined;
    }
    const at = known.findIndex((each) => each.versionId === versionId);
    const [replaced] = at < 0 ? [] : known.splice(at, 1);
    known.unshift(version);
    return replaced;
  }

  /** Puts a version in the place of the one with the same id. */
  public replace(version: ObjectVersion): void {
    const known = this.versions.get(version.key) ?? [];
    const at = known.findIndex(({ versionId }) => versionId === version.versionId);
    if (at >= 0) known[at] = version;
  }

  /** Removes a version, and returns it. */
  public remove(key: string, versionId: string): ObjectVersion | undefined {
    const known = this.versions.get(key);
    const at = known?.findIndex((version) => version.versionId === versionId) ?? -1;
    if (known === undefined || at < 0) return undefined;
    const [removed] = known.splice(at, 1);
    if (known.length === 0) {
      this.versions.delete(key);
      this.sorted.splice(this.firstFrom(key), 1);
    }
    return removed;
  }

  /** All keys from a key on, in order. */
  public *keysFrom(key: string): Iterable<string> {
    for (let at = this.firstFrom(key); at < this.sorted.length; at++) yield this.sorted[at];
  }

  /** The position of the first key that is not before this one. */
  public firstFrom(key: string): number {
    let [low, high] = [0, this.sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.sorted[middle], key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  public keyAt(position: number): string | undefined {
    return this.sorted[position];
  }

  /** Every version of every key. */
  public *all(): Iterable<ObjectVersion> {
    for (const key of this.sorted) yield* this.of(key);
  }
}

/** Compares as UTF-8 bytes do, which differ from UTF-16 units above the basic plane. */
export function compareKeys(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const [a, b] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (a === b) continue;
    const [isHigh, isOtherHigh] = [isSurrogate(a), isSurrogate(b)];
    return isHigh === isOtherHigh ? a - b : isHigh ? 1 : -1;
  }
  return one.length - other.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd8_00 && unit <= 0xdf_ff;
}
