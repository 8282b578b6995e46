import { App, Stack } from 'aws-cdk-lib/core';
import { StandardQueue } from '../../lib';
import { Emulator, VirtualClock } from '../../lib/emulator';
import { LocalCloud } from '../../lib/testing';

const given = process.env.CDK_VALIDATION;
afterEach(() => {
  if (given === undefined) delete process.env.CDK_VALIDATION;
  else process.env.CDK_VALIDATION = given;
});

/** An app that notes what the CDK is told about validation when it is synthesized. */
class NotingApp extends App {
  readonly told: (string | undefined)[] = [];

  override synth(...options: Parameters<App['synth']>) {
    this.told.push(process.env.CDK_VALIDATION);
    return super.synth(...options);
  }
}

function notingStack() {
  const app = new NotingApp();
  const stack = new Stack(app, 'Shop');
  new StandardQueue(stack, 'Jobs');
  return { app, stack };
}

test.each([[undefined], ['true'], ['false']])(
  'clouds are synthesized without template validation, and CDK_VALIDATION=%s is as it was afterwards',
  async (before) => {
    if (before === undefined) delete process.env.CDK_VALIDATION;
    else process.env.CDK_VALIDATION = before;
    const { app, stack } = notingStack();
    const cloud = await LocalCloud.fromStack(stack);
    await cloud.update(app);
    await cloud.stop();
    const emulator = await Emulator.fromStack(stack, { clock: new VirtualClock() });
    await emulator.stop();
    expect(app.told).toEqual(['false', 'false', 'false']);
    expect('CDK_VALIDATION' in process.env).toBe(before !== undefined);
    expect(process.env.CDK_VALIDATION).toBe(before);
  },
);

test('with validate, the settings of the CDK decide', async () => {
  process.env.CDK_VALIDATION = 'true';
  const { app, stack } = notingStack();
  const cloud = await LocalCloud.fromStack(stack, { validate: true });
  await cloud.update(app);
  await cloud.stop();
  expect(app.told).toEqual(['true', 'true']);
});

test('a synthesis that fails leaves CDK_VALIDATION as it was', async () => {
  process.env.CDK_VALIDATION = 'true';
  const app = {
    synth: () => {
      throw new Error('no such asset');
    },
  };
  await expect(LocalCloud.fromApp(app)).rejects.toThrow('no such asset');
  expect(process.env.CDK_VALIDATION).toBe('true');
});
