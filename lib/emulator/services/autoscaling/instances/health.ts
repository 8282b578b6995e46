import type { SetInstanceHealthQuery } from '@aws-sdk/client-auto-scaling';
import { type Clock, SECOND } from '../../../clock';
import type { Timeline } from '../../../timeline';
import { causeTime } from './activities';
import { checkOneOf, missing, validationError } from '../errors';
import type { Group } from '../groups/group';
import type { Groups } from '../groups/groups';
import type { Instance } from './instance';
import type { Scaler } from '../scaling/scaler';

/** The collaborators of {@link Health}. */
export interface HealthDependencies {
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly groups: Groups;
  readonly scaler: Scaler;
  /** The time until a group notices that an instance is gone, in milliseconds. */
  readonly checkDelay: number;
}

const EC2_CHECK = 'an EC2 health check indicating it has been terminated or stopped';
const USER_CHECK = 'a user health-check';

/** Tracks the health of instances, and replaces unhealthy ones. */
export class Health {
  constructor(private readonly dependencies: HealthDependencies) {}

  /** SetInstanceHealth: an unhealthy instance is replaced at once. */
  public set(input: SetInstanceHealthQuery): void {
    const { InstanceId, HealthStatus: status, ShouldRespectGracePeriod: respectsGrace = true } = input;
    if (InstanceId === undefined) throw missing('InstanceId');
    if (status === undefined) throw missing('HealthStatus');
    checkOneOf('HealthStatus', status, ['Healthy', 'Unhealthy']);
    const { group, instance } = this.dependencies.groups.member(InstanceId);
    if (instance.isEnding)
      throw validationError(`Instance Id not found - Instance ${InstanceId} is already being terminated.`);
    if (status === 'Healthy') {
      instance.unhealthyBecause = undefined;
      return;
    }
    // An instance in its grace period is not yet expected to be healthy.
    if (respectsGrace && this.dependencies.clock.now() < graceEnds(group, instance)) return;
    this.markUnhealthy(group, instance, USER_CHECK);
  }

  /** An instance has vanished: the next EC2 health check notices. */
  public vanished(group: Group, instance: Instance): void {
    const { clock, checkDelay } = this.dependencies;
    if (instance.isGone) return;
    instance.isGone = true;
    instance.booting?.cancel();
    this.checkAt(clock.now() + checkDelay, group, instance);
  }

  /** Catches up on what was suspended: health checks and replacements. */
  public resume(group: Group): void {
    for (const instance of [...group.instances.values()]) {
      if (!instance.isHealthy) this.replace(group, instance);
      else if (instance.isGone) this.check(group, instance);
    }
  }

  private checkAt(instant: number, group: Group, instance: Instance): void {
    const what = `an EC2 health check of ${instance.instanceId}`;
    this.dependencies.clock.schedule(instant, () => this.check(group, instance), what);
  }

  /** The EC2 health check of an instance that is gone. */
  private check(group: Group, instance: Instance): void {
    const { clock } = this.dependencies;
    const isChecked = (instance.counts || instance.inPool) && !instance.isEnding && instance.isHealthy;
    if (!isChecked || !group.instances.has(instance.instanceId) || !group.runs('HealthCheck')) return;
    const graceEnd = instance.state === 'InService' ? graceEnds(group, instance) : -Infinity;
    if (clock.now() < graceEnd) this.checkAt(graceEnd, group, instance);
    else this.markUnhealthy(group, instance, EC2_CHECK);
  }

  private markUnhealthy(group: Group, instance: Instance, because: string): void {
    instance.unhealthyBecause = because;
    this.dependencies.timeline.record('autoscaling.unhealthy', group.name, { instance: instance.instanceId, because });
    this.replace(group, instance);
  }

  /** Replaces an unhealthy instance, unless that is suspended: then it waits until it is resumed. */
  private replace(group: Group, instance: Instance): void {
    if (!group.runs('ReplaceUnhealthy') || !group.runs('Terminate')) return;
    if (instance.isEnding || !(instance.counts || instance.inPool)) return;
    const at = causeTime(this.dependencies.clock.now());
    this.dependencies.scaler.replace(
      group,
      instance,
      `At ${at} an instance was taken out of service in response to ${instance.unhealthyBecause}.`,
      `At ${at} an instance was launched in response to an unhealthy instance needing to be replaced.`,
    );
  }
}

function graceEnds(group: Group, instance: Instance): number {
  return (instance.inServiceAt ?? Infinity) + group.definition.healthCheckGracePeriod * SECOND;
}
