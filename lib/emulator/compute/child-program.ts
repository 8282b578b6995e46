import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../package-root';

const CHILDREN = 'dist/lib/emulator/compute/children';

/**
 * The path of a program or module in `children/` that runs in its own process.
 * @throws Error if it has not been built
 */
export function childProgram(name: string): string {
  const file = join(packageRoot(), CHILDREN, name);
  if (!existsSync(file)) throw new Error(`${file} is missing: build it with "node scripts/build.mjs assets"`);
  return file;
}
