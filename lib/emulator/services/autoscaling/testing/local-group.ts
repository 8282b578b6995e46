import { LocalResource } from '../../../testing';
import type { AutoScaling } from '../autoscaling';
import { WORKER_CONTROL } from '../ports';
import type { GroupStatus } from '../status';
import { type GroupModel, workerModel } from './group-model';
import type { GroupRecord } from './group-record';

/** An instance of a group. */
export type LocalInstance = GroupStatus['instances'][number];

/** An Auto Scaling group of a local cloud. What it tells is of the moment at which it is asked. */
export class LocalGroup extends LocalResource<AutoScaling, GroupRecord> {
  /** How many instances it wants. */
  public get desired(): number {
    return this.status.desired;
  }

  /** The fewest and the most instances that it may want. */
  public get bounds(): { readonly min: number; readonly max: number } {
    const { min, max } = this.status;
    return { min, max };
  }

  /** How many instances are in service. */
  public get inService(): number {
    return this.instances.filter(({ state }) => state === 'InService').length;
  }

  /** The most instances that were in service at a time. */
  public get peak(): number {
    return this.record.inService.peak;
  }

  /** How many instances it has launched. */
  public get launched(): number {
    return this.record.launched;
  }

  /** How many of its instances are gone. */
  public get terminated(): number {
    return this.record.terminated;
  }

  /** Its instances, with their lifecycle states: `Pending`, `InService`, `Terminating:Wait` … */
  public get instances(): readonly LocalInstance[] {
    return this.status.instances;
  }

  /**
   * Has the instances that it launches from now on run a modelled worker instead of their program: right after the cloud
   * has begun, that is all of them, since an instance takes its time to boot. Another model takes its place.
   *
   * @throws RangeError, TypeError if the model is invalid
   */
  public model(model: GroupModel): void {
    const queue = this.context.identify('queue', model.queue);
    const { account, region } = this.place;
    if (queue.account !== account || queue.region !== region) {
      throw new RangeError(
        `queue must be in ${account}/${region}, where ${this.label} is, but ${queue.label} is in ${queue.account}/${queue.region}`,
      );
    }
    void this.status; // throws if the group is gone
    this.context.use(WORKER_CONTROL).model(this.name, workerModel(model, queue.name));
  }

  /**
   * Kills an instance's worker without warning, as `kill -9` does: its messages come back when their visibility timeout
   * is over, and its supervisor starts it again.
   *
   * @param instanceId which one; without it, the first that is in service
   * @returns which one it was
   */
  public crash(instanceId?: string): string {
    const id = instanceId ?? this.instances.find(({ state }) => state === 'InService')?.id;
    if (id === undefined || !this.instances.some((instance) => instance.id === id)) {
      const present = this.instances.map(({ id: each, state }) => `${each} ${state}`).join(', ') || 'none';
      throw new Error(
        id === undefined
          ? `${this.label} has no instance in service to crash; its instances: ${present}`
          : `${this.label} has no instance ${id}; its instances: ${present}`,
      );
    }
    this.context.use(WORKER_CONTROL).crash(id);
    return id;
  }

  private get status() {
    const status = this.service.groups().find(({ name }) => name === this.name);
    if (status === undefined) throw new Error(`the Auto Scaling group ${this.label} is gone: it was deleted`);
    return status;
  }
}
