import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random, SECOND, SystemClock } from '../../../lib/emulator/clock';
import { createProcessRunner } from '../../../lib/emulator/compute/functions';
import type { LogLine, ComputeHost } from '../../../lib/emulator/compute/compute-host';
import type { FunctionSpec, Invocation } from '../../../lib/emulator/services/lambda';
import { packageRoot } from '../../../lib/package-root';

const FIXTURES = join(__dirname, 'fixtures');
const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:encoder';

class Bench {
  public readonly lines: LogLine[] = [];
  public readonly clock: SystemClock;
  public readonly runner;
  private requests = 0;

  constructor(speed = 1) {
    this.clock = new SystemClock({ speed });
    const computeHost: ComputeHost = {
      region: 'eu-central-1',
      account: '123456789012',
      endpointUrl: () => 'http://127.0.0.1:4566',
      credentials: () => ({ accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'token' }),
      openMetadata: () => Promise.reject(new Error('functions have no metadata service')),
      log: (line) => void this.lines.push(line),
    };
    this.runner = createProcessRunner({ random: new Random(1), computeHost, clock: this.clock });
  }

  public function(more: Partial<FunctionSpec>): FunctionSpec {
    return {
      functionName: 'encoder',
      functionArn: FUNCTION_ARN,
      runtime: 'python3.12',
      handler: 'python_functions.handler',
      codeDirectory: FIXTURES,
      environment: { TABLE: 'videos' },
      timeoutSeconds: 10,
      memoryMegabytes: 256,
      ...more,
    };
  }

  public async run(more: Partial<FunctionSpec>, event: unknown = {}, clientContext?: string): Promise<Invocation> {
    const fn = this.function(more);
    const deadline = this.clock.now() + fn.timeoutSeconds * SECOND;
    const requestId = `request-${++this.requests}`;
    const context = { requestId, deadline, invokedFunctionArn: `${FUNCTION_ARN}:live`, clientContext };
    return this.runner.run(fn, JSON.stringify(event), context);
  }

  public get text(): string[] {
    return this.lines.map(({ text }) => text);
  }

  public async stop(): Promise<void> {
    await this.runner.dispose();
    this.clock.stop();
  }
}

// Looking for interpreters takes a while where a version manager answers for each of them.
jest.setTimeout(30_000);

let bench: Bench;
afterEach(() => bench.stop());

const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) console.warn('There is no python3 here: Python functions are not tested.');

