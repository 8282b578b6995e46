import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { AwsError } from '../../../core';
import { batchEntryIdsNotDistinct, emptyBatchRequest, invalidBatchEntryId, tooManyEntries } from '../errors';

const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

/**
 * Returns a batch's entries. Throws if there are too few or too many, or if their ids are malformed or not distinct.
 */
export function checkBatch<E extends { Id: string | undefined }>(
  entries: readonly E[] | undefined,
  shape: string,
  most: number,
): readonly E[] {
  if (entries === undefined || entries.length === 0) throw emptyBatchRequest(shape);
  if (entries.length > most) throw tooManyEntries(most, entries.length);
  const ids = new Set<string>();
  for (const { Id: id } of entries) {
    if (id === undefined || !ENTRY_ID.test(id)) throw invalidBatchEntryId();
    if (ids.has(id)) throw batchEntryIdsNotDistinct(id);
    ids.add(id);
  }
  return entries;
}

/** Runs each entry by itself: an entry that AWS would reject becomes a failed entry, and the others succeed. */
export function runBatch<E extends { Id: string | undefined }, R>(
  entries: readonly E[],
  run: (entry: E) => R,
): { Successful: R[] | undefined; Failed: BatchResultErrorEntry[] | undefined } {
  const successful: R[] = [];
  const failed: BatchResultErrorEntry[] = [];
  for (const entry of entries) {
    try {
      successful.push(run(entry));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { queryCode: Code, message: Message, fault } = error;
      failed.push({ Id: entry.Id, Code, Message, SenderFault: fault === 'Sender' });
    }
  }
  return {
    Successful: successful.length === 0 ? undefined : successful,
    Failed: failed.length === 0 ? undefined : failed,
  };
}
