import { AwsError } from '../../core';

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);

export const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);

export const groupNotFound = (): AwsError => notFound('The specified log group does not exist.');

export const streamNotFound = (): AwsError => notFound('The specified log stream does not exist.');

export const alreadyExists = (kind: 'group' | 'stream'): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `The specified log ${kind} already exists`);

export const limitExceeded = (): AwsError => new AwsError('LimitExceededException', 'Resource limit exceeded.');

export const invalidToken = (): AwsError => invalidParameter('The specified nextToken is invalid.');

export const invalidPattern = (): AwsError => invalidParameter('Invalid filter pattern');
