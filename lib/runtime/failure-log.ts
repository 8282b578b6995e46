import { inspect, types } from 'node:util';

/** What went wrong in a worker or handler that carries on nevertheless. */
export interface Failure {
  /** What was being done, e.g. `receive` or `handle`; `report` if it was the call of `onFailure`. */
  readonly during: 'receive' | 'handle' | 'delete' | 'retry' | 'heartbeat' | 'lifecycle' | 'report';
  readonly error: unknown;
  /** The message concerned, when there is one. */
  readonly messageId?: string;
}

/** How many causes of causes are logged: an error may be its own. */
const MAX_CAUSES = 5;

/** Logs one line of JSON on stderr, which CloudWatch Logs Insights can query by field: with the stack and the cause. */
export function logFailure({ during, error, messageId }: Failure): void {
  console.error(JSON.stringify({ failed: during, message: messageId, ...describe(error, MAX_CAUSES) }));
}

/** Returns a `report` that never throws: what it throws is logged, and so is the failure that it was told of. */
export function contained(report: (failure: Failure) => unknown): (failure: Failure) => void {
  return (failure) => {
    const onThrow = (error: unknown): void => {
      logFailure(failure);
      logFailure({ during: 'report', error });
    };
    try {
      // A function that returns nothing may be asynchronous all the same.
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

/** Errors of another realm, such as node's own in a sandbox, are no instances of ours. */
function isError(error: unknown): error is Error {
  return error instanceof Error || types.isNativeError(error);
}
