import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';

/** A server that runs for a project: the content of its run file. */
export interface RunningServer {
  readonly endpoint: string;
  readonly account: string;
  readonly region: string;
  readonly pid: number;
}

/**
 * What Spillway keeps for a CDK project from run to run, in the user's cache folder. A cache folder that cannot be
 * written to costs the memory, not the run.
 */
export class Project {
  /** The project that `directory` belongs to: the nearest folder at or above it with a cdk.json or a package.json. */
  public static at(directory: string): Project {
    const root = nearest(directory, ['cdk.json', 'package.json']) ?? directory;
    const name = basename(root)
      .replaceAll(/[^\w.-]/g, '_')
      .slice(0, 40);
    const digest = createHash('sha256').update(root).digest('hex').slice(0, 16);
    return new Project(root, join(cacheFolder(), 'spillway', `${name}-${digest}`));
  }

  private readonly seedFile: string;
  private readonly runFile: string;

  private constructor(
    /** The project's folder. */
    public readonly root: string,
    private readonly folder: string,
  ) {
    this.seedFile = join(folder, 'seed');
    this.runFile = join(folder, 'run.json');
  }

  /**
   * The seed of this project's emulator: random, so that web pages cannot guess physical names, and the same from run to
   * run, so that queue URLs stay.
   */
  public seed(): number {
    const known = this.readSeed();
    if (known !== undefined) return known;
    const seed = Number(randomBytes(8).readBigUInt64BE() >> 11n); // 53 bits, the most that a number holds
    // Another process may be first; a file that holds no seed is replaced.
    const flag = existsSync(this.seedFile) ? 'w' : 'wx';
    return this.write(this.seedFile, String(seed), flag) ? seed : (this.readSeed() ?? seed);
  }

  /** Notes where a server listens, for other commands to find. Returns a function that takes the note away. */
  public announce(server: RunningServer): () => void {
    this.write(this.runFile, JSON.stringify(server), 'w');
    return () => {
      if (this.readRunFile()?.pid === server.pid) rmSync(this.runFile, { force: true });
    };
  }

  /** The server that was announced last, if it still runs. */
  public runningServer(): RunningServer | undefined {
    const server = this.readRunFile();
    return server !== undefined && isAlive(server.pid) ? server : undefined;
  }

  private readSeed(): number | undefined {
    const text = read(this.seedFile) ?? '';
    return /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
  }

  private readRunFile(): RunningServer | undefined {
    try {
      const { endpoint, account, region, pid } = JSON.parse(read(this.runFile) ?? '') as Partial<RunningServer>;
      const texts = [endpoint, account, region].every((value) => typeof value === 'string');
      return texts && Number.isSafeInteger(pid) ? ({ endpoint, account, region, pid } as RunningServer) : undefined;
    } catch {
      return undefined; // none, or one that is being written
    }
  }

  /** Whether it was written. Only the user may read it. */
  private write(file: string, content: string, flag: 'w' | 'wx'): boolean {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, content, { mode: 0o600, flag });
      return true;
    } catch {
      return false;
    }
  }
}

function nearest(directory: string, names: readonly string[]): string | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (names.some((name) => existsSync(join(folder, name)))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Where the platform keeps what may be lost. */
function cacheFolder(): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (xdg !== undefined && isAbsolute(xdg)) return xdg;
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches');
  if (process.platform === 'win32' && local !== undefined) return local;
  return join(homedir(), '.cache');
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
