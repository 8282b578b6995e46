import type { LifecycleState } from '@aws-sdk/client-auto-scaling';
import type { Clock, Random } from '../../../clock';
import { SECOND } from '../../../clock';
import type { Timeline } from '../../../timeline';
import { type Activities, type Activity, causeTime } from './activities';
import { validationError } from '../errors';
import type { Fleet } from '../fleet';
import type { Group } from '../groups/group';
import { Instance, type LaunchSource, type WaitingHook, type Whereabouts } from './instance';
import type { ScalingEvents } from './scaling-events';
import { LAUNCHING, type LifecycleHook, TERMINATING } from '../hooks/lifecycle-hook';
import { emptiestZone, instancesByZone } from '../groups/zones';

/** The collaborators of {@link Lifecycle}. */
export interface LifecycleDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly fleet: Fleet;
  readonly activities: Activities;
  readonly events: ScalingEvents;
  /** The time from Pending until the instance has booted, in milliseconds. */
  readonly bootTime: number;
  /** The same for an instance that was stopped or hibernated in a warm pool. */
  readonly warmStartTime: number;
  /** Maximum number of instances at a time. */
  readonly instanceLimit: number;
  /** Called when an instance starts to wait for a hook. */
  readonly waits: (group: Group, instance: Instance, waiting: WaitingHook) => void;
  /** Called when an instance is in service, in the warm pool or gone, even if it failed to launch. */
  readonly settled: (group: Group, instance: Instance) => void;
}

/**
 * The life cycle of instances: Pending, Pending:Wait during launch hooks, InService, Terminating, Terminating:Wait
 * during termination hooks, Terminated. Warm pools have the same transitions with states of their own.
 */
export class Lifecycle {
  private launched = 0;
  private existing = 0;

  constructor(private readonly dependencies: LifecycleDependencies) {}

  /** Whether the account's limit has room for an instance. */
  public get hasRoom(): boolean {
    return this.existing < this.dependencies.instanceLimit;
  }

  /** Records a launch that failed for lack of room. */
  public failForRoom(group: Group, cause: string): void {
    const { activities, events, instanceLimit } = this.dependencies;
    const reason = `You have requested more vCPU capacity than your current vCPU limit of ${instanceLimit} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit. Launching EC2 instance failed.`;
    const description = `Launching a new EC2 instance.  Status Reason: ${reason}`;
    const activity = activities.start(group, 'InProgress', '', description, cause);
    activities.end(activity, 'Failed', reason);
    events.failedToLaunch(group, activity);
  }

  /**
   * Launches an instance in the zone with the fewest instances of the group. There must be room for it.
   * @param counts the group's instances per zone, without one that is leaving
   */
  public launch(
    group: Group,
    source: LaunchSource,
    cause: string,
    counts: ReadonlyMap<string, number> = instancesByZone(group),
  ): Instance {
    return this.begin(group, source, 'AutoScalingGroup', cause, counts);
  }

  /** Launches an instance into the group's warm pool. There must be room for it. */
  public prepare(group: Group, source: LaunchSource, cause: string, counts: ReadonlyMap<string, number>): Instance {
    return this.begin(group, source, 'WarmPool', cause, counts);
  }

  /** Moves a ready instance from the warm pool into service. */
  public draw(group: Group, instance: Instance, cause: string): void {
    const { activities, timeline, warmStartTime } = this.dependencies;
    const { instanceId, availabilityZone } = instance;
    const description = `Launching a new EC2 instance from warm pool: ${instanceId}`;
    instance.activity = activities.start(group, 'PreInService', availabilityZone, description, cause);
    const isRunning = instance.state === 'Warmed:Running';
    this.send(instance, 'WarmPool', 'AutoScalingGroup', 'Pending');
    instance.protectedFromScaleIn = group.definition.newInstancesProtected;
    timeline.record('autoscaling.launched', group.name, { instance: instanceId, from: 'warm pool' });
    if (isRunning) this.boot(group, instance, 0, () => this.booted(group, instance));
    else this.boot(group, instance, warmStartTime);
  }