(hasPython ? describe : describe.skip)('Python functions', () => {
  beforeEach(() => (bench = new Bench()));

  test('the handler finds its event, its context and its environment, and nothing of ours', async () => {
    process.env.DEVELOPERS_SECRET = 'secret';
    const { payload = '', error } = await bench.run({}, { name: 'cat' }, '{"custom":{"app":"test"}}');
    delete process.env.DEVELOPERS_SECRET;
    expect(error).toBeUndefined();
    const answer = JSON.parse(payload) as Record<string, unknown>;
    expect(answer).toEqual({
      event: { name: 'cat' },
      count: 1,
      request: 'request-1',
      arn: `${FUNCTION_ARN}:live`,
      function: 'encoder',
      memory: '256',
      remaining: expect.any(Number) as number,
      table: 'videos',
      endpoint: 'http://127.0.0.1:4566',
      secret: null,
      task_root: FIXTURES,
      client: { app: 'test' },
    });
    expect(answer.remaining).toBeGreaterThan(8 * SECOND);
    expect(answer.remaining).toBeLessThanOrEqual(10 * SECOND);
  });

  test('its lines are those of its invocation, its environment is reused', async () => {
    const first = await bench.run({}, { name: 'cat' });
    const second = await bench.run({}, { name: 'dog' });
    expect(JSON.parse(second.payload ?? '')).toMatchObject({ count: 2 });
    for (const [{ logTail = '' }, name, id] of [
      [first, 'cat', 'request-1'],
      [second, 'dog', 'request-2'],
    ] as const) {
      const lines = logTail.trim().split('\n');
      expect(lines[0]).toBe(`START RequestId: ${id} Version: $LATEST`);
      expect(lines.slice(1, -2).sort()).toEqual([
        expect.stringMatching(new RegExp(`^\\[WARNING\\]\\t\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z\\t${id}\\tcareful$`)),
        `hello ${name}`,
        'to the error stream',
      ]);
      expect(lines.at(-2)).toBe(`END RequestId: ${id}`);
      expect(lines.at(-1)).toMatch(/^REPORT RequestId: .*Max Memory Used: \d+ MB/);
    }
  });

  test('errors are those of the runtime for Python', async () => {
    const errorOf = async (handler: string) =>
      (await bench.run({ handler, functionName: handler.replace('.', '-') })).error;
    expect(await errorOf('python_functions.fails')).toEqual({
      errorType: 'ValueError',
      errorMessage: 'no such video',
      trace: [expect.stringMatching(/File ".*python_functions\.py", line \d+, in fails/)],
    });
    expect(bench.text).toContain('[ERROR] ValueError: no such video');
    expect(await errorOf('python_functions.strange')).toMatchObject({
      errorType: 'Runtime.MarshalError',
      errorMessage: 'Unable to marshal response: Object of type set is not JSON serializable',
    });
    expect(await errorOf('python_functions.exits')).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/Runtime exited with error: exit status 7$/) as string,
    });
    expect(await errorOf('python_functions.nothing')).toMatchObject({
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: "Handler 'nothing' missing on module 'python_functions'",
    });
    expect(await errorOf('python_missing.handler')).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
      errorMessage: "Unable to import module 'python_missing': No module named 'a_package_that_nobody_installed'",
    });
    expect(await errorOf('python_broken.handler')).toMatchObject({
      errorType: 'RuntimeError',
      errorMessage: 'the table name is not set',
    });
    expect(await errorOf('handler')).toMatchObject({
      errorType: 'Runtime.MalformedHandlerName',
      errorMessage: "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
    });
  });

  test('the timeout ends the environment, and disposing leaves no process behind', async () => {
    const sleeping = { handler: 'python_functions.sleeps', functionName: 'sleeping', timeoutSeconds: 1 };
    expect((await bench.run(sleeping, { seconds: 0.01 })).payload).toBe('"awake"');
    expect((await bench.run(sleeping, { seconds: 60 })).error).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: 'RequestId: request-2 Error: Task timed out after 1.00 seconds',
    });
    const pid = Number((await bench.run({ handler: 'python_functions.pid', functionName: 'pid' })).payload);
    expect(() => process.kill(pid, 0)).not.toThrow();
    await bench.runner.dispose();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test.each(['SIGTERM', 'SIGINT', 'a closed Runtime API'] as const)(
    '%s ends an environment without a traceback',
    async (end) => {
      const api = createServer().listen(0, '127.0.0.1');
      await once(api, 'listening');
      const asked = once(api, 'request');
      const program = join(packageRoot(), 'dist/lib/emulator/compute/children/lambda-bootstrap.py');
      const child = spawn('python3', ['-u', '-B', program], {
        env: {
          PATH: process.env.PATH,
          AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(api.address() as AddressInfo).port}`,
          LAMBDA_TASK_ROOT: FIXTURES,
          _HANDLER: 'python_functions.handler',
        },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let written = '';
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (written += String(chunk)));
      await asked;
      if (end.startsWith('SIG')) child.kill(end as NodeJS.Signals);
      else api.closeAllConnections();
      await once(child, 'close');
      expect(written).toBe('');
      api.closeAllConnections();
      api.close();
    },
  );

  test('what is left of its time is emulated time, where that passes at another speed', async () => {
    await bench.stop();
    bench = new Bench(20);
    const { payload = '' } = await bench.run({ timeoutSeconds: 900 });
    const { remaining } = JSON.parse(payload) as { remaining: number };
    expect(remaining).toBeLessThanOrEqual(900 * SECOND);
    expect(remaining).toBeGreaterThan(600 * SECOND);
  });

  test('which Python runs it is told', () => {
    expect(bench.runner.support(bench.function({}))).toEqual({
      note: expect.stringMatching(
        /^Python 3\.\d+\.\d+ of this machine with(?:out)? boto3.*, in real time; HTTPS_PROXY keeps it /,
      ) as string,
    });
  });

  test('a boto3 that does not know AWS_ENDPOINT_URL is a warning, unless the function brings its own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'spillway-boto3-'));
    const before = process.env.PATH;
    try {
      execFileSync('python3', ['-m', 'venv', '--without-pip', '--system-site-packages', folder]);
      const [version] = readdirSync(join(folder, 'lib'));
      const packages = join(folder, 'lib', version, 'site-packages');
      mkdirSync(join(packages, 'boto3-1.26.165.dist-info'));
      const metadata = 'Metadata-Version: 2.1\nName: boto3\nVersion: 1.26.165\n';
      writeFileSync(join(packages, 'boto3-1.26.165.dist-info', 'METADATA'), metadata);
      process.env.PATH = join(folder, 'bin');
      const runtime = 'python3.8'; // which no machine has: the newest one takes its place
      expect(bench.runner.support(bench.function({ runtime })).warning).toMatch(
        /^boto3 1\.26\.165 does not know AWS_ENDPOINT_URL, so its calls fail: .*\/python3[\d.]* -m pip install -U 'boto3>=1\.28'$/,
      );
      mkdirSync(join(folder, 'boto3'));
      expect(bench.runner.support(bench.function({ runtime, codeDirectory: folder })).warning).toBeUndefined();
    } finally {
      process.env.PATH = before;
      rmSync(folder, { recursive: true });
    }
  });
});

describe('functions with a bootstrap of their own', () => {
  let folder: string;
  beforeEach(() => {
    bench = new Bench();
    folder = mkdtempSync(join(tmpdir(), 'spillway-bootstrap-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A runtime of somebody else's, which answers as `handle` says. */
  const bootstrap = (handle: string): Partial<FunctionSpec> => {
    const file = join(folder, 'bootstrap');
    writeFileSync(
      file,
      `#!${process.execPath}
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/';
const post = (path, body, headers = {}) => fetch(api + path, { method: 'POST', body, headers });
(async () => {
  for (;;) {
    const response = await fetch(api + 'invocation/next');
    const headers = Object.fromEntries(response.headers);
    const id = headers['lambda-runtime-aws-request-id'];
    const event = await response.json();
    ${handle}
  }
})();`,
    );
    chmodSync(file, 0o755);
    return { runtime: 'provided.al2023', handler: 'any', codeDirectory: folder };
  };

  test('an invocation comes with the documented headers, and its answer goes back', async () => {
    const fn = bootstrap(`console.log('working');
    const answer = await post('invocation/' + id + '/response', JSON.stringify({ event, headers }));
    console.log(answer.status, await answer.text());`);
    const { payload = '', logTail } = await bench.run(fn, { name: 'cat' }, '{"custom":{}}');
    const { event, headers } = JSON.parse(payload) as { event: unknown; headers: Record<string, string> };
    expect(event).toEqual({ name: 'cat' });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': 'request-1',
      'lambda-runtime-deadline-ms': expect.stringMatching(/^\d{13}$/) as string,
      'lambda-runtime-invoked-function-arn': `${FUNCTION_ARN}:live`,
      'lambda-runtime-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/) as string,
      'lambda-runtime-client-context': '{"custom":{}}',
    });
    expect(logTail).toMatch(/^START .*\nworking\n/);
    expect(JSON.parse((await bench.run(fn, { name: 'dog' })).payload ?? '')).toMatchObject({ event: { name: 'dog' } });
    expect(bench.text).toContain('202 {"status":"OK"}');
  });

  test('an error goes back, of the body or of the header', async () => {
    const fn = bootstrap(`const body = event.bare ? '' : JSON.stringify(
      { errorType: 'InvalidVideo', errorMessage: 'no frames', stackTrace: ['at frame 1'] });
    await post('invocation/' + id + '/error', body, { 'Lambda-Runtime-Function-Error-Type': 'Extension.Bad' });`);
    expect((await bench.run(fn)).error).toEqual({
      errorType: 'InvalidVideo',
      errorMessage: 'no frames',
      trace: ['at frame 1'],
    });
    expect((await bench.run(fn, { bare: true })).error).toMatchObject({ errorType: 'Extension.Bad' });
  });

  test('an answer for another invocation is refused, and so is what the API does not have', async () => {
    const fn = bootstrap(`const wrong = await post('invocation/other/response', '1');
    const unknown = await post('restore/next', '');
    await post('invocation/' + id + '/response', JSON.stringify([wrong.status, await wrong.json(), unknown.status]));`);
    expect(JSON.parse((await bench.run(fn)).payload ?? '')).toEqual([
      400,
      { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' },
      404,
    ]);
  });

  test('one that is ended before its process has begun never begins', async () => {
    const fn = bootstrap('');
    const file = join(folder, 'bootstrap');
    writeFileSync(file, readFileSync(file, 'utf8').replace('\n', `\nrequire('node:fs').writeFileSync('begun', '');\n`));
    const invocation = bench.run(fn);
    await bench.runner.dispose();
    expect((await invocation).error).toMatchObject({ errorType: 'Runtime.ExitError' });
    expect(existsSync(join(folder, 'begun'))).toBe(false);
  });

  test('a runtime that gives up, exits or is not there fails its invocations', async () => {
    const exiting = await bench.run({ ...bootstrap('process.exit(3);'), functionName: 'exiting' });
    expect(exiting.error?.errorMessage).toMatch(/exit status 3$/);
    writeFileSync(
      join(folder, 'bootstrap'),
      `#!${process.execPath}
fetch('http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/init/error', { method: 'POST',
  body: JSON.stringify({ errorType: 'Config.Missing', errorMessage: 'no table' }) }).then(() => process.exit(1));`,
    );
    const failing = { runtime: 'provided.al2023', handler: 'any', codeDirectory: folder, functionName: 'failing' };
    expect((await bench.run(failing)).error).toMatchObject({ errorType: 'Config.Missing', errorMessage: 'no table' });
    const absent = { ...failing, codeDirectory: FIXTURES, functionName: 'absent' };
    expect((await bench.run(absent)).error).toEqual({
      errorType: 'Runtime.InvalidEntrypoint',
      errorMessage: `RequestId: request-3 Error: Couldn't find valid bootstrap(s): [${join(FIXTURES, 'bootstrap')}]`,
    });
  });
});
