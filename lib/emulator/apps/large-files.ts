import { join } from 'node:path';
import type { TemporaryFolders } from './temporary-folders';

/** Names files in a temporary folder, which is made when the first is needed. */
export class LargeFiles {
  private folder?: string;
  private count = 0;

  constructor(private readonly folders: TemporaryFolders) {}

  /** The path of a file that does not exist yet. Whoever writes it removes it. */
  public create(): string {
    this.folder ??= this.folders.make('objects');
    this.count += 1;
    return join(this.folder, String(this.count));
  }
}
