import { emulated, inert, integer, required, text } from '../shapes';
import { define } from './define';

const notNotified = 'instances learn of it from their metadata; notifications are not sent';

export const autoScalingLifecycleHook = define({
  type: 'AWS::AutoScaling::LifecycleHook',
  properties: {
    AutoScalingGroupName: required(emulated(text)),
    DefaultResult: emulated(text),
    HeartbeatTimeout: emulated(integer),
    LifecycleHookName: emulated(text),
    LifecycleTransition: required(emulated(text)),
    NotificationMetadata: inert(text, notNotified),
    NotificationTargetARN: inert(text, notNotified),
    RoleARN: inert(text, 'permissions are not enforced'),
  },
  create(resource, cloud) {
    const { LifecycleHookName: name = resource.name({ longest: 255 }), ...given } = resource.properties;
    cloud.autoScaling.putLifecycleHook({ ...given, LifecycleHookName: name }, cloud.call);
    return { ref: name, attributes: {} };
  },
});
