import { inspect, types } from 'node:util';
import type { FunctionError } from '../../services/lambda';

/** Serializes an error, or any other thrown value, as Lambda's Node.js runtime does. */
export function serializeError(error: unknown): FunctionError {
  // A handler's errors may come from another realm, where they are not instances of this realm's Error.
  if (types.isNativeError(error) || error instanceof Error) {
    const { name, message, stack } = error;
    return { errorType: name, errorMessage: message, trace: (stack ?? '').split('\n') };
  }
  const text = typeof error === 'string' ? error : inspect(error);
  return { errorType: typeof error, errorMessage: text, trace: [] };
}

/** The function timed out. */
export function timedOut(requestId: string, seconds: number): FunctionError {
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
  };
}

/** The function blocked the event loop, which it shares with everything else. */
export function blocked(requestId: string, functionName: string, message: string): FunctionError {
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out: ${functionName} was ended as ${message}`,
  };
}

/** The environment ended before the function responded. */
export function exited(requestId: string, code: number | null, signal: NodeJS.Signals | null): FunctionError {
  const how =
    signal !== null
      ? `Runtime exited with error: signal: ${SIGNAL_NAMES[signal] ?? signal}`
      : code === 0 || code === null
        ? 'Runtime exited without providing a reason'
        : `Runtime exited with error: exit status ${code}`;
  return { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${how}` };
}

/** The environment was ended because it exceeded the function's memory. */
export function outOfMemory(requestId: string): FunctionError {
  return { ...exited(requestId, null, 'SIGKILL'), errorType: 'Runtime.OutOfMemory' };
}

const SIGNAL_NAMES: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted',
  SIGKILL: 'killed',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
  SIGTRAP: 'trace/breakpoint trap',
};

/** An error of the runtime itself, without a stack trace of the function. */
export class RuntimeError extends Error {
  constructor(errorType: string, message: string) {
    super(message);
    this.name = errorType;
  }
}
