import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../package-root';

const CHILDREN = 'dist/lib/emulator/compute/children';

/**
 * The path of a program, or a module, that runs in processes of its own: a name in `children/`.
 * @throws Error if it has not been built
 */
export function childProgram(name: string): string {
  const file = join(packageRoot(), CHILDREN, name);
  if (!existsSync(file)) throw new Error(`${file} is missing: make it with "node scripts/build.mjs assets"`);
  return file;
}
