import * as sdk from '@aws-sdk/client-secrets-manager';
import type { ProtocolBinding } from '../../protocol/protocol-binding';
import { constraintViolations } from '../../protocol/schema/constraint-violations';

/** The protocol of Secrets Manager: AWS JSON 1.1. Replication to other Regions is not emulated. */
export const protocol: ProtocolBinding = {
  signingName: 'secretsmanager',
  targetPrefix: 'secretsmanager',
  apiVersion: '2017-10-17',
  protocols: ['awsJson'],
  operations: [
    sdk.BatchGetSecretValue$,
    sdk.CancelRotateSecret$,
    sdk.CreateSecret$,
    sdk.DeleteResourcePolicy$,
    sdk.DeleteSecret$,
    sdk.DescribeSecret$,
    sdk.GetRandomPassword$,
    sdk.GetResourcePolicy$,
    sdk.GetSecretValue$,
    sdk.ListSecrets$,
    sdk.ListSecretVersionIds$,
    sdk.PutResourcePolicy$,
    sdk.PutSecretValue$,
    sdk.RestoreSecret$,
    sdk.RotateSecret$,
    sdk.TagResource$,
    sdk.UntagResource$,
    sdk.UpdateSecret$,
    sdk.UpdateSecretVersionStage$,
    sdk.ValidateResourcePolicy$,
  ],
  missingMembers: (_action, paths) => constraintViolations('ValidationException', paths),
};
