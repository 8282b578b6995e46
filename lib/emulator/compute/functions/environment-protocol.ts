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

const RECORD = '\0log ';
/** Longer ones are written as plain lines: lines of output have a limit. */
const LONGEST_RECORD = 128 * 1024;
const MARK = '\0end of ';

/** A line that carries what a function logged together with the event that it is in CloudWatch Logs. */
export function logRecord(text: string, message: string): string {
  const record = JSON.stringify([text, message]);
  return record.length > LONGEST_RECORD ? `${text}\n` : `${RECORD}${record}\n`;
}

/** Reads such a line, and what was on the same line before it; undefined for other lines. */
export function readRecord(
  line: string,
): { readonly before: string; readonly text: string; readonly message: string } | undefined {
  const at = line.indexOf(RECORD);
  if (at === -1) return undefined;
  try {
    const [text, message] = JSON.parse(line.slice(at + RECORD.length)) as [string, string];
    return { before: line.slice(0, at), text, message };
  } catch {
    return undefined; // written by the function itself
  }
}

/** Marks the end of an invocation's output on a stream, because streams and messages travel separately. */
export function endMark(requestId: string): string {
  return `${MARK}${requestId}\n`;
}

/** Splits an end mark off a line of output. */
export function readMark(line: string): { readonly text: string; readonly ended?: string } {
  const at = line.lastIndexOf(MARK);
  return at === -1 ? { text: line } : { text: line.slice(0, at), ended: line.slice(at + MARK.length) };
}
