import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly version: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly peerDependencies: Record<string, string>;
  readonly exports: Record<string, string | Record<string, string>>;
  readonly typesVersions: { readonly '*': Record<string, readonly string[]> };
  readonly files: readonly string[];
}

const root = join(__dirname, '../..');
const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
const manifest = read('package.json');
const subpaths = Object.entries(manifest.exports).filter(
  (entry): entry is [string, Record<string, string>] => typeof entry[1] !== 'string',
);

test('the peers that are installed, and so tested with, are the lowest that package.json allows', () => {
  for (const [name, range] of Object.entries(manifest.peerDependencies)) {
    expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
    expect(manifest.devDependencies[name]).toBe(range.slice(1));
    expect(read(`node_modules/${name}/package.json`).version).toBe(range.slice(1));
  }
});

test('there are no dependencies: users of other languages get the tarball and the peers, and nothing else', () => {
  expect(manifest.dependencies).toBeUndefined();
});

test.each(subpaths)('%s is built of a source, with types for every kind of resolution', (subpath, targets) => {
  const source = targets.default.replace(/^\.\/dist\//, '').replace(/\.js$/, '.ts');
  expect(existsSync(join(root, source))).toBe(true);
  expect(targets.types).toBe(targets.default.replace(/\.js$/, '.d.ts'));
  if (subpath !== '.') expect(manifest.typesVersions['*'][subpath.slice(2)]).toEqual([targets.types]);
});
