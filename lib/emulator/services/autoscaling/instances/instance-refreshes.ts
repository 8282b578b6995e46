import type {
  CancelInstanceRefreshAnswer,
  CancelInstanceRefreshType,
  DesiredConfiguration,
  DescribeInstanceRefreshesAnswer,
  DescribeInstanceRefreshesType,
  InstanceRefreshStatus,
  RollbackInstanceRefreshAnswer,
  RollbackInstanceRefreshType,
  StartInstanceRefreshAnswer,
  StartInstanceRefreshType,
} from '@aws-sdk/client-auto-scaling';
import { AwsError, page } from '../../../core';
import { type Clock, HOUR, MINUTE, type Random, SECOND } from '../../../clock';
import type { Timeline } from '../../../timeline';
import { causeTime } from './activities';
import { checkRecords, invalidNextToken } from '../errors';
import type { LaunchTemplateVersion } from '../fleet';
import type { Group } from '../groups/group';
import { checkOverrides, completed } from '../groups/group-definition';
import type { Groups } from '../groups/groups';
import { type Instance, isSameSource } from './instance';
import {
  checkRefresh,
  describeRefresh,
  type InstanceRefresh,
  isActive,
  slots,
  whyIrreversible,
} from './instance-refresh';
import type { Lifecycle } from './lifecycle';
import type { Scaler } from '../scaling/scaler';
import type { PolicyAlarms } from '../scaling/target-tracking';
import { poolInstances } from './warm-pool';

/** The collaborators of {@link InstanceRefreshes}. */
export interface InstanceRefreshesDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly groups: Groups;
  readonly lifecycle: Lifecycle;
  readonly scaler: Scaler;
  readonly alarms: Pick<PolicyAlarms, 'isInAlarm'>;
}

/** The time without progress after which a refresh fails. */
const PATIENCE = HOUR;
/** The number of refreshes kept per group. */
const MOST_REFRESHES = 100;

/** Runs the instance refreshes of groups. */
export class InstanceRefreshes {
  constructor(private readonly dependencies: InstanceRefreshesDependencies) {}

  public start(input: StartInstanceRefreshType): StartInstanceRefreshAnswer {
    const { clock, random, groups, scaler, timeline } = this.dependencies;
    const group = groups.find(input.AutoScalingGroupName);
    const preferences = checkRefresh(input, group);
    if (activeRefresh(group) !== undefined) {
      throw new AwsError(
        'InstanceRefreshInProgressFault',
        'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
        { queryCode: 'InstanceRefreshInProgress' },
      );
    }
    const { definition, capacity } = group;
    checkOverrides(input.DesiredConfiguration?.MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? []);
    // A missing launch template is reported before anything starts.
    const { template } = scaler.sourceOf({ definition, capacity, desiredConfiguration: input.DesiredConfiguration });
    const desired = input.DesiredConfiguration && completedConfiguration(input.DesiredConfiguration, template);
    const now = clock.now();
    const refresh: InstanceRefresh = {
      id: random.uuid(),
      startedAt: now,
      preferences,
      desired,
      status: 'Pending',
      todo: new Set(),
      phaseBegan: now,
      checkpoint: 0,
      pausedUntil: -Infinity,
      progressedAt: now,
      done: 0,
    };
    group.refreshes.unshift(refresh);
    group.refreshes.splice(MOST_REFRESHES);
    timeline.record('autoscaling.refresh', group.name, { refresh: refresh.id, status: refresh.status });
    refresh.timer = clock.schedule(
      now,
      () => this.begin(group, refresh),
      `an instance refresh of ${group.name} begins`,
    );
    return { InstanceRefreshId: refresh.id };
  }

