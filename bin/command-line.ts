import { parseArgs, type ParseArgsConfig } from 'node:util';

/** A mistake in how a command was called: told above its usage. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;

/** Parses `args`, and refuses what is unknown. */
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
    throw new UsageError(`--${name} must be a number from ${from} to ${to}, got ${JSON.stringify(text)}`);
  }
  return value;
}

export function integerOption(name: string, text: string, from: number, to: number): number {
  if (!/^\d+$/.test(text) || Number(text) < from || Number(text) > to) {
    throw new UsageError(`--${name} must be a whole number from ${from} to ${to}, got ${JSON.stringify(text)}`);
  }
  return Number(text);
}

export function accountOption(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new UsageError(`--account must be 12 digits, got ${JSON.stringify(text)}`);
  return text;
}

/** A command: what it is called with, and what it does with it. */
export interface Command {
  readonly usage: string;
  /** Gives the exit status. The signal is aborted by Ctrl-C. */
  run(args: string[], signal: AbortSignal): Promise<number> | number;
}

class Interrupted extends Error {}

/**
 * Runs a command to its exit status. A first Ctrl-C aborts the signal, so that the command can end its processes; what
 * it throws is told in one line, and with its stack only for `--verbose`.
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
