import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

// Within the checkout, so that jest transforms it and finds what it imports.
const root = resolve(__dirname, '../..');
const folder = mkdtempSync(join(root, 'node_modules/.cache/timed-out-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('jest ends after a test was timed out while time passes in its cloud', async () => {
  const config = {
    rootDir: folder,
    testMatch: ['**/*.test.js'],
    testPathIgnorePatterns: [],
    transformIgnorePatterns: [],
    transform: {
      '^.+\\.ts$': [
        require.resolve('@swc/jest'),
        { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
      ],
    },
    haste: { retainAllFiles: true }, // in node_modules
    cacheDirectory: join(root, 'node_modules/.cache/jest'),
  };
  writeFileSync(join(folder, 'jest.config.json'), JSON.stringify(config));
  writeFileSync(
    join(folder, 'abandoned.test.js'),
    `const { App, Stack } = require('aws-cdk-lib/core');
     const { Queue } = require('aws-cdk-lib/aws-sqs');
     const { LocalCloud } = require(${JSON.stringify(join(root, 'lib/testing/index.ts'))});
     test('waits in vain', async () => {
       const stack = new Stack(new App(), 'Shop');
       new Queue(stack, 'Jobs');
       const cloud = await LocalCloud.fromStack(stack);
       await cloud.runUntil(() => false, { atMost: 1e15 });
     }, 100);
     test('goes on', () => {});`,
  );
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const args = [jest, '--config', join(folder, 'jest.config.json'), '--runInBand'];
  const { code, output } = await new Promise<{ code: unknown; output: string }>((ended) =>
    execFile(process.execPath, args, { cwd: root, timeout: 100_000 }, (error, _, stderr) =>
      ended({ code: error?.code, output: stderr }),
    ),
  );
  expect(output).toContain('Exceeded timeout of 100 ms');
  expect(output).toContain('Tests:       1 failed, 1 passed');
  expect(code).toBe(1); // and not ended by the time-out
});
