import type { Member } from '../groups/groups';

/** An instance's metadata. */
export interface InstanceView {
  readonly instanceId: string;
  readonly groupName: string;
  readonly lifecycleState: string;
  /** The target lifecycle state: `Terminated` as soon as it is taken out of service for good. */
  readonly targetLifecycleState: string | undefined;
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly instanceType: string | undefined;
  readonly imageId: string | undefined;
  /** The name or ARN of its instance profile. */
  readonly iamInstanceProfile: string | undefined;
  readonly isSpot: boolean;
  /** When EC2 interrupts the Spot Instance, in milliseconds since the epoch; undefined until the notice. */
  readonly interruptedAt: number | undefined;
  /** When EC2 sent a rebalance recommendation; undefined before. */
  readonly rebalanceRecommendedAt: number | undefined;
}

export function viewInstance({ group, instance }: Member): InstanceView {
  const { instanceId, groupName, availabilityZone, privateIp, state, launchTemplate } = instance;
  return {
    instanceId,
    groupName,
    lifecycleState: state,
    targetLifecycleState: targetOf({ group, instance }),
    availabilityZone,
    privateIp,
    instanceType: launchTemplate.instanceType,
    imageId: launchTemplate.imageId,
    iamInstanceProfile: launchTemplate.iamInstanceProfile,
    isSpot: instance.source.spot,
    interruptedAt: instance.interruptedAt,
    rebalanceRecommendedAt: instance.rebalanceRecommendedAt,
  };
}

/** Undefined for an instance without a group. */
function targetOf({ group, instance: { destination, state, inPool } }: Member): string | undefined {
  if (state === 'Detached') return undefined;
  if (destination === 'WarmPool') return `Warmed:${group.warmPool?.state ?? 'Stopped'}`;
  if (destination === 'EC2') return inPool ? 'Warmed:Terminated' : 'Terminated';
  return state.includes('Standby') ? 'Standby' : 'InService';
}
