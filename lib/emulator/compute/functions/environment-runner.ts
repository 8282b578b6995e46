import type { Clock, Random } from '../../clock';
import {
  describeInitError,
  type FunctionError,
  type FunctionModel,
  type FunctionRunner,
  type FunctionSpec,
  type Invocation,
  type InvocationContext,
  LATEST,
  type RuntimeSupport,
} from '../../services/lambda';
import { ModelledFunction } from '../models/function-model';
import type { ComputeHost } from '../compute-host';
import { EnvironmentPool } from './environment-pool';
import type { EnvironmentFactory } from './execution-environment';
import { timedOut } from './function-errors';
import { FunctionPools } from './function-pools';
import type { HandlerFunction, HandlerInvocation, HandlerResult } from './handler-call';
import { FunctionLog, logGroupOf } from './function-log';
import { InvocationLog } from './invocation-log';
import { LambdaConsole } from './lambda-console';
import { PooledEnvironment } from './pooled-environment';

/** Options of an {@link EnvironmentRunner}. */
export interface EnvironmentRunnerOptions {
  readonly clock: Clock;
  /** The source of log stream names and of an environment's other randomness. */
  readonly random: Random;
  readonly computeHost: ComputeHost;
  /** The maximum number of environments of a function, at least 1; further invocations wait. */
  readonly environmentsPerFunction?: number;
}

/** A kind of environment that functions can run in. */
export interface EnvironmentKind {
  support(fn: FunctionSpec): RuntimeSupport;
  readonly create: EnvironmentFactory;
}

/** Runs functions in environments that are kept and reused, as on Lambda. */
export class EnvironmentRunner implements FunctionRunner {
  public readonly environmentsPerFunction?: number;
  private readonly pools: FunctionPools<PooledEnvironment>;
  private readonly models = new Map<string, ModelledFunction>();
  private readonly reportedInitErrors = new Map<string, string>();
  private readonly random: Random;

  constructor(
    private readonly options: EnvironmentRunnerOptions,
    private readonly kind: EnvironmentKind,
  ) {
    this.environmentsPerFunction = options.environmentsPerFunction;
    this.random = options.random.fork('lambda.log-streams');
    const limit = options.environmentsPerFunction ?? Infinity;
    this.pools = new FunctionPools((fn) => new EnvironmentPool(options.clock, limit, () => this.newEnvironment(fn)));
  }

  public support(fn: FunctionSpec): RuntimeSupport {
    return this.kind.support(fn);
  }

  public obstacle(fn: FunctionSpec): string | undefined {
    return this.replacesCode(fn) ? undefined : this.kind.support(fn).refusal;
  }

  public report(fn: FunctionSpec, text: string): void {
    this.print(fn, 'stderr', text);
  }

  public async run(fn: FunctionSpec, event: string, context: InvocationContext): Promise<Invocation> {
    const askedAt = this.options.clock.now();
    const refusal = this.refuse(fn);
    if (refusal !== undefined) return { error: refusal };
    const pool = this.pools.of(fn);
    const acquired = pool.acquire();
    const environment = acquired instanceof Promise ? await acquired : acquired;
    if (environment === undefined) return { error: stopped(fn) };
    const invocation = await this.runIn(environment, fn, event, context, askedAt);
    const ended = pool.release(environment);
    if (ended !== undefined) await ended;
    return invocation;
  }

  public async prepare(fn: FunctionSpec): Promise<FunctionError | undefined> {
    if (this.replacesCode(fn)) return undefined;
    const refusal = this.refuse(fn);
    if (refusal !== undefined) return refusal;
    const pool = this.pools.of(fn);
    const environment = await pool.acquire();
    if (environment === undefined || environment.initialized) return undefined;
    const error = await environment.initialize(this.random.uuid());
    if (error !== undefined) await environment.kill();
    await pool.release(environment);
    return error;
  }

