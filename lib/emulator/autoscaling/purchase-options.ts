import type { Group } from './group';

/** Whether the next instance of a group with a MixedInstancesPolicy is to be a Spot Instance. */
export function isNextSpot({ definition, capacity }: Pick<Group, 'definition' | 'capacity'>): boolean {
  const distribution = definition.mixedInstancesPolicy?.InstancesDistribution;
  if (distribution === undefined) return false;
  const { OnDemandBaseCapacity: base = 0, OnDemandPercentageAboveBaseCapacity: percentage = 100 } = distribution;
  const onDemand = capacity.filter(({ source }) => !source.spot).length;
  const above = Math.max(0, capacity.length + 1 - base);
  // A fraction of an instance is rounded in favour of On-Demand.
  return onDemand >= base + Math.ceil((above * percentage) / 100);
}

/** Whether a group may ever launch Spot Instances because of its MixedInstancesPolicy. */
export function mayMixInSpot(definition: Group['definition']): boolean {
  const { OnDemandPercentageAboveBaseCapacity: percentage = 100 } =
    definition.mixedInstancesPolicy?.InstancesDistribution ?? {};
  return percentage < 100;
}
