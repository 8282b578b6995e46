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

/** What became of an entry: its final failure, or else what SQS answered of it, if anything. */
export interface EntryOutcome<Entry, Result> {
  readonly failure?: EntryFailure<Entry>;
  readonly result?: Result;
}

/** Sends one batch request. */
export type SendBatch<Entry, Result = unknown> = (entries: (Entry & { Id: string })[]) => Promise<{
  Failed?: readonly BatchResultErrorEntry[];
  Successful?: readonly (Result & { readonly Id: string | undefined })[];
}>;

/**
 * Runs a batch action of SQS for at most ten entries.
 *
 * A batch responds with 200 even if entries failed, so an unread `Failed` list is lost work. Entries that failed on
 * SQS's side are retried (4 attempts, 100 ms apart, doubling); a sender's fault would only fail again.
 *
 * @param groupOf the group in which entries must be accepted in batch order; default: none. A group stops at its first
 * failure. An entry is retried only while nothing behind it in its group has been accepted, so that a wrong order does
 * not get worse
 * @returns the outcome of each entry, in batch order; never rejects
 */
export async function requestBatch<Entry, Result = unknown>(
  entries: readonly Entry[],
  send: SendBatch<Entry, Result>,
  groupOf: (entry: Entry) => string | undefined = () => undefined,
): Promise<EntryOutcome<Entry, Result>[]> {
  const outcomes: EntryOutcome<Entry, Result>[] = [];
  let pending = [...entries.keys()];
  for (let attempt = 1; pending.length > 0; attempt++) {
    const answers = await attemptBatch(
      pending.map((index) => entries[index]),
      send,
    );
    const stopped = stoppedGroups(
      pending.map((index) => groupOf(entries[index])),
      answers.map(({ failure }) => failure),
    );
    const repeat: number[] = [];
    for (const [position, answer] of answers.entries()) {
      const index = pending[position];
      outcomes[index] = answer;
      const { failure } = answer;
      if (failure === undefined || attempt === ATTEMPTS || isFinal(failure)) continue;
      if (!stopped.has(groupOf(failure.entry))) repeat.push(index);
    }
    pending = repeat;
    if (pending.length > 0) await pause(FIRST_PAUSE * 2 ** (attempt - 1));
  }
  return outcomes;
}

/** Sends one request. If it throws, the SDK has already retried it. */
async function attemptBatch<Entry, Result>(
  entries: readonly Entry[],
  send: SendBatch<Entry, Result>,
): Promise<EntryOutcome<Entry, Result>[]> {
  try {
    const { Failed = [], Successful = [] } = await send(
      entries.map((entry, index) => ({ ...entry, Id: String(index) })),
    );
    const failures = new Map(Failed.map((failure) => [failure.Id, failure]));
    const results = new Map(Successful.map((result) => [result.Id, result]));
    return entries.map((entry, index) => {
      const failure = failures.get(String(index));
      return failure ? { failure: entryFailure(entry, failure) } : { result: results.get(String(index)) };
    });
  } catch (error) {
    return entries.map((entry) => ({ failure: requestFailure(entry, error) }));
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
