import type { Group } from './groups/group';
import type { Instance } from './instances/instance';

/** What determines the weight of instance types. */
export type Weighing = Pick<Group, 'definition'> & Partial<Pick<Group, 'desiredConfiguration'>>;

/**
 * The weight of an instance type in units of capacity: 1, unless the overrides of a MixedInstancesPolicy set it.
 * Changed weights also apply to running instances.
 */
export function weightOf({ definition, desiredConfiguration }: Weighing, instanceType: string | undefined): number {
  for (const policy of [desiredConfiguration?.MixedInstancesPolicy, definition.mixedInstancesPolicy]) {
    const { Overrides = [] } = policy?.LaunchTemplate ?? {};
    const weight = Overrides.find(({ InstanceType }) => InstanceType === instanceType)?.WeightedCapacity;
    if (weight !== undefined) return Number(weight);
  }
  return 1;
}

/** The total weight of instances, in units of capacity. */
export function unitsOf(group: Weighing, instances: readonly Instance[]): number {
  return instances.reduce((sum, { source }) => sum + weightOf(group, source.instanceType), 0);
}

/** Whether a group has at least its desired capacity, and would not without any one of its instances. */
export function isAtDesired(group: Group): boolean {
  const surplus = unitsOf(group, group.capacity) - group.desired;
  const lightest = Math.min(...group.capacity.map(({ source }) => weightOf(group, source.instanceType)));
  return surplus >= 0 && surplus < lightest;
}
