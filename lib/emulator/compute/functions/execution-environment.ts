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

/** What a new environment is created for. */
export interface EnvironmentOrder {
  readonly fn: FunctionSpec;
  readonly logStreamName: string;
  /** Called with each line that the code writes. */
  readonly log: (stream: 'stdout' | 'stderr', text: string) => void;
}

/** Creates environments of one kind. */
export type EnvironmentFactory = (order: EnvironmentOrder) => ExecutionEnvironment;
