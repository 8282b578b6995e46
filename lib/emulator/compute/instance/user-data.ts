import { statSync } from 'node:fs';
import { posix } from 'node:path';
import { InstanceFiles } from './instance-files';
import { isNodeBinary } from './node-binary';
import { type Piece, type Pipeline, readShellScript, type ShellCommand, type Word } from './shell-script';
import { expandArguments, readEnvironmentFile, readServiceUnit, type RestartPolicy } from './systemd-unit';

/** A program that an instance runs, and how systemd runs it. */
export interface WorkerProgram {
  /** The paths on the instance that exist on this machine, with what they map to. */
  readonly assets: ReadonlyMap<string, string>;
  readonly unit: {
    readonly name: string;
    /**
     * The interpreter or program as the unit names it, then its arguments, with instance paths mapped to this machine.
     */
    readonly execStart: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
    /** A folder on this machine. */
    readonly workingDirectory: string;
    readonly restart: RestartPolicy;
    readonly restartSeconds: number;
    readonly killSignal: NodeJS.Signals;
    /** Infinity for no limit. */
    readonly stopTimeoutSeconds: number;
  };
  /** The lifecycle actions to complete after each start of the service. */
  readonly completes: readonly CompletedAction[];
}

/** A lifecycle action that the instance completes with the AWS CLI. */
export interface CompletedAction {
  readonly groupName: string;
  readonly hookName: string;
  readonly result: string;
}

/** The effect of an instance's user data. */
export interface UserDataResult {
  /** The lifecycle actions that it completes on the instance's first boot. */
  readonly completes: readonly CompletedAction[];

  /** The service that it starts; undefined if it starts none, or none that can run here. */
  readonly program?: WorkerProgram;
  /** What was not understood or not run and may matter, each with its line. */
  readonly notes: readonly string[];
}

/** Returns the file or folder of an asset of the cloud assembly, by its S3 bucket and key. */
export type AssetLookup = (bucket: string, key: string) => string | undefined;

// Commands that prepare a machine: here it is already prepared, or the program does not depend on it.
const INERT = new Set([
  ...['set', 'shopt', 'trap', 'ulimit', 'umask', 'sleep', 'wait', 'true', ':', 'hash', 'ldconfig', 'hostnamectl'],
  ...['timedatectl', 'sysctl', 'modprobe', 'swapon', 'mkswap', 'fallocate', 'logger', 'update-ca-trust', 'loginctl'],
  ...['dnf', 'yum', 'apt', 'apt-get', 'apk', 'rpm', 'dpkg', 'snap', 'pip', 'pip3', 'amazon-linux-extras'],
  ...['mkdir', 'chmod', 'chown', 'chgrp', 'touch', 'useradd', 'usermod', 'groupadd', 'adduser', 'addgroup'],
  ...['cfn-signal', 'journalctl', 'date', 'restorecon', 'id'],
]);
const OPENING = new Set(['if', 'for', 'while', 'until', 'case', 'select']);
const CLOSING = new Set(['fi', 'done', 'esac']);
const ASSIGNING = new Set(['export', 'declare', 'readonly', 'local', 'typeset']);
// Interpreters with which a script runs an asset's program directly, without systemd.
const INTERPRETERS = new Set(['nodejs', 'python', 'python3']);
const PREFIXES = new Set(['sudo', 'nohup', 'exec']);
// How long remaining processes have between SIGTERM and SIGKILL at shutdown.
const SHUTDOWN_SECONDS = 90;
const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;
// Variables about the machine, which is a different one here.
const MACHINE = new Set(['PATH', 'HOME', 'USER']);
const UNIT_FOLDERS = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system', '/run/systemd/system'];

/**
 * Reads from an instance's user data which service it sets up: the assets it downloads and unpacks, the unit file it
 * writes, the unit it starts. Nothing in it is executed.
 * @param encoded the user data in base64, as in a launch template
 */
export function readUserData(encoded: string, asset: AssetLookup): UserDataResult {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const kind = unsupportedKind(text);
  if (kind !== undefined)
    return { completes: [], notes: [`user data line 1: ${kind} is not supported: only shell scripts are`] };
  let script: Pipeline[];
  try {
    script = readShellScript(text);
  } catch (error) {
    return { completes: [], notes: [`user data ${(error as Error).message}`] };
  }
  return new UserData(asset).interpret(script);
}