  public describe(input: DescribeInstanceRefreshesType): DescribeInstanceRefreshesAnswer {
    const { AutoScalingGroupName: name, InstanceRefreshIds: ids, MaxRecords = 50, NextToken } = input;
    const group = this.dependencies.groups.find(name);
    checkRecords(MaxRecords);
    const wanted = group.refreshes.filter(({ id }) => !ids?.length || ids.includes(id));
    const { items, nextToken } = page(wanted, MaxRecords, NextToken, invalidNextToken);
    const described = items.map((refresh) => describeRefresh(group, refresh, this.left(group, refresh)));
    return { InstanceRefreshes: described, NextToken: nextToken };
  }

  /** Stops replacing instances. Replaced instances stay. */
  public cancel(input: CancelInstanceRefreshType): CancelInstanceRefreshAnswer {
    const { group, refresh } = this.active(input.AutoScalingGroupName);
    group.desiredConfiguration = undefined;
    this.become(group, refresh, 'Cancelling', 'Cancelled by user.');
    if (input.WaitForTransitioningInstances === false) this.finish(group, refresh, 'Cancelled');
    else this.review(group);
    return { InstanceRefreshId: refresh.id };
  }

  /** Replaces the new instances with the previous configuration again. */
  public rollBack(input: RollbackInstanceRefreshType): RollbackInstanceRefreshAnswer {
    const { group, refresh } = this.active(input.AutoScalingGroupName);
    const why =
      refresh.status === 'RollbackInProgress' ? 'it is being rolled back' : whyIrreversible(group, refresh.desired);
    if (why !== undefined || refresh.status === 'Cancelling') {
      const message = `The instance refresh ${refresh.id} cannot be rolled back: ${why ?? 'it is being cancelled'}.`;
      throw new AwsError('IrreversibleInstanceRefreshFault', message, { queryCode: 'IrreversibleInstanceRefresh' });
    }
    this.turnBack(group, refresh, 'Rollback initiated by user.');
    return { InstanceRefreshId: refresh.id };
  }

  /** Continues a group's refresh after something may have changed. */
  public review(group: Group): void {
    const refresh = activeRefresh(group);
    if (refresh === undefined || refresh.status === 'Pending') return;
    if (group.deleting) return this.finish(group, refresh, 'Cancelled', 'The Auto Scaling group is being deleted.');
    refresh.timer?.cancel();
    const now = this.dependencies.clock.now();
    if (refresh.status === 'Cancelling') {
      if (!group.isScaling) this.finish(group, refresh, 'Cancelled');
      return;
    }
    const alarm = refresh.preferences.AlarmSpecification?.Alarms?.find((name) =>
      this.dependencies.alarms.isInAlarm(name),
    );
    if (alarm !== undefined && refresh.status !== 'RollbackInProgress')
      return this.fail(group, refresh, `The CloudWatch alarm ${alarm} is in ALARM.`);
    const left = this.left(group, refresh);
    const done = refresh.todo.size - left;
    if (done !== refresh.done) {
      refresh.done = done;
      refresh.progressedAt = now;
    }
    if (refresh.status === 'Baking') {
      if (now >= refresh.pausedUntil) this.succeed(group, refresh);
      else this.look(group, refresh, refresh.pausedUntil);
      return;
    }
    if (left === 0) return this.complete(group, refresh);
    if (this.pauses(group, refresh, done)) return;
    // A suspended process is waited for without a limit.
    if (!group.runs('InstanceRefresh')) refresh.progressedAt = now;
    else if (group.runs('Launch') && group.runs('Terminate')) this.replaceSome(group, refresh);
    if (now >= refresh.progressedAt + PATIENCE)
      return this.fail(group, refresh, 'The instance refresh did not get on for an hour.');
    this.explain(group, refresh);
    this.look(group, refresh, Math.min(this.nextWarm(group, refresh), refresh.progressedAt + PATIENCE));
  }

  public forget(group: Group): void {
    activeRefresh(group)?.timer?.cancel();
  }

