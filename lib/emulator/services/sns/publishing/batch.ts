import type { BatchResultErrorEntry, PublishBatchRequestEntry, PublishBatchResultEntry } from '@aws-sdk/client-sns';
import { AwsError } from '../../../core';
import { emptyBatch, entryIdInvalid, entryIdsNotDistinct, entryIdTooLong, tooManyEntries } from '../errors';

const LONGEST_ID = 80;

/**
 * Returns a batch's entries. Throws if there are none or too many, or if their ids are malformed or not distinct.
 */
export function checkBatch(
  entries: readonly PublishBatchRequestEntry[] = [],
  most: number,
): readonly PublishBatchRequestEntry[] {
  if (entries.length === 0) throw emptyBatch();
  if (entries.length > most) throw tooManyEntries();
  const ids = new Set<string>();
  for (const { Id: id = '' } of entries) {
    if (id.length > LONGEST_ID) throw entryIdTooLong(id);
    if (!/^[A-Za-z0-9_-]+$/.test(id)) throw entryIdInvalid(id);
    if (ids.has(id)) throw entryIdsNotDistinct();
    ids.add(id);
  }
  return entries;
}

/** Runs each entry by itself: one that is refused becomes a failed entry, and the others succeed. */
export function runBatch<T extends { readonly Id: string }>(
  entries: readonly T[],
  run: (entry: T) => Omit<PublishBatchResultEntry, 'Id'>,
): { Successful: PublishBatchResultEntry[]; Failed: BatchResultErrorEntry[] } {
  const Successful: PublishBatchResultEntry[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  for (const entry of entries) {
    const { Id } = entry;
    try {
      Successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id, Code: error.queryCode, Message: error.message, SenderFault: error.fault === 'Sender' });
    }
  }
  return { Successful, Failed };
}
