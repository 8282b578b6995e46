import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageOf } from '../functions/function-modules';
import { realGlobal } from './realm';

/** The conditions of `exports` and `imports` that hold for `import` in Node.js. */
const CONDITIONS = new Set([
  ...['node', 'import', 'node-addons', 'default'],
  ...((realGlobal.process.features as { require_module?: boolean }).require_module === true ? ['module-sync'] : []),
]);

interface Manifest {
  readonly name?: string;
  readonly main?: string;
  readonly exports?: unknown;
  readonly imports?: unknown;
}

/**
 * Resolves a specifier as `import` does in Node.js: the file is not completed by an extension, and packages choose by
 * the conditions of `import`.
 * @returns undefined if there is no such package
 * @throws Error as Node.js does if a package does not export the path
 */
export function resolveImport(specifier: string, parent: string): string | undefined {
  if (specifier.startsWith('file:')) return fileURLToPath(specifier);
  if (/^\.{0,2}\//.test(specifier)) return resolve(dirname(parent), decodeURIComponent(specifier));
  if (specifier.startsWith('#')) return resolveOwn(specifier, parent);
  const name = packageOf(specifier);
  if (name === undefined) return undefined;
  const subpath = `.${specifier.slice(name.length)}`;
  for (const folder of foldersAbove(dirname(parent))) {
    // A package may import itself by its name.
    const own = manifestIn(folder);
    if (own?.name === name && own.exports !== undefined) return exportedFile(folder, own, subpath);
    const home = join(folder, 'node_modules', name);
    if (isDirectory(home)) return fileOfPackage(home, subpath);
  }
  return undefined;
}

function fileOfPackage(home: string, subpath: string): string {
  const manifest = manifestIn(home) ?? {};
  if (manifest.exports !== undefined) return exportedFile(home, manifest, subpath);
  if (subpath !== '.') return join(home, subpath);
  const main = manifest.main === undefined ? [] : [manifest.main, `${manifest.main}.js`, `${manifest.main}/index.js`];
  const found = [...main, 'index.js'].map((file) => join(home, file)).find(isFile);
  if (found !== undefined) return found;
  throw coded('ERR_MODULE_NOT_FOUND', `Cannot find package '${home}'`);
}

function exportedFile(home: string, { exports, name }: Manifest, subpath: string): string {
  const map = isConditions(exports) ? { '.': exports } : (exports as Record<string, unknown>);
  const target = choose(map, subpath);
  if (target !== undefined) return join(home, target);
  throw coded(
    'ERR_PACKAGE_PATH_NOT_EXPORTED',
    `Package subpath '${subpath}' is not defined by "exports" in ${join(home, 'package.json')} of ${name}`,
  );
}

function resolveOwn(specifier: string, parent: string): string | undefined {
  for (const folder of foldersAbove(dirname(parent))) {
    const manifest = manifestIn(folder);
    if (manifest === undefined) continue;
    const target = choose((manifest.imports ?? {}) as Record<string, unknown>, specifier);
    if (target === undefined) break;
    return target.startsWith('./') ? join(folder, target) : resolveImport(target, join(folder, 'package.json'));
  }
  throw coded('ERR_PACKAGE_IMPORT_NOT_DEFINED', `Package import specifier "${specifier}" is not defined`);
}

/** What a map of `exports` or `imports` gives for a key: exactly, else by the longest pattern. */
function choose(map: Record<string, unknown>, key: string): string | undefined {
  if (Object.hasOwn(map, key) && !key.includes('*')) return byConditions(map[key]);
  const patterns = Object.keys(map)
    .filter((pattern) => pattern.includes('*'))
    .sort((a, b) => b.indexOf('*') - a.indexOf('*'));
  for (const pattern of patterns) {
    const [before, after] = pattern.split('*');
    if (!key.startsWith(before) || !key.endsWith(after) || key.length < pattern.length) continue;
    const matched = key.slice(before.length, key.length - after.length);
    return byConditions(map[pattern])?.replaceAll('*', matched);
  }
  return undefined;
}

function byConditions(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return target.map(byConditions).find((each) => each !== undefined);
  for (const [condition, value] of Object.entries(target ?? {})) {
    const found = CONDITIONS.has(condition) ? byConditions(value) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function isConditions(exports: unknown): boolean {
  if (typeof exports !== 'object' || exports === null || Array.isArray(exports)) return true;
  return !Object.keys(exports).some((key) => key.startsWith('.'));
}

function foldersAbove(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersAbove(parent)];
}

function manifestIn(folder: string): Manifest | undefined {
  const file = join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : undefined;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
