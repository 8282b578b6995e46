import { AwsError } from '../../core';
import type { SessionRefusal } from '../../core/policy';

export const invalidArgument = (message: string) => new AwsError('InvalidArgumentException', message);
export const validation = (message: string) => new AwsError('ValidationException', message);
export const notFound = (message: string) => new AwsError('ResourceNotFoundException', message);
export const inUse = (message: string) => new AwsError('ResourceInUseException', message);
export const limitExceeded = (message: string) => new AwsError('LimitExceededException', message);

export const streamNotFound = (name: string, account: string) =>
  notFound(`Stream ${name} under account ${account} not found.`);

export const streamExists = (name: string, account: string) =>
  inUse(`Stream ${name} under account ${account} already exists.`);

export const notActive = (name: string, account: string, status: string) =>
  inUse(`Stream ${name} under account ${account} not ACTIVE, instead in state ${status}`);

export const onDemand = (name: string, account: string) =>
  validation(`Request is invalid. Stream ${name} under account ${account} is in On-Demand mode.`);

export const rateExceeded = (shardId: string, name: string, account: string) =>
  new AwsError('ProvisionedThroughputExceededException', rateExceededText(shardId, name, account));

export const rateExceededText = (shardId: string, name: string, account: string) =>
  `Rate exceeded for shard ${shardId} in stream ${name} under account ${account}.`;

export function expiredIterator(createdAt: number, now: number, lifetime: number): AwsError {
  const message =
    `Iterator expired. The iterator was created at time ${javaDate(createdAt)} while right now it is ` +
    `${javaDate(now)} which is further in the future than the tolerated delay of ${lifetime} milliseconds.`;
  return new AwsError('ExpiredIteratorException', message);
}

/** @param refusal why a policy refuses the caller */
export function accessDenied(
  principal: string,
  action: string,
  resource: string,
  { reason, denial }: SessionRefusal,
): AwsError {
  const message = `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
  return new AwsError('AccessDeniedException', message, { denial });
}

const KMS_ERRORS: Readonly<Record<string, string>> = {
  AccessDeniedException: 'KMSAccessDeniedException',
  DisabledException: 'KMSDisabledException',
  KMSInvalidStateException: 'KMSInvalidStateException',
  InvalidKeyUsageException: 'KMSInvalidStateException',
  NotFoundException: 'KMSNotFoundException',
  ThrottlingException: 'KMSThrottlingException',
};

/** Kinesis's error for one of KMS. */
export function kmsError(error: AwsError): AwsError {
  const shape = Object.hasOwn(KMS_ERRORS, error.shape) ? KMS_ERRORS[error.shape] : undefined;
  return shape === undefined ? error : new AwsError(shape, error.message, { denial: error.denial });
}

/** `Thu Jan 22 01:22:02 UTC 2015` */
function javaDate(time: number): string {
  const [weekday, day, month, year, clock] = new Date(time).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day} ${clock} UTC ${year}`;
}
