import { AnswerLost, type AwsError, isRetryable, isThrottling, NotDeliverable } from '../../../core';

/** The ERROR_CODE of a dead letter. */
export type ErrorCode =
  | 'CROSS_ACCOUNT_INGESTION_FAILED'
  | 'CROSS_REGION_INGESTION_FAILED'
  | 'ERROR_FROM_TARGET'
  | 'INVALID_JSON'
  | 'INVALID_PARAMETER'
  | 'NO_PERMISSIONS'
  | 'NO_RESOURCE'
  | 'THIRD_ACCOUNT_HOP_DETECTED'
  | 'THIRD_REGION_HOP_DETECTED'
  | 'THROTTLING'
  | 'TIMEOUT';

/** Why an invocation failed. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly isRetryable: boolean;
}

/** A failure that EventBridge finds by itself, and does not try again. */
export const failure = (code: ErrorCode, message: string): Failure => ({ code, message, isRetryable: false });

/** What EventBridge makes of a target's error. */
export function failureOf(error: AwsError): Failure {
  return { code: codeOf(error), message: error.message, isRetryable: isRetryable(error) };
}

function codeOf(error: AwsError): ErrorCode {
  const { shape, status } = error;
  if (isThrottling(error)) return 'THROTTLING';
  if (error instanceof AnswerLost) return 'TIMEOUT';
  if (status >= 500) return 'ERROR_FROM_TARGET';
  if (/AccessDenied|AuthorizationError|NotAuthorized/i.test(shape)) return 'NO_PERMISSIONS';
  if (error instanceof NotDeliverable || /NotFound|NonExistent|DoesNotExist/i.test(shape)) return 'NO_RESOURCE';
  return /Invalid|Validation|Missing|Malformed/i.test(shape) ? 'INVALID_PARAMETER' : 'ERROR_FROM_TARGET';
}
