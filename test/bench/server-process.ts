import { type ChildProcess, spawn, type SpawnOptions, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const SERVER_CORE = '0';
const CLIENT_CORE = '1';
const hasTaskset = spawnSync('taskset', ['-V']).status === 0;

/** Keeps this process, the client, off the core that servers have to themselves. False where that can't be done. */
export function pinClient(): boolean {
  return hasTaskset && spawnSync('taskset', ['-a', '-p', '-c', CLIENT_CORE, String(process.pid)]).status === 0;
}

/** A server in a process of its own, on a core of its own. */
export class ServerProcess {
  /** Starts one that prints its URL. */
  public static async start(command: string, args: readonly string[]): Promise<ServerProcess> {
    const child = launch(command, args);
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    for await (const line of lines) {
      const url = /http:\/\/[\w.]+:(\d+)/.exec(line);
      if (url === null) continue;
      child.stdout?.resume();
      return new ServerProcess(child, Number(url[1]));
    }
    throw new Error(`${command} ${args.join(' ')} ended without printing its URL`);
  }

  /** Starts one that was told its port and says nothing that can be relied upon. */
  public static async startOn(port: number, command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    const server = new ServerProcess(launch(command, args, env), port);
    server.child.stdout?.resume();
    for (let attempt = 0; attempt < 300; attempt++) {
      if (await listens(port)) return server;
      await new Promise((done) => setTimeout(done, 100));
    }
    await server.stop();
    throw new Error(`${command} does not listen on ${port}`);
  }

  private constructor(
    private readonly child: ChildProcess,
    public readonly port: number,
  ) {}

  /** What the process has used of the processor, user and system, in microseconds; of the wall's clock without /proc. */
  public busy(): number {
    const stat = `/proc/${this.child.pid}/stat`;
    if (!existsSync(stat)) return performance.now() * 1000;
    // The command's name, in parentheses, may have spaces; what follows begins with the third field.
    const fields = readFileSync(stat, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
  }

  /** Resident memory in bytes; NaN without /proc. */
  public memory(): number {
    const statm = `/proc/${this.child.pid}/statm`;
    return existsSync(statm) ? Number(readFileSync(statm, 'latin1').split(' ')[1]) * PAGE : NaN;
  }

  public send(message: object): void {
    this.child.send(message);
  }

  public async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}

function launch(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess {
  // Some peers write a line for each request.
  const stderr = env === undefined ? 'inherit' : 'ignore';
  const options: SpawnOptions = { stdio: ['ignore', 'pipe', stderr, 'ipc'], env };
  return hasTaskset ? spawn('taskset', ['-c', SERVER_CORE, command, ...args], options) : spawn(command, args, options);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

// Linux tells times in ticks of a hundredth of a second, and memory in pages, whatever its kernel counts in.
const MICROSECONDS_PER_TICK = 10_000;
const PAGE = 4096;
