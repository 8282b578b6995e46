import { Command } from 'commander';
import type { PeekedMessage } from '../../lib/emulator';
import { option } from '../command-line';
import { LocalCloudApi } from '../local-cloud';
import { integer } from '../option-kinds';
import { print, timeOfDay } from '../output';
import { findQueue } from '../queues';
import { addAwsOptions, refuseAws, type TargetOptions, targetOf } from '../target';

/** `spillway peek`: shows a queue's messages, and changes nothing. */
export function peek(): Command {
  const command = new Command('peek')
    .summary("show a queue's messages without receiving them")
    .description('Shows the messages of a queue, oldest first. Hides none of them, and no receive counts.')
    .argument('<queue>', "the queue: its name, its construct's path, or its URL")
    .addOption(option('--max <number>', 'how many, 1 to 1000', integer(1, 1_000)).default(10));
  return addAwsOptions(command).action(async (given: string, options: TargetOptions & { readonly max: number }) => {
    refuseAws(options, 'peek', 'SQS has no such operation; use receive --visibility-timeout 0, which counts a receive');
    const target = targetOf(options);
    const { name, account, region } = await findQueue(target, given);
    const query = new URLSearchParams({ account, region, queue: name, max: String(options.max) });
    const messages = (await new LocalCloudApi(target).call('GET', `messages?${query.toString()}`)) as PeekedMessage[];
    const lines = messages.map(
      ({ state, receiveCount, sentAt, body }) =>
        `${timeOfDay(sentAt)}  ${state}${receiveCount > 0 ? ` (received ${receiveCount} times)` : ''}  ${body}`,
    );
    print(messages, lines.length === 0 ? ['No messages.'] : lines, options);
  });
}
