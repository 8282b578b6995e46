import * as sdk from '@aws-sdk/client-kms';
import type { ProtocolBinding } from '../../protocol/protocol-binding';
import { constraintViolations } from '../../protocol/schema/constraint-violations';

/** The protocol of KMS: AWS JSON 1.1. */
export const protocol: ProtocolBinding = {
  signingName: 'kms',
  targetPrefix: 'TrentService',
  apiVersion: '2014-11-01',
  protocols: ['awsJson'],
  operations: [
    sdk.CancelKeyDeletion$,
    sdk.CreateAlias$,
    sdk.CreateKey$,
    sdk.Decrypt$,
    sdk.DeleteAlias$,
    sdk.DescribeKey$,
    sdk.DisableKey$,
    sdk.DisableKeyRotation$,
    sdk.EnableKey$,
    sdk.EnableKeyRotation$,
    sdk.Encrypt$,
    sdk.GenerateDataKey$,
    sdk.GenerateDataKeyWithoutPlaintext$,
    sdk.GetKeyPolicy$,
    sdk.GetKeyRotationStatus$,
    sdk.ListAliases$,
    sdk.ListKeyPolicies$,
    sdk.ListKeys$,
    sdk.ListResourceTags$,
    sdk.PutKeyPolicy$,
    sdk.ReEncrypt$,
    sdk.ScheduleKeyDeletion$,
    sdk.TagResource$,
    sdk.UntagResource$,
    sdk.UpdateAlias$,
    sdk.UpdateKeyDescription$,
  ],
  missingMembers: (_action, paths) => constraintViolations('ValidationException', paths),
};
