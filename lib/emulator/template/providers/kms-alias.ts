import { emulated, required, text } from '../shapes';
import { define } from './define';

/** A friendly name of a KMS key. */
export const kmsAlias = define({
  type: 'AWS::KMS::Alias',
  properties: { AliasName: required(emulated(text)), TargetKeyId: required(emulated(text)) },
  create(resource, cloud) {
    const { AliasName, TargetKeyId } = resource.properties;
    cloud.kms.createAlias({ AliasName, TargetKeyId }, cloud.call);
    return { ref: AliasName, attributes: {} };
  },
});
