import { type Clock, HOUR, MINUTE, SECOND, type Timer } from '../../../clock';
import { causeTime } from '../instances/activities';
import { AwsError } from '../../../core';
import { validationError } from '../errors';
import type { LaunchTemplateVersion } from '../fleet';
import type { Group } from '../groups/group';
import { launchSource } from '../groups/group-definition';
import { type Instance, isSameSource, type LaunchSource } from '../instances/instance';
import type { Lifecycle } from '../instances/lifecycle';
import { isNextSpot } from '../groups/purchase-options';
import type { ScalingPolicy } from './scaling-policy';
import { adjusted, stepFor } from './step-adjustments';
import { TerminationOrder } from '../groups/termination';
import { nextReady, readyInstances, returnsToPool } from '../instances/warm-pool';
import { unitsOf } from '../weights';
import { instancesByZone } from '../groups/zones';

/** The information that an alarm passes to a policy. */
export interface AlarmSignal {
  readonly alarmName: string;
  readonly state: string;
  /** The data points that the alarm evaluated, oldest first. */
  readonly values: readonly number[];
  readonly threshold: number;
}

/** The collaborators of {@link Scaler}. */
export interface ScalerDependencies {
  readonly clock: Clock;
  readonly lifecycle: Lifecycle;
  readonly launchTemplate: (idOrName: string, version: string) => LaunchTemplateVersion;
  /** Called when the desired capacity, or the instances that make it up, may have changed. */
  readonly capacityChanged: (group: Group) => void;
}

/** What triggers a policy: the metric's value and threshold, and who, as causes word it. */
interface Trigger {
  readonly who: string;
  readonly metric?: { readonly value: number; readonly threshold: number };
  readonly honorCooldown: boolean;
}

/** The wait after a failed launch, which doubles with each failure. AWS documents no figure. */
const FIRST_RETRY = MINUTE;
const LONGEST_RETRY = HOUR;

/** The wait of a group whose launches fail, and its end. */
interface Retry {
  readonly after: number;
  readonly at: number;
  readonly timer: Timer;
}

/** Counts of a group's instances during several launches. */
interface Counted {
  readonly counts: Map<string, number>;
  readonly ready: Set<Instance>;
  readonly capacity: Instance[];
}

/** Brings groups to their desired capacity, and changes it as policies say. */
export class Scaler {
  private readonly retries = new Map<Group, Retry>();

  constructor(private readonly dependencies: ScalerDependencies) {}

  /** Sets the desired capacity and starts scaling to it. `who` is the initiator, as causes word it. */
  public setDesired(group: Group, desired: number, who: string): void {
    const from = group.desired;
    group.desired = desired;
    this.forget(group); // a new desired capacity is tried at once
    if (desired < from) group.shrunkAt = this.dependencies.clock.now();
    const at = causeTime(this.dependencies.clock.now());
    this.reconcile(group, `At ${at} ${who} changing the desired capacity from ${from} to ${desired}.`);
  }

  /** Lowers the desired capacity by instances that leave the group other than by scaling in. */
  public shrink(group: Group, by: number): void {
    group.desired -= by;
    group.shrunkAt = this.dependencies.clock.now();
  }

  /**
   * Launches or terminates instances until the capacity is as desired.
   * @param because the cause, as activities word it; empty if the difference explains it
   */
  public reconcile(group: Group, because = ''): void {
    const before = unitsOf(group, group.staying);
    if (before < group.desired && group.runs('Launch')) this.launchUpTo(group, before, because);
    else if (before > group.desired && group.runs('Terminate')) this.terminateDownTo(group, before, because);
    this.dependencies.capacityChanged(group);
  }

  /**
   * Terminates an instance and launches another in its place, each with its own cause. Returns the new one; undefined
   * if none is needed or Launch is suspended.
   */
  public replace(group: Group, instance: Instance, terminated: string, launched: string): Instance | undefined {
    this.dependencies.lifecycle.terminate(group, instance, terminated);
    const wanted = group.runs('Launch') && unitsOf(group, group.staying) < group.desired;
    const other = wanted ? this.launchOne(group, launched) : undefined;
    this.dependencies.capacityChanged(group);
    return other;
  }

