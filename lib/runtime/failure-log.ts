import { inspect, types } from 'node:util';

/** A failure in a worker or handler that continues anyway. */
export interface Failure {
  /** The operation that failed, such as `receive` or `handle`; `report` for the call of `onFailure`. */
  readonly during: 'receive' | 'send' | 'handle' | 'delete' | 'retry' | 'heartbeat' | 'lifecycle' | 'report';
  readonly error: unknown;
  /** The id of the message, if there is one. */
  readonly messageId?: string;
}

/** The maximum number of nested causes to log: an error may be its own cause. */
const MAX_CAUSES = 5;

/**
 * Logs one line of JSON on stderr, with the stack and the cause, so that CloudWatch Logs Insights can query its fields.
 */
export function logFailure({ during, error, messageId }: Failure): void {
  console.error(JSON.stringify({ failed: during, message: messageId, ...describe(error, MAX_CAUSES) }));
}

/**
 * Wraps `report` so that it never throws: an error in it is logged together with the failure that it was called with.
 */
export function contained(report: (failure: Failure) => unknown): (failure: Failure) => void {
  return (failure) => {
    const onThrow = (error: unknown): void => {
      logFailure(failure);
      logFailure({ during: 'report', error });
    };
    try {
      // A function without a return type may still be async.
      Promise.resolve(report(failure)).catch(onThrow);
    } catch (error) {
      onThrow(error);
    }
  };
}

interface Description {
  readonly reason: string;
  readonly stack?: string;
  readonly cause?: Description;
  readonly errors?: readonly Description[];
}

function describe(error: unknown, causes: number): Description {
  if (!isError(error)) return { reason: typeof error === 'string' ? error : inspect(error) };
  const { name, message, stack, cause } = error;
  return {
    reason: `${name}: ${message}`,
    stack,
    ...(cause !== undefined && causes > 0 && { cause: describe(cause, causes - 1) }),
    ...('errors' in error &&
      Array.isArray(error.errors) &&
      causes > 0 && { errors: error.errors.map((each: unknown) => describe(each, causes - 1)) }),
  };
}

/** Errors of another realm, such as Node's own in a sandbox, are not instances of ours. */
function isError(error: unknown): error is Error {
  return error instanceof Error || types.isNativeError(error);
}
