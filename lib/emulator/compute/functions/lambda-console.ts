import { format } from 'node:util';
import type { FunctionError } from '../../services/lambda';

/** Takes what a function logs: the plain text, and the event in CloudWatch Logs that Lambda makes of it. */
export type WriteRecord = (stream: 'stdout' | 'stderr', text: string, message: string) => void;

const METHODS = {
  trace: ['TRACE', 'stderr'],
  debug: ['DEBUG', 'stdout'],
  log: ['INFO', 'stdout'],
  info: ['INFO', 'stdout'],
  warn: ['WARN', 'stderr'],
  error: ['ERROR', 'stderr'],
} as const;
const LEVELS: readonly string[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** What Lambda's Node.js runtime needs to write its log. */
export interface LambdaConsoleOptions {
  /** The environment variables of the function. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** In milliseconds since the epoch. */
  readonly now: () => number;
  /** The running invocation; undefined before the first. */
  readonly requestId: () => string | undefined;
  readonly write: WriteRecord;
}

/** How Lambda's Node.js runtime logs: what functions write to the console, and their errors. */
export class LambdaConsole {
  private readonly json: boolean;
  private readonly lowest: number;

  constructor(private readonly options: LambdaConsoleOptions) {
    const { AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL = 'INFO' } = options.environment;
    this.json = AWS_LAMBDA_LOG_FORMAT === 'JSON';
    // Only the JSON format has levels.
    this.lowest = this.json ? LEVELS.indexOf(AWS_LAMBDA_LOG_LEVEL) : 0;
  }

  /** Replaces the methods of a console that write a line. */
  public patch(target: Console): void {
    for (const [method, [level, stream]] of Object.entries(METHODS)) {
      const write = (...parameters: unknown[]) => this.log(level, stream, parameters);
      Object.assign(target, { [method]: write });
    }
  }

  /** Logs an error that ended an invocation, or the environment if `title` says so. */
  public failed(title: 'Invoke Error' | 'Uncaught Exception', { errorType, errorMessage, trace }: FunctionError): void {
    const error = JSON.stringify({ errorType, errorMessage, stack: trace });
    const text = `${title}\t${error}`;
    const message = this.json
      ? this.record('ERROR', { errorType, errorMessage, stackTrace: trace })
      : this.line('ERROR', `${title} \t${error}`);
    this.options.write('stderr', this.json ? message.trimEnd() : text, message);
  }

  private log(level: string, stream: 'stdout' | 'stderr', parameters: readonly unknown[]): void {
    if (LEVELS.indexOf(level) < this.lowest) return;
    const text = format(...parameters);
    const message = this.json ? this.structured(level, parameters, text) : this.line(level, text);
    this.options.write(stream, this.json ? message.trimEnd() : text, message);
  }

  private line(level: string, text: string): string {
    return `${this.time()}\t${this.options.requestId()}\t${level}\t${text}\n`;
  }

  private structured(level: string, parameters: readonly unknown[], text: string): string {
    if (parameters.length !== 1) {
      const error = parameters.find(isError);
      return this.record(level, text, error && described(error));
    }
    try {
      return this.record(level, parameters[0]);
    } catch {
      return this.record(level, text); // circular, or a BigInt
    }
  }

  private record(level: string, message: unknown, more: object = {}): string {
    const record = { timestamp: this.time(), level, requestId: this.options.requestId(), message, ...more };
    return `${JSON.stringify(record, (_name, value: unknown) => (isError(value) ? { ...described(value), ...value } : value))}\n`;
  }

  private time(): string {
    return new Date(this.options.now()).toISOString();
  }
}

/** An error of any realm. */
function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function described({ name, message, stack }: Error): object {
  return { errorType: name, errorMessage: message, stackTrace: stack?.split('\n') ?? [] };
}