  /**
   * Launches an instance that replaces another once it is in service; until then there is one more than desired.
   * Returns undefined, and keeps the other, if there is no room.
   */
  public succeed(group: Group, instance: Instance, launched: string, terminated: () => string): Instance | undefined {
    if (!this.hasRoom(group, launched)) return undefined;
    const counts = instancesByZone(group, instance);
    const by = this.dependencies.lifecycle.launch(group, this.sourceOf(group), launched, counts);
    instance.succession = { by, cause: terminated };
    return by;
  }

  /** Executes a policy because of an alarm. */
  public alarmed(group: Group, policy: ScalingPolicy, signal: AlarmSignal): void {
    const value = aggregate(signal.values, policy.input.MetricAggregationType);
    this.run(group, policy, {
      who: `a monitor alarm ${signal.alarmName} in state ${signal.state} triggered policy ${policy.name}`,
      metric: value === undefined ? undefined : { value, threshold: signal.threshold },
      honorCooldown: true,
    });
  }

  /** Executes a policy because of ExecutePolicy. */
  public executed(group: Group, policy: ScalingPolicy, metric: Trigger['metric'], honorCooldown: boolean): void {
    this.run(group, policy, { who: `a user request executed policy ${policy.name}`, metric, honorCooldown });
  }

  /** Throws during a cooldown, for requests that honour it. */
  public refuseDuringCooldown(group: Group): void {
    if (!this.coolsDown(group)) return;
    throw new AwsError(
      'ScalingActivityInProgressFault',
      `Scaling activity of group ${group.name} is in progress or its cooldown has not ended.`,
      { queryCode: 'ScalingActivityInProgress' },
    );
  }

  /**
   * An instance has launched or terminated: with the last one of an activity, the cooldown of simple scaling starts.
   */
  public settled(group: Group, instance: Instance): void {
    const { cooldown } = group;
    if (cooldown?.pending.delete(instance.instanceId) === true && cooldown.pending.size === 0) {
      group.cooldown = undefined;
      group.cooldownUntil = this.dependencies.clock.now() + cooldown.length * SECOND;
    }
    this.passOn(group, instance);
  }

  /** Terminates the instance that this one replaces or, if this one failed, keeps it. */
  private passOn(group: Group, by: Instance): void {
    for (const replaced of group.capacity) {
      if (replaced.succession?.by !== by) continue;
      const { cause } = replaced.succession;
      if (by.counts && !group.deleting) this.dependencies.lifecycle.terminate(group, replaced, cause());
      replaced.succession = undefined;
    }
  }

  private run(group: Group, policy: ScalingPolicy, trigger: Trigger): void {
    if (policy.input.Enabled === false || group.deleting) return;
    if (policy.type === 'SimpleScaling') this.scaleSimply(group, policy, trigger);
    else this.scaleBySteps(group, policy, trigger);
  }

  /** One activity at a time: triggers during an activity or its cooldown are ignored. */
  private scaleSimply(group: Group, { input }: ScalingPolicy, trigger: Trigger): void {
    if (trigger.honorCooldown && this.coolsDown(group)) return;
    const { ScalingAdjustment = 0, AdjustmentType = '', MinAdjustmentMagnitude, MinAdjustmentStep } = input;
    const magnitude = MinAdjustmentMagnitude ?? MinAdjustmentStep;
    const desired = bounded(group, adjusted(group.desired, AdjustmentType, ScalingAdjustment, magnitude));
    if (desired === group.desired) return;
    const before = new Set(group.capacity.map(({ instanceId }) => instanceId));
    this.setDesired(group, desired, trigger.who);
    const after = new Set(group.capacity.map(({ instanceId }) => instanceId));
    const moving = [...before, ...after].filter((id) => before.has(id) !== after.has(id));
    const length = input.Cooldown ?? group.definition.defaultCooldown;
    if (moving.length > 0) group.cooldown = { length, pending: new Set(moving) };
    else group.cooldownUntil = this.dependencies.clock.now() + length * SECOND;
  }

