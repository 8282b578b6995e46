import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';

/**
 * The files of an instance, as far as its user data makes any: assets that it downloads and unpacks stay where they are
 * on this machine, texts that it writes are kept here.
 */
export class InstanceFiles {
  private readonly local = new Map<string, string>();
  private readonly texts = new Map<string, string>();

  /** An instance's path is, from now on, this file or folder. */
  public map(path: string, local: string): void {
    this.local.set(posix.normalize(path), local);
  }

  public write(path: string, text: string, append: boolean): void {
    const name = posix.normalize(path);
    this.texts.set(name, append ? (this.texts.get(name) ?? '') + text : text);
  }

  /** The paths on the instance that are something on this machine, and what. */
  public get mappings(): ReadonlyMap<string, string> {
    return this.local;
  }

  /** Where on this machine an instance's path is, if it is anywhere. */
  public localPath(path: string): string | undefined {
    const name = posix.normalize(path).replace(/(?<=.)\/$/, '');
    for (let folder = name; ; folder = posix.dirname(folder)) {
      const local = this.local.get(folder);
      if (local !== undefined) return join(local, posix.relative(folder, name));
      if (folder === posix.dirname(folder)) return undefined;
    }
  }

  /** Whether a path is a text that the user data has written. */
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