  /**
   * Takes an instance out of service or out of the warm pool, and terminates it after its termination hooks.
   * @param waits whether termination hooks apply
   */
  public terminate(group: Group, instance: Instance, cause: string, waits = true): void {
    const state = instance.inPool ? 'Warmed:Terminating' : 'Terminating';
    const { isRetained } = instance;
    this.end(group, instance, 'EC2', state, `Terminating EC2 instance: ${instance.instanceId}`, cause);
    this.dependencies.timeline.record('autoscaling.terminating', group.name, { instance: instance.instanceId });
    // An instance that never ran needs no hooks, and a retained one has had them.
    const waiting = waits && instance.hasBooted && !isRetained && this.wait(group, instance, TERMINATING);
    if (waiting) this.dependencies.fleet.leaving?.(instance.instanceId);
    else this.shutDown(group, instance);
  }

  /** Returns an instance from service to the warm pool, after its termination hooks. */
  public putBack(group: Group, instance: Instance, cause: string): void {
    const { instanceId } = instance;
    const description = `Returning EC2 instance to warm pool: ${instanceId}`;
    this.end(group, instance, 'WarmPool', 'Terminating', description, cause);
    this.dependencies.timeline.record('autoscaling.returning', group.name, { instance: instanceId });
    if (this.wait(group, instance, TERMINATING)) this.dependencies.fleet.leaving?.(instanceId);
    else this.enterPool(group, instance);
  }

  /** Ends the wait for the termination hooks of an instance. */
  public hurry(group: Group, instance: Instance): void {
    if (!instance.isEnding || !instance.state.endsWith(':Wait')) return;
    this.stopWaiting(instance);
    this.proceed(group, instance);
  }

  /** CompleteLifecycleAction. */
  public complete(group: Group, instance: Instance, waiting: WaitingHook, result: string): void {
    this.conclude(group, instance, waiting, result, 'Lifecycle Action Completed with ABANDON Result');
  }

  /** RecordLifecycleActionHeartbeat: restarts the timeout, up to the global timeout. */
  public heartbeat(group: Group, instance: Instance, waiting: WaitingHook): void {
    waiting.timer.cancel();
    waiting.timer = this.timeout(group, instance, waiting);
  }

  /** Removes a deleted hook. Instances that wait for it continue. */
  public forgetHook(group: Group, hookName: string): void {
    for (const instance of [...group.instances.values()]) {
      const waiting = instance.waitingFor.get(hookName);
      if (waiting !== undefined) this.conclude(group, instance, waiting, 'CONTINUE', '');
    }
  }

  /** An instance was detached: it does not count towards the limit any more. */
  public detached(): void {
    this.existing--;
  }

  private begin(
    group: Group,
    source: LaunchSource,
    destination: Whereabouts,
    cause: string,
    counts: ReadonlyMap<string, number>,
  ): Instance {
    const { clock, random, timeline, activities, bootTime } = this.dependencies;
    const intoPool = destination === 'WarmPool';
    const instanceId = `i-0${random.hex(16)}`;
    const availabilityZone = emptiestZone(group, counts);
    const description = `Launching a new EC2 instance${intoPool ? ' into warm pool' : ''}: ${instanceId}`;
    const now = clock.now();
    const instance = new Instance({
      instanceId,
      groupName: group.name,
      availabilityZone,
      privateIp: this.nextAddress(),
      source,
      launchedAt: now,
      destination,
      protectedFromScaleIn: group.definition.newInstancesProtected,
      activity: activities.start(group, 'PreInService', availabilityZone, description, cause),
    });
    if (intoPool) instance.state = 'Warmed:Pending';
    this.existing++;
    group.instances.set(instanceId, instance);
    timeline.record('autoscaling.launched', group.name, {
      instance: instanceId,
      into: intoPool ? 'warm pool' : undefined,
    });
    this.boot(group, instance, bootTime);
    return instance;
  }

  private boot(group: Group, instance: Instance, time: number, then = () => this.started(group, instance)): void {
    const { clock } = this.dependencies;
    instance.booting = clock.schedule(clock.now() + time, then, `${instance.instanceId} has booted`);
  }

  private started(group: Group, instance: Instance): void {
    if (!instance.isGone) this.dependencies.fleet.launch(instance);
    this.booted(group, instance);
  }

