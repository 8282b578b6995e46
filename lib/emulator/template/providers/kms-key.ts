import type { KeySpec, KeyUsageType, OriginType } from '@aws-sdk/client-kms';
import { document, emulated, flag, inert, integer, text } from '../shapes';
import { define } from './define';
import { tagList } from './tags';

/** A KMS key: it encrypts; who may use it is not decided by its policy. */
export const kmsKey = define({
  type: 'AWS::KMS::Key',
  properties: {
    BypassPolicyLockoutSafetyCheck: inert(flag, 'key policies are not evaluated'),
    Description: emulated(text),
    Enabled: emulated(flag),
    EnableKeyRotation: emulated(flag),
    KeyPolicy: inert(document, 'kept and told, but not evaluated'),
    KeySpec: emulated(text),
    KeyUsage: emulated(text),
    MultiRegion: emulated(flag),
    Origin: emulated(text),
    PendingWindowInDays: inert(integer, 'stacks are not deleted'),
    RotationPeriodInDays: emulated(integer),
    Tags: emulated(tagList),
  },
  create(resource, cloud) {
    const { KeyPolicy, KeySpec, KeyUsage, Origin, Enabled, EnableKeyRotation, ...given } = resource.properties;
    const { KeyMetadata: key } = cloud.kms.createKey(
      {
        Description: given.Description,
        MultiRegion: given.MultiRegion,
        // The service checks these against the sets that the SDK's types know.
        KeySpec: KeySpec as KeySpec | undefined,
        KeyUsage: KeyUsage as KeyUsageType | undefined,
        Origin: Origin as OriginType | undefined,
        Policy: KeyPolicy && JSON.stringify(KeyPolicy),
        Tags: given.Tags?.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value })),
      },
      cloud.call,
    );
    const { KeyId: id = '', Arn: arn = '' } = key ?? {};
    if (EnableKeyRotation === true) {
      const { RotationPeriodInDays } = given;
      cloud.kms.enableKeyRotation({ KeyId: id, RotationPeriodInDays }, cloud.call);
    }
    if (Enabled === false) cloud.kms.disableKey({ KeyId: id }, cloud.call);
    return { ref: id, attributes: { Arn: arn, KeyId: id } };
  },
});
