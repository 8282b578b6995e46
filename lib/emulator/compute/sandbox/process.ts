import { Console } from 'node:console';
import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { types } from 'node:util';
import { OutputLines } from '../output-lines';
import { Exited, type SandboxContext } from './sandbox-context';
import { realGlobal } from './realm';
import { virtualHrtime } from './time';

/** Options of a {@link VirtualProcess}. */
export interface VirtualProcessOptions {
  readonly context: SandboxContext;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly pid: number;
  write(stream: 'stdout' | 'stderr', line: string): void;
  /** Called when the program calls `process.exit()`, or is killed by a signal that it does not handle. */
  exited(code: number): void;
}

// Functions that would affect the whole shared process.
const REFUSED = [
  ...['chdir', 'dlopen', 'binding', '_linkedBinding', 'reallyExit', 'setuid', 'setgid', 'seteuid', 'setegid'],
  ...['setgroups', 'initgroups', 'setUncaughtExceptionCaptureCallback', 'send', 'disconnect', '_kill'],
];

// Own versions, because those of the real process may have been replaced.
const LISTENING = Object.fromEntries(
  Object.entries(Object.getOwnPropertyDescriptors(EventEmitter.prototype))
    .filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function')
    .map(([name, { value }]) => [name, value as unknown]),
);

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 };

/** `process` and `console` as a program in a sandbox sees them. */
export class VirtualProcess {
  public readonly process: NodeJS.Process;
  public readonly console: Console;
  private readonly lines: Record<'stdout' | 'stderr', OutputLines>;

  constructor(private readonly options: VirtualProcessOptions) {
    this.lines = {
      stdout: new OutputLines((line) => options.write('stdout', line)),
      stderr: new OutputLines((line) => options.write('stderr', line)),
    };
    this.process = this.createProcess();
    this.console = new Console({ stdout: this.process.stdout, stderr: this.process.stderr });
  }

  /** Sends the program a signal. A signal that it does not listen for ends it; SIGKILL always does. */
  public signal(name: NodeJS.Signals): void {
    const { context } = this.options;
    if (name !== 'SIGKILL' && this.process.listenerCount(name) > 0) {
      context.enter(() => void this.process.emit(name, name));
      return;
    }
    this.end(128 + (SIGNAL_NUMBERS[name] ?? 0));
  }

  /** Called when the program has nothing left to do: emits `exit`, and returns its exit code. */
  public finish(): number {
    const code = Number(this.process.exitCode ?? 0);
    this.options.context.enter(() => void this.process.emit('exit', code));
    return Number(this.process.exitCode ?? 0);
  }

  public flush(): void {
    this.lines.stdout.end();
    this.lines.stderr.end();
  }

  private end(code: number): void {
    this.options.context.outside(() => this.options.exited(code));
  }

  private createProcess(): NodeJS.Process {
    const { context, argv, environment, workingDirectory, pid } = this.options;
    const startedAt = context.clock.now();
    const exit = (code?: number | string | null): never => {
      if (!context.closed) {
        if (code !== undefined && code !== null) virtual.exitCode = Number(code);
        const status = this.finish();
        this.end(status);
      }
      throw new Exited();
    };
    const kill = (target: number, signal: NodeJS.Signals | number = 'SIGTERM'): boolean => {
      if (target !== pid) throw refusal(`process.kill(${target})`);
      if (signal !== 0) this.signal(nameOf(signal));
      return true;
    };
    const own: Record<string, unknown> = {
      ...LISTENING,
      ...Object.fromEntries(REFUSED.map((name) => [name, refuse(`process.${name}()`)])),
      env: { ...environment },
      argv: [...argv],
      argv0: 'node',
      execArgv: [],
      exitCode: undefined,
      title: 'node',
      pid,
      ppid: 1,
      connected: undefined,
      channel: undefined,
      stdin: Readable.from([]),
      stdout: this.outputStream('stdout', 1),
      stderr: this.outputStream('stderr', 2),
      cwd: () => workingDirectory,
      exit,
      abort: () => exit(134),
      kill,
      hrtime: virtualHrtime(context.clock),
      uptime: () => (context.clock.now() - startedAt) / 1_000,
      nextTick: (callback: (...args: unknown[]) => void, ...args: unknown[]) =>
        process.nextTick(() => context.enter(() => callback(...args))),
      emitWarning: (warning: string | Error, kind?: string | { type?: string }) => {
        const type = (typeof kind === 'string' ? kind : kind?.type) ?? 'Warning';
        const text = types.isNativeError(warning) ? `${warning.name}: ${warning.message}` : `${type}: ${warning}`;
        this.lines.stderr.push(`(node:${pid}) ${text}\n`);
      },
    };
    // The rest (version, platform, memoryUsage …) describes the machine and Node, and is the same for all.
    const virtual = Object.create(realGlobal.process) as NodeJS.Process;
    for (const [name, value] of Object.entries(own)) {
      Object.defineProperty(virtual, name, { value, writable: true, enumerable: true, configurable: true });
    }
    EventEmitter.call(virtual); // listeners of its own, none of ours
    return virtual;
  }

  private outputStream(name: 'stdout' | 'stderr', fd: number): Writable {
    const stream = new Writable({
      decodeStrings: false,
      write: (chunk: Buffer | string, _encoding, done) => {
        this.lines[name].push(chunk);
        done();
      },
    });
    return Object.assign(stream, { fd });
  }
}

/** The error for something that sandboxed code cannot do. */
export function refusal(what: string): Error {
  return Object.assign(
    new Error(
      `${what} is not available to code that runs in the emulator's process; ` +
        'where the emulator serves over HTTP, each program has a process of its own',
    ),
    { code: 'ERR_NOT_IN_PROCESS' },
  );
}

/** A function that throws a refusal, whether called or constructed. */
export function refuse(what: string): () => never {
  return function refused(): never {
    throw refusal(what);
  };
}

function nameOf(signal: NodeJS.Signals | number): NodeJS.Signals {
  if (typeof signal === 'string') return signal;
  const found = Object.entries(SIGNAL_NUMBERS).find(([, number]) => number === signal);
  if (found === undefined) throw refusal(`signal ${signal}`);
  return found[0] as NodeJS.Signals;
}
