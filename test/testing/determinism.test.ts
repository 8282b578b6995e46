import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { busyHour } from './fixtures/busy-hour';

const root = join(__dirname, '../..');

/** The text of a process of its own. It is ended after a minute, should it not end by itself. */
async function inAnotherProcess(seed: number): Promise<string> {
  const script = join(__dirname, 'fixtures/busy-hour.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, String(seed)], {
    cwd: root,
    timeout: 100_000,
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

test('the same seed gives the same timeline, byte for byte, in another process, which ends by itself', async () => {
  const here = await busyHour(7);
  const [one, two] = await Promise.all([inAnotherProcess(7), inAnotherProcess(7)]);
  expect(one.length).toBeGreaterThan(50_000);
  expect(one.split('\n')).toEqual(here.split('\n'));
  expect(two).toBe(one);
});

test('clouds in one process have nothing to do with one another: together they go as alone', async () => {
  const alone = await busyHour(3);
  const [together, other] = await Promise.all([busyHour(3), busyHour(4)]);
  expect(together.split('\n')).toEqual(alone.split('\n'));
  expect(other).not.toBe(alone);
});
