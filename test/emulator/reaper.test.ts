import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { emptyFolder } from './cloudformation/support';

/** A name that no other test's folders have. */
const named = (language: string) => `spins-${process.pid}-${language}`;

const LANGUAGES: Readonly<Record<string, { readonly runtime: Runtime; readonly code: () => Code }>> = {
  node: {
    runtime: Runtime.NODEJS_22_X,
    code: () => Code.fromInline('exports.handler = async () => { console.log("spins", process.pid); for (;;); };'),
  },
  python: {
    runtime: Runtime.PYTHON_3_12,
    code: () =>
      Code.fromInline(
        'import os\ndef handler(event, context):\n    print("spins", os.getpid(), flush=True)\n    while True: pass',
      ),
  },
  shell: {
    runtime: Runtime.PROVIDED_AL2023,
    code: () => {
      const folder = emptyFolder();
      const bootstrap = join(folder, 'bootstrap');
      writeFileSync(bootstrap, '#!/bin/sh\necho spins $$\nwhile :; do :; done\n');
      chmodSync(bootstrap, 0o755);
      return Code.fromAsset(folder);
    },
  },
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const leftFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`spillway-spins-${process.pid}`));

test('SIGKILL of the emulator ends functions that compute in a loop, in any language, and removes its folders', async () => {
  const hasPython = spawnSync('python3', ['--version']).status === 0;
  const languages = Object.keys(LANGUAGES).filter((language) => hasPython || language !== 'python');
  const app = new App({ outdir: emptyFolder() });
  const stack = new Stack(app, 'Stack');
  for (const language of languages) {
    const { runtime, code } = LANGUAGES[language];
    const timeout = Duration.minutes(15);
    const functionName = named(language);
    new LambdaFunction(stack, language, { functionName, runtime, code: code(), timeout, handler: 'index.handler' });
  }
  const fixture = join(__dirname, 'compute/fixtures/abandoned-emulator.ts');
  const parameters = ['--import', 'tsx', fixture, app.synth().directory, ...languages.map(named)];
  const emulator = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const pids = await new Promise<number[]>((resolve) =>
    emulator.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const found = [...output.matchAll(/^spins (\d+)$/gm)].map(([, pid]) => Number(pid));
      if (found.length === languages.length) resolve(found);
    }),
  );
  expect(pids.map(isAlive)).toEqual(pids.map(() => true));
  expect(leftFolders()).toHaveLength(languages.filter((language) => language !== 'shell').length);
  emulator.kill('SIGKILL');
  while (pids.some(isAlive) || leftFolders().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
});
