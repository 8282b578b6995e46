import { setTimeout } from 'node:timers/promises';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { poisonCount } from '../../bin/story/videos';

const root = resolve(__dirname, '../..');
const cache = mkdtempSync(join(tmpdir(), 'spillway-cache-'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

function start(...args: string[]) {
  const child = spawn(process.execPath, ['dist/programs/start.js', ...args], {
    cwd: root,
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>((done) =>
    child.on('close', (status) => done({ status, stdout, stderr })),
  );
  const printed = (text: RegExp) =>
    new Promise<void>((found, failed) => {
      const look = () => text.test(stdout) && found();
      child.stdout.on('data', look);
      void ended.then((end) => failed(new Error(`ended with ${end.status}: ${end.stderr}`)));
    });
  return { child, ended, printed };
}

/** The processes that `pid` started, and those that they started. */
function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [{ pid: Number(name), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }];
      } catch {
        return []; // it has ended since
      }
    });
  const children = parents.filter(({ parent }) => parent === pid).map((child) => child.pid);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('npm start -- --json prints one line with the figures, and nothing else', async () => {
  const { status, stdout, stderr } = await start('--json', '--messages', '300', '--speed', '100', '--port', '0').ended;
  expect(stderr).toBe('');
  expect(stdout.split('\n')).toHaveLength(2);
  const figures = JSON.parse(stdout) as Record<string, number>;
  const poison = poisonCount(1, 300);
  expect(figures).toMatchObject({
    sent: 300,
    processed: 300 - poison,
    lost: 0,
    deadLettered: poison,
    finalInstances: 1,
  });
  expect(Object.keys(figures)).toEqual([
    'sent',
    'processed',
    'duplicates',
    'lost',
    'deadLettered',
    'peakInstances',
    'finalInstances',
    'drainSeconds',
  ]);
  expect(figures.peakInstances).toBeGreaterThan(1);
  expect(status).toBe(0);
});

const onLinux = process.platform === 'linux' ? test : test.skip; // looks for processes in /proc

onLinux.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in the middle leaves no process behind',
  async (signal) => {
    const { child, ended, printed } = start('--messages', '300', '--speed', '20', '--port', '0');
    await printed(/Suddenly 300/);
    const started = descendants(child.pid ?? 0);
    expect(started.length).toBeGreaterThan(0);
    child.kill(signal);
    const { status } = await ended;
    expect(status).toBe(signal === 'SIGINT' ? 130 : 143);
    // The reaper, which outlives the emulator to see its children off, has nothing left to do.
    for (const deadline = Date.now() + 20_000; started.some(alive) && Date.now() < deadline;) await setTimeout(20);
    expect(started.filter(alive)).toEqual([]);
  },
  60_000,
);

test('fails for a --port in use before it synthesizes anything, in one line that names the flag', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => taken.once('listening', done));
  const { port } = taken.address() as { port: number };
  const { status, stdout, stderr } = await start('--port', String(port)).ended;
  expect(stderr).toMatch(new RegExp(`^--port ${port} is in use: .*\n$`));
  expect(stdout).toBe('');
  expect(status).toBe(1);
  taken.close();
});

test('takes another port if the default one is in use, and says so; Ctrl-C stops the synthesis', async () => {
  const taken = createServer();
  // Should something listen there already, it is in use all the same.
  await new Promise((done) => taken.on('error', done).listen(4566, '127.0.0.1', () => done(undefined)));
  const { child, ended, printed } = start();
  await printed(/Port 4566 is in use; listening on port \d+ instead\.\nSynthesizing/);
  child.kill('SIGINT');
  const { status, stdout, stderr } = await ended;
  expect({ status, stderr }).toEqual({ status: 130, stderr: '' });
  expect(stdout).not.toMatch(/Loaded/);
  taken.close();
});

test('counts instances that were in service before the functions were prepared', async () => {
  const { status, stdout } = await start('--json', '--messages', '30', '--speed', '1000', '--port', '0').ended;
  expect(JSON.parse(stdout)).toMatchObject({ sent: 30, lost: 0, peakInstances: 1, finalInstances: 1 });
  expect(status).toBe(0);
});

test.each([
  [['--messages', '0'], /--messages must be a whole number from 1 to 1000000, but was "0"/],
  [['--speed', '-3'], /--speed/],
  [['--fast'], /unknown option '--fast'/],
])('fails for %j with the usage', async (args, message) => {
  const { status, stderr } = await start(...args).ended;
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/Usage: npm start/);
  expect(status).toBe(2);
});
