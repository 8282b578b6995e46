// node scripts/build.mjs [assets] [lib] [types] [bundle] [notices] [programs]; none named: all but programs, from a clean
// dist/
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { build } from 'esbuild';
import { root, tool } from './tool.mjs';

const inlined = new Set(); // the npm packages that went into a bundle: their licences are owed

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  mainFields: ['module', 'main'],
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  keepNames: true,
};

async function bundle(options) {
  const { metafile } = await build({ ...common, ...options });
  for (const input of Object.keys(metafile.inputs)) {
    const home = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
    if (home !== undefined) inlined.add(home);
  }
}

/** A module of its own, though it is inside another one: both the emulator and testing need the same classes of it. */
const SHARED = 'lib/emulator/testing';

/** Whether a path is part of the emulator's bundle, but not what it exports. */
const insideEmulator = (path) => path.startsWith(join(root, 'lib/emulator') + sep);

/** A relative import that leaves the entry's folder names a sibling module of the package: required, never inlined. */
const siblingsOutside = (home) => ({
  name: 'siblings-outside',
  setup: (b) =>
    b.onResolve({ filter: /^\.\.?\// }, ({ resolveDir, path, importer }) => {
      const target = resolve(resolveDir, path);
      const to = relative(join(root, home), target).split(sep).join('/');
      if (resolveDir.includes(`${sep}node_modules${sep}`)) return undefined;
      if (target === join(root, SHARED) && home !== SHARED)
        return { path: to.replace(/^(?!\.)/, './'), external: true };
      if (!to.startsWith('..')) return undefined;
      const mayImport = home !== SHARED && target.startsWith(join(root, 'lib') + sep) && !insideEmulator(target);
      if (!mayImport) throw new Error(`${importer} may not import ${path}`);
      return { path: to, external: true };
    }),
});

const CHILDREN = 'lib/emulator/compute/children'; // programs that run in processes of their own
const RUNTIME = 'lib/runtime/index.ts';
const entries = {
  'lib/emulator/index.ts': 'dist/lib/emulator/index.js',
  'lib/emulator/testing/index.ts': 'dist/lib/emulator/testing/index.js',
  [RUNTIME]: 'dist/lib/runtime/index.js',
  'lib/testing/index.ts': 'dist/lib/testing/index.js',
  'lib/testing/jest-globals/index.ts': 'dist/lib/testing/jest-globals/index.js',
  'bin/spillway.ts': 'dist/bin/spillway.js',
};

const steps = {
  // lambda/<name>/index.ts -> dist/lambda/<name>/index.js, the SDK included: the same bytes on AWS and here
  assets: () => {
    const names = (dir) => (existsSync(join(root, dir)) ? readdirSync(join(root, dir), { withFileTypes: true }) : []);
    const handlers = names('lambda').filter((entry) => entry.isDirectory());
    const children = names(CHILDREN).filter((entry) => entry.name.endsWith('.ts'));
    for (const { name } of names(CHILDREN).filter((entry) => entry.name.endsWith('.py'))) {
      mkdirSync(join(root, 'dist', CHILDREN), { recursive: true });
      copyFileSync(join(root, CHILDREN, name), join(root, 'dist', CHILDREN, name));
    }
    return Promise.all([
      ...handlers.map(({ name }) =>
        bundle({
          entryPoints: [`lambda/${name}/index.ts`],
          outfile: `dist/lambda/${name}/index.js`,
          target: 'node22',
          minify: true,
        }),
      ),
      ...children.map(({ name }) =>
        bundle({
          entryPoints: [`${CHILDREN}/${name}`],
          outfile: `dist/${CHILDREN}/${name.replace(/\.ts$/, '.js')}`,
          target: 'node20',
        }),
      ),
    ]);
  },
  lib: () => tool('jsii/bin/jsii', '--silence-warnings', 'reserved-word'), // dist/lib and .jsii
  types: () => tool('typescript-7/bin/tsc', '-p', 'tsconfig.types.json'),
  bundle: () =>
    Promise.all(
      Object.entries(entries).map(([entry, outfile]) =>
        bundle({
          entryPoints: [entry],
          outfile,
          target: 'node20',
          keepNames: false, // it names each closure when it is made: a tenth of all the work of answering a request
          minifySyntax: true,
          minifyWhitespace: true,
          // The runtime sends with the SDK clients that its user has.
          external: ['aws-cdk-lib', 'constructs', '@jest/globals', ...(entry === RUNTIME ? ['@aws-sdk/*'] : [])],
          plugins: [siblingsOutside(dirname(entry))],
        }),
      ),
    ),
  // For bundlers, the runtime as ES modules, a file each: a handler then holds, and loads, what it uses.
  modules: async () => {
    const home = dirname(RUNTIME);
    const outdir = `dist/${home}/esm`;
    const asModule = ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: path.startsWith('.') ? `${path}.mjs` : path, external: true };
    await bundle({
      entryPoints: readdirSync(join(root, home)).map((name) => join(home, name)),
      outdir,
      outExtension: { '.js': '.mjs' },
      format: 'esm',
      target: 'node20',
      keepNames: false,
      minifySyntax: true,
      minifyWhitespace: true,
      plugins: [{ name: 'module-each', setup: (b) => b.onResolve({ filter: /./ }, asModule) }],
    });
    writeFileSync(join(root, outdir, 'package.json'), '{ "type": "module", "sideEffects": false }\n');
  },
  // The licence texts of all that was inlined: wants assets and bundle in the same run.
  notices: () => {
    const read = (...path) => readFileSync(join(root, ...path), 'utf8');
    const text = (dir) => {
      const name = dir.replace(/^.*node_modules\//, '');
      const licences = readdirSync(join(root, dir)).filter((file) => /^licen[cs]e(\.|$)/i.test(file));
      return `${name} ${JSON.parse(read(dir, 'package.json')).version}\n\n${licences.map((f) => read(dir, f).trim())}\n`;
    };
    writeFileSync(
      join(root, 'THIRD-PARTY-NOTICES'),
      [...inlined]
        .sort()
        .map(text)
        .join(`\n${'-'.repeat(80)}\n\n`),
    );
  },
  // dist/programs: the command line and the story in one file each. Tests start them often, and from their hundreds of
  // sources a start takes five times as long.
  programs: () =>
    bundle({
      entryPoints: ['bin/spillway.ts', 'bin/start.ts'],
      outdir: 'dist/programs',
      target: 'node20',
      external: ['aws-cdk-lib', 'constructs'],
    }),
};

const wanted = process.argv.slice(2);
const packaged = Object.keys(steps).filter((name) => name !== 'programs');
for (const name of wanted) if (!(name in steps)) throw new Error(`no step ${name}: ${Object.keys(steps).join(', ')}`);
if (wanted.length === 0) rmSync(join(root, 'dist'), { recursive: true, force: true });
for (const name of wanted.length > 0 ? wanted : packaged) await steps[name]();
