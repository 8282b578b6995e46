import { aFunction, AwsError, limit, options } from '../../core';
import { defineService } from '../service-definition';
import { type KeyAccessRequest, Kms } from './kms';
import { protocol } from './protocol';
import type { KmsLimits } from './limits';
import { kmsAlias } from './resources/alias';
import { kmsKey } from './resources/key';
import { testing } from './testing';

export type { KmsLimits } from './limits';
export { type KeyAccessRequest, Kms, type KmsDependencies } from './kms';

/** The options of KMS. */
export interface KmsOptions {
  /**
   * Limits of KMS that differ from AWS's, by name.
   * @default - AWS's limits
   */
  readonly kmsLimits?: Partial<KmsLimits>;
  /**
   * Authorizes each use and change of a KMS key. With it, a test can deny a queue access to its key. Key policies are
   * evaluated for AWS services and for callers of other accounts.
   * @default - what key policies do not refuse is allowed
   */
  readonly authorizeKey?: (request: KeyAccessRequest) => boolean;
}

/** AWS Key Management Service. */
export const kms = defineService<'kms', Kms, KmsOptions, Record<never, never>, typeof testing>({
  name: 'kms',
  protocol,
  errors: {
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
    internal: { shape: 'KMSInternalException' },
  },
  options: { kmsLimits: options({ symmetricRequestsPerSecond: limit }), authorizeKey: aFunction },
  resourceTypes: [kmsKey, kmsAlias],
  resourcesOf: ({ KeyId }) => (typeof KeyId === 'string' ? [KeyId.slice(KeyId.lastIndexOf('/') + 1)] : []),
  testing,
  create: ({ options: settings, region, elsewhere, ...dependencies }) =>
    new Kms({
      ...dependencies,
      region,
      limits: settings.kmsLimits,
      authorize: settings.authorizeKey,
      elsewhere: (account) => elsewhere(account, region),
    }),
});
