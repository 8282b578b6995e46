import type { Refusal } from './cloud';

// §1.2: shape, Query code and status of each error.

const legacy = (shape: string, message: string, status = 400): Refusal => ({
  shape,
  code: `AWS.SimpleQueueService.${shape}`,
  status,
  message,
});

export const noSuchQueue: Refusal = {
  shape: 'QueueDoesNotExist',
  code: 'AWS.SimpleQueueService.NonExistentQueue',
  message: 'The specified queue does not exist.',
  queryMessage: 'The specified queue does not exist for this wsdl version.',
};
export const missing = (parameter: string): Refusal => ({
  shape: 'MissingRequiredParameterException',
  code: 'MissingParameter',
  message: `The request must contain the parameter ${parameter}.`,
});
export const invalid = (message: string | RegExp): Refusal => ({
  shape: 'InvalidParameterValueException',
  code: 'InvalidParameterValue',
  message,
});
export const invalidValue = (parameter: string, value: string | number, reason: string): Refusal =>
  invalid(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);
export const invalidAttributeName = (message: string): Refusal => ({ shape: 'InvalidAttributeName', message });
export const unknownAttribute = (name: string): Refusal => invalidAttributeName(`Unknown Attribute ${name}.`);
export const invalidAttributeValue = (message: string | RegExp): Refusal => ({
  shape: 'InvalidAttributeValue',
  message,
});
export const nameExists = (attribute: string): Refusal => ({
  shape: 'QueueNameExists',
  code: 'QueueAlreadyExists',
  message: `A queue already exists with the same name and a different value for attribute ${attribute}`,
});
export const deletedRecently = legacy(
  'QueueDeletedRecently',
  'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
);
export const purgeInProgress = (queue: string): Refusal =>
  legacy('PurgeQueueInProgress', `Only one PurgeQueue operation on ${queue} is allowed every 60 seconds.`, 403);
export const emptyBatch = (entry: string): Refusal =>
  legacy('EmptyBatchRequest', `There should be at least one ${entry} in the request.`);
export const tooManyEntries = (count: number): Refusal =>
  legacy('TooManyEntriesInBatchRequest', `Maximum number of entries per request are 10. You have sent ${count}.`);
export const idsNotDistinct = (id: string): Refusal => legacy('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);
export const invalidEntryId = legacy(
  'InvalidBatchEntryId',
  'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
);
export const batchTooLong = (bytes: number): Refusal =>
  legacy('BatchRequestTooLong', `Batch requests cannot be longer than 1048576 bytes. You have sent ${bytes} bytes.`);
export const badHandle = (handle: string): Refusal => ({
  shape: 'ReceiptHandleIsInvalid',
  status: 404,
  message: `The input receipt handle "${handle}" is not a valid receipt handle.`,
});
export const expiredHandle = (handle: string): Refusal =>
  invalidValue('ReceiptHandle', handle, 'The receipt handle has expired.');
export const notAvailable = (handle: string): Refusal =>
  invalidValue('ReceiptHandle', handle, 'Message does not exist or is not available for visibility timeout change.');
export const overLimit = (message: string | RegExp): Refusal => ({ shape: 'OverLimit', status: 403, message });
