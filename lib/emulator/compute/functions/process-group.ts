import type { ChildProcess } from 'node:child_process';
import { OutputLines } from '../output-lines';
import { reaper } from '../reaper';

/** Events of a {@link ProcessGroup}. */
export interface ProcessGroupEvents {
  line(stream: 'stdout' | 'stderr', text: string): void;
  /** The process could not be started. */
  failed(error: Error): void;
  /** The process ended, and all its output was passed on. */
  ended(code: number | null, signal: NodeJS.Signals | null): void;
}

/** A child process that leads its own process group, so that everything it started ends with it. */
export class ProcessGroup {
  /** Resolves when the whole group is gone. */
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
      // Anything left of the group would keep the output open.
      child.on('exit', () => this.signal());
      child.on('close', (code, signal) => {
        forget?.();
        events.ended(code, signal);
        resolve();
      });
    });
  }

  /** Kills the whole group. */
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
      // The group is already gone; some systems report EPERM while its leader has not been waited for.
      if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}
