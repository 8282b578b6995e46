import { formatArn } from '../../../core';
import type { DeploymentContext } from '../../../cloudformation/provider/deployment-context';
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
import { alarmNameOf, uniqueAlarmName } from '../../../cloudformation/providers/cloudwatch-alarm-name';
import { changeTags } from './tags';
import type { NewResource } from '../../../cloudformation/provider/contract';
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
  create(resource, cloud) {
    const created = put(resource, cloud);
    cloud.cloudWatch.setSystemTags(created.attributes.Arn, resource.systemTags);
    return created;
  },
  // Replaces the whole configuration, and leaves the state.
  update(resource, cloud) {
    const updated = put(resource, cloud);
    changeTags(updated.attributes.Arn, resource.previous.Tags, resource.properties.Tags, cloud);
    return updated;
  },
  delete: ({ ref }, cloud) => cloud.cloudWatch.deleteAlarms({ AlarmNames: [ref] }, cloud.call),
});

function put(resource: NewResource<Values<typeof properties>>, cloud: DeploymentContext) {
  const name = alarmNameOf(resource);
  cloud.cloudWatch.putCompositeAlarm({ ...resource.properties, AlarmName: name }, cloud.call);
  const arn = formatArn('cloudwatch', cloud.region, cloud.account, `alarm:${name}`);
  return { ref: name, attributes: { Arn: arn } };
}
