import type { Kms } from '../kms';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import type { KeySpec, KeyUsageType, OriginType } from '@aws-sdk/client-kms';
import { AwsError } from '../../../core';
import { document, emulated, flag, inert, integer, text } from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { tagChanges, tagList } from '../../../cloudformation/provider/tags';

const IMMUTABLE = ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'] as const;

/** A KMS key. */
export const kmsKey = define({
  type: 'AWS::KMS::Key',
  properties: {
    BypassPolicyLockoutSafetyCheck: inert(flag, 'the emulator makes no such check'),
    Description: emulated(text),
    Enabled: emulated(flag),
    EnableKeyRotation: emulated(flag),
    KeyPolicy: emulated(document, 'evaluated for AWS services and for callers of other accounts'),
    KeySpec: emulated(text),
    KeyUsage: emulated(text),
    MultiRegion: emulated(flag),
    Origin: emulated(text),
    PendingWindowInDays: emulated(integer),
    RotationPeriodInDays: emulated(integer),
    Tags: emulated(tagList),
  },
  create(resource, context: ResourceContext<Kms>) {
    const { KeyPolicy, KeySpec, KeyUsage, Origin, Enabled, EnableKeyRotation, ...given } = resource.properties;
    const { KeyMetadata: key } = context.service.createKey(
      {
        Description: given.Description,
        MultiRegion: given.MultiRegion,
        // The service validates these against the enums of the SDK's types.
        KeySpec: KeySpec as KeySpec | undefined,
        KeyUsage: KeyUsage as KeyUsageType | undefined,
        Origin: Origin as OriginType | undefined,
        Policy: KeyPolicy && JSON.stringify(KeyPolicy),
        Tags: given.Tags?.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value })),
      },
      context.call,
    );
    const { KeyId: id = '', Arn: arn = '' } = key ?? {};
    if (EnableKeyRotation === true) {
      const { RotationPeriodInDays } = given;
      context.service.enableKeyRotation({ KeyId: id, RotationPeriodInDays }, context.call);
    }
    if (Enabled === false) context.service.disableKey({ KeyId: id }, context.call);
    return { ref: id, attributes: { Arn: arn, KeyId: id } };
  },
  update({ ref: KeyId, attributes, properties: given, previous }, context: ResourceContext<Kms>) {
    const { service: kms, call } = context;
    const immutable = IMMUTABLE.filter((name) => given[name] !== previous[name]);
    if (immutable.length > 0) {
      // CloudFormation rejects the change rather than replace the key, which would lose data.
      throw new AwsError('NotUpdatable', `${immutable.join(', ')} of a KMS key cannot be changed.`);
    }
    const { Description = '', Enabled = true, EnableKeyRotation = false, KeyPolicy, RotationPeriodInDays } = given;
    if (Description !== (previous.Description ?? '')) kms.updateKeyDescription({ KeyId, Description }, call);
    if (KeyPolicy !== undefined) kms.putKeyPolicy({ KeyId, Policy: JSON.stringify(KeyPolicy) }, call);
    if (Enabled) kms.enableKey({ KeyId }, call);
    // A disabled key cannot be rotated.
    if (Enabled && EnableKeyRotation) kms.enableKeyRotation({ KeyId, RotationPeriodInDays }, call);
    if (Enabled && !EnableKeyRotation && previous.EnableKeyRotation === true) kms.disableKeyRotation({ KeyId }, call);
    if (!Enabled) kms.disableKey({ KeyId }, call);
    const { added, removed } = tagChanges(previous.Tags, given.Tags);
    if (removed.length > 0) kms.untagResource({ KeyId, TagKeys: removed }, call);
    const tags = Object.entries(added).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
    if (tags.length > 0) kms.tagResource({ KeyId, Tags: tags }, call);
    return { ref: KeyId, attributes };
  },
  delete({ ref: KeyId, properties: { PendingWindowInDays } }, context: ResourceContext<Kms>) {
    // A user may already have scheduled it.
    const remove = () => void context.service.scheduleKeyDeletion({ KeyId, PendingWindowInDays }, context.call);
    unlessGone(remove, 'NotFoundException', 'KMSInvalidStateException');
  },
});
