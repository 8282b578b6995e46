import { Emulator, type EmulatorOptions, formatReport, SystemClock } from '../../lib/emulator';
import { accountOption, type Command, integerOption, numberOption, parseOptions, UsageError } from '../command-line';
import { listen } from '../listen';
import { Project } from '../project';
import { commandLineNote, environmentLines } from './environment';
import { watchAssembly } from './watch-assembly';

const usage = `Usage: spillway up [cdk.out] [options]

Runs a local cloud until Ctrl-C. Given a synthesized cloud assembly, it deploys the app's stacks and runs their queues,
functions, alarms and instances. Without one, the account is empty.

  --port N         the port to listen on, at 127.0.0.1 (default 4566, or any free port if it is in use; 0 for any free
                   port)
  --speed X        emulated seconds per real second (default 1)
  --seed N         the seed for physical names and other random values (default: a random number kept for this
                   project, so that queue URLs stay the same and web pages cannot guess them)
  --account ID     the default account, 12 digits (default 000000000000)
  --region NAME    the default Region (default us-east-1)
  --allow-origin ORIGIN
                   answer web pages of this origin, such as http://localhost:5173; may be repeated
  --allow-host NAME
                   answer requests to this host name, such as host.docker.internal; may be repeated
  --watch          update the stacks whenever cdk synth writes the assembly again
  --strict         fail if the assembly has anything that is not emulated
  --verbose        report every resource and property, and print stack traces
  --help           print this help
`;

/** Every instance costs processes on this machine. */
const INSTANCE_LIMIT = 64;

/** The emulator as a server. */
export const up: Command = {
  usage,
  run: async (args, signal) => {
    const options = {
      port: { type: 'string' },
      speed: { type: 'string', default: '1' },
      account: { type: 'string', default: '000000000000' },
      region: { type: 'string', default: 'us-east-1' },
      seed: { type: 'string' },
      'allow-origin': { type: 'string', multiple: true, default: [] as string[] },
      'allow-host': { type: 'string', multiple: true, default: [] as string[] },
      watch: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
    } as const;
    const { values, positionals } = parseOptions(args, options, true);
    if (positionals.length > 1) throw new UsageError(`up takes one assembly, but was given ${positionals.join(' ')}`);
    if (values.watch && positionals.length === 0)
      throw new UsageError('--watch requires an assembly: spillway up cdk.out --watch');
    const port = values.port === undefined ? undefined : integerOption('port', values.port, 0, 65_535);
    const speed = numberOption('speed', values.speed, 0.01, 1_000);
    const account = accountOption(values.account);
    const { region } = values;
    const project = Project.at(process.cwd());
    const seed =
      values.seed === undefined ? project.seed() : integerOption('seed', values.seed, 0, Number.MAX_SAFE_INTEGER);
    const print = (line: string) => void process.stdout.write(`${line}\n`);
    const emulator = createEmulator({
      clock: new SystemClock({ speed }),
      compute: 'processes',
      instanceLimit: INSTANCE_LIMIT,
      seed,
      account,
      region,
      allowOrigins: values['allow-origin'],
      allowHosts: values['allow-host'],
      strict: values.strict,
      onLog: ({ source, text }) => print(`${source} | ${text}`),
    });
    let unannounce: (() => void) | undefined;
    try {
      const endpoint = await listen(emulator, port, print);
      unannounce = project.announce({ endpoint, account, region, pid: process.pid });
      for (const assembly of positionals) {
        for (const stack of await emulator.load(assembly)) print(formatReport(stack, { verbose: values.verbose }));
      }
      await emulator.prepareFunctions({ signal });
      print(`Serving on ${endpoint}${speed === 1 ? '' : ` at ${speed} times real time`}. In another shell:\n`);
      for (const line of environmentLines(endpoint, account, region)) print(`  ${line}`);
      print(`\n${commandLineNote(endpoint)}\nPress Ctrl-C to stop.`);
      for (const assembly of values.watch ? positionals : []) watchAssembly(assembly, emulator, { print, signal });
      if (!signal.aborted) await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
      return 0;
    } finally {
      unannounce?.();
      await emulator.stop();
    }
  },
};

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
        .replace(/^(?=region )/, '--'),
    );
  }
}
