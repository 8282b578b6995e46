import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { pause } from './pause';

/** The maximum number of entries of SendMessageBatch, DeleteMessageBatch or ChangeMessageVisibilityBatch. */
export const MAX_BATCH_ENTRIES = 10;
const ATTEMPTS = 4;
const FIRST_PAUSE = 100;

/** An entry that SQS did not accept, with the reason. */
export interface EntryFailure<Entry> {
  readonly entry: Entry;
  /** SQS's error code, or the name of the error if the whole request failed. */
  readonly code: string;
  readonly reason: string;
  /** Whether the entry or its sender is at fault, so that the same request would fail again. */
  readonly senderFault: boolean;
  /** Whether SQS may have accepted the entry anyway: the whole request failed, and not with a sender's error. */
  readonly uncertain: boolean;
  /** The error that the request threw, if it failed as a whole. */
  readonly cause?: unknown;
}

/** Sends one batch request. */
export type SendBatch<Entry> = (
  entries: (Entry & { Id: string })[],
) => Promise<{ Failed?: readonly BatchResultErrorEntry[] }>;

/**
 * Runs a batch action of SQS for at most ten entries.
 *
 * A batch responds with 200 even if entries failed, so an unread `Failed` list is lost work. Entries that failed on
 * SQS's side are retried (4 attempts, 100 ms apart, doubling); a sender's fault would only fail again.
 *
 * @param groupOf the group in which entries must be accepted in batch order; default: none. A group stops at its first
 * failure. An entry is retried only while nothing behind it in its group has been accepted, so that a wrong order does
 * not get worse
 * @returns for each entry, in batch order, its final failure, if any; never rejects
 */
export async function requestBatch<Entry>(
  entries: readonly Entry[],
  send: SendBatch<Entry>,
  groupOf: (entry: Entry) => string | undefined = () => undefined,
): Promise<(EntryFailure<Entry> | undefined)[]> {
  const outcomes = new Array<EntryFailure<Entry> | undefined>(entries.length).fill(undefined);
  let pending = [...entries.keys()];
  for (let attempt = 1; pending.length > 0; attempt++) {
    const failures = await attemptBatch(
      pending.map((index) => entries[index]),
      send,
    );
    const stopped = stoppedGroups(
      pending.map((index) => groupOf(entries[index])),
      failures,
    );
    const repeat: number[] = [];
    for (const [position, failure] of failures.entries()) {
      if (failure === undefined) continue;
      const index = pending[position];
      if (attempt === ATTEMPTS || isFinal(failure) || stopped.has(groupOf(failure.entry))) outcomes[index] = failure;
      else repeat.push(index);
    }
    pending = repeat;
    if (pending.length > 0) await pause(FIRST_PAUSE * 2 ** (attempt - 1));
  }
  return outcomes;
}

/** Sends one request. If it throws, the SDK has already retried it. */
async function attemptBatch<Entry>(
  entries: readonly Entry[],
  send: SendBatch<Entry>,
): Promise<(EntryFailure<Entry> | undefined)[]> {
  try {
    const { Failed = [] } = await send(entries.map((entry, index) => ({ ...entry, Id: String(index) })));
    const failures = new Map(Failed.map((failure) => [failure.Id, failure]));
    return entries.map((entry, index) => {
      const failure = failures.get(String(index));
      return failure && entryFailure(entry, failure);
    });
  } catch (error) {
    return entries.map((entry) => requestFailure(entry, error));
  }
}

/** The groups that are stopped: an entry finally failed, or one behind it was accepted. */
function stoppedGroups(
  groups: readonly (string | undefined)[],
  failures: readonly (EntryFailure<unknown> | undefined)[],
): Set<string | undefined> {
  const failing = new Set<string>();
  const stopped = new Set<string | undefined>();
  for (const [index, group] of groups.entries()) {
    if (group === undefined) continue;
    const failure = failures[index];
    if (failure !== undefined) failing.add(group);
    if (failure === undefined ? failing.has(group) : isFinal(failure)) stopped.add(group);
  }
  return stopped;
}

function isFinal({ senderFault, cause }: EntryFailure<unknown>): boolean {
  return senderFault || cause !== undefined;
}

function entryFailure<Entry>(entry: Entry, failure: BatchResultErrorEntry): EntryFailure<Entry> {
  const { Code = 'Unknown', Message = Code, SenderFault = false } = failure;
  return { entry, code: Code, reason: Message, senderFault: SenderFault, uncertain: false };
}

function requestFailure<Entry>(entry: Entry, thrown: unknown): EntryFailure<Entry> {
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { $metadata } = cause as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  const senderFault = status >= 400 && status < 500;
  return { entry, code: cause.name, reason: cause.message, senderFault, uncertain: !senderFault, cause };
}