class UserData {
  private readonly files = new InstanceFiles();
  private readonly variables = new Map([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin'],
    ['HOME', '/root'],
    ['USER', 'root'],
  ]);
  private readonly notes: string[] = [];
  private readonly completes: CompletedAction[] = [];
  private readonly enabled = new Set<string>();
  private folder = '/';
  private started?: { readonly unit: string; readonly line: number };
  private readonly exported = new Set<string>();
  /** The program that the script runs itself. */
  private called?: WorkerProgram['unit'];

  constructor(private readonly asset: AssetLookup) {}

  public interpret(script: readonly Pipeline[]): UserDataResult {
    let depth = 0;
    let inFunction = false;
    for (const { commands, after, background } of script) {
      const [command] = commands;
      const first = literal(command.words[0]);
      if (inFunction) {
        // A function definition: if it is called, that call is reported as not understood.
        inFunction = first !== '}';
      } else if (depth > 0) {
        if (OPENING.has(first)) depth++;
        if (CLOSING.has(first)) depth--;
      } else if (OPENING.has(first)) {
        depth = 1;
        this.note(command.line, `\`${first}\` is not evaluated: its body is skipped`);
      } else if (first === 'function' || first.endsWith('()')) {
        inFunction = !command.words.some((word) => literal(word) === '}');
      } else if (after === '||') {
        continue; // runs only if the previous command fails, which never happens here
      } else if (commands.length > 1) {
        this.runPipeline(commands);
      } else if (this.call(command)) {
        if (!background) break; // the script continues only once the program ends
      } else if (background && !INERT.has(first)) {
        this.note(command.line, `\`${first}\` in the background is not run: start the program as a systemd service`);
      } else {
        this.run(command);
      }
    }
    const program = this.program();
    return { program, completes: this.completes, notes: this.notes };
  }

  /** Of pipelines, only those that write a text to a file matter and are supported. */
  private runPipeline(commands: readonly ShellCommand[]): void {
    const [source, sink] = commands;
    const text = this.textOf(source, this.wordsOf(source));
    const name = literal(sink.words[0]) === 'sudo' ? literal(sink.words[1]) : literal(sink.words[0]);
    if (commands.length === 2 && text !== undefined && name === 'tee') {
      this.run({ ...sink, input: { quoted: true, pieces: [text] } });
    } else {
      const names = commands.map(({ words }) => literal(words[0])).join(' | ');
      this.note(source.line, `\`${names}\` is not run`);
    }
  }

  private run(command: ShellCommand): void {
    const { line } = command;
    let words = this.wordsOf(command);
    while (words.length > 0 && this.assign(words[0])) words = words.slice(1);
    if (words[0] === 'sudo') words = words.slice(words.findIndex((word, i) => i > 0 && !word.startsWith('-')));
    const [path, ...rest] = words;
    if (path === undefined) return;
    const name = /^\/(usr\/(local\/)?|opt\/aws\/)?s?bin\//.test(path) ? posix.basename(path) : path;
    const text = this.textOf(command, words);
    if (text !== undefined) {
      if (command.output !== undefined) this.write(this.expand(command.output.to, line), text, command.output.append);
    } else if (ASSIGNING.has(name)) {
      rest.forEach((word) => this.assign(word));
      if (name === 'export' || rest.includes('-x')) rest.forEach((word) => this.exported.add(word.split('=')[0]));
    } else if (name === 'cd' || name === 'pushd') this.folder = this.path(rest[0] ?? '/root');
    else if (name === 'aws') this.runAws(rest, line);
    else if (name === 'unzip') this.unzip(rest, line);
    else if (name === 'tee') this.tee(rest, command);
    else if (name === 'systemctl') this.systemctl(rest, line);
    else if (name === 'service') this.systemctl([rest[1] ?? '', rest[0] ?? ''], line);
    else if (name === 'exec' && (rest.length === 0 || command.output !== undefined)) return; // only redirections
    else if (!INERT.has(name)) this.note(line, `\`${name}\` is not run`);
  }

