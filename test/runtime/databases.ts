import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';

/** A database for a test, and its clients. */
export interface Database {
  readonly pool: Pool;
  close(): Promise<void>;
}

/** PostgreSQL in WebAssembly, behind a socket: nothing has to be installed. */
export async function embedded(): Promise<Database> {
  const port = await freePort();
  const program = join(__dirname, 'fixtures/pglite-server.mjs');
  const server = spawn(process.execPath, [program, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await Promise.race([new Promise((resolve) => server.stdout.once('data', resolve)), ended]);
  if (server.exitCode !== null) throw new Error(`PGlite ended with ${server.exitCode}`);
  const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', ssl: false, max: 4 });
  return {
    pool,
    close: async () => {
      await pool.end();
      server.stdin.end();
      await ended;
    },
  };
}

/** The folder of the programs of an installed PostgreSQL, if there is one. */
export function installedPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const folders = [
    ...listed(debian).map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ];
  return folders.find((folder) => listed(folder).includes('initdb') && listed(folder).includes('pg_ctl'));
}

/** A true server of an installed PostgreSQL, with files of its own. It refuses to run as root, so it has another user. */
export async function installed(programs: string): Promise<Database> {
  const root = process.getuid?.() === 0;
  // The tests' temporary folder is closed to other users.
  const folder = mkdtempSync(join(root ? '/tmp' : tmpdir(), 'spillway-postgres-'));
  if (root) chownSync(folder, id('-u'), id('-g'));
  const run = (program: string, ...args: string[]): void => {
    const command = [join(programs, program), ...args];
    const [file, ...rest] = root ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    execFileSync(file, rest, { stdio: 'ignore', cwd: folder });
  };
  const data = join(folder, 'data');
  const port = await freePort();
  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync');
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off`;
  run('pg_ctl', '-D', data, '-w', '-l', join(folder, 'log'), '-o', settings, 'start');
  const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 20 });
  return {
    pool,
    close: async () => {
      await pool.end();
      run('pg_ctl', '-D', data, '-m', 'immediate', '-w', 'stop');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function id(what: string): number {
  return Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