  /**
   * Replaces future invocations of a function with a model.
   * @throws RangeError, TypeError if the model is invalid
   */
  public model(functionName: string, model: FunctionModel): void {
    const { clock, random } = this.options;
    this.models.set(functionName, new ModelledFunction(model, clock, random.fork(`models/${functionName}`)));
  }

  /** Ends the environments that are running a function, as a crash of its code does. Returns how many. */
  public async crash(functionName: string): Promise<number> {
    const busy = this.pools.environments(functionName).filter(({ log }) => log !== undefined);
    await Promise.all(busy.map((environment) => environment.kill()));
    return busy.length;
  }

  public async retire(functionName: string, drained: () => void): Promise<void> {
    this.reportedInitErrors.delete(functionName);
    await this.pools.retire(functionName, drained);
  }

  public async dispose(functionName?: string): Promise<void> {
    if (functionName === undefined) this.reportedInitErrors.clear();
    else this.reportedInitErrors.delete(functionName);
    await this.pools.close(functionName);
  }

  private async runIn(
    environment: PooledEnvironment,
    fn: FunctionSpec,
    event: string,
    context: InvocationContext,
    askedAt: number,
  ): Promise<Invocation> {
    const { clock } = this.options;
    const { requestId } = context;
    const { functionLog } = environment;
    const print = (stream: 'stdout' | 'stderr', text: string) => this.print(fn, stream, text);
    const log = new InvocationLog(requestId, fn.version ?? LATEST, functionLog, print);
    environment.log = log;
    let initDuration: number | undefined;
    const model = this.models.get(fn.functionName);
    if (!environment.initialized && model?.replacesCode !== true) {
      const startsAt = clock.now();
      functionLog.initStarted();
      const initError = await environment.initialize(requestId);
      if (initError !== undefined) {
        functionLog.initFailed(initError);
        this.reportInitError(fn, initError);
        await environment.kill();
        return { error: initError, logTail: log.tail };
      }
      this.reportedInitErrors.delete(fn.functionName);
      initDuration = clock.now() - startsAt;
    }
    log.start();
    const startedAt = clock.now();
    // The wait for an environment and its start do not count towards the function's timeout.
    const deadline = context.deadline + (startedAt - askedAt);
    const outcome = await this.withinTime(environment, fn, model, {
      requestId,
      event,
      deadline,
      invokedFunctionArn: context.invokedFunctionArn,
      ...(context.clientContext !== undefined && { clientContext: context.clientContext }),
    });
    const error = 'error' in outcome ? outcome.error : undefined;
    const memoryUsed = environment.memoryUsed();
    const duration = clock.now() - startedAt;
    log.end({
      duration,
      memoryMegabytes: fn.memoryMegabytes,
      ...(memoryUsed !== undefined && { memoryUsed }),
      ...(initDuration !== undefined && { initDuration }),
      ...reportedStatus(error),
    });
    environment.log = undefined;
    return { ...outcome, duration, logTail: log.tail };
  }

  /** Runs the invocation. At the deadline, the environment is ended with everything in it. */
  private async withinTime(
    environment: PooledEnvironment,
    fn: FunctionSpec,
    model: ModelledFunction | undefined,
    invocation: HandlerInvocation,
  ): Promise<HandlerResult> {
    let late = false;
    const end = () => {
      late = true;
      return environment.kill();
    };
    const timer = this.options.clock.schedule(
      invocation.deadline,
      end,
      `an invocation of ${fn.functionName} times out`,
    );
    const outcome = await (model === undefined
      ? environment.invoke(invocation)
      : environment.invokeModelled(model, facts(fn, environment.functionLog.streamName), invocation));
    timer.cancel();
    if (!late) {
      // The environment itself logs the errors of its code.
      if (model?.replacesCode === true && 'error' in outcome && outcome.error.trace !== undefined) {
        this.consoleOf(environment, invocation.requestId).failed('Invoke Error', outcome.error);
      }
      return outcome;
    }
    const error = timedOut(invocation.requestId, fn.timeoutSeconds);
    const text = `${invocation.requestId} Task timed out after ${fn.timeoutSeconds.toFixed(2)} seconds`;
    const time = new Date(this.options.clock.now()).toISOString();
    if (!environment.functionLog.isJson) environment.log?.write('stderr', text, `${time} ${text}\n\n`);
    return { error };
  }

