import { basename, dirname } from 'node:path';
import { NODE_ENTRY } from './node-entry';

/** What WorkerProgram.command needs to know. */
export interface WorkerCommand {
  /** A folder or a zip file with the program; it is uploaded as an asset and unpacked on each instance. */
  readonly assetPath: string;

  /**
   * The program and its arguments, started in the unpacked folder. The program is an absolute path, such as
   * `/usr/bin/python3`; no shell is involved.
   */
  readonly command: string[];

  /**
   * Shell commands that prepare an instance (Amazon Linux 2023) before the asset is unpacked, run as root, such as
   * `dnf install -y python3.12`.
   *
   * @default - none
   */
  readonly setup?: string[];
}

const NODE_COMMAND = ['/usr/bin/node', NODE_ENTRY];
const NODE_SETUP = ['dnf install -y nodejs22 unzip'];

/** The program that each instance of an AutoScalingGroupConsumer runs, and systemd keeps running. */
export class WorkerProgram {
  /**
   * A Node.js 22 program.
   *
   * @param bundlePath the folder (or zip file) with `index.js` and all that it needs; nothing is installed with npm
   */
  public static node(bundlePath: string): WorkerProgram {
    return new WorkerProgram(bundlePath, NODE_COMMAND, NODE_SETUP, NODE_ENTRY);
  }

  /**
   * A Node.js 22 program in TypeScript or JavaScript. It is bundled, with all that it imports, when the app is
   * synthesized, with the esbuild that the app has installed (`npm i -D esbuild`). While `spillway up --watch` runs, a
   * changed source is bundled again and the workers restart with it.
   *
   * @param entry the source file, such as `src/worker.ts`, relative to the working directory, which is that of cdk.json
   */
  public static typescript(entry: string): WorkerProgram {
    return new WorkerProgram(dirname(entry), NODE_COMMAND, NODE_SETUP, basename(entry), entry);
  }

  /**
   * A program in any language. It reads QUEUE_URL from its environment, deletes messages that it has processed, and
   * ends on SIGTERM. Before a scale-in the group waits for it: it should look at the instance metadata's
   * `autoscaling/target-lifecycle-state`, finish when that is `Terminated`, and then complete the lifecycle action that
   * AUTO_SCALING_GROUP_NAME and LIFECYCLE_HOOK_NAME name; otherwise the group waits for the hook to time out.
   */
  public static command(program: WorkerCommand): WorkerProgram {
    const { assetPath, command, setup = [] } = program;
    return new WorkerProgram(assetPath, command, ['dnf install -y unzip', ...setup]);
  }

  private constructor(
    /** @internal */
    public readonly _assetPath: string,
    /** @internal */
    public readonly _command: string[],
    /** @internal */
    public readonly _setup: string[],
    /**
     * The file that a folder must have.
     *
     * @internal
     */
    public readonly _entry?: string,
    /**
     * The source file that the program is bundled from.
     *
     * @internal
     */
    public readonly _source?: string,
  ) {}
}
