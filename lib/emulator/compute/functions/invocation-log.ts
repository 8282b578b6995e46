import type { FunctionLog } from './function-log';

/** The figures in an invocation's `REPORT` line. */
export interface InvocationReport {
  /** Emulated milliseconds. */
  readonly duration: number;
  readonly memoryMegabytes: number;
  /** In bytes, if known. */
  readonly memoryUsed?: number;
  /** Emulated milliseconds that starting the environment took, if it was new. */
  readonly initDuration?: number;
  readonly status?: 'timeout' | 'error';
  readonly errorType?: string;
}

const TAIL_BYTES = 4 * 1024;

/**
 * The log of one invocation: passes its lines on, frames them as Lambda does, stores them as events in CloudWatch Logs,
 * and keeps the last 4 KB.
 */
export class InvocationLog {
  private readonly events: string[] = [];
  private length = 0;

  /** @param passOn called with each line, without what Lambda puts before it */
  constructor(
    private readonly requestId: string,
    private readonly version: string,
    private readonly log: FunctionLog,
    private readonly passOn: (stream: 'stdout' | 'stderr', text: string) => void,
  ) {}

  /** The last 4 KB. */
  public get tail(): string {
    return Buffer.from(this.events.join('')).subarray(-TAIL_BYTES).toString();
  }

  public start(): void {
    const { requestId, version } = this;
    if (this.log.isJson) this.platform('platform.start', 'INFO', { requestId, version });
    else this.write('stdout', `START RequestId: ${requestId} Version: ${version}`);
  }

  /** @param message the event in CloudWatch Logs, if it is not the line alone */
  public write(stream: 'stdout' | 'stderr', text: string, message = `${text}\n`): void {
    this.events.push(message);
    this.length += message.length;
    while (this.events.length > 1 && this.length - this.events[0].length > TAIL_BYTES) {
      this.length -= (this.events.shift() as string).length;
    }
    for (const line of text.split(/\r\n|[\r\n]/)) this.passOn(stream, line);
    this.log.store(message);
  }

  public end(report: InvocationReport): void {
    const { requestId } = this;
    if (this.log.isJson) return this.endJson(report);
    const { duration, memoryMegabytes, memoryUsed, initDuration, status, errorType } = report;
    const fields = [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${duration.toFixed(2)} ms`,
      `Billed Duration: ${billed(report)} ms`,
      `Memory Size: ${memoryMegabytes} MB`,
      ...(memoryUsed === undefined ? [] : [`Max Memory Used: ${megabytes(memoryUsed)} MB`]),
      ...(initDuration === undefined ? [] : [`Init Duration: ${initDuration.toFixed(2)} ms`]),
    ];
    const outcome = [
      ...(status === undefined ? [] : [`Status: ${status}`]),
      ...(status === 'error' && errorType !== undefined ? [`Error Type: ${errorType}`] : []),
    ];
    this.write('stdout', `END RequestId: ${requestId}`);
    const text = [...fields, ...outcome].join('\t');
    // AWS ends the line with a tab, unless a status follows.
    this.write('stdout', text, outcome.length === 0 ? `${text}\t\n` : `${text}\n`);
  }

  private endJson(report: InvocationReport): void {
    const { requestId } = this;
    const { duration, memoryMegabytes, memoryUsed, initDuration, status = 'success', errorType } = report;
    const failure = errorType === undefined ? {} : { errorType };
    const level = status === 'success' ? 'DEBUG' : 'WARN';
    const done = { requestId, status, ...failure, metrics: { durationMs: duration, producedBytes: 0 } };
    this.platform('platform.runtimeDone', level, done);
    const metrics = {
      durationMs: duration,
      billedDurationMs: billed(report),
      memorySizeMB: memoryMegabytes,
      ...(memoryUsed !== undefined && { maxMemoryUsedMB: megabytes(memoryUsed) }),
      ...(initDuration !== undefined && { initDurationMs: initDuration }),
    };
    this.platform('platform.report', level === 'WARN' ? 'WARN' : 'INFO', { requestId, metrics, status, ...failure });
  }

  private platform(type: string, level: string, record: object): void {
    const event = this.log.platform(type, level, record);
    if (event !== undefined) this.write('stdout', event.trimEnd(), event);
  }
}

/** Starting the environment is billed too, since August 2025. */
function billed({ duration, initDuration = 0 }: InvocationReport): number {
  return Math.ceil(duration + initDuration);
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
