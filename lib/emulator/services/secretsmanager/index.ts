import { AwsError } from '../../core';
import { defineService } from '../service-definition';
import { ROTATION_FUNCTIONS, SECRET_ENCRYPTION } from './ports';
import { protocol } from './protocol';
import { secretResourcePolicy } from './resources/resource-policy';
import { rotationSchedule } from './resources/rotation-schedule';
import { secret } from './resources/secret';
import { secretTargetAttachment } from './resources/target-attachment';
import { SecretsManager, type SecretView } from './secrets-manager';
import { testing } from './testing';

export { ROTATION_FUNCTIONS, type RotationFunctions, SECRET_ENCRYPTION, type SecretEncryption } from './ports';
export { SecretsManager, type SecretView } from './secrets-manager';

/** AWS Secrets Manager. */
export const secretsmanager = defineService<
  'secretsmanager',
  SecretsManager,
  object,
  { readonly secrets: readonly SecretView[] },
  typeof testing
>({
  name: 'secretsmanager',
  protocol,
  errors: {
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
    internal: { shape: 'InternalServiceError' },
  },
  resourceTypes: [secret, secretResourcePolicy, rotationSchedule, secretTargetAttachment],
  resourcesOf: ({ SecretId, Name }) => [SecretId, Name].filter((id): id is string => typeof id === 'string'),
  testing,
  status: { sections: ['secrets'], of: (service) => ({ secrets: service.secrets() }) },
  create: ({ clock, random, timeline, account, region, use }) =>
    new SecretsManager({
      clock,
      random,
      timeline,
      account,
      region,
      encryption: () => use(SECRET_ENCRYPTION),
      functions: () => use(ROTATION_FUNCTIONS),
    }),
});
