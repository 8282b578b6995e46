import { Command } from 'commander';
import { LocalCloudApi } from '../local-cloud';
import { print } from '../output';
import { addAwsOptions, refuseAws, type TargetOptions, targetOf } from '../target';

/** `spillway reset`: drops all state and deploys anew. */
export function reset(): Command {
  const command = new Command('reset')
    .summary('drop all state of the local cloud, and deploy its stacks anew')
    .description('Drops all state of all accounts and Regions of the local cloud, and deploys its stacks anew.');
  return addAwsOptions(command).action(async (options: TargetOptions) => {
    refuseAws(options, 'reset', 'it would delete what is there');
    const result = await new LocalCloudApi(targetOf(options)).call('POST', 'reset');
    print(result, ['Reset.'], options);
  });
}
