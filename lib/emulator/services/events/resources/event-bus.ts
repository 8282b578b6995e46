import type { Events } from '../events';
import { formatArn } from '../../../core';
import { document, emulated, inert, naming, record, required, text } from '../../../cloudformation/provider/shapes';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { tagChanges, tagList } from '../../../cloudformation/provider/tags';

const properties = {
  DeadLetterConfig: inert(
    record({ Arn: emulated(text) }),
    'nothing is encrypted on a bus, so no event is undeliverable',
  ),
  Description: emulated(text),
  KmsKeyIdentifier: inert(text, 'nothing is encrypted on a bus'),
  LogConfig: inert(document, 'the timeline shows what happens on a bus'),
  Name: required(naming(emulated(text))),
  Policy: emulated(document),
  Tags: emulated(tagList),
};

/** An event bus. */
export const eventBus = define({
  type: 'AWS::Events::EventBus',
  properties,
  unique: {
    name: ({ properties: { Name } }) => Name,
    exists: ({ properties: { Name } }, { service }: ResourceContext<Events>) =>
      service.eventBuses().some(({ name }) => name === Name),
  },
  create(resource, context: ResourceContext<Events>) {
    const { Policy, ...given } = resource.properties;
    context.service.createEventBus(given, context.call);
    if (Policy !== undefined) putPolicy(given.Name, Policy, context);
    const arn = formatArn('events', context.region, context.account, `event-bus/${given.Name}`);
    context.service.setSystemTags(arn, resource.systemTags);
    return { ref: given.Name, attributes: { Arn: arn, Name: given.Name } };
  },
  update({ ref, attributes, properties: { Policy, Tags, ...given }, previous }, context: ResourceContext<Events>) {
    const { service, call } = context;
    service.updateEventBus(given, call);
    if (Policy !== undefined) putPolicy(ref, Policy, context);
    else if (previous.Policy !== undefined) {
      service.removePermission({ EventBusName: ref, RemoveAllPermissions: true }, call);
    }
    const { added, removed } = tagChanges(previous.Tags, Tags);
    const ResourceARN = formatArn('events', context.region, context.account, `event-bus/${ref}`);
    service.untagResource({ ResourceARN, TagKeys: removed }, call);
    service.tagResource({ ResourceARN, Tags: Object.entries(added).map(([Key, Value]) => ({ Key, Value })) }, call);
    return { ref, attributes };
  },
  delete: ({ ref }, context: ResourceContext<Events>) => context.service.deleteEventBus({ Name: ref }, context.call),
});

function putPolicy(bus: string, policy: object, { service, call }: ResourceContext<Events>): void {
  service.putPermission({ EventBusName: bus, Policy: JSON.stringify(policy) }, call);
}
