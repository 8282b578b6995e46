import type {
  CreateAutoScalingGroupType,
  InstanceLifecyclePolicy,
  LaunchTemplateOverrides,
  LaunchTemplateSpecification,
  MixedInstancesPolicy,
  UpdateAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import { DAY, SECOND } from '../../../clock';
import { checkInteger, checkOneOf, missing, validationError } from '../errors';
import type { LaunchTemplateVersion } from '../fleet';
import { TERMINATION_POLICIES } from './termination';

/** A group's validated configuration. */
export interface GroupDefinition {
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** In seconds. */
  readonly defaultCooldown: number;
  /** In seconds; undefined if it is not set. */
  readonly defaultInstanceWarmup: number | undefined;
  readonly zones: readonly string[];
  readonly vpcZoneIdentifier: string;
  readonly terminationPolicies: readonly string[];
  readonly newInstancesProtected: boolean;
  readonly launchTemplate: LaunchTemplateSpecification | undefined;
  readonly mixedInstancesPolicy: MixedInstancesPolicy | undefined;
  readonly healthCheckType: string;
  /** In seconds. */
  readonly healthCheckGracePeriod: number;
  readonly capacityRebalance: boolean;
  /** In seconds; undefined if instances have no maximum lifetime. */
  readonly maxInstanceLifetime: number | undefined;
  readonly instanceLifecyclePolicy: InstanceLifecyclePolicy | undefined;
  readonly placementGroup: string | undefined;
  readonly serviceLinkedRoleArn: string | undefined;
  readonly context: string | undefined;
  readonly deletionProtection: string;
}

type GroupInput = Partial<CreateAutoScalingGroupType> & UpdateAutoScalingGroupType;

/** Settings that would change a group's behaviour, and are not emulated. */
const UNSUPPORTED = [
  'LaunchConfigurationName',
  'InstanceId',
  'AvailabilityZoneIds',
  'LoadBalancerNames',
  'TargetGroupARNs',
  'TrafficSources',
  'InstanceMaintenancePolicy',
  'AvailabilityZoneDistribution',
  'AvailabilityZoneImpairmentPolicy',
  'CapacityReservationSpecification',
  'Operator',
] as const satisfies readonly (keyof CreateAutoScalingGroupType)[];

/** Validates the input of CreateAutoScalingGroup or, with `existing`, UpdateAutoScalingGroup. */
export function defineGroup(input: GroupInput, region: string, existing?: GroupDefinition): GroupDefinition {
  refuseUnsupported(input);
  checkInteger('DefaultCooldown', input.DefaultCooldown, 0);
  checkInteger('HealthCheckGracePeriod', input.HealthCheckGracePeriod, 0);
  checkInteger('DefaultInstanceWarmup', input.DefaultInstanceWarmup, -1);
  checkOneOf('DeletionProtection', input.DeletionProtection, [
    'none',
    'prevent-force-deletion',
    'prevent-all-deletion',
  ]);
  const { TerminateHookAbandon } = input.InstanceLifecyclePolicy?.RetentionTriggers ?? {};
  checkOneOf('TerminateHookAbandon', TerminateHookAbandon, ['retain', 'terminate']);
  for (const policy of input.TerminationPolicies ?? []) checkOneOf('TerminationPolicies', policy, TERMINATION_POLICIES);
  const min = sizeOf('MinSize', input.MinSize ?? existing?.min);
  const max = sizeOf('MaxSize', input.MaxSize ?? existing?.max);
  if (max < min) throw validationError(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  const { zones, vpcZoneIdentifier } = placesOf(input, region, existing);
  return {
    min,
    max,
    desired: desiredOf(input, min, max, existing),
    defaultCooldown: input.DefaultCooldown ?? existing?.defaultCooldown ?? 300,
    defaultInstanceWarmup: warmupOf(input, existing),
    zones,
    vpcZoneIdentifier,
    terminationPolicies: input.TerminationPolicies ?? existing?.terminationPolicies ?? ['Default'],
    newInstancesProtected: input.NewInstancesProtectedFromScaleIn ?? existing?.newInstancesProtected ?? false,
    ...launchedFrom(input, existing),
    healthCheckType: input.HealthCheckType ?? existing?.healthCheckType ?? 'EC2',
    healthCheckGracePeriod: input.HealthCheckGracePeriod ?? existing?.healthCheckGracePeriod ?? 0,
    capacityRebalance: input.CapacityRebalance ?? existing?.capacityRebalance ?? false,
    maxInstanceLifetime: lifetimeOf(input, existing),
    instanceLifecyclePolicy: input.InstanceLifecyclePolicy ?? existing?.instanceLifecyclePolicy,
    placementGroup: input.PlacementGroup ?? existing?.placementGroup,
    serviceLinkedRoleArn: input.ServiceLinkedRoleARN ?? existing?.serviceLinkedRoleArn,
    context: input.Context ?? existing?.context,
    deletionProtection: input.DeletionProtection ?? existing?.deletionProtection ?? 'none',
  };
}

/** The launch template of a group's next instance, and the instance type that overrides the template's. */
export function launchSource(definition: Pick<GroupDefinition, 'launchTemplate' | 'mixedInstancesPolicy'>): {
  readonly specification: LaunchTemplateSpecification;
  readonly instanceType?: string;
} {
  const mixed = definition.mixedInstancesPolicy?.LaunchTemplate;
  const specification = definition.launchTemplate ?? mixed?.LaunchTemplateSpecification ?? {};
  return { specification, instanceType: mixed?.Overrides?.[0]?.InstanceType };
}

/**
 * Completes a definition as AWS returns it: with the template's id and name, whichever was given, and with the defaults
 * of the instances distribution.
 */
export function completed<Source extends Pick<GroupDefinition, 'launchTemplate' | 'mixedInstancesPolicy'>>(
  source: Source,
  { launchTemplateId, launchTemplateName }: Pick<LaunchTemplateVersion, 'launchTemplateId' | 'launchTemplateName'>,
): Source {
  const template = (given: LaunchTemplateSpecification | undefined): LaunchTemplateSpecification => ({
    LaunchTemplateId: launchTemplateId,
    LaunchTemplateName: launchTemplateName,
    ...(given?.Version !== undefined && { Version: given.Version }),
  });
  const { launchTemplate, mixedInstancesPolicy: mixed } = source;
  if (mixed === undefined) return { ...source, launchTemplate: template(launchTemplate) };
  const { InstancesDistribution: distribution = {}, LaunchTemplate: launched } = mixed;
  const { SpotAllocationStrategy: strategy = 'lowest-price' } = distribution;
  const mixedInstancesPolicy: MixedInstancesPolicy = {
    LaunchTemplate: { ...launched, LaunchTemplateSpecification: template(launched?.LaunchTemplateSpecification) },
    InstancesDistribution: {
      OnDemandAllocationStrategy: 'prioritized',
      OnDemandBaseCapacity: 0,
      OnDemandPercentageAboveBaseCapacity: 100,
      SpotAllocationStrategy: strategy,
      ...(strategy === 'lowest-price' && { SpotInstancePools: 2 }),
      ...distribution,
    },
  };
  return { ...source, mixedInstancesPolicy };
}

/** Validates the overrides of a MixedInstancesPolicy: either all types have a weight or none. */
export function checkOverrides(overrides: readonly LaunchTemplateOverrides[]): void {
  for (const override of overrides) {
    for (const member of ['LaunchTemplateSpecification', 'InstanceRequirements', 'ImageId'] as const) {
      if (override[member] !== undefined)
        throw validationError(`${member} is not supported in the overrides of a MixedInstancesPolicy.`);
    }
  }
  const weights = overrides.map(({ WeightedCapacity }) => WeightedCapacity);
  if (weights.every((weight) => weight === undefined)) return;
  for (const [index, weight] of weights.entries()) {
    if (weight === undefined) {
      throw validationError(
        `WeightedCapacity must be specified for all instance types or for none, but ${overrides[index].InstanceType ?? 'one'} has none.`,
      );
    }
    if (!/^[1-9]\d{0,2}$/.test(weight))
      throw validationError(`WeightedCapacity must be a whole number from 1 to 999, but was ${weight}.`);
  }
}

function refuseUnsupported(input: GroupInput): void {
  for (const member of UNSUPPORTED) {
    const value: unknown = input[member];
    if (value === undefined || value === false || value === 0 || (Array.isArray(value) && value.length === 0)) continue;
    throw validationError(`${member} is not supported for an Auto Scaling group.`);
  }
  checkOneOf('DesiredCapacityType', input.DesiredCapacityType, ['units']);
}

function sizeOf(member: string, size: number | undefined): number {
  if (size === undefined) throw missing(member);
  checkInteger(member, size, 0);
  return size;
}

function desiredOf({ DesiredCapacity }: GroupInput, min: number, max: number, existing?: GroupDefinition): number {
  // If the bounds move past the capacity, the capacity follows; a requested capacity must be within them.
  if (DesiredCapacity === undefined) return Math.min(max, Math.max(min, existing?.desired ?? min));
  if (!Number.isInteger(DesiredCapacity) || DesiredCapacity < min || DesiredCapacity > max) {
    throw validationError(
      `Desired capacity:${DesiredCapacity} must be between the specified min size:${min} and max size:${max}`,
    );
  }
  return DesiredCapacity;
}

function warmupOf({ DefaultInstanceWarmup }: GroupInput, existing?: GroupDefinition): number | undefined {
  if (DefaultInstanceWarmup === -1) return undefined;
  return DefaultInstanceWarmup ?? existing?.defaultInstanceWarmup;
}

/** 0 removes the maximum lifetime. */
function lifetimeOf({ MaxInstanceLifetime: seconds }: GroupInput, existing?: GroupDefinition): number | undefined {
  if (seconds === undefined) return existing?.maxInstanceLifetime;
  if (seconds === 0) return undefined;
  checkInteger('MaxInstanceLifetime', seconds, DAY / SECOND, 365 * (DAY / SECOND));
  return seconds;
}

function placesOf(
  { AvailabilityZones, VPCZoneIdentifier }: GroupInput,
  region: string,
  existing?: GroupDefinition,
): { readonly zones: readonly string[]; readonly vpcZoneIdentifier: string } {
  const subnets = VPCZoneIdentifier?.split(',').filter((subnet) => subnet.trim() !== '') ?? [];
  // There are no networks from which to know a subnet's zone: subnets are assigned to three zones in turn.
  const zonesOfSubnets = subnets.map((_, index) => `${region}${'abc'[index % 3]}`);
  const zones = AvailabilityZones?.length ? AvailabilityZones : [...new Set(zonesOfSubnets)];
  if (zones.length > 0) return { zones, vpcZoneIdentifier: VPCZoneIdentifier ?? '' };
  if (existing !== undefined) return existing;
  throw validationError('At least one Availability Zone or VPC Subnet is required.');
}

function launchedFrom(
  { LaunchTemplate, MixedInstancesPolicy }: GroupInput,
  existing?: GroupDefinition,
): Pick<GroupDefinition, 'launchTemplate' | 'mixedInstancesPolicy'> {
  if (LaunchTemplate !== undefined && MixedInstancesPolicy !== undefined) {
    throw validationError(
      'Valid requests must contain either LaunchTemplate or MixedInstancesPolicy parameter, not both.',
    );
  }
  if (LaunchTemplate === undefined && MixedInstancesPolicy === undefined) {
    if (existing !== undefined) {
      return { launchTemplate: existing.launchTemplate, mixedInstancesPolicy: existing.mixedInstancesPolicy };
    }
    throw validationError(
      'Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
    );
  }
  const source = { launchTemplate: LaunchTemplate, mixedInstancesPolicy: MixedInstancesPolicy };
  const { LaunchTemplateId, LaunchTemplateName } = launchSource(source).specification;
  if ((LaunchTemplateId === undefined) === (LaunchTemplateName === undefined)) {
    throw validationError('Valid requests must contain either launchTemplateId or LaunchTemplateName');
  }
  checkOverrides(MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? []);
  return source;
}
