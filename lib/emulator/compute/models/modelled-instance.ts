import type { AutoScaling } from '../../services/autoscaling';
import { AwsError } from '../../core';
import { SECOND, type Timer } from '../../clock';
import { ModelledWorker, type ModelledWorkerDependencies } from './modelled-worker';
import type { CheckedWorkerModel } from './worker-model';

/** How often a worker reads the instance's target lifecycle state from its metadata. */
const LOOK_INTERVAL = 5 * SECOND;
/** How often it sends a heartbeat while it drains. */
const HEARTBEAT_INTERVAL = 30 * SECOND;
/** How long systemd waits before a restart, as workers' units request. */
const RESTART_AFTER = 5 * SECOND;
/** How long systemd lets a stopping service continue, unless its unit says otherwise. */
const STOP_TIMEOUT = 90 * SECOND;

/** The prefix of the target states of instances in a warm pool. */
const WARM_POOL = 'Warmed:';
const LAUNCHING = 'autoscaling:EC2_INSTANCE_LAUNCHING';
const TERMINATING = 'autoscaling:EC2_INSTANCE_TERMINATING';

/** What a {@link ModelledInstance} depends on. */
export interface ModelledInstanceDependencies extends Omit<ModelledWorkerDependencies, 'busyChanged'> {
  readonly autoScaling: AutoScaling;
}

/**
 * An instance with a modelled worker that does all that a good one does besides its work: it completes the launch hooks
 * that its user data would, drains before it completes termination hooks, and, in a group with protection from
 * scale-in, keeps the protection only while it is busy.
 */
export class ModelledInstance {
  private worker?: ModelledWorker;
  private startedAt = 0;
  /** The timer of the worker's next look at its target state. */
  private departure?: Timer;
  private protection?: Timer;
  private heartbeat?: Timer;
  private restart?: Timer;
  private gone = false;
  /** The protection last reported to the group; unknown at first, because an earlier worker may have reported any. */
  private toldProtected?: boolean;
  /** Whether the group protected instances from scale-in when the worker started. */
  private protects = false;

  constructor(
    private readonly dependencies: ModelledInstanceDependencies,
    private readonly model: CheckedWorkerModel,
    private readonly instanceId: string,
    private readonly groupName: string,
  ) {}

  public start(): void {
    const { clock } = this.dependencies;
    // The group waits for launch hooks once the instance has booted, which is about to happen.
    clock.schedule(clock.now(), () => this.completeLaunch(), 'user data ends');
    this.startWorker();
  }

  /** Called when termination hooks hold the instance or EC2 interrupts it: the worker notices at its next look. */
  public leaving(): void {
    if (this.worker !== undefined) this.departure ??= this.atNextLook(() => this.depart());
    // It has already drained after EC2's interruption notice.
    else if (!this.gone) this.atNextLook(() => this.completeTermination());
  }

  /** Shuts it down: the worker may finish its current messages within systemd's stop timeout. */
  public async terminate(): Promise<void> {
    const { clock } = this.dependencies;
    this.cease();
    const { worker } = this;
    if (worker === undefined || !worker.busy) return worker?.stop();
    const deadline = clock.schedule(clock.now() + STOP_TIMEOUT, () => worker.kill(), 'a modelled worker is killed');
    await worker.stop();
    deadline.cancel();
  }

  /** Kills the worker; it restarts as a service does. */
  public crash(): void {
    const { clock } = this.dependencies;
    if (this.gone || this.worker === undefined) return;
    this.stopTimers();
    this.worker.kill();
    this.worker = undefined;
    this.restart = clock.schedule(clock.now() + RESTART_AFTER, () => this.startWorker(), 'a modelled worker restarts');
  }

  /** Kills it. */
  public kill(): void {
    this.cease();
    this.worker?.kill();
  }

  private startWorker(): void {
    const { autoScaling, clock } = this.dependencies;
    this.startedAt = clock.now();
    this.departure = undefined;
    this.toldProtected = undefined;
    this.protects = this.groupProtects;
    const target = autoScaling.instance(this.instanceId)?.targetLifecycleState;
    // A worker that restarts while the instance terminates does not receive again.
    if (target === 'Terminated') return this.completeTermination();
    if (target?.startsWith(WARM_POOL)) return this.waitForGroup();
    const busyChanged = () => this.followWithProtection();
    this.worker = new ModelledWorker({ ...this.dependencies, busyChanged }, this.model);
    this.worker.start();
    this.followWithProtection();
  }

