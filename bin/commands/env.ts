import { Command } from 'commander';
import { option } from '../command-line';
import { account, integer, text } from '../option-kinds';
import { DEFAULT_PORT } from '../default-port';
import { Project } from '../project';
import { commandLineNote, environmentLines } from './environment';

/** `spillway env`: prints the variables that lead to the local cloud, and nothing else. */
export function env(): Command {
  return new Command('env')
    .summary('print the environment variables that point AWS SDKs at the local cloud')
    .description(
      'Prints the environment variables that point AWS SDKs and the AWS CLI at the local cloud.\n' +
        'To set them in a shell: eval "$(npx spillway env)"',
    )
    .addOption(
      option(
        '--port <number>',
        'the port of the local cloud (default: that of the one running for this project, or 4566)',
        integer(1, 65_535),
      ),
    )
    .addOption(
      option(
        '--account <id>',
        'the account, 12 digits (default: that of the one running for this project, or 000000000000)',
        account,
      ),
    )
    .addOption(
      option('--region <name>', 'the Region (default: that of the one running for this project, or us-east-1)', text()),
    )
    .action((options: { port?: number; account?: string; region?: string }) => {
      const running = options.port === undefined ? Project.at(process.cwd()).runningServer() : undefined;
      const endpoint = running?.endpoint ?? `http://127.0.0.1:${options.port ?? DEFAULT_PORT}`;
      const accountId = options.account ?? running?.account ?? '000000000000';
      const region = options.region ?? running?.region ?? 'us-east-1';
      process.stdout.write(`${environmentLines(endpoint, accountId, region).join('\n')}\n`);
      // To stderr, as an interactive zsh would run a comment as a command.
      process.stderr.write(`${commandLineNote(endpoint)}\n`);
    });
}
