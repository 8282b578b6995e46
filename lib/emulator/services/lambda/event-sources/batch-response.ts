/** The outcome of a batch: the messages that failed, or why the response is invalid. */
export type BatchOutcome = { readonly failed: ReadonlySet<string> } | 'unreadable';

/**
 * Reads the response of a function whose mapping uses ReportBatchItemFailures. An empty response, null and an empty
 * list mean success. An unreadable response means that the whole batch failed, and so does an identifier that is empty,
 * misspelled or not in the batch: Lambda rather delivers twice than loses a message.
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
