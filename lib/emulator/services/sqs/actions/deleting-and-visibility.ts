import type {
  ChangeMessageVisibilityBatchRequest,
  ChangeMessageVisibilityBatchResult,
  ChangeMessageVisibilityRequest,
  DeleteMessageBatchRequest,
  DeleteMessageBatchResult,
  DeleteMessageRequest,
} from '@aws-sdk/client-sqs';
import { checkBatch, runBatch } from './batch';
import type { Queue } from '../queue/queue';
import { required, visibility } from './validation';

// What receivers do with the messages that they received. Waiting receives are served after the whole batch.

export function deleteMessage(queue: Queue, input: DeleteMessageRequest): void {
  const handle = required(input.ReceiptHandle, 'ReceiptHandle');
  queue.use('delete');
  queue.delete(handle);
  queue.serve();
}

export function deleteMessageBatch(queue: Queue, input: DeleteMessageBatchRequest): DeleteMessageBatchResult {
  const most = queue.context.limits.batchEntries;
  const entries = checkBatch(input.Entries, 'DeleteMessageBatchRequestEntry', most);
  queue.use('delete');
  const result = runBatch(entries, ({ Id, ReceiptHandle }) => {
    queue.delete(required(ReceiptHandle, 'ReceiptHandle'));
    return { Id };
  });
  queue.serve();
  return result;
}

export function changeMessageVisibility(queue: Queue, input: ChangeMessageVisibilityRequest): void {
  const handle = required(input.ReceiptHandle, 'ReceiptHandle');
  const hideFor = visibility(required(input.VisibilityTimeout, 'VisibilityTimeout'), queue.context.limits);
  queue.use('changeVisibility');
  queue.changeVisibility(handle, hideFor);
  queue.serve();
}

export function changeMessageVisibilityBatch(
  queue: Queue,
  input: ChangeMessageVisibilityBatchRequest,
): ChangeMessageVisibilityBatchResult {
  const { limits } = queue.context;
  const entries = checkBatch(input.Entries, 'ChangeMessageVisibilityBatchRequestEntry', limits.batchEntries);
  queue.use('changeVisibility');
  const result = runBatch(entries, (entry) => {
    const handle = required(entry.ReceiptHandle, 'ReceiptHandle');
    queue.changeVisibility(handle, visibility(required(entry.VisibilityTimeout, 'VisibilityTimeout'), limits));
    return { Id: entry.Id };
  });
  queue.serve();
  return result;
}
