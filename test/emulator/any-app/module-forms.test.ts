import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Random, SECOND, SystemClock, VirtualClock } from '../../../lib/emulator/clock';
import { createProcessRunner, createSandboxRunner } from '../../../lib/emulator/compute/functions';
import type { FunctionSpec, Invocation } from '../../../lib/emulator/services/lambda';
import { emptyFolder } from '../cloudformation/support';
import { roleCredentials } from '../sessions';

type Files = Readonly<Record<string, string>>;

function write(folder: string, files: Files): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** A project with `"type": "module"`, whose `cdk.out` holds the function's code. */
function project(code: Files): { readonly codeDirectory: string; readonly projectDirectory: string } {
  const projectDirectory = write(emptyFolder(), {
    'package.json': '{ "type": "module" }',
    'node_modules/@aws-sdk/client-none/package.json': '{ "main": "index.js" }',
    'node_modules/@aws-sdk/client-none/index.js': 'exports.name = "the SDK of the project";',
    'node_modules/lodash/package.json': '{ "main": "index.js" }',
    'node_modules/lodash/index.js': 'exports.name = "not on Lambda";',
  });
  return { codeDirectory: write(join(projectDirectory, 'cdk.out/asset.1'), code), projectDirectory };
}

const createRunner = {
  processes: () => {
    const clock = new SystemClock();
    return { clock, create: createProcessRunner, end: () => clock.stop() };
  },
  sandboxes: () => ({ clock: new VirtualClock(), create: createSandboxRunner, end: () => undefined }),
} as const;

describe.each(['processes', 'sandboxes'] as const)('functions in %s', (kind) => {
  /** Runs a function's `index.handler` once. */
  async function run(code: Files, more: Partial<FunctionSpec> = {}): Promise<Invocation> {
    const { clock, create, end } = createRunner[kind]();
    const runner = (create as typeof createSandboxRunner)({
      clock: clock,
      random: new Random(1),
      computeHost: {
        region: 'eu-central-1',
        account: '123456789012',
        endpointUrl: () => 'http://127.0.0.1:4566',
        credentials: roleCredentials('123456789012'),
        openMetadata: () => Promise.reject(new Error('functions have no metadata service')),
        log: () => undefined,
      },
    });
    const functionArn = 'arn:aws:lambda:eu-central-1:123456789012:function:form';
    const running = runner.run(
      {
        functionName: 'form',
        functionArn,
        runtime: 'nodejs22.x',
        handler: 'index.handler',
        environment: {},
        timeoutSeconds: 10,
        memoryMegabytes: 256,
        ...project(code),
        ...more,
      },
      '{}',
      { requestId: 'r', deadline: clock.now() + 10 * SECOND, invokedFunctionArn: functionArn },
    );
    if (clock instanceof VirtualClock) await clock.advance(5 * SECOND);
    const result = await running;
    await runner.dispose();
    end();
    return result;
  }

  const handler = 'async () => name';

  test.each<[string, Files, string]>([
    [
      'CommonJS',
      { 'index.js': `const { name } = require('@aws-sdk/client-none'); exports.handler = ${handler};` },
      'the SDK of the project',
    ],
    [
      'CommonJS with import()',
      { 'index.js': "exports.handler = async () => (await import('@aws-sdk/client-none')).default.name;" },
      'the SDK of the project',
    ],
    [
      'an ES module by its extension',
      { 'index.mjs': `import { name } from '@aws-sdk/client-none'; export const handler = ${handler};` },
      'the SDK of the project',
    ],
    [
      'an ES module by its package.json, with several files and top-level await',
      {
        'package.json': '{ "type": "module" }',
        'index.js':
          "import { next } from './lib/next.js';\nconst name = await next();\nexport const handler = async () => name;",
        'lib/next.js':
          "import sdk, { name } from '@aws-sdk/client-none';\nexport async function next() { return name + (sdk.name === name); }",
      },
      'the SDK of the projecttrue',
    ],
    [
      'an ES module by its syntax',
      {
        'index.js': `import { name } from '@aws-sdk/client-none';\nexport { run as handler };\nconst run = ${handler};`,
      },
      'the SDK of the project',
    ],
    [
      'an ES module with conditional exports, createRequire and a circle',
      {
        'index.mjs': `
          import { createRequire } from 'node:module';
          import which from 'dual';
          import { late } from './circle.mjs';
          const require = createRequire(import.meta.url);
          export function hoisted() { return 'hoisted'; }
          export default 1;
          export const handler = async () => [which, require('dual'), late].join();`,
        'circle.mjs': "import { hoisted } from './index.mjs'; export const late = hoisted();",
        'node_modules/dual/package.json': JSON.stringify({
          exports: { import: './import.mjs', require: './require.cjs' },
        }),
        'node_modules/dual/import.mjs': "export default 'imported';",
        'node_modules/dual/require.cjs': "module.exports = 'required';",
      },
      'imported,required,hoisted',
    ],
  ])('%s finds the SDK, below a project of ES modules', async (_, code, expected) => {
    expect(await run(code)).toMatchObject({ payload: JSON.stringify(expected) });
  });

  test('a layer is found under nodejs, after the own modules and before those of the project', async () => {
    const layers = write(emptyFolder(), {
      'nodejs/node_modules/@aws-sdk/client-none/index.js': 'exports.name = "the SDK of the layer";',
    });
    const code = { 'index.js': `const { name } = require('@aws-sdk/client-none'); exports.handler = ${handler};` };
    const versions = [{ arn: 'arn:aws:lambda:eu-central-1:123456789012:layer:sdk:1' }];
    expect(await run(code, { layers: { versions, directory: layers } })).toMatchObject({
      payload: '"the SDK of the layer"',
    });
  });

  test.each([
    ['require', 'index.js', "require('lodash')", "'lodash' (neither the function's code nor its layers include it"],
    ['import', 'index.mjs', "import 'lodash'", "'lodash' (neither the function's code nor its layers include it"],
    ['require', 'index.js', "require('@smithy/none')", 'npm i -D @smithy/none)'],
    ['import', 'index.mjs', "import '@aws-sdk/none'", 'npm i -D @aws-sdk/none)'],
  ])('%s in %s of what Lambda would not find fails: %s', async (_, file, code, message) => {
    const { error } = await run({ [file]: code });
    expect(error?.errorType).toBe('Runtime.ImportModuleError');
    expect(error?.errorMessage.split('\n')[0]).toContain(message);
  });
});
