import type { FunctionError, FunctionSpec } from '../../services/lambda';
import type { HandlerInvocation, HandlerResult } from './handler-call';

/** An environment that loads one function's code and runs one invocation at a time. */
export interface ExecutionEnvironment {
  /** Whether it can run another invocation. */
  readonly alive: boolean;
  /** Loads the code. Resolves to the error if that fails. */
  initialize(requestId: string): Promise<FunctionError | undefined>;
  /** Runs an invocation. Never rejects; settles at the latest on {@link kill}. */
  invoke(invocation: HandlerInvocation): Promise<HandlerResult>;
  /** The peak memory use so far, in bytes, if known. */
  memoryUsed(): number | undefined;
  /** Ends it and everything that runs in it. */
  kill(): Promise<void>;
}

/** Takes a line of output, and the event that it is in CloudWatch Logs if that is not the line alone. */
export type WriteLine = (stream: 'stdout' | 'stderr', text: string, message?: string) => void;

/** What a new environment is created for. */
export interface EnvironmentOrder {
  readonly fn: FunctionSpec;
  readonly logStreamName: string;
  /** Called with each line that the code writes, and with the event that it is in CloudWatch Logs if that differs. */
  readonly log: WriteLine;
}

/** Creates environments of one kind. */
export type EnvironmentFactory = (order: EnvironmentOrder) => ExecutionEnvironment;
