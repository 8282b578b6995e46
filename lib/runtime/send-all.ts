import {
  type MessageAttributeValue,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type EntryFailure, MAX_BATCH_ENTRIES, requestBatch } from './batch-request';

/** The most bytes that a message, and all messages of a batch together, may have: bodies and attributes. */
export const MAX_BATCH_BYTES = 1_048_576;

/** A message to send: the entry of a SendMessageBatch, but for the `Id`, which is ours to choose. */
export type OutgoingMessage = Omit<SendMessageBatchRequestEntry, 'Id'>;

/** Some messages were not sent. */
export class SendAllError extends Error {
  public override readonly name = 'SendAllError';

  constructor(
    /** Those that SQS did not accept. */
    public readonly failures: readonly EntryFailure<OutgoingMessage>[],
    /** How many it did accept. */
    public readonly sent: number,
  ) {
    const [{ code, reason }] = failures;
    super(`${failures.length} of ${failures.length + sent} messages were not sent; the first: ${code}: ${reason}`);
  }
}

/**
 * Sends messages in as few requests as possible: batches of up to ten messages and 1 MiB, one after the other, so that
 * a FIFO queue gets them in order. Entries that fail on SQS's side are sent again.
 *
 * @returns how many messages were sent: all of them
 * @throws SendAllError after everything has been tried, naming each message that was not accepted
 */
export async function sendAll(
  client: SQSClient,
  queueUrl: string,
  messages: Iterable<OutgoingMessage> | AsyncIterable<OutgoingMessage>,
): Promise<number> {
  const failures: EntryFailure<OutgoingMessage>[] = [];
  let sent = 0;
  for await (const batch of batches(messages)) {
    const failed = await sendBatch(client, queueUrl, batch);
    failures.push(...failed);
    sent += batch.length - failed.length;
  }
  if (failures.length > 0) throw new SendAllError(failures, sent);
  return sent;
}

async function sendBatch(
  client: SQSClient,
  queueUrl: string,
  batch: readonly OutgoingMessage[],
): Promise<EntryFailure<OutgoingMessage>[]> {
  try {
    return await requestBatch(batch, (Entries) =>
      client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
    );
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return batch.map((entry) => ({ entry, code: name, reason: message }));
  }
}

async function* batches(
  messages: Iterable<OutgoingMessage> | AsyncIterable<OutgoingMessage>,
): AsyncGenerator<OutgoingMessage[]> {
  let batch: OutgoingMessage[] = [];
  let bytes = 0;
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
  if (batch.length > 0) yield batch;
}

function sizeOf({ MessageBody = '', MessageAttributes = {} }: OutgoingMessage): number {
  const attribute = ([name, { DataType = '', StringValue = '', BinaryValue }]: [string, MessageAttributeValue]) =>
    Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue) + (BinaryValue?.length ?? 0);
  return Object.entries(MessageAttributes).reduce(
    (total, entry) => total + attribute(entry),
    Buffer.byteLength(MessageBody),
  );
}
