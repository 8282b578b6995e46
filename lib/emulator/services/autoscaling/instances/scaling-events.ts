import { formatArn, type ServiceEvents } from '../../../core';
import type { Group } from '../groups/group';
import { type Activity, causeTime } from './activities';
import type { Instance, WaitingHook } from './instance';

const SOURCE = 'aws.autoscaling';

/** The collaborators of {@link ScalingEvents}. */
export interface ScalingEventsDependencies {
  readonly account: string;
  readonly region: string;
  /** @default - they go nowhere */
  readonly events?: ServiceEvents;
}

/** The events that Auto Scaling emits to EventBridge. */
export class ScalingEvents {
  constructor(private readonly dependencies: ScalingEventsDependencies) {}

  /** An instance waits for a lifecycle hook. */
  public waits(group: Group, instance: Instance, { hook, token }: WaitingHook): void {
    const verb = hook.transition.endsWith('LAUNCHING') ? 'launch' : 'terminate';
    this.dependencies.events?.emit(SOURCE, `EC2 Instance-${verb} Lifecycle Action`, () => ({
      resources: [group.arn],
      detail: {
        LifecycleActionToken: token,
        AutoScalingGroupName: group.name,
        LifecycleHookName: hook.name,
        EC2InstanceId: instance.instanceId,
        LifecycleTransition: hook.transition,
        NotificationMetadata: hook.notificationMetadata,
        Origin: instance.origin,
        Destination: instance.destination,
      },
    }));
  }

  /** The launch or termination of an instance has ended. Moves into a warm pool count as either, by where they start. */
  public ended(group: Group, instance: Instance, activity: Activity): void {
    const { instanceId, origin, destination } = instance;
    const leaves = destination === 'EC2' || origin === 'AutoScalingGroup';
    this.emit(leaves ? 'Terminate' : 'Launch', group, activity, {
      instanceId,
      Origin: origin,
      Destination: destination,
    });
  }

  /** A launch failed before there was an instance. */
  public failedToLaunch(group: Group, activity: Activity): void {
    this.emit('Launch', group, activity, { instanceId: '', Origin: 'EC2', Destination: 'AutoScalingGroup' });
  }

  private emit(
    change: 'Launch' | 'Terminate',
    group: Group,
    activity: Activity,
    { instanceId, ...way }: { readonly instanceId: string; readonly Origin: string; readonly Destination: string },
  ): void {
    const { account, region, events } = this.dependencies;
    const isSuccessful = activity.status === 'Successful';
    events?.emit(SOURCE, `EC2 Instance ${change} ${isSuccessful ? 'Successful' : 'Unsuccessful'}`, () => {
      const instance = formatArn('ec2', region, account, `instance/${instanceId}`);
      return {
        resources: instanceId === '' ? [group.arn] : [group.arn, instance],
        detail: {
          // AWS sends a success while the activity is not yet marked as one.
          StatusCode: isSuccessful ? 'InProgress' : activity.status,
          Description: activity.description,
          AutoScalingGroupName: group.name,
          ActivityId: activity.id,
          Details: activity.availabilityZone === '' ? {} : { 'Availability Zone': activity.availabilityZone },
          RequestId: activity.id,
          StatusMessage: activity.statusMessage ?? '',
          EndTime: causeTime(activity.endedAt ?? activity.startedAt),
          EC2InstanceId: instanceId,
          StartTime: causeTime(activity.startedAt),
          Cause: activity.cause,
          ...way,
        },
      };
    });
  }
}
