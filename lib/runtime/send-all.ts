import {
  type MessageAttributeValue,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type EntryFailure, MAX_BATCH_ENTRIES, requestBatch } from './batch-request';

/** The maximum bytes of a message, and of all messages in a batch together: bodies and attributes. */
export const MAX_BATCH_BYTES = 1_048_576;

/** A message to send: an entry of SendMessageBatch without its `Id`, which is generated. */
export type OutgoingMessage = Omit<SendMessageBatchRequestEntry, 'Id'>;

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

/** The code of a message that {@link sendAll} did not try, because an earlier one of its group was not sent. */
const HELD_BACK = 'HeldBack';

/**
 * Sends messages in as few requests as possible: batches of up to ten messages and 1 MiB, one after another. Entries
 * that fail on SQS's side are retried.
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
  const groupOf = ({ MessageGroupId = '' }: OutgoingMessage): string | undefined => (fifo ? MessageGroupId : undefined);
  const failures: EntryFailure<OutgoingMessage>[] = [];
  const stopped = new Set<string | undefined>();
  let sent = 0;
  const sendBatch = async (batch: readonly OutgoingMessage[]): Promise<void> => {
    const open = batch.filter((entry) => !stopped.has(groupOf(entry)));
    const outcomes = await requestBatch(
      open,
      (Entries) => client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
      groupOf,
    );
    let next = 0;
    for (const entry of batch) {
      const failure = entry === open[next] ? outcomes[next++] : heldBack(entry);
      if (failure === undefined) {
        sent++;
        continue;
      }
      failures.push(failure);
      if (fifo) stopped.add(groupOf(entry));
    }
  };
  try {
    for await (const batch of batches(messages)) await sendBatch(batch);
  } catch (cause) {
    throw new SendAllError(failures, sent, { cause });
  }
  if (failures.length === 0) return sent;
  throw new SendAllError(failures, sent, { cause: failures.find(({ cause }) => cause !== undefined)?.cause });
}

function heldBack(entry: OutgoingMessage): EntryFailure<OutgoingMessage> {
  const reason = `a message before it in its message group "${entry.MessageGroupId}" was not sent`;
  return { entry, code: HELD_BACK, reason, senderFault: false, uncertain: false };
}

/** Rethrows an error of the iterable after yielding what was read before it. */
async function* batches(
  messages: Iterable<OutgoingMessage> | AsyncIterable<OutgoingMessage>,
): AsyncGenerator<OutgoingMessage[]> {
  let batch: OutgoingMessage[] = [];
  let bytes = 0;
  let failed: { readonly error: unknown } | undefined;
  try {
    for await (const message of messages) {
      const size = sizeOf(message);
      if (batch.length === MAX_BATCH_ENTRIES || (batch.length > 0 && bytes + size > MAX_BATCH_BYTES)) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      batch.push(message);
      bytes += size;
    }
  } catch (error) {
    failed = { error };
  }
  if (batch.length > 0) yield batch;
  if (failed !== undefined) throw failed.error;
}

function sizeOf({ MessageBody = '', MessageAttributes = {} }: OutgoingMessage): number {
  const attribute = ([name, { DataType = '', StringValue = '', BinaryValue }]: [string, MessageAttributeValue]) =>
    Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue) + (BinaryValue?.length ?? 0);
  return Object.entries(MessageAttributes).reduce(
    (total, entry) => total + attribute(entry),
    Buffer.byteLength(MessageBody),
  );
}
