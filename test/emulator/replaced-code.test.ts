import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib/core';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { AutoScalingGroupConsumer, LambdaConsumer, StandardQueue, WorkerProgram } from '../../lib';
import { LocalCloud } from '../../lib/testing';

const handler = (says: string) => `exports.handler = async () => console.log(${JSON.stringify(says)});`;
const worker = (says: string) => `
const timer = setInterval(() => console.log(${JSON.stringify(says)}), 1_000);
process.on('SIGTERM', () => { console.log('ends'); clearInterval(timer); });`;

let folder: string;
const started: LocalCloud[] = [];
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'spillway-replaced-'))));
afterEach(() => Promise.all(started.splice(0).map((cloud) => cloud.stop())));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A stack with a function or a worker, whose code is in a folder of its own. */
function stackWith(kind: 'function' | 'worker', source: string, outdir: string, environment = {}) {
  const app = new App({ outdir });
  const stack = new Stack(app, 'App');
  const queue = new StandardQueue(stack, 'Jobs');
  if (kind === 'function') {
    const fn = new Function(stack, 'Fn', {
      code: Code.fromAsset(source),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_22_X,
      timeout: Duration.seconds(3),
      environment,
    });
    queue.addConsumer(new LambdaConsumer(fn, { reportBatchItemFailures: false }));
  } else {
    queue.addConsumer(
      new AutoScalingGroupConsumer(stack, 'Workers', {
        vpc: new Vpc(stack, 'Vpc'),
        worker: WorkerProgram.node(source),
        minCapacity: 1,
        maxCapacity: 1,
      }),
    );
  }
  return { stack, queue };
}

async function cloudWith(kind: 'function' | 'worker', code: string) {
  const source = mkdtempSync(join(folder, `${kind}-`));
  writeFileSync(join(source, 'index.js'), code);
  writeFileSync(join(source, 'other.txt'), 'kept');
  const outdir = mkdtempSync(join(folder, 'out-'));
  const { stack, queue } = stackWith(kind, source, outdir);
  const cloud = await LocalCloud.fromStack(stack);
  const assets = () =>
    readdirSync(outdir)
      .filter((name) => existsSync(join(outdir, name, 'other.txt')))
      .map((name) => join(outdir, name));
  const update = (environment: Record<string, string>) =>
    cloud.update(stackWith(kind, source, outdir, environment).stack);
  started.push(cloud);
  return { cloud, queue, assets, update };
}

const said = (cloud: LocalCloud) => cloud.logs.map(({ text }) => text);

test('a function goes on with replaced files, keeps its other files and its messages, and a reset returns', async () => {
  const { cloud, queue } = await cloudWith('function', handler('old'));
  const [{ codeDirectory }] = cloud.emulator.functionCode();
  await cloud.queue(queue).send('a');
  await cloud.runUntil(() => said(cloud).includes('old'));
  for (const version of ['new', 'newer']) {
    expect(await cloud.emulator.replaceCode(codeDirectory, { 'index.js': Buffer.from(handler(version)) })).toBe(1);
    await cloud.queue(queue).send('b');
    await cloud.runUntil(() => said(cloud).includes(version));
  }
  const [replaced] = cloud.emulator.functionCode();
  expect(replaced.codeDirectory).not.toBe(codeDirectory);
  expect(replaced.assetDirectory).toBe(codeDirectory);
  expect(readFileSync(join(replaced.codeDirectory, 'other.txt'), 'utf8')).toBe('kept');
  expect(readFileSync(join(codeDirectory, 'index.js'), 'utf8')).toBe(handler('old'));
  await cloud.emulator.reset();
  expect(cloud.emulator.functionCode()).toMatchObject([{ codeDirectory }]);
});

test('a function that an update of its stack returned to its asset can be replaced again', async () => {
  const { cloud, queue, update } = await cloudWith('function', handler('old'));
  const [{ codeDirectory }] = cloud.emulator.functionCode();
  await cloud.emulator.replaceCode(codeDirectory, { 'index.js': Buffer.from(handler('new')) });
  await update({ CHANGED: 'true' });
  const [{ assetDirectory }] = cloud.emulator.functionCode();
  await cloud.emulator.replaceCode(assetDirectory, { 'index.js': Buffer.from(handler('newest')) });
  await cloud.queue(queue).send('c');
  await cloud.runUntil(() => said(cloud).includes('newest'));
});

test('a worker is stopped as its unit says and starts with replaced files, as do instances launched later', async () => {
  const { cloud, assets } = await cloudWith('worker', worker('old'));
  await cloud.runUntil(() => said(cloud).includes('old'));
  const [asset = ''] = assets();
  expect(await cloud.emulator.replaceCode(asset, { 'index.js': Buffer.from(worker('new')) })).toBe(1);
  await cloud.runUntil(() => said(cloud).includes('new'));
  expect(said(cloud).indexOf('ends')).toBeLessThan(said(cloud).indexOf('new'));
  const [{ source: first }] = cloud.logs.filter(({ text }) => text === 'new');
  cloud.emulator.killInstance(first);
  await cloud.runUntil(() => cloud.logs.some(({ source, text }) => source !== first && text === 'new'));
  expect(cloud.logs.some(({ source, text }) => source !== first && text === 'old')).toBe(false);
});
