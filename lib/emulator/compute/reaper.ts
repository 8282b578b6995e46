import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { childProgram } from './child-program';

/** A process group, by the id of its leader, or a temporary folder, by its path. */
type Remains = number | string;

/** The reaper's messages, each a line of JSON. */
export interface ReaperMessage {
  readonly watch?: Remains;
  readonly forget?: Remains;
}

/**
 * Kills this process's children and removes its temporary folders if this process dies without doing so: by SIGKILL, or
 * out of memory. The reaper is a process of its own, shared by all emulators of this process and started with the first
 * child.
 */
class Reaper {
  private readonly watched = new Set<Remains>();
  private process?: ChildProcess;

  /**
   * Kills the process group once this process is gone. Call the returned function when nothing is left of the group.
   */
  public watchGroup(leader: number): () => void {
    this.watched.add(leader);
    if (this.process === undefined) this.start();
    else this.tell({ watch: leader });
    return () => this.forget(leader);
  }

  /**
   * Removes the folder once this process is gone, if it has had children. Call the returned function when the folder is
   * removed.
   */
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
    // Everything works without the reaper, except cleaning up; the next child starts another.
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

/** This process's reaper. */
export const reaper = new Reaper();
