import { isPromise } from '../../core/promise'; // imported alone: handlers do not need the rest of core
import type { FunctionError } from '../../services/lambda';
import { serializeError } from './function-errors';
import type { Handler } from './handler-location';

/** The result of a handler. */
export type HandlerResult = { readonly payload: string } | { readonly error: FunctionError };

/** The invocation that a handler is called with. */
export interface HandlerInvocation {
  readonly requestId: string;
  /** JSON text. */
  readonly event: string;
  /** In milliseconds of the handler's own time. */
  readonly deadline: number;
  readonly invokedFunctionArn: string;
  /** JSON text. */
  readonly clientContext?: string;
}

/** The facts about a function in its context object. */
export interface HandlerFunction {
  readonly name: string;
  readonly version: string;
  readonly memoryMegabytes: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

/** A running call of a handler. */
export class HandlerCall {
  /** The result passed to the callback; serialized only when it is delivered. */
  private waiting?: () => HandlerResult;
  private settled = false;
  private isAsync = false;

  /**
   * Calls the handler.
   *
   * @param now the handler's own time
   * @param settle called once, with the result
   */
  constructor(
    handler: Handler,
    fn: HandlerFunction,
    invocation: HandlerInvocation,
    now: () => number,
    private readonly settle: (result: HandlerResult) => void,
  ) {
    const callback = (error?: unknown, result?: unknown): void => {
      const outcome = (): HandlerResult =>
        error === undefined || error === null ? toResult(result) : { error: serializeError(error) };
      // A callback's result is delivered when the event loop is empty, unless the handler wants it immediately.
      if (context.callbackWaitsForEmptyEventLoop) this.waiting ??= outcome;
      else this.finish(outcome());
    };
    const context = createContext(fn, invocation, now, callback);
    try {
      const returned = handler(JSON.parse(invocation.event), context, callback);
      if (!isPromise(returned)) return;
      this.isAsync = true;
      returned.then(
        (value) => this.finish(toResult(value)),
        (error: unknown) => this.finish({ error: serializeError(error) }),
      );
    } catch (error) {
      this.finish({ error: serializeError(error) });
    }
  }

  /**
   * Called when no work is left that could continue the handler: delivers a callback's result, or completes a
   * synchronous handler that has not responded.
   */
  public idle(): void {
    if (!this.isAsync) this.finish(this.waiting?.() ?? { payload: 'null' });
  }

  /** As {@link idle}, when not even an async handler can continue. */
  public ended(): void {
    this.finish(this.waiting?.() ?? { payload: 'null' });
  }

  private finish(result: HandlerResult): void {
    if (this.settled) return;
    this.settled = true;
    this.settle(result);
  }
}

function createContext(
  fn: HandlerFunction,
  { requestId, deadline, invokedFunctionArn, clientContext }: HandlerInvocation,
  now: () => number,
  callback: (error?: unknown, result?: unknown) => void,
) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: fn.name,
    functionVersion: fn.version,
    invokedFunctionArn,
    memoryLimitInMB: fn.memoryMegabytes,
    awsRequestId: requestId,
    logGroupName: fn.logGroupName,
    logStreamName: fn.logStreamName,
    clientContext: clientContext === undefined ? undefined : (JSON.parse(clientContext) as unknown),
    identity: undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - now()),
    done: callback,
    succeed: (result?: unknown) => callback(null, result),
    fail: (error?: unknown) => callback(error ?? new Error('context.fail was called without an error')),
  };
}

function toResult(value: unknown): HandlerResult {
  try {
    return { payload: JSON.stringify(value) ?? 'null' };
  } catch (error) {
    return { error: { ...serializeError(error), errorMessage: 'Unable to stringify response body' } };
  }
}
