import { DisplayNames, type Emulator } from '../../lib/emulator';

/** Settings of {@link prepareFunctions}. */
export interface PreparationOptions {
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Starts an environment of each function, and prints a line for each whose code cannot be loaded. */
export async function prepareFunctions(emulator: Emulator, { print, signal }: PreparationOptions): Promise<void> {
  const failed = await emulator.prepareFunctions({ signal });
  const names = new DisplayNames(emulator.reports);
  for (const { functionName, problem } of failed) {
    print(`Warning: the function ${names.ofAny(functionName)} cannot start: ${problem}`);
  }
}
