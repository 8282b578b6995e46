import { createRequire } from 'node:module';
import { join } from 'node:path';
import type esbuild from 'esbuild';

/**
 * The project's own esbuild, with which the CDK bundles too; else one that is installed beside this package.
 * @throws Error if there is none
 */
export function loadEsbuild(projectRoot: string): typeof esbuild {
  for (const place of [join(projectRoot, 'package.json'), __filename]) {
    try {
      return createRequire(place)('esbuild') as typeof esbuild;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error('bundling changed sources needs esbuild, which is not installed: npm i -D esbuild');
}
