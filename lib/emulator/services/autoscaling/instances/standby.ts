import type {
  DetachInstancesAnswer,
  DetachInstancesQuery,
  EnterStandbyAnswer,
  EnterStandbyQuery,
  ExitStandbyAnswer,
  ExitStandbyQuery,
} from '@aws-sdk/client-auto-scaling';
import type { AwsError } from '../../../core';
import type { Clock } from '../../../clock';
import type { Timeline } from '../../../timeline';
import { type Activities, causeTime, describeActivity } from './activities';
import { missing, validationError } from '../errors';
import type { Group } from '../groups/group';
import type { Groups } from '../groups/groups';
import type { Instance } from './instance';
import { membersOf } from './manual-scaling';
import type { Scaler } from '../scaling/scaler';
import { unitsOf } from '../weights';

/** The collaborators of {@link Standby}. */
export interface StandbyDependencies {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly groups: Groups;
  readonly activities: Activities;
  readonly scaler: Scaler;
  /** Called when an instance was detached. */
  readonly detached: (group: Group, instance: Instance) => void;
  /** Called when the instances of a group have changed. */
  readonly review: (group: Group) => void;
}

/** Moves instances into and out of Standby, and detaches them. */
export class Standby {
  constructor(private readonly dependencies: StandbyDependencies) {}

  /** Instances in Standby do not count towards the capacity: unless it is lowered, they are replaced. */
  public enter(input: EnterStandbyQuery): EnterStandbyAnswer {
    const { group, instances } = this.leaving(input, input.InstanceIds);
    const activities = instances.map((instance) => {
      const { instanceId, availabilityZone } = instance;
      const shrinks = shrinking(input.ShouldDecrementDesiredCapacity, group, instance);
      const cause = `At ${this.at()} instance ${instanceId} was moved to standby in response to a user request${shrinks}.`;
      const description = `Moving EC2 instance to Standby: ${instanceId}`;
      const activity = this.dependencies.activities.start(group, 'InProgress', availabilityZone, description, cause);
      activity.progress = 50;
      instance.state = 'Standby';
      instance.inServiceAt = undefined;
      this.dependencies.timeline.record('autoscaling.standby', group.name, { instance: instanceId });
      const described = describeActivity(activity);
      this.dependencies.activities.end(activity, 'Successful');
      return described;
    });
    this.shrink(group, instances, input.ShouldDecrementDesiredCapacity);
    return { Activities: activities };
  }

  /** The desired capacity rises by the returning instances. */
  public exit(input: ExitStandbyQuery): ExitStandbyAnswer {
    const { activities, clock, groups, scaler, timeline } = this.dependencies;
    const group = groups.find(input.AutoScalingGroupName);
    const instances = membersOf(group, input.InstanceIds ?? []);
    for (const { instanceId, state } of instances) {
      if (state !== 'Standby')
        throw validationError(`The instance ${instanceId} is not in Standby: its state is ${state}.`);
    }
    const { max } = group.definition;
    const desired = group.desired + unitsOf(group, instances);
    if (desired > max) {
      throw validationError(
        `AutoScalingGroup ${group.name} has max-size=${max}, and desired-capacity=${group.desired}. To return ${instances.length} instances to service, please update the AutoScalingGroup sizes appropriately.`,
      );
    }
    let before = group.desired;
    group.desired = desired;
    const started = instances.map((instance) => {
      const { instanceId, availabilityZone } = instance;
      const after = before + unitsOf(group, [instance]);
      const cause = `At ${this.at()} instance ${instanceId} was moved out of standby in response to a user request, increasing the capacity from ${before} to ${after}.`;
      before = after;
      const description = `Moving EC2 instance out of Standby: ${instanceId}`;
      const activity = activities.start(group, 'PreInService', availabilityZone, description, cause);
      instance.state = 'InService';
      instance.inServiceAt = clock.now();
      timeline.record('autoscaling.inService', group.name, { instance: instanceId });
      const described = describeActivity(activity);
      activities.end(activity, 'Successful');
      return described;
    });
    scaler.reconcile(group);
    this.dependencies.review(group);
    return { Activities: started };
  }

  public detach(input: DetachInstancesQuery): DetachInstancesAnswer {
    const { group, instances } = this.leaving(input, input.InstanceIds, ['InService', 'Standby']);
    const counted = instances.filter(({ counts }) => counts);
    const activities = instances.map((instance) => {
      const { instanceId, availabilityZone, counts } = instance;
      const shrinks = counts ? shrinking(input.ShouldDecrementDesiredCapacity, group, instance) : '';
      const cause = `At ${this.at()} instance ${instanceId} was detached in response to a user request${shrinks}.`;
      const description = `Detaching EC2 instance: ${instanceId}`;
      const activity = this.dependencies.activities.start(group, 'InProgress', availabilityZone, description, cause);
      activity.progress = 50;
      instance.state = 'Detached';
      group.instances.delete(instanceId);
      this.dependencies.detached(group, instance);
      this.dependencies.timeline.record('autoscaling.detached', group.name, { instance: instanceId });
      const described = describeActivity(activity);
      this.dependencies.activities.end(activity, 'Successful');
      return described;
    });
    this.shrink(group, counted, input.ShouldDecrementDesiredCapacity);
    return { Activities: activities };
  }

  /** Finds the instances to remove. Throws unless they are in service and the group stays large enough. */
  private leaving(
    input: Pick<EnterStandbyQuery, 'AutoScalingGroupName' | 'ShouldDecrementDesiredCapacity'>,
    ids: readonly string[] = [],
    states: readonly string[] = ['InService'],
  ): { readonly group: Group; readonly instances: Instance[] } {
    const group = this.dependencies.groups.find(input.AutoScalingGroupName);
    const { ShouldDecrementDesiredCapacity: decrements } = input;
    if (decrements === undefined) throw missing('ShouldDecrementDesiredCapacity');
    const instances = membersOf(group, ids);
    for (const { instanceId, state } of instances) {
      if (!states.includes(state))
        throw validationError(`The instance ${instanceId} is not in InService: its state is ${state}.`);
    }
    const { min } = group.definition;
    const counted = instances.filter(({ counts }) => counts);
    if (decrements && group.desired - unitsOf(group, counted) < min) {
      throw validationError(
        `AutoScalingGroup ${group.name} has min-size=${min}, max-size=${group.definition.max}, and desired-size=${group.desired}. To place into standby or detach ${counted.length} instances, please update the AutoScalingGroup sizes appropriately.`,
      );
    }
    return { group, instances };
  }

  private shrink(group: Group, instances: readonly Instance[], decrements: boolean | undefined): void {
    if (decrements) this.dependencies.scaler.shrink(group, unitsOf(group, instances));
    this.dependencies.scaler.reconcile(group);
    this.dependencies.review(group);
  }

  private at(): string {
    return causeTime(this.dependencies.clock.now());
  }
}

/** AttachInstances is not supported: there are no EC2 instances to attach. */
export function refuseAttaching(): AwsError {
  return validationError(
    'AttachInstances is not supported: all instances here are launched by Auto Scaling groups, and one that was detached cannot come back.',
  );
}

/** What a cause says of an instance that still counts, and is about to leave. */
function shrinking(decrements: boolean | undefined, group: Group, leaving: Instance): string {
  const before = unitsOf(group, group.capacity);
  return decrements ? `, shrinking the capacity from ${before} to ${before - unitsOf(group, [leaving])}` : '';
}
