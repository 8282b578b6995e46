import { type Clock, SECOND, type Timer } from '../../../clock';
import { causeTime } from './activities';
import type { Group } from '../groups/group';
import type { Scaler } from '../scaling/scaler';
import { unitsOf } from '../weights';

/** The collaborators of {@link Lifetimes}. */
export interface LifetimesDependencies {
  readonly clock: Clock;
  readonly scaler: Scaler;
}

/** Replaces instances that have reached their group's MaxInstanceLifetime, one at a time. */
export class Lifetimes {
  private readonly reviews = new WeakMap<Group, Timer>();

  constructor(private readonly dependencies: LifetimesDependencies) {}

  /** Replaces an instance that is due, or schedules a review for when the next one is. */
  public review(group: Group): void {
    this.forget(group);
    const { maxInstanceLifetime } = group.definition;
    if (maxInstanceLifetime === undefined || group.deleting) return;
    const inService = group.staying.filter(({ state }) => state === 'InService');
    if (inService.length === 0) return;
    const oldest = inService.reduce((first, other) => (other.launchedAt < first.launchedAt ? other : first));
    const { clock, scaler } = this.dependencies;
    const due = oldest.launchedAt + maxInstanceLifetime * SECOND;
    const now = clock.now();
    if (now < due) {
      const what = `instances of ${group.name} reach their maximum lifetime`;
      this.reviews.set(
        group,
        clock.schedule(due, () => this.review(group), what),
      );
      return;
    }
    // One at a time: a review follows when launching and terminating instances have settled.
    if (group.isScaling || unitsOf(group, group.capacity) < group.desired || !group.runs('Terminate')) return;
    const at = causeTime(now);
    scaler.replace(
      group,
      oldest,
      `At ${at} an instance was taken out of service in response to it reaching the maximum instance lifetime.`,
      `At ${at} an instance was launched in response to an instance that reached the maximum instance lifetime needing to be replaced.`,
    );
  }

  public forget(group: Group): void {
    this.reviews.get(group)?.cancel();
    this.reviews.delete(group);
  }
}
