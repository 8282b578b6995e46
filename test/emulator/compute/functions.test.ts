import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINUTE, Random, SECOND, SystemClock, VirtualClock, type Clock } from '../../../lib/emulator/clock';
import { createProcessRunner, createSandboxRunner } from '../../../lib/emulator/compute/functions';
import type { SandboxRunnerOptions } from '../../../lib/emulator/compute/functions';
import type { LogLine, ComputeHost } from '../../../lib/emulator/compute/compute-host';
import type { FunctionSpec, Invocation } from '../../../lib/emulator/services/lambda';
import { roleCredentials } from '../sessions';

const FIXTURES = join(__dirname, 'fixtures');

class Bench {
  public readonly lines: LogLine[] = [];
  private requests = 0;
  public readonly computeHost: ComputeHost = {
    region: 'eu-central-1',
    account: '123456789012',
    endpointUrl: () => 'http://127.0.0.1:4566',
    credentials: roleCredentials('123456789012'),
    openMetadata: () => Promise.reject(new Error('functions have no metadata service')),
    log: (line) => void this.lines.push(line),
  };
  public readonly runner;

  constructor(
    public readonly clock: Clock,
    options: Partial<SandboxRunnerOptions> = {},
  ) {
    const common = { random: new Random(1), computeHost: this.computeHost, ...options };
    this.runner =
      clock instanceof SystemClock
        ? createProcessRunner({ ...common, clock })
        : createSandboxRunner({ ...common, clock });
  }

  public function(handler: string, more: Partial<FunctionSpec> = {}): FunctionSpec {
    return {
      functionName: 'encoder',
      functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:encoder',
      runtime: 'nodejs22.x',
      handler,
      codeDirectory: FIXTURES,
      environment: { TABLE: 'videos' },
      timeoutSeconds: 10,
      memoryMegabytes: 256,
      ...more,
    };
  }

  public run(fn: FunctionSpec, event: unknown = {}): Promise<Invocation> {
    const requestId = `request-${++this.requests}`;
    const deadline = this.clock.now() + fn.timeoutSeconds * SECOND;
    const invokedFunctionArn = fn.functionArn;
    return this.runner.run(fn, JSON.stringify(event), { requestId, deadline, invokedFunctionArn });
  }

  public get text(): string[] {
    return this.lines.map(({ text }) => text);
  }
}

const payloadOf = (invocation: Invocation): Record<string, unknown> => {
  expect(invocation.error).toBeUndefined();
  return JSON.parse(invocation.payload as string) as Record<string, unknown>;
};

