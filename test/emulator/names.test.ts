import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { relative } from 'node:path';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { App, Stack } from 'aws-cdk-lib/core';
import { Emulator, VirtualClock } from '../../lib/emulator';
import { emptyFolder } from './cloudformation/support';

function assembly(functionName: string | undefined, stackName = 'Stack'): string {
  const app = new App({ outdir: emptyFolder() });
  const stack = new Stack(app, 'Stack');
  // What CDK would refuse comes from templates of other tools, and from edited ones.
  Object.defineProperty(stack, 'stackName', { value: stackName });
  new CfnFunction(stack, 'Fn', {
    ...(functionName !== undefined && { functionName }),
    role: 'arn:aws:iam::000000000000:role/worker',
    runtime: 'nodejs22.x',
    handler: 'index.handler',
    code: { zipFile: 'exports.handler = async () => undefined;' },
  });
  return app.synth().directory;
}

test.each(['FunctionName', 'stack name'])(
  'a %s that leads out of the folder for temporary files is refused before anything is written',
  async (which) => {
    const elsewhere = emptyFolder();
    // From `<temporary files>/spillway-<name>-<random>` to a folder that exists.
    const evil = `x/../${relative(tmpdir(), elsewhere)}/x`;
    const directory = which === 'FunctionName' ? assembly(evil) : assembly(undefined, evil);
    const emulator = new Emulator({ clock: new VirtualClock() });
    try {
      await expect(emulator.load(directory)).rejects.toThrow(
        /Value 'x\/\.\.\/[^']*' at 'functionName' failed to satisfy constraint/,
      );
      expect(readdirSync(elsewhere)).toEqual([]);
    } finally {
      await emulator.stop();
    }
  },
);