  private booted(group: Group, instance: Instance): void {
    instance.hasBooted = true;
    // Meanwhile the user data may have completed the launch, or the group may have been deleted.
    if (instance.state !== 'Pending' && instance.state !== 'Warmed:Pending') return;
    if (!this.wait(group, instance, LAUNCHING)) this.arrive(group, instance);
  }

  private arrive(group: Group, instance: Instance): void {
    if (instance.destination === 'WarmPool') this.enterPool(group, instance);
    else this.enterService(group, instance);
  }

  private enterService(group: Group, instance: Instance): void {
    instance.state = 'InService';
    instance.passes.clear();
    instance.inServiceAt = this.dependencies.clock.now();
    this.dependencies.activities.end(instance.activity, 'Successful');
    this.dependencies.timeline.record('autoscaling.inService', group.name, { instance: instance.instanceId });
    this.dependencies.events.ended(group, instance, instance.activity);
    this.dependencies.settled(group, instance);
  }

  private enterPool(group: Group, instance: Instance): void {
    const pool = group.warmPool;
    if (instance.state === 'Terminating' || instance.state === 'Terminating:Proceed') instance.state = 'Warmed:Pending';
    const { activity } = instance;
    const arrived = (): void => {
      // It may have been terminated while it was stopping.
      if (instance.activity !== activity) return;
      instance.state = `Warmed:${pool?.state ?? 'Stopped'}`;
      instance.inServiceAt = undefined;
      this.dependencies.activities.end(activity, 'Successful');
      this.dependencies.timeline.record('autoscaling.prepared', group.name, {
        instance: instance.instanceId,
        state: instance.state,
      });
      this.dependencies.events.ended(group, instance, activity);
      this.dependencies.settled(group, instance);
    };
    if (pool?.state === 'Running') arrived();
    else void this.dependencies.fleet.terminate(instance.instanceId).then(arrived, arrived);
  }

  /** Whether the group has hooks for the transition. If so, the instance now waits for all of them. */
  private wait(group: Group, instance: Instance, transition: string): boolean {
    const hooks = [...group.hooks.values()].filter(
      (hook) => hook.transition === transition && !(transition === LAUNCHING && instance.passes.has(hook.name)),
    );
    if (hooks.length === 0) return false;
    instance.state = `${instance.state}:Wait` as LifecycleState;
    instance.activity.status = 'MidLifecycleAction';
    instance.activity.progress = 60;
    for (const hook of hooks) this.waitFor(group, instance, hook);
    return true;
  }

  private waitFor(group: Group, instance: Instance, hook: LifecycleHook): void {
    const { clock, random, waits } = this.dependencies;
    const begun = { hook, token: random.uuid(), latest: clock.now() + hook.globalTimeout * SECOND };
    const waiting: WaitingHook = Object.assign(begun, { timer: { cancel: () => undefined } });
    waiting.timer = this.timeout(group, instance, waiting);
    instance.waitingFor.set(hook.name, waiting);
    waits(group, instance, waiting);
  }

  private timeout(group: Group, instance: Instance, waiting: WaitingHook): WaitingHook['timer'] {
    const { clock } = this.dependencies;
    const at = Math.min(clock.now() + waiting.hook.heartbeatTimeout * SECOND, waiting.latest);
    const expire = () => this.conclude(group, instance, waiting, waiting.hook.defaultResult, 'Heartbeat Timeout');
    return clock.schedule(at, expire, `the lifecycle hook ${waiting.hook.name} of ${instance.instanceId} times out`);
  }

  private conclude(group: Group, instance: Instance, waiting: WaitingHook, result: string, why: string): void {
    waiting.timer.cancel();
    instance.waitingFor.delete(waiting.hook.name);
    // ABANDON does not wait for other hooks. A terminating instance terminates either way.
    if (result === 'ABANDON') this.stopWaiting(instance);
    if (instance.waitingFor.size > 0) return;
    if (waiting.hook.transition === TERMINATING && result === 'ABANDON' && instance.isEnding && group.retainsAbandoned)
      this.retain(group, instance);
    else if (waiting.hook.transition === LAUNCHING && result === 'ABANDON')
      this.failLaunch(group, instance, waiting, why);
    else if (waiting.hook.transition === TERMINATING && result === 'ABANDON' && instance.destination === 'WarmPool')
      this.failReturn(group, instance);
    else this.proceed(group, instance);
  }

