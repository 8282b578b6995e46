import { existsSync, type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { join } from 'node:path';
import { prepareFunctions } from './prepare-functions';
import { type Emulator, formatChanges, formatReport } from '../../lib/emulator';

/** How often the manifest is checked, in real milliseconds. The CDK writes it last. */
const INTERVAL = 250;

/** Settings of {@link watchAssembly}. */
export interface WatchOptions {
  /** The stacks to update; all if there are none. */
  readonly stacks: readonly string[];
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
  /** Called after an update. */
  readonly updated: () => Promise<void>;
}

/**
 * Updates the stacks of an assembly whenever it is synthesized again. Prints the error of an update that fails; the
 * stacks then stay as they were.
 */
export function watchAssembly(directory: string, emulator: Emulator, options: WatchOptions): void {
  const { stacks, print, signal, updated } = options;
  const manifest = join(directory, 'manifest.json');
  const watched = existsSync(manifest) ? manifest : directory; // a template
  const update = async (): Promise<void> => {
    try {
      const known = emulator.reports.map(({ stackName }) => stackName);
      for (const stack of await emulator.load(directory, { stacks })) {
        print(known.includes(stack.stackName) ? formatChanges(stack) : formatReport(stack));
      }
      await prepareFunctions(emulator, { print, signal });
      await updated();
    } catch (error) {
      if (signal.aborted) return;
      print(`${directory}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  // Polled rather than watched by the system: the whole folder is often removed and made again.
  const changed: StatsListener = (now, before) => {
    if (now.mtimeMs !== 0 && (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino)) void update();
  };
  watchFile(watched, { interval: INTERVAL }, changed);
  signal.addEventListener('abort', () => unwatchFile(watched, changed), { once: true });
}