  /**
   * A step applies to the warm capacity, and the result is compared with the desired capacity, which includes instances
   * that are warming up: an alarm that repeats each minute does not add them again.
   */
  private scaleBySteps(group: Group, { input }: ScalingPolicy, { who, metric }: Trigger): void {
    const step = metric && stepFor(input.StepAdjustments ?? [], metric.value - metric.threshold);
    if (step?.ScalingAdjustment === undefined) return;
    const { AdjustmentType = '', MinAdjustmentMagnitude, MinAdjustmentStep } = input;
    const warming = this.warming(group, input.EstimatedInstanceWarmup);
    const warm = group.desired - warming;
    const magnitude = MinAdjustmentMagnitude ?? MinAdjustmentStep;
    const target = bounded(group, adjusted(warm, AdjustmentType, step.ScalingAdjustment, magnitude));
    const reduces = AdjustmentType === 'ExactCapacity' ? target < group.desired : step.ScalingAdjustment < 0;
    if (reduces ? warming > 0 || target >= group.desired : target <= group.desired) return;
    this.setDesired(group, target, who);
  }

  /** The part of a group's capacity that is launching, or in service for less than its warm-up (in seconds). */
  public warming(group: Group, estimatedWarmup: number | undefined): number {
    const { defaultInstanceWarmup, defaultCooldown } = group.definition;
    const warmup = (estimatedWarmup ?? defaultInstanceWarmup ?? defaultCooldown) * SECOND;
    const now = this.dependencies.clock.now();
    return unitsOf(
      group,
      group.capacity.filter((instance) => !instance.isWarm(now, warmup)),
    );
  }

  private coolsDown(group: Group): boolean {
    return group.cooldown !== undefined || group.isScaling || this.dependencies.clock.now() < group.cooldownUntil;
  }

  private launchUpTo(group: Group, before: number, because: string): void {
    const at = causeTime(this.dependencies.clock.now());
    const difference = `At ${at} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from ${before} to ${group.desired}.`;
    const cause = joined(because, difference);
    const counted = countInstances(group); // once: counting for each launch would take quadratic time
    for (let units = before; units < group.desired;) {
      const instance = this.launchOne(group, cause, counted);
      if (instance === undefined) return;
      const { counts, ready, capacity } = counted;
      counts.set(instance.availabilityZone, (counts.get(instance.availabilityZone) ?? 0) + 1);
      ready.delete(instance);
      capacity.push(instance);
      units += unitsOf(group, [instance]);
    }
  }

  /**
   * Whether the account's limit has room for an instance of the group. If not, records a failed activity and schedules
   * a retry, before which no attempt is made.
   */
  public hasRoom(group: Group, cause: string): boolean {
    const { clock, lifecycle } = this.dependencies;
    if (lifecycle.hasRoom) {
      this.forget(group);
      return true;
    }
    const before = this.retries.get(group);
    if (before !== undefined && clock.now() < before.at) return false;
    lifecycle.failForRoom(group, cause);
    const after = Math.min(LONGEST_RETRY, before === undefined ? FIRST_RETRY : 2 * before.after);
    const at = clock.now() + after;
    const timer = clock.schedule(at, () => this.reconcile(group), `${group.name} tries to launch again`);
    this.retries.set(group, { after, at, timer });
    return false;
  }

  /** Cancels the retry of failed launches. */
  public forget(group: Group): void {
    this.retries.get(group)?.timer.cancel();
    this.retries.delete(group);
  }

