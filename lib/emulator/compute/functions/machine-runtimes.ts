import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionSpec, RuntimeSupport } from '../../services/lambda';
import { childProgram } from '../child-program';
import type { RuntimeProgram } from './runtime-api-environment';

/** The minor version of the oldest Python that our bootstrap supports. */
const OLDEST_PYTHON = 8;
const NEWEST_PYTHON = 20;

/** How far code that does not run on Node.js is kept from AWS. */
const PROXIED =
  'HTTPS_PROXY keeps it from the real AWS: a client that ignores both AWS_ENDPOINT_URL and that variable would reach it';

/** The runtime of all Node.js functions. */
export const NODE_NOTE = "the emulator's own version of Node.js";

interface Python {
  readonly command: string;
  /** `3.13.1` */
  readonly version: string;
  /** 13 of 3.13.1. */
  readonly minor: number;
}

/** The machine's Pythons, newest first; found once, because the search takes a while. */
let pythons: readonly Python[] | undefined;

/** The runtimes available on this machine. */
export class MachineRuntimes {
  public support(runtime: string): RuntimeSupport {
    if (isNode(runtime)) return { note: NODE_NOTE };
    if (isProvided(runtime)) return { note: `the code's own bootstrap, in real time; ${PROXIED}` };
    if (!/^python3\.\d+$/.test(runtime)) {
      return {
        refusal: "only functions for Node.js, for Python, or with a custom runtime's bootstrap run on this machine",
      };
    }
    const python = this.pythonFor(runtime);
    if (python === undefined) return { refusal: 'there is no python3 on the PATH: install it' };
    return { note: `Python ${python.version} of this machine, in real time; ${PROXIED}` };
  }

  /** The program that runs a function which does not run on Node.js. Its runtime must be supported. */
  public programFor({ runtime, codeDirectory, layers }: FunctionSpec): RuntimeProgram {
    if (isProvided(runtime)) {
      const places = [codeDirectory, ...(layers?.directory === undefined ? [] : [layers.directory])];
      const bootstraps = places.map((folder) => join(folder, 'bootstrap'));
      return { command: bootstraps.find((file) => existsSync(file)) ?? bootstraps[0], arguments: [], ours: false };
    }
    const python = this.pythonFor(runtime);
    if (python === undefined) throw new Error(`there is no interpreter for ${runtime}`);
    const bootstrap = childProgram('lambda-bootstrap.py');
    // -B: the code folder is read-only on Lambda, and must not get compiled files.
    const packages = layers?.directory === undefined ? [] : pythonFolders(layers.directory, runtime);
    const environment = { SPILLWAY_LAYERS: JSON.stringify(packages) };
    return { command: python.command, arguments: ['-u', '-B', bootstrap], environment, ours: true };
  }

  /** The requested version, or else the newest one. */
  private pythonFor(runtime: string): Python | undefined {
    pythons ??= findPythons();
    const wanted = Number(runtime.slice('python3.'.length));
    return pythons.find(({ minor }) => minor === wanted) ?? pythons[0];
  }
}

/** Where Python finds the packages of layers. */
function pythonFolders(layers: string, runtime: string): string[] {
  return [join(layers, 'python/lib', runtime, 'site-packages'), join(layers, 'python')];
}

export function isNode(runtime: string): boolean {
  return /^nodejs\d+\.x$/.test(runtime);
}

function isProvided(runtime: string): boolean {
  return /^provided(\.|$)/.test(runtime);
}

/** Newest first. A command may exist but not work, as version managers' shims do, so each one is run. */
function findPythons(): Python[] {
  const commands = ['python3'];
  for (let minor = NEWEST_PYTHON; minor >= OLDEST_PYTHON; minor--) commands.push(`python3.${minor}`);
  const folders = (process.env.PATH ?? '').split(':');
  return commands
    .filter((command) => folders.some((folder) => existsSync(join(folder, command))))
    .flatMap((command) => askPython(command) ?? [])
    .sort((a, b) => b.minor - a.minor);
}

function askPython(command: string): Python | undefined {
  const code = 'import sys; print(sys.executable, "%d.%d.%d" % sys.version_info[:3], sep="\\n")';
  try {
    const told = execFileSync(command, ['-c', code], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [executable, version] = told.trim().split('\n');
    return { command: executable, version, minor: Number(version.split('.')[1]) };
  } catch {
    return undefined;
  }
}
