import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvokeCommand, LambdaClient, PublishVersionCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { Emulator, VirtualClock } from '../../lib/emulator';
import { zipOf } from './services/lambda/zip';

const NAME = `scratch-${process.pid}`;

let folder: string;
let app: string;
let emulator: Emulator;
let lambda: LambdaClient;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  app = assembly('app', {});
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  emulator = new Emulator({ clock: new VirtualClock() });
  lambda = new LambdaClient(emulator.clientConfig());
  await emulator.load(app);
});
afterEach(async () => {
  lambda.destroy();
  await emulator.stop();
  expect(left()).toEqual([]);
});

/** An assembly of one function with inline code. */
function assembly(name: string, properties: Record<string, unknown>): string {
  const directory = join(folder, name);
  const Function = {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: NAME,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/any',
      Code: { ZipFile: 'exports.handler = async () => 0;' },
      ...properties,
    },
  };
  const stack = {
    type: 'aws:cloudformation:stack',
    environment: 'aws://unknown-account/unknown-region',
    properties: { templateFile: 'Stack.template.json' },
  };
  mkdirSync(directory);
  writeFileSync(join(directory, 'Stack.template.json'), JSON.stringify({ Resources: { Function } }));
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '39.0.0', artifacts: { Stack: stack } }));
  return directory;
}

const left = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`spillway-${NAME}`));

const upload = (result: number | string, more: { DryRun?: boolean; RevisionId?: string } = {}) =>
  lambda.send(
    new UpdateFunctionCodeCommand({
      FunctionName: NAME,
      ZipFile: zipOf({ 'index.js': `exports.handler = async () => ${result};` }),
      ...more,
    }),
  );

const invoke = async (Qualifier?: string) =>
  (await lambda.send(new InvokeCommand({ FunctionName: NAME, Qualifier }))).Payload?.transformToString();

test('keeps one folder for a function, however often its code is replaced', async () => {
  for (let version = 1; version <= 30; version++) {
    await upload(version);
    expect(await invoke()).toBe(String(version));
  }
  expect(left()).toHaveLength(1);
});

test('keeps nothing of a dry run, of an archive that is none, and of a refused upload', async () => {
  const before = left();
  await upload(1, { DryRun: true });
  await expect(upload(1, { RevisionId: 'another' })).rejects.toThrow(/Revision Id/);
  const broken = new UpdateFunctionCodeCommand({ FunctionName: NAME, ZipFile: Buffer.from('PK but not a zip') });
  await expect(lambda.send(broken)).rejects.toThrow('Could not unzip uploaded file');
  expect(left()).toEqual(before);
  expect(await invoke()).toBe('0');
});

test('keeps nothing of a stack update that is refused', async () => {
  const before = left();
  await expect(emulator.load(assembly('refused', { MemorySize: 1 }))).rejects.toThrow(/MemorySize/i);
  await expect(emulator.load(assembly('reserved', { ReservedConcurrentExecutions: 5_000 }))).rejects.toThrow();
  expect(left()).toHaveLength(before.length);
  expect(await invoke()).toBe('0');
});

test('keeps the code of published versions', async () => {
  await upload(1);
  const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName: NAME }));
  await upload(2);
  await upload(3);
  expect(left()).toHaveLength(2);
  expect([await invoke(Version), await invoke()]).toEqual(['1', '3']);
});

test('keeps replaced code until the invocations that run it have ended', async () => {
  await upload("new Promise((done) => setTimeout(() => done(require('./index.js') && 'old'), 1000))");
  const running = invoke();
  await (emulator.clock as VirtualClock).advance(500);
  await upload(2);
  expect(left()).toHaveLength(2);
  await (emulator.clock as VirtualClock).advance(1_000);
  expect(await running).toBe('"old"');
  expect(left()).toHaveLength(1);
});

test('removes the folders of emulators that nobody stopped when the process ends', () => {
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  const script = `
    import { readdirSync } from 'node:fs';
    import emulator from './lib/emulator/index.ts';
    const { Emulator, VirtualClock } = emulator;
    for (let round = 0; round < 2; round++) await new Emulator({ clock: new VirtualClock() }).load(process.argv[1]);
    console.log(readdirSync(process.env.TMPDIR).filter((name) => name.startsWith('spillway-')).length);
  `;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script, app],
    { cwd: resolve(__dirname, '../..'), encoding: 'utf8', env: { ...process.env, TMPDIR: temporary } },
  );
  expect({ stdout, stderr }).toEqual({ stdout: '2\n', stderr: '' });
  expect(readdirSync(temporary).filter((name) => name.startsWith('spillway-'))).toEqual([]);
});