  private depart(): void {
    const { worker } = this;
    this.protection?.cancel();
    this.keepWaiting();
    void worker?.stop().then(() => {
      if (this.worker !== worker) return;
      this.worker = undefined;
      this.completeTermination();
      // In a warm pool that keeps instances running, systemd restarts the worker, which waits to join the group.
      const target = this.dependencies.autoScaling.instance(this.instanceId)?.targetLifecycleState;
      if (target?.startsWith(WARM_POOL)) this.waitForGroup();
    });
  }

  /** The instance is in a warm pool: its worker starts when it joins the group. */
  private waitForGroup(): void {
    if (this.gone) return;
    this.restart = this.atNextLook(() => {
      this.completeLaunch();
      this.startWorker();
    });
  }

  private completeLaunch(): void {
    this.completeHooks(LAUNCHING, 'Pending:Wait');
    this.completeHooks(LAUNCHING, 'Warmed:Pending:Wait');
  }

  private completeTermination(): void {
    this.heartbeat?.cancel();
    if (!this.gone) this.completeHooks(TERMINATING, 'Terminating:Wait');
  }

  private keepWaiting(): void {
    const { autoScaling, call, clock } = this.dependencies;
    const beat = () => {
      this.forHooks(TERMINATING, 'Terminating:Wait', (hook) => autoScaling.recordLifecycleActionHeartbeat(hook, call));
      this.keepWaiting();
    };
    this.heartbeat = clock.schedule(clock.now() + HEARTBEAT_INTERVAL, beat, 'a modelled worker drains');
  }

  private completeHooks(transition: string, state: string): void {
    const { autoScaling, call } = this.dependencies;
    this.forHooks(transition, state, (hook) =>
      autoScaling.completeLifecycleAction({ ...hook, LifecycleActionResult: 'CONTINUE' }, call),
    );
  }

  /** Sends a request for each hook that the instance waits for. */
  private forHooks(transition: string, state: string, request: (hook: HeldBy) => void): void {
    const { autoScaling, call } = this.dependencies;
    const { instanceId: InstanceId, groupName: AutoScalingGroupName } = this;
    if (autoScaling.instance(InstanceId)?.lifecycleState !== state) return;
    this.attempt(() => {
      const { LifecycleHooks = [] } = autoScaling.describeLifecycleHooks({ AutoScalingGroupName }, call);
      for (const { LifecycleHookName, LifecycleTransition } of LifecycleHooks) {
        if (LifecycleTransition !== transition) continue;
        this.attempt(() => request({ InstanceId, AutoScalingGroupName, LifecycleHookName }));
      }
    });
  }

  private followWithProtection(): void {
    const { autoScaling, call } = this.dependencies;
    const { groupName: AutoScalingGroupName, instanceId } = this;
    if (!this.protects || this.protection !== undefined || this.departure !== undefined) return;
    this.protection = this.atNextLook(() => {
      this.protection = undefined;
      const ProtectedFromScaleIn = this.worker?.busy === true;
      if (ProtectedFromScaleIn === this.toldProtected) return;
      this.attempt(() => {
        const protection = { AutoScalingGroupName, InstanceIds: [instanceId], ProtectedFromScaleIn };
        autoScaling.setInstanceProtection(protection, call);
        this.toldProtected = ProtectedFromScaleIn;
      });
    });
  }

  private get groupProtects(): boolean {
    const { autoScaling, call } = this.dependencies;
    const ask = { AutoScalingGroupNames: [this.groupName], IncludeInstances: false };
    return (
      autoScaling.describeAutoScalingGroups(ask, call).AutoScalingGroups?.[0]?.NewInstancesProtectedFromScaleIn === true
    );
  }

  private atNextLook(task: () => void): Timer {
    const { clock } = this.dependencies;
    const looks = Math.floor((clock.now() - this.startedAt) / LOOK_INTERVAL);
    return clock.schedule(this.startedAt + (looks + 1) * LOOK_INTERVAL, task, 'a modelled worker checks its instance');
  }

  private cease(): void {
    this.gone = true;
    this.stopTimers();
  }

  private stopTimers(): void {
    for (const timer of [this.departure, this.protection, this.heartbeat, this.restart]) timer?.cancel();
    this.protection = undefined;
  }

  /** If a request is refused, the group continues without the worker. */
  private attempt(request: () => void): void {
    try {
      request();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.dependencies.report(`lifecycle: ${error.message}`);
    }
  }
}

/** A lifecycle action, as requests name it. */
interface HeldBy {
  readonly AutoScalingGroupName: string;
  readonly InstanceId: string;
  readonly LifecycleHookName: string | undefined;
}
