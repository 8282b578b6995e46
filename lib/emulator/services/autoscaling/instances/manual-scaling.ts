import type {
  ActivityType,
  SetDesiredCapacityType,
  SetInstanceProtectionQuery,
  TerminateInstanceInAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import type { Clock } from '../../../clock';
import { causeTime, describeActivity } from './activities';
import { missing, validationError } from '../errors';
import type { Group } from '../groups/group';
import type { Groups } from '../groups/groups';
import type { Instance } from './instance';
import type { Lifecycle } from './lifecycle';
import { checkDesired, type Scaler } from '../scaling/scaler';
import { unitsOf } from '../weights';

/** The collaborators of {@link ManualScaling}. */
export interface ManualScalingDependencies {
  readonly clock: Clock;
  readonly groups: Groups;
  readonly lifecycle: Lifecycle;
  readonly scaler: Scaler;
}

/** Manual changes to the capacity of groups. */
export class ManualScaling {
  constructor(private readonly dependencies: ManualScalingDependencies) {}

  public setDesiredCapacity(input: SetDesiredCapacityType): void {
    const { groups, scaler } = this.dependencies;
    const group = groups.find(input.AutoScalingGroupName);
    if (input.DesiredCapacity === undefined) throw missing('DesiredCapacity');
    checkDesired(group, input.DesiredCapacity);
    if (input.HonorCooldown) scaler.refuseDuringCooldown(group);
    scaler.setDesired(group, input.DesiredCapacity, 'a user request explicitly set group desired capacity');
  }

  public terminate(input: TerminateInstanceInAutoScalingGroupType): ActivityType {
    const { clock, groups, lifecycle, scaler } = this.dependencies;
    const { InstanceId, InstanceIds, ShouldDecrementDesiredCapacity: decrements } = input;
    if (InstanceIds !== undefined) throw validationError('InstanceIds is not supported: give one InstanceId.');
    if (InstanceId === undefined) throw missing('InstanceId');
    if (decrements === undefined) throw missing('ShouldDecrementDesiredCapacity');
    const { group, instance } = groups.member(InstanceId);
    if (instance.isEnding)
      throw validationError(`Instance Id not found - Instance ${InstanceId} is already being terminated.`);
    const before = unitsOf(group, group.capacity);
    const units = unitsOf(group, [instance]);
    if (decrements && instance.counts) {
      const { min } = group.definition;
      if (group.desired - units < min) {
        throw validationError(
          `Currently, desiredSize equals minSize (${min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
        );
      }
      scaler.shrink(group, units);
    }
    const at = causeTime(clock.now());
    const shrinks = decrements && instance.counts ? `, shrinking the capacity from ${before} to ${before - units}` : '';
    const cause = `At ${at} instance ${InstanceId} was taken out of service in response to a user request${shrinks}.`;
    lifecycle.terminate(group, instance, cause);
    const { activity } = instance;
    scaler.reconcile(group);
    return { Activity: describeActivity(activity) };
  }

  public setProtection(input: SetInstanceProtectionQuery): void {
    const group = this.dependencies.groups.find(input.AutoScalingGroupName);
    const { InstanceIds: ids, ProtectedFromScaleIn: isProtected } = input;
    if (ids === undefined) throw missing('InstanceIds');
    if (isProtected === undefined) throw missing('ProtectedFromScaleIn');
    for (const instance of membersOf(group, ids)) instance.protectedFromScaleIn = isProtected;
  }
}

/** Finds a request's instances in a group. Throws AWS's error if the group lacks one of them. */
export function membersOf(group: Group, ids: readonly string[]): Instance[] {
  return ids.map((id) => {
    const instance = group.instances.get(id);
    if (instance !== undefined) return instance;
    throw validationError(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
  });
}
