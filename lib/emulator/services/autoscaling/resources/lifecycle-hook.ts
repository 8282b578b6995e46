import type { DeploymentContext } from '../../../cloudformation/provider/deployment-context';
import {
  emulated,
  integer,
  naming,
  replacing,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import type { CreatedResource, NewResource } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

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
  unique: {
    name: (resource) => `${resource.properties.AutoScalingGroupName}/${nameOf(resource)}`,
    exists(resource, cloud) {
      const { AutoScalingGroupName } = resource.properties;
      const hooks = { AutoScalingGroupName, LifecycleHookNames: [nameOf(resource)] };
      return cloud.autoScaling.describeLifecycleHooks(hooks, cloud.call).LifecycleHooks?.length !== 0;
    },
  },
  create(resource, cloud) {
    const created = put(resource, cloud);
    cloud.autoScaling.letPassHook(resource.properties.AutoScalingGroupName, created.ref);
    return created;
  },
  update: put,
  delete({ ref, properties: { AutoScalingGroupName } }, cloud) {
    const hook = { AutoScalingGroupName, LifecycleHookName: ref };
    // Its group may have taken it along.
    unlessGone(() => void cloud.autoScaling.deleteLifecycleHook(hook, cloud.call), 'ValidationError');
  },
});

function nameOf({ properties: { LifecycleHookName }, name }: NewResource<Values<typeof properties>>): string {
  return LifecycleHookName ?? name({ longest: 255 });
}

function put(resource: NewResource<Values<typeof properties>>, cloud: DeploymentContext): CreatedResource {
  const name = nameOf(resource);
  cloud.autoScaling.putLifecycleHook({ ...DEFAULTS, ...resource.properties, LifecycleHookName: name }, cloud.call);
  return { ref: name, attributes: {} };
}