  /** The output of `echo`, `printf` and `cat` of a here-document; undefined for other commands. */
  private textOf({ input, line }: ShellCommand, [name, ...rest]: readonly string[]): string | undefined {
    if (name === 'echo') {
      const options = rest.findIndex((word) => !/^-[neE]+$/.test(word));
      const words = options < 0 ? [] : rest.slice(options);
      const flags = rest.slice(0, rest.length - words.length).join('');
      const text = words.join(' ') + (flags.includes('n') ? '' : '\n');
      return flags.includes('e') ? text.replaceAll('\\n', '\n').replaceAll('\\t', '\t') : text;
    }
    if (name === 'printf' && rest.length > 0) {
      let next = 1;
      return rest[0]
        .replaceAll('\\n', '\n')
        .replaceAll('\\t', '\t')
        .replaceAll('%s', () => rest[next++] ?? '');
    }
    return name === 'cat' && rest.length === 0 && input !== undefined ? this.expand(input, line) : undefined;
  }

  private runAws(words: readonly string[], line: number): void {
    const { values } = options(words, ['--region', '--endpoint-url', '--profile', '--output']);
    const [service, action, from, to, ...more] = values;
    if (service === 'configure') return;
    if (service === 'autoscaling' && action === 'complete-lifecycle-action') return this.complete(words, line);
    const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(from ?? '');
    if (service !== 's3' || action !== 'cp' || match === null || to === undefined || more.length > 0) {
      this.note(
        line,
        `\`aws ${words.join(' ')}\` is not run: of the AWS CLI only \`aws s3 cp\` and \`aws autoscaling complete-lifecycle-action\` are`,
      );
      return;
    }
    const local = this.asset(match[1], match[2]);
    if (local === undefined) this.note(line, `${from} is not an asset of the cloud assembly`);
    else
      this.files.map(
        to.endsWith('/') || to === '.' ? posix.join(this.path(to), posix.basename(from)) : this.path(to),
        local,
      );
  }

  /** Ignores which instance it names: only the one that this runs on is possible. */
  private complete(words: readonly string[], line: number): void {
    const valueOf = (option: string) => {
      const at = words.findIndex((word) => word === option || word.startsWith(`${option}=`));
      return at < 0 || words[at].includes('=') ? words[at]?.slice(option.length + 1) : words[at + 1];
    };
    const groupName = valueOf('--auto-scaling-group-name');
    const hookName = valueOf('--lifecycle-hook-name');
    const result = valueOf('--lifecycle-action-result');
    if (groupName && hookName && result) this.completes.push({ groupName, hookName, result });
    else this.note(line, '`aws autoscaling complete-lifecycle-action` lacks a group, a hook or a result');
  }

  private unzip(words: readonly string[], line: number): void {
    const at = words.indexOf('-d');
    const destination = at < 0 ? this.folder : this.path(words[at + 1] ?? '.');
    const [archive] = words.filter((word, i) => !word.startsWith('-') && (at < 0 || i !== at + 1));
    const local = this.files.localPath(this.path(archive ?? ''));
    if (local === undefined) this.note(line, `${archive} is unpacked, but was not downloaded from the assets`);
    else if (!statSync(local).isDirectory()) {
      this.note(
        line,
        `${archive} can't be unpacked: its asset is a file, and only those that CDK zips from a folder are`,
      );
    } else this.files.map(destination, local);
  }

  private tee(words: readonly string[], command: ShellCommand): void {
    const { flags, values } = options(words, []);
    const text = command.input === undefined ? '' : this.expand(command.input, command.line);
    const append = flags.includes('-a') || flags.includes('--append');
    for (const file of values) this.write(file, text, append);
  }

  private systemctl(words: readonly string[], line: number): void {
    const { flags, values } = options(words, []);
    const [verb, ...units] = values;
    const starts = ['start', 'restart', 'reload-or-restart', 'try-restart'].includes(verb);
    if (verb === 'enable' && !flags.includes('--now')) units.forEach((unit) => this.enabled.add(unitName(unit)));
    if (!starts && !(verb === 'enable' && flags.includes('--now'))) return;
    for (const unit of units.map(unitName)) {
      // A unit that the user data did not write belongs to the image, such as amazon-cloudwatch-agent.
      if (this.unitText(unit) === undefined)
        this.note(line, `${unit} is started, but the user data writes no such unit`);
      else if (this.running !== undefined && this.running !== unit) {
        this.note(
          line,
          `${unit} is not started: ${this.running} already runs, and an instance runs only one program here`,
        );
      } else this.started = { unit, line };
    }
  }