  private begin(group: Group, refresh: InstanceRefresh): void {
    if (refresh.status !== 'Pending') return;
    if (!group.runs('InstanceRefresh')) {
      this.look(group, refresh, this.dependencies.clock.now() + MINUTE, () => this.begin(group, refresh));
      return;
    }
    group.desiredConfiguration = refresh.desired;
    refresh.todo = this.toReplace(group, refresh);
    refresh.phaseBegan = refresh.progressedAt = this.dependencies.clock.now();
    this.become(group, refresh, 'InProgress');
    this.refreshPool(group, refresh);
    this.review(group);
  }

  /** The instances to replace, without those that the preferences exempt. */
  private toReplace(group: Group, { preferences }: InstanceRefresh): Set<Instance> {
    const wanted = this.dependencies.scaler.sourceOf(group);
    return new Set(
      [...group.instances.values()].filter((instance) => {
        const standsBy = instance.state === 'Standby';
        if (!instance.counts && !standsBy) return false;
        if (standsBy && preferences.StandbyInstances === 'Ignore') return false;
        if (instance.protectedFromScaleIn && preferences.ScaleInProtectedInstances === 'Ignore') return false;
        return !(preferences.SkipMatching === true && isSameSource(instance.source, wanted));
      }),
    );
  }

  /** Removes outdated instances from the warm pool, which then fills again. */
  private refreshPool(group: Group, { preferences }: InstanceRefresh): void {
    const { clock, lifecycle, scaler } = this.dependencies;
    const wanted = scaler.sourceOf(group);
    const cause = `At ${causeTime(clock.now())} an instance was taken out of service in response to an instance refresh.`;
    for (const instance of poolInstances(group)) {
      if (preferences.SkipMatching === true && isSameSource(instance.source, wanted)) continue;
      lifecycle.terminate(group, instance, cause);
    }
    scaler.reconcile(group);
  }

  private replaceSome(group: Group, refresh: InstanceRefresh): void {
    const { clock, lifecycle, scaler } = this.dependencies;
    const { before, after } = slots(group, refresh.preferences);
    const limit = checkpointLimit(refresh);
    for (const instance of this.replaceable(group, refresh)) {
      const untouched = this.untouched(group, refresh).length;
      const preceded = group.capacity.filter(({ succession }) => succession !== undefined).length;
      const busy = this.arriving(group, refresh).length;
      if (busy >= before + after || refresh.todo.size - untouched >= limit) return;
      const at = causeTime(clock.now());
      const launched = `At ${at} an instance was launched in response to an instance refresh.`;
      const terminated = () => {
        const then = causeTime(clock.now());
        return `At ${then} an instance was taken out of service in response to an instance refresh.  At ${then} instance ${instance.instanceId} was selected for termination.`;
      };
      if (instance.state === 'Standby') lifecycle.terminate(group, instance, terminated());
      else if (preceded < before) {
        if (scaler.succeed(group, instance, launched, terminated) === undefined) return;
      } else scaler.replace(group, instance, terminated(), launched);
    }
  }

  /** The instances not yet replaced that may be replaced now, oldest first. */
  private replaceable(group: Group, refresh: InstanceRefresh): Instance[] {
    const { preferences } = refresh;
    return this.untouched(group, refresh).filter(({ state, protectedFromScaleIn }) => {
      if (state === 'Standby') return preferences.StandbyInstances === 'Terminate';
      return !protectedFromScaleIn || preferences.ScaleInProtectedInstances === 'Refresh';
    });
  }

  private untouched(group: Group, { todo }: InstanceRefresh): Instance[] {
    return [...todo].filter(
      (instance) =>
        group.instances.get(instance.instanceId) === instance &&
        (instance.counts || instance.state === 'Standby') &&
        instance.succession === undefined,
    );
  }

  /** The instances launched since that are not warm yet. */
  private arriving(group: Group, refresh: InstanceRefresh): Instance[] {
    const now = this.dependencies.clock.now();
    const warmup = warmupOf(group, refresh) * SECOND;
    return group.capacity.filter(
      (instance) =>
        !refresh.todo.has(instance) &&
        !instance.isWarm(now, warmup) &&
        (instance.inServiceAt === undefined || instance.inServiceAt >= refresh.phaseBegan),
    );
  }

