import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { emulated, inert, naming, required, text } from '../../../cloudformation/provider/shapes';
import type { Logs } from '../logs';

/** A resource policy of an account's logs. */
export const logsResourcePolicy = define({
  type: 'AWS::Logs::ResourcePolicy',
  properties: {
    PolicyDocument: required(inert(text, 'kept and told, but not evaluated')),
    PolicyName: naming(required(emulated(text))),
  },
  create({ properties: { PolicyDocument, PolicyName } }, { service, call }: ResourceContext<Logs>) {
    service.putResourcePolicy({ policyName: PolicyName, policyDocument: PolicyDocument }, call);
    return { ref: PolicyName, attributes: {} };
  },
  update({ ref, properties: { PolicyDocument } }, { service, call }: ResourceContext<Logs>) {
    service.putResourcePolicy({ policyName: ref, policyDocument: PolicyDocument }, call);
    return { ref, attributes: {} };
  },
  delete({ ref }, { service, call }: ResourceContext<Logs>) {
    unlessGone(() => service.deleteResourcePolicy({ policyName: ref }, call), 'ResourceNotFoundException');
  },
});
