import { AwsError } from '../../core';
import { constraint, validation } from './errors';
import { checkLength } from './validation';

/** @throws AwsError ValidationException */
export function checkAliasName(name: string): void {
  checkLength('aliasName', name, 1, 256);
  if (!/^[a-zA-Z0-9:/_-]+$/.test(name)) {
    throw constraint('aliasName', 'satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$', name);
  }
  if (!name.startsWith('alias/')) {
    throw validation(
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  }
  if (name.includes(':')) throw validation(`${name} contains invalid characters for an alias`);
}

/** Throws if a name starts with alias/aws/, which is reserved for AWS. */
export function checkNotReserved(name: string): void {
  if (name.startsWith('alias/aws/')) throw new AwsError('NotAuthorizedException', '');
}
