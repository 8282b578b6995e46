import { AwsError } from '../../core';

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

/** AWS gives no message with it. */
export const parameterNotFound = (): AwsError => new AwsError('ParameterNotFound', '');

export const versionNotFound = (name: string, version: string): AwsError =>
  new AwsError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
  );

export const alreadyExists = (): AwsError =>
  new AwsError(
    'ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  );

export const invalidNextToken = (): AwsError => new AwsError('InvalidNextToken', 'The specified token is not valid.');

export const invalidResourceId = (): AwsError => new AwsError('InvalidResourceId', 'The resource ID is not valid.');
