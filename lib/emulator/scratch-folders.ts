import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzip } from './template';

/** Folders of the machine's for code that comes inline or in an archive, until they are removed all at once. */
export class ScratchFolders {
  private readonly made: string[] = [];

  /**
   * Makes an empty folder.
   * @param purpose becomes part of its name: letters, digits, hyphens and underscores
   */
  public make(purpose: string): string {
    if (!/^[\w-]+$/.test(purpose)) throw new Error(`${JSON.stringify(purpose)} cannot be part of a folder's name`);
    const directory = mkdtempSync(join(tmpdir(), `spillway-${purpose}-`));
    this.made.push(directory);
    return directory;
  }

  /** Unpacks a zip archive. Gives the folder. */
  public unpack(purpose: string, archive: Uint8Array): string {
    const file = join(this.make(`${purpose}-upload`), 'code.zip');
    writeFileSync(file, archive);
    const directory = this.make(purpose);
    unzip(file, directory);
    return directory;
  }

  public removeAll(): void {
    for (const directory of this.made.splice(0)) rmSync(directory, { recursive: true, force: true });
  }
}
