/** The unpublished version, which deployments change. */
export const LATEST = '$LATEST';

/** The layers of a function. */
export interface FunctionLayers {
  /** Their versions, in the order in which they are merged. */
  readonly versions: readonly LayerReference[];
  /**
   * The local folder with their merged content, `/opt`, which is made when it is first asked for.
   * @default - none of them is here
   */
  readonly directory?: string;
}

/** A version of a layer, as a function refers to it. */
export interface LayerReference {
  readonly arn: string;
  /** The size of its archive, in bytes; undefined if it is a folder on this machine, or not here. */
  readonly codeSize?: number;
  /** Whether it is not here, such as one of another account. */
  readonly missing?: boolean;
}

/** A deployed function. */
export interface FunctionSpec {
  readonly functionName: string;
  /** Without a qualifier. */
  readonly functionArn: string;
  /** @default '$LATEST' */
  readonly version?: string;
  /** At most 256 characters. */
  readonly description?: string;
  /** For example `nodejs22.x`; empty for a container image. */
  readonly runtime: string;
  /** `file.export`: the file relative to the code folder, without its extension. */
  readonly handler: string;
  /** The local folder with the unpacked code. */
  readonly codeDirectory: string;
  /**
   * Why its code is not in that folder: a clause. Unless a command or a model takes its place, it cannot run.
   * @default - its code is there
   */
  readonly absentCode?: string;
  /**
   * The URI of the container image that it is deployed as.
   * @default - it is deployed as an archive
   */
  readonly imageUri?: string;
  /**
   * A shell command that runs as its custom runtime, in place of its code.
   * @default - its code runs
   */
  readonly command?: string;
  /**
   * The SHA-256 of the code, in base64.
   * @default - code in a different folder counts as different code
   */
  readonly codeSha256?: string;
  /**
   * The size of the code's archive, in bytes.
   * @default - not known
   */
  readonly codeSize?: number;
  readonly environment: Readonly<Record<string, string>>;
  /** @default - none */
  readonly layers?: FunctionLayers;
  /**
   * The project that the function belongs to, whose `node_modules` have what Lambda's runtimes include.
   * @default - the working directory
   */
  readonly projectDirectory?: string;
  /**
   * The ARN of the queue or topic for asynchronous events that failed.
   * @default - none
   */
  readonly deadLetterArn?: string;
  /**
   * The size of `/tmp`, in MB: 512–10,240. It is not enforced.
   * @default 512
   */
  readonly ephemeralStorage?: number;
  /** 1–900. */
  readonly timeoutSeconds: number;
  /** 128–10,240. */
  readonly memoryMegabytes: number;
  /**
   * The ARN of the execution role, with which the function calls other services and Lambda polls for it.
   * @default - a role named after the function
   */
  readonly roleArn?: string;
  /** @default - text, to the function's own log group */
  readonly logging?: FunctionLogging;
}

/** Where and how a function logs: `LoggingConfig` of the API. */
export interface FunctionLogging {
  /**
   * A log group of one's own.
   * @default - `/aws/lambda/<function>`
   */
  readonly group?: string;
  /** @default 'Text' */
  readonly format?: 'Text' | 'JSON';
  /** With the JSON format. @default 'INFO' */
  readonly applicationLevel?: string;
  /** With the JSON format. @default 'INFO' */
  readonly systemLevel?: string;
}

/** A function to be deployed. */
export interface NewFunction extends FunctionSpec {
  /**
   * The reserved concurrency, which is taken from the account's.
   * @default - the function shares the unreserved concurrency
   */
  readonly reservedConcurrency?: number;
  /** @default - none */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The result of an invocation: a payload or an error. */
export interface Invocation {
  /** The handler's return value, as JSON. */
  readonly payload?: string;
  readonly error?: FunctionError;
  /**
   * How long the function's code ran, in emulated milliseconds, without the start of its environment.
   * @default - the time that the runner took
   */
  readonly duration?: number;
  /** The last 4 KB, at most, of the invocation's log. */
  readonly logTail?: string;
}

/** An error as Lambda serializes it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** The context of one invocation. */
export interface InvocationContext {
  readonly requestId: string;
  /** As it was invoked, including a qualifier. */
  readonly invokedFunctionArn: string;
  /**
   * When the handler must have finished, in emulated milliseconds since the epoch. A runner that has to start an
   * environment first extends it by that time, as Lambda does.
   */
  readonly deadline: number;
  /** The client context of Invoke, as JSON. */
  readonly clientContext?: string;
}

/** Whether a function runs here, and on what. */
export interface RuntimeSupport {
  /** Why they don't, and what to do about it: a clause. */
  readonly refusal?: string;
  /** What they run on: a clause. */
  readonly note?: string;
  /** What will probably fail, although they run: a clause. */
  readonly warning?: string;
}

/** Runs functions' code. */
export interface FunctionRunner {
  /**
   * The number of concurrent environments per function; further invocations wait.
   * @default - unlimited
   */
  readonly environmentsPerFunction?: number;
  /**
   * Whether a function can run as it is deployed.
   * @default - all can
   */
  support?(fn: FunctionSpec): RuntimeSupport;
  /**
   * Why a function cannot run now, neither as it is deployed nor as a model: a clause.
   * @default - all can
   */
  obstacle?(fn: FunctionSpec): string | undefined;
  /** Writes a line of the emulator's own to a function's output. */
  report?(fn: FunctionSpec, text: string): void;
  /** Runs one invocation. The promise is fulfilled even if the function fails. */
  run(fn: FunctionSpec, event: string, context: InvocationContext): Promise<Invocation>;
  /**
   * Starts an environment ahead of the first invocation. Returns the error if the code cannot be loaded.
   * @default - there is nothing to start
   */
  prepare?(fn: FunctionSpec): Promise<FunctionError | undefined>;
  /**
   * Ends a function's environments, each after its current invocation. Later invocations start in new environments.
   * @param drained called when the last of the old environments has ended and their code is not needed any more
   * @default - environments are not kept
   */
  retire?(functionName: string, drained: () => void): Promise<void>;
  /** Stops all environments of a function, or of all functions. */
  dispose(functionName?: string): Promise<void>;
}
