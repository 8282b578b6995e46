import { setTimeout as sleep } from 'node:timers/promises';
import type { ListMessageMoveTasksResultEntry, SQSClient } from '@aws-sdk/client-sqs';
import { Command } from 'commander';
import { announceAccount } from '../clients';
import { option } from '../command-line';
import { askFirst } from '../consent';
import { integer, text } from '../option-kinds';
import { print } from '../output';
import { findQueue } from '../queues';
import { addAwsOptions, type TargetOptions, targetOf } from '../target';

interface RedriveOptions extends TargetOptions {
  readonly to?: string;
  readonly rate?: number;
  readonly yes?: boolean;
}

/** How often the task is looked at, in real milliseconds. */
const INTERVAL = 500;

/** `spillway redrive`: moves the messages of a dead-letter queue back. */
export function redrive(signal: AbortSignal): Command {
  const command = new Command('redrive')
    .summary('move the messages of a dead-letter queue back to where they came from')
    .description(
      'Moves the messages of a dead-letter queue to the queues that they came from, or to another one, and waits until ' +
        'they are moved. In an account it asks first.',
    )
    .argument('<queue>', "the dead-letter queue: its name, its construct's path, or its URL")
    .addOption(option('--to <queue>', 'the queue to move them to (default: where they came from)', text()))
    .addOption(option('--rate <number>', 'how many a second, 1 to 500 (default: as fast as possible)', integer(1, 500)))
    .option('--yes', 'with --aws: do not ask');
  return addAwsOptions(command).action(async (given: string, options: RedriveOptions) => {
    const target = targetOf(options);
    await announceAccount(target);
    const { name, sqs, url } = await findQueue(target, given);
    const to = options.to === undefined ? undefined : await findQueue(target, options.to);
    await askFirst(target, `Move all messages of ${name} to ${to?.name ?? 'where they came from'}?`, options);
    const { StartMessageMoveTaskCommand } = await import('@aws-sdk/client-sqs');
    const SourceArn = await arnOf(sqs, url);
    await sqs.send(
      new StartMessageMoveTaskCommand({
        SourceArn,
        DestinationArn: to && (await arnOf(to.sqs, to.url)),
        MaxNumberOfMessagesPerSecond: options.rate,
      }),
    );
    const task = await ended(sqs, SourceArn, signal);
    const moved = task.ApproximateNumberOfMessagesMoved ?? 0;
    if (task.Status !== 'COMPLETED') {
      throw new Error(`${name}: the task ended as ${task.Status} after ${moved} messages: ${task.FailureReason}`);
    }
    print(task, [`Moved ${moved} message${moved === 1 ? '' : 's'} of ${name}.`], options);
  });
}

async function arnOf(sqs: SQSClient, QueueUrl: string): Promise<string> {
  const { GetQueueAttributesCommand } = await import('@aws-sdk/client-sqs');
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return Attributes?.QueueArn ?? '';
}

/** The newest task of a queue, once it has ended. */
async function ended(sqs: SQSClient, SourceArn: string, signal: AbortSignal): Promise<ListMessageMoveTasksResultEntry> {
  const { ListMessageMoveTasksCommand } = await import('@aws-sdk/client-sqs');
  for (;;) {
    const { Results: [task] = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
    if (task !== undefined && task.Status !== 'RUNNING' && task.Status !== 'CANCELLING') return task;
    await sleep(INTERVAL, undefined, { signal });
  }
}
