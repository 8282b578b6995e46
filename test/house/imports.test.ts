import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const root = resolve(__dirname, '../..');

/** The floors of the emulator, lowest first: an import goes to the same floor or a lower one. */
const EMULATOR_FLOORS: readonly (readonly string[])[] = [
  ['core', 'clock', 'timeline'],
  ['protocol', 'faults', 'cloudformation', 'testing'],
  ['services'],
  ['integrations'],
  ['compute', 'server'],
  ['region'],
  ['apps'],
];
const TOP_FLOOR = EMULATOR_FLOORS.length; // emulator.ts and the other files of the public face
const PUBLIC_FACE = ['emulator-options.ts', 'emulator.ts', 'index.ts', 'status.ts'];

/** The halves of lib/ that never import one another, and what each may import besides itself. */
const HALVES: Readonly<Record<string, readonly string[]>> = {
  constructs: ['package-root'],
  emulator: ['package-root'],
  runtime: [],
  testing: ['emulator', 'package-root'],
  simulator: ['emulator', 'package-root'],
};

const sources = walk(join(root, 'lib')).filter((file) => file.endsWith('.ts'));
const imports = sources.flatMap((file) =>
  importsOf(file).map(({ target, typeOnly }) => ({
    file: inLib(file),
    target: inLib(target),
    typeOnly,
    text: `${inLib(file)} → ${inLib(target)}`,
  })),
);

test('the sources are found and read', () => {
  expect(sources.length).toBeGreaterThan(10);
  expect(imports.length).toBeGreaterThan(sources.length / 2);
});

test('constructs, emulator and runtime never import one another', () => {
  const wrong = imports.filter(({ file, target }) => {
    const [from, to] = [half(file), half(target)];
    return from !== to && !HALVES[from]?.includes(to) && from !== 'package-root';
  });
  expect(wrong.map(({ text }) => text)).toEqual([]);
});

test('inside the emulator, imports go to the same floor or a lower one', () => {
  const wrong = imports.filter(
    ({ file, target }) => half(file) === 'emulator' && half(target) === 'emulator' && floor(file) < floor(target),
  );
  expect(wrong.map(({ text }) => text)).toEqual([]);
});

test('no service of the emulator imports another', () => {
  const wrong = imports.filter(({ file, target }) => {
    const [from, to] = [serviceOf(file), serviceOf(target)];
    return from !== undefined && to !== undefined && from !== to;
  });
  expect(wrong.map(({ text }) => text)).toEqual([]);
});

test('only the public face of the emulator stands outside a folder', () => {
  const loose = sources.map(inLib).filter((file) => /^emulator\/[^/]+$/.test(file));
  expect(loose.map((file) => file.slice('emulator/'.length)).sort()).toEqual(PUBLIC_FACE);
});

test('no imports of values go in a circle', () => {
  const next = new Map<string, string[]>();
  for (const { file, target, typeOnly } of imports) {
    if (!typeOnly) next.set(file, [...(next.get(file) ?? []), target]);
  }
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) return void circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file)) return;
    for (const target of next.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  expect(circles).toEqual([]);
});

test('every folder of the emulator has its floor', () => {
  const rooms = readdirSync(join(root, 'lib/emulator'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const unknown = rooms.map(({ name }) => name).filter((name) => !EMULATOR_FLOORS.flat().includes(name));
  expect(unknown).toEqual([]);
});

function half(file: string): string {
  const [first] = file.split('/');
  if (first === 'package-root.ts') return 'package-root';
  return first in HALVES ? first : 'constructs';
}

function room(file: string): string {
  return file.split('/')[1];
}

function floor(file: string): number {
  const found = EMULATOR_FLOORS.findIndex((rooms) => rooms.includes(room(file)));
  return found < 0 ? TOP_FLOOR : found;
}

interface Import {
  readonly target: string;
  /** Whether it is gone once types are stripped. */
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const statement = /^(import|export)( type)?\b([^;'"]*?)from\s*['"](\.{1,2}(?:\/[^'"]*)?)['"]/gm;
  const named = [...text.matchAll(statement)].map(([, , type, names, path]) => {
    const all = /\{([^}]*)\}/
      .exec(names)?.[1]
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    const typeOnly = type !== undefined || (all !== undefined && all.every((name) => name.startsWith('type ')));
    return { path, typeOnly };
  });
  const others = [...text.matchAll(/(?:import\(|require\(|^import)\s*['"](\.{1,2}(?:\/[^'"]*)?)['"]/gm)];
  return [...named, ...others.map(([, path]) => ({ path, typeOnly: false }))].map(({ path, typeOnly }) => ({
    target: sourceAt(resolve(dirname(file), path), file),
    typeOnly,
  }));
}

function serviceOf(file: string): string | undefined {
  return /^emulator\/services\/([^/]+)\//.exec(file)?.[1];
}

function sourceAt(path: string, importer: string): string {
  for (const candidate of [path, `${path}.ts`, join(path, 'index.ts')]) {
    if (sources.includes(candidate)) return candidate;
  }
  throw new Error(`${importer} imports ${path}, which is no source file`);
}

function inLib(file: string): string {
  return relative(join(root, 'lib'), file).split(sep).join('/');
}

function walk(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
}
