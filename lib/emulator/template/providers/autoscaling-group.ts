import { availabilityZones } from '../availability-zones';
import { anything, emulated, flag, inert, integer, list, record, required, text } from '../shapes';
import type { NewResource } from './contract';
import { define } from './define';

const machine = 'instances are processes on this machine';

const launchTemplate = record({
  LaunchTemplateId: emulated(text),
  LaunchTemplateName: emulated(text),
  Version: required(emulated(text)),
});

const mixedInstances = record({
  InstancesDistribution: inert(anything, 'all instances are alike and cost nothing'),
  LaunchTemplate: required(
    emulated(
      record({
        LaunchTemplateSpecification: required(emulated(launchTemplate)),
        Overrides: emulated(list(record({ InstanceType: emulated(text) })), 'the first type is told by the metadata'),
      }),
    ),
  ),
});

export const autoScalingGroup = define({
  type: 'AWS::AutoScaling::AutoScalingGroup',
  properties: {
    AutoScalingGroupName: emulated(text),
    AvailabilityZones: emulated(list(text)),
    Cooldown: emulated(integer),
    DefaultInstanceWarmup: emulated(integer),
    DesiredCapacity: emulated(integer),
    HealthCheckGracePeriod: emulated(integer),
    HealthCheckType: inert(text, 'an instance is healthy as long as it runs'),
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
  },
  refusal({ LaunchConfigurationName, LaunchTemplate, MixedInstancesPolicy }) {
    if (LaunchConfigurationName !== undefined) return 'it has a launch configuration; give it a launch template';
    return LaunchTemplate === undefined && MixedInstancesPolicy === undefined ? 'it has no launch template' : undefined;
  },
  create(resource, cloud) {
    const { Cooldown, MetricsCollection, MixedInstancesPolicy, VPCZoneIdentifier, ...given } = resource.properties;
    const name = given.AutoScalingGroupName ?? resource.name({ longest: 255 });
    cloud.autoScaling.createAutoScalingGroup(
      {
        ...given,
        AutoScalingGroupName: name,
        AvailabilityZones: given.AvailabilityZones ?? zonesOf(VPCZoneIdentifier ?? [], resource, cloud.region),
        DefaultCooldown: Cooldown,
        MixedInstancesPolicy: MixedInstancesPolicy && { LaunchTemplate: MixedInstancesPolicy.LaunchTemplate },
        VPCZoneIdentifier: VPCZoneIdentifier?.join(','),
      },
      cloud.call,
    );
    for (const { Granularity, Metrics } of MetricsCollection ?? []) {
      cloud.autoScaling.enableMetricsCollection({ AutoScalingGroupName: name, Granularity, Metrics }, cloud.call);
    }
    const described = cloud.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: [name] }, cloud.call);
    const arn = described.AutoScalingGroups?.[0]?.AutoScalingGroupARN ?? '';
    return { ref: name, attributes: { AutoScalingGroupARN: arn } };
  },
});

/** The zones of the group's subnets; all of the region's, where the subnets are not of the same stack. */
function zonesOf(subnetIds: readonly string[], group: Pick<NewResource, 'sibling'>, region: string): string[] {
  const zones = subnetIds.map((id) => group.sibling(id)?.attributes.AvailabilityZone);
  const known = zones.filter((zone) => typeof zone === 'string');
  return known.length > 0 ? [...new Set(known)] : availabilityZones(region);
}
