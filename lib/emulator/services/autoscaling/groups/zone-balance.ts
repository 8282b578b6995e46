import type { Clock } from '../../../clock';
import { causeTime } from '../instances/activities';
import type { Group } from './group';
import { isSameSource } from '../instances/instance';
import type { Scaler } from '../scaling/scaler';
import { instanceToTerminate } from './termination';
import { isAtDesired } from '../weights';
import { instancesByZone } from './zones';

/** The collaborators of {@link ZoneBalance}. */
export interface ZoneBalanceDependencies {
  readonly clock: Clock;
  readonly scaler: Scaler;
}

/**
 * Balances instances over a group's zones. If a zone has two more than another, or an instance is in a zone that the
 * group no longer has, one is launched where it is missing and one is then terminated; one after another.
 */
export class ZoneBalance {
  constructor(private readonly dependencies: ZoneBalanceDependencies) {}

  public review(group: Group): void {
    if (group.deleting || group.isScaling || !isAtDesired(group)) return;
    if (!group.runs('AZRebalance') || !group.runs('Launch') || !group.runs('Terminate')) return;
    const zones = group.definition.zones;
    const counts = instancesByZone(group);
    const full = [...counts].filter(([zone, count]) => this.hasTooMany(group, zone, count)).map(([zone]) => zone);
    if (full.length === 0) return;
    const { clock, scaler } = this.dependencies;
    const current = scaler.sourceOf(group);
    const instance = instanceToTerminate({
      capacity: group.staying.filter(({ availabilityZone }) => full.includes(availabilityZone)),
      policies: group.definition.terminationPolicies,
      now: clock.now(),
      isCurrent: ({ source }) => isSameSource(source, current),
    });
    if (instance === undefined) return; // all of them are protected
    const before = [...counts.keys()].join(' ');
    const had = [...counts.values()].join(' ');
    const fewest = Math.min(...zones.map((zone) => counts.get(zone) ?? 0));
    const empty = zones.filter((zone) => counts.get(zone) === fewest).join(' ');
    scaler.succeed(
      group,
      instance,
      `At ${causeTime(clock.now())} availability zones ${before} had ${had} instances respectively. An instance was launched to aid in balancing the group's zones.`,
      () => {
        const at = causeTime(clock.now());
        return `At ${at} instances were launched to balance instances in zones ${empty} with other zones resulting in more than desired number of instances in the group.  At ${at} instance ${instance.instanceId} was selected for termination.`;
      },
    );
  }

  private hasTooMany(group: Group, zone: string, count: number): boolean {
    const { zones } = group.definition;
    if (!zones.includes(zone)) return count > 0;
    const counts = instancesByZone(group);
    const most = Math.max(...counts.values());
    return count === most && most - Math.min(...zones.map((other) => counts.get(other) ?? 0)) > 1;
  }
}
