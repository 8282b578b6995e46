import type { Clock, Random } from '../../clock';
import { isPromise } from '../../core/promise';
import type { FunctionError } from '../../services/lambda';
import { EventLoopBlocked, Sandbox } from '../sandbox';
import type { LogLine, ComputeHost } from '../compute-host';
import { EnvironmentRunner, type EnvironmentRunnerOptions } from './environment-runner';
import type { EnvironmentOrder, ExecutionEnvironment } from './execution-environment';
import { functionEnvironment, moduleFolders } from './function-environment';
import { blocked, exited, serializeError } from './function-errors';
import { HandlerCall, type HandlerInvocation, type HandlerResult } from './handler-call';
import { LambdaConsole } from './lambda-console';
import { isNode, NODE_NOTE } from './machine-runtimes';
import { FunctionModules } from './function-modules';
import { importError, locateHandler, pickHandler, type Handler } from './handler-location';

const UNRESPONSIVE_AFTER = 10_000;

/** Options of a runner of functions in sandboxes. */
export interface SandboxRunnerOptions extends EnvironmentRunnerOptions {
  /**
   * Real milliseconds after which a handler that blocks the event loop is ended with a timeout.
   * @default 10000
   */
  readonly unresponsiveAfter?: number;
}

// Other runtimes run in processes and real time, which a virtual clock cannot control.
const NODE_ONLY = 'in-process compute runs functions for Node.js only';
const INSTEAD = "use modelFunction, or compute: 'processes'";

/**
 * Runs functions inside this process, in virtual time: their unmodified code, in sandboxes without a memory
 * limit. A handler that does not return to the event loop is ended after `unresponsiveAfter`; one that blocks only
 * after an `await` blocks everything.
 */
export function createSandboxRunner(options: SandboxRunnerOptions): EnvironmentRunner {
  const random = options.random.fork('lambda.sandboxes');
  let created = 0;
  return new EnvironmentRunner(options, {
    support({ absentCode, runtime }) {
      if (absentCode !== undefined) return { refusal: `${absentCode}: ${INSTEAD}` };
      return isNode(runtime) ? { note: NODE_NOTE } : { refusal: `${NODE_ONLY}: ${INSTEAD}` };
    },
    create: (order) =>
      new SandboxEnvironment(
        order,
        options.clock,
        options.computeHost,
        random.fork(String(created++)),
        options.unresponsiveAfter ?? UNRESPONSIVE_AFTER,
      ),
  });
}

/**
 * An execution environment in a sandbox. Between invocations it is frozen, as on Lambda: a leftover timer fires when
 * the next invocation thaws it, or never. Responses in flight to it do arrive.
 */
class SandboxEnvironment implements ExecutionEnvironment {
  private readonly environment: Record<string, string>;
  private readonly console: LambdaConsole;
  private sandbox?: Sandbox;
  private handler?: Handler;
  private call?: HandlerCall;
  private settle?: (result: HandlerResult) => void;
  private requestId = '';
  /** The latest invocation; undefined while the code is loaded. */
  private invokedAs?: string;
  /** Why the environment ended, once it has. */
  private endedWith?: FunctionError;

  constructor(
    private readonly order: EnvironmentOrder,
    private readonly clock: Clock,
    private readonly computeHost: ComputeHost,
    private readonly random: Random,
    private readonly unresponsiveAfter: number,
  ) {
    this.environment = functionEnvironment(order.fn, computeHost, order.logStreamName);
    this.console = new LambdaConsole({
      environment: this.environment,
      now: () => clock.now(),
      requestId: () => this.invokedAs,
      write: order.log,
    });
  }

  public get alive(): boolean {
    return this.endedWith === undefined;
  }

  public async initialize(requestId: string): Promise<FunctionError | undefined> {
    this.requestId = requestId;
    const { fn, log } = this.order;
    try {
      const { file, path } = locateHandler(fn.codeDirectory, fn.handler);
      // The lines belong to the invocation, as on Lambda.
      const computeHost = Object.create(this.computeHost, {
        log: { value: ({ stream, text }: LogLine) => log(stream, text) },
      }) as ComputeHost;
      this.sandbox = new Sandbox({
        file,
        environment: this.environment,
        clock: this.clock,
        computeHost,
        source: fn.functionName,
        patchConsole: (console) => this.console.patch(console),
        workingDirectory: fn.codeDirectory,
        modules: new FunctionModules(moduleFolders(fn)),
        random: this.random,
        unresponsiveAfter: this.unresponsiveAfter,
        onExit: ({ code, error }) => {
          if (error === undefined) this.end(exited(this.requestId, code, null));
          else this.crashed(serializeError(error));
        },
        onIdle: () => this.call?.idle(),
      });
      const loaded = this.sandbox.load();
      this.handler = pickHandler(isPromise(loaded) ? await this.orEnd(loaded) : loaded, path, fn.handler);
      this.sandbox.freeze();
    } catch (error) {
      if (error instanceof EventLoopBlocked) this.endBlocked(error);
      return this.endedWith ?? serializeError(importError(error));
    }
    return undefined;
  }

  public invoke(invocation: HandlerInvocation): Promise<HandlerResult> {
    const { sandbox, handler, order, environment } = this;
    this.requestId = this.invokedAs = invocation.requestId;
    if (this.endedWith !== undefined) return Promise.resolve({ error: this.endedWith });
    if (sandbox === undefined || handler === undefined) throw new Error('call initialize before invoke');
    return new Promise((resolve) => {
      this.settle = resolve;
      const fn = {
        name: order.fn.functionName,
        version: environment.AWS_LAMBDA_FUNCTION_VERSION,
        memoryMegabytes: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
        logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
        logStreamName: order.logStreamName,
      };
      sandbox.thaw();
      try {
        sandbox.run(() => {
          this.call = new HandlerCall(
            handler,
            fn,
            invocation,
            () => this.clock.now(),
            (result) => this.answered(result),
          );
        });
      } catch (error) {
        if (!(error instanceof EventLoopBlocked)) throw error;
        this.endBlocked(error);
      }
    });
  }

  public memoryUsed(): undefined {
    return undefined;
  }

  public kill(): Promise<void> {
    this.end(exited(this.requestId, null, 'SIGKILL'));
    return Promise.resolve();
  }

  /** Waits for a module that awaits something, unless its environment ends before. */
  private orEnd(loading: PromiseLike<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.settle = () => reject(new Error('the environment ended while its module was loaded'));
      loading.then(resolve, reject);
    }).finally(() => (this.settle = undefined));
  }

  private answered(result: HandlerResult): void {
    if ('error' in result) this.console.failed('Invoke Error', result.error);
    this.conclude(result);
  }

  /** An uncaught error ends the environment, and fails a running invocation. */
  private crashed(error: FunctionError): void {
    if (this.call !== undefined) this.console.failed('Invoke Error', error);
    this.end(error);
  }

  private endBlocked({ message }: EventLoopBlocked): void {
    const { fn, log } = this.order;
    log('stderr', `${fn.functionName} was ended: ${message}`);
    this.end(blocked(this.requestId, fn.functionName, message));
  }

  private end(error: FunctionError): void {
    this.endedWith ??= error;
    this.sandbox?.close();
    this.conclude({ error });
  }

  private conclude(result: HandlerResult): void {
    this.sandbox?.freeze();
    this.sandbox?.flush();
    this.settle?.(result);
    this.settle = undefined;
    this.call = undefined;
  }
}
