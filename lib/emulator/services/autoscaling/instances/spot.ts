import type { Clock } from '../../../clock';
import type { Timeline } from '../../../timeline';
import { causeTime } from './activities';
import type { Fleet } from '../fleet';
import type { Group } from '../groups/group';
import type { Health } from './health';
import type { Instance } from './instance';
import type { Scaler } from '../scaling/scaler';

/** The collaborators of {@link Spot}. */
export interface SpotDependencies {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly fleet: Fleet;
  readonly scaler: Scaler;
  readonly health: Health;
}

/** Spot events of EC2, and how groups respond to them. */
export class Spot {
  constructor(private readonly dependencies: SpotDependencies) {}

  /**
   * Sends a rebalance recommendation, which appears in the instance's metadata. A group with CapacityRebalance launches
   * a replacement, and terminates the instance when that is in service.
   */
  public recommendRebalance(group: Group, instance: Instance): void {
    const { clock, scaler, timeline } = this.dependencies;
    if (instance.rebalanceRecommendedAt !== undefined) return;
    const now = clock.now();
    instance.rebalanceRecommendedAt = now;
    timeline.record('ec2.rebalanceRecommended', group.name, { instance: instance.instanceId });
    if (!group.definition.capacityRebalance || !instance.counts || instance.succession !== undefined) return;
    if (!group.runs('Launch') || !group.runs('Terminate')) return;
    const response = 'in response to an EC2 instance rebalance recommendation.';
    scaler.succeed(
      group,
      instance,
      `At ${causeTime(now)} an instance was launched ${response}`,
      () => `At ${causeTime(clock.now())} an instance was taken out of service ${response}`,
    );
  }

  /**
   * Sends an interruption notice, which appears in the instance's metadata; the instance shuts down at its end. A group
   * with CapacityRebalance terminates it at once, through its hooks, and replaces it; others notice by their health
   * check.
   *
   * @param notice in milliseconds
   */
  public interrupt(group: Group, instance: Instance, notice: number): void {
    const { clock, fleet, scaler, timeline } = this.dependencies;
    const { instanceId } = instance;
    if (instance.interruptedAt !== undefined) return;
    const now = clock.now();
    instance.interruptedAt = now + notice;
    timeline.record('ec2.interruptionWarning', group.name, { instance: instanceId, notice });
    const what = `EC2 takes ${instanceId} back`;
    clock.schedule(instance.interruptedAt, () => this.takeBack(group, instance), what);
    if (!group.definition.capacityRebalance || !instance.counts || !group.runs('Terminate')) {
      fleet.leaving?.(instanceId);
      return;
    }
    const at = causeTime(now);
    scaler.replace(
      group,
      instance,
      `At ${at} an instance was taken out of service in response to an EC2 Spot Instance interruption notice.`,
      `At ${at} an instance was launched in response to an EC2 Spot Instance interruption notice.`,
    );
  }

  private takeBack(group: Group, instance: Instance): void {
    const { fleet, health, timeline } = this.dependencies;
    if (instance.isGone || group.instances.get(instance.instanceId) !== instance) return;
    timeline.record('ec2.interrupted', group.name, { instance: instance.instanceId });
    // Programs end as in any shutdown, but nothing delays it.
    void fleet.terminate(instance.instanceId);
    health.vanished(group, instance);
  }
}
