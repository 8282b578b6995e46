import type { Clock, Random } from '../clock';
import { SECOND } from '../clock';
import type { Timeline } from '../timeline';
import { type Activities, type Activity, causeTime } from './activities';
import { validationError } from './errors';
import type { Fleet, LaunchTemplateData } from './fleet';
import type { Group } from './group';
import { Instance, type WaitingHook } from './instance';
import { LAUNCHING, type LifecycleHook, TERMINATING } from './lifecycle-hook';

/** What taking instances through their lives needs. */
export interface LifecyclePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly fleet: Fleet;
  readonly activities: Activities;
  /** From Pending until the instance has booted, in milliseconds. */
  readonly bootTime: number;
  /** Told when an instance is in service or gone; of one that failed to launch, too. */
  readonly settled: (group: Group, instance: Instance) => void;
}

/**
 * Takes instances through their lives: Pending, Pending:Wait while launch hooks last, InService, Terminating,
 * Terminating:Wait while termination hooks last, Terminated.
 */
export class Lifecycle {
  private launched = 0;

  constructor(private readonly ports: LifecyclePorts) {}

  /** Launches an instance in the zone that has the fewest of the group's. */
  public launch(group: Group, launchTemplate: LaunchTemplateData, cause: string): void {
    const { clock, random, timeline, activities, bootTime } = this.ports;
    const id = `i-0${random.hex(16)}`;
    const zone = emptiestZone(group);
    const activity = activities.start(group, 'PreInService', zone, `Launching a new EC2 instance: ${id}`, cause);
    const now = clock.now();
    const isProtected = group.definition.newInstancesProtected;
    const instance = new Instance(id, zone, this.nextAddress(), launchTemplate, group, now, isProtected, activity);
    group.instances.set(id, instance);
    timeline.record('autoscaling.launched', group.name, { instance: id });
    instance.booting = clock.schedule(now + bootTime, () => this.booted(group, instance), `${id} has booted`);
  }

  /**
   * Takes an instance out of service and terminates it, once its termination hooks are done.
   * @param waits whether termination hooks hold it up
   */
  public terminate(group: Group, instance: Instance, cause: string, waits = true): void {
    const { activities, timeline } = this.ports;
    const { instanceId, availabilityZone } = instance;
    const description = `Terminating EC2 instance: ${instanceId}`;
    if (instance.activity.endedAt === undefined) activities.end(instance.activity, 'Cancelled');
    instance.activity = activities.start(group, 'InProgress', availabilityZone, description, cause);
    instance.booting?.cancel();
    this.stopWaiting(instance);
    instance.state = 'Terminating';
    timeline.record('autoscaling.terminating', group.name, { instance: instanceId });
    // What never ran has nothing to finish: hooks are for instances that have booted.
    const waiting = waits && instance.hasBooted && this.wait(group, instance, TERMINATING, 'Terminating:Wait');
    if (waiting) this.ports.fleet.leaving?.(instanceId);
    else this.shutDown(group, instance);
  }

  /** Ends the wait for termination hooks of an instance that is being terminated. */
  public hurry(group: Group, instance: Instance): void {
    if (instance.state !== 'Terminating:Wait') return;
    this.stopWaiting(instance);
    this.proceedToTerminate(group, instance);
  }

  /** CompleteLifecycleAction. */
  public complete(group: Group, instance: Instance, waiting: WaitingHook, result: string): void {
    this.conclude(group, instance, waiting, result, 'Lifecycle Action Completed with ABANDON Result');
  }

  /** RecordLifecycleActionHeartbeat: the timeout begins anew, up to the global timeout. */
  public heartbeat(group: Group, instance: Instance, waiting: WaitingHook): void {
    waiting.timer.cancel();
    waiting.timer = this.timeout(group, instance, waiting);
  }

  /** Forgets a hook that is deleted: the instances that wait for it go on. */
  public forgetHook(group: Group, hookName: string): void {
    for (const instance of [...group.instances.values()]) {
      const waiting = instance.waitingFor.get(hookName);
      if (waiting !== undefined) this.conclude(group, instance, waiting, 'CONTINUE', '');
    }
  }

  private booted(group: Group, instance: Instance): void {
    instance.hasBooted = true;
    this.ports.fleet.launch(instance);
    // The user data may have completed the launch, or the group been deleted, in the meantime.
    if (instance.state !== 'Pending') return;
    if (!this.wait(group, instance, LAUNCHING, 'Pending:Wait')) this.enterService(group, instance);
  }

  private enterService(group: Group, instance: Instance): void {
    instance.state = 'InService';
    instance.inServiceAt = this.ports.clock.now();
    this.ports.activities.end(instance.activity, 'Successful');
    this.ports.timeline.record('autoscaling.inService', group.name, { instance: instance.instanceId });
    this.ports.settled(group, instance);
  }

