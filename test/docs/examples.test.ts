import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { App, Stack } from 'aws-cdk-lib/core';
import * as spillway from '../../lib';
import { examples, guides, root } from './examples';
import { Given } from './given';
import { type Exports, load } from './load-example';

const all = examples();
const inStacks = all.filter(({ kind }) => kind === 'stack');

jest.setTimeout(60_000); // the compiler has a process of its own

let project: string;
const before = process.cwd();

beforeAll(() => {
  // The examples' bundles are at paths relative to the app's folder.
  project = mkdtempSync(join(tmpdir(), 'spillway-examples-'));
  for (const bundle of ['encoder', 'worker']) {
    mkdirSync(join(project, 'dist', bundle), { recursive: true });
    writeFileSync(join(project, 'dist', bundle, 'index.js'), '');
  }
  process.chdir(project);
});

afterAll(() => {
  process.chdir(before);
  rmSync(project, { recursive: true, force: true });
});

test('there are examples, and a guide for each construct, producer and consumer', () => {
  expect(all.length).toBeGreaterThan(20);
  const files = guides();
  const abstract = ['MessageQueue'];
  const guided = Object.keys(spillway).filter((name) =>
    /(Queue|Key|Endpoint|Consumer|Producer|FanOut|Pipeline|Alarms|Metrics|Dashboard|Grants|Scaling)$/.test(name),
  );
  const missing = guided
    .filter((name) => !abstract.includes(name))
    .map((name) => `${name.replace(/(?<=[a-z])[A-Z]/g, '-$&').toLowerCase()}.md`)
    .filter((file) => !files.includes(file));
  expect(missing).toEqual([]);
});

test('all examples compile', () => {
  const files = all.map(({ source, file = '' }, index) => {
    if (file !== '') writeFileSync(join(project, file), source);
    const name = `example-${index}.ts`;
    writeFileSync(join(project, name), source);
    return name;
  });
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(tsconfig(files)));
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript-7/bin/tsc'), '-p', project, '--pretty', 'false'],
    { encoding: 'utf8' },
  );
  const named = stdout.replace(/\S*example-(\d+)\.ts/g, (_, index: string) => all[Number(index)].name);
  expect(named).toBe('');
  expect(status).toBe(0);
});

test.each(inStacks)('$name synthesizes without a warning', ({ source }) => {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Example');
  const { default: example } = load(source) as Exports & { default(this: Stack, given: Given): void };
  example.call(stack, new Given(stack));
  const template = Template.fromStack(stack);
  expect(Object.keys(template.toJSON())).not.toEqual([]);
  expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
});

function tsconfig(files: string[]): object {
  const modules = join(root, 'node_modules');
  return {
    compilerOptions: {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: 'es2022',
      lib: ['es2023'],
      module: 'preserve',
      moduleResolution: 'bundler',
      esModuleInterop: true,
      types: ['node', 'jest'],
      typeRoots: [join(modules, '@types')],
      paths: {
        'cdk-spillway': [join(root, 'lib/index.ts')],
        'cdk-spillway/emulator': [join(root, 'lib/emulator/index.ts')],
        'cdk-spillway/testing': [join(root, 'lib/testing/index.ts')],
        'cdk-spillway/runtime': [join(root, 'lib/runtime/index.ts')],
        'aws-cdk-lib': [join(modules, 'aws-cdk-lib/core')], // the same types, in half the time
        '*': [join(modules, '@types/*'), join(modules, '*')],
      },
    },
    files,
  };
}
