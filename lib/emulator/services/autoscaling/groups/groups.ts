import { AwsError } from '../../../core';
import { groupNotFound, missing, validationError } from '../errors';
import type { Group } from './group';
import type { Instance } from '../instances/instance';

/** An instance and its group. */
export interface Member {
  readonly group: Group;
  readonly instance: Instance;
}

/** The groups of an account in a Region, in order of creation. */
export class Groups {
  private readonly byName = new Map<string, Group>();

  public add(group: Group): void {
    this.byName.set(group.name, group);
  }

  public remove(group: Group): void {
    this.byName.delete(group.name);
  }

  public all(): Group[] {
    return [...this.byName.values()];
  }

  /** The group with that name, including one that is being deleted. */
  public get(name: string): Group | undefined {
    return this.byName.get(name);
  }

  /** Finds a request's group. Throws AWS's error if there is none, or if it is being deleted. */
  public find(name: string | undefined): Group {
    if (name === undefined) throw missing('AutoScalingGroupName');
    const group = this.byName.get(name);
    if (group === undefined) throw groupNotFound(name);
    if (!group.deleting) return group;
    throw new AwsError('ScalingActivityInProgressFault', `The AutoScalingGroup ${name} is being deleted.`, {
      queryCode: 'ScalingActivityInProgress',
    });
  }

  public instance(instanceId: string): Member | undefined {
    for (const group of this.byName.values()) {
      const instance = group.instances.get(instanceId);
      if (instance !== undefined) return { group, instance };
    }
    return undefined;
  }

  /** Finds a request's instance. Throws AWS's error if no group has it. */
  public member(instanceId: string | undefined): Member {
    if (instanceId === undefined) throw missing('InstanceId');
    const found = this.instance(instanceId);
    if (found !== undefined) return found;
    throw validationError(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
  }
}
