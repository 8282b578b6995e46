import { isPromise } from '../../core/promise'; // alone: the whole of core is not needed where handlers run
import type { FunctionError } from '../../services/lambda';
import { serializeError } from './function-errors';
import type { Handler } from './handler-location';

/** What a handler ended with. */
export type HandlerResult = { readonly payload: string } | { readonly error: FunctionError };

/** What is known of an invocation when its handler is called. */
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

/** The facts about a function that its context object tells. */
export interface HandlerFunction {
  readonly name: string;
  readonly version: string;
  readonly memoryMegabytes: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

/** A call of a handler that is under way. */
export class HandlerCall {
  /** What a callback has given, serialised only when it is handed over. */
  private waiting?: () => HandlerResult;
  private settled = false;
  private isAsync = false;

  /**
   * Calls the handler.
   *
   * @param now the handler's own time
   * @param settle told the result, once
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
      // A callback's answer is given when nothing is left to do, unless the handler wants it given at once.
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
   * Nothing is left that could make the handler go on: a callback's answer is given now, and a handler that is not
   * async and has not answered is taken to be done.
   */
  public idle(): void {
    if (!this.isAsync) this.finish(this.waiting?.() ?? { payload: 'null' });
  }

  /** As {@link idle}, where it is certain that not even an async handler can go on. */
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
