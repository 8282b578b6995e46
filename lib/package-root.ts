import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this package: the same from its sources, from its compiled form, and from a bundle. */
export function packageRoot(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest)) continue;
    if ((JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'cdk-spillway') return folder;
  }
  throw new Error(`no folder above ${__dirname} holds the package.json of cdk-spillway`);
}
