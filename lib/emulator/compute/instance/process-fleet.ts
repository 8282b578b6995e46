import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, isAbsolute, join, posix } from 'node:path';
import { SECOND, type SystemClock, type Timer } from '../../clock';
import { childEnvironment, proxied } from '../child-environment';
import { OutputLines } from '../output-lines';
import { reaper } from '../reaper';
import { isNodeBinary } from './node-binary';
import type { ProgramEnd, RunningProgram, StartProgram } from './supervised-service';
import { type InstanceProgram, WorkerFleet, type WorkerFleetOptions } from './worker-fleet';

/** Options of a {@link ProcessFleet}. */
export interface ProcessFleetOptions extends WorkerFleetOptions {
  /** Processes run in real time, possibly at another speed. */
  readonly clock: SystemClock;
}

// How long to wait for output after the program has ended, if something it started keeps its streams open.
const LAST_OUTPUT = 5 * SECOND;

/**
 * Instances whose workers are processes on this machine. Each leads its own process group: Ctrl-C at the terminal only
 * reaches the emulator, and a worker's children end with it.
 */
export class ProcessFleet extends WorkerFleet {
  private readonly clock: SystemClock;

  constructor(options: ProcessFleetOptions) {
    super(options);
    this.clock = options.clock;
  }

  protected starter({ program, metadata, log }: InstanceProgram): StartProgram {
    const { clock } = this;
    const { execStart, environment, workingDirectory } = program.unit;
    const [command, ...rest] = execStart;
    const executable = findExecutable(command);
    return (ended) => {
      const own = {
        ...environment,
        ...(executable === process.execPath ? {} : proxied(this.options.computeHost)),
        AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
      };
      const child = spawn(executable, rest, {
        cwd: workingDirectory,
        env: childEnvironment(this.options.computeHost, clock, own),
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      return new RunningProcess(child, clock, log, ended);
    };
  }
}

class RunningProcess implements RunningProgram {
  constructor(
    private readonly child: ChildProcess,
    clock: SystemClock,
    log: InstanceProgram['log'],
    ended: (end: ProgramEnd) => void,
  ) {
    let lastOutput: Timer | undefined;
    const forget = child.pid === undefined ? undefined : reaper.watchGroup(child.pid);
    for (const name of ['stdout', 'stderr'] as const) {
      const lines = new OutputLines((text) => log(name, text));
      child[name]?.on('data', (chunk: Buffer) => lines.push(chunk));
      child[name]?.on('end', () => lines.end());
    }
    child.on('error', (error) => {
      log('stderr', `Error: ${error.message}`);
      if (child.pid === undefined) ended({ code: 203, signal: null }); // systemd's exit code for what cannot be executed
    });
    child.on('exit', () => {
      // systemd ends what a service leaves behind, but only after TimeoutStopSec.
      this.kill();
      lastOutput = clock.schedule(clock.now() + LAST_OUTPUT * clock.speed, () => {
        for (const stream of child.stdio) stream?.destroy();
      });
    });
    child.on('close', (code, signal) => {
      forget?.();
      lastOutput?.cancel();
      if (child.pid !== undefined) ended({ code, signal });
    });
  }

  public signal(name: NodeJS.Signals): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // ESRCH: it has just ended
    }
  }

  public kill(): void {
    this.signal('SIGKILL');
  }
}

/**
 * The program on this machine for a unit's command: our own Node for any node, an asset's file as it is, and any other
 * program by its name on the PATH.
 */
function findExecutable(command: string): string {
  const name = posix.basename(command);
  if (isNodeBinary(command)) return process.execPath;
  if (isAbsolute(command) && existsSync(command)) return command;
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
  if (found === undefined)
    throw new Error(`${command} requires ${name} on this machine, which is not on the PATH: install it`);
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
