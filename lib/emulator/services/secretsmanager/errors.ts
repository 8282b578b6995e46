import { AwsError } from '../../core';

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);

export const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequestException', message);

export const notFound = (message = "Secrets Manager can't find the specified secret."): AwsError =>
  new AwsError('ResourceNotFoundException', message);

export const stageNotFound = (stage: string): AwsError =>
  notFound(`Secrets Manager can't find the specified secret value for staging label: ${stage}`);

export const versionNotFound = (id: string): AwsError =>
  notFound(`Secrets Manager can't find the specified secret value for VersionId: ${id}`);

export const exists = (message: string): AwsError => new AwsError('ResourceExistsException', message);

export const markedForDeletion = (): AwsError =>
  invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");

export const invalidToken = (): AwsError =>
  new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.');
