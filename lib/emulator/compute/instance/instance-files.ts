import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';

/**
 * An instance's files, as far as its user data creates any: downloaded and unpacked assets stay where they are on this
 * machine; written texts are kept in memory.
 */
export class InstanceFiles {
  private readonly local = new Map<string, string>();
  private readonly texts = new Map<string, string>();

  /** Maps a path on the instance to a file or folder on this machine. */
  public map(path: string, local: string): void {
    this.local.set(posix.normalize(path), local);
  }

  public write(path: string, text: string, append: boolean): void {
    const name = posix.normalize(path);
    this.texts.set(name, append ? (this.texts.get(name) ?? '') + text : text);
  }

  /** The mapped paths, with what they map to on this machine. */
  public get mappings(): ReadonlyMap<string, string> {
    return this.local;
  }

  /** The path on this machine of a path on the instance, if there is one. */
  public localPath(path: string): string | undefined {
    const name = posix.normalize(path).replace(/(?<=.)\/$/, '');
    for (let folder = name; ; folder = posix.dirname(folder)) {
      const local = this.local.get(folder);
      if (local !== undefined) return join(local, posix.relative(folder, name));
      if (folder === posix.dirname(folder)) return undefined;
    }
  }

  /** Whether a path is a text that the user data wrote. */
  public isWritten(path: string): boolean {
    return this.texts.has(posix.normalize(path));
  }

  public read(path: string): string | undefined {
    const text = this.texts.get(posix.normalize(path));
    if (text !== undefined) return text;
    const local = this.localPath(path);
    return local !== undefined && existsSync(local) && statSync(local).isFile()
      ? readFileSync(local, 'utf8')
      : undefined;
  }
}
