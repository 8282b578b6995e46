import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const page = readFileSync(join(root, 'docs/adding-a-service.md'), 'utf8');
const blocks = [...page.matchAll(/^```ts (?<info>[^\n]+)\n(?<code>.*?)^```$/gms)].map(
  ({ groups: { info = '', code = '' } = {} }) => ({ info, code }),
);
const SERVICES = 'lib/emulator/services/index.ts';
/** Where the list of services ends. */
const END_OF_LIST = /(?<=^export const SERVICES = \[[^\]]*)^\] as const;$/m;

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'spillway-service-'));
  for (const name of ['lib', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const { info, code } of blocks) {
    const file = /^file=(\S+)$/.exec(info)?.[1];
    if (file !== undefined) write(`lib/emulator/services/toy/${file}`, code);
    if (info === 'test') write('test/toy.test.ts', code);
  }
  const list = readFileSync(join(copy, SERVICES), 'utf8');
  write(SERVICES, `import { toy } from './toy';\n${list.replace(END_OF_LIST, (end) => line() + end)}`);
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** The line that the page adds to the list. */
function line(): string {
  return blocks.find(({ info }) => info === 'line=SERVICES')?.code ?? '';
}

test('the list of services takes one more line', () => {
  expect(line()).toBe('  toy,\n');
  expect(readFileSync(join(root, SERVICES), 'utf8')).toMatch(END_OF_LIST);
});

test('the project compiles with a service that is one folder and one line', () => {
  expect(run('node_modules/typescript-7/bin/tsc', '-p', '.', '--pretty', 'false')).toEqual({ output: '', status: 0 });
});

test('the service works on the wire, in templates, for deliveries, faults, status, handles and idle time', () => {
  const config = {
    ...{ rootDir: copy, roots: ['<rootDir>/test'], testMatch: ['**/toy.test.ts'], testEnvironment: 'node' },
    transform: {
      '^.+\\.ts$': [
        join(root, 'node_modules/@swc/jest'),
        { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
      ],
    },
    cacheDirectory: join(root, 'node_modules/.cache/jest'),
    testTimeout: 120_000,
  };
  const { output, status } = run('node_modules/jest/bin/jest.js', '-w', '1', '--config', JSON.stringify(config));
  expect(output).toContain('Tests:       7 passed, 7 total');
  expect(status).toBe(0);
});

function write(file: string, text: string): void {
  const path = join(copy, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** Runs a program of ours in the copy, with node. */
function run(program: string, ...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(root, program), ...args], {
    cwd: copy,
    encoding: 'utf8',
  });
  return { output: stdout + stderr, status };
}
