import { existsSync, readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { UsageError } from './command-line';
import type { Kind } from './option-kinds';

/** The name of the settings file, in the project's folder. */
export const SETTINGS_FILE = 'spillway.json';

/** A setting of a command: a flag, an environment variable and a key of the settings file. */
export interface Setting<T> {
  readonly kind: Kind<Exclude<T, undefined>>;
  /**
   * The flag, with the name of its value: `--port <number>`.
   * @default - only the settings file has it
   */
  readonly flag?: string;
  readonly description: string;
  /** The value if it is given nowhere. */
  readonly fallback: T;
}

/** Settings by their keys in the settings file. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values of settings. */
export type Values<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** A setting that may be given nowhere. */
export function optional<T>(kind: Kind<T>, setting: Pick<Setting<T>, 'flag' | 'description'>): Setting<T | undefined> {
  return { ...setting, kind: kind as Kind<Exclude<T, undefined>>, fallback: undefined };
}

/** A setting with a default. */
export function defaulted<T>(kind: Kind<T>, setting: Omit<Setting<T>, 'kind'>): Setting<T> {
  return { ...setting, kind: kind as Kind<Exclude<T, undefined>> };
}

/** Adds the flags of settings to a command. A flag without a value can be negated, to override a file. */
export function addFlags(command: Command, settings: Settings): Command {
  for (const { flag, description, kind } of Object.values(settings)) {
    if (flag === undefined) continue;
    const option = new Option(flag, description);
    if (kind.takes === 'texts') option.argParser((text, before: string[] = []) => [...before, text]);
    command.addOption(option);
    if (kind.takes === 'nothing') command.addOption(new Option(flag.replace(/^--/, '--no-')).hideHelp());
  }
  return command;
}

/**
 * The values of settings: a flag overrides the environment, which overrides the file.
 * @param file the settings file; one that does not exist sets nothing
 * @throws UsageError if a value is invalid, or the file has an unknown key
 */
export function readSettings<S extends Settings>(command: Command, settings: S, file: string): Values<S> {
  const flags = command.opts<Record<string, unknown>>();
  const fromFile = readFile(file, settings);
  const values = Object.entries(settings).map(([key, { flag, kind, fallback }]): [string, unknown] => {
    const [long] = (flag ?? '').split(' ');
    const attribute = flag === undefined ? undefined : new Option(flag).attributeName();
    if (attribute !== undefined && flags[attribute] !== undefined) return [key, kind.read(flags[attribute], long)];
    const variable = flag === undefined ? undefined : variableOf(flag);
    const text = variable === undefined ? undefined : process.env[variable];
    if (variable !== undefined && text !== undefined && text !== '') return [key, kind.read(text, variable)];
    if (key in fromFile) return [key, kind.read(fromFile[key], `${key} in ${file}`)];
    return [key, fallback];
  });
  return Object.fromEntries(values) as Values<S>;
}

/** The environment variable of a setting: `SPILLWAY_ALLOW_HOST`. */
export function variableOf(flag: string): string {
  return `SPILLWAY_${flag.split(' ')[0].slice(2).replaceAll('-', '_').toUpperCase()}`;
}

/** The JSON schema of the settings file. */
export function settingsSchema(settings: Settings): object {
  const properties = Object.entries(settings).map(([key, { kind, description, fallback }]): [string, object] => [
    key,
    { ...kind.schema, description, ...(fallback !== undefined && { default: fallback }) },
  ]);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Settings of spillway up',
    type: 'object',
    additionalProperties: false,
    properties: { $schema: { type: 'string' }, ...Object.fromEntries(properties) },
  };
}

/**
 * Checks a settings file that exists.
 * @throws UsageError if a value is invalid, or a key is unknown
 */
export function checkFile(file: string, settings: Settings): void {
  for (const [key, value] of Object.entries(readFile(file, settings))) {
    if (key !== '$schema') settings[key].kind.read(value, `${key} in ${file}`);
  }
}

function readFile(file: string, settings: Settings): Readonly<Record<string, unknown>> {
  if (!existsSync(file)) return {};
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError(`${file} must be a JSON object`);
  }
  for (const key of Object.keys(content)) {
    if (key === '$schema' || Object.hasOwn(settings, key)) continue;
    throw new UsageError(`${key} in ${file} is not a setting; allowed: ${Object.keys(settings).join(', ')}`);
  }
  return content as Readonly<Record<string, unknown>>;
}
