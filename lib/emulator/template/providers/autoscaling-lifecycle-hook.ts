import type { Cloud } from '../cloud';
import { emulated, integer, naming, replacing, required, text, type Values } from '../shapes';
import type { CreatedResource, NewResource } from './contract';
import { define } from './define';
import { unlessGone } from './gone';

const properties = {
  AutoScalingGroupName: replacing(required(emulated(text))),
  DefaultResult: emulated(text),
  HeartbeatTimeout: emulated(integer),
  LifecycleHookName: naming(emulated(text)),
  LifecycleTransition: required(emulated(text)),
  NotificationMetadata: emulated(text),
  NotificationTargetARN: emulated(text, 'queues and functions; SNS topics are not emulated'),
  RoleARN: emulated(text),
};

/** What `PutLifecycleHook` leaves as it was, when a template no longer gives it. */
const DEFAULTS = { DefaultResult: 'ABANDON', HeartbeatTimeout: 3_600, NotificationTargetARN: '' };

export const autoScalingLifecycleHook = define({
  type: 'AWS::AutoScaling::LifecycleHook',
  properties,
  create: put,
  update: put,
  delete({ ref, properties: { AutoScalingGroupName } }, cloud) {
    const hook = { AutoScalingGroupName, LifecycleHookName: ref };
    // Its group may have taken it along.
    unlessGone(() => void cloud.autoScaling.deleteLifecycleHook(hook, cloud.call), 'ValidationError');
  },
});

function put(resource: NewResource<Values<typeof properties>>, cloud: Cloud): CreatedResource {
  const { LifecycleHookName: name = resource.name({ longest: 255 }), ...given } = resource.properties;
  cloud.autoScaling.putLifecycleHook({ ...DEFAULTS, ...given, LifecycleHookName: name }, cloud.call);
  return { ref: name, attributes: {} };
}