  /** The name of what the instance runs, if known. */
  private get running(): string | undefined {
    return this.called?.name ?? this.started?.unit;
  }

  /** Takes an interpreter's call with an asset's script as the program that the instance runs. */
  private call(command: ShellCommand): boolean {
    const all = this.wordsOf(command);
    const first = all.findIndex((word) => !ASSIGNMENT.test(word));
    if (first < 0) return false; // only assignments, or nothing
    const given = all.slice(0, first);
    const at = all.findIndex((word, i) => i >= first && !PREFIXES.has(word) && !word.startsWith('-'));
    const [interpreter = '', ...rest] = at < 0 ? [] : all.slice(at);
    const script = rest.findIndex((word) => !word.startsWith('-'));
    const local = script < 0 ? undefined : this.files.localPath(this.path(rest[script]));
    const runs = isNodeBinary(interpreter) || INTERPRETERS.has(posix.basename(interpreter));
    if (!runs || local === undefined) return false;
    const name = `${posix.basename(interpreter)} ${posix.basename(local)}`;
    if (this.running !== undefined) {
      this.note(
        command.line,
        `${name} is not run: ${this.running} already runs, and an instance runs only one program here`,
      );
      return true;
    }
    given.forEach((word) => this.assign(word));
    const environment = [...new Set([...this.exported, ...given.map((word) => word.split('=')[0])])]
      .filter((variable) => !MACHINE.has(variable))
      .map((variable) => [variable, this.localize(this.variables.get(variable) ?? '', name)]);
    this.called = {
      name,
      execStart: [interpreter, ...rest.map((word, i) => (i === script ? local : word))],
      environment: Object.fromEntries(environment) as Record<string, string>,
      workingDirectory: this.files.localPath(this.folder) ?? posix.dirname(local),
      restart: 'no',
      restartSeconds: 0,
      killSignal: 'SIGTERM',
      stopTimeoutSeconds: SHUTDOWN_SECONDS,
    };
    return true;
  }

  private program(): WorkerProgram | undefined {
    if (this.called !== undefined) return { assets: this.files.mappings, unit: this.called, completes: [] };
    if (this.started === undefined) {
      const [waiting] = [...this.enabled].filter((unit) => this.unitText(unit) !== undefined);
      this.notes.push(
        waiting === undefined
          ? "user data starts neither a systemd service nor an asset's program: the instance runs nothing here"
          : `user data enables ${waiting} but does not start it (\`systemctl enable --now\` does both)`,
      );
      return undefined;
    }
    const { unit: name, line } = this.started;
    try {
      const unit = readServiceUnit(name, this.unitText(name) as string);
      for (const note of unit.notes) this.note(line, note);
      const environment = { ...unit.environment };
      for (const { path, optional } of unit.environmentFiles) {
        const text = this.files.read(path);
        if (text !== undefined) Object.assign(environment, readEnvironmentFile(text));
        else if (!optional) throw new Error(`${name}: EnvironmentFile=${path} does not exist`);
      }
      for (const [key, value] of Object.entries(environment)) environment[key] = this.localize(value, name);
      const [program, ...rest] = expandArguments(unit.execStart, environment);
      const { restart, restartSeconds, killSignal, stopTimeoutSeconds } = unit;
      return {
        completes: unit.execStartPost.flatMap((words) => this.completedBy(words, line)),
        assets: this.files.mappings,
        unit: {
          name,
          execStart: [this.localize(program, name), ...rest.map((word) => this.localize(word, name))],
          environment,
          workingDirectory: this.workingDirectory(name, unit.workingDirectory),
          ...{ restart, restartSeconds, killSignal, stopTimeoutSeconds },
        },
      };
    } catch (error) {
      this.note(line, (error as Error).message);
      return undefined;
    }
  }

  /** Of the commands after a service's start, only lifecycle actions that a script completes are run. */
  private completedBy([path, ...rest]: readonly string[], line: number): readonly CompletedAction[] {
    const script = rest.length === 0 ? this.files.read(path.replace(/^[-@:+!|]+/, '')) : undefined;
    const { completes } =
      script === undefined ? { completes: [] } : new UserData(this.asset).interpret(readShellScript(script));
    if (completes.length === 0) this.note(line, `ExecStartPost=${path}: is not run`);
    return completes;
  }

