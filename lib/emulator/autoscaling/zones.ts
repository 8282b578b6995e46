import type { Group } from './group';

/** How many instances of the group's capacity are in each of its zones, and in those that are its no longer. */
export function instancesByZone(group: Group): Map<string, number> {
  const counts = new Map(group.definition.zones.map((zone) => [zone, 0]));
  for (const { availabilityZone } of group.staying) {
    counts.set(availabilityZone, (counts.get(availabilityZone) ?? 0) + 1);
  }
  return counts;
}

/** The first of the group's zones that has the fewest of its instances. */
export function emptiestZone(group: Group): string {
  const counts = instancesByZone(group);
  const { zones } = group.definition;
  const fewest = Math.min(...zones.map((zone) => counts.get(zone) ?? 0));
  return zones.find((zone) => counts.get(zone) === fewest) as string;
}
