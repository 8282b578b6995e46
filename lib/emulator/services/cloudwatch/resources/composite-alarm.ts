import type { CloudWatch } from '../cloudwatch';
import { formatArn } from '../../../core';
import {
  emulated,
  flag,
  integer,
  list,
  naming,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import { alarmNameOf, uniqueAlarmName } from './alarm-name';
import { changeTags } from './tags';
import type { NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { tagList } from '../../../cloudformation/provider/tags';

const properties = {
  ActionsEnabled: emulated(flag),
  ActionsSuppressor: emulated(text),
  ActionsSuppressorExtensionPeriod: emulated(integer),
  ActionsSuppressorWaitPeriod: emulated(integer),
  AlarmActions: emulated(list(text)),
  AlarmDescription: emulated(text),
  AlarmName: naming(emulated(text)),
  AlarmRule: required(emulated(text)),
  InsufficientDataActions: emulated(list(text)),
  OKActions: emulated(list(text)),
  Tags: emulated(tagList),
};

/** An alarm on the states of other alarms. */
export const cloudWatchCompositeAlarm = define({
  type: 'AWS::CloudWatch::CompositeAlarm',
  properties,
  unique: uniqueAlarmName,
  create(resource, context: ResourceContext<CloudWatch>) {
    const created = put(resource, context);
    context.service.setSystemTags(created.attributes.Arn, resource.systemTags);
    return created;
  },
  // Replaces the configuration and keeps the state.
  update(resource, context: ResourceContext<CloudWatch>) {
    const updated = put(resource, context);
    changeTags(updated.attributes.Arn, resource.previous.Tags, resource.properties.Tags, context);
    return updated;
  },
  delete: ({ ref }, context: ResourceContext<CloudWatch>) =>
    context.service.deleteAlarms({ AlarmNames: [ref] }, context.call),
});

function put(resource: NewResource<Values<typeof properties>>, context: ResourceContext<CloudWatch>) {
  const name = alarmNameOf(resource);
  context.service.putCompositeAlarm({ ...resource.properties, AlarmName: name }, context.call);
  const arn = formatArn('cloudwatch', context.region, context.account, `alarm:${name}`);
  return { ref: name, attributes: { Arn: arn } };
}
