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

/** The log of one invocation: passes its lines on, frames them as Lambda does, and keeps the last 4 KB. */
export class InvocationLog {
  private readonly lines: string[] = [];
  private length = 0;

  constructor(
    private readonly requestId: string,
    private readonly version: string,
    private readonly passOn: (stream: 'stdout' | 'stderr', text: string) => void,
  ) {}

  /** The last 4 KB. */
  public get tail(): string {
    return Buffer.from(this.lines.join('\n') + '\n')
      .subarray(-TAIL_BYTES)
      .toString();
  }

  public start(): void {
    this.write('stdout', `START RequestId: ${this.requestId} Version: ${this.version}`);
  }

  public write(stream: 'stdout' | 'stderr', text: string): void {
    this.lines.push(text);
    this.length += text.length + 1;
    while (this.lines.length > 1 && this.length - this.lines[0].length - 1 > TAIL_BYTES) {
      this.length -= (this.lines.shift() as string).length + 1;
    }
    this.passOn(stream, text);
  }

  public end(report: InvocationReport): void {
    const { duration, memoryMegabytes, memoryUsed, initDuration, status, errorType } = report;
    const fields = [
      `REPORT RequestId: ${this.requestId}`,
      `Duration: ${duration.toFixed(2)} ms`,
      `Billed Duration: ${Math.ceil(duration)} ms`,
      `Memory Size: ${memoryMegabytes} MB`,
      ...(memoryUsed === undefined ? [] : [`Max Memory Used: ${Math.ceil(memoryUsed / 2 ** 20)} MB`]),
      ...(initDuration === undefined ? [] : [`Init Duration: ${initDuration.toFixed(2)} ms`]),
      ...(status === undefined ? [] : [`Status: ${status}`]),
      ...(status === 'error' && errorType !== undefined ? [`Error Type: ${errorType}`] : []),
    ];
    this.write('stdout', `END RequestId: ${this.requestId}`);
    this.write('stdout', fields.join('\t'));
  }
}