  /** The number of instances that have not been replaced by a warm one. */
  private left(group: Group, refresh: InstanceRefresh): number {
    if (!isActive(refresh)) return refresh.todo.size - refresh.done;
    const open = this.untouched(group, refresh).length + this.arriving(group, refresh).length;
    return Math.min(refresh.todo.size, open);
  }

  private nextWarm(group: Group, refresh: InstanceRefresh): number {
    const warmup = warmupOf(group, refresh) * SECOND;
    const instants = this.arriving(group, refresh).map(({ inServiceAt = Infinity }) => inServiceAt + warmup);
    return Math.min(Infinity, ...instants);
  }

  /** Whether it waits at a checkpoint. */
  private pauses(group: Group, refresh: InstanceRefresh, done: number): boolean {
    const { CheckpointPercentages: percentages = [], CheckpointDelay: delay = 3_600 } = refresh.preferences;
    const now = this.dependencies.clock.now();
    if (refresh.status !== 'InProgress' || refresh.checkpoint >= percentages.length) return false;
    if (done < checkpointLimit(refresh)) return false;
    if (refresh.checkpoint === percentages.length - 1) {
      this.complete(group, refresh);
      return true;
    }
    if (refresh.pausedUntil === -Infinity) refresh.pausedUntil = now + delay * SECOND;
    if (now >= refresh.pausedUntil) {
      refresh.pausedUntil = -Infinity;
      refresh.checkpoint++;
      refresh.progressedAt = now;
      return this.pauses(group, refresh, done);
    }
    refresh.reason = `Waiting at the checkpoint of ${percentages[refresh.checkpoint]} percent until ${causeTime(refresh.pausedUntil)}.`;
    this.look(group, refresh, refresh.pausedUntil);
    return true;
  }

  private complete(group: Group, refresh: InstanceRefresh): void {
    const { BakeTime: seconds = 0 } = refresh.preferences;
    if (refresh.status === 'RollbackInProgress') return this.finish(group, refresh, 'RollbackSuccessful');
    if (seconds === 0) return this.succeed(group, refresh);
    refresh.pausedUntil = this.dependencies.clock.now() + seconds * SECOND;
    this.become(group, refresh, 'Baking');
    this.look(group, refresh, refresh.pausedUntil);
  }

  /** Makes the desired configuration the group's own. */
  private succeed(group: Group, refresh: InstanceRefresh): void {
    if (refresh.desired !== undefined) {
      const { LaunchTemplate, MixedInstancesPolicy } = refresh.desired;
      const launched = { launchTemplate: LaunchTemplate, mixedInstancesPolicy: MixedInstancesPolicy };
      group.definition = { ...group.definition, ...launched };
    }
    this.finish(group, refresh, 'Successful');
  }

  private fail(group: Group, refresh: InstanceRefresh, reason: string): void {
    if (refresh.status === 'RollbackInProgress') return this.finish(group, refresh, 'RollbackFailed', reason);
    if (refresh.preferences.AutoRollback === true) this.turnBack(group, refresh, reason);
    else this.finish(group, refresh, 'Failed', reason);
  }

  private turnBack(group: Group, refresh: InstanceRefresh, reason: string): void {
    const { clock, scaler } = this.dependencies;
    const now = clock.now();
    const left = this.left(group, refresh);
    const { PercentageComplete } = describeRefresh(group, refresh, left);
    refresh.rollback = {
      RollbackReason: reason,
      RollbackStartTime: new Date(now),
      PercentageCompleteOnRollback: PercentageComplete,
      InstancesToUpdateOnRollback: left,
    };
    group.desiredConfiguration = undefined;
    const wanted = scaler.sourceOf(group);
    refresh.todo = new Set(group.staying.filter(({ source }) => !isSameSource(source, wanted)));
    refresh.phaseBegan = refresh.progressedAt = now;
    refresh.done = 0;
    refresh.pausedUntil = -Infinity;
    this.become(group, refresh, 'RollbackInProgress', reason);
    this.refreshPool(group, refresh);
    this.review(group);
  }