  private proceed(group: Group, instance: Instance): void {
    instance.state = instance.state.replace(/:Wait$/, ':Proceed') as LifecycleState;
    if (instance.isEnding) this.shutDown(group, instance);
    else this.arrive(group, instance);
  }

  private failLaunch(group: Group, instance: Instance, waiting: WaitingHook, why: string): void {
    const { activities, clock, events } = this.dependencies;
    const message = `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${waiting.token} was abandoned: ${why}`;
    activities.end(instance.activity, 'Cancelled', message);
    events.ended(group, instance, instance.activity);
    const cause = `At ${causeTime(clock.now())} an instance was taken out of service in response to a launch lifecycle hook that was abandoned.`;
    this.terminate(group, instance, cause, false);
    this.dependencies.settled(group, instance);
  }

  /** Retains an instance whose termination was abandoned, if its group is configured so. */
  private retain(group: Group, instance: Instance): void {
    instance.state = instance.state.replace(/:Wait$/, ':Retained') as LifecycleState;
    const message = 'A termination lifecycle hook was abandoned: the instance is retained.';
    this.dependencies.activities.end(instance.activity, 'Cancelled', message);
    this.dependencies.timeline.record('autoscaling.retained', group.name, { instance: instance.instanceId });
    this.dependencies.events.ended(group, instance, instance.activity);
    this.dependencies.settled(group, instance);
  }

  /** Terminates an instance that is abandoned on its way back to the warm pool. */
  private failReturn(group: Group, instance: Instance): void {
    const at = causeTime(this.dependencies.clock.now());
    const cause = `At ${at} an instance was taken out of service in response to a termination lifecycle hook that was abandoned.`;
    this.terminate(group, instance, cause, false);
  }

  private shutDown(group: Group, instance: Instance): void {
    const { activity } = instance;
    this.dependencies.fleet.terminate(instance.instanceId).then(
      () => this.terminated(group, instance, activity),
      (error: unknown) => this.terminated(group, instance, activity, String(error)),
    );
  }

  private terminated(group: Group, instance: Instance, activity: Activity, trouble?: string): void {
    instance.state = instance.inPool ? 'Warmed:Terminated' : 'Terminated';
    if (group.instances.delete(instance.instanceId)) this.existing--;
    this.dependencies.activities.end(activity, trouble === undefined ? 'Successful' : 'Failed', trouble);
    this.dependencies.timeline.record('autoscaling.terminated', group.name, { instance: instance.instanceId });
    this.dependencies.events.ended(group, instance, activity);
    this.dependencies.settled(group, instance);
  }

  /** Ends an instance's current activity, and starts to move it to `destination`. */
  private end(
    group: Group,
    instance: Instance,
    destination: Whereabouts,
    state: LifecycleState,
    description: string,
    cause: string,
  ): void {
    const { activities } = this.dependencies;
    if (instance.activity.endedAt === undefined) activities.end(instance.activity, 'Cancelled');
    instance.activity = activities.start(group, 'InProgress', instance.availabilityZone, description, cause);
    instance.booting?.cancel();
    this.stopWaiting(instance);
    this.send(instance, instance.inPool ? 'WarmPool' : 'AutoScalingGroup', destination, state);
  }

  private send(instance: Instance, origin: Whereabouts, destination: Whereabouts, state: LifecycleState): void {
    instance.origin = origin;
    instance.destination = destination;
    instance.state = state;
  }

  private stopWaiting(instance: Instance): void {
    for (const { timer } of instance.waitingFor.values()) timer.cancel();
    instance.waitingFor.clear();
  }

  /** An address that no other instance of the Region has had, up to sixteen million of them. */
  private nextAddress(): string {
    const number = (this.launched++ % (2 ** 24 - 20)) + 10;
    return `10.${number >>> 16}.${(number >>> 8) & 255}.${number & 255}`;
  }
}

/** The hook of that name for which an instance waits. */
export function waitingHook(instance: Instance, hookName: string): WaitingHook {
  const waiting = instance.waitingFor.get(hookName);
  if (waiting !== undefined) return waiting;
  throw validationError(`No active Lifecycle Action found with instance ID ${instance.instanceId}`);
}
