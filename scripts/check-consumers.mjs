// node scripts/check-consumers.mjs: packs what was built, installs the tarball into empty projects, and uses it there:
// TypeScript with `node16` and with `bundler` resolution, JavaScript with `require` and with `import`, and the command
// line; and there does what the tutorial says. Nothing is downloaded: what a project has besides the tarball is this
// checkout's.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { runTutorial } from './run-tutorial.mjs';
import { root } from './tool.mjs';

const PEERS = ['aws-cdk-lib', 'constructs', '@aws-sdk/client-sqs'];
const COMPILERS = { 'TypeScript 6': 'typescript/bin/tsc', 'TypeScript 7': 'typescript-7/bin/tsc' };

const TYPES_ARE_REAL = `
  // @ts-expect-error -- a number is asked for
  void (() => new StandardQueue(stack, 'Wrong', { maxReceiveCount: 'four' }));
  // @ts-expect-error -- there is no such compute
  void (() => Emulator.fromStack(stack, { compute: 'elsewhere' }));
  // @ts-expect-error -- an event has Records
  void (() => processBatch({}, () => {}));
  // @ts-expect-error -- time is no text
  void (() => LocalCloud.fromStack(stack, { bootTime: 'long' }));`;

/** Synthesizes a queue, runs it on the emulator, handles a batch: each way in does something. */
const body = (typed) => `
async function main()${typed ? ': Promise<void>' : ''} {
  const stack = new Stack(new App({ analyticsReporting: false }), 'Shop');
  const jobs = new StandardQueue(stack, 'Jobs', { maxReceiveCount: 4 });
  new CfnOutput(stack, 'Url', { value: jobs.queue.queueUrl });
  Template.fromStack(stack).resourceCountIs('AWS::SQS::Queue', 2); // the queue, and its dead-letter queue

  const clock = new VirtualClock();
  const emulator = await Emulator.fromStack(stack, { clock, seed: 7 });
  try {
    const sqs = new SQSClient(emulator.clientConfig());
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
    const QueueUrl = QueueUrls.find((url) => !url.includes('DeadLetter'));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    if (Messages[0]?.Body !== 'hello') throw new Error('received ' + JSON.stringify(Messages));
    sqs.destroy();
  } finally {
    await emulator.stop();
  }

  const cloud = await LocalCloud.fromStack(stack, { seed: 7 });
  await cloud.queue(jobs).send(10, (i) => ({ i }), { over: Duration.minutes(1) });
  await cloud.runUntil(() => cloud.now >= Date.UTC(2030, 0, 1, 1), { atMost: Duration.hours(2) });
  assertSize(cloud.queue(jobs), 10);
  assertLostNothing(cloud.queue(jobs.deadLetterQueue));
  if (!String(cloud.timeline()).includes('Jobs')) throw new Error(String(cloud.timeline()));
  await cloud.stop();

  const record = { messageId: 'a', eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:jobs', attributes: {}, body: '' };
  const answer = await processBatch({ Records: [record] }, () => Promise.reject(new Error('no')), { onFailure: () => {} });
  if (answer.batchItemFailures[0]?.itemIdentifier !== 'a') throw new Error(JSON.stringify(answer));
  ${typed ? TYPES_ARE_REAL : ''}
}
main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
`;
/** A Lambda handler that uses one function of the runtime, and what it may weigh. */
const HANDLER = `
import { processBatch } from 'cdk-spillway/runtime';
export const handler = (event) => processBatch(event, ({ body }) => console.log(body));
`;
const HEAVIEST_HANDLER = 10_000;
const NAMES = {
  'aws-cdk-lib': ['App', 'CfnOutput', 'Duration', 'Stack'],
  'aws-cdk-lib/assertions': ['Template'],
  '@aws-sdk/client-sqs': ['ListQueuesCommand', 'ReceiveMessageCommand', 'SendMessageCommand', 'SQSClient'],
  'cdk-spillway': ['StandardQueue'],
  'cdk-spillway/emulator': ['Emulator', 'VirtualClock'],
  'cdk-spillway/runtime': ['processBatch'],
  'cdk-spillway/testing': ['assertLostNothing', 'assertSize', 'LocalCloud'],
};

