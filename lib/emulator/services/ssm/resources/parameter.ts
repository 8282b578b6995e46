import type { Ssm } from '../ssm';
import {
  anything,
  emulated,
  inert,
  naming,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import type { CreatedResource, NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';

const properties = {
  AllowedPattern: inert(text),
  DataType: inert(text),
  Description: inert(text),
  Name: naming(emulated(text)),
  Policies: inert(text),
  Tags: inert(anything),
  Tier: inert(text),
  Type: required(emulated(text)),
  Value: required(emulated(text)),
};

/** Readable by the parameters and the dynamic references of stacks that are deployed later. */
export const ssmParameter = define({
  type: 'AWS::SSM::Parameter',
  properties,
  unique: {
    name: nameOf,
    exists: (resource, context: ResourceContext<Ssm>) => context.service.has(nameOf(resource)),
  },
  create: put,
  update: put,
  delete: ({ ref }, context: ResourceContext<Ssm>) => context.service.delete(ref),
});

function nameOf({ properties: { Name }, name }: NewResource<Values<typeof properties>>): string {
  return Name ?? name({ longest: 2048 });
}

function put(resource: NewResource<Values<typeof properties>>, context: ResourceContext<Ssm>): CreatedResource {
  const name = nameOf(resource);
  const { Type, Value } = resource.properties;
  context.service.put(name, Value);
  return { ref: name, attributes: { Type, Value } };
}
