import type { Events } from '../events';
import { document, emulated, record, replacing, required, text } from '../../../cloudformation/provider/shapes';
import type { ChangedResource, NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import type { Values } from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const properties = {
  Action: emulated(text),
  Condition: emulated(
    record({ Key: required(emulated(text)), Type: required(emulated(text)), Value: required(emulated(text)) }),
  ),
  EventBusName: replacing(emulated(text)),
  Principal: emulated(text),
  Statement: emulated(document),
  StatementId: required(replacing(emulated(text))),
};

/** One statement of an event bus's policy. */
export const eventBusPolicy = define({
  type: 'AWS::Events::EventBusPolicy',
  properties,
  create(resource, context: ResourceContext<Events>) {
    put(resource, context);
    return { ref: resource.name({ longest: 128 }), attributes: {} };
  },
  update(resource: ChangedResource<Values<typeof properties>>, context: ResourceContext<Events>) {
    put(resource, context);
    return { ref: resource.ref, attributes: {} };
  },
  delete({ properties: { EventBusName, StatementId } }, { service, call }: ResourceContext<Events>) {
    unlessGone(() => service.removePermission({ EventBusName, StatementId }, call), 'ResourceNotFoundException');
  },
});

function put(
  { properties: given }: Pick<NewResource<Values<typeof properties>>, 'properties'>,
  { service, call }: ResourceContext<Events>,
): void {
  const { Statement, ...permission } = given;
  if (Statement !== undefined) service.putPolicyStatement(given.EventBusName, given.StatementId, Statement);
  else service.putPermission(permission, call);
}
