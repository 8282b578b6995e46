import { AwsError } from '../../core';

const error = (code: string, status: number) => (message: string) =>
  new AwsError(`${code}Exception`, message, { status, queryCode: code });

export const noSuchEntity = error('NoSuchEntity', 404);
export const alreadyExists = error('EntityAlreadyExists', 409);
export const deleteConflict = error('DeleteConflict', 409);
export const limitExceeded = error('LimitExceeded', 409);
export const malformedDocument = error('MalformedPolicyDocument', 400);
export const invalidInput = error('InvalidInput', 400);
export const unmodifiable = error('UnmodifiableEntity', 400);

export const validation = (message: string): AwsError => new AwsError('ValidationError', message);
