import { AwsError, type Denial } from '../../core';
import type { SessionRefusal } from '../../core/policy';

// One function per error of SQS. The texts are AWS's, since clients match on them.

const legacy = (code: string) => `AWS.SimpleQueueService.${code}`;

export const queueDoesNotExist = () =>
  new AwsError('QueueDoesNotExist', 'The specified queue does not exist.', {
    queryCode: legacy('NonExistentQueue'),
    queryMessage: 'The specified queue does not exist for this wsdl version.',
  });

export const queueNameExists = (attribute: string) =>
  new AwsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
    { queryCode: 'QueueAlreadyExists' },
  );

export const queueDeletedRecently = (seconds: number) =>
  new AwsError(
    'QueueDeletedRecently',
    `You must wait ${seconds} seconds after deleting a queue before you can create another with the same name.`,
    { queryCode: legacy('QueueDeletedRecently') },
  );

export const purgeQueueInProgress = (queue: string, seconds: number) =>
  new AwsError(
    'PurgeQueueInProgress',
    `Only one PurgeQueue operation on ${queue} is allowed every ${seconds} seconds.`,
    { status: 403, queryCode: legacy('PurgeQueueInProgress') },
  );

export const overLimit = (message: string) => new AwsError('OverLimit', message, { status: 403 });

export const invalidAttributeName = (message: string) => new AwsError('InvalidAttributeName', message);

export const unknownAttribute = (name: string) => invalidAttributeName(`Unknown Attribute ${name}.`);

export const invalidAttributeValue = (name: string, reason: string) =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}. Reason: ${reason}`);

export const invalidMessageContents = () =>
  new AwsError(
    'InvalidMessageContents',
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
  );

export const receiptHandleIsInvalid = (handle: string) =>
  new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`, {
    status: 404,
  });

export const handleOfAnotherQueue = (handle: string) =>
  new AwsError('ReceiptHandleIsInvalid', `The receipt handle "${handle}" is not valid for this queue.`, {
    status: 404,
  });

export const emptyBatchRequest = (entry: string) =>
  new AwsError('EmptyBatchRequest', `There should be at least one ${entry} in the request.`, {
    queryCode: legacy('EmptyBatchRequest'),
  });

export const tooManyEntries = (allowed: number, sent: number) =>
  new AwsError(
    'TooManyEntriesInBatchRequest',
    `Maximum number of entries per request are ${allowed}. You have sent ${sent}.`,
    { queryCode: legacy('TooManyEntriesInBatchRequest') },
  );

