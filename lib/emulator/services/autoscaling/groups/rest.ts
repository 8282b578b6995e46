import { SECOND } from '../../../clock';
import type { Group } from './group';
import { LOW_FOR } from '../scaling/target-tracking';

/**
 * Whether a group is steady, and would be an hour later: no instance launches or terminates, and everything temporary
 * (cooldowns, warm-ups, the wait of target tracking) is over.
 */
export function isAtRest(group: Group, now: number): boolean {
  if (group.deleting || group.cooldown !== undefined || now < group.cooldownUntil) return false;
  if (now < group.shrunkAt + LOW_FOR) return false;
  const warmup = longestWarmup(group) * SECOND;
  return [...group.instances.values()].every((instance) => {
    if (!instance.isHealthy || instance.isGone || instance.succession !== undefined) return false;
    if (instance.interruptedAt !== undefined) return false;
    return instance.inPool ? instance.isPrepared : instance.isWarm(now, warmup);
  });
}

/** In seconds. */
function longestWarmup({ definition, policies }: Group): number {
  const { defaultInstanceWarmup, defaultCooldown } = definition;
  const warmups = [...policies.values()].map(({ input }) => input.EstimatedInstanceWarmup ?? 0);
  return Math.max(defaultInstanceWarmup ?? defaultCooldown, ...warmups);
}
