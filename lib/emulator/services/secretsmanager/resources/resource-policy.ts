import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { document, emulated, flag, inert, replacing, required, text } from '../../../cloudformation/provider/shapes';
import type { SecretsManager } from '../secrets-manager';

/** The policy of a secret. */
export const secretResourcePolicy = define({
  type: 'AWS::SecretsManager::ResourcePolicy',
  properties: {
    BlockPublicPolicy: inert(flag, 'policies are not evaluated'),
    ResourcePolicy: required(inert(document, 'kept and told, but not evaluated')),
    SecretId: replacing(required(emulated(text))),
  },
  create({ properties: { ResourcePolicy, SecretId } }, { service, call }: ResourceContext<SecretsManager>) {
    const { ARN = '' } = service.putResourcePolicy({ SecretId, ResourcePolicy: JSON.stringify(ResourcePolicy) }, call);
    return { ref: ARN, attributes: { Id: ARN } };
  },
  update({ ref, attributes, properties }, { service, call }: ResourceContext<SecretsManager>) {
    service.putResourcePolicy({ SecretId: ref, ResourcePolicy: JSON.stringify(properties.ResourcePolicy) }, call);
    return { ref, attributes };
  },
  delete({ ref }, { service, call }: ResourceContext<SecretsManager>) {
    const remove = () => void service.deleteResourcePolicy({ SecretId: ref }, call);
    unlessGone(remove, 'ResourceNotFoundException', 'InvalidRequestException');
  },
});
