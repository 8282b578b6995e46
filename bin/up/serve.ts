import {
  Emulator,
  type EmulatorOptions,
  formatReport,
  type StackFailure,
  type StackReport,
  SystemClock,
} from '../../lib/emulator';
import { UsageError } from '../command-line';
import type { Project } from '../project';
import type { Values } from '../settings';
import { forwards } from './forwards';
import { firstScreen } from './first-screen';
import { HotReload } from './hot-reload';
import { listen } from '../listen';
import { logLineFormatter } from './log-lines';
import { unusedCommands } from './unused-commands';
import { prepareFunctions } from './prepare-functions';
import type { UP_SETTINGS } from './settings';
import { watchAssembly } from './watch-assembly';

/** Every instance costs processes on this machine. */
const INSTANCE_LIMIT = 64;

/** Runs the emulator until the signal is aborted. */
export async function serve(
  settings: Values<typeof UP_SETTINGS>,
  project: Project,
  signal: AbortSignal,
): Promise<void> {
  const { account, assembly, host, port, region, speed } = settings;
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const formatLogLine = logLineFormatter(() => emulator.reports);
  const emulator = createEmulator({
    clock: new SystemClock({ speed }),
    compute: 'processes',
    instanceLimit: INSTANCE_LIMIT,
    seed: settings.seed ?? project.seed(),
    account,
    region,
    allowOrigins: settings.allowOrigins,
    allowHosts: settings.allowHosts,
    strict: settings.strict,
    parameters: settings.parameters,
    ssm: settings.ssm,
    secrets: settings.secrets,
    exports: settings.exports,
    forward: await forwards(settings),
    run: settings.run,
    onLog: (line) => print(formatLogLine(line)),
  });
  let unannounce: (() => void) | undefined;
  let hotReload: HotReload | undefined;
  try {
    const endpoint = await listen(emulator, { port, host, print });
    unannounce = project.announce({ endpoint, account, region, pid: process.pid });
    if (assembly !== undefined) {
      const stacks = await loadStacks(emulator, assembly, settings, print);
      if (settings.report) for (const stack of stacks) print(`${formatReport(stack, { verbose: true })}\n`);
    }
    for (const name of unusedCommands(settings.run, emulator.reports)) {
      print(`Warning: --run names ${name}, but no function of the app has this name or path`);
    }
    await prepareFunctions(emulator, { print, signal });
    if (settings.watch && assembly !== undefined) {
      const options = { emulator, assembly, projectRoot: project.root, functions: settings.functions, print };
      const reload = (hotReload = new HotReload(options));
      watchAssembly(assembly, emulator, { stacks: settings.stacks, print, signal, updated: () => reload.start() });
      await reload.start();
    }
    print(firstScreen({ endpoint, speed, reports: emulator.reports }));
    if (!signal.aborted) await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
  } finally {
    unannounce?.();
    await hotReload?.stop();
    await emulator.stop();
  }
}

/**
 * Deploys the stacks; those that cannot be are reported, with those that depend on them.
 * @throws the first stack's error if none can be deployed
 */
async function loadStacks(
  emulator: Emulator,
  assembly: string,
  { stacks, strict }: Pick<Values<typeof UP_SETTINGS>, 'stacks' | 'strict'>,
  print: (line: string) => void,
): Promise<StackReport[]> {
  if (strict) return emulator.load(assembly, { stacks });
  const failures: StackFailure[] = [];
  const reports = await emulator.load(assembly, { stacks, onFailure: (failure) => failures.push(failure) });
  if (reports.length === 0 && failures.length > 0) throw failures[0].error;
  for (const { stackName, error } of failures) print(`Warning: ${stackName} is not deployed: ${error.message}`);
  return reports;
}

/** Creates the emulator. Its option errors are reported with the names of the flags. */
function createEmulator(options: EmulatorOptions): Emulator {
  try {
    return new Emulator(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(
      error.message
        .replace('allowOrigins', '--allow-origin')
        .replace('allowHosts', '--allow-host')
        .replace(/^(?=region |forward )/, '--'),
    );
  }
}
