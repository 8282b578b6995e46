import crypto from 'node:crypto';
import fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import perfHooks from 'node:perf_hooks';
import timers from 'node:timers';
import { types } from 'node:util';
import zlib from 'node:zlib';
import type { Clock, Random } from '../../clock';
import type { ComputeHost } from '../compute-host';
import type { FunctionModules } from '../functions/function-modules';
import { redirectToLayers } from '../functions/layer-paths';
import { endIfBlocked } from './blocked';
import { seededRandomness, virtualWebcrypto } from './crypto';
import { virtualFetch } from './fetch';
import { virtualHttp } from './http';
import { SandboxContext } from './sandbox-context';
import { ModuleLoader } from './modules';
import { realGlobal } from './realm';
import { refuse, VirtualProcess } from './process';
import { heldModule } from './thread-pool';
import { virtualDate, virtualPerformance } from './time';
import { VirtualTimers } from './timers';

/** Options of a {@link Sandbox}. */
export interface SandboxOptions {
  /** The program: the path of a CommonJS or an ECMAScript module. */
  readonly file: string;
  /** All of the program's environment variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly computeHost: ComputeHost;
  /** The source of its log lines: a function's name, or an instance's id. */
  readonly source: string;
  /**
   * The arguments after the program's name.
   * @default - none
   */
  readonly arguments?: readonly string[];
  /**
   * The value of `process.cwd()`. Does not affect the paths that the program opens.
   * @default - the folder of `file`
   */
  readonly workingDirectory?: string;
  /**
   * Where the program finds its modules.
   * @default - as Node.js finds them
   */
  readonly modules?: FunctionModules;
  /**
   * The source of `Math.random()`, `crypto.randomUUID()` and the like.
   * @default - the machine's randomness
   */
  readonly random?: Random;
  /**
   * Real milliseconds after which code run by {@link Sandbox.load} and {@link Sandbox.run} is ended if it has not
   * returned.
   * @default - no limit
   */
  readonly unresponsiveAfter?: number;
  /** Called when the program ends by itself: by `process.exit()`, or by an uncaught error. The sandbox is closed. */
  readonly onExit?: (exit: SandboxExit) => void;
  /**
   * Called when nothing is left that could make the program run: no timer, no request, no file being read. A process
   * would end now.
   * @default - nothing happens
   */
  readonly onIdle?: () => void;
  /**
   * Changes the program's console before the program has it.
   * @default - it writes lines, as Node.js does
   */
  readonly patchConsole?: (console: Console) => void;
}

/** How a program ended. */
export interface SandboxExit {
  readonly code: number;
  /** The uncaught error, if any. */
  readonly error?: unknown;
}

/**
 * Runs an unmodified bundle inside this process, in an emulated environment: time is the Clock's, the network
 * is `computeHost.connect`, the output is `computeHost.log`, and it has its own `process`. It is not a security
 * boundary.
 *
 * The clock waits while the program has work on Node's thread pool, and never while it waits for a timer or a response.
 */
export class Sandbox {
  private readonly context: SandboxContext;
  private readonly timers: VirtualTimers;
  private readonly process: VirtualProcess;
  private readonly loader: ModuleLoader;
  private readonly file: string;

  constructor(private readonly options: SandboxOptions) {
    const { clock, computeHost, source, random } = options;
    this.file = resolve(options.file);
    this.context = new SandboxContext(
      clock,
      (error) => this.crash(error),
      () => options.onIdle?.(),
    );
    this.timers = new VirtualTimers(this.context);
    this.process = new VirtualProcess({
      context: this.context,
      argv: [process.execPath, this.file, ...(options.arguments ?? [])],
      environment: options.environment,
      workingDirectory: options.workingDirectory ?? dirname(this.file),
      pid: random?.fork('pid').integer(300, 32_767) ?? 300,
      write: (stream, text) => computeHost.log({ source, stream, text, at: clock.now() }),
      exited: (code) => this.end({ code }),
    });
    options.patchConsole?.(this.process.console);
    this.loader = this.createLoader();
  }

  /** Whether the program only waits for time to pass: it has timers, and no work that the clock waits for. */
  public get waitingForTime(): boolean {
    return this.timers.pending > 0 && !this.context.busy;
  }

  /** Whether none of the program's code can run any more. */
  public get closed(): boolean {
    return this.context.closed;
  }

  /**
   * Runs the program's file. Returns its exports: a promise of them if it is an ECMAScript module that awaits something.
   * @throws what the file throws while it loads, or EventLoopBlocked
   */
  public load(): unknown {
    try {
      return this.context.run(() => this.limited(() => this.loader.loadMain(this.file)));
    } finally {
      this.context.considerIdle();
    }
  }

  /** Fails the program with an uncaught error, such as one that {@link load} threw. */
  public fail(error: unknown): void {
    this.context.fail(error);
  }

