import type { AutoScaling } from '../autoscaling';
import { isDeepStrictEqual } from 'node:util';
import type { InstanceLifecyclePolicy } from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../../core';
import { availabilityZones } from '../../../cloudformation/availability-zones';
import {
  emulated,
  flag,
  inert,
  integer,
  list,
  naming,
  readProperties,
  record,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import { refreshInstances } from './instance-refresh';
import type { NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { LAUNCH_PROPERTIES, refreshOf, updatePolicy } from './update-policy';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const machine = 'instances are processes on this machine';

const launchTemplate = record({
  LaunchTemplateId: emulated(text),
  LaunchTemplateName: emulated(text),
  Version: required(emulated(text)),
});

const alike = 'all instances are alike and cost nothing';

const mixedInstances = record({
  InstancesDistribution: emulated(
    record({
      OnDemandAllocationStrategy: inert(text, alike),
      OnDemandBaseCapacity: emulated(integer),
      OnDemandPercentageAboveBaseCapacity: emulated(integer, 'told by the metadata: which instances are Spot'),
      SpotAllocationStrategy: inert(text, alike),
      SpotInstancePools: inert(integer, alike),
      SpotMaxPrice: inert(text, alike),
    }),
  ),
  LaunchTemplate: required(
    emulated(
      record({
        LaunchTemplateSpecification: required(emulated(launchTemplate)),
        Overrides: emulated(
          list(record({ InstanceType: emulated(text), WeightedCapacity: emulated(text) })),
          'all instances are of the first type',
        ),
      }),
    ),
  ),
});

const properties = {
  AutoScalingGroupName: naming(emulated(text)),
  AvailabilityZones: emulated(list(text)),
  CapacityRebalance: emulated(flag),
  Cooldown: emulated(integer),
  DefaultInstanceWarmup: emulated(integer),
  DesiredCapacity: emulated(integer),
  HealthCheckGracePeriod: emulated(integer),
  HealthCheckType: inert(text, 'an instance is healthy as long as it is there and nobody says otherwise'),
  InstanceLifecyclePolicy: emulated(
    record({ RetentionTriggers: emulated(record({ TerminateHookAbandon: emulated(text) })) }),
  ),
  LaunchConfigurationName: emulated(text, 'told as a launch template of the same name'),
  LaunchTemplate: emulated(launchTemplate),
  LifecycleHookSpecificationList: emulated(
    list(
      record({
        DefaultResult: emulated(text),
        HeartbeatTimeout: emulated(integer),
        LifecycleHookName: required(emulated(text)),
        LifecycleTransition: required(emulated(text)),
        NotificationMetadata: emulated(text),
        NotificationTargetARN: emulated(text),
        RoleARN: emulated(text),
      }),
    ),
  ),
  MaxInstanceLifetime: emulated(integer),
  MaxSize: required(emulated(integer)),
  MetricsCollection: emulated(list(record({ Granularity: required(emulated(text)), Metrics: emulated(list(text)) }))),
  MinSize: required(emulated(integer)),
  MixedInstancesPolicy: emulated(mixedInstances),
  NewInstancesProtectedFromScaleIn: emulated(flag),
  PlacementGroup: inert(text, machine),
  ServiceLinkedRoleARN: inert(text, 'permissions are not enforced'),
  Tags: emulated(
    list(
      record({
        Key: required(emulated(text)),
        PropagateAtLaunch: required(emulated(flag)),
        Value: required(emulated(text)),
      }),
    ),
  ),
  TerminationPolicies: emulated(list(text)),
  VPCZoneIdentifier: emulated(
    list(text),
    'instances are spread over the zones of these subnets; there are no networks',
  ),
};

export const autoScalingGroup = define({
  type: 'AWS::AutoScaling::AutoScalingGroup',
  properties,
  updatePolicy,
  refusal({ LaunchConfigurationName, LaunchTemplate, MixedInstancesPolicy }) {
    const source = LaunchConfigurationName ?? LaunchTemplate ?? MixedInstancesPolicy;
    return source === undefined ? 'it has no launch template, and no launch configuration' : undefined;
  },
  needsReplacement(changed, given) {
    const { AutoScalingReplacingUpdate } = readProperties(updatePolicy, given, 'UpdatePolicy');
    return AutoScalingReplacingUpdate?.WillReplace === true && LAUNCH_PROPERTIES.some((name) => changed.has(name));
  },
  create(resource, context: ResourceContext<AutoScaling>) {
    const { AutoScalingGroupName, MetricsCollection = [] } = resource.properties;
    const name = AutoScalingGroupName ?? resource.name({ longest: 255 });
    context.service.createAutoScalingGroup(
      { ...settingsOf(resource, context), AutoScalingGroupName: name },
      context.call,
    );
    context.service.setSystemTags(name, resource.systemTags);
    for (const { Granularity, Metrics } of MetricsCollection) {
      context.service.enableMetricsCollection({ AutoScalingGroupName: name, Granularity, Metrics }, context.call);
    }
    const described = context.service.describeAutoScalingGroups({ AutoScalingGroupNames: [name] }, context.call);
    const arn = described.AutoScalingGroups?.[0]?.AutoScalingGroupARN ?? '';
    return { ref: name, attributes: { AutoScalingGroupARN: arn } };
  },
  update(resource, context: ResourceContext<AutoScaling>) {
    const { ref: name, attributes, properties: given, previous } = resource;
    const { LifecycleHookSpecificationList: hooks = [], Tags: _tags, ...settings } = settingsOf(resource, context);
    const policy = readProperties(updatePolicy, resource.updatePolicy, 'UpdatePolicy');
    const { AutoScalingScheduledAction } = policy;
    // CloudFormation sends the sizes with each update, which reverts later scaling, unless the update policy says
    // otherwise.
    const ignores = AutoScalingScheduledAction?.IgnoreUnmodifiedGroupSizeProperties === true;
    const sizes = Object.fromEntries(
      SIZES.filter((size) => !(ignores && given[size] === previous[size])).map((size) => [size, given[size]]),
    );
    const unsized = Object.fromEntries(SIZES.map((size) => [size, undefined]));
    const input = { ...DEFAULTS, ...present(settings), ...unsized, ...sizes, AutoScalingGroupName: name };
    context.service.updateAutoScalingGroup(input, context.call);
    for (const { LifecycleHookName } of previous.LifecycleHookSpecificationList ?? []) {
      if (hooks.some((hook) => hook.LifecycleHookName === LifecycleHookName)) continue;
      context.service.deleteLifecycleHook({ AutoScalingGroupName: name, LifecycleHookName }, context.call);
    }
    for (const hook of hooks) {
      context.service.putLifecycleHook({ ...hook, AutoScalingGroupName: name }, context.call);
    }
    updateTags(name, previous.Tags, given.Tags, context);
    if (previous.MetricsCollection) {
      context.service.disableMetricsCollection({ AutoScalingGroupName: name }, context.call);
    }
    for (const { Granularity, Metrics } of given.MetricsCollection ?? []) {
      context.service.enableMetricsCollection({ AutoScalingGroupName: name, Granularity, Metrics }, context.call);
    }
    const launchedOtherwise = LAUNCH_PROPERTIES.some(
      (property) => !isDeepStrictEqual(given[property], previous[property]),
    );
    return {
      ref: name,
      attributes,
      afterwards: () => {
        if (!launchedOtherwise) return;
        const described = context.service.describeAutoScalingGroups({ AutoScalingGroupNames: [name] }, context.call);
        const refresh = refreshOf(policy, described.AutoScalingGroups?.[0]?.DesiredCapacity ?? 0);
        if (refresh !== undefined) refreshInstances(name, refresh, context);
      },
    };
  },
  async delete({ ref: AutoScalingGroupName }, context: ResourceContext<AutoScaling>) {
    await letGoOfInstances(AutoScalingGroupName, context);
    const remove = () =>
      context.service.deleteAutoScalingGroup({ AutoScalingGroupName, ForceDelete: true }, context.call);
    unlessGone(remove, 'ValidationError');
  },
});

/**
 * CloudFormation sets a group's sizes to 0 and waits until its instances have terminated. That takes no time here,
 * unless instances are protected from scale-in: those stay until a user removes their protection.
 *
 * @throws AwsError if they have stayed
 */
async function letGoOfInstances(name: string, context: ResourceContext<AutoScaling>): Promise<void> {
  const { service: autoScaling, call, waitUntil } = context;
  const instances = () =>
    autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: [name] }, call).AutoScalingGroups?.[0]?.Instances ??
    [];
  if (waitUntil === undefined || !instances().some((instance) => instance.ProtectedFromScaleIn)) return;
  const empty = { AutoScalingGroupName: name, MinSize: 0, MaxSize: 0, DesiredCapacity: 0 };
  const gone = (): boolean => {
    // Instances whose protection was removed meanwhile terminate now.
    autoScaling.updateAutoScalingGroup(empty, call);
    return instances().length === 0;
  };
  if (await waitUntil(gone)) return;
  const ids = instances().map(({ InstanceId }) => InstanceId);
  throw new AwsError(
    'NotStabilized',
    `Group did not stabilize: ${ids.join(', ')} of ${name} are protected from scale in. ` +
      'End their protection, or unload the stack with { force: true }.',
  );
}

