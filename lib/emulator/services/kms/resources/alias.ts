import { emulated, naming, required, text } from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

/** A friendly name of a KMS key. */
export const kmsAlias = define({
  type: 'AWS::KMS::Alias',
  properties: { AliasName: naming(required(emulated(text))), TargetKeyId: required(emulated(text)) },
  create(resource, cloud) {
    const { AliasName, TargetKeyId } = resource.properties;
    cloud.kms.createAlias({ AliasName, TargetKeyId }, cloud.call);
    return { ref: AliasName, attributes: {} };
  },
  update({ ref, properties: { AliasName, TargetKeyId } }, cloud) {
    cloud.kms.updateAlias({ AliasName, TargetKeyId }, cloud.call);
    return { ref, attributes: {} };
  },
  delete({ ref }, cloud) {
    unlessGone(() => cloud.kms.deleteAlias({ AliasName: ref }, cloud.call), 'NotFoundException');
  },
});
