import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The folder of an assembly's project: the nearest one at or above it with a cdk.json; undefined if there is none. */
export function projectDirectoryOf(assembly: string): string | undefined {
  for (let folder = resolve(assembly); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'cdk.json'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
