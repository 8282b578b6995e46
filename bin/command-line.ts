import { type Command, CommanderError, Option } from 'commander';
import type { Kind } from './option-kinds';

/** Thrown if a command was called wrongly. Its message is printed above the usage, and the exit status is 2. */
export class UsageError extends Error {}

/** An option with a value, which is checked when it is parsed. */
export function option<T>(flags: string, description: string, kind: Kind<T>): Option {
  const created = new Option(flags, description);
  return created.argParser((text) => kind.read(text, created.long ?? flags));
}

class Interrupted extends Error {}

/**
 * Runs a program and sets the exit status: 0 if it is done, 1 if it failed, 2 if it was called wrongly. Ctrl-C aborts
 * the signal, so that a command can end its processes. Prints an error in one line; `--verbose` adds its stack trace.
 * @param create returns the program, whose actions end when the signal is aborted
 */
export async function runProgram(create: (signal: AbortSignal) => Command, args: readonly string[]): Promise<void> {
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
  const program = plainly(create(interrupted.signal));
  process.exitCode = 0;
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error, program, args);
  }
  process.exitCode = exitStatus ?? process.exitCode;
}

/** Has commander throw what it would print of an error, and print help as wide as our texts. */
function plainly(program: Command): Command {
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.helpOption('--help', 'print this help');
    command.configureOutput({ outputError: () => undefined, getOutHelpWidth: helpWidth, getErrHelpWidth: helpWidth });
  }
  return program;
}

const WIDEST_HELP = 120;

function helpWidth(): number {
  return Math.min(process.stdout.isTTY ? process.stdout.columns : WIDEST_HELP, WIDEST_HELP);
}

/** Prints an error. Returns the exit status. */
function report(error: unknown, program: Command, args: readonly string[]): number {
  if (error instanceof Interrupted || (error as Error).name === 'AbortError') return 1; // Node wraps a signal's reason
  if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help, --version
  const isUsage = error instanceof UsageError || error instanceof CommanderError;
  process.stderr.write(`${isUsage ? usageText(error, program, args) : text(error, args)}\n`);
  return isUsage ? 2 : 1;
}

function usageText({ message }: Error, program: Command, [name]: readonly string[]): string {
  const command = program.commands.find((each) => each.name() === name) ?? program;
  // Without a command, commander's error is the help itself.
  if (message === '(outputHelp)') return `a command is required\n\n${program.helpInformation().trimEnd()}`;
  return `${message.replace(/^error: /, '')}\n\n${command.helpInformation().trimEnd()}`;
}

function text(error: unknown, args: readonly string[]): string {
  if (!(error instanceof Error)) return String(error);
  return args.includes('--verbose') ? (error.stack ?? error.message) : error.message;
}
