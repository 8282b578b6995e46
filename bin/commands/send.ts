import { text as readAll } from 'node:stream/consumers';
import { Command } from 'commander';
import { announceAccount } from '../clients';
import { option, UsageError } from '../command-line';
import { integer, map, text } from '../option-kinds';
import { print } from '../output';
import { findQueue } from '../queues';
import { addAwsOptions, type TargetOptions, targetOf } from '../target';

interface SendOptions extends TargetOptions {
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly delay?: number;
  readonly attribute?: readonly string[];
}

/** `spillway send`: sends a message. */
export function send(): Command {
  const command = new Command('send')
    .summary('send a message to a queue')
    .description("Sends a message to a queue, given by its name, its construct's path, or its URL.")
    .argument('<queue>', 'the queue')
    .argument('[body]', 'the body of the message (default: standard input)')
    .addOption(option('--group-id <id>', 'the message group, required for FIFO queues', text()))
    .addOption(option('--deduplication-id <id>', 'the deduplication id, for FIFO queues', text()))
    .addOption(option('--delay <seconds>', 'the delay, 0 to 900', integer(0, 900)))
    .option('--attribute <name=value>', 'a string attribute; may be repeated', (pair, all: string[] = []) => [
      ...all,
      pair,
    ]);
  return addAwsOptions(command).action(async (given: string, body: string | undefined, options: SendOptions) => {
    const target = targetOf(options);
    const attributes = map(text()).read(options.attribute ?? [], '--attribute');
    const MessageBody = body ?? (await standardInput());
    await announceAccount(target);
    const { name, sqs, url: QueueUrl } = await findQueue(target, given);
    const { SendMessageCommand } = await import('@aws-sdk/client-sqs');
    const { MessageId, SequenceNumber } = await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody,
        MessageGroupId: options.groupId,
        MessageDeduplicationId: options.deduplicationId,
        DelaySeconds: options.delay,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([key, StringValue]) => [key, { DataType: 'String', StringValue }]),
        ),
      }),
    );
    print({ MessageId, SequenceNumber }, [`Sent ${MessageId} to ${name}.`], options);
  });
}

async function standardInput(): Promise<string> {
  if (process.stdin.isTTY) throw new UsageError('a body is required: as the last argument, or on standard input');
  const input = await readAll(process.stdin);
  return input.replace(/\n$/, '');
}
