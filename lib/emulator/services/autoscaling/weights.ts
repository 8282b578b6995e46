import type { Group } from './groups/group';
import type { Instance } from './instances/instance';

/** What says how much each type of instance counts. */
export type Weighing = Pick<Group, 'definition'> & Partial<Pick<Group, 'desiredConfiguration'>>;

/**
 * How many units of a group's capacity an instance of a type counts: 1, unless the overrides of a MixedInstancesPolicy
 * say otherwise. Changed weights apply to instances that run already.
 */
export function weightOf({ definition, desiredConfiguration }: Weighing, instanceType: string | undefined): number {
  for (const policy of [desiredConfiguration?.MixedInstancesPolicy, definition.mixedInstancesPolicy]) {
    const { Overrides = [] } = policy?.LaunchTemplate ?? {};
    const weight = Overrides.find(({ InstanceType }) => InstanceType === instanceType)?.WeightedCapacity;
    if (weight !== undefined) return Number(weight);
  }
  return 1;
}

/** How many units of a group's capacity some instances count together. */
export function unitsOf(group: Weighing, instances: readonly Instance[]): number {
  return instances.reduce((sum, { source }) => sum + weightOf(group, source.instanceType), 0);
}

/** Whether a group has enough capacity, and could not do without one of its instances. */
export function isAtDesired(group: Group): boolean {
  const surplus = unitsOf(group, group.capacity) - group.desired;
  const lightest = Math.min(...group.capacity.map(({ source }) => weightOf(group, source.instanceType)));
  return surplus >= 0 && surplus < lightest;
}
