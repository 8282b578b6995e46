import type { ChildProcess } from 'node:child_process';
import { OutputLines } from '../output-lines';
import { reaper } from '../reaper';

/** What a {@link ProcessGroup} tells. */
export interface ProcessGroupEvents {
  line(stream: 'stdout' | 'stderr', text: string): void;
  /** It could not be started. */
  failed(error: Error): void;
  /** It has ended, and all that it wrote has been told. */
  ended(code: number | null, signal: NodeJS.Signals | null): void;
}

/** A child process that leads a group of its own, so that what it has started ends with it. */
export class ProcessGroup {
  /** Fulfilled when nothing is left of it. */
  public readonly closed: Promise<void>;

  /** @param child started `detached`, with its output piped */
  constructor(
    private readonly child: ChildProcess,
    events: ProcessGroupEvents,
  ) {
    for (const stream of ['stdout', 'stderr'] as const) {
      const lines = new OutputLines((line) => events.line(stream, line));
      child[stream]?.on('data', (chunk: Buffer) => lines.push(chunk));
      child[stream]?.on('end', () => lines.end());
    }
    const forget = child.pid === undefined ? undefined : reaper.watchGroup(child.pid);
    this.closed = new Promise((resolve) => {
      child.on('error', (error) => {
        events.failed(error);
        if (child.pid === undefined) resolve();
      });
      // Whatever is left of the group would keep the output open.
      child.on('exit', () => this.signal());
      child.on('close', (code, signal) => {
        forget?.();
        events.ended(code, signal);
        resolve();
      });
    });
  }

  /** Ends all of it at once. */
  public async kill(): Promise<void> {
    this.signal();
    await this.closed;
  }

  private signal(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      // All of the group is gone already; some systems answer EPERM while its leader is not yet waited for.
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}
