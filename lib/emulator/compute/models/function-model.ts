import type { Clock, Random, Timer } from '../../clock';
import {
  HandlerCall,
  type HandlerFunction,
  type HandlerInvocation,
  type HandlerResult,
} from '../functions/handler-call';
import { type RunningTime, RunningTimes } from './running-time';

/** What a modelled handler is told of its invocation: what Lambda's context object has. */
export interface ModelContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  /** In megabytes. */
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** What a caller of Invoke gave as client context. */
  readonly clientContext?: unknown;
  /** Emulated milliseconds until the function's timeout. */
  getRemainingTimeInMillis(): number;
}

/** How a function behaves, as far as it is not to do what it was deployed to do. */
export interface FunctionModel {
  /**
   * How long an invocation takes: so much time passes first, then the code runs. What the code itself waits for comes
   * on top. An invocation that reaches the function's timeout fails as on AWS, and its code never runs.
   * @default 0
   */
  readonly runningTime?: RunningTime;
  /**
   * Runs instead of the function's code, and need not be asynchronous: what it returns is the function's answer, what it
   * throws the function's error.
   * @default - the function's code
   */
  readonly handler?: (event: unknown, context: ModelContext) => unknown;
}

/** A {@link FunctionModel} at work. */
export class ModelledFunction {
  private readonly runningTimes: RunningTimes;

  /** @throws RangeError, TypeError where the model is none */
  constructor(
    private readonly model: FunctionModel,
    private readonly clock: Clock,
    random: Random,
  ) {
    const { runningTime = 0, handler } = model;
    this.runningTimes = new RunningTimes(runningTime, random);
    if (handler !== undefined && typeof handler !== 'function')
      throw new TypeError(`handler must be a function, got ${typeof handler}`);
  }

  /** Whether it takes the place of the function's code. */
  public get replacesCode(): boolean {
    return this.model.handler !== undefined;
  }

  /** Calls `then` when the running time of an invocation has passed. Gives the timer; none where that is at once. */
  public pass(then: () => void): Timer | undefined {
    const milliseconds = this.runningTimes.next();
    if (milliseconds > 0) return this.clock.schedule(this.clock.now() + milliseconds, then, 'a modelled invocation');
    then();
    return undefined;
  }

  /** Runs the model's handler. */
  public call(fn: HandlerFunction, invocation: HandlerInvocation): Promise<HandlerResult> {
    const { handler } = this.model;
    if (handler === undefined) throw new Error('the model has no handler');
    return new Promise((settle) => {
      // A handler that is not async would have to call back; a model just returns.
      const asynchronous = (event: unknown, context: unknown): Promise<unknown> => {
        const result = handler(event, context as ModelContext);
        if (result instanceof Promise) this.clock.notifyActivity(); // it may be doing anything
        return Promise.resolve(result);
      };
      new HandlerCall(asynchronous, fn, invocation, () => this.clock.now(), settle);
    });
  }
}
