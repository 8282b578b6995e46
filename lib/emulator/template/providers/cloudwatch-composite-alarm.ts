import { formatArn } from '../../api';
import { emulated, flag, integer, list, required, text } from '../shapes';
import { define } from './define';
import { tagList } from './tags';

/** An alarm on the states of other alarms. */
export const cloudWatchCompositeAlarm = define({
  type: 'AWS::CloudWatch::CompositeAlarm',
  properties: {
    ActionsEnabled: emulated(flag),
    ActionsSuppressor: emulated(text),
    ActionsSuppressorExtensionPeriod: emulated(integer),
    ActionsSuppressorWaitPeriod: emulated(integer),
    AlarmActions: emulated(list(text)),
    AlarmDescription: emulated(text),
    AlarmName: emulated(text),
    AlarmRule: required(emulated(text)),
    InsufficientDataActions: emulated(list(text)),
    OKActions: emulated(list(text)),
    Tags: emulated(tagList),
  },
  create(resource, cloud) {
    const name = resource.properties.AlarmName ?? resource.name({ longest: 255 });
    cloud.cloudWatch.putCompositeAlarm({ ...resource.properties, AlarmName: name }, cloud.call);
    const arn = formatArn('cloudwatch', cloud.region, cloud.account, `alarm:${name}`);
    return { ref: name, attributes: { Arn: arn } };
  },
});
