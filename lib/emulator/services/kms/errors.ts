import { AwsError } from '../../core';
import type { SessionRefusal } from '../../core/policy';

export const validation = (message: string) => new AwsError('ValidationException', message);

/** AWS's common validation error for one value. `where` is the member's name in lowerCamelCase. */
export const constraint = (where: string, must: string, value?: string | number) =>
  validation(
    `1 validation error detected: Value ${value === undefined ? '' : `'${value}' `}at '${where}' failed to satisfy constraint: Member must ${must}`,
  );

export const keyDoesNotExist = (arn: string) => new AwsError('NotFoundException', `Key '${arn}' does not exist`);

export const invalidKeyId = (keyId: string) => new AwsError('NotFoundException', `Invalid keyId '${keyId}'`);

export const invalidArnRegion = (region: string) => new AwsError('NotFoundException', `Invalid arn ${region}`);

export const aliasNotFound = (arn: string) => new AwsError('NotFoundException', `Alias ${arn} is not found.`);

export const aliasExists = (arn: string) =>
  new AwsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);

export const noSuchPolicy = () => new AwsError('NotFoundException', 'No such policy exists');

export const malformedPolicy = (reason: string) => new AwsError('MalformedPolicyDocumentException', reason);

export const limitExceeded = (message: string) => new AwsError('LimitExceededException', message);

export const invalidMarker = () => new AwsError('InvalidMarkerException', 'Could not deserialize marker');

export const disabled = (arn: string) => new AwsError('DisabledException', `${arn} is disabled.`);

export const invalidState = (arn: string, state: string) =>
  new AwsError('KMSInvalidStateException', `${arn} is ${state}.`);

export const invalidKeyUsage = (message: string) => new AwsError('InvalidKeyUsageException', message);

export const unsupportedOperation = (message: string) => new AwsError('UnsupportedOperationException', message);

export const customKeyStoreNotFound = (id: string) =>
  new AwsError('CustomKeyStoreNotFoundException', `Custom key store ${id} does not exist`);

export const incorrectKey = () =>
  new AwsError(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
  );

// KMS does not say what is wrong with a ciphertext.
export const invalidCiphertext = () => new AwsError('InvalidCiphertextException', '');

export const unknownCiphertextKey = () =>
  new AwsError(
    'AccessDeniedException',
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  );

/** Why a key's policy refuses: a Deny statement, no Allow statement, or an AWS managed key, whose policy is fixed. */
type Refusal = 'denied' | 'not allowed' | 'managed by AWS';

// AWS services need both to store something encrypted, so what a policy lacks is said of both.
const ENCRYPTING: readonly string[] = ['GenerateDataKey', 'Decrypt'];

export const notAuthorized = (principal: string, action: string, arn: string, why: Refusal = 'not allowed') => {
  const reason =
    why === 'denied'
      ? 'with an explicit deny in a resource-based policy'
      : `because no resource-based policy allows the kms:${action} action`;
  const denial = { policyOf: arn, actions: [], explicit: why === 'denied', fixed: why === 'managed by AWS' };
  return refused(principal, action, arn, { reason, denial });
};

/** A policy of the key, or of a role whose session asks, refuses a request. */
export function refused(principal: string, action: string, arn: string, { reason, denial }: SessionRefusal): AwsError {
  const text = `User: ${principal} is not authorized to perform: kms:${action} on resource: ${arn} ${reason}`;
  const actions = (ENCRYPTING.includes(action) ? ENCRYPTING : [action]).map((name) => `kms:${name}`);
  return new AwsError('AccessDeniedException', text, { denial: { ...denial, actions } });
}

export const throttled = () =>
  new AwsError(
    'ThrottlingException',
    'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  );

export const tagError = (message: string) => new AwsError('TagException', message);

export const dryRun = () =>
  new AwsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.', {
    status: 412,
  });
