import { HOUR } from '../../../clock';
import type { Instance } from '../instances/instance';

/** The valid termination policies. The last two depend on properties in which instances here never differ. */
export const TERMINATION_POLICIES = [
  'Default',
  'OldestInstance',
  'NewestInstance',
  'OldestLaunchTemplate',
  'ClosestToNextInstanceHour',
  'OldestLaunchConfiguration',
  'AllocationStrategy',
];

/** What the choice of an instance to terminate depends on. */
export interface TerminationChoice {
  /** The instances of the capacity, oldest first. */
  readonly capacity: readonly Instance[];
  readonly policies: readonly string[];
  readonly now: number;
  /** Whether an instance was launched from the group's current launch template. */
  readonly isCurrent: (instance: Instance) => boolean;
}

/**
 * The order in which scaling in terminates instances: from the zone with the most, the one that the termination
 * policies select in turn, or the oldest of several. Each zone is sorted once, so that many instances take little more
 * time than one.
 */
export class TerminationOrder {
  /** The instances per zone that may be terminated, the next one last. */
  private readonly zones = new Map<string, Ranked[]>();
  private readonly counts = new Map<string, number>();

  constructor(choice: TerminationChoice) {
    for (const [index, instance] of choice.capacity.entries()) {
      const { availabilityZone: zone, protectedFromScaleIn } = instance;
      this.counts.set(zone, (this.counts.get(zone) ?? 0) + 1);
      if (protectedFromScaleIn) continue;
      const ranks = [...choice.policies.flatMap((policy) => ranksOf(instance, index, policy, choice)), index];
      const ranked = this.zones.get(zone) ?? [];
      ranked.push({ instance, ranks });
      this.zones.set(zone, ranked);
    }
    for (const ranked of this.zones.values()) ranked.sort((a, b) => compare(b, a));
  }

  /**
   * Returns the next instance; undefined if all others are protected.
   * @param mayGo whether the group can do without an instance; rejected instances are not offered again
   */
  public next(mayGo: (instance: Instance) => boolean = () => true): Instance | undefined {
    let best: Ranked | undefined;
    let most = 0;
    for (const [zone, ranked] of this.zones) {
      while (ranked.length > 0 && !mayGo(ranked[ranked.length - 1].instance)) ranked.pop();
      const first = ranked.at(-1);
      const count = this.counts.get(zone) ?? 0;
      if (first === undefined || count < most) continue;
      if (best === undefined || count > most || compare(first, best) < 0) best = first;
      most = count;
    }
    if (best === undefined) return undefined;
    const { availabilityZone: zone } = best.instance;
    this.zones.get(zone)?.pop();
    this.counts.set(zone, most - 1);
    return best.instance;
  }
}

/** An instance and its ranks: the first rank that differs decides, lowest first. */
interface Ranked {
  readonly instance: Instance;
  readonly ranks: readonly number[];
}

/** The instance to terminate next; undefined if all are protected. */
export function instanceToTerminate(choice: TerminationChoice): Instance | undefined {
  return new TerminationOrder(choice).next();
}

function ranksOf(instance: Instance, index: number, policy: string, { isCurrent, now }: TerminationChoice): number[] {
  switch (policy) {
    case 'Default':
      return [Number(isCurrent(instance)), untilNextHour(instance, now)];
    case 'OldestInstance':
      return [index];
    case 'NewestInstance':
      return [-index];
    case 'OldestLaunchTemplate':
      return [Number(isCurrent(instance))];
    case 'ClosestToNextInstanceHour':
      return [untilNextHour(instance, now)];
    default:
      return [];
  }
}

function untilNextHour({ launchedAt }: Instance, now: number): number {
  return HOUR - ((now - launchedAt) % HOUR);
}

function compare(a: Ranked, b: Ranked): number {
  const differing = a.ranks.findIndex((rank, index) => rank !== b.ranks[index]);
  return differing < 0 ? 0 : a.ranks[differing] - b.ranks[differing];
}
