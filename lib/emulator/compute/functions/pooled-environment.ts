import type { Timer } from '../../clock';
import type { FunctionError } from '../../services/lambda';
import type { ModelledFunction } from '../models/function-model';
import type { ExecutionEnvironment, WriteLine } from './execution-environment';
import type { FunctionLog } from './function-log';
import { exited } from './function-errors';
import type { HandlerFunction, HandlerInvocation, HandlerResult } from './handler-call';
import type { InvocationLog } from './invocation-log';

/**
 * An environment whose lines go to the log of the invocation that is running in it, or elsewhere between invocations.
 */
export class PooledEnvironment implements ExecutionEnvironment {
  /** The log of the running invocation. */
  public log?: InvocationLog;
  public initialized = false;
  private readonly environment: ExecutionEnvironment;
  private killed = false;
  /** Ends the running modelled invocation, because its environment ends. */
  private endModelled?: () => void;
  private running?: Timer;

  constructor(
    public readonly functionLog: FunctionLog,
    create: (log: WriteLine) => ExecutionEnvironment,
    betweenInvocations: WriteLine,
  ) {
    this.environment = create((...line) => {
      if (this.log === undefined) betweenInvocations(...line);
      else this.log.write(...line);
    });
  }

  public get alive(): boolean {
    return !this.killed && this.environment.alive;
  }

  public async initialize(requestId: string): Promise<FunctionError | undefined> {
    const error = await this.environment.initialize(requestId);
    this.initialized = error === undefined;
    return error;
  }

  public invoke(invocation: HandlerInvocation): Promise<HandlerResult> {
    return this.environment.invoke(invocation);
  }

  /** As {@link invoke}, but takes the model's running time and runs its handler, if it has one. */
  public invokeModelled(
    model: ModelledFunction,
    fn: HandlerFunction,
    invocation: HandlerInvocation,
  ): Promise<HandlerResult> {
    return new Promise((settle) => {
      const end = (result: HandlerResult) => {
        this.endModelled = undefined;
        settle(result);
      };
      this.endModelled = () => {
        this.running?.cancel();
        end({ error: exited(invocation.requestId, null, 'SIGKILL') });
      };
      this.running = model.pass(() => {
        const answer = model.replacesCode ? model.call(fn, invocation) : this.environment.invoke(invocation);
        void answer.then(end);
      });
    });
  }

  public memoryUsed(): number | undefined {
    return this.environment.memoryUsed();
  }

  public kill(): Promise<void> {
    this.killed = true;
    this.endModelled?.();
    return this.environment.kill();
  }
}
