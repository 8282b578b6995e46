import type { LifecycleHook as DescribedHook, PutLifecycleHookType } from '@aws-sdk/client-auto-scaling';
import { parseArn } from '../../../core';
import { HOUR, SECOND } from '../../../clock';
import { checkInteger, checkOneOf, missing, validationError } from '../errors';

export const LAUNCHING = 'autoscaling:EC2_INSTANCE_LAUNCHING';
export const TERMINATING = 'autoscaling:EC2_INSTANCE_TERMINATING';

/** A lifecycle hook of a group. */
export interface LifecycleHook {
  readonly name: string;
  readonly transition: string;
  /** In seconds. */
  readonly heartbeatTimeout: number;
  /** The maximum time that heartbeats can hold an instance, in seconds. */
  readonly globalTimeout: number;
  readonly defaultResult: string;
  readonly notificationTargetArn?: string;
  readonly roleArn?: string;
  readonly notificationMetadata?: string;
}

/** Validates the input of PutLifecycleHook; omitted members stay. */
export function defineHook(input: PutLifecycleHookType, existing?: LifecycleHook): LifecycleHook {
  const { LifecycleHookName: name, LifecycleTransition: transition = existing?.transition } = input;
  if (name === undefined) throw missing('LifecycleHookName');
  if (!/^[A-Za-z0-9\-_/]{1,255}$/.test(name)) {
    throw validationError(
      `The value ${name} for LifecycleHookName is invalid: 1 to 255 characters of A-Z a-z 0-9 - _ / are allowed.`,
    );
  }
  if (transition === undefined) {
    throw validationError('The LifecycleTransition parameter is required when a lifecycle hook is created.');
  }
  checkOneOf('LifecycleTransition', transition, [LAUNCHING, TERMINATING]);
  checkOneOf('DefaultResult', input.DefaultResult, ['CONTINUE', 'ABANDON']);
  checkInteger('HeartbeatTimeout', input.HeartbeatTimeout, 30, 7_200);
  if ((input.NotificationMetadata?.length ?? 0) > 1_023) {
    throw validationError('NotificationMetadata must have at most 1023 characters.');
  }
  // An empty target removes the previous one.
  const target = input.NotificationTargetARN ?? existing?.notificationTargetArn ?? '';
  const roleArn = input.RoleARN ?? existing?.roleArn;
  if (target !== '' && roleArn === undefined && parseArn(target)?.service !== 'lambda') {
    throw validationError(
      `RoleARN must be specified with the NotificationTargetARN ${target}: only functions are invoked without a role.`,
    );
  }
  const heartbeatTimeout = input.HeartbeatTimeout ?? existing?.heartbeatTimeout ?? 3_600;
  return {
    name,
    transition,
    heartbeatTimeout,
    globalTimeout: Math.min((48 * HOUR) / SECOND, 100 * heartbeatTimeout),
    // By default, an instance whose action is never completed is abandoned and replaced every hour.
    defaultResult: input.DefaultResult ?? existing?.defaultResult ?? 'ABANDON',
    notificationTargetArn: target === '' ? undefined : target,
    roleArn,
    notificationMetadata: input.NotificationMetadata ?? existing?.notificationMetadata,
  };
}

export function describeHook(groupName: string, hook: LifecycleHook): DescribedHook {
  return {
    LifecycleHookName: hook.name,
    AutoScalingGroupName: groupName,
    LifecycleTransition: hook.transition,
    HeartbeatTimeout: hook.heartbeatTimeout,
    GlobalTimeout: hook.globalTimeout,
    DefaultResult: hook.defaultResult,
    NotificationTargetARN: hook.notificationTargetArn,
    RoleARN: hook.roleArn,
    NotificationMetadata: hook.notificationMetadata,
  };
}
