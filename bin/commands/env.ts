import { accountOption, type Command, integerOption, parseOptions } from '../command-line';
import { DEFAULT_PORT } from '../listen';
import { Project } from '../project';
import { commandLineNote, environmentLines } from './environment';

const usage = `Usage: spillway env [options]

Prints the environment variables that point AWS SDKs and the AWS CLI at the local cloud. To set them in a shell:
eval "$(npx spillway env)"

  --port N         the port of the local cloud (default: that of the one running for this project, or 4566)
  --account ID     the account, 12 digits (default: that of the one running for this project, or 000000000000)
  --region NAME    the Region (default: that of the one running for this project, or us-east-1)
  --help           print this help
`;

/** Prints the variables that `up` prints, and nothing else. */
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
    // To stderr, as an interactive zsh would run a comment as a command.
    process.stderr.write(`${commandLineNote(endpoint)}\n`);
    return 0;
  },
};
