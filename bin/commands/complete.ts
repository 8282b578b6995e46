import { Command } from 'commander';

/**
 * `spillway complete`: prints a shell's completion script, which calls it again for suggestions.
 * @param create returns a program with the commands and options to complete
 */
export function complete(create: () => Command): Command {
  return new Command('complete')
    .summary('print a completion script for your shell')
    .description(
      'Prints a completion script for zsh, bash, fish or powershell.\n' +
        'To use it in this shell: source <(npx spillway complete zsh)',
    )
    .argument('[shell]', 'zsh, bash, fish or powershell')
    .usage('<shell>')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      // An ES module, and of no use to other commands.
      const { default: addCompletion } = await import('@bomb.sh/tab/commander');
      const program = create();
      addCompletion(program);
      await program.parseAsync(process.argv.slice(2), { from: 'user' });
    });
}
