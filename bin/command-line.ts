import { parseArgs, type ParseArgsConfig } from 'node:util';

/** Thrown if a command was called wrongly. Its message is printed above the usage, and the exit status is 2. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Parses `args`.
 * @throws UsageError if an option is unknown or lacks its value
 */
export function parseOptions<T extends Options>(args: string[], options: T, allowPositionals = false) {
  try {
    return parseArgs({ args, options, allowPositionals, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

export function numberOption(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= from && value <= to)) {
    throw new UsageError(`--${name} must be a number from ${from} to ${to}, but was ${JSON.stringify(text)}`);
  }
  return value;
}

export function integerOption(name: string, text: string, from: number, to: number): number {
  if (!/^\d+$/.test(text) || Number(text) < from || Number(text) > to) {
    throw new UsageError(`--${name} must be a whole number from ${from} to ${to}, but was ${JSON.stringify(text)}`);
  }
  return Number(text);
}

export function accountOption(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new UsageError(`--account must be 12 digits, but was ${JSON.stringify(text)}`);
  return text;
}

/** A command of the command line. */
export interface Command {
  /** Printed for `--help`, and below a usage error. */
  readonly usage: string;
  /** Returns the exit status. Ctrl-C aborts the signal. */
  run(args: string[], signal: AbortSignal): Promise<number> | number;
}

class Interrupted extends Error {}

/**
 * Runs a command and sets the exit status. Ctrl-C aborts the signal, so that the command can end its processes. Prints
 * an error in one line; `--verbose` adds its stack trace.
 */
export async function runCommand(command: Command, args: string[]): Promise<void> {
  if (args.includes('--help')) {
    process.stdout.write(command.usage);
    return;
  }
  const interrupted = new AbortController();
  let exitStatus: number | undefined;
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => {
      exitStatus ??= status;
      interrupted.abort(new Interrupted(signal));
    });
  }
  try {
    process.exitCode = await command.run(args, interrupted.signal);
  } catch (error) {
    if (!(error instanceof Interrupted)) process.stderr.write(`${describe(error, command, args)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
  process.exitCode = exitStatus ?? process.exitCode;
}

function describe(error: unknown, command: Command, args: string[]): string {
  if (error instanceof UsageError) return `${error.message}\n\n${command.usage.trimEnd()}`;
  if (!(error instanceof Error)) return String(error);
  return args.includes('--verbose') ? (error.stack ?? error.message) : error.message;
}