describe.each([
  ['processes', () => new Bench(new SystemClock())],
  ['sandboxes', () => new Bench(new VirtualClock())],
] as const)('functions in %s', (name, createBench) => {
  let bench: Bench;
  beforeEach(() => (bench = createBench()));
  afterEach(async () => {
    await bench.runner.dispose();
    if (bench.clock instanceof SystemClock) bench.clock.stop();
  });

  /** Runs to its end what needs time to pass. */
  const inTime = async <T>(work: Promise<T>): Promise<T> => {
    if (bench.clock instanceof VirtualClock) await bench.clock.advance(5 * SECOND);
    return work;
  };

  test('the handler finds its event, its context and its environment, and nothing of ours', async () => {
    process.env.DEVELOPERS_SECRET = 'secret';
    const before = bench.clock.now();
    const { event, context, environment, remaining, now } = payloadOf(
      await bench.run(bench.function('echo.handler'), { name: 'cat' }),
    );
    delete process.env.DEVELOPERS_SECRET;
    expect(event).toEqual({ name: 'cat' });
    expect(context).toMatchObject({
      functionName: 'encoder',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:encoder',
      memoryLimitInMB: '256',
      awsRequestId: 'request-1',
      logGroupName: '/aws/lambda/encoder',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/) as string,
      callbackWaitsForEmptyEventLoop: true,
    });
    expect(environment).toMatchObject({
      TABLE: 'videos',
      AWS_LAMBDA_FUNCTION_NAME: 'encoder',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      LAMBDA_TASK_ROOT: FIXTURES,
      _HANDLER: 'echo.handler',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/) as string,
      AWS_SESSION_TOKEN: expect.any(String) as string,
    });
    expect(environment).not.toHaveProperty('DEVELOPERS_SECRET');
    expect(environment).not.toHaveProperty('JEST_WORKER_ID');
    expect(environment).not.toHaveProperty('AWS_PROFILE');
    expect(remaining).toBeGreaterThan(8 * SECOND);
    expect(remaining).toBeLessThanOrEqual(10 * SECOND);
    expect(Math.abs((now as number) - before)).toBeLessThan(5 * SECOND);
  });

  test('its lines are framed as Lambda frames them, and the end of them comes back', async () => {
    const { logTail } = await bench.run(bench.function('echo.handler'), { name: 'cat' });
    const { text } = bench;
    // In a process the two streams are two pipes: which line comes first is chance.
    expect(text.slice(1, 3).sort()).toEqual(['hello cat', 'to the error stream']);
    expect([text[0], ...text.slice(3)]).toEqual([
      'START RequestId: request-1 Version: $LATEST',
      'END RequestId: request-1',
      expect.stringMatching(
        /^REPORT RequestId: request-1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\t.*Init Duration: [\d.]+ ms$/,
      ),
    ]);
    expect(bench.lines.map(({ source }) => source)).toEqual(bench.lines.map(() => 'encoder'));
    expect(bench.lines.find(({ text }) => text === 'to the error stream')?.stream).toBe('stderr');
    const events = logTail?.split('\n').map((event) => event.replace(/^[\dT:.Z-]+\trequest-1\t(INFO|ERROR)\t/, ''));
    expect(events).toEqual([...text.slice(0, -1), `${text.at(-1)}\t`, '']);
  });

  test('a carriage return ends a line, alone and before a line feed, also where a chunk splits the two', async () => {
    const lines = ['10 %\r20 %\r', '\n', 'done\r\n', '\n', 'last'];
    await bench.run(bench.function('misbehaving.verbose'), { lines });
    expect(bench.text.slice(1, -2)).toEqual(['10 %', '20 %', 'done', '', 'last']);
  });

  test('a line of more than 256 KB is cut, between characters, and the end of the invocation is still found', async () => {
    // The end mark starts 0 to 60 bytes before the place of the cut.
    for (const room of [0, 1, 20, 60]) {
      const unfinished = 'x'.repeat(256 * 1024 - room);
      await bench.run(bench.function('misbehaving.verbose'), { unfinished });
      expect(bench.text.slice(-3)[0]).toBe(unfinished);
    }
    bench.lines.length = 0;
    await bench.run(bench.function('misbehaving.verbose'), { unfinished: 'é'.repeat(1000) + 'x', times: 300 });
    const written = bench.text.slice(1, -2);
    expect(written.join('')).toBe(('é'.repeat(1000) + 'x').repeat(300));
    expect(written.map((line) => Buffer.byteLength(line))).toEqual([262_143, 262_143, 76_014]);
  });

  test('an environment is reused, and runs one invocation at a time', async () => {
    const fn = bench.function('echo.handler');
    const counts = async (invocations: Promise<Invocation>[]) =>
      (await Promise.all(invocations)).map((invocation) => payloadOf(invocation).invocations);
    expect(await counts([bench.run(fn)])).toEqual([1]);
    expect(await counts([bench.run(fn), bench.run(fn)])).toEqual([2, 1]);
    expect((await counts([bench.run(fn), bench.run(fn)])).sort()).toEqual([2, 3]);
  });

  test('callbacks answer when nothing is left to do, unless the handler cannot wait', async () => {
    expect(payloadOf(await inTime(bench.run(bench.function('echo.callback'))))).toEqual({ later: 'yes' });
    const impatient = bench.function('echo.impatient', { functionName: 'impatient' });
    expect((await bench.run(impatient)).payload).toBe('"at once"');
    const failing = bench.function('echo.callbackError', { functionName: 'failing' });
    expect((await bench.run(failing)).error).toMatchObject({ errorType: 'RangeError', errorMessage: 'out of range' });
  });

  test('a handler that is not async and calls nobody back answers null', async () => {
    for (let i = 0; i < 2; i++) {
      expect((await bench.run(bench.function('echo.forgetful'), { name: 'cat' })).payload).toBe('null');
    }
  });

  test('errors are serialised as Lambda serialises them', async () => {
    const errorOf = async (handler: string) =>
      (await bench.run(bench.function(handler, { functionName: handler.replace('.', '-') }))).error;
    expect(await errorOf('misbehaving.throws')).toEqual({
      errorType: 'TypeError',
      errorMessage: 'no such video',
      trace: expect.arrayContaining(['TypeError: no such video']) as string[],
    });
    expect(await errorOf('misbehaving.rejects')).toMatchObject({
      errorType: 'VideoError',
      errorMessage: 'no such video',
    });
    expect(await errorOf('misbehaving.throwsText')).toEqual({
      errorType: 'string',
      errorMessage: 'just text',
      trace: [],
    });
    expect(await errorOf('echo.circular')).toMatchObject({ errorMessage: 'Unable to stringify response body' });
  });

  test('an exit, and an error that nobody catches, end the environment and fail the invocation', async () => {
    const one = bench.function('misbehaving.exits', { environment: { STATUS: '7' } });
    expect((await bench.run(one)).error).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: 'RequestId: request-1 Error: Runtime exited with error: exit status 7',
    });
    expect(bench.text.at(-1)).toMatch(/Status: error\tError Type: Runtime.ExitError$/);
    const zero = bench.function('misbehaving.exits', { functionName: 'zero', environment: { STATUS: '0' } });
    expect((await bench.run(zero)).error?.errorMessage).toMatch(/Runtime exited without providing a reason$/);
    const crashing = bench.function('misbehaving.crashes', { functionName: 'crashing' });
    expect((await inTime(bench.run(crashing))).error).toMatchObject({ errorMessage: 'from a timer' });
    const forgetting = bench.function('misbehaving.forgets', { functionName: 'forgetting' });
    expect((await inTime(bench.run(forgetting))).error?.errorMessage).toMatch(/unhandled$/);
    const next = bench.function('echo.handler', { functionName: 'crashing' });
    await bench.runner.dispose('crashing');
    expect(payloadOf(await bench.run(next)).invocations).toBe(1);
  });

  test('the timeout ends the environment', async () => {
    const fn = bench.function('misbehaving.sleeps', { timeoutSeconds: 1 });
    expect((await inTime(bench.run(fn, { milliseconds: 30 }))).payload).toBe('"awake"');
    const late = await inTime(bench.run(fn, { milliseconds: 60_000 }));
    expect(late.error).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: 'RequestId: request-2 Error: Task timed out after 1.00 seconds',
    });
    expect(bench.text).toContain('request-2 Task timed out after 1.00 seconds');
    expect(bench.text.at(-1)).toMatch(/Duration: 1\d\d\d\.00 ms\t.*Status: timeout$/);
    expect((await inTime(bench.run(fn, { milliseconds: 1 }))).payload).toBe('"awake"');
    expect(bench.text.at(-1)).toMatch(/Init Duration/);
  });

  test('code that cannot be loaded is reported once, in one line, and fails each invocation', async () => {
    const broken = bench.function('broken-at-import.handler');
    for (let i = 0; i < 2; i++) {
      expect((await bench.run(broken)).error).toMatchObject({
        errorType: 'Error',
        errorMessage: 'the table name is not set',
      });
    }
    expect(bench.text).toEqual([
      'encoder could not be initialized: Error: the table name is not set (broken-at-import.js:1:7)',
    ]);
  });

  test.each([
    ['missing-module.handler', 'Runtime.ImportModuleError', /Cannot find module 'a-package-that-nobody-installed'/],
    [
      'missing-sdk.handler',
      'Runtime.ImportModuleError',
      /Cannot find module '@aws-sdk\/client-that-nobody-installed' \(.*: npm i -D @aws-sdk\/client-that-nobody-installed/,
    ],
    ['nowhere.handler', 'Runtime.ImportModuleError', /Cannot find module 'nowhere'/],
    ['echo.nothing', 'Runtime.HandlerNotFound', /^echo\.nothing is undefined or not exported$/],
    ['echo', 'Runtime.MalformedHandlerName', /^Bad handler 'echo'/],
  ])('%s: %s', async (handler, errorType, errorMessage) => {
    const { error } = await bench.run(bench.function(handler));
    expect(error).toMatchObject({ errorType, errorMessage: expect.stringMatching(errorMessage) as string });
  });

  test.each(['index.js', 'index.mjs'])(
    'syntax errors have a type and are reported with file and line: %s',
    async (file) => {
      if (name === 'sandboxes' && file === 'index.mjs') return; // sandboxes run CommonJS only
      const folder = mkdtempSync(join(tmpdir(), 'spillway-functions-'));
      writeFileSync(join(folder, file), 'var a = 1;\n\nvar b = ;');
      const { error } = await bench.run(bench.function('index.handler', { codeDirectory: folder }));
      rmSync(folder, { recursive: true });
      expect(error?.errorType).toBe('Runtime.UserCodeSyntaxError');
      expect(bench.text.at(-1)).toBe(
        `encoder could not be initialized: Runtime.UserCodeSyntaxError: SyntaxError: Unexpected token ';' (${file}:3)`,
      );
    },
  );

  test('a runtime that cannot be run is refused by name', async () => {
    const { error } = await bench.run(bench.function('index.handler', { runtime: 'ruby3.4' }));
    expect(error).toEqual({
      errorType: 'Runtime.NotEmulated',
      errorMessage: expect.stringMatching(
        /^The function encoder \(ruby3\.4\) cannot run here: .*Node\.js.*$/,
      ) as string,
    });
  });

  test('invocations beyond the number of environments wait, and disposing answers them', async () => {
    await bench.runner.dispose();
    bench = new Bench(bench.clock, { environmentsPerFunction: 1 });
    const fn = bench.function('misbehaving.sleeps');
    const both = [bench.run(fn, { milliseconds: 20 }), bench.run(fn, { milliseconds: 20 })];
    if (bench.clock instanceof VirtualClock) await bench.clock.advance(SECOND);
    expect((await Promise.all(both)).map(({ payload }) => payload)).toEqual(['"awake"', '"awake"']);
    const stuck = [bench.run(fn, { milliseconds: 60_000 }), bench.run(fn, { milliseconds: 20 })];
    if (bench.clock instanceof VirtualClock) await bench.clock.settle();
    await bench.runner.dispose();
    const errors = (await Promise.all(stuck)).map(({ error }) => error?.errorType);
    expect(errors).toEqual(['Runtime.ExitError', 'Sandbox.Stopped']);
  });
});

