import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { childProgram } from './child-program';

/** A process group, by the id of its leader, or a temporary folder, by its path. */
type Remains = number | string;

/** What the reaper is told, each in a line of JSON. */
export interface ReaperMessage {
  readonly watch?: Remains;
  readonly forget?: Remains;
}

/**
 * Ends this process's children, and removes its temporary folders, if this process dies without having done so: by
 * SIGKILL, or for want of memory. A process of its own does it, one for all emulators of this process; it is started
 * with the first child.
 */
class Reaper {
  private readonly watched = new Set<Remains>();
  private process?: ChildProcess;

  /** Kills the process group when this process is gone. Call the result when nothing is left of the group. */
  public watchGroup(leader: number): () => void {
    this.watched.add(leader);
    if (this.process === undefined) this.start();
    else this.tell({ watch: leader });
    return () => this.forget(leader);
  }

  /** Removes the folder when this process is gone, if it has had children. Call the result when it is removed. */
  public watchFolder(path: string): () => void {
    this.watched.add(path);
    this.tell({ watch: path });
    return () => this.forget(path);
  }

  private forget(remains: Remains): void {
    if (this.watched.delete(remains)) this.tell({ forget: remains });
  }

  private start(): void {
    const reaper = spawn(process.execPath, ['--max-old-space-size=32', childProgram('reaper.js')], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: {},
      // Not in our process group, which may be killed as a whole.
      detached: true,
    });
    this.process = reaper;
    // Without it everything works, but for what it is there for: the next child starts another.
    const gone = () => {
      if (this.process === reaper) this.process = undefined;
    };
    reaper.on('error', gone);
    reaper.on('exit', gone);
    reaper.stdin.on('error', gone);
    // Neither keeps this process alive.
    reaper.unref();
    (reaper.stdin as Socket).unref();
    for (const remains of this.watched) this.tell({ watch: remains });
  }

  private tell(message: ReaperMessage): void {
    this.process?.stdin?.write(`${JSON.stringify(message)}\n`);
  }
}

/** The one of this process. */
export const reaper = new Reaper();
