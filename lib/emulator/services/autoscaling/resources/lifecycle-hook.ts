import type { AutoScaling } from '../autoscaling';
import {
  emulated,
  integer,
  naming,
  replacing,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import type { CreatedResource, NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const properties = {
  AutoScalingGroupName: replacing(required(emulated(text))),
  DefaultResult: emulated(text),
  HeartbeatTimeout: emulated(integer),
  LifecycleHookName: naming(emulated(text)),
  LifecycleTransition: required(emulated(text)),
  NotificationMetadata: emulated(text),
  NotificationTargetARN: emulated(text, 'queues, topics and functions'),
  RoleARN: emulated(text),
};

/** The values of properties that an update removes: PutLifecycleHook would keep them. */
const DEFAULTS = { DefaultResult: 'ABANDON', HeartbeatTimeout: 3_600, NotificationTargetARN: '' };

export const autoScalingLifecycleHook = define({
  type: 'AWS::AutoScaling::LifecycleHook',
  properties,
  unique: {
    name: (resource) => `${resource.properties.AutoScalingGroupName}/${nameOf(resource)}`,
    exists(resource, context: ResourceContext<AutoScaling>) {
      const { AutoScalingGroupName } = resource.properties;
      const hooks = { AutoScalingGroupName, LifecycleHookNames: [nameOf(resource)] };
      return context.service.describeLifecycleHooks(hooks, context.call).LifecycleHooks?.length !== 0;
    },
  },
  create(resource, context: ResourceContext<AutoScaling>) {
    const created = put(resource, context);
    context.service.letPassHook(resource.properties.AutoScalingGroupName, created.ref);
    return created;
  },
  update: put,
  delete({ ref, properties: { AutoScalingGroupName } }, context: ResourceContext<AutoScaling>) {
    const hook = { AutoScalingGroupName, LifecycleHookName: ref };
    // It may have been deleted with its group.
    unlessGone(() => void context.service.deleteLifecycleHook(hook, context.call), 'ValidationError');
  },
});

function nameOf({ properties: { LifecycleHookName }, name }: NewResource<Values<typeof properties>>): string {
  return LifecycleHookName ?? name({ longest: 255 });
}

function put(resource: NewResource<Values<typeof properties>>, context: ResourceContext<AutoScaling>): CreatedResource {
  const name = nameOf(resource);
  context.service.putLifecycleHook({ ...DEFAULTS, ...resource.properties, LifecycleHookName: name }, context.call);
  return { ref: name, attributes: {} };
}
