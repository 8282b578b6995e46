import { aFunction, AwsError, limit, options } from '../../core';
import { defineService } from '../service-definition';
import { type KeyAccessRequest, Kms } from './kms';
import { protocol } from './protocol';
import type { KmsLimits } from './limits';
import { kmsAlias } from './resources/alias';
import { kmsKey } from './resources/key';

export type { KmsLimits } from './limits';
export { type KeyAccessRequest, Kms, type KmsDependencies } from './kms';

/** The options of KMS. */
export interface KmsOptions {
  /**
   * Limits of KMS that differ from AWS's, by name.
   * @default - AWS's
   */
  readonly kmsLimits?: Partial<KmsLimits>;
  /**
   * Whether a principal may do something with a KMS key, asked for each use and change of one: how a test denies a
   * queue its key. Key policies are kept, and not evaluated.
   * @default - everybody may do everything
   */
  readonly authorizeKey?: (request: KeyAccessRequest) => boolean;
}

/** AWS Key Management Service. */
export const kms = defineService<'kms', Kms, KmsOptions>({
  name: 'kms',
  protocol,
  errors: {
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
    internal: { shape: 'KMSInternalException' },
  },
  options: { kmsLimits: options({ symmetricRequestsPerSecond: limit }), authorizeKey: aFunction },
  resourceTypes: [kmsKey, kmsAlias],
  resourcesOf: ({ KeyId }) => (typeof KeyId === 'string' ? [KeyId.slice(KeyId.lastIndexOf('/') + 1)] : []),
  create: ({ options: settings, region, elsewhere, ...dependencies }) =>
    new Kms({
      ...dependencies,
      region,
      limits: settings.kmsLimits,
      authorize: settings.authorizeKey,
      elsewhere: (account) => elsewhere(account, region),
    }),
});
