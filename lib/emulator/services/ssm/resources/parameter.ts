import type { ParameterTier, ParameterType } from '@aws-sdk/client-ssm';
import { formatArn } from '../../../core';
import type { CreatedResource, NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { emulated, mapOf, naming, required, text, type Values } from '../../../cloudformation/provider/shapes';
import { resourceOf } from '../parameters/names';
import type { Ssm } from '../ssm';

const properties = {
  AllowedPattern: emulated(text),
  DataType: emulated(text),
  Description: emulated(text),
  Name: naming(emulated(text)),
  Policies: emulated(text, 'of which only Expiration is acted on'),
  Tags: emulated(mapOf(text)),
  Tier: emulated(text),
  Type: required(emulated(text)),
  Value: required(emulated(text)),
};

type Given = Values<typeof properties>;

/** A parameter: readable by the API, and by the dynamic references of stacks that are deployed later. */
export const ssmParameter = define({
  type: 'AWS::SSM::Parameter',
  properties,
  unique: {
    name: nameOf,
    exists: (resource, context: ResourceContext<Ssm>) => context.service.has(nameOf(resource)),
  },
  refusal: ({ Type }) => (Type === 'SecureString' ? 'CloudFormation does not create secure strings' : undefined),
  create(resource, context: ResourceContext<Ssm>) {
    const name = nameOf(resource);
    const { properties: given, systemTags } = resource;
    const tags = Object.entries({ ...given.Tags, ...systemTags }).map(([Key, Value]) => ({ Key, Value }));
    context.service.putParameter({ ...inputOf(name, given), Tags: tags }, context.call);
    return created(name, given, context);
  },
  update({ ref, properties: given, previous }, context: ResourceContext<Ssm>) {
    const { service, call } = context;
    // Those that are no longer given get the API's defaults.
    const defaults = { Description: '', AllowedPattern: '', DataType: 'text' };
    service.putParameter({ ...defaults, ...inputOf(ref, given), Overwrite: true }, call);
    const removed = Object.keys(previous.Tags ?? {}).filter((key) => given.Tags?.[key] === undefined);
    const resource = { ResourceType: 'Parameter', ResourceId: ref } as const;
    if (removed.length > 0) service.removeTagsFromResource({ ...resource, TagKeys: removed }, call);
    const tags = Object.entries(given.Tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
    if (tags.length > 0) service.addTagsToResource({ ...resource, Tags: tags }, call);
    return created(ref, given, context);
  },
  delete({ ref }, { service, call }: ResourceContext<Ssm>) {
    unlessGone(() => service.deleteParameter({ Name: ref }, call), 'ParameterNotFound');
  },
});

function nameOf({ properties: { Name }, name }: NewResource<Given>): string {
  return Name ?? name({ longest: 2048 });
}

function inputOf(name: string, given: Given) {
  const { AllowedPattern, DataType, Description, Policies, Tier, Type, Value } = given;
  return {
    Name: name,
    Value,
    // The service checks both.
    Type: Type as ParameterType,
    ...(Tier !== undefined && { Tier: Tier as ParameterTier }),
    ...(AllowedPattern !== undefined && { AllowedPattern }),
    ...(DataType !== undefined && { DataType }),
    ...(Description !== undefined && { Description }),
    ...(Policies !== undefined && { Policies }),
  };
}

function created(name: string, { Type, Value }: Given, { region, account }: ResourceContext<Ssm>): CreatedResource {
  return { ref: name, attributes: { Arn: formatArn('ssm', region, account, resourceOf(name)), Type, Value } };
}
