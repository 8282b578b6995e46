import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, Duration, Size, Stack } from 'aws-cdk-lib/core';
import { Code, Function as LambdaFunction, type FunctionProps, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Emulator, formatReport, SystemClock, VirtualClock } from '../../../lib/emulator';
import { emptyFolder } from '../cloudformation/support';
import { zipOf } from '../services/lambda/zip';

type Files = Readonly<Record<string, string>>;

/** A function in one of the forms that modules have, and the body of the message that it sends. */
interface Form {
  readonly props: (stack: Stack) => Pick<FunctionProps, 'code'> & Partial<FunctionProps>;
  readonly sends: string;
}

function write(folder: string, files: Files): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const asset = (files: Files) => Code.fromAsset(write(emptyFolder(), files));
const layer = (stack: Stack, id: string, files: Files) => new LayerVersion(stack, id, { code: asset(files) });

const REQUIRE = "const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');";
const IMPORT = "import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';";
/** A handler that sends a message: of an ES module, or with `exports.` in front. */
const sends = (body: string) => `handler = async () => {
  const sent = await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: ${body} }));
  return sent.MessageId;
};`;
const commonJs = (body: string, first = '') => `${REQUIRE}\n${first}\nexports.${sends(body)}`;
const esm = (body: string, first = '') => `${IMPORT}\n${first}\nexport const ${sends(body)}`;

const dual: Files = {
  'node_modules/dual/package.json': '{ "exports": { "import": "./import.mjs", "default": "./require.cjs" } }',
  'node_modules/dual/import.mjs': "export default 'imported';",
  'node_modules/dual/require.cjs': "module.exports = 'required';",
};
const sync: Files = {
  'node_modules/sync/package.json': '{ "exports": { "module-sync": "./sync.mjs", "default": "./require.cjs" } }',
  'node_modules/sync/sync.mjs': "export const name = 'synchronous';",
  'node_modules/sync/require.cjs': "exports.name = 'required';",
};
/** Since 20.19 and 22.12 Node.js takes what `module-sync` names, for `require` too. */
const hasModuleSync = spawnSync(process.execPath, ['-p', 'process.features.require_module'], { encoding: 'utf8' });
const syncName = hasModuleSync.stdout.trim() === 'true' ? 'synchronous' : 'required';

const layers = (stack: Stack) => [
  layer(stack, 'Tools', {
    'nodejs/node_modules/named/index.js': "exports.name = 'of the first layer';",
    'nodejs/node_modules/sender/index.js': "exports.sqs = require('@aws-sdk/client-sqs');",
    'nodejs/tools.js': "exports.tool = 'a tool';",
    'data.txt': 'first',
  }),
  layer(stack, 'Names', {
    'nodejs/node22/node_modules/named/index.js': "exports.name = 'of Node.js 22';",
    'data.txt': 'second',
  }),
];
const useLayers = "readFileSync('/opt/data.txt', 'utf8') + ', ' + name + ', ' + tool";

const THEIRS = 'arn:aws:lambda:us-east-1:017000801446:layer:Powertools:1';

