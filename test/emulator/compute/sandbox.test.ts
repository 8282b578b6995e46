import { statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Random, VirtualClock } from '../../../lib/emulator/clock';
import { inMemoryConnection } from '../../../lib/emulator/compute/in-memory-connection';
import { Sandbox, type SandboxExit, type SandboxOptions } from '../../../lib/emulator/compute/sandbox';
import type { LogLine, ComputeHost } from '../../../lib/emulator/compute/compute-host';
import { roleCredentials } from '../sessions';

const START = Date.UTC(2030, 0, 1);
const FILE = join(__dirname, 'fixtures/program.js');

interface Program {
  look(): Record<string, unknown> & { foreign(value: unknown): boolean };
  sleep(milliseconds: number): Promise<number>;
  promisified(milliseconds: number): Promise<number>;
  ticks(count: number): Promise<number[]>;
  timeout(): Promise<unknown>;
  compress(bytes: number): Promise<{ length: number; passed: number }>;
  race(): Promise<string[]>;
  order(): Promise<unknown[]>;
  fetch(url: string, init?: RequestInit): Promise<{ status: number; url: string; text: string; at: number }>;
  get(url: string): Promise<string>;
  write(): void;
  refused(): string[];
  dynamic(): Promise<boolean>;
  throwLater(): void;
  rejectLater(): void;
  throwInTick(): void;
  exitLater(): void;
  onSignal(seen: unknown[]): void;
  onExit(seen: unknown[]): void;
  setGlobal(): void;
}

let clock: VirtualClock;
let lines: LogLine[];
let exits: SandboxExit[];
let sandboxes: Sandbox[];
let servers: Server[];

beforeEach(() => {
  clock = new VirtualClock({ startAt: START });
  [lines, exits, sandboxes, servers] = [[], [], [], []];
});

afterEach(() => {
  sandboxes.forEach((sandbox) => sandbox.close());
  servers.forEach((server) => server.close());
});

function computeHost(answer?: (request: IncomingMessage, response: ServerResponse) => void): ComputeHost {
  const server = createServer(answer);
  servers.push(server);
  return {
    region: 'eu-west-1',
    account: '000000000000',
    endpointUrl: () => 'http://127.0.0.1:4566',
    credentials: roleCredentials('000000000000'),
    openMetadata: () => Promise.reject(new Error('no metadata here')),
    log: (line) => void lines.push(line),
    connect: (host, port) => {
      if (host === 'nowhere') throw Object.assign(new Error(`nothing listens at ${host}:${port}`));
      const connection = inMemoryConnection(clock);
      server.emit('connection', connection.server);
      return connection.client;
    },
  };
}

function start(options: Partial<SandboxOptions> = {}): { sandbox: Sandbox; program: Program } {
  const sandbox = new Sandbox({
    file: FILE,
    environment: { QUEUE_URL: 'there' },
    clock,
    computeHost: computeHost(),
    source: 'i-1',
    onExit: (exit) => void exits.push(exit),
    ...options,
  });
  sandboxes.push(sandbox);
  return { sandbox, program: sandbox.load() as Program };
}

/** Lets time pass until the work is done. */
async function finish<T>(work: Promise<T>, atMost = 60_000): Promise<T> {
  let done = false;
  const note = () => void (done = true);
  work.then(note, note);
  await clock.settle();
  await clock.runUntil(() => done, atMost);
  if (!done) throw new Error(`not done at ${new Date(clock.now()).toISOString()}`);
  return work;
}

describe('time in a sandbox is the clock’s', () => {
  test('Date, performance, process.hrtime and process.uptime', async () => {
    const { program } = start();
    await clock.advance(90_500);
    const seen = program.look();
    expect(seen).toMatchObject({
      now: START + 90_500,
      date: '2030-01-01T00:01:30.500Z',
      fixed: 2020,
      uptime: 90.5,
      hrtime: BigInt(START + 90_500) * 1_000_000n,
      performance: 90_500,
      self: true,
    });
    expect(seen.text).toBe(new Date(START + 90_500).toString());
    expect(seen.foreign(statSync(FILE).mtime)).toBe(true);
  });

  test('timers of all kinds, also promisified, cleared by number, repeated, or as AbortSignal.timeout()', async () => {
    const { sandbox, program } = start();
    const sleeping = program.sleep(5_000);
    expect(sandbox.waitingForTime).toBe(true);
    expect(await finish(sleeping)).toBe(START + 5_000);
    expect(await finish(program.promisified(1_000))).toBe(START + 6_000);
    expect(await finish(program.ticks(3))).toEqual([7_000, 8_000, 9_000].map((at) => START + at));
    expect(await finish(program.timeout())).toEqual(['TimeoutError', START + 11_000]);
    expect(sandbox.waitingForTime).toBe(false);
    expect(clock.pending).toBe(0);
  });

  test('work on the thread pool takes none of it, and ends in the order in which it began', async () => {
    const { program } = start();
    expect(await finish(program.race())).toEqual(['work', 'hash']);
    expect(await finish(program.order())).toEqual([4_000_000, 2_000_000, 10, 'file', 'immediate']);
    const { length, passed } = await finish(program.compress(3_000_000));
    expect(length).toBeGreaterThan(1_000);
    expect(passed % 5).toBe(0);
  });
});

