import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SystemClock } from '../../../lib/emulator/clock';
import { type LogLine, ProcessFleet } from '../../../lib/emulator/compute';
import { workerUserData } from './worker-user-data';
import { roleCredentials } from '../sessions';

const FIXTURES = join(__dirname, 'fixtures');

let clock: SystemClock;
let fleet: ProcessFleet;
let lines: LogLine[];
let metadata: Server[];

function open(speed = 1): void {
  clock = new SystemClock({ speed });
  [lines, metadata] = [[], []];
  fleet = new ProcessFleet({
    clock,
    asset: (bucket, key) => (bucket === 'assets' && key === 'worker.zip' ? FIXTURES : undefined),
    computeHost: {
      region: 'eu-west-1',
      account: '000000000000',
      endpointUrl: () => 'http://127.0.0.1:4566',
      log: (line) => void lines.push(line),
      credentials: roleCredentials('000000000000'),
      openMetadata: async (instanceId) => {
        const server = createServer((_request, response) => void response.end(`metadata of ${instanceId}`));
        metadata.push(server);
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        return {
          url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          close: () => new Promise((resolve) => server.close(() => resolve())),
        };
      },
    },
  });
}

afterEach(async () => {
  await fleet.stop();
  clock.stop();
  expect(metadata.filter(({ listening }) => listening)).toEqual([]);
});

function launch(behaviour: string, ...service: string[]): void {
  const userData = workerUserData(`/usr/bin/node worker.js ${behaviour}`, ...service);
  fleet.launch({ instanceId: 'i-1', launchTemplate: { userData } });
}