export const batchEntryIdsNotDistinct = (id: string) =>
  new AwsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`, { queryCode: legacy('BatchEntryIdsNotDistinct') });

export const invalidBatchEntryId = () =>
  new AwsError(
    'InvalidBatchEntryId',
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
    { queryCode: legacy('InvalidBatchEntryId') },
  );

export const batchRequestTooLong = (allowed: number, sent: number) =>
  new AwsError(
    'BatchRequestTooLong',
    `Batch requests cannot be longer than ${allowed} bytes. You have sent ${sent} bytes.`,
    { queryCode: legacy('BatchRequestTooLong') },
  );

/** An error that AWS's model of SQS lacks, but that SQS returns; the Query protocol omits the suffix. */
export const invalidParameterValue = (message: string) =>
  new AwsError('InvalidParameterValueException', message, { queryCode: 'InvalidParameterValue' });

export const invalidValue = (parameter: string, value: string | number, reason: string) =>
  invalidParameterValue(`Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`);

export const missingParameter = (parameter: string) =>
  new AwsError('MissingRequiredParameterException', `The request must contain the parameter ${parameter}.`, {
    queryCode: 'MissingParameter',
  });

// AWS words the same error differently in a batch.
export const messageTooLong = (allowed: number, inBatch: boolean) =>
  invalidParameterValue(
    `One or more parameters ${inBatch ? 'cannot be validated' : 'are invalid'}. Reason: Message must be shorter than ${allowed} bytes.`,
  );

export const receiptHandleExpired = (handle: string) =>
  invalidValue('ReceiptHandle', handle, 'The receipt handle has expired.');

export const messageNotAvailable = (handle: string) =>
  invalidValue('ReceiptHandle', handle, 'Message does not exist or is not available for visibility timeout change.');

// The errors of KMS that SQS translates: its shape, and its code on the Query protocol.
const KMS_ERRORS: Readonly<Record<string, readonly [shape: string, code: string]>> = {
  AccessDeniedException: ['KmsAccessDenied', 'KMS.AccessDeniedException'],
  DisabledException: ['KmsDisabled', 'KMS.DisabledException'],
  InvalidKeyUsageException: ['KmsInvalidKeyUsage', 'KMS.InvalidKeyUsageException'],
  KMSInvalidStateException: ['KmsInvalidState', 'KMS.InvalidStateException'],
  NotFoundException: ['KmsNotFound', 'KMS.NotFoundException'],
  OptInRequired: ['KmsOptInRequired', 'KMS.OptInRequired'],
  ThrottlingException: ['KmsThrottled', 'KMS.ThrottlingException'],
};

/** SQS's error for an error of KMS; undefined if SQS has none. */
export const kmsError = ({ shape, message, denial }: AwsError): AwsError | undefined => {
  if (!Object.hasOwn(KMS_ERRORS, shape)) return undefined;
  const [name, queryCode] = KMS_ERRORS[shape];
  return new AwsError(name, message, { queryCode, status: name === 'KmsOptInRequired' ? 403 : 400, denial });
};

export const moveResourceNotFound = (parameter: string) =>
  new AwsError(
    'ResourceNotFoundException',
    `The resource that you specified for the ${parameter} parameter doesn't exist.`,
    { status: 404 },
  );

export const moveTaskNotFound = () =>
  new AwsError('ResourceNotFoundException', 'Task does not exist.', { status: 404 });

/** A move task without a destination found a message that did not come from another queue's redrive. */
export const couldNotDetermineMessageSource = () =>
  new AwsError('CouldNotDetermineMessageSource', 'The queue that the message came from is not known.');

/** A FIFO queue received more requests in a second than it accepts. */
export const fifoThrottled = () =>
  new AwsError('ThrottlingException', 'Rate exceeded', { status: 403, queryCode: 'ThrottlingException' });

export const requestThrottled = () =>
  new AwsError('RequestThrottled', 'Request is throttled.', { status: 403, queryCode: 'RequestThrottled' });

/** Why a queue policy refuses: a Deny statement, no Allow statement, or an action that only the owner may perform. */
type Refusal = 'denied' | 'not allowed' | 'owner only';

export const accessDenied = (principal: string, action: string, queueArn: string, why: Refusal) => {
  const asked = `sqs:${action.toLowerCase()}`;
  const reasons: Readonly<Record<Refusal, string>> = {
    denied: ' with an explicit deny in a resource-based policy',
    'not allowed': ` because no resource-based policy allows the ${asked} action`,
    'owner only': '',
  };
  const denial = {
    policyOf: queueArn,
    actions: [`sqs:${action}`],
    explicit: why === 'denied',
    fixed: why === 'owner only',
  };
  return notAuthorized(principal, action, queueArn, reasons[why], denial);
};

/** The policies of a role, or of the queue, refuse a session of the role. */
export const sessionDenied = (
  principal: string,
  action: string,
  queueArn: string,
  { reason, denial }: SessionRefusal,
) => notAuthorized(principal, action, queueArn, ` ${reason}`, denial);

function notAuthorized(principal: string, action: string, queueArn: string, reason: string, denial: Denial): AwsError {
  const asked = `sqs:${action.toLowerCase()}`;
  const text = `User: ${principal} is not authorized to perform: ${asked} on resource: ${queueArn}${reason}`;
  return new AwsError('AccessDeniedException', text, { status: 403, queryCode: 'AccessDenied', denial });
}
