import type {
  AutoScalingGroupNamesType,
  AutoScalingGroupsType,
  AutoScalingInstancesType,
  CreateAutoScalingGroupType,
  DeleteAutoScalingGroupType,
  DescribeAutoScalingInstancesType,
  UpdateAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import { AwsError, formatArn, page } from '../../../core';
import type { Clock, Random } from '../../../clock';
import { causeTime } from '../instances/activities';
import { checkRecords, invalidNextToken, missing, validationError } from '../errors';
import { Group } from './group';
import { completed, defineGroup } from './group-definition';
import type { Groups } from './groups';
import type { HookNotifications } from '../hooks/hook-notifications';
import type { Lifecycle } from '../instances/lifecycle';
import { defineHook } from '../hooks/lifecycle-hook';
import type { Scaler } from '../scaling/scaler';

/** The collaborators of {@link GroupAdministration}. */
export interface GroupAdministrationDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly account: string;
  readonly region: string;
  readonly groups: Groups;
  readonly lifecycle: Lifecycle;
  readonly scaler: Scaler;
  readonly notifications: HookNotifications;
  /** Called when a group's zones or its maximum instance lifetime have changed. */
  readonly redefined: (group: Group) => void;
  /** Called when a group was deleted. */
  readonly forgotten: (group: Group) => void;
}

/** Creates, changes, deletes and describes groups. */
export class GroupAdministration {
  constructor(private readonly dependencies: GroupAdministrationDependencies) {}

  public create(input: CreateAutoScalingGroupType): void {
    const { clock, random, account, region, groups, scaler } = this.dependencies;
    const { AutoScalingGroupName: name } = input;
    if (name === undefined) throw missing('AutoScalingGroupName');
    if (name.length < 1 || name.length > 255 || name.includes(':')) {
      throw validationError(
        `The value ${name} for AutoScalingGroupName is invalid: 1 to 255 characters without a colon are allowed.`,
      );
    }
    if (groups.get(name) !== undefined) {
      throw new AwsError(
        'AlreadyExistsFault',
        `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
        { queryCode: 'AlreadyExists' },
      );
    }
    const given = defineGroup(input, region);
    const hooks = (input.LifecycleHookSpecificationList ?? []).map((hook) =>
      defineHook({ ...hook, AutoScalingGroupName: name }),
    );
    // A missing launch template is reported before anything is created.
    const definition = completed(given, scaler.sourceOf({ definition: given, capacity: [] }).template);
    const resource = `autoScalingGroup:${random.uuid()}:autoScalingGroupName/${name}`;
    const arn = formatArn('autoscaling', region, account, resource);
    const group = new Group(name, arn, definition, clock.now(), input.Tags);
    for (const hook of hooks) {
      this.dependencies.notifications.test(group, hook);
      group.hooks.set(hook.name, hook);
    }
    groups.add(group);
    group.desired = 0;
    scaler.setDesired(group, definition.desired, 'a user request created an AutoScalingGroup');
  }

  public update(input: UpdateAutoScalingGroupType): void {
    const { region, groups, scaler, redefined } = this.dependencies;
    const group = groups.find(input.AutoScalingGroupName);
    const given = defineGroup(input, region, group.current);
    const definition = completed(given, scaler.sourceOf({ definition: given, capacity: group.capacity }).template);
    group.definition = definition;
    const { min, max, desired } = definition;
    const who = `a user request update of AutoScalingGroup constraints to min: ${min}, max: ${max}, desired: ${desired}`;
    scaler.setDesired(group, desired, who);
    redefined(group);
  }

  public delete(input: DeleteAutoScalingGroupType): void {
    const { clock, groups, lifecycle } = this.dependencies;
    const group = groups.find(input.AutoScalingGroupName);
    const { deletionProtection } = group.definition;
    if (
      deletionProtection === 'prevent-all-deletion' ||
      (input.ForceDelete && deletionProtection === 'prevent-force-deletion')
    ) {
      throw validationError(
        `The AutoScalingGroup ${group.name} cannot be deleted: its DeletionProtection is ${deletionProtection}.`,
      );
    }
    if (group.instances.size === 0) return this.forget(group);
    if (!input.ForceDelete) {
      throw new AwsError(
        'ResourceInUseFault',
        'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
        { queryCode: 'ResourceInUse' },
      );
    }
    group.deleting = true;
    group.desired = 0;
    group.definition = { ...group.definition, min: 0, max: 0 };
    const cause = `At ${causeTime(clock.now())} a user request force deleted the AutoScalingGroup.`;
    for (const instance of [...group.instances.values()]) {
      // Lifecycle actions are not waited for any more.
      if (instance.isEnding) lifecycle.hurry(group, instance);
      else lifecycle.terminate(group, instance, cause, false);
    }
  }

  /** An instance of a group that is being deleted has terminated. With the last one the group is deleted. */
  public shrunk(group: Group): void {
    if (group.instances.size === 0) this.forget(group);
  }

  public describe(input: AutoScalingGroupNamesType): AutoScalingGroupsType {
    const { AutoScalingGroupNames: names, Filters = [], IncludeInstances = true, MaxRecords = 50 } = input;
    if (Filters.length > 0) throw validationError('Filters are not supported for DescribeAutoScalingGroups.');
    checkRecords(MaxRecords);
    const groups = this.dependencies.groups.all().filter(({ name }) => !names?.length || names.includes(name));
    const { items, nextToken } = page(groups, MaxRecords, input.NextToken, invalidNextToken);
    return { AutoScalingGroups: items.map((group) => group.describe(IncludeInstances)), NextToken: nextToken };
  }

  public describeInstances(input: DescribeAutoScalingInstancesType): AutoScalingInstancesType {
    const { InstanceIds: ids, MaxRecords = 50 } = input;
    checkRecords(MaxRecords, 50);
    const all = this.dependencies.groups.all().flatMap((group) =>
      [...group.instances.values()].map((instance) => ({
        ...group.describeInstance(instance),
        HealthStatus: instance.isHealthy ? 'HEALTHY' : 'UNHEALTHY', // upper case, unlike in DescribeAutoScalingGroups
        AutoScalingGroupName: group.name,
      })),
    );
    const wanted = all.filter(({ InstanceId }) => !ids?.length || ids.includes(InstanceId as string));
    const { items, nextToken } = page(wanted, MaxRecords, input.NextToken, invalidNextToken);
    return { AutoScalingInstances: items, NextToken: nextToken };
  }

  private forget(group: Group): void {
    this.dependencies.groups.remove(group);
    this.dependencies.forgotten(group);
  }
}