  /** Whether the group has hooks for the transition; if so the instance now waits for all of them. */
  private wait(
    group: Group,
    instance: Instance,
    transition: string,
    state: 'Pending:Wait' | 'Terminating:Wait',
  ): boolean {
    const hooks = [...group.hooks.values()].filter((hook) => hook.transition === transition);
    if (hooks.length === 0) return false;
    instance.state = state;
    instance.activity.status = 'MidLifecycleAction';
    instance.activity.progress = 60;
    for (const hook of hooks) this.waitFor(group, instance, hook);
    return true;
  }

  private waitFor(group: Group, instance: Instance, hook: LifecycleHook): void {
    const { clock, random } = this.ports;
    const begun = { hook, token: random.uuid(), latest: clock.now() + hook.globalTimeout * SECOND };
    const waiting: WaitingHook = Object.assign(begun, { timer: { cancel: () => undefined } });
    waiting.timer = this.timeout(group, instance, waiting);
    instance.waitingFor.set(hook.name, waiting);
  }

  private timeout(group: Group, instance: Instance, waiting: WaitingHook): WaitingHook['timer'] {
    const { clock } = this.ports;
    const at = Math.min(clock.now() + waiting.hook.heartbeatTimeout * SECOND, waiting.latest);
    const expire = () => this.conclude(group, instance, waiting, waiting.hook.defaultResult, 'Heartbeat Timeout');
    return clock.schedule(at, expire, `the lifecycle hook ${waiting.hook.name} of ${instance.instanceId} times out`);
  }

  private conclude(group: Group, instance: Instance, waiting: WaitingHook, result: string, why: string): void {
    waiting.timer.cancel();
    instance.waitingFor.delete(waiting.hook.name);
    // ABANDON doesn't wait for the other hooks. An instance on its way out terminates either way.
    if (result === 'ABANDON') this.stopWaiting(instance);
    if (instance.waitingFor.size > 0) return;
    if (instance.state === 'Terminating:Wait') this.proceedToTerminate(group, instance);
    else if (result === 'ABANDON') this.failLaunch(group, instance, waiting, why);
    else {
      instance.state = 'Pending:Proceed';
      this.enterService(group, instance);
    }
  }

  private failLaunch(group: Group, instance: Instance, waiting: WaitingHook, why: string): void {
    const { activities, clock } = this.ports;
    activities.end(
      instance.activity,
      'Cancelled',
      `Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ${waiting.token} was abandoned: ${why}`,
    );
    const cause = `At ${causeTime(clock.now())} an instance was taken out of service in response to a launch lifecycle hook that was abandoned.`;
    this.terminate(group, instance, cause, false);
    this.ports.settled(group, instance);
  }

  private proceedToTerminate(group: Group, instance: Instance): void {
    instance.state = 'Terminating:Proceed';
    this.shutDown(group, instance);
  }

  private shutDown(group: Group, instance: Instance): void {
    const { activity } = instance;
    this.ports.fleet.terminate(instance.instanceId).then(
      () => this.terminated(group, instance, activity),
      (error: unknown) => this.terminated(group, instance, activity, String(error)),
    );
  }

  private terminated(group: Group, instance: Instance, activity: Activity, trouble?: string): void {
    instance.state = 'Terminated';
    group.instances.delete(instance.instanceId);
    this.ports.activities.end(activity, trouble === undefined ? 'Successful' : 'Failed', trouble);
    this.ports.timeline.record('autoscaling.terminated', group.name, { instance: instance.instanceId });
    this.ports.settled(group, instance);
  }

  private stopWaiting(instance: Instance): void {
    for (const { timer } of instance.waitingFor.values()) timer.cancel();
    instance.waitingFor.clear();
  }

  /** An address that no other instance of the Region ever had, for the first sixteen million of them. */
  private nextAddress(): string {
    const number = (this.launched++ % (2 ** 24 - 20)) + 10;
    return `10.${number >>> 16}.${(number >>> 8) & 255}.${number & 255}`;
  }
}

/** The hook that holds an instance up, named by the hook's name. */
export function waitingHook(instance: Instance, hookName: string): WaitingHook {
  const waiting = instance.waitingFor.get(hookName);
  if (waiting !== undefined) return waiting;
  throw validationError(`No active Lifecycle Action found with instance ID ${instance.instanceId}`);
}

function emptiestZone(group: Group): string {
  const counts = new Map(group.definition.zones.map((zone) => [zone, 0]));
  for (const { availabilityZone } of group.capacity) {
    const count = counts.get(availabilityZone);
    if (count !== undefined) counts.set(availabilityZone, count + 1);
  }
  const fewest = Math.min(...counts.values());
  return group.definition.zones.find((zone) => counts.get(zone) === fewest) as string;
}
