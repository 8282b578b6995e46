import type { Group } from './group';
import type { Instance } from '../instances/instance';

/**
 * The number of instances in each of a group's zones, and in zones that it no longer has.
 * @param leaving an instance that is not counted
 */
export function instancesByZone(group: Group, leaving?: Instance): Map<string, number> {
  const counts = new Map(group.definition.zones.map((zone) => [zone, 0]));
  for (const instance of group.staying) {
    if (instance === leaving) continue;
    const { availabilityZone } = instance;
    counts.set(availabilityZone, (counts.get(availabilityZone) ?? 0) + 1);
  }
  return counts;
}

/** The first of the group's zones with the fewest instances. */
export function emptiestZone(group: Group, counts: ReadonlyMap<string, number>): string {
  const { zones } = group.definition;
  const fewest = Math.min(...zones.map((zone) => counts.get(zone) ?? 0));
  return zones.find((zone) => counts.get(zone) === fewest) as string;
}
