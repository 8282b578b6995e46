import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const root = resolve(__dirname, '../..');

/** The floors of the house, lowest first: an import goes to the same floor or a lower one. */
const EMULATOR_FLOORS: readonly (readonly string[])[] = [
  ['clock', 'timeline', 'api'],
  ['sqs', 'sns', 'lambda', 'cloudwatch', 'autoscaling', 'ec2', 'kms', 's3', 'events', 'kinesis', 'sts', 'access'],
  ['template', 'compute'],
  ['wire'],
  ['server', 'console'],
];
const SERVICES = EMULATOR_FLOORS[1];
const TOP_FLOOR = EMULATOR_FLOORS.length; // emulator.ts and index.ts

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
  importsOf(file).map((target) => ({
    file: inLib(file),
    target: inLib(target),
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

test('services never import one another, nor template and compute', () => {
  const apart = [...SERVICES, 'template', 'compute'];
  const wrong = imports.filter(({ file, target }) => {
    const [from, to] = [room(file), room(target)];
    if (half(file) !== 'emulator' || half(target) !== 'emulator' || from === to) return false;
    if (from === 'template' && SERVICES.includes(to)) return false; // a floor below
    if (from === 'compute' && SERVICES.includes(to)) return false;
    return apart.includes(from) && apart.includes(to);
  });
  expect(wrong.map(({ text }) => text)).toEqual([]);
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

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const named = [...text.matchAll(/(?:from|import\(|require\(|^import)\s*['"](\.{1,2}(?:\/[^'"]*)?)['"]/gm)];
  return named.map(([, path]) => sourceAt(resolve(dirname(file), path), file));
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
