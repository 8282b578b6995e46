import type { SQSClient } from '@aws-sdk/client-sqs';
import type { EntryFailure } from './batch-request';
import { heldBack, type MessageNotSentError, type OutgoingMessage, QueueProducer } from './queue-producer';

/** How many messages are read ahead of those that SQS has accepted. */
const READ_AHEAD = 100;

/** Some messages were not sent, or reading them failed. */
export class SendAllError extends Error {
  public override readonly name = 'SendAllError';

  constructor(
    /** The messages that SQS did not accept, in their original order. All others that were read were sent. */
    public readonly failures: readonly EntryFailure<OutgoingMessage>[],
    /** How many messages SQS accepted. */
    public readonly sent: number,
    /** `cause` is the error of the iterable, if reading the messages failed, or else of the first failed request. */
    options?: ErrorOptions,
  ) {
    super(describe(failures, sent, options), options);
  }
}

function describe(failures: readonly EntryFailure<OutgoingMessage>[], sent: number, options?: ErrorOptions): string {
  const unsent = failures.map(
    ({ code, reason }) =>
      `${failures.length} of ${failures.length + sent} messages were not sent; the first: ${code}: ${reason}`,
  );
  return unsent[0] ?? `reading the messages failed after ${sent} of them were sent: ${String(options?.cause)}`;
}

/**
 * Sends messages in as few requests as possible: batches of up to ten messages and 1 MiB, one after another. Entries
 * that fail on SQS's side are retried. For messages that come one by one, use {@link QueueProducer}.
 *
 * A FIFO queue receives each message group in order: after the first message that is not sent, the rest of its group is
 * not sent either (code `HeldBack`). If SQS itself accepts messages behind a failed one in the same batch, they are
 * ahead of it, and the failed one is not retried.
 *
 * @returns how many messages were sent: all of them
 * @throws SendAllError after everything has been tried, with each message that was not accepted
 */
export async function sendAll(
  client: SQSClient,
  queueUrl: string,
  messages: Iterable<OutgoingMessage> | AsyncIterable<OutgoingMessage>,
): Promise<number> {
  const fifo = queueUrl.endsWith('.fifo');
  const producer = new QueueProducer({
    client,
    queueUrl,
    lingerMilliseconds: Infinity,
    concurrency: 1,
    maxBufferedMessages: READ_AHEAD,
  });
  const stopped = new Set<string | undefined>();
  const failures: (EntryFailure<OutgoingMessage> | undefined)[] = [];
  let read = 0;
  let sent = 0;
  let failedRead: { readonly error: unknown } | undefined;
  try {
    for await (const message of messages) {
      await producer.ready();
      const index = read++;
      if (fifo && stopped.has(message.MessageGroupId)) {
        failures[index] = heldBack(message);
        continue;
      }
      void producer.send(message).then(
        () => sent++,
        (error: MessageNotSentError) => {
          failures[index] = error.failure;
          stopped.add(message.MessageGroupId);
        },
      );
    }
  } catch (error) {
    failedRead = { error };
  }
  await producer.close();
  const unsent = failures.filter((failure) => failure !== undefined);
  if (failedRead !== undefined) throw new SendAllError(unsent, sent, { cause: failedRead.error });
  if (unsent.length === 0) return sent;
  throw new SendAllError(unsent, sent, { cause: unsent.find(({ cause }) => cause !== undefined)?.cause });
}