const SIZES = ['MinSize', 'MaxSize', 'DesiredCapacity'] as const;

/** The values of properties that an update removes from the template. */
const DEFAULTS = {
  CapacityRebalance: false,
  DefaultCooldown: 300,
  DefaultInstanceWarmup: -1,
  HealthCheckGracePeriod: 0,
  HealthCheckType: 'EC2',
  InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: 'terminate' as const } },
  MaxInstanceLifetime: 0,
  NewInstancesProtectedFromScaleIn: false,
  TerminationPolicies: ['Default'],
};

/** The input of the API's actions, without the name. */
function settingsOf(resource: NewResource<Values<typeof properties>>, context: ResourceContext<AutoScaling>) {
  const { AutoScalingGroupName: _name, Cooldown, MetricsCollection: _metrics, ...rest } = resource.properties;
  const { LaunchConfigurationName: configuration, VPCZoneIdentifier, ...given } = rest;
  return {
    ...given,
    LaunchTemplate: configuration === undefined ? given.LaunchTemplate : templateOf(configuration),
    AvailabilityZones: given.AvailabilityZones ?? zonesOf(VPCZoneIdentifier ?? [], resource, context.region),
    DefaultCooldown: Cooldown,
    // The service validates the name against the enum of the SDK's type.
    InstanceLifecyclePolicy: given.InstanceLifecyclePolicy as InstanceLifecyclePolicy | undefined,
    VPCZoneIdentifier: VPCZoneIdentifier?.join(','),
  };
}

