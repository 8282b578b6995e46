import { AwsError, type Denial } from '../../core';
import type { SessionRefusal } from '../../core/policy';

// One function per error of SNS. The texts are AWS's, since clients match on them.

const error = (code: string, message: string, details: { status?: number; denial?: Denial } = {}) =>
  new AwsError(`${code}Exception`, message, { queryCode: code, ...details });

export const invalidParameter = (reason: string) => error('InvalidParameter', `Invalid parameter: ${reason}`);

/** An InvalidParameter whose text does not begin as most do. */
export const invalid = (message: string) => error('InvalidParameter', message);

export const parameterValueInvalid = (message: string) =>
  new AwsError('InvalidParameterValueException', message, { queryCode: 'ParameterValueInvalid' });

export const notFound = (what: string) => error('NotFound', `${what} does not exist`, { status: 404 });

/** TagResource and its kin have an error of their own for a topic that does not exist. */
export const resourceNotFound = () => error('ResourceNotFound', 'Resource does not exist', { status: 404 });

export const throttled = () => error('Throttled', 'Rate exceeded', { status: 429 });

export const topicLimitExceeded = (most: number) =>
  error('TopicLimitExceeded', `An account can have at most ${most} topics of this kind.`, { status: 403 });

export const subscriptionLimitExceeded = (most: number) =>
  error('SubscriptionLimitExceeded', `A topic can have at most ${most} subscriptions.`, { status: 403 });

export const filterPolicyLimitExceeded = (most: number, of: string) =>
  error('FilterPolicyLimitExceeded', `${of} can have at most ${most} filter policies.`, { status: 403 });

export const tagLimitExceeded = (most: number) =>
  error('TagLimitExceeded', `Could not complete request: tag quota of ${most} per resource exceeded`);

export const emptyBatch = () => error('EmptyBatchRequest', "The batch request doesn't contain any entries.");

export const tooManyEntries = () =>
  error('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.');

export const entryIdsNotDistinct = () =>
  error('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');

export const entryIdTooLong = (id: string) =>
  error('InvalidBatchEntryId', `The Id of a batch entry in the batch request is too long: ${id}`);

export const entryIdInvalid = (id: string) =>
  error(
    'InvalidBatchEntryId',
    `The Id of a batch entry in the batch request contains an impermissible character: ${id}`,
  );

export const batchTooLong = () =>
  error('BatchRequestTooLong', 'The length of all the messages put together is more than the limit.');

/** `principal` may not perform the action, because the topic's policy denies or does not allow it. */
export const notAuthorized = (principal: string, action: string, topicArn: string, explicit: boolean) => {
  const reason = explicit
    ? 'with an explicit deny in a resource-based policy'
    : `because no resource-based policy allows the SNS:${action} action`;
  const text = `User: ${principal} is not authorized to perform: SNS:${action} on resource: ${topicArn} ${reason}`;
  const denial = { policyOf: topicArn, actions: [`sns:${action}`], explicit };
  return error('AuthorizationError', text, { status: 403, denial });
};

/** The policies of a role, or of the topic, refuse a session of the role. */
export const sessionDenied = (
  principal: string,
  action: string,
  topicArn: string,
  { reason, denial }: SessionRefusal,
) => {
  const text = `User: ${principal} is not authorized to perform: SNS:${action} on resource: ${topicArn} ${reason}`;
  return error('AuthorizationError', text, { status: 403, denial });
};

/** Only the owner may do it, whatever the topic's policy says. */
export const ownerOnly = (principal: string, action: string, arn: string) =>
  error('AuthorizationError', `User: ${principal} is not authorized to perform: SNS:${action} on resource: ${arn}`, {
    status: 403,
  });

// The errors of KMS that SNS translates, and its codes for them.
const KMS_ERRORS: Readonly<Record<string, string>> = {
  AccessDeniedException: 'KMSAccessDenied',
  DisabledException: 'KMSDisabled',
  KMSInvalidStateException: 'KMSInvalidState',
  NotFoundException: 'KMSNotFound',
  ThrottlingException: 'KMSThrottling',
};

/** SNS's error for an error of KMS; others stay as they are. */
export const kmsError = (cause: AwsError): AwsError => {
  if (!Object.hasOwn(KMS_ERRORS, cause.shape)) return cause;
  return error(KMS_ERRORS[cause.shape], cause.message, { denial: cause.denial });
};
