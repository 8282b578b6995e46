import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib/core';
import { type Asset, type AssetProps } from 'aws-cdk-lib/aws-s3-assets';
import { NODE_ENTRY } from './node-entry';
import { type WorkerProgram } from './worker-program';

/** What is used of esbuild, which is the app's. */
interface Esbuild {
  buildSync(options: object): unknown;
}

/** The props of the asset with a program. */
export function workerAssetProps({ _source: source, _assetPath: path }: WorkerProgram): AssetProps {
  return source === undefined ? { path } : bundled(source);
}

/** What a local cloud needs to know to bundle a program again; undefined if it was not bundled. */
export function workerMetadata({ _source: source }: WorkerProgram, asset: Asset): Record<string, string> | undefined {
  if (source === undefined) return undefined;
  const entry = isAbsolute(source) ? relative(process.cwd(), source) : source;
  return { entry, asset: asset.assetPath };
}

/** An asset that esbuild writes. */
function bundled(source: string): AssetProps {
  return {
    path: dirname(source),
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: DockerImage.fromRegistry('none'), // never used
      // Programs of one folder would otherwise be taken for the same.
      environment: { ENTRY: source },
      local: {
        tryBundle(outputDir: string): boolean {
          esbuild().buildSync({
            absWorkingDir: process.cwd(),
            entryPoints: [source],
            outfile: join(outputDir, NODE_ENTRY),
            bundle: true,
            platform: 'node',
            target: 'node22',
            logLevel: 'error',
          });
          return true;
        },
      },
    },
  };
}

function esbuild(): Esbuild {
  try {
    return createRequire(join(process.cwd(), 'package.json'))('esbuild') as Esbuild;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new Error('WorkerProgram.typescript bundles with esbuild, which is not installed: npm i -D esbuild', {
      cause: error,
    });
  }
}