/** The launch template that represents a launch configuration. */
function templateOf(configuration: string) {
  return { LaunchTemplateName: configuration, Version: '$Latest' };
}

type GroupTags = Values<typeof properties>['Tags'];

function updateTags(
  groupName: string,
  before: GroupTags = [],
  after: GroupTags = [],
  context: ResourceContext<AutoScaling>,
): void {
  const named = { ResourceId: groupName, ResourceType: 'auto-scaling-group' };
  const gone = before.filter(({ Key }) => !after.some((tag) => tag.Key === Key));
  const tags = (list: GroupTags = []) => ({ Tags: list.map((tag) => ({ ...named, ...tag })) });
  if (gone.length > 0) context.service.deleteTags(tags(gone), context.call);
  if (after.length > 0) context.service.createOrUpdateTags(tags(after), context.call);
}

/** Omits undefined members, which would hide a default. */
function present<T extends object>(settings: T): Partial<T> {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>;
}

/** The zones of the group's subnets, or all of the Region's if the subnets are in another stack. */
function zonesOf(subnetIds: readonly string[], group: Pick<NewResource, 'sibling'>, region: string): string[] {
  const zones = subnetIds.map((id) => group.sibling(id)?.attributes.AvailabilityZone);
  const known = zones.filter((zone) => typeof zone === 'string');
  return known.length > 0 ? [...new Set(known)] : availabilityZones(region);
}