describe('what a program finds', () => {
  test('its own environment, arguments and folder, and nothing of ours', () => {
    const { program } = start({ arguments: ['--fast'], workingDirectory: '/srv/app' });
    expect(program.look()).toMatchObject({
      env: { QUEUE_URL: 'there' },
      argv: [FILE, '--fast'],
      cwd: '/srv/app',
    });
    program.setGlobal();
    expect(globalThis).not.toHaveProperty('leaked');
  });

  test('randomness from a seed: the same twice, another with another', () => {
    const drawn = (seed: number) => start({ random: new Random(seed) }).program.look().uuid;
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
  });

  test('output goes to the log by line', () => {
    const { sandbox, program } = start();
    program.write();
    sandbox.close();
    expect(lines.map(({ stream, text }) => `${stream} ${text}`)).toEqual([
      'stdout one',
      'stdout two { three: 3 }',
      'stderr an error',
      'stdout without an end',
    ]);
    expect(lines[0]).toEqual({ source: 'i-1', stream: 'stdout', text: 'one', at: START });
  });

  test('what the clock could not wait for is refused, by name', async () => {
    const { program } = start();
    expect(program.refused()).toEqual([
      'childProcess: child_process.exec',
      'net: net.connect',
      'server: http.createServer()',
      'chdir: process.chdir()',
      'kill: process.kill(1)',
    ]);
    expect(await program.dynamic()).toBe(true);
  });

  test('a file that throws while it is loaded throws at whoever loads it', () => {
    expect(() => start({ file: join(__dirname, 'fixtures/throws-at-load.js') })).toThrow('cannot start');
  });
});

describe('the network of a sandbox', () => {
  const echo = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/redirect') response.writeHead(302, { location: '/other' }).end();
      else if (request.url === '/silent') return;
      else if (request.url === '/late') clock.schedule(clock.now() + 3_000, () => void response.end('late'));
      else response.end(`${request.method} ${request.headers.host} ${request.url} ${Buffer.concat(chunks).toString()}`);
    });
  };

  test('fetch and http go over in-memory connections, in no time at all, and wait for the answer on the clock', async () => {
    const { program } = start({ computeHost: computeHost(echo) });
    const answers = [
      await finish(program.fetch('http://a.example/x?y', { method: 'POST', body: 'z' })),
      await finish(program.fetch('https://a.example/redirect')),
      await finish(program.fetch('http://a.example/late')),
    ];
    expect(answers).toEqual([
      { status: 200, url: 'http://a.example/x?y', text: 'POST a.example /x?y z', at: START },
      { status: 200, url: 'https://a.example/other', text: 'GET a.example /other ', at: START },
      { status: 200, url: 'http://a.example/late', text: 'late', at: START + 3_000 },
    ]);
    expect(await finish(program.get('https://b.example/q'))).toBe('GET b.example /q ');
  });

  test('a request times out on the clock', async () => {
    const { program } = start({ computeHost: computeHost(echo) });
    await expect(finish(program.get('http://a.example/silent'))).rejects.toThrow(`timeout at ${START + 1_500}`);
  });

  test('a host that nobody is at is an error of the request', async () => {
    const { program } = start({ computeHost: computeHost(echo) });
    await expect(finish(program.get('http://nowhere/'))).rejects.toThrow('nothing listens at nowhere:80');
    expect(exits).toEqual([]);
  });

  test('closing hangs up: the server hears of it, the program hears no more', async () => {
    let closed = 0;
    const around = computeHost((_request, response) => {
      response.on('close', () => closed++);
    });
    const { sandbox, program } = start({ computeHost: around });
    let settled = false;
    const note = () => void (settled = true);
    program.fetch('http://a.example/').then(note, note);
    program.sleep(1_000).then(note, note);
    await clock.settle();
    sandbox.close();
    await clock.advance(60_000);
    expect({ closed, settled, pending: clock.pending }).toEqual({ closed: 1, settled: false, pending: 0 });
    expect(exits).toEqual([]);
  });
});

describe('the end of a program', () => {
  test.each(['throwLater', 'rejectLater', 'throwInTick'] as const)(
    'an error that nobody catches ends it: %s',
    async (failure) => {
      const { sandbox, program } = start();
      sandbox.run(() => void program[failure]());
      await clock.advance(1_000);
      expect(exits).toMatchObject([{ code: 1, error: { message: expect.any(String) as unknown } }]);
      expect(sandbox.closed).toBe(true);
      expect(lines.some(({ stream, text }) => stream === 'stderr' && text.includes('Error'))).toBe(true);
    },
  );

  test('process.exit() ends it there and then', async () => {
    const { program } = start();
    const seen: unknown[] = [];
    program.onExit(seen);
    program.exitLater();
    await clock.advance(1_000);
    expect(exits).toEqual([{ code: 7 }]);
    expect(seen).toEqual([7]);
  });

  test('a signal reaches its listener; without one it ends the program', async () => {
    const { sandbox, program } = start();
    const seen: unknown[] = [];
    program.onSignal(seen);
    sandbox.signal('SIGTERM');
    expect(seen).toEqual([['SIGTERM', START]]);
    sandbox.signal('SIGINT');
    expect(exits).toEqual([{ code: 130 }]);
    await clock.settle();
  });

  test('it is idle once no timer and no request is left, and only then', async () => {
    const idle: number[] = [];
    const { program } = start({ onIdle: () => void idle.push(clock.now()) });
    void program.sleep(2_000).then(() => program.promisified(3_000));
    await clock.advance(60_000);
    expect(idle).toEqual([START + 5_000]);
  });
});
