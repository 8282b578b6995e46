import type { Scheduler } from '../scheduler';
import { formatArn } from '../../../core';
import { emulated, naming, text, type Values } from '../../../cloudformation/provider/shapes';
import type { NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { tagChanges, tagList } from '../../../cloudformation/provider/tags';

const properties = { Name: naming(emulated(text)), Tags: emulated(tagList) };

/** A group of schedules. */
export const schedulerScheduleGroup = define({
  type: 'AWS::Scheduler::ScheduleGroup',
  properties,
  create(resource, { service, call, region, account }: ResourceContext<Scheduler>) {
    const name = nameOf(resource);
    service.createScheduleGroup({ Name: name, Tags: resource.properties.Tags }, call);
    const { CreationDate, LastModificationDate } = service.getScheduleGroup({ Name: name }, call);
    return {
      ref: name,
      attributes: {
        Arn: formatArn('scheduler', region, account, `schedule-group/${name}`),
        CreationDate: CreationDate?.toISOString() ?? '',
        LastModificationDate: LastModificationDate?.toISOString() ?? '',
        State: 'ACTIVE',
      },
    };
  },
  update(resource, { service, call, region, account }: ResourceContext<Scheduler>) {
    const { ref, attributes, properties: given, previous } = resource;
    const { added, removed } = tagChanges(previous.Tags, given.Tags);
    const ResourceArn = formatArn('scheduler', region, account, `schedule-group/${ref}`);
    service.untagResource({ ResourceArn, TagKeys: removed }, call);
    service.tagResource({ ResourceArn, Tags: Object.entries(added).map(([Key, Value]) => ({ Key, Value })) }, call);
    return { ref, attributes };
  },
  delete: ({ ref }, { service }: ResourceContext<Scheduler>) =>
    unlessGone(() => service.deleteGroupNow(ref), 'ResourceNotFoundException'),
});

function nameOf({ properties: { Name }, name }: NewResource<Values<typeof properties>>): string {
  return Name ?? name({ longest: 64 });
}
