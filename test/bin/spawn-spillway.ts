import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

export const root = resolve(__dirname, '../..');

/** The command line in one file, as `global-setup.js` built it. */
const PROGRAM = join(root, 'dist/programs/spillway.js');

/** How a process ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the command line. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves to the first match of what it prints; rejects if it ends without. */
  printed(text: RegExp): Promise<string>;
}

/** Settings of {@link startSpillway}. */
export interface StartOptions {
  readonly cwd?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Variables of the developer's shell that would change what a command does. */
const UNWANTED = /^(?:AWS_|SPILLWAY_)/;

/** Starts `spillway`. */
export function startSpillway(args: readonly string[], { cwd = root, variables, input }: StartOptions = {}): Started {
  const inherited = Object.entries(process.env).filter(([name]) => !UNWANTED.test(name));
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: { ...Object.fromEntries(inherited), ...variables },
  });
  child.stdin.end(input ?? '');
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((done) => child.on('close', (status) => done({ status, stdout, stderr })));
  const printed = (text: RegExp) =>
    new Promise<string>((found, failed) => {
      const look = () => {
        const match = text.exec(stdout);
        if (match === null) return;
        child.stdout.off('data', look);
        found(match[0]);
      };
      child.stdout.on('data', look);
      look();
      void ended.then((end) => failed(new Error(`ended with ${end.status}: ${end.stderr}`)));
    });
  return { child, ended, printed };
}
