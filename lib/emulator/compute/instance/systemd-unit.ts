import { constants } from 'node:os';

/** When systemd restarts a service that has ended by itself. */
export type RestartPolicy = 'no' | 'always' | 'on-success' | 'on-failure' | 'on-abnormal' | 'on-abort' | 'on-watchdog';

/** The parts of a service's unit file that say how to run it. */
export interface ServiceUnit {
  readonly name: string;
  /** The program and its arguments, before variables are expanded. */
  readonly execStart: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly environmentFiles: readonly { readonly path: string; readonly optional: boolean }[];
  /** An absolute path. Default: `/`. */
  readonly workingDirectory: string;
  /** The commands to run after each start, each a program and its arguments. */
  readonly execStartPost: readonly (readonly string[])[];
  readonly restart: RestartPolicy;
  readonly restartSeconds: number;
  readonly killSignal: NodeJS.Signals;
  /** How long the service may take to stop; Infinity for no limit. */
  readonly stopTimeoutSeconds: number;
  /** Settings that are ignored and may matter. */
  readonly notes: readonly string[];
}

const DEFAULT_RESTART_SECONDS = 0.1;
const DEFAULT_STOP_SECONDS = 90;
const POLICIES: readonly RestartPolicy[] = [
  'no',
  'always',
  'on-success',
  'on-failure',
  'on-abnormal',
  'on-abort',
  'on-watchdog',
];

// Users, limits, sandboxing and logging affect the machine, not what the program does.
const INERT =
  /^(User|Group|SupplementaryGroups|DynamicUser|UMask|Nice|Slice|Delegate|OOM\w*|Limit\w+|Memory\w+|CPU\w*|IO\w+|Tasks\w+|Protect\w+|Private\w+|Restrict\w+|ReadWritePaths|ReadOnlyPaths|InaccessiblePaths|NoNewPrivileges|CapabilityBoundingSet|AmbientCapabilities|SystemCall\w+|LockPersonality|Standard(Output|Error|Input)|Syslog\w+|Log\w+|KillMode|SendSIGKILL|FinalKillSignal|(Runtime|State|Cache|Logs|Configuration)Directory\w*|TimeoutStartSec|Type)$/;

/**
 * Parses a service's unit file by systemd's rules.
 * @throws Error naming the setting that is invalid or not emulated
 */
export function readServiceUnit(name: string, text: string): ServiceUnit {
  const settings = new Map<string, string[]>();
  for (const { section, key, value } of assignments(name, text)) {
    if (section !== 'Service') continue;
    const values = settings.get(key) ?? [];
    // An empty value resets earlier ones.
    settings.set(key, value === '' ? [] : [...values, value]);
  }
  const fail = (key: string, value: string, allowed: string): never => {
    throw new Error(`${name}: ${key}=${value} ${allowed}`);
  };
  const last = (key: string) => settings.get(key)?.at(-1);
  const words = (key: string, value: string) => {
    try {
      return splitWords(value).map((word) => withSpecifiers(word, name));
    } catch (error) {
      throw new Error(`${name}: ${key}=${value}: ${(error as Error).message}`, { cause: error });
    }
  };
  const seconds = (key: string, standard: number) => {
    const value = last(key);
    if (value === undefined) return standard;
    return readTimeSpan(value) ?? fail(key, value, 'must be a time span such as 5, 500ms, 2min 30s or infinity');
  };

  const type = last('Type') ?? 'simple';
  if (!['simple', 'exec', 'idle'].includes(type))
    fail('Type', type, 'is not emulated; supported: simple, exec and idle');
  const restart = (last('Restart') ?? 'no') as RestartPolicy;
  if (!POLICIES.includes(restart)) fail('Restart', restart, `must be one of ${POLICIES.join(', ')}`);
  const workingDirectory = last('WorkingDirectory')?.replace(/^-/, '').replace(/^~$/, '/root') ?? '/';
  if (!workingDirectory.startsWith('/')) fail('WorkingDirectory', workingDirectory, 'must be an absolute path');

  const acted = new Set([
    ...['ExecStart', 'Environment', 'EnvironmentFile', 'WorkingDirectory', 'Restart', 'RestartSec', 'KillSignal'],
    ...['TimeoutStopSec', 'TimeoutSec', 'ExecStartPost'],
  ]);
  return {
    name,
    execStartPost: (settings.get('ExecStartPost') ?? []).map((value) => words('ExecStartPost', value)),
    execStart: readExecStart(name, settings.get('ExecStart') ?? [], words),
    environment: Object.fromEntries(
      (settings.get('Environment') ?? []).flatMap((value) =>
        words('Environment', value).map((word) => {
          const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
          return match === null ? fail('Environment', value, 'must hold NAME=value') : [match[1], match[2]];
        }),
      ),
    ),
    environmentFiles: (settings.get('EnvironmentFile') ?? []).map((value) => ({
      path: value.replace(/^-/, ''),
      optional: value.startsWith('-'),
    })),
    workingDirectory: withSpecifiers(workingDirectory, name),
    restart,
    restartSeconds: seconds('RestartSec', DEFAULT_RESTART_SECONDS),
    killSignal:
      readSignal(last('KillSignal') ?? 'SIGTERM') ?? fail('KillSignal', last('KillSignal') ?? '', 'is not a signal'),
    stopTimeoutSeconds: seconds('TimeoutStopSec', seconds('TimeoutSec', DEFAULT_STOP_SECONDS)),
    notes: [...settings.keys()]
      .filter((key) => !acted.has(key) && !INERT.test(key))
      .map((key) => `${name}: ${key}= is ignored`),
  };
}

