import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { SECOND, type SystemClock } from '../../clock';
import type { FunctionError } from '../../services/lambda';
import { childEnvironment } from '../child-environment';
import { childProgram } from '../child-program';
import type { ComputeHost } from '../compute-host';
import { readMark, readRecord, type EnvironmentMessage, type InvokeMessage } from './environment-protocol';
import { EnvironmentRunner, type EnvironmentRunnerOptions } from './environment-runner';
import type { EnvironmentOrder, ExecutionEnvironment } from './execution-environment';
import { functionEnvironment, moduleFolders } from './function-environment';
import { exited, outOfMemory } from './function-errors';
import type { HandlerInvocation, HandlerResult } from './handler-call';
import { isNode, MachineRuntimes } from './machine-runtimes';
import { ProcessGroup } from './process-group';
import { RuntimeApiEnvironment } from './runtime-api-environment';

/** How long loading a function's code may take. */
const INIT_SECONDS = 10;
const LEAST_ENVIRONMENTS = 4;

/** Options of a runner of functions in processes. */
export interface ProcessRunnerOptions extends EnvironmentRunnerOptions {
  /** Processes run in real time, possibly at another speed. */
  readonly clock: SystemClock;
  /**
   * The maximum number of environments, and so processes, of a function; further invocations wait.
   * @default - twice the number of processors, at least 4
   */
  readonly environmentsPerFunction?: number;
}

/**
 * Runs functions in processes of their own, in real time. A function runs at most as many handlers at once as it may
 * have environments, by default twice the number of processors (at least 4): AWS allows a thousand, a developer's
 * machine cannot.
 */
export function createProcessRunner(options: ProcessRunnerOptions): EnvironmentRunner {
  const program = childProgram('lambda-environment.js');
  const { clock, computeHost } = options;
  const runtimes = new MachineRuntimes();
  const environmentsPerFunction =
    options.environmentsPerFunction ?? Math.max(LEAST_ENVIRONMENTS, 2 * availableParallelism());
  return new EnvironmentRunner(
    { ...options, environmentsPerFunction },
    {
      support: (fn) => runtimes.support(fn),
      create: (order) =>
        isNode(order.fn.runtime) && order.fn.command === undefined
          ? new ProcessEnvironment(program, order, clock, computeHost)
          : new RuntimeApiEnvironment(runtimes.programFor(order.fn), order, clock, computeHost),
    },
  );
}

/** An execution environment for Node.js, in a process of its own. */
class ProcessEnvironment implements ExecutionEnvironment {
  private child?: ChildProcess;
  private endedWith?: FunctionError;
  private requestId = '';
  private peakMemory?: number;
  /** Called when the code is loaded. */
  private initialized?: (error: FunctionError | undefined) => void;
  /** Called when the invocation ends, with how many of its end marks have arrived. */
  private pending?: { result?: HandlerResult; marks: number; settle: (result: HandlerResult) => void };
  private group?: ProcessGroup;
  /** Whether the process reported that it is out of memory. */
  private starved = false;

  constructor(
    private readonly program: string,
    private readonly order: EnvironmentOrder,
    private readonly clock: SystemClock,
    private readonly computeHost: ComputeHost,
  ) {}

  public get alive(): boolean {
    return this.endedWith === undefined;
  }

  public async initialize(requestId: string): Promise<FunctionError | undefined> {
    this.requestId = requestId;
    if (!existsSync(this.order.fn.codeDirectory)) {
      const errorMessage = `Error: The function's code folder is missing: ${this.order.fn.codeDirectory}`;
      this.endedWith = { errorType: 'Runtime.ImportModuleError', errorMessage };
      return this.endedWith;
    }
    // Starting a process takes real time, whatever the speed of the emulated clock.
    const timer = this.clock.schedule(this.clock.now() + INIT_SECONDS * SECOND * this.clock.speed, () => {
      const errorMessage = `RequestId: ${requestId} Error: Initialization timed out after ${INIT_SECONDS}.00 seconds`;
      this.initialized?.({ errorType: 'Sandbox.Timedout', errorMessage });
      return this.kill();
    });
    const error = await new Promise<FunctionError | undefined>((resolve) => {
      this.initialized = resolve;
      this.start();
    });
    this.initialized = undefined;
    timer.cancel();
    return error;
  }

  public invoke(invocation: HandlerInvocation): Promise<HandlerResult> {
    this.requestId = invocation.requestId;
    if (this.endedWith !== undefined) return Promise.resolve({ error: this.endedWith });
    return new Promise((settle) => {
      this.pending = { marks: 0, settle };
      const message: InvokeMessage = { type: 'invoke', invocation };
      // A process that has just ended is reported by its 'close' event.
      this.child?.send(message, () => undefined);
    });
  }

  public memoryUsed(): number | undefined {
    return this.peakMemory;
  }

  public async kill(): Promise<void> {
    this.endedWith ??= exited(this.requestId, null, 'SIGKILL');
    await this.group?.kill();
  }

  private start(): void {
    const { fn, logStreamName } = this.order;
    const child = fork(this.program, [], {
      cwd: fn.codeDirectory,
      env: childEnvironment(this.computeHost, this.clock, {
        ...functionEnvironment(fn, this.computeHost, logStreamName),
        SPILLWAY_MODULES: JSON.stringify(moduleFolders(fn)),
      }),
      execArgv: [`--max-old-space-size=${fn.memoryMegabytes}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A process group of its own, so that Ctrl-C at the terminal only reaches the emulator.
      detached: true,
    });
    this.child = child;
    child.on('message', (message: EnvironmentMessage) => this.hear(message));
    this.group = new ProcessGroup(child, {
      line: (stream, line) => this.take(stream, line),
      failed: (error) =>
        this.end({
          errorType: 'Runtime.ExitError',
          errorMessage: `RequestId: ${this.requestId} Error: ${error.message}`,
        }),
      ended: (code, signal) =>
        this.end(this.starved ? outOfMemory(this.requestId) : exited(this.requestId, code, signal)),
    });
  }

  private take(stream: 'stdout' | 'stderr', line: string): void {
    this.starved ||= stream === 'stderr' && /^FATAL ERROR: .*heap out of memory/.test(line);
    const record = readRecord(line);
    if (record !== undefined) {
      if (record.before !== '') this.order.log(stream, record.before);
      this.order.log(stream, record.text, record.message);
      return;
    }
    const { text, ended } = readMark(line);
    if (ended === undefined || text !== '') this.order.log(stream, text);
    if (ended !== this.requestId || this.pending === undefined) return;
    this.pending.marks++;
    this.conclude();
  }

  private hear(message: EnvironmentMessage): void {
    switch (message.type) {
      case 'initialized':
        this.initialized?.(undefined);
        return;
      case 'initFailed':
        this.endedWith = message.error;
        this.initialized?.(message.error);
        return;
      case 'result':
        this.peakMemory = Math.max(this.peakMemory ?? 0, message.memoryUsed);
        if (this.pending === undefined || message.requestId !== this.requestId) return;
        this.pending.result = message.result;
        this.conclude();
    }
  }

  /** Ends the invocation once its result and the last lines of both streams have arrived. */
  private conclude(): void {
    const { pending } = this;
    if (pending?.result === undefined || pending.marks < 2) return;
    this.pending = undefined;
    pending.settle(pending.result);
  }

  private end(error: FunctionError): void {
    this.endedWith ??= error;
    this.initialized?.(this.endedWith);
    this.pending?.settle(this.pending.result ?? { error });
    this.pending = undefined;
  }
}
