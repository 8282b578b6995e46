import type { FunctionError } from '../../services/lambda';
import type { HandlerInvocation, HandlerResult } from './handler-call';

/** What the emulator tells an environment's process. */
export interface InvokeMessage {
  readonly type: 'invoke';
  readonly invocation: HandlerInvocation;
}

/** What an environment's process tells the emulator. */
export type EnvironmentMessage =
  | { readonly type: 'initialized' }
  | { readonly type: 'initFailed'; readonly error: FunctionError }
  /** The result of the invocation that runs; both output streams carry its end mark when all its lines are out. */
  | {
      readonly type: 'result';
      readonly requestId: string;
      readonly result: HandlerResult;
      readonly memoryUsed: number;
    };

const MARK = '\0end of ';

/** What ends an invocation's output on a stream: the streams and the messages travel separately. */
export function endMark(requestId: string): string {
  return `${MARK}${requestId}\n`;
}

/** A line of output, taken apart where it ends in a mark. */
export function readMark(line: string): { readonly text: string; readonly ended?: string } {
  const at = line.lastIndexOf(MARK);
  return at === -1 ? { text: line } : { text: line.slice(0, at), ended: line.slice(at + MARK.length) };
}