  /** Takes an instance from the warm pool or, if none is ready, launches one. Returns undefined without room. */
  private launchOne(group: Group, cause: string, counted = countInstances(group)): Instance | undefined {
    const { counts, ready, capacity } = counted;
    const prepared = nextReady(ready, counts);
    if (prepared === undefined) {
      if (!this.hasRoom(group, cause)) return undefined;
      const { definition, desiredConfiguration } = group;
      const source = this.sourceOf({ definition, desiredConfiguration, capacity });
      return this.dependencies.lifecycle.launch(group, source, cause, counts);
    }
    this.dependencies.lifecycle.draw(group, prepared, cause);
    return prepared;
  }

  private terminateDownTo(group: Group, before: number, because: string): void {
    const now = this.dependencies.clock.now();
    const at = causeTime(now);
    const current = this.sourceOf(group);
    const difference = `At ${at} an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from ${before} to ${group.desired}.`;
    const order = new TerminationOrder({
      capacity: group.staying,
      policies: group.definition.terminationPolicies,
      now,
      isCurrent: ({ source }) => isSameSource(source, current),
    });
    for (let units = before; units > group.desired;) {
      const surplus = units - group.desired;
      const instance = order.next((one) => unitsOf(group, [one]) <= surplus);
      // The remaining instances are protected, or weigh more than the excess, so they stay.
      if (instance === undefined) return;
      units -= unitsOf(group, [instance]);
      const selected = `At ${at} instance ${instance.instanceId} was selected for termination.`;
      const cause = joined(because, difference, selected);
      if (returnsToPool(group, instance)) this.dependencies.lifecycle.putBack(group, instance, cause);
      else this.dependencies.lifecycle.terminate(group, instance, cause);
    }
  }

  /** The launch source of the group's next instance. */
  public sourceOf(group: Launching): LaunchSource {
    const definition = launchDefinition(group);
    const { specification, instanceType } = launchSource(definition);
    const { LaunchTemplateId, LaunchTemplateName, Version = '$Default' } = specification;
    const template = this.dependencies.launchTemplate((LaunchTemplateId ?? LaunchTemplateName) as string, Version);
    const spot = template.data.spot === true || isNextSpot({ definition, capacity: group.capacity }, instanceType);
    return { template, spot, ...(instanceType !== undefined && { instanceType }) };
  }
}

function countInstances(group: Group): Counted {
  return {
    counts: instancesByZone(group),
    ready: new Set(readyInstances(group)),
    capacity: group.capacity,
  };
}

/** What a group's next launch source depends on. */
type Launching = Pick<Group, 'definition' | 'capacity'> & Partial<Pick<Group, 'desiredConfiguration'>>;

/** The group's definition, with the desired configuration of an instance refresh. */
function launchDefinition({ definition, desiredConfiguration: desired }: Launching): Group['definition'] {
  if (desired === undefined) return definition;
  const { LaunchTemplate, MixedInstancesPolicy } = desired;
  return { ...definition, launchTemplate: LaunchTemplate, mixedInstancesPolicy: MixedInstancesPolicy };
}

/** Throws unless a requested desired capacity is within the group's bounds. */
export function checkDesired(group: Group, desired: number): void {
  const { min, max } = group.definition;
  const where = desired > max ? `above max value ${max}` : `below min value ${min}`;
  if (!Number.isInteger(desired) || desired < min || desired > max) {
    throw validationError(`New SetDesiredCapacity value ${desired} is ${where} for the AutoScalingGroup.`);
  }
}

/** The capacity, limited to the group's bounds. */
export function bounded(group: Group, capacity: number): number {
  return Math.max(group.definition.min, Math.min(group.definition.max, capacity));
}

/** Joins the sentences of a cause, as AWS does. */
function joined(...sentences: readonly string[]): string {
  return sentences.filter((sentence) => sentence !== '').join('  ');
}

function aggregate(values: readonly number[], type = 'Average'): number | undefined {
  if (values.length === 0) return undefined;
  if (type === 'Minimum') return Math.min(...values);
  if (type === 'Maximum') return Math.max(...values);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