  /** The console of a handler that takes the place of the function's code. */
  private consoleOf(environment: PooledEnvironment, requestId: string): LambdaConsole {
    return new LambdaConsole({
      environment: { AWS_LAMBDA_LOG_FORMAT: environment.functionLog.isJson ? 'JSON' : 'Text' },
      now: () => this.options.clock.now(),
      requestId: () => requestId,
      write: (...record) => environment.log?.write(...record),
    });
  }

  private refuse(fn: FunctionSpec): FunctionError | undefined {
    const obstacle = this.obstacle(fn);
    if (obstacle === undefined) return undefined;
    const runtime = fn.absentCode === undefined ? ` (${fn.runtime})` : '';
    const errorMessage = `The function ${fn.functionName}${runtime} cannot run here: ${obstacle}.`;
    return { errorType: 'Runtime.NotEmulated', errorMessage };
  }

  private replacesCode({ functionName }: FunctionSpec): boolean {
    return this.models.get(functionName)?.replacesCode === true;
  }

  private newEnvironment(fn: FunctionSpec): PooledEnvironment {
    const day = new Date(this.options.clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    const { clock, computeHost } = this.options;
    // A group may be shared by functions: their streams then say whose they are.
    const owner = fn.logging?.group === undefined ? '' : fn.functionName;
    const logStreamName = `${day}/${owner}[${fn.version ?? LATEST}]${this.random.hex(32)}`;
    const functionLog = new FunctionLog(fn, logStreamName, clock, computeHost);
    return new PooledEnvironment(
      functionLog,
      (log) => this.kind.create({ fn, logStreamName, log }),
      (stream, text, message = `${text}\n`) => {
        for (const line of text.split(/\r\n|[\r\n]/)) this.print(fn, stream, line);
        functionLog.store(message);
      },
    );
  }

  /**
   * Reports that a function cannot be loaded, once, until it can be loaded or fails in another way; every invocation of
   * it fails.
   */
  private reportInitError(fn: FunctionSpec, error: FunctionError): void {
    const text = `${fn.functionName} could not be initialized: ${describeInitError(error, fn.codeDirectory)}`;
    if (this.reportedInitErrors.get(fn.functionName) === text) return;
    this.reportedInitErrors.set(fn.functionName, text);
    this.print(fn, 'stderr', text);
  }

  private print(fn: FunctionSpec, stream: 'stdout' | 'stderr', text: string): void {
    const { computeHost, clock } = this.options;
    computeHost.log({ source: fn.functionName, stream, text, at: clock.now() });
  }
}

function facts(fn: FunctionSpec, logStreamName: string): HandlerFunction {
  return {
    name: fn.functionName,
    version: fn.version ?? LATEST,
    memoryMegabytes: String(fn.memoryMegabytes),
    logGroupName: logGroupOf(fn),
    logStreamName,
  };
}

function stopped(fn: FunctionSpec): FunctionError {
  return { errorType: 'Sandbox.Stopped', errorMessage: `The environments of ${fn.functionName} were stopped.` };
}

function reportedStatus(error: FunctionError | undefined): { status?: 'timeout' | 'error'; errorType?: string } {
  if (error?.errorType === 'Sandbox.Timedout') return { status: 'timeout' };
  // A handler's own errors may have any name; those of the runtime are Lambda's.
  if (error?.errorType.startsWith('Runtime.') === true) return { status: 'error', errorType: error.errorType };
  return {};
}
