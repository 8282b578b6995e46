import { Command } from 'commander';
import { announceAccount } from '../clients';
import { option } from '../command-line';
import { integer } from '../option-kinds';
import { print } from '../output';
import { findQueue } from '../queues';
import { addAwsOptions, type TargetOptions, targetOf } from '../target';

interface ReceiveOptions extends TargetOptions {
  readonly max: number;
  readonly wait: number;
  readonly visibilityTimeout?: number;
  readonly delete?: boolean;
}

/** `spillway receive`: receives messages, as a consumer does. */
export function receive(): Command {
  const command = new Command('receive')
    .summary('receive messages, as a consumer does')
    .description(
      'Receives messages from a queue and prints their bodies. They are hidden for the visibility timeout, and the ' +
        'receive counts. To look at them only, use "spillway peek".',
    )
    .argument('<queue>', "the queue: its name, its construct's path, or its URL")
    .addOption(option('--max <number>', 'how many, 1 to 10', integer(1, 10)).default(1))
    .addOption(option('--wait <seconds>', 'how long to wait for a message, 0 to 20', integer(0, 20)).default(0))
    .addOption(
      option('--visibility-timeout <seconds>', 'how long to hide them (default: as the queue)', integer(0, 43_200)),
    )
    .option('--delete', 'delete what was received');
  return addAwsOptions(command).action(async (given: string, options: ReceiveOptions) => {
    const target = targetOf(options);
    await announceAccount(target);
    const { sqs, url: QueueUrl } = await findQueue(target, given);
    const { DeleteMessageCommand, ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: options.max,
        WaitTimeSeconds: options.wait,
        VisibilityTimeout: options.visibilityTimeout,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    print(Messages, Messages.length === 0 ? ['No messages.'] : Messages.map(({ Body = '' }) => Body), options);
    for (const { ReceiptHandle } of options.delete === true ? Messages : []) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  });
}
