import type { Group } from './group';
import type { Instance } from '../instances/instance';

/**
 * How many instances of the group's capacity are in each of its zones, and in those that are its no longer.
 * @param leaving one that is not to be counted
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

/** The first of the group's zones that has the fewest of its instances, by their counts. */
export function emptiestZone(group: Group, counts: ReadonlyMap<string, number>): string {
  const { zones } = group.definition;
  const fewest = Math.min(...zones.map((zone) => counts.get(zone) ?? 0));
  return zones.find((zone) => counts.get(zone) === fewest) as string;
}
