import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { AwsError } from '../../../core';
import { batchEntryIdsNotDistinct, emptyBatchRequest, invalidBatchEntryId, tooManyEntries } from '../errors';

const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

/** The entries of a batch request, once found to be so many as allowed, with ids that are well-formed and distinct. */
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

/** Runs each entry on its own: what AWS refuses becomes a failed entry, and the others go on. */
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
