import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reaper } from '../compute';
import { foldersRemovedAtExit } from './exit-cleanup';
import { unzip } from '../services/lambda';

/** Temporary folders for inline or archived code. They are removed when the process ends, if not earlier. */
export class TemporaryFolders {
  /** Each folder, with a function to call when it is removed. */
  private readonly made = new Map<string, () => void>();
  private readonly removedAtExit = foldersRemovedAtExit();

  /**
   * Creates an empty folder.
   * @param purpose part of its name: letters, digits, hyphens and underscores
   */
  public make(purpose: string): string {
    if (!/^[\w-]+$/.test(purpose))
      throw new Error(
        `purpose must contain only letters, digits, hyphens and underscores, but was ${JSON.stringify(purpose)}`,
      );
    const directory = mkdtempSync(join(tmpdir(), `spillway-${purpose}-`));
    this.made.set(directory, reaper.watchFolder(directory));
    this.removedAtExit.add(directory);
    return directory;
  }

  /** Unpacks a zip archive. Returns the folder, which is removed again if this throws. */
  public unpack(purpose: string, archive: Uint8Array): string {
    const upload = this.make(`${purpose}-upload`);
    const directory = this.make(purpose);
    try {
      const file = join(upload, 'code.zip');
      writeFileSync(file, archive);
      unzip(file, directory);
    } catch (error) {
      this.remove(directory);
      throw error;
    } finally {
      this.remove(upload);
    }
    return directory;
  }

  /** Merges folders into a new one. A later folder's files replace those of earlier ones. */
  public merge(purpose: string, folders: readonly string[]): string {
    const merged = this.make(purpose);
    for (const folder of folders) cpSync(folder, merged, { recursive: true });
    return merged;
  }

  /** Removes a folder created here; ignores others. */
  public remove(directory: string): void {
    const forget = this.made.get(directory);
    if (forget === undefined) return;
    this.made.delete(directory);
    rmSync(directory, { recursive: true, force: true });
    this.removedAtExit.delete(directory);
    forget();
  }

  public removeAll(): void {
    for (const directory of this.made.keys()) this.remove(directory);
  }
}
