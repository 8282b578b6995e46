import type { Group } from './group';
import { unitsOf, weightOf } from '../weights';

/** Whether the next instance, of that type, of a group with a MixedInstancesPolicy is to be a Spot Instance. */
export function isNextSpot(group: Pick<Group, 'definition' | 'capacity'>, instanceType: string | undefined): boolean {
  const { definition, capacity } = group;
  const distribution = definition.mixedInstancesPolicy?.InstancesDistribution;
  if (distribution === undefined) return false;
  const { OnDemandBaseCapacity: base = 0, OnDemandPercentageAboveBaseCapacity: percentage = 100 } = distribution;
  const onDemand = unitsOf(
    group,
    capacity.filter(({ source }) => !source.spot),
  );
  const above = Math.max(0, unitsOf(group, capacity) + weightOf(group, instanceType) - base);
  // Fractions of an instance are rounded in favour of On-Demand.
  return onDemand >= base + Math.ceil((above * percentage) / 100);
}

/** Whether a group's MixedInstancesPolicy can ever launch Spot Instances. */
export function mayMixInSpot(definition: Group['definition']): boolean {
  const { OnDemandPercentageAboveBaseCapacity: percentage = 100 } =
    definition.mixedInstancesPolicy?.InstancesDistribution ?? {};
  return percentage < 100;
}
