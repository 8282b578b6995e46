import { accountOption, type Command, integerOption, parseOptions } from '../command-line';
import { environmentLines } from './environment';

const usage = `Usage: spillway env [options]

Prints the variables that point AWS SDKs and the AWS command line at the emulator: eval "$(spillway env)"

  --port N         where the emulator listens (default 4566)
  --account ID     the account, 12 digits (default 000000000000)
  --region NAME    the region (default us-east-1)
  --help           print this
`;

/** The variables that `up` prints, alone. */
export const env: Command = {
  usage,
  run: (args) => {
    const { values } = parseOptions(args, {
      port: { type: 'string', default: '4566' },
      account: { type: 'string', default: '000000000000' },
      region: { type: 'string', default: 'us-east-1' },
    });
    const endpoint = `http://127.0.0.1:${integerOption('port', values.port, 1, 65_535)}`;
    process.stdout.write(`${environmentLines(endpoint, accountOption(values.account), values.region).join('\n')}\n`);
    return 0;
  },
};
