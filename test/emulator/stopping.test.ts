import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Stack } from 'aws-cdk-lib/core';
import { Emulator, VirtualClock } from '../../lib/emulator';
import { emptyFolder } from './cloudformation/support';

const NAME = `stopped-while-loading-${process.pid}`;

function oneFunction(): string {
  const app = new App({ outdir: emptyFolder() });
  const stack = new Stack(app, 'Stack');
  const handler = new LambdaFunction(stack, 'Handler', {
    functionName: NAME,
    runtime: Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => undefined;'),
  });
  // So that loading takes its time before the function's code is unpacked.
  for (let index = 0; index < 50; index++) handler.node.addDependency(new Queue(stack, `Queue${index}`));
  return app.synth().directory;
}

const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`spillway-${NAME}`));

test('an emulator that is stopped while it loads leaves no file behind', async () => {
  const emulator = new Emulator({ clock: new VirtualClock() });
  const loading = emulator.load(oneFunction()).catch(() => undefined);
  await emulator.stop();
  await loading;
  expect(left()).toEqual([]);
});

test('an emulator that has been stopped deploys nothing any more, and says so', async () => {
  const emulator = new Emulator({ clock: new VirtualClock() });
  await emulator.load(oneFunction());
  await emulator.stop();
  await expect(emulator.load(oneFunction())).rejects.toThrow('the emulator has been stopped');
  await expect(emulator.reset()).rejects.toThrow('the emulator has been stopped');
  expect(left()).toEqual([]);
});
