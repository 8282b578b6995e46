// node scripts/check-package.mjs: whether what npm would publish of dist/ is whole, and nothing besides.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tool.mjs';

const manifest = json('package.json');
if (!existsSync(join(root, '.jsii'))) throw new Error('nothing is built: npm run build');
const assembly = json('.jsii');
const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
  cwd: root,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
});
const [{ files, size, unpackedSize }] = JSON.parse(listing);
const shipped = new Set(files.map(({ path }) => path));

const promised = [
  manifest.main,
  manifest.types,
  ...Object.values(manifest.bin),
  ...Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? entry : Object.values(entry))),
  ...Object.values(manifest.typesVersions['*']).flat(),
  'dist/lib/emulator/compute/children/lambda-environment.js',
  'dist/lib/emulator/compute/children/lambda-bootstrap.py',
  ...['LICENSE', 'README.md', 'API.md', 'THIRD-PARTY-NOTICES', '.jsii'],
].map((path) => path.replace(/^\.\//, ''));

/** Sources, tests, caches and what only this repository needs. */
const STRAY = /(?<!\.d)\.ts$|\.test\.|__snapshots__|tsbuildinfo|\.map$|node_modules|^(test|scripts|dist\/jsii)\//;
/** What jsii compiled: its users in other languages get the tarball and the peers, and no other npm package. */
const CONSTRUCTS = /^dist\/lib\/(?!emulator\/|runtime\/|testing\/|simulator\/).*\.js$/;
const OTHER_HALF = /(^|\/)(emulator|runtime|testing|simulator)(\/|$)/;
const PEER = /^(\.|node:|constructs$|aws-cdk-lib(\/|$))/;
/** Of `testing/jest-globals`, which only those import who have them. */
const TEST_RUNNERS = ['@jest/globals', 'expect'];
/** Folders of whoever built it. */
const MACHINE_PATH = new RegExp(`${root.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?=/|"|'|$)`);

const problems = [
  ...promised.filter((path) => !shipped.has(path)).map((path) => `missing: ${path}`),
  ...[...shipped].filter((path) => STRAY.test(path)).map((path) => `should not ship: ${path}`),
  ...[...shipped].filter((path) => CONSTRUCTS.test(path)).flatMap(foreignImports),
  ...[...shipped]
    .filter((path) => /\.(js|ts|md)$|^\.jsii$/.test(path) && names(path))
    .map((path) => `names ${root}: ${path}`),
  ...relativeTypes(),
  ...deadLinks(),
  ...foreignTypes(),
];
if (manifest.dependencies !== undefined)
  problems.push('has dependencies: jsii takes no npm package that is not one of its own');
if (assembly.version !== manifest.version || JSON.stringify(assembly.bin) !== JSON.stringify(manifest.bin)) {
  problems.push('.jsii is older than package.json: npm run build');
}
for (const problem of problems) console.error(problem);
console.log(
  `${shipped.size} files, ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked, ` +
    `${Object.keys(assembly.types).length} types for ${Object.keys(assembly.targets).join(', ')}`,
);
process.exitCode = problems.length > 0 ? 1 : 0;

function foreignImports(path) {
  const required = [...read(path).matchAll(/\b(?:require|import)\(["']([^"']+)["']\)/g)].map(([, id]) => id);
  return required
    .filter((id) => OTHER_HALF.test(id) || !PEER.test(id))
    .map((id) => `the constructs need only their peers: ${path} requires ${id}`);
}

/** Declarations lead only to declarations that are shipped too. */
function relativeTypes() {
  const declarations = [...shipped].filter((path) => path.endsWith('.d.ts'));
  return declarations.flatMap((path) =>
    [...read(path).matchAll(/(?:from|import\()\s*["'](\.{1,2}(?:\/[^"']*)?)["']/g)]
      .map(([, target]) => join(path, '..', target).split('\\').join('/'))
      .filter((target) => ![`${target}.d.ts`, `${target}/index.d.ts`].some((candidate) => shipped.has(candidate)))
      .map((target) => `missing: the declarations of ${target}, which ${path} imports`),
  );
}

/** Pages lead only to pages that are shipped too: whoever has the package has no repository beside it. */
function deadLinks() {
  const pages = [...shipped].filter((path) => path.endsWith('.md') && path !== 'API.md');
  return pages.flatMap((path) =>
    [...withoutCode(read(path)).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
      .map(([, target]) => join(path, '..', target).split('\\').join('/'))
      .filter((target) => !shipped.has(target))
      .map((target) => `missing: ${target}, to which ${path} links`),
  );
}

function withoutCode(page) {
  return page.replace(/^```.*?^```$/gms, '');
}

/**
 * Declarations import the peers and the optional peers, and nothing else. The optional ones have no range: jsii refuses a
 * peer that is no jsii module, and Yarn and pnpm take an entry of `peerDependenciesMeta` for a peer of any version.
 */
function foreignTypes() {
  const optional = Object.keys(manifest.peerDependenciesMeta);
  const known = new Set([...Object.keys(manifest.peerDependencies), ...optional]);
  const imported = [...shipped]
    .filter((path) => path.endsWith('.d.ts'))
    .flatMap((path) => [
      ...read(path).matchAll(/(?:from|import\()\s*["']((?:@[^"'/]+\/)?[^"'./][^"'/]*)(?:\/[^"']*)?["']/g),
    ])
    .map(([, name]) => name)
    .filter((name) => !name.startsWith('node:') && !TEST_RUNNERS.includes(name));
  return [
    ...[...new Set(imported)].filter((name) => !known.has(name)).map((name) => `no peer, but types need it: ${name}`),
    ...optional
      .filter((name) => !imported.includes(name))
      .map((name) => `an optional peer that no type needs: ${name}`),
  ];
}

function names(path) {
  return MACHINE_PATH.test(read(path));
}

function kilobytes(bytes) {
  return `${Math.round(bytes / 1024)} KiB`;
}

function read(path) {
  return readFileSync(join(root, path), 'utf8');
}

function json(path) {
  return JSON.parse(read(path));
}