/** A test as users write it, with what jest makes global and with what it exports. */
const jestTest = (globals) => `
import { App, Stack } from 'aws-cdk-lib';
import { StandardQueue } from 'cdk-spillway';
import { LocalCloud } from 'cdk-spillway/testing';
${globals ? '' : "import { expect, test } from '@jest/globals';\nimport 'cdk-spillway/testing/jest-globals';"}

test('a job is kept', async () => {
  const stack = new Stack(new App(), 'Shop');
  const jobs = new StandardQueue(stack, 'Jobs');
  const cloud = await LocalCloud.fromStack(stack);
  await cloud.queue(jobs).send({ video: 1 });
  expect(cloud.queue(jobs)).toHaveBeenSent({ video: 1 });
  expect(cloud.queue(jobs)).not.toHaveNoMessages();
  expect(cloud.queue(jobs.deadLetterQueue)).toHaveNoMessages();
  // @ts-expect-error -- there is no such matcher
  void (() => expect(cloud.queue(jobs)).toBeFull());
  await cloud.stop();
});
`;
const imports = () =>
  Object.entries(NAMES)
    .map(([from, names]) => `import { ${names.join(', ')} } from '${from}';\n`)
    .join('');
const requires = () =>
  Object.entries(NAMES)
    .map(([from, names]) => `const { ${names.join(', ')} } = require('${from}');\n`)
    .join('');