/**
 * Parses an environment file by systemd's rules, which resemble a shell's without expansions.
 * @throws Error naming the line that is not an assignment
 */
export function readEnvironmentFile(text: string): Record<string, string> {
  const environment: Record<string, string> = {};
  for (let at = 0; at < text.length;) {
    const assignment = matchAt(/[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*/y, text, at);
    if (assignment === undefined) {
      at = endOfEmptyLine(text, at);
      continue;
    }
    const start = at + assignment[0].length;
    const end = endOfValue(text, start);
    if (end < text.length && text[end] !== '\n') throw noAssignment(text, at);
    environment[assignment[1]] = unquoted(text.slice(start, end).trimEnd());
    at = end + 1;
  }
  return environment;
}

/** The start of the line after an empty line or comment. */
function endOfEmptyLine(text: string, at: number): number {
  const empty = matchAt(/[ \t]*(?:[#;].*)?\r?(?:\n|$)/y, text, at);
  if (empty === undefined) throw noAssignment(text, at);
  return at + Math.max(1, empty[0].length);
}

/** The end of the value that starts at `start`: the end of its line, except within quotes and after a backslash. */
function endOfValue(text: string, start: number): number {
  let end = start;
  for (;;) {
    const part = matchAt(/[^\n'"\\]+|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[\s\S]/y, text, end);
    if (part === undefined) return end;
    end += part[0].length;
  }
}

function unquoted(value: string): string {
  return value.replace(
    /'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([\s\S])/g,
    (_, single?: string, double?: string, escaped = '') =>
      single ?? double?.replace(/\\(["\\`$])|\\\n/g, '$1') ?? (escaped === '\n' ? '' : (escaped as string)),
  );
}

function noAssignment(text: string, at: number): Error {
  const end = text.indexOf('\n', at);
  return new Error(`"${text.slice(at, end < 0 ? undefined : end)}" is not NAME=value`);
}

/** The match of a sticky expression exactly at `at`. */
function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text) ?? undefined;
}

/** Expands `$NAME` and `${NAME}` in a command line as systemd itself does, without a shell. */
export function expandArguments(words: readonly string[], environment: Readonly<Record<string, string>>): string[] {
  return words.flatMap((word) => {
    const whole = /^\$([A-Za-z_]\w*)$/.exec(word);
    if (whole !== null) return (environment[whole[1]] ?? '').split(/\s+/).filter((part) => part !== '');
    return [
      word.replace(/\$\$|\$\{([A-Za-z_]\w*)\}/g, (match, name?: string) =>
        name === undefined ? match.slice(1) : (environment[name] ?? ''),
      ),
    ];
  });
}

function* assignments(name: string, text: string): Generator<{ section: string; key: string; value: string }> {
  let section = '';
  const lines = text
    .split(/\r?\n/)
    .filter((line) => !/^\s*[#;]/.test(line)) // also within a continued line
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n');
  for (const line of lines.map((each) => each.trim()).filter((each) => each !== '')) {
    const header = /^\[(.+)\]$/.exec(line);
    const equals = line.indexOf('=');
    const key = line.slice(0, Math.max(0, equals)).trimEnd();
    if (header !== null) section = header[1];
    else if (/^[A-Za-z][\w-]*$/.test(key)) yield { section, key, value: line.slice(equals + 1).trimStart() };
    else throw new Error(`${name}: "${line}" is neither a section nor a setting`);
  }
}

function readExecStart(
  name: string,
  values: readonly string[],
  words: (key: string, value: string) => string[],
): string[] {
  if (values.length !== 1) {
    throw new Error(`${name}: needs exactly one ExecStart=, has ${values.length === 0 ? 'none' : values.length}`);
  }
  const [program = '', ...rest] = words('ExecStart', values[0]);
  const path = program.replace(/^[-@:+!|]+/, '');
  const prefix = program.slice(0, program.length - path.length);
  if (/[@:]/.test(prefix)) throw new Error(`${name}: ExecStart=${values[0]}: the prefix ${prefix} is not emulated`);
  if (path === '') throw new Error(`${name}: ExecStart= names no program`);
  return [path, ...rest];
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', s: ' ' },
  ...{ '\\': '\\', '"': '"', "'": "'" },
};

/** Splits at whitespace, except in quotes, and resolves C escapes. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') {
      const match = /^\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/s.exec(text.slice(i));
      const hex = match?.[1] ?? match?.[2] ?? match?.[3];
      const simple = ESCAPES[match?.[5] ?? ''] as string | undefined;
      if (match === null || (hex === undefined && match[4] === undefined && simple === undefined)) {
        throw new Error(`\\${text[i + 1] ?? ''} is not a valid escape`);
      }
      const code = hex === undefined ? parseInt(match[4], 8) : parseInt(hex, 16);
      word = (word ?? '') + (simple ?? String.fromCodePoint(code));
      i += match[0].length - 1;
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== undefined) throw new Error(`a ${quote} is not closed`);
  if (word !== undefined) words.push(word);
  return words;
}

function withSpecifiers(word: string, unit: string): string {
  if (!word.includes('%')) return word;
  const bare = unit.replace(/\.service$/, '');
  const values: Readonly<Record<string, string>> = {
    ...{ '%': '%', n: unit, N: bare, p: bare.split('@')[0], i: bare.split('@')[1] ?? '' },
    ...{
      h: '/root',
      u: 'root',
      U: '0',
      t: '/run',
      T: '/tmp',
      V: '/var/tmp',
      S: '/var/lib',
      C: '/var/cache',
      E: '/etc',
    },
  };
  return word.replace(/%(.?)/gs, (specifier, letter: string) => {
    const value = values[letter] as string | undefined;
    if (value === undefined) throw new Error(`the specifier ${specifier} is not supported (write a literal % as %%)`);
    return value;
  });
}

const TIME_UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(us|usec|µs)$/, 1e-6],
  [/^(ms|msec)$/, 1e-3],
  [/^(s|sec|second|seconds|)$/, 1],
  [/^(m|min|minute|minutes)$/, 60],
  [/^(h|hr|hour|hours)$/, 3_600],
  [/^(d|day|days)$/, 86_400],
];

function readTimeSpan(text: string): number | undefined {
  if (text === 'infinity') return Infinity;
  let total = 0;
  let at = 0;
  do {
    const part = matchAt(/\s*(\d+(?:\.\d+)?)\s*([a-zµ]*)\s*/y, text, at);
    const factor = part && TIME_UNITS.find(([names]) => names.test(part[2]))?.[1];
    if (factor === undefined) return undefined;
    total += Number(part?.[1]) * factor;
    at += part?.[0].length ?? 0;
  } while (at < text.length);
  return total;
}

function readSignal(text: string): NodeJS.Signals | undefined {
  const { signals } = constants;
  const name = /^\d+$/.test(text)
    ? Object.entries(signals).find(([, number]) => number === Number(text))?.[0]
    : text.replace(/^(SIG)?/, 'SIG');
  return name !== undefined && name in signals ? (name as NodeJS.Signals) : undefined;
}
