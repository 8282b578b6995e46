import type { RunningTime } from '../../clock';

/** A modelled handler's invocation, as in Lambda's context object. */
export interface ModelContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  /** In megabytes. */
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** The client context that the caller of Invoke passed. */
  readonly clientContext?: unknown;
  /** Emulated milliseconds until the function's timeout. */
  getRemainingTimeInMillis(): number;
}

/** How a function behaves instead of running as deployed. */
export interface FunctionModel {
  /**
   * How long an invocation takes before its code runs. Waits in the code itself come on top. An invocation that reaches
   * the function's timeout fails as on AWS, and its code never runs.
   * @default 0
   */
  readonly runningTime?: RunningTime;
  /**
   * Runs instead of the function's code, synchronously or not: its return value is the function's response, and what it
   * throws is the function's error.
   * @default - the function's code
   */
  readonly handler?: (event: unknown, context: ModelContext) => unknown;
}

/** What tests do to the functions that run. */
export interface FunctionControl {
  /**
   * Replaces future invocations of a function with a model.
   * @throws RangeError, TypeError if the model is invalid
   */
  model(functionName: string, model: FunctionModel): void;
  /** Ends the execution environments that are running a function, as a crash of its code does. Returns how many. */
  crash(functionName: string): Promise<number>;
}
