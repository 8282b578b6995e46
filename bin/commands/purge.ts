import { Command } from 'commander';
import { announceAccount } from '../clients';
import { askFirst } from '../consent';
import { print } from '../output';
import { findQueue } from '../queues';
import { addAwsOptions, type TargetOptions, targetOf } from '../target';

/** `spillway purge`: deletes all messages of a queue. */
export function purge(): Command {
  const command = new Command('purge')
    .summary('delete all messages of a queue')
    .description('Deletes all messages of a queue. In an account it asks first.')
    .argument('<queue>', "the queue: its name, its construct's path, or its URL")
    .option('--yes', 'with --aws: do not ask');
  return addAwsOptions(command).action(async (given: string, options: TargetOptions & { readonly yes?: boolean }) => {
    const target = targetOf(options);
    await announceAccount(target);
    const { name, sqs, url: QueueUrl } = await findQueue(target, given);
    await askFirst(target, `Delete all messages of ${name}?`, options);
    const { PurgeQueueCommand } = await import('@aws-sdk/client-sqs');
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    print({ purged: name }, [`Purged ${name}.`], options);
  });
}