async function until<T>(found: () => T | undefined): Promise<T> {
  for (let i = 0; i < 500; i++) {
    const value = found();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain; the log is\n${lines.map(({ text }) => text).join('\n')}`);
}

/** The nth line of JSON that the worker writes. */
function said<T>(index = 0): Promise<T> {
  return until(() => {
    const json = lines.filter(({ stream, text }) => stream === 'stdout' && /^[{"]/.test(text));
    return json.length > index ? (JSON.parse(json[index].text) as T) : undefined;
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a worker finds its unit’s environment, the emulated AWS, its metadata, and none of the developer’s credentials', async () => {
  open();
  process.env.AWS_PROFILE = 'production';
  process.env.AWS_ACCESS_KEY_ID = 'real';
  try {
    launch('report', 'Environment="QUEUE_URL=a b" PATH=/unit/bin');
    const { env, cwd, metadata } = await said<{ env: Record<string, string>; cwd: string; metadata: string }>();
    expect({ cwd, metadata }).toEqual({ cwd: FIXTURES, metadata: 'metadata of i-1' });
    const { NODE_OPTIONS, AWS_EC2_METADATA_SERVICE_ENDPOINT, SPILLWAY_HOSTS, ...others } = env;
    expect(NODE_OPTIONS).toContain('aws-redirect');
    expect(SPILLWAY_HOSTS.split(',')).toContain('sqs'); // which hosts are redirected
    expect(AWS_EC2_METADATA_SERVICE_ENDPOINT).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    for (const name of ['HOME', 'LANG', 'TMPDIR']) delete others[name];
    expect(others).toEqual({
      QUEUE_URL: 'a b',
      PATH: '/unit/bin',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_CONFIG_FILE: '/dev/null',
    });
    expect(lines.every(({ source }) => source === 'i-1')).toBe(true);
  } finally {
    delete process.env.AWS_PROFILE;
    delete process.env.AWS_ACCESS_KEY_ID;
  }
});

test('terminate sends the unit’s signal and resolves when the worker has drained', async () => {
  open();
  launch('drain 300', 'Restart=always', 'TimeoutStopSec=60');
  await said();
  const before = clock.now();
  await fleet.terminate('i-1');
  expect(clock.now() - before).toBeGreaterThanOrEqual(300);
  expect(lines.map(({ text }) => text)).toEqual(['"ready"', '"draining"']);
  await fleet.terminate('i-unknown');
});

test('a worker that doesn’t end in TimeoutStopSec is killed', async () => {
  open();
  launch('ignore', 'TimeoutStopSec=500ms');
  await said();
  const before = clock.now();
  await fleet.terminate('i-1');
  expect(clock.now() - before).toBeGreaterThanOrEqual(500);
  expect(lines.map(({ text }) => text)).toEqual(['"ready"', '"ignored"']);
});

test('after kill -9 systemd starts the worker again, RestartSec later', async () => {
  open();
  launch('ignore', 'Restart=always', 'RestartSec=0.3');
  await said(0);
  const before = clock.now();
  fleet.crash('i-1');
  await said(1);
  expect(clock.now() - before).toBeGreaterThanOrEqual(300);
});

test('stop ends everything at once, also what workers have started and what waits for its restart', async () => {
  open();
  launch('parent', 'Restart=always', 'TimeoutStopSec=300');
  const { pids } = await said<{ pids: number[] }>();
  expect(pids.map(isAlive)).toEqual([true, true]);
  await fleet.stop();
  await until(() => (pids.some(isAlive) ? undefined : true));
});

test('a worker that fails at each start is reported in one line, and tried less and less often', async () => {
  open();
  launch('fail', 'Restart=always', 'RestartSec=0.05');
  const report = () => lines.filter(({ text }) => text.startsWith('worker.service failed'));
  const { text } = await until(() => report()[0]);
  expect(text).toBe(
    'worker.service failed 3 times at its start: Error: no such queue (next try in 0.1 s, then less and less often)',
  );
  await until(() => (lines.filter((line) => line.text === 'Error: no such queue').length > 3 ? true : undefined));
  expect(report()).toHaveLength(1);
});

test.each([
  ['/usr/bin/no-such-interpreter x', 'requires no-such-interpreter on this machine, which is not on the PATH'],
  ['/usr/bin/node worker.js drain', 'user data enables worker.service but does not start it'],
])('what can’t be run is said once: %s', async (command, message) => {
  open();
  let userData = workerUserData(command);
  if (message.startsWith('user data')) {
    userData = Buffer.from(Buffer.from(userData, 'base64').toString().replace('--now', '')).toString('base64');
  }
  for (const instanceId of ['i-1', 'i-2']) fleet.launch({ instanceId, launchTemplate: { userData } });
  expect((await until(() => lines[0])).text).toContain(message);
});

test('at another speed the worker’s time is the clock’s, whatever way it asks for it', async () => {
  open(40);
  launch('time');
  const first = await said<{ now: number; origin: number }>(0);
  const heard = clock.now();
  // The line takes some of the machine's time to get here, which is 40 times as much of the emulated.
  expect(first.now).toBeLessThanOrEqual(heard);
  expect(heard - first.now).toBeLessThan(40 * 1_000);
  expect(Math.abs(first.origin - first.now)).toBeLessThan(40 * 50);
  const last = await said<{ now: number; performance: number; passed: number }>(1);
  expect(last.now).toBeLessThanOrEqual(clock.now());
  expect(last.passed).toBeGreaterThanOrEqual(59_000);
  expect(last.passed).toBeLessThan(59_000 + 40 * 1_000);
  expect(Math.abs(last.performance - last.passed)).toBeLessThan(40 * 50);
});

test('when the emulator itself is killed, workers that compute in a loop and their children end too', async () => {
  open();
  const userData = workerUserData('/usr/bin/node worker.js spin', 'Restart=always');
  const abandoned = spawn(process.execPath, ['--import', 'tsx', join(FIXTURES, 'abandoned-fleet.ts'), userData], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = await new Promise<string>((resolve) => {
    abandoned.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
  });
  const { pids } = JSON.parse(output) as { pids: number[] };
  expect(pids.map(isAlive)).toEqual([true, true]);
  abandoned.kill('SIGKILL');
  await until(() => (pids.some(isAlive) ? undefined : true));
}, 20_000);