  /**
   * Calls into the program, such as its handler: later errors in it are attributed to the program.
   * @throws what the code throws, or EventLoopBlocked
   */
  public run<T>(code: () => T): T {
    try {
      return this.context.run(() => this.limited(code));
    } finally {
      this.context.considerIdle();
    }
  }

  /** Stops the program's timers until {@link thaw}: time passes without it. */
  public freeze(): void {
    this.timers.freeze();
  }

  /** Resumes the timers; those that came due in the meantime fire first. */
  public thaw(): void {
    this.timers.thaw();
  }

  /** Logs pending output without a line ending as a line. */
  public flush(): void {
    this.process.flush();
  }

  /** Sends the program a signal; one that it does not listen for ends it, with a shell's exit code. */
  public signal(name: NodeJS.Signals): void {
    if (!this.context.closed) this.process.signal(name);
  }

  /** Ends the program as one that has nothing left to do: runs its `exit` listeners. Returns its exit code. */
  public finish(): number {
    const code = this.process.finish();
    this.close();
    return code;
  }

  /**
   * Ends the program immediately, as `kill -9` would: none of its code runs any more, its timers are gone and its
   * connections closed.
   */
  public close(): void {
    if (this.context.closed) return;
    this.context.close();
    this.process.flush();
  }

  private limited<T>(code: () => T): T {
    return endIfBlocked(code, this.options.unresponsiveAfter ?? Infinity);
  }

  private crash(error: unknown): void {
    const text = types.isNativeError(error) ? (error.stack ?? String(error)) : `Uncaught ${String(error)}`;
    for (const line of `${text}\n\nNode.js ${process.version}`.split('\n')) {
      const { computeHost, source, clock } = this.options;
      computeHost.log({ source, stream: 'stderr', text: line, at: clock.now() });
    }
    this.end({ code: 1, error });
  }

  private end(exit: SandboxExit): void {
    this.close();
    this.options.onExit?.(exit);
  }

  private createLoader(): ModuleLoader {
    const { clock, computeHost, random } = this.options;
    const { context } = this;
    const http = virtualHttp(context, computeHost.connect?.bind(computeHost), () => computeHost.endpointUrl());
    const seeded = random === undefined ? undefined : seededRandomness(random);
    const webcrypto = virtualWebcrypto(context, seeded);
    const timerFunctions = this.timers.globals();
    const performance = virtualPerformance(clock);
    const watch = {
      watch: refuse('fs.watch'),
      watchFile: refuse('fs.watchFile'),
      unwatchFile: refuse('fs.unwatchFile'),
    };
    const filePromises = heldModule(fs.promises, context, { watch: refuse('fs.promises.watch') });
    const files = heldModule(fs, context, { ...watch, promises: filePromises });
    // Node's file streams are told which functions to read and write with.
    for (const name of ['createReadStream', 'createWriteStream'] as const) {
      files[name] = (path: string, options?: string | object) => {
        const given = typeof options === 'string' ? { encoding: options } : options;
        return (fs[name] as (path: string, options: object) => unknown)(path, { ...given, fs: files });
      };
    }
    const layers = this.options.modules?.layers;
    if (layers !== undefined) {
      redirectToLayers(files, layers);
      redirectToLayers(filePromises, layers);
    }
    const globals: Record<string, unknown> = {
      ...timerFunctions,
      process: this.process.process,
      console: this.process.console,
      Date: virtualDate(clock),
      performance,
      AbortSignal: this.timers.abortSignal(),
      fetch: virtualFetch(http),
      queueMicrotask: (callback: () => void) => queueMicrotask(() => context.enter(callback)),
      crypto: webcrypto,
      ...(seeded === undefined ? {} : { Math: seeded.math }),
    };
    globals.globalThis = globals.global = globalObject(globals);
    const builtins = {
      ...http,
      process: this.process.process,
      console: Object.assign(Object.create(console) as object, this.process.console),
      timers: { ...timers, ...timerFunctions, promises: this.timers.promises() },
      'timers/promises': this.timers.promises(),
      perf_hooks: { ...perfHooks, performance },
      fs: files,
      'fs/promises': filePromises,
      zlib: heldModule(zlib, context),
      crypto: heldModule(crypto, context, { ...seeded?.crypto, webcrypto, subtle: webcrypto.subtle }),
    };
    return new ModuleLoader(globals, builtins, this.options.modules);
  }
}

/** `globalThis` of a sandbox: its own globals, in front of the real ones. */
function globalObject(own: Readonly<Record<string, unknown>>): object {
  const define = (target: object, name: PropertyKey, value: unknown) =>
    Reflect.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  const global: object = new Proxy(Object.create(realGlobal) as object, {
    get: (target, name) =>
      Object.hasOwn(target, name) ? (Reflect.get(target, name) as unknown) : (Reflect.get(realGlobal, name) as unknown),
    set: define,
  });
  for (const [name, value] of Object.entries({ ...own, globalThis: global, global })) define(global, name, value);
  return global;
}