describe('functions in processes only', () => {
  let bench: Bench;
  let clock: SystemClock;
  const begin = (speed = 1) => {
    clock = new SystemClock({ speed });
    bench = new Bench(clock);
  };
  afterEach(async () => {
    await bench.runner.dispose();
    clock.stop();
  });

  test('ECMAScript modules', async () => {
    begin();
    expect((await bench.run(bench.function('module.handler'))).payload).toBe('"loaded"');
  });

  test('an async handler whose promise can no longer settle answers null', async () => {
    begin();
    expect((await bench.run(bench.function('echo.endless'))).payload).toBe('null');
  });

  test('the memory limit ends a greedy function', async () => {
    begin();
    const { error } = await bench.run(
      bench.function('misbehaving.greedy', { memoryMegabytes: 128, timeoutSeconds: 60 }),
    );
    expect(error).toEqual({
      errorType: 'Runtime.OutOfMemory',
      errorMessage: 'RequestId: request-1 Error: Runtime exited with error: signal: killed',
    });
    expect(bench.text.at(-1)).toMatch(/Status: error\tError Type: Runtime.OutOfMemory$/);
  }, 30_000);

  test('200 MB without a line end take no more memory than a few lines', async () => {
    begin();
    const heard: number[] = [];
    bench.computeHost.log = ({ text }) => void heard.push(text.length);
    const before = process.memoryUsage.rss();
    let peak = before;
    const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5);
    const fn = bench.function('misbehaving.verbose', { timeoutSeconds: 60 });
    await bench.run(fn, { unfinished: 'x'.repeat(1_000_000), times: 200 });
    clearInterval(watching);
    expect(heard.filter((length) => length === 256 * 1024)).toHaveLength(762);
    expect(peak - before).toBeLessThan(150 * 2 ** 20);
  }, 30_000);

  test('disposing leaves no process behind, not even in mid-invocation', async () => {
    begin();
    const folder = mkdtempSync(join(tmpdir(), 'spillway-functions-'));
    cpSync(FIXTURES, folder, { recursive: true });
    writeFileSync(
      join(folder, 'pid.js'),
      'exports.handler = async (event) => { console.log(process.pid); await new Promise((done) => setTimeout(done, event.wait ?? 0)); return process.pid; };',
    );
    const fn = bench.function('pid.handler', { codeDirectory: folder });
    const idle = Number((await bench.run(fn)).payload);
    const busy = bench.run(bench.function('pid.handler', { codeDirectory: folder, functionName: 'busy' }), {
      wait: 60_000,
    });
    while (!bench.lines.some(({ source, text }) => source === 'busy' && /^\d+$/.test(text))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const pids = [idle, Number(bench.lines.find(({ source, text }) => source === 'busy' && /^\d+$/.test(text))?.text)];
    for (const pid of pids) expect(() => process.kill(pid, 0)).not.toThrow();
    await bench.runner.dispose();
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect((await busy).error?.errorType).toBe('Runtime.ExitError');
    rmSync(folder, { recursive: true });
  });

  test('retired environments end, each with its invocation, and the next invocation gets a new one', async () => {
    begin();
    const folder = mkdtempSync(join(tmpdir(), 'spillway-functions-'));
    writeFileSync(
      join(folder, 'pid.js'),
      'exports.handler = async (event) => { console.log(process.pid); await new Promise((done) => setTimeout(done, event.wait ?? 0)); return process.pid; };',
    );
    const fn = bench.function('pid.handler', { codeDirectory: folder });
    const both = await Promise.all([bench.run(fn, { wait: 50 }), bench.run(fn, { wait: 50 })]);
    const [idle, busy] = both.map(({ payload }) => Number(payload));
    expect(idle).not.toBe(busy);
    const running = bench.run(fn, { wait: 500 }); // in the one that was used last
    const left: number[] = [];
    await bench.runner.retire(fn.functionName, () => void left.push(performance.now()));
    expect(left).toEqual([]); // one is still busy
    const next = Number((await bench.run(fn)).payload);
    expect([idle, busy]).not.toContain(next);
    const last = Number((await running).payload);
    expect([idle, busy]).toContain(last);
    expect(left).toHaveLength(1);
    for (const pid of [idle, busy]) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(() => process.kill(next, 0)).not.toThrow();
    rmSync(folder, { recursive: true });
  });

  test('where time is accelerated it is so for functions too', async () => {
    begin(20);
    const before = clock.now();
    const { now } = payloadOf(await bench.run(bench.function('echo.handler')));
    expect(now).toBeGreaterThan(before);
    expect(now).toBeLessThanOrEqual(clock.now());
    const sleeping = bench.function('misbehaving.sleeps', { functionName: 'sleeping', timeoutSeconds: 60 });
    const started = performance.now();
    expect((await bench.run(sleeping, { milliseconds: 20_000 })).payload).toBe('"awake"');
    expect(performance.now() - started).toBeLessThan(5_000);
    const duration = Number(/\tDuration: ([\d.]+)/.exec(bench.text.at(-1) ?? '')?.[1]);
    expect(duration).toBeGreaterThanOrEqual(19_900);
  });

  test('idle environments are ended', async () => {
    begin(2_000); // ten emulated minutes in 0.3 s
    const fn = bench.function('echo.handler', { timeoutSeconds: 900 });
    const first = payloadOf(await bench.run(fn));
    expect(first.invocations).toBe(1);
    await new Promise<void>((resolve) => clock.schedule(clock.now() + 11 * MINUTE, resolve));
    expect(payloadOf(await bench.run(fn)).invocations).toBe(1);
  });
});

