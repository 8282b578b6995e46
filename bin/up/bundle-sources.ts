import { existsSync, readFileSync } from 'node:fs';
import { builtinModules, SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** What a bundle that esbuild wrote says of how it was made. */
export interface BundleFacts {
  /** The source that it was made of; undefined if the bundle does not say. */
  readonly entry?: string;
  /** The packages that it loads when it runs. */
  readonly external: readonly string[];
  readonly sourceMap: 'inline' | 'file' | 'none';
}

const INLINE_MAP = /^\/\/# sourceMappingURL=data:application\/json[^,\n]*;base64,([A-Za-z0-9+/=]+)\s*$/m;
/** The comment before each module of a bundle that is not minified. */
const MODULE = /^\/\/ (\S[^\n]*\.[cm]?[jt]sx?)$/gm;
const LOADED = /\b(?:require|import)\("([^"./][^"]*)"\)|\bfrom ?"([^"./][^"]*)"/g;

/**
 * Reads from a bundle which source it was made of: that of its last line by the source map, or the last one of the
 * comments before modules, since esbuild writes a module after those that it imports.
 * @param projectRoot the folder that paths in comments start from, or a folder below it
 */
export function readBundle(file: string, projectRoot: string): BundleFacts {
  const code = readFileSync(file, 'utf8');
  const inline = INLINE_MAP.exec(code)?.[1];
  const mapFile = `${file}.map`;
  const map =
    inline !== undefined
      ? Buffer.from(inline, 'base64').toString()
      : existsSync(mapFile)
        ? readFileSync(mapFile, 'utf8')
        : undefined;
  return {
    entry: entryOfMap(map, file, projectRoot) ?? entryOfComments(code, projectRoot),
    external: externals(code),
    sourceMap: inline !== undefined ? 'inline' : map === undefined ? 'none' : 'file',
  };
}

function entryOfMap(map: string | undefined, file: string, projectRoot: string): string | undefined {
  if (map === undefined) return undefined;
  let last: string | undefined;
  try {
    const entry = new SourceMap(JSON.parse(map) as SourceMapPayload).findEntry(Infinity, Infinity);
    last = 'originalSource' in entry ? entry.originalSource : undefined;
  } catch {
    return undefined; // not a source map
  }
  if (last === undefined || last.includes('node_modules/')) return undefined;
  const source = resolve(dirname(file), last);
  // A bundle may have been moved since, with its map.
  return existsSync(source) ? source : findAbove(last.replace(/^(?:\.\.?\/)+/, ''), projectRoot);
}

function entryOfComments(code: string, projectRoot: string): string | undefined {
  const last = [...code.matchAll(MODULE)].map(([, path]) => path).at(-1);
  if (last === undefined || last.includes('node_modules/')) return undefined;
  return findAbove(last, projectRoot);
}

/** A file by its path from a folder, or from one above it, as in a monorepo. */
function findAbove(path: string, folder: string): string | undefined {
  for (let base = folder; ; base = dirname(base)) {
    const file = join(base, path);
    if (existsSync(file)) return file;
    if (base === dirname(base)) return undefined;
  }
}

function externals(code: string): string[] {
  const names = [...code.matchAll(LOADED)].map(([, required, imported]) => required ?? imported);
  return [...new Set(names)].filter((name) => !name.startsWith('node:') && !builtinModules.includes(name));
}