  private finish(group: Group, refresh: InstanceRefresh, status: InstanceRefreshStatus, reason?: string): void {
    refresh.timer?.cancel();
    refresh.done = refresh.todo.size - this.left(group, refresh);
    refresh.endedAt = this.dependencies.clock.now();
    group.desiredConfiguration = undefined;
    this.become(group, refresh, status, reason ?? refresh.rollback?.RollbackReason);
  }

  private become(group: Group, refresh: InstanceRefresh, status: InstanceRefreshStatus, reason?: string): void {
    refresh.status = status;
    refresh.reason = reason;
    this.dependencies.timeline.record('autoscaling.refresh', group.name, { refresh: refresh.id, status, reason });
  }

  private explain(group: Group, refresh: InstanceRefresh): void {
    const [arriving] = this.arriving(group, refresh);
    const stuck = this.untouched(group, refresh).filter((i) => !this.replaceable(group, refresh).includes(i));
    if (arriving !== undefined) {
      refresh.reason = `Waiting for instances to warm up before continuing. For example: ${arriving.instanceId} is warming up.`;
    } else if (stuck.length > 0) {
      const why = stuck[0].state === 'Standby' ? 'in Standby' : 'protected from scale in';
      refresh.reason = `Waiting for instances that cannot be replaced. For example: ${stuck[0].instanceId} is ${why}.`;
    }
  }

  /** Schedules the next review, each minute if the refresh depends on alarms. */
  private look(group: Group, refresh: InstanceRefresh, at: number, then = () => this.review(group)): void {
    const { clock } = this.dependencies;
    const watches = refresh.preferences.AlarmSpecification?.Alarms?.length;
    const next = watches ? Math.min(at, clock.now() + MINUTE) : at;
    refresh.timer = clock.schedule(next, then, `the instance refresh of ${group.name} goes on`);
  }

  private active(name: string | undefined): { readonly group: Group; readonly refresh: InstanceRefresh } {
    const group = this.dependencies.groups.find(name);
    const refresh = activeRefresh(group);
    if (refresh !== undefined) return { group, refresh };
    throw new AwsError(
      'ActiveInstanceRefreshNotFoundFault',
      `No in progress or pending Instance Refresh found for Auto Scaling group ${group.name}`,
      { queryCode: 'ActiveInstanceRefreshNotFound' },
    );
  }
}

function activeRefresh(group: Group): InstanceRefresh | undefined {
  return group.refreshes.find(isActive);
}

/** In seconds. */
function warmupOf({ definition }: Group, { preferences }: InstanceRefresh): number {
  return preferences.InstanceWarmup ?? definition.defaultInstanceWarmup ?? definition.healthCheckGracePeriod;
}

/** The number of instances that may be replaced before the next checkpoint. */
function checkpointLimit({ preferences, checkpoint, status, todo }: InstanceRefresh): number {
  const percentage = preferences.CheckpointPercentages?.[checkpoint];
  return percentage === undefined || status !== 'InProgress' ? Infinity : Math.ceil((todo.size * percentage) / 100);
}

/** A desired configuration as AWS returns it. */
function completedConfiguration(given: DesiredConfiguration, template: LaunchTemplateVersion): DesiredConfiguration {
  const { LaunchTemplate: launchTemplate, MixedInstancesPolicy: mixedInstancesPolicy } = given;
  const whole = completed({ launchTemplate, mixedInstancesPolicy }, template);
  return { LaunchTemplate: whole.launchTemplate, MixedInstancesPolicy: whole.mixedInstancesPolicy };
}
