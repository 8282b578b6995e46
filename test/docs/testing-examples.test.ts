import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, type Stack } from 'aws-cdk-lib/core';
import { LocalCloud, RunningTime } from '../../lib/testing';
import { examples, root } from './examples';
import { type Exports, load } from './load-example';

const all = examples();
const modules = new Map<string, Exports>();
for (const { kind, file = '', source } of all) {
  if (kind === 'module') modules.set(`./${file.replace(/\.ts$/, '')}`, load(source, modules));
}
const tests = all.filter(({ kind }) => kind === 'test');

let project: string;
const before = process.cwd();

beforeAll(() => {
  // The worker's bundle is at a path relative to the app's folder. In the examples models stand in for it.
  project = mkdtempSync(join(tmpdir(), 'spillway-examples-'));
  mkdirSync(join(project, 'dist/encoder'), { recursive: true });
  writeFileSync(join(project, 'dist/encoder/index.js'), 'setInterval(() => {}, 1e6);');
  process.chdir(project);
});

afterAll(() => {
  process.chdir(before);
  rmSync(project, { recursive: true, force: true });
});

// The examples are tests themselves: loading them makes them known to jest.
for (const { name, source } of tests) describe(name, () => void load(source, modules));

describe('docs/guides/testing.md', () => {
  test('its picture is the one of its burst', async () => {
    const { ShopStack } = modules.get('./shop-stack') as { ShopStack: new (app: App, id: string) => ShopLike };
    const stack = new ShopStack(new App(), 'Shop');
    const cloud = await LocalCloud.fromStack(stack, { seed: 7 });
    cloud.group(stack.encoders).model({
      queue: stack.videos,
      runningTime: RunningTime.logNormal(Duration.seconds(4), Duration.seconds(20)),
    });
    await cloud.queue(stack.videos).send(1_000, (i) => ({ video: i }), { over: Duration.minutes(1) });
    await cloud.runUntil(() => cloud.queue(stack.videos).isDrained, { atMost: Duration.minutes(30) });
    await cloud.runUntil(() => cloud.group(stack.encoders).inService === 1, { atMost: Duration.hours(1) });
    const picture = `\`\`\`text\n${cloud.timeline().toString()}\`\`\`\n`;
    await cloud.stop();
    const shown = /^```text\n.*?^```\n/ms.exec(readFileSync(join(root, 'docs/guides/testing.md'), 'utf8'))?.[0];
    expect(shown?.split('\n')).toEqual(picture.split('\n'));
  });
});

interface ShopLike extends Stack {
  readonly videos: Stack;
  readonly encoders: Stack;
}