const FORMS: Readonly<Record<string, Form>> = {
  'a CommonJS asset': {
    props: () => ({ code: asset({ 'index.js': commonJs("require('@aws-sdk/client-of-project').name") }) }),
    sends: 'of the project',
  },
  'an ES module by its extension': {
    props: () => ({ code: asset({ 'index.mjs': esm('name', "import { name } from '@aws-sdk/client-of-project';") }) }),
    sends: 'of the project',
  },
  'an ES module by its package.json, with top-level await': {
    props: () => ({
      code: asset({
        'package.json': '{ "type": "module" }',
        'index.js': esm('name', "const { name } = await import('./name.js');"),
        'name.js': "export const name = await Promise.resolve('awaited');",
      }),
    }),
    sends: 'awaited',
  },
  'inline code': { props: () => ({ code: Code.fromInline(commonJs("'inline'")) }), sends: 'inline' },
  'a zip archive': {
    props() {
      const file = join(emptyFolder(), 'code.zip');
      writeFileSync(file, zipOf({ 'src/index.js': commonJs("'zipped'") }));
      return { code: Code.fromAsset(file), handler: 'src/index.handler' };
    },
    sends: 'zipped',
  },
  'CommonJS with layers': {
    props: (stack) => ({
      layers: layers(stack),
      code: asset({
        'index.js': `const { sqs: { SQSClient, SendMessageCommand } } = require('sender');
          const { name } = require('named');
          const { tool } = require('/opt/nodejs/tools');
          const { readFileSync } = require('node:fs');
          exports.${sends(useLayers)}`,
      }),
    }),
    sends: 'second, of Node.js 22, a tool',
  },
  'an ES module with layers': {
    props: (stack) => ({
      layers: layers(stack),
      code: asset({
        'index.mjs': `import sender from 'sender';
          import { name } from 'named';
          import { tool } from '/opt/nodejs/tools.js';
          import { readFile } from 'node:fs/promises';
          const { SQSClient, SendMessageCommand } = sender.sqs;
          const text = await readFile(new URL('file:///opt/data.txt'), 'utf8');
          export const ${sends("text + ', ' + name + ', ' + tool")}`,
      }),
    }),
    sends: 'second, of Node.js 22, a tool',
  },
  'a package of a layer of another account': {
    props: (stack) => ({
      layers: [LayerVersion.fromLayerVersionArn(stack, 'Theirs', THEIRS)],
      code: asset({ 'index.js': commonJs("require('powertools').name") }),
    }),
    sends: 'in the place of the layer',
  },
  'conditional exports, required': {
    props: () => ({ code: asset({ ...dual, 'index.js': commonJs("require('dual')") }) }),
    sends: 'required',
  },
  'conditional exports, imported': {
    props: () => ({ code: asset({ ...dual, 'index.mjs': esm('dual', "import dual from 'dual';") }) }),
    sends: 'imported',
  },
  'module-sync, required': {
    props: () => ({ code: asset({ ...sync, 'index.js': commonJs("require('sync').name") }) }),
    sends: syncName,
  },
  'module-sync, imported': {
    props: () => ({ code: asset({ ...sync, 'index.mjs': esm('name', "import { name } from 'sync';") }) }),
    sends: syncName,
  },
};

const PYTHON = (body: string) => `import os
import boto3

def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=${body})
`;
const python = { runtime: Runtime.PYTHON_3_12 };
const PYTHON_FORMS: Readonly<Record<string, Form>> = {
  Python: { props: () => ({ ...python, code: Code.fromInline(PYTHON('"Python"')) }), sends: 'Python' },
  'Python with a layer': {
    props: (stack) => ({
      ...python,
      layers: [layer(stack, 'PythonLayer', { 'python/named.py': 'name = "of the layer"' })],
      code: asset({ 'index.py': `from named import name\n${PYTHON('name')}` }),
    }),
    sends: 'of the layer',
  },
};

/** What only a process can do. */
const PROCESS_FORMS: Readonly<Record<string, Form>> = {
  'a program of a layer': {
    props(stack) {
      const folder = write(emptyFolder(), { 'bin/greet': '#!/bin/sh\necho "hello $1"' });
      chmodSync(join(folder, 'bin/greet'), 0o755);
      const greet = `const { execFileSync, execSync, spawn } = require('node:child_process');
        const { once } = require('node:events');
        const { existsSync } = require('node:fs');`;
      const body = `[
        String(execFileSync('/opt/bin/greet', ['file'])).trim(),
        String(execSync('greet shell')).trim(),
        String((await once(spawn('/opt/bin/greet', ['stream']).stdout, 'data'))[0]).trim(),
        existsSync('/opt/bin/missing'),
      ].join()`;
      return {
        layers: [new LayerVersion(stack, 'Programs', { code: Code.fromAsset(folder) })],
        code: asset({ 'index.js': commonJs(body, greet) }),
      };
    },
    sends: 'hello file,hello shell,hello stream,false',
  },
};

const hasBoto3 = spawnSync('python3', ['-c', 'import boto3']).status === 0;
if (!hasBoto3) console.warn('There is no boto3 here: Python functions that use it are not tested.');

const REFUSED = 'aws-sdk, version 2, which nobody installed';

