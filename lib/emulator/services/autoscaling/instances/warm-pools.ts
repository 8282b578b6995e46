import type {
  DeleteWarmPoolType,
  DescribeWarmPoolAnswer,
  DescribeWarmPoolType,
  PutWarmPoolType,
} from '@aws-sdk/client-auto-scaling';
import { AwsError, page } from '../../../core';
import type { Clock } from '../../../clock';
import { causeTime } from './activities';
import { checkInteger, checkOneOf, checkRecords, invalidNextToken, validationError } from '../errors';
import type { Group } from '../groups/group';
import type { Groups } from '../groups/groups';
import type { Lifecycle } from './lifecycle';
import { mayMixInSpot } from '../groups/purchase-options';
import type { Scaler } from '../scaling/scaler';
import { describeWarmPool, poolInstances, poolSize, type PoolState } from './warm-pool';
import { instancesByZone } from '../groups/zones';

/** The collaborators of {@link WarmPools}. */
export interface WarmPoolsDependencies {
  readonly clock: Clock;
  readonly groups: Groups;
  readonly lifecycle: Lifecycle;
  readonly scaler: Scaler;
}

const STATES: readonly PoolState[] = ['Stopped', 'Running', 'Hibernated'];

/** The warm pools of groups, which are kept at their size. */
export class WarmPools {
  constructor(private readonly dependencies: WarmPoolsDependencies) {}

  /** Adds a warm pool to a group, or changes its warm pool: settings that are left out stay as they are. */
  public put(input: PutWarmPoolType): void {
    const group = this.dependencies.groups.find(input.AutoScalingGroupName);
    const existing = this.changeable(group);
    checkOneOf('PoolState', input.PoolState, STATES);
    checkInteger('MinSize', input.MinSize, 0);
    checkInteger('MaxGroupPreparedCapacity', input.MaxGroupPreparedCapacity, -1);
    const minSize = input.MinSize ?? existing?.minSize ?? 0;
    const maxPrepared = input.MaxGroupPreparedCapacity ?? existing?.maxPrepared;
    if (maxPrepared !== undefined && maxPrepared !== -1 && maxPrepared < minSize) {
      throw validationError(
        `MaxGroupPreparedCapacity, ${maxPrepared}, must be greater than or equal to the MinSize of the warm pool, ${minSize}.`,
      );
    }
    if (this.dependencies.scaler.sourceOf(group).spot || mayMixInSpot(group.definition)) {
      throw validationError(
        'You cannot add a warm pool to an Auto Scaling group that has a mixed instances policy or a launch template that requests Spot Instances.',
      );
    }
    group.warmPool = {
      state: input.PoolState ?? existing?.state ?? 'Stopped',
      minSize,
      // -1 removes the maximum.
      maxPrepared: maxPrepared === -1 ? undefined : maxPrepared,
      reuseOnScaleIn: input.InstanceReusePolicy?.ReuseOnScaleIn ?? existing?.reuseOnScaleIn ?? false,
      deleting: false,
    };
    this.reconcile(group);
  }

  public describe(input: DescribeWarmPoolType): DescribeWarmPoolAnswer {
    const { AutoScalingGroupName: name, MaxRecords = 50, NextToken } = input;
    const group = this.dependencies.groups.find(name);
    checkRecords(MaxRecords, 50);
    const instances = [...group.instances.values()].filter(({ inPool }) => inPool);
    const { items, nextToken } = page(instances, MaxRecords, NextToken, invalidNextToken);
    return {
      WarmPoolConfiguration: describeWarmPool(group),
      Instances: items.map((instance) => group.describeInstance(instance)),
      NextToken: nextToken,
    };
  }

  /** Deletes a group's warm pool if it is empty or, without waiting for lifecycle actions, if forced. */
  public delete(input: DeleteWarmPoolType): void {
    const group = this.dependencies.groups.find(input.AutoScalingGroupName);
    const pool = this.changeable(group);
    if (pool === undefined) throw validationError(`No warm pool found for the AutoScalingGroup ${group.name}.`);
    const instances = [...group.instances.values()].filter(
      ({ inPool, destination }) => inPool || destination === 'WarmPool',
    );
    if (instances.length > 0 && input.ForceDelete !== true) {
      const message = `You cannot delete the warm pool of ${group.name} while there are instances in it.`;
      throw new AwsError('ResourceInUseFault', message, { queryCode: 'ResourceInUse' });
    }
    group.warmPool = { ...pool, deleting: true };
    const cause = `At ${causeTime(this.dependencies.clock.now())} a user request force deleted the warm pool.`;
    for (const instance of instances) {
      if (instance.isEnding) this.dependencies.lifecycle.hurry(group, instance);
      else this.dependencies.lifecycle.terminate(group, instance, cause, false);
    }
    this.reconcile(group);
  }

  /** Launches or terminates instances until the pool has its size. */
  public reconcile(group: Group): void {
    const { warmPool: pool } = group;
    if (group.deleting) return;
    if (pool?.deleting && ![...group.instances.values()].some(({ inPool }) => inPool)) group.warmPool = undefined;
    const before = poolInstances(group).length;
    const wanted = poolSize(group);
    const at = causeTime(this.dependencies.clock.now());
    if (before < wanted && group.runs('Launch')) {
      const cause = `At ${at} an instance was started in response to a difference between desired and actual warm pool capacity, increasing the warm pool capacity from ${before} to ${wanted}.`;
      const source = this.dependencies.scaler.sourceOf(group);
      const counts = instancesByZone(group);
      for (let count = before; count < wanted && this.dependencies.scaler.hasRoom(group, cause); count++) {
        this.dependencies.lifecycle.prepare(group, source, cause, counts);
      }
    }
    if (before > wanted && group.runs('Terminate')) {
      const cause = `At ${at} an instance was taken out of the warm pool in response to a difference between desired and actual warm pool capacity, shrinking the warm pool capacity from ${before} to ${wanted}.`;
      // Newest first: ready instances are worth more than those that are not.
      for (const instance of poolInstances(group).slice(wanted - before)) {
        this.dependencies.lifecycle.terminate(group, instance, cause);
      }
    }
  }

  private changeable(group: Group): Group['warmPool'] {
    if (group.warmPool?.deleting !== true) return group.warmPool;
    throw new AwsError('ScalingActivityInProgressFault', `The warm pool of ${group.name} is being deleted.`, {
      queryCode: 'ScalingActivityInProgress',
    });
  }
}
