import { Emulator, formatReport, SystemClock } from '../../lib/emulator';
import { accountOption, type Command, integerOption, numberOption, parseOptions, UsageError } from '../command-line';
import { environmentLines } from './environment';
import { watchAssembly } from './watch-assembly';

const usage = `Usage: spillway up [cdk.out] [options]

Serves a local cloud until Ctrl-C. With a synthesized cloud assembly it runs that app: its queues, functions, alarms
and instances. Without one it serves an empty account.

  --port N         where to listen on 127.0.0.1 (default 4566; 0 for any free port)
  --speed X        emulated seconds to one of the clock on the wall (default 1)
  --account ID     the default account, 12 digits (default 000000000000)
  --region NAME    the default region (default us-east-1)
  --watch          update the stacks when the assembly changes: run cdk synth once more
  --strict         refuse an assembly with anything that is not emulated
  --verbose        report each resource and property, and print stack traces
  --help           print this
`;

/** The emulator as a server. */
export const up: Command = {
  usage,
  run: async (args, signal) => {
    const options = {
      port: { type: 'string', default: '4566' },
      speed: { type: 'string', default: '1' },
      account: { type: 'string', default: '000000000000' },
      region: { type: 'string', default: 'us-east-1' },
      watch: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
    } as const;
    const { values, positionals } = parseOptions(args, options, true);
    if (positionals.length > 1) throw new UsageError(`up takes one assembly, got ${positionals.join(' ')}`);
    if (values.watch && positionals.length === 0) throw new UsageError('up --watch takes an assembly to watch');
    const port = integerOption('port', values.port, 0, 65_535);
    const speed = numberOption('speed', values.speed, 0.01, 1_000);
    const account = accountOption(values.account);
    const print = (line: string) => void process.stdout.write(`${line}\n`);
    const emulator = new Emulator({
      clock: new SystemClock({ speed }),
      compute: 'processes',
      account,
      region: values.region,
      strict: values.strict,
      onLog: ({ source, text }) => print(`${source} | ${text}`),
    });
    try {
      const endpoint = await emulator.listen(port);
      for (const assembly of positionals) {
        for (const stack of await emulator.load(assembly)) print(formatReport(stack, { verbose: values.verbose }));
      }
      await emulator.prepareFunctions();
      print(`Serving on ${endpoint}${speed === 1 ? '' : `, time passing ${speed} times as fast`}. In another shell:\n`);
      for (const line of environmentLines(endpoint, account, values.region)) print(`  ${line}`);
      print('\nCtrl-C ends it.');
      for (const assembly of values.watch ? positionals : []) watchAssembly(assembly, emulator, { print, signal });
      if (!signal.aborted) await new Promise<void>((done) => signal.addEventListener('abort', () => done()));
      return 0;
    } finally {
      await emulator.stop();
    }
  },
};
