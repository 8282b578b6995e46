import type { Kms } from '../kms';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { emulated, naming, required, text } from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

/** An alias of a KMS key. */
export const kmsAlias = define({
  type: 'AWS::KMS::Alias',
  properties: { AliasName: naming(required(emulated(text))), TargetKeyId: required(emulated(text)) },
  create(resource, context: ResourceContext<Kms>) {
    const { AliasName, TargetKeyId } = resource.properties;
    context.service.createAlias({ AliasName, TargetKeyId }, context.call);
    return { ref: AliasName, attributes: {} };
  },
  update({ ref, properties: { AliasName, TargetKeyId } }, context: ResourceContext<Kms>) {
    context.service.updateAlias({ AliasName, TargetKeyId }, context.call);
    return { ref, attributes: {} };
  },
  delete({ ref }, context: ResourceContext<Kms>) {
    unlessGone(() => context.service.deleteAlias({ AliasName: ref }, context.call), 'NotFoundException');
  },
});
