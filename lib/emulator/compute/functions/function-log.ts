import { createHash } from 'node:crypto';
import type { Clock } from '../../clock';
import { type FunctionError, type FunctionSpec, LATEST } from '../../services/lambda';
import type { ComputeHost } from '../compute-host';

/** The log group of a function. */
export function logGroupOf({ functionName, logging }: FunctionSpec): string {
  return logging?.group ?? `/aws/lambda/${functionName}`;
}

const LEVELS: readonly string[] = ['DEBUG', 'INFO', 'WARN'];

/** The log stream of an environment, in CloudWatch Logs: what Lambda itself writes there, and the function's lines. */
export class FunctionLog {
  constructor(
    private readonly fn: FunctionSpec,
    public readonly streamName: string,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly computeHost: ComputeHost,
  ) {}

  public get isJson(): boolean {
    return this.fn.logging?.format === 'JSON';
  }

  /** Stores an event. */
  public store(message: string): void {
    this.computeHost.store?.({
      logGroup: logGroupOf(this.fn),
      logStream: this.streamName,
      message,
      at: this.clock.now(),
    });
  }

  /** Stores what Lambda says when it starts an environment, unless it is one of a container image, without a runtime. */
  public initStarted(): void {
    const { runtime, version = LATEST } = this.fn;
    const [, name, number] = /^([a-z]+)([\d.]*)/.exec(runtime) ?? [];
    if (name === undefined) return;
    // AWS counts its versions of a runtime, and gives each an ARN: both are made up here.
    const runtimeVersion = `${name}:${number.replace(/\.$/, '')}.v1`;
    const hash = createHash('sha256').update(runtimeVersion).digest('hex');
    const arn = `arn:aws:lambda:${this.computeHost.region}::runtime:${hash}`;
    if (!this.isJson) return this.store(`INIT_START Runtime Version: ${runtimeVersion}\tRuntime Version ARN: ${arn}\n`);
    const record = {
      initializationType: 'on-demand',
      phase: 'init',
      runtimeVersion,
      runtimeVersionArn: arn,
      functionName: this.fn.functionName,
      functionVersion: version,
    };
    const event = this.platform('platform.initStart', 'INFO', record);
    if (event !== undefined) this.store(event);
  }

  /** Stores why the code could not be loaded. */
  public initFailed({ errorType, errorMessage, trace }: FunctionError): void {
    const time = new Date(this.clock.now()).toISOString();
    const error = JSON.stringify({ errorType, errorMessage, stack: trace });
    const message = { errorType, errorMessage, stackTrace: trace };
    this.store(
      this.isJson
        ? `${JSON.stringify({ timestamp: time, level: 'ERROR', message })}\n`
        : `${time}\tundefined\tERROR\tUncaught Exception \t${error}\n`,
    );
  }

  /** A record of Lambda's own in the JSON format; undefined if the function's level leaves it out. */
  public platform(type: string, level: string, record: object): string | undefined {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.fn.logging?.systemLevel ?? 'INFO')) return undefined;
    return `${JSON.stringify({ time: new Date(this.clock.now()).toISOString(), type, record })}\n`;
  }
}
