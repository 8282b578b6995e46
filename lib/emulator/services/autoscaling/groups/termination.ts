import { HOUR } from '../../../clock';
import type { Instance } from '../instances/instance';

/** The termination policies that a group may have. The last two tell apart what instances here never differ in. */
export const TERMINATION_POLICIES = [
  'Default',
  'OldestInstance',
  'NewestInstance',
  'OldestLaunchTemplate',
  'ClosestToNextInstanceHour',
  'OldestLaunchConfiguration',
  'AllocationStrategy',
];

/** What the choice of an instance to terminate goes by. */
export interface TerminationChoice {
  /** The instances that count towards the capacity, oldest first. */
  readonly capacity: readonly Instance[];
  readonly policies: readonly string[];
  readonly now: number;
  /** Whether an instance was launched from what the group would launch from now. */
  readonly isCurrent: (instance: Instance) => boolean;
  /**
   * Whether the group can do without an instance.
   * @default - it can do without any
   */
  readonly mayGo?: (instance: Instance) => boolean;
}

/**
 * Which instance goes when a group scales in: one in the zone that has the most, and of those the one that the
 * termination policies, each in turn, leave over; the oldest, where they leave several. Undefined if all are protected.
 */
export function instanceToTerminate(choice: TerminationChoice): Instance | undefined {
  const { mayGo = () => true } = choice;
  const unprotected = choice.capacity.filter((instance) => !instance.protectedFromScaleIn && mayGo(instance));
  const inZone = new Map<string, number>();
  for (const { availabilityZone: zone } of choice.capacity) inZone.set(zone, (inZone.get(zone) ?? 0) + 1);
  let candidates = best(unprotected, ({ availabilityZone: zone }) => -(inZone.get(zone) ?? 0));
  for (const policy of choice.policies) candidates = narrow(candidates, policy, choice);
  return candidates[0];
}

function narrow(candidates: readonly Instance[], policy: string, choice: TerminationChoice): readonly Instance[] {
  switch (policy) {
    case 'Default':
      return narrow(narrow(candidates, 'OldestLaunchTemplate', choice), 'ClosestToNextInstanceHour', choice);
    case 'OldestInstance':
      return candidates.slice(0, 1);
    case 'NewestInstance':
      return candidates.slice(-1);
    case 'OldestLaunchTemplate':
      return best(candidates, (instance) => Number(choice.isCurrent(instance)));
    case 'ClosestToNextInstanceHour':
      return best(candidates, (instance) => HOUR - ((choice.now - instance.launchedAt) % HOUR));
    default:
      return candidates;
  }
}

/** Those of which `score` is the lowest. */
function best(instances: readonly Instance[], score: (instance: Instance) => number): readonly Instance[] {
  const lowest = Math.min(...instances.map(score));
  return instances.filter((instance) => score(instance) === lowest);
}
