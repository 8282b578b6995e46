import type { Member } from '../groups/groups';

/** What the instance-metadata service tells an instance about itself. */
export interface InstanceView {
  readonly instanceId: string;
  readonly groupName: string;
  readonly lifecycleState: string;
  /** What the instance is on its way to, or is: `Terminated` from the moment that it is taken out of service for good. */
  readonly targetLifecycleState: string | undefined;
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly instanceType: string | undefined;
  readonly imageId: string | undefined;
  /** The name or the ARN of the profile that gives it a role. */
  readonly iamInstanceProfile: string | undefined;
  readonly isSpot: boolean;
  /** When EC2 takes the Spot Instance back, in milliseconds since the epoch; undefined until it gives notice. */
  readonly interruptedAt: number | undefined;
  /** When EC2 recommended to rebalance; undefined as long as it has not. */
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

/** Undefined for one that no group has any more. */
function targetOf({ group, instance: { destination, state, inPool } }: Member): string | undefined {
  if (state === 'Detached') return undefined;
  if (destination === 'WarmPool') return `Warmed:${group.warmPool?.state ?? 'Stopped'}`;
  if (destination === 'EC2') return inPool ? 'Warmed:Terminated' : 'Terminated';
  return state.includes('Standby') ? 'Standby' : 'InService';
}
