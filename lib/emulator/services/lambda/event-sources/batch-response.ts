/** What a function's answer says of its batch: which messages failed, or that the answer makes no sense. */
export type BatchOutcome = { readonly failed: ReadonlySet<string> } | 'unreadable';

/**
 * Reads the answer of a function whose mapping reports batch item failures. Nothing, null and an empty list are full
 * success. What cannot be read is full failure, and so is one identifier that is empty, misnamed, or of no message of
 * this batch: Lambda would rather deliver again than lose a message.
 */
export function readBatchResponse(payload: string | undefined, messageIds: ReadonlySet<string>): BatchOutcome {
  const none: BatchOutcome = { failed: new Set() };
  if (payload === undefined || payload === '') return none;
  let response: unknown;
  try {
    response = JSON.parse(payload);
  } catch {
    return 'unreadable';
  }
  if (response === null || response === '') return none;
  if (typeof response !== 'object' || Array.isArray(response)) return 'unreadable';
  const failures = (response as { batchItemFailures?: unknown }).batchItemFailures ?? null;
  if (failures === null) return none;
  if (!Array.isArray(failures)) return 'unreadable';
  const failed = new Set<string>();
  for (const failure of failures as unknown[]) {
    const identifier = (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier;
    if (typeof identifier !== 'string' || !messageIds.has(identifier)) return 'unreadable';
    failed.add(identifier);
  }
  return { failed };
}
