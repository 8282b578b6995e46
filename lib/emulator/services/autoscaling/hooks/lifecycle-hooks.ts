import type {
  CompleteLifecycleActionType,
  DeleteLifecycleHookType,
  DescribeLifecycleHooksAnswer,
  DescribeLifecycleHooksType,
  PutLifecycleHookType,
  RecordLifecycleActionHeartbeatType,
} from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../../core';
import { checkOneOf, missing, validationError } from '../errors';
import type { Group } from '../groups/group';
import type { Groups, Member } from '../groups/groups';
import type { WaitingHook } from '../instances/instance';
import type { HookNotifications } from './hook-notifications';
import { type Lifecycle, waitingHook } from '../instances/lifecycle';
import { defineHook, describeHook, type LifecycleHook } from './lifecycle-hook';

/** The collaborators of {@link LifecycleHooks}. */
export interface LifecycleHooksDependencies {
  readonly groups: Groups;
  readonly lifecycle: Lifecycle;
  readonly notifications: HookNotifications;
}

/** A quota that the API does not return. */
const MOST_HOOKS = 50;

/** The lifecycle hooks of groups, and the lifecycle actions of their instances. */
export class LifecycleHooks {
  constructor(private readonly dependencies: LifecycleHooksDependencies) {}

  public put(input: PutLifecycleHookType): void {
    const group = this.dependencies.groups.find(input.AutoScalingGroupName);
    const existing = group.hooks.get(input.LifecycleHookName ?? '');
    const hook = defineHook(input, existing);
    if (existing === undefined && group.hooks.size >= MOST_HOOKS) {
      const message = `A group can have at most ${MOST_HOOKS} lifecycle hooks: ${group.name} has as many.`;
      throw new AwsError('LimitExceededFault', message, { queryCode: 'LimitExceeded' });
    }
    if (input.NotificationTargetARN !== undefined) this.dependencies.notifications.test(group, hook);
    group.hooks.set(hook.name, hook);
  }

  /** Lets the instances that a group is launching skip a launch hook. */
  public letPass(groupName: string, hookName: string): void {
    for (const instance of this.dependencies.groups.find(groupName).instances.values()) {
      if (instance.state === 'Pending') instance.passes.add(hookName);
    }
  }

  /** Deletes a hook. Instances that wait for it continue as if it had been completed. */
  public delete(input: DeleteLifecycleHookType): void {
    const group = this.dependencies.groups.find(input.AutoScalingGroupName);
    const hook = this.find(group, input.LifecycleHookName);
    group.hooks.delete(hook.name);
    this.dependencies.lifecycle.forgetHook(group, hook.name);
  }

  public describe(input: DescribeLifecycleHooksType): DescribeLifecycleHooksAnswer {
    const group = this.dependencies.groups.find(input.AutoScalingGroupName);
    const { LifecycleHookNames: names } = input;
    const hooks = [...group.hooks.values()].filter(({ name }) => !names?.length || names.includes(name));
    return { LifecycleHooks: hooks.map((hook) => describeHook(group.name, hook)) };
  }

  public complete(input: CompleteLifecycleActionType): void {
    if (input.LifecycleActionResult === undefined) throw missing('LifecycleActionResult');
    checkOneOf('LifecycleActionResult', input.LifecycleActionResult, ['CONTINUE', 'ABANDON']);
    const { group, instance, waiting } = this.action(input);
    this.dependencies.lifecycle.complete(group, instance, waiting, input.LifecycleActionResult);
  }

  public heartbeat(input: RecordLifecycleActionHeartbeatType): void {
    const { group, instance, waiting } = this.action(input);
    this.dependencies.lifecycle.heartbeat(group, instance, waiting);
  }

  private find(group: Group, name: string | undefined): LifecycleHook {
    if (name === undefined) throw missing('LifecycleHookName');
    const hook = group.hooks.get(name);
    if (hook === undefined) throw validationError(`No Lifecycle Hook found with name: ${name}`);
    return hook;
  }

  /** Finds a request's lifecycle action, by instance or token. */
  private action(input: RecordLifecycleActionHeartbeatType): Member & { readonly waiting: WaitingHook } {
    const group = this.dependencies.groups.find(input.AutoScalingGroupName);
    const { name } = this.find(group, input.LifecycleHookName);
    const { InstanceId, LifecycleActionToken: token } = input;
    if (InstanceId !== undefined) {
      const instance = group.instances.get(InstanceId);
      if (instance === undefined)
        throw validationError(`No active Lifecycle Action found with instance ID ${InstanceId}`);
      return { group, instance, waiting: waitingHook(instance, name) };
    }
    if (token === undefined) throw validationError('Either InstanceId or LifecycleActionToken must be specified.');
    for (const instance of group.instances.values()) {
      const waiting = instance.waitingFor.get(name);
      if (waiting?.token === token) return { group, instance, waiting };
    }
    throw validationError(`No active Lifecycle Action found with token ${token}`);
  }
}
