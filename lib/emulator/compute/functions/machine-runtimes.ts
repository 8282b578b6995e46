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

/** A user's command may build its program first, which Lambda would not wait for. */
const COMMAND_INIT_SECONDS = 60;

/** The runtime of all Node.js functions. */
export const NODE_NOTE = "the emulator's own version of Node.js";

interface Python {
  readonly command: string;
  /** `3.13.1` */
  readonly version: string;
  /** 13 of 3.13.1. */
  readonly minor: number;
  /** The version of its boto3, if it has one. */
  readonly boto3?: string;
}

/** The machine's Pythons, newest first, by the PATH they were found on: the search takes a while. */
const found = new Map<string, readonly Python[]>();

/** The runtimes available on this machine. */
export class MachineRuntimes {
  public support({ functionName, runtime, absentCode, command, codeDirectory, layers }: FunctionSpec): RuntimeSupport {
    if (command !== undefined) return { note: `the command ${command}, in real time; ${PROXIED}` };
    if (absentCode !== undefined) {
      const instead = `run a command in its place, as with spillway up --run ${functionName}="node server.js"`;
      return { refusal: `${absentCode}: ${instead}` };
    }
    if (isNode(runtime)) return { note: NODE_NOTE };
    if (isProvided(runtime)) return { note: `the code's own bootstrap, in real time; ${PROXIED}` };
    if (!/^python3\.\d+$/.test(runtime)) {
      return {
        refusal: "only functions for Node.js, for Python, or with a custom runtime's bootstrap run on this machine",
      };
    }
    const python = this.pythonFor(runtime);
    if (python === undefined) return { refusal: 'there is no python3 on the PATH: install it' };
    const boto3 = python.boto3 === undefined ? 'without boto3' : `with boto3 ${python.boto3}`;
    const note = `Python ${python.version} of this machine ${boto3}, in real time; ${PROXIED}`;
    if (!isOld(python.boto3)) return { note };
    const folders = layers?.directory === undefined ? [] : pythonFolders(layers.directory, runtime);
    const brings = [codeDirectory, ...folders].some((folder) => existsSync(join(folder, 'boto3')));
    return brings ? { note } : { note, warning: oldBoto3(python) };
  }

  /** The program that runs a function which does not run on Node.js. Its runtime must be supported. */
  public programFor({ runtime, codeDirectory, layers, command, projectDirectory }: FunctionSpec): RuntimeProgram {
    if (command !== undefined) {
      const folder = projectDirectory ?? process.cwd();
      const environment = { LAMBDA_TASK_ROOT: folder };
      const initSeconds = COMMAND_INIT_SECONDS;
      return { command: '/bin/sh', arguments: ['-c', command], folder, environment, initSeconds, ours: false };
    }
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
    const path = process.env.PATH ?? '';
    const pythons = found.get(path) ?? findPythons(path);
    found.set(path, pythons);
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
function findPythons(path: string): Python[] {
  const commands = ['python3'];
  for (let minor = NEWEST_PYTHON; minor >= OLDEST_PYTHON; minor--) commands.push(`python3.${minor}`);
  const folders = path.split(':');
  return commands
    .flatMap((command) => folders.map((folder) => join(folder, command)).find((file) => existsSync(file)) ?? [])
    .flatMap((file) => askPython(file) ?? [])
    .sort((a, b) => b.minor - a.minor);
}

const QUESTION = `
import sys
from importlib import metadata
print(sys.executable, "%d.%d.%d" % sys.version_info[:3], sep="\\n")
try:
    print(metadata.version("boto3"))
except metadata.PackageNotFoundError:
    pass
`;

/** Before 1.28, boto3 does not read AWS_ENDPOINT_URL. */
function isOld(boto3: string | undefined): boolean {
  const [major, minor] = (boto3 ?? '').split('.').map(Number);
  return major < 1 || (major === 1 && minor < 28);
}

function oldBoto3({ boto3, command }: Python): string {
  return `boto3 ${boto3} does not know AWS_ENDPOINT_URL, so its calls fail: ${command} -m pip install -U 'boto3>=1.28'`;
}

function askPython(command: string): Python | undefined {
  try {
    const told = execFileSync(command, ['-c', QUESTION], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const [executable, version, boto3 = ''] = told.trim().split('\n');
    const minor = Number(version.split('.')[1]);
    return { command: executable, version, minor, ...(boto3 !== '' && { boto3 }) };
  } catch {
    return undefined;
  }
}
