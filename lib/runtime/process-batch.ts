import { contained, type Failure, logFailure } from './failure-log';
import { sequencesOf } from './sequences';

/** The fields used of a record of Lambda's SQS event; `SQSRecord` of `@types/aws-lambda` has them. */
export interface QueueRecord {
  readonly messageId: string;
  readonly eventSourceARN: string;
  readonly attributes: { readonly MessageGroupId?: string };
}

/** The response that an event source mapping with `ReportBatchItemFailures` expects. */
export interface PartialBatchResponse {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/**
 * Handles each record of an SQS event and reports the failed ones: they are redelivered after their visibility timeout,
 * and Lambda deletes the others. Without such a report, one bad record makes Lambda retry the whole batch.
 *
 * Records of a standard queue are handled concurrently. Those of a FIFO queue are handled in order within their message
 * group, up to the group's first failure: that record and all later ones are reported, so that order is kept.
 */
export async function processBatch<R extends QueueRecord>(
  event: { readonly Records: readonly R[] },
  handler: (record: R) => void | Promise<void>,
  onFailure: (failure: Failure) => void = logFailure,
): Promise<PartialBatchResponse> {
  const report = contained(onFailure);
  const failed = await Promise.all(
    sequencesOf(event.Records, groupOf).map((sequence) => inOrder(sequence, handler, report)),
  );
  return { batchItemFailures: failed.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/** The message group of records that must be handled in order; undefined on a standard queue. */
function groupOf({ eventSourceARN, attributes }: QueueRecord): string | undefined {
  return eventSourceARN.endsWith('.fifo') ? `${eventSourceARN} ${attributes.MessageGroupId}` : undefined;
}

async function inOrder<R extends QueueRecord>(
  records: readonly R[],
  handler: (record: R) => void | Promise<void>,
  report: (failure: Failure) => void,
): Promise<readonly R[]> {
  for (const [index, record] of records.entries()) {
    try {
      await handler(record);
    } catch (error) {
      report({ during: 'handle', error, messageId: record.messageId });
      return records.slice(index);
    }
  }
  return [];
}
