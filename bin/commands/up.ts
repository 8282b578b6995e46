import { join } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../command-line';
import { Project } from '../project';
import { addFlags, readSettings, SETTINGS_FILE } from '../settings';
import { UP_SETTINGS } from '../up/settings';

/** `spillway up`: the emulator as a server. */
export function up(signal: AbortSignal): Command {
  const command = new Command('up')
    .summary('run a local cloud, and a synthesized CDK app or a template in it')
    .description(
      `Runs a local cloud until Ctrl-C. Given a synthesized cloud assembly, it deploys the app's stacks and runs their ` +
        'queues, functions, alarms and instances. Without one, the account is empty. A CloudFormation template, or a ' +
        'folder of them, does as well, with its code beside it. Stacks, such as Orders or "Prod/*", are all unless named.\n\n' +
        `Each option is also an environment variable, such as SPILLWAY_PORT for --port, and a setting in ` +
        `${SETTINGS_FILE} beside cdk.json. A flag overrides the environment, which overrides the file.`,
    )
    .usage('[cdk.out] [stacks...] [options]')
    .argument('[assembly]', 'the folder of the cloud assembly, or a template')
    .argument('[stacks...]', 'ids or names of stacks to deploy, with those that they depend on')
    .allowExcessArguments(false);
  return addFlags(command, UP_SETTINGS).action(async (given: string | undefined, named: readonly string[]) => {
    const project = Project.at(process.cwd());
    const file = join(project.root, SETTINGS_FILE);
    const settings = readSettings(command, UP_SETTINGS, file);
    const assembly = given ?? (settings.assembly && join(project.root, settings.assembly));
    if (settings.watch && assembly === undefined) {
      throw new UsageError('--watch requires an assembly: spillway up cdk.out --watch');
    }
    const { serve } = await import('../up/serve.js');
    const stacks = named.length > 0 ? named : settings.stacks;
    await serve({ ...settings, assembly, stacks }, project, signal);
  });
}