  private workingDirectory(unit: string, path: string): string {
    const local = this.files.localPath(path);
    if (local !== undefined) return local;
    if (path === '/') return path;
    throw new Error(`${unit}: WorkingDirectory=${path} holds nothing that was unpacked from an asset`);
  }

  /** Maps a path on the instance to this machine; returns any other text unchanged. */
  private localize(text: string, unit: string): string {
    if (!text.startsWith('/')) return text;
    if (this.files.isWritten(text)) {
      throw new Error(`${unit}: ${text} is written by the user data and is not a file here: put it into the asset`);
    }
    return this.files.localPath(text) ?? text;
  }

  private unitText(name: string): string | undefined {
    return UNIT_FOLDERS.map((folder) => this.files.read(`${folder}/${name}`)).find((text) => text !== undefined);
  }

  private write(path: string, text: string, append: boolean): void {
    this.files.write(this.path(path), text, append);
  }

  private path(text: string): string {
    return posix.resolve(this.folder, text);
  }

  private assign(word: string): boolean {
    const match = ASSIGNMENT.exec(word);
    if (match === null) return false;
    this.variables.set(match[1], match[2]);
    return true;
  }

  private wordsOf({ words, line }: ShellCommand): string[] {
    return words
      .map((word) => ({ text: this.expand(word, line), quoted: word.quoted }))
      .filter(({ text, quoted }) => text !== '' || quoted)
      .map(({ text }) => text);
  }

  private expand({ pieces }: Word, line: number): string {
    return pieces.map((piece) => this.expandPiece(piece, line)).join('');
  }

  private expandPiece(piece: Piece, line: number): string {
    if (typeof piece === 'string') return piece;
    if ('variable' in piece) {
      const [, name, standard] = /^(\w+|[@*#?$!-])(?::?-(.*))?$/s.exec(piece.variable) ?? [];
      const value = this.variables.get(name ?? '') ?? standard;
      if (value === undefined && !/^\W$/.test(piece.variable)) {
        this.note(line, `$${piece.variable} has no known value here, and is treated as empty`);
      }
      return value ?? '';
    }
    try {
      const [{ commands }] = readShellScript(piece.command);
      const [name, argument] = this.wordsOf({ ...commands[0], line });
      if (name === 'dirname') return posix.dirname(argument);
      if (name === 'basename') return posix.basename(argument);
      if (name === 'tee') return ''; // >(tee …) of an exec
    } catch {
      // What cannot be parsed cannot be evaluated: handled below.
    }
    this.note(line, `$(${piece.command}) is not evaluated, and is treated as empty`);
    return '';
  }

  private note(line: number, text: string): void {
    const note = `user data line ${line}: ${text}`;
    if (!this.notes.includes(note)) this.notes.push(note);
  }
}

function unsupportedKind(text: string): string | undefined {
  if (/^#cloud-config\b/.test(text)) return 'cloud-config';
  if (/^(Content-Type: multipart|MIME-Version)/im.test(text.slice(0, 200))) return 'a MIME multipart document';
  if (/^\s*<(powershell|script)>/i.test(text)) return 'a Windows script';
  const interpreter = /^#!\s*(\S+(?:\s+\S+)?)/.exec(text)?.[1];
  return interpreter === undefined || /(^|[/\s])(ba|da|z|k|a)?sh(\s|$)/.test(interpreter)
    ? undefined
    : `a script for ${interpreter}`;
}

function unitName(name: string): string {
  return name.includes('.') ? name : `${name}.service`;
}

/** A word's text, if it needs no expansion. */
function literal(word: Word | undefined): string {
  return (word?.pieces ?? []).map((piece) => (typeof piece === 'string' ? piece : '$')).join('');
}

/** Splits arguments from options; `valued` options take the next argument. */
function options(words: readonly string[], valued: readonly string[]): { flags: string[]; values: string[] } {
  const flags: string[] = [];
  const values: string[] = [];
  for (let i = 0; i < words.length; i++) {
    if (!words[i].startsWith('-') || words[i] === '-') values.push(words[i]);
    else {
      flags.push(words[i]);
      if (valued.includes(words[i])) i++;
    }
  }
  return { flags, values };
}