const base = mkdtempSync(join(tmpdir(), 'spillway-consumers-'));
try {
  const tarball = npm(root, 'pack', '--silent', '--ignore-scripts', '--pack-destination', base).trim();

  let installed; // what npm made of the tarball's first installation, for the others to copy
  const commonjs = project('commonjs', { type: 'commonjs' });
  write(commonjs, 'app.js', requires() + body(false));
  write(commonjs, 'app.mjs', imports() + body(false));
  run(commonjs, 'app.js');
  run(commonjs, 'app.mjs');
  report('JavaScript: require and import');

  const help = execFileSync(join(commonjs, 'node_modules/.bin/spillway'), ['--help'], {
    cwd: commonjs,
    encoding: 'utf8',
  });
  if (!help.includes('Usage: spillway')) throw new Error(`spillway --help said: ${help}`);
  report('the command line');

  const node16 = { module: 'node16', moduleResolution: 'node16', target: 'es2022', types: ['node', 'jest'] };
  const programs = ['app.cts', 'app.mts', 'globals.test.ts', 'imported.test.ts'];
  const typed = project('node16', { type: 'commonjs' });
  for (const name of ['jest', '@types/jest', '@jest/globals', 'expect']) link(typed, name);
  for (const name of ['app.cts', 'app.mts']) write(typed, name, imports() + body(true));
  write(typed, 'globals.test.ts', jestTest(true));
  write(typed, 'imported.test.ts', jestTest(false));
  const emitted = new Set();
  for (const [name, compiler] of Object.entries(COMPILERS)) {
    compile(typed, compiler, { ...node16, outDir: 'out' }, programs);
    const outputs = programs.map((program) => read(typed, join('out', program.replace(/ts$/, 'js'))));
    if (!emitted.has(String(outputs))) {
      run(typed, 'out/app.cjs');
      run(typed, 'out/app.mjs');
      run(typed, join(root, 'node_modules/jest/bin/jest.js'), '--roots', 'out', '--silent');
    }
    emitted.add(String(outputs));
    report(`${name}: node16, in CommonJS and ES modules, and jest, with globals and with imports`);
  }

  const bundled = project('bundler', { type: 'module' });
  write(bundled, 'app.ts', imports() + body(true));
  for (const [name, compiler] of Object.entries(COMPILERS)) {
    compile(bundled, compiler, { module: 'esnext', moduleResolution: 'bundler', target: 'es2022', noEmit: true });
    report(`${name}: bundler`);
  }
  await build({
    absWorkingDir: bundled,
    entryPoints: ['app.ts'],
    outfile: join(bundled, 'out/app.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['aws-cdk-lib', 'constructs', 'cdk-spillway'], // which find their own files by their place
    logLevel: 'warning',
  });
  run(bundled, 'out/app.cjs');
  report('esbuild');

  const handler = project('handler', {});
  write(handler, 'handler.ts', HANDLER);
  const { outputFiles } = await build({
    absWorkingDir: handler,
    entryPoints: ['handler.ts'],
    bundle: true,
    minify: true,
    platform: 'node',
    external: ['@aws-sdk/*'], // as NodejsFunction has it
    write: false,
    logLevel: 'warning',
  });
  const [{ contents }] = outputFiles;
  if (contents.length > HEAVIEST_HANDLER) throw new Error(`a handler with processBatch has ${contents.length} bytes`);
  if (Buffer.from(contents).includes('@aws-sdk/')) throw new Error('a handler with processBatch loads the SDK');
  report(`a handler with processBatch: ${contents.length} bytes`);

  const tutorial = project('tutorial', {});
  for (const name of ['aws-cdk', 'tsx', 'jest', '@types/jest', '@swc/core', '@swc/jest']) link(tutorial, name);
  link(tutorial, 'typescript', 'typescript-7');
  const commands = {
    cdk: 'aws-cdk/bin/cdk',
    tsx: 'tsx/dist/cli.mjs',
    jest: 'jest/bin/jest.js',
    tsc: COMPILERS['TypeScript 7'],
  };
  for (const [name, program] of Object.entries(commands)) link(tutorial, join('.bin', name), program);
  await runTutorial(join(root, 'docs/tutorial/README.md'), tutorial, tutorialEnvironment(), {
    'npx aws-cdk@2 init app --language typescript': 'npx cdk init app --language typescript --generate-only',
    'npm install ../cdk-spillway-0.1.0.tgz @aws-sdk/client-sqs': (shop) => {
      symlinkSync('../node_modules', join(shop, 'node_modules'), 'junction');
    },
  });
  report('the tutorial');

  /** An empty project with the tarball as npm installs it, and the peers. */
  function project(name, manifest) {
    const folder = join(base, name);
    mkdirSync(folder);
    write(
      folder,
      'package.json',
      JSON.stringify({ name: `uses-${name}`, version: '1.0.0', private: true, ...manifest }),
    );
    if (installed === undefined) {
      const quiet = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', '--silent'];
      npm(folder, 'install', ...quiet, join(base, tarball));
      installed = join(base, 'node_modules');
      cpSync(join(folder, 'node_modules'), installed, { recursive: true, verbatimSymlinks: true });
    } else cpSync(installed, join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    for (const peer of [...PEERS, '@types/node']) link(folder, peer);
    return folder;
  }
} finally {
  rmSync(base, { recursive: true, force: true });
}

function link(folder, name, target = name) {
  const place = join(folder, 'node_modules', name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(join(root, 'node_modules', target), place, 'junction');
}

/** A reader's environment, without what npm set for this script and what the CDK would fetch. */
function tutorialEnvironment() {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm|aws|cdk)_/i.test(name));
  return {
    ...Object.fromEntries(own),
    HOME: base,
    XDG_CACHE_HOME: join(base, 'cache'),
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_NOTICES: 'false',
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

function compile(folder, compiler, options, files = ['app.ts']) {
  const compilerOptions = { strict: true, skipLibCheck: true, types: ['node'], ...options };
  write(folder, 'tsconfig.json', JSON.stringify({ compilerOptions, files }));
  run(folder, join(root, 'node_modules', compiler));
}

function run(folder, script, ...args) {
  const env = { ...process.env, CDK_VALIDATION: 'false', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  execFileSync(process.execPath, [script, ...args], { cwd: folder, stdio: 'inherit', env });
}

function npm(folder, ...args) {
  return execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function read(folder, name) {
  return readFileSync(join(folder, name), 'utf8');
}

function write(folder, name, text) {
  writeFileSync(join(folder, name), text);
}

function report(what) {
  console.log(`used: ${what}`);
}
