import type { FunctionError, FunctionSpec } from '../../services/lambda';
import type { HandlerInvocation, HandlerResult } from './handler-call';

/** A place in which one function's code has been, or will be, loaded, and runs one invocation at a time. */
export interface ExecutionEnvironment {
  /** Whether it can take another invocation. */
  readonly alive: boolean;
  /** Loads the code. Gives the error if that fails. */
  initialize(requestId: string): Promise<FunctionError | undefined>;
  /** Runs an invocation. Whatever the code does, the promise is fulfilled, at the latest by {@link kill}. */
  invoke(invocation: HandlerInvocation): Promise<HandlerResult>;
  /** The most memory that it has used so far, in bytes, where that can be told. */
  memoryUsed(): number | undefined;
  /** Ends it at once, and everything that runs in it. */
  kill(): Promise<void>;
}

/** What a new environment is made for. */
export interface EnvironmentOrder {
  readonly fn: FunctionSpec;
  readonly logStreamName: string;
  /** Takes a line that the code writes. */
  readonly log: (stream: 'stdout' | 'stderr', text: string) => void;
}

/** Makes environments of one sort. */
export type EnvironmentFactory = (order: EnvironmentOrder) => ExecutionEnvironment;
