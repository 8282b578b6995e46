import type { WarmPoolConfiguration } from '@aws-sdk/client-auto-scaling';
import type { Group } from '../groups/group';
import type { Instance } from './instance';

/** In which state the instances of a warm pool wait. */
export type PoolState = 'Stopped' | 'Running' | 'Hibernated';

/** A group's warm pool: instances that are prepared to be put into service. */
export interface WarmPool {
  readonly state: PoolState;
  readonly minSize: number;
  /** How many instances group and pool may have together; undefined for as many as the group may have. */
  readonly maxPrepared: number | undefined;
  readonly reuseOnScaleIn: boolean;
  /** Whether it is being deleted: it ends with its last instance. */
  readonly deleting: boolean;
}

/** How many instances a group's warm pool is to have. */
export function poolSize(group: Group): number {
  const { warmPool: pool } = group;
  if (pool === undefined || pool.deleting) return 0;
  return Math.max(pool.minSize, (pool.maxPrepared ?? group.definition.max) - group.desired);
}

/** The group's warm pool as the API shows it, if there is one. */
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

/** The instances that are in a group's warm pool or on their way there, oldest first. */
export function poolInstances(group: Group): Instance[] {
  return [...group.instances.values()].filter(({ destination }) => destination === 'WarmPool');
}

/** The instances of the warm pool that are ready to be used, oldest first. */
export function readyInstances(group: Group): Instance[] {
  return poolInstances(group).filter(({ isPrepared, isHealthy, isGone }) => isPrepared && isHealthy && !isGone);
}

/** Of instances that are ready, the one to use next: the oldest in the zone that needs one most. */
export function nextReady(ready: Iterable<Instance>, counts: ReadonlyMap<string, number>): Instance | undefined {
  let best: Instance | undefined;
  for (const instance of ready)
    if (best === undefined || inZone(instance, counts) < inZone(best, counts)) best = instance;
  return best;
}

function inZone({ availabilityZone }: Instance, counts: ReadonlyMap<string, number>): number {
  return counts.get(availabilityZone) ?? 0;
}

/** Whether an instance that scaling in takes out of service goes back to the warm pool. */
export function returnsToPool(group: Group, instance: Instance): boolean {
  if (group.warmPool?.reuseOnScaleIn !== true || poolInstances(group).length >= poolSize(group)) return false;
  // It has to have been in service: one that still boots has nothing to offer.
  return instance.state === 'InService' && !instance.isGone;
}
