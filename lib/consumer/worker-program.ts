import { basename, dirname } from 'node:path';
import { NODE_ENTRY } from './node-entry';
import { NodeVersion } from './node-version';

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

/** Settings of a program for Node.js. */
export interface NodeWorkerOptions {
  /**
   * The version that the instances install. The program is started with that version's own binary, whatever else is
   * installed.
   *
   * @default NodeVersion.NODEJS_22
   */
  readonly nodeVersion?: NodeVersion;
}

/**
 * The program that each instance of an AutoScalingGroupConsumer runs, and systemd keeps running.
 *
 * It runs as the user `spillway-worker`, who may write to `/tmp`, which no other service sees, and to
 * `/var/lib/spillway-worker`, its home folder. All else is read-only, `/home` is hidden, and `sudo` does not work.
 */
export class WorkerProgram {
  /**
   * A Node.js program.
   *
   * @param bundlePath the folder (or zip file) with `index.js` and all that it needs; nothing is installed with npm
   * @param options which Node.js
   */
  public static node(bundlePath: string, options: NodeWorkerOptions = {}): WorkerProgram {
    return WorkerProgram.ofNode(bundlePath, NODE_ENTRY, options);
  }

  /**
   * A Node.js program in TypeScript or JavaScript. It is bundled, with all that it imports, when the app is
   * synthesized, with the esbuild that the app has installed (`npm i -D esbuild`). While `spillway up --watch` runs, a
   * changed source is bundled again and the workers restart with it.
   *
   * @param entry the source file, such as `src/worker.ts`, relative to the working directory, which is that of cdk.json
   * @param options which Node.js
   */
  public static typescript(entry: string, options: NodeWorkerOptions = {}): WorkerProgram {
    return WorkerProgram.ofNode(dirname(entry), basename(entry), options, entry);
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

  /** Amazon Linux has each version's binary under a name of its own; `node` is whichever was installed first. */
  private static ofNode(path: string, entry: string, options: NodeWorkerOptions, source?: string): WorkerProgram {
    const { nodeVersion = NodeVersion.NODEJS_22 } = options;
    const setup = [`dnf install -y nodejs${nodeVersion} unzip`];
    return new WorkerProgram(path, [`/usr/bin/node-${nodeVersion}`, NODE_ENTRY], setup, entry, source, nodeVersion);
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
    /**
     * Of a program for Node.js.
     *
     * @internal
     */
    public readonly _nodeVersion?: NodeVersion,
  ) {}
}
