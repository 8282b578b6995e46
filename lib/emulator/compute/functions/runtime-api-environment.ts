import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { SECOND, type SystemClock } from '../../clock';
import type { FunctionError } from '../../services/lambda';
import { childEnvironment, proxied } from '../child-environment';
import type { ComputeHost } from '../compute-host';
import { readMark } from './environment-protocol';
import type { EnvironmentOrder, ExecutionEnvironment } from './execution-environment';
import { functionEnvironment } from './function-environment';
import { exited } from './function-errors';
import type { HandlerInvocation, HandlerResult } from './handler-call';
import { ProcessGroup } from './process-group';
import { RuntimeApi } from './runtime-api';

/** How long loading a function's code may take. */
const INIT_SECONDS = 10;

/** The program in an environment that uses the Runtime API. */
export interface RuntimeProgram {
  readonly command: string;
  readonly arguments: readonly string[];
  /**
   * The folder that it runs in.
   * @default - that of the function's code
   */
  readonly folder?: string;
  /** Further variables of its own. */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * How many real seconds it may take until it asks for its first invocation.
   * @default 10
   */
  readonly initSeconds?: number;
  /** Whether it marks the end of an invocation's output: only our own programs do. */
  readonly ours: boolean;
}

/**
 * An execution environment for any language, in a process of its own: its program gets invocations through the Runtime
 * API. It runs in real time, without a memory limit.
 */
export class RuntimeApiEnvironment implements ExecutionEnvironment {
  private readonly api: RuntimeApi;
  private group?: ProcessGroup;
  private endedWith?: FunctionError;
  private requestId = '';
  private peakMemory?: number;
  /** Called when the runtime asks for its first invocation. */
  private initialized?: (error: FunctionError | undefined) => void;
  /** Called when the invocation ends, with how many of its end marks have arrived. */
  private pending?: { result?: HandlerResult; marks: number; settle: (result: HandlerResult) => void };

  constructor(
    private readonly program: RuntimeProgram,
    private readonly order: EnvironmentOrder,
    private readonly clock: SystemClock,
    private readonly computeHost: ComputeHost,
  ) {
    this.api = new RuntimeApi({
      idle: () => {
        this.initialized?.(undefined);
        this.conclude(true);
      },
      initFailed: (error) => {
        this.endedWith ??= error;
        this.initialized?.(error);
      },
      answered: (result) => {
        if (this.pending !== undefined) this.pending.result = result;
        this.conclude(false);
      },
      memoryUsed: (bytes) => (this.peakMemory = Math.max(this.peakMemory ?? 0, bytes)),
    });
  }

  public get alive(): boolean {
    return this.endedWith === undefined;
  }

  public async initialize(requestId: string): Promise<FunctionError | undefined> {
    this.requestId = requestId;
    const { codeDirectory } = this.order.fn;
    for (const path of this.program.ours ? [codeDirectory] : [this.program.command]) {
      if (existsSync(path)) continue;
      const errorMessage = `RequestId: ${requestId} Error: Couldn't find valid bootstrap(s): [${path}]`;
      this.endedWith = { errorType: 'Runtime.InvalidEntrypoint', errorMessage };
      return this.endedWith;
    }
    const address = await this.api.listen();
    if (address === undefined) return this.endedWith; // killed in the meantime: there is no process to end
    // Starting a process takes real time, whatever the speed of the emulated clock.
    const { initSeconds = INIT_SECONDS } = this.program;
    const late = () => {
      const errorMessage = `RequestId: ${requestId} Error: Initialization timed out after ${initSeconds}.00 seconds`;
      this.initialized?.({ errorType: 'Sandbox.Timedout', errorMessage });
      return this.kill();
    };
    const timer = this.clock.schedule(this.clock.now() + initSeconds * SECOND * this.clock.speed, late);
    const error = await new Promise<FunctionError | undefined>((resolve) => {
      this.initialized = resolve;
      this.start(address);
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
      this.api.invoke(invocation);
    });
  }

  public memoryUsed(): number | undefined {
    return this.peakMemory;
  }

  public async kill(): Promise<void> {
    this.endedWith ??= exited(this.requestId, null, 'SIGKILL');
    this.api.close();
    await this.group?.kill();
  }

  private start(address: string): void {
    const { program, clock, computeHost } = this;
    const { fn, logStreamName, log } = this.order;
    const own = {
      ...functionEnvironment(fn, computeHost, logStreamName),
      ...proxied(computeHost),
      AWS_LAMBDA_RUNTIME_API: address,
      ...program.environment,
    };
    const child = spawn(program.command, program.arguments, {
      cwd: program.folder ?? fn.codeDirectory,
      env: childEnvironment(computeHost, clock, own),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that Ctrl-C at the terminal only reaches the emulator.
      detached: true,
    });
    this.group = new ProcessGroup(child, {
      line: (stream, line) => {
        const { text, ended } = readMark(line);
        if (ended === undefined || text !== '') log(stream, text);
        if (ended !== this.requestId || this.pending === undefined) return;
        this.pending.marks++;
        this.conclude(false);
      },
      failed: (error) =>
        this.end({
          errorType: 'Runtime.InvalidEntrypoint',
          errorMessage: `RequestId: ${this.requestId} Error: ${error.message}`,
        }),
      ended: (code, signal) => this.end(exited(this.requestId, code, signal)),
    });
  }

  /**
   * Ends the invocation once the result and the marks have arrived; without marks, when the next invocation is
   * requested.
   */
  private conclude(asksForNext: boolean): void {
    const { pending } = this;
    if (pending?.result === undefined) return;
    if (this.program.ours ? pending.marks < 2 : !asksForNext) return;
    this.pending = undefined;
    pending.settle(pending.result);
  }

  private end(error: FunctionError): void {
    this.endedWith ??= error;
    this.api.close();
    this.initialized?.(this.endedWith);
    this.pending?.settle(this.pending.result ?? { error });
    this.pending = undefined;
  }
}