/** A cloud that runs a project elsewhere, of which it is not told more than where its assembly is. */
function project(forms: Readonly<Record<string, Form>>) {
  const directory = write(emptyFolder(), {
    'cdk.json': '{}',
    'package.json': '{ "type": "module" }',
    'node_modules/@aws-sdk/client-of-project/index.js': "exports.name = 'of the project';",
    'node_modules/@aws-sdk/client-of-project/package.json': '{ "main": "index.js" }',
    'node_modules/powertools/index.js': "exports.name = 'in the place of the layer';",
  });
  const outdir = join(directory, 'build', 'cdk.out');
  mkdirSync(dirname(outdir));
  const app = new App({ outdir });
  const stack = new Stack(app, 'Forms');
  const queue = new Queue(stack, 'Sent', { queueName: 'sent' });
  const names = new Map<string, string>();
  const v2: Form = {
    props: () => ({ code: Code.fromInline("require('aws-sdk'); exports.handler = () => 1;") }),
    sends: '',
  };
  for (const [index, [form, { props }]] of Object.entries({ ...forms, [REFUSED]: v2 }).entries()) {
    const functionName = `form-${index}`;
    names.set(form, functionName);
    new LambdaFunction(stack, `Form${index}`, {
      functionName,
      runtime: Runtime.NODEJS_22_X,
      handler: 'index.handler',
      timeout: Duration.seconds(20),
      ephemeralStorageSize: Size.mebibytes(1024),
      environment: { QUEUE: queue.queueUrl },
      ...props(new Stack(app, `Of${index}`)),
    });
  }
  app.synth();
  return { directory: outdir, nameOf: (form: string) => names.get(form) };
}

describe.each(['processes', 'in-process'] as const)('functions that import their SDK (%s)', (compute) => {
  const inProcesses = { ...PROCESS_FORMS, ...(hasBoto3 && PYTHON_FORMS) };
  const forms = compute === 'processes' ? { ...FORMS, ...inProcesses } : FORMS;
  let emulator: Emulator;
  let nameOf: (form: string) => string | undefined;
  let lambda: LambdaClient;
  let sqs: SQSClient;
  const failures: string[] = [];

  beforeAll(async () => {
    const made = project(forms);
    ({ nameOf } = made);
    const clock = compute === 'processes' ? new SystemClock() : new VirtualClock();
    emulator = await Emulator.fromAssembly(made.directory, { compute, clock });
    emulator.timeline.subscribe(({ kind, detail }) => {
      if (kind === 'lambda.failed') failures.push(String(detail.errorMessage));
    });
    lambda = new LambdaClient(emulator.clientConfig());
    sqs = new SQSClient(emulator.clientConfig());
  }, 60_000);
  afterAll(() => emulator.stop());

  const call = async (form: string): Promise<void> => {
    failures.length = 0;
    const input = { FunctionName: nameOf(form) };
    if (!(emulator.clock instanceof VirtualClock)) return void (await lambda.send(new InvokeCommand(input)));
    await lambda.send(new InvokeCommand({ ...input, InvocationType: 'Event', Payload: Buffer.from('{}') }));
    await emulator.clock.advance(20_000);
  };

  test('are all supported, except for the layer of another account', () => {
    const problems = emulator.reports.flatMap((report) => formatReport(report).match(/^ {2}!.*/gm) ?? []);
    expect(problems).toEqual([expect.stringContaining(`unsupported properties: Layers (${THEIRS} is not here: `)]);
  });

  test.each(Object.entries(forms))(
    '%s sends a message',
    async (form, { sends: body }) => {
      await call(form);
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: 'sent' }));
      expect([...failures, ...Messages.map(({ Body }) => Body)]).toEqual([body]);
      for (const { ReceiptHandle } of Messages) {
        await sqs.send(new DeleteMessageCommand({ QueueUrl: 'sent', ReceiptHandle }));
      }
    },
    60_000,
  );

  test('a package of the runtime that is nowhere fails with the line that installs it', async () => {
    await call(REFUSED);
    const expected =
      "Cannot find module 'aws-sdk' (Lambda's runtime includes it, and this project does not: npm i -D aws-sdk)";
    expect(failures[0]).toContain(expected);
  }, 60_000);

  test('the configuration shows layers and storage', async () => {
    const FunctionName = nameOf('CommonJS with layers');
    const { Layers, EphemeralStorage } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    expect(Layers?.map(({ Arn }) => Arn)).toEqual([
      expect.stringMatching(/:layer:[\w-]*Tools[\w-]*:1$/) as string,
      expect.stringMatching(/:layer:[\w-]*Names[\w-]*:1$/) as string,
    ]);
    expect(EphemeralStorage).toEqual({ Size: 1024 });
  });
});
