import { accountOption, type Command, integerOption, parseOptions } from '../command-line';
import { DEFAULT_PORT } from '../listen';
import { Project } from '../project';
import { commandLineNote, environmentLines } from './environment';

const usage = `Usage: spillway env [options]

Prints the variables that point AWS SDKs and the AWS command line at the emulator: eval "$(spillway env)"

  --port N         where the emulator listens (default: where this project's listens; if none runs, 4566)
  --account ID     the account, 12 digits (default: that of this project's; 000000000000)
  --region NAME    the region (default: that of this project's; us-east-1)
  --help           print this
`;

/** The variables that `up` prints, alone. */
export const env: Command = {
  usage,
  run: (args) => {
    const { values } = parseOptions(args, {
      port: { type: 'string' },
      account: { type: 'string' },
      region: { type: 'string' },
    });
    const running = values.port === undefined ? Project.at(process.cwd()).runningServer() : undefined;
    const port = integerOption('port', values.port ?? String(DEFAULT_PORT), 1, 65_535);
    const endpoint = running?.endpoint ?? `http://127.0.0.1:${port}`;
    const account = accountOption(values.account ?? running?.account ?? '000000000000');
    const region = values.region ?? running?.region ?? 'us-east-1';
    process.stdout.write(`${environmentLines(endpoint, account, region).join('\n')}\n`);
    // Not among what a shell evaluates: an interactive zsh takes a comment for a command.
    process.stderr.write(`${commandLineNote(endpoint)}\n`);
    return 0;
  },
};