test('in virtual time an environment is frozen between invocations: what one left behind goes on with the next', async () => {
  const clock = new VirtualClock();
  const bench = new Bench(clock);
  const begun = clock.now();
  const run = async () => payloadOf(await bench.run(bench.function('echo.restless')));
  expect(await run()).toMatchObject({ fired: [], now: begun });
  await clock.advance(MINUTE);
  // The timer has been due for 59 seconds, and nobody was there to notice.
  expect(await run()).toMatchObject({ fired: [begun + MINUTE], now: begun + MINUTE });
  await bench.runner.dispose();
});

test('in process a handler that never returns is ended as timed out and named, and all else goes on', async () => {
  const clock = new VirtualClock();
  const bench = new Bench(clock, { unresponsiveAfter: 200 });
  const spinning = bench.function('misbehaving.spins', { functionName: 'spinning' });
  for (const request of [1, 2]) {
    expect((await bench.run(spinning)).error).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: request-${request} Error: Task timed out: spinning was ended as it blocked the event loop for 0.2 s`,
    });
  }
  expect(bench.text).toContain('spinning was ended: it blocked the event loop for 0.2 s');
  const sleeping = bench.run(bench.function('misbehaving.sleeps'), { milliseconds: 500 });
  await clock.advance(SECOND);
  expect((await sleeping).payload).toBe('"awake"');
  await bench.runner.dispose();
});
