import { AwsError } from '../../../core';
import type { Clock, Random } from '../../../clock';
import type { Timeline } from '../../../timeline';
import { validationError } from '../errors';
import type { Group } from '../groups/group';
import type { Instance, WaitingHook } from '../instances/instance';
import type { LifecycleHook } from './lifecycle-hook';

/** Where lifecycle hooks send notifications: queues and functions. */
export interface HookTargets {
  /**
   * Sends a message for a group, on behalf of a role, or of Auto Scaling if the hook has none.
   * @throws AwsError if the target does not exist or rejects it
   */
  send(targetArn: string, message: string, groupArn: string, roleArn: string | undefined): void;
}

/** The collaborators of {@link HookNotifications}. */
export interface HookNotificationsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly targets: HookTargets;
}

const SERVICE = 'AWS Auto Scaling';

/** Notifies the targets of lifecycle hooks of waiting instances. */
export class HookNotifications {
  constructor(private readonly dependencies: HookNotificationsDependencies) {}

  /** Sends the test notification of a new hook. Throws AWS's error if that fails. */
  public test(group: Pick<Group, 'name' | 'arn'>, hook: LifecycleHook): void {
    const { clock, random, account, targets } = this.dependencies;
    const { notificationTargetArn: target, roleArn: role } = hook;
    if (target === undefined) return;
    const message = {
      AccountId: account,
      RequestId: random.uuid(),
      AutoScalingGroupARN: group.arn,
      AutoScalingGroupName: group.name,
      Service: SERVICE,
      Event: 'autoscaling:TEST_NOTIFICATION',
      Time: new Date(clock.now()).toISOString(),
    };
    try {
      targets.send(target, JSON.stringify(message), group.arn, role);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw validationError(
        `Unable to publish test message to notification target ${target}${role === undefined ? '' : ` using IAM role ${role}`}. Please check your target and role configuration and try to put lifecycle hook again.`,
      );
    }
  }

  /** Notifies a hook's target, if there is one, of a waiting instance. A rejected notification is lost. */
  public tell(group: Group, instance: Instance, { hook, token }: WaitingHook): void {
    const { clock, random, timeline, account, targets } = this.dependencies;
    const { notificationTargetArn: target, notificationMetadata } = hook;
    if (target === undefined) return;
    const message = {
      Origin: instance.origin,
      Destination: instance.destination,
      AccountId: account,
      RequestId: random.uuid(),
      LifecycleTransition: hook.transition,
      AutoScalingGroupName: group.name,
      Service: SERVICE,
      Time: new Date(clock.now()).toISOString(),
      EC2InstanceId: instance.instanceId,
      LifecycleActionToken: token,
      LifecycleHookName: hook.name,
      ...(notificationMetadata !== undefined && { NotificationMetadata: notificationMetadata }),
    };
    const event = { instance: instance.instanceId, hook: hook.name, target };
    try {
      targets.send(target, JSON.stringify(message), group.arn, hook.roleArn);
      timeline.record('autoscaling.notified', group.name, event);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      timeline.record('autoscaling.notificationFailed', group.name, { ...event, error: error.shape });
    }
  }
}
