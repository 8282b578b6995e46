import { AwsError } from '../../core';

export const expiredToken = () =>
  new AwsError('ExpiredTokenException', 'The security token included in the request is expired', {
    status: 403,
    queryCode: 'ExpiredToken',
  });

export const invalidToken = () =>
  new AwsError('UnrecognizedClientException', 'The security token included in the request is invalid.', {
    status: 403,
    queryCode: 'InvalidClientTokenId',
  });

/** The error of AWS's common validator: `where` is the member's name in lowerCamelCase. */
export const constraint = (where: string, value: string | number, must: string) =>
  validation(
    `1 validation error detected: Value '${value}' at '${where}' failed to satisfy constraint: Member must ${must}`,
  );

export const validation = (message: string) => new AwsError('ValidationError', message);

export const malformedPolicy = (reason: string) => new AwsError('MalformedPolicyDocument', reason);

export const accessDenied = (message: string) => new AwsError('AccessDenied', message, { status: 403 });
