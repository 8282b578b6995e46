import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { pause } from './pause';

/** The most entries in one SendMessageBatch, DeleteMessageBatch or ChangeMessageVisibilityBatch. */
export const MAX_BATCH_ENTRIES = 10;
const ATTEMPTS = 4;
const FIRST_PAUSE = 100;

/** An entry that SQS did not accept, and why. */
export interface EntryFailure<Entry> {
  readonly entry: Entry;
  readonly code: string;
  readonly reason: string;
}

/**
 * Carries out one of SQS's batch actions for at most ten entries.
 *
 * A batch answers 200 even when entries failed, so an unread `Failed` list is lost work. Entries that failed on SQS's
 * side are repeated (4 attempts, 100 ms apart, doubling); a sender's fault would only fail again.
 *
 * @returns the entries that failed for good; a failure of the whole request is thrown
 */
export async function requestBatch<Entry>(
  entries: readonly Entry[],
  send: (entries: (Entry & { Id: string })[]) => Promise<{ Failed?: BatchResultErrorEntry[] }>,
): Promise<EntryFailure<Entry>[]> {
  const failures: EntryFailure<Entry>[] = [];
  let pending = entries;
  for (let attempt = 1; pending.length > 0; attempt++) {
    const { Failed = [] } = await send(pending.map((entry, index) => ({ ...entry, Id: String(index) })));
    const repeat: Entry[] = [];
    for (const { Id, Code, Message, SenderFault } of Failed) {
      const entry = pending[Number(Id)];
      if (SenderFault || attempt === ATTEMPTS) {
        failures.push({ entry, code: Code ?? 'Unknown', reason: Message ?? Code ?? 'no reason given' });
      } else repeat.push(entry);
    }
    pending = repeat;
    if (pending.length > 0) await pause(FIRST_PAUSE * 2 ** (attempt - 1));
  }
  return failures;
}
