import type { FunctionError } from '../../services/lambda';
import type { HandlerInvocation, HandlerResult } from './handler-call';

/** Messages from the emulator to an environment's process. */
export interface InvokeMessage {
  readonly type: 'invoke';
  readonly invocation: HandlerInvocation;
}

/** Messages from an environment's process to the emulator. */
export type EnvironmentMessage =
  | { readonly type: 'initialized' }
  | { readonly type: 'initFailed'; readonly error: FunctionError }
  /** The running invocation's result; both output streams carry its end mark after its last line. */
  | {
      readonly type: 'result';
      readonly requestId: string;
      readonly result: HandlerResult;
      readonly memoryUsed: number;
    };

const MARK = '\0end of ';

/** Marks the end of an invocation's output on a stream, because streams and messages travel separately. */
export function endMark(requestId: string): string {
  return `${MARK}${requestId}\n`;
}

/** Splits an end mark off a line of output. */
export function readMark(line: string): { readonly text: string; readonly ended?: string } {
  const at = line.lastIndexOf(MARK);
  return at === -1 ? { text: line } : { text: line.slice(0, at), ended: line.slice(at + MARK.length) };
}
