import type { WarmPoolConfiguration } from '@aws-sdk/client-auto-scaling';
import type { Group } from '../groups/group';
import type { Instance } from './instance';

/** The state of the instances in a warm pool. */
export type PoolState = 'Stopped' | 'Running' | 'Hibernated';

/** A group's warm pool. */
export interface WarmPool {
  readonly state: PoolState;
  readonly minSize: number;
  /** Maximum prepared capacity of group and pool together; undefined for the group's maximum size. */
  readonly maxPrepared: number | undefined;
  readonly reuseOnScaleIn: boolean;
  /** Whether it is being deleted, which ends with its last instance. */
  readonly deleting: boolean;
}

/** The number of instances that a group's warm pool should have. */
export function poolSize(group: Group): number {
  const { warmPool: pool } = group;
  if (pool === undefined || pool.deleting) return 0;
  return Math.max(pool.minSize, (pool.maxPrepared ?? group.definition.max) - group.desired);
}

/** The group's warm pool as the API returns it; undefined if there is none. */
export function describeWarmPool({ warmPool: pool }: Group): WarmPoolConfiguration | undefined {
  if (pool === undefined) return undefined;
  return {
    PoolState: pool.state,
    MinSize: pool.minSize,
    MaxGroupPreparedCapacity: pool.maxPrepared,
    Status: pool.deleting ? 'PendingDelete' : undefined,
    InstanceReusePolicy: pool.reuseOnScaleIn ? { ReuseOnScaleIn: true } : undefined,
  };
}

/** The instances in a group's warm pool or entering it, oldest first. */
export function poolInstances(group: Group): Instance[] {
  return [...group.instances.values()].filter(({ destination }) => destination === 'WarmPool');
}

/** The ready instances of the warm pool, oldest first. */
export function readyInstances(group: Group): Instance[] {
  return poolInstances(group).filter(({ isPrepared, isHealthy, isGone }) => isPrepared && isHealthy && !isGone);
}

/** The ready instance to use next: the oldest in the zone that needs one most. */
export function nextReady(ready: Iterable<Instance>, counts: ReadonlyMap<string, number>): Instance | undefined {
  let best: Instance | undefined;
  for (const instance of ready)
    if (best === undefined || inZone(instance, counts) < inZone(best, counts)) best = instance;
  return best;
}

function inZone({ availabilityZone }: Instance, counts: ReadonlyMap<string, number>): number {
  return counts.get(availabilityZone) ?? 0;
}

/** Whether scaling in returns an instance to the warm pool. */
export function returnsToPool(group: Group, instance: Instance): boolean {
  if (group.warmPool?.reuseOnScaleIn !== true || poolInstances(group).length >= poolSize(group)) return false;
  // Only instances that have been in service return: one that is still booting is not worth keeping.
  return instance.state === 'InService' && !instance.isGone;
}
