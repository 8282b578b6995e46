/** The version that is not published: what deployments change. */
export const LATEST = '$LATEST';

/** A function as it was deployed. */
export interface FunctionSpec {
  readonly functionName: string;
  /** Without a qualifier. */
  readonly functionArn: string;
  /** @default '$LATEST' */
  readonly version?: string;
  /** At most 256 characters. */
  readonly description?: string;
  /** `nodejs22.x` … */
  readonly runtime: string;
  /** `file.export`, the file relative to the code's folder and without its extension. */
  readonly handler: string;
  /** The local folder that holds the unpacked code. */
  readonly codeDirectory: string;
  /**
   * The SHA-256 of its code, in base64.
   * @default - code in another folder is other code
   */
  readonly codeSha256?: string;
  /**
   * How long the archive of its code is, in bytes.
   * @default - not known
   */
  readonly codeSize?: number;
  readonly environment: Readonly<Record<string, string>>;
  /** 1–900. */
  readonly timeoutSeconds: number;
  /** 128–10,240. */
  readonly memoryMegabytes: number;
  /**
   * The ARN of its execution role: in its name the function calls, and Lambda polls for it.
   * @default - a role of the function's own, of its name
   */
  readonly roleArn?: string;
}

/** A function that is to be deployed. */
export interface NewFunction extends FunctionSpec {
  /**
   * How many invocations may run at once; they are set aside from the account's.
   * @default - the function shares what the account has not reserved
   */
  readonly reservedConcurrency?: number;
  /** @default - none */
  readonly tags?: Readonly<Record<string, string>>;
}

/** What came of an invocation: a payload, or the error that the function ended with. */
export interface Invocation {
  /** What the handler returned, as JSON text. */
  readonly payload?: string;
  readonly error?: FunctionError;
  /**
   * For how long the function's code ran, in emulated milliseconds, without the time that starting an environment took.
   * @default - for as long as the runner took
   */
  readonly duration?: number;
  /** The last of what the invocation logged, at most 4 KB. */
  readonly logTail?: string;
}

/** An error as Lambda serialises it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** What a runner is told of one invocation. */
export interface InvocationContext {
  readonly requestId: string;
  /** As it was invoked: with its qualifier, if there is one. */
  readonly invokedFunctionArn: string;
  /**
   * When the handler must have answered, in emulated milliseconds since the epoch. A runner that has to start an
   * environment first puts it off by the time that this takes: Lambda does not count it either.
   */
  readonly deadline: number;
  /** What a caller of Invoke gave as client context, JSON text. */
  readonly clientContext?: string;
}

/** Whether, and on what, functions of a runtime run. */
export interface RuntimeSupport {
  /** Why they don't, and what to do: a clause. */
  readonly refusal?: string;
  /** What they run on: a clause. */
  readonly note?: string;
}

/** Runs functions' code. */
export interface FunctionRunner {
  /**
   * How many invocations of one function run at once; further ones wait for their turn.
   * @default - any number
   */
  readonly environmentsPerFunction?: number;
  /**
   * Says whether functions of a runtime can be run.
   * @default - all can
   */
  support?(runtime: string): RuntimeSupport;
  /** Runs one invocation. Whatever the function does, the promise is fulfilled. */
  run(fn: FunctionSpec, event: string, context: InvocationContext): Promise<Invocation>;
  /**
   * Starts an environment ahead of the first invocation. Returns the error if the code cannot be loaded.
   * @default - there is nothing to start
   */
  prepare?(fn: FunctionSpec): Promise<FunctionError | undefined>;
  /**
   * Ends a function's environments, each when its invocation is done: further ones start in new environments.
   * @param drained called once the last of the former environments has ended: nothing needs their code any more
   * @default - environments are not kept
   */
  retire?(functionName: string, drained: () => void): Promise<void>;
  /** Stops all environments of a function, or of all functions. */
  dispose(functionName?: string): Promise<void>;
}
