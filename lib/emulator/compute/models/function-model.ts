import { type Clock, type Random, RunningTimes, type Timer } from '../../clock';
import type { FunctionModel, ModelContext } from '../../services/lambda';
import {
  HandlerCall,
  type HandlerFunction,
  type HandlerInvocation,
  type HandlerResult,
} from '../functions/handler-call';

/** A {@link FunctionModel} in use. */
export class ModelledFunction {
  private readonly runningTimes: RunningTimes;

  /** @throws RangeError, TypeError if the model is invalid */
  constructor(
    private readonly model: FunctionModel,
    private readonly clock: Clock,
    random: Random,
  ) {
    const { runningTime = 0, handler } = model;
    this.runningTimes = new RunningTimes(runningTime, random);
    if (handler !== undefined && typeof handler !== 'function')
      throw new TypeError(`handler must be a function, but was ${typeof handler}`);
  }

  /** Whether it replaces the function's code. */
  public get replacesCode(): boolean {
    return this.model.handler !== undefined;
  }

  /**
   * Calls `then` when an invocation's running time has passed. Returns the timer, or undefined if that is immediate.
   */
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
      // A synchronous handler on Lambda must use the callback; a model just returns.
      const asynchronous = (event: unknown, context: unknown): Promise<unknown> => {
        const result = handler(event, context as ModelContext);
        if (result instanceof Promise) this.clock.notifyActivity(); // user code, which may do anything
        return Promise.resolve(result);
      };
      new HandlerCall(asynchronous, fn, invocation, () => this.clock.now(), settle);
    });
  }
}
