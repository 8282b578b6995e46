import { AwsError } from '../../core';

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);

export const resourceNotFound = (message: string): AwsError =>
  new AwsError('ResourceNotFoundException', message, { status: 404 });

export const functionNotFound = (arn: string): AwsError => resourceNotFound(`Function not found: ${arn}`);

export const resourceConflict = (message: string): AwsError =>
  new AwsError('ResourceConflictException', message, { status: 409 });

/** Throws if a caller's RevisionId is not the latest. */
export function checkRevision(given: string | undefined, latest: string): void {
  if (given === undefined || given === latest) return;
  throw new AwsError(
    'PreconditionFailedException',
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve ' +
      'the latest Revision Id',
    { status: 412 },
  );
}

export const functionsOnly = (): AwsError =>
  invalidParameter(
    'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. ' +
      'Please specify either a function name or an unqualified function ARN.',
  );

export const mappingInUse = (): AwsError =>
  new AwsError('ResourceInUseException', 'Cannot update the event source mapping because it is in use.');

export const rateExceeded = (): AwsError => new AwsError('TooManyRequestsException', 'Rate Exceeded.', { status: 429 });

export const payloadTooLarge = (limit: number): AwsError =>
  new AwsError(
    'RequestTooLargeException',
    `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
    {
      status: 413,
    },
  );

export const payloadNotJson = (reason: string): AwsError =>
  new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${reason}`);

/** AWS's error for a value that violates the API model's constraints. */
export function constraintViolation(member: string, value: string | number, constraint: string): AwsError {
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

/** Throws unless `value` is undefined or a whole number from `minimum` to `maximum`. */
export function checkRange(member: string, value: number | undefined, minimum: number, maximum: number): void {
  if (value === undefined) return;
  if (!Number.isInteger(value)) throw constraintViolation(member, value, 'Member must be an integer');
  if (value < minimum) {
    throw constraintViolation(member, value, `Member must have value greater than or equal to ${minimum}`);
  }
  if (value > maximum) {
    throw constraintViolation(member, value, `Member must have value less than or equal to ${maximum}`);
  }
}
