import type { AutoScaling } from '../../services/autoscaling';
import { AwsError } from '../../core';
import { SECOND, type Timer } from '../../clock';
import { ModelledWorker, type ModelledWorkerDependencies } from './modelled-worker';
import type { CheckedWorkerModel } from './worker-model';

/** A worker looks this often at what its instance's metadata say that the group wants of it. */
const LOOK_INTERVAL = 5 * SECOND;
/** How often it tells the group, while it drains, that it is not done yet. */
const HEARTBEAT_INTERVAL = 30 * SECOND;
/** systemd starts a service again after so long, as workers' units ask for. */
const RESTART_AFTER = 5 * SECOND;
/** How long systemd lets a service that is stopped go on, where its unit does not say. */
const STOP_TIMEOUT = 90 * SECOND;

/** What the target states of instances in a warm pool begin with. */
const WARM_POOL = 'Warmed:';
const LAUNCHING = 'autoscaling:EC2_INSTANCE_LAUNCHING';
const TERMINATING = 'autoscaling:EC2_INSTANCE_TERMINATING';

/** What a {@link ModelledInstance} depends on. */
export interface ModelledInstanceDependencies extends Omit<ModelledWorkerDependencies, 'busyChanged'> {
  readonly autoScaling: AutoScaling;
}

/**
 * An instance with a modelled worker, and all that a good one does beside its work: it completes the launch hooks that
 * its user data would, drains before it completes those of its termination, and, in a group whose instances are
 * protected from scale-in, keeps the protection while it is busy only.
 */
export class ModelledInstance {
  private worker?: ModelledWorker;
  private startedAt = 0;
  /** What waits for the worker's next look at what the group wants. */
  private departure?: Timer;
  private protection?: Timer;
  private heartbeat?: Timer;
  private restart?: Timer;
  private gone = false;
  /** What the group was last told; at first unknown, as a worker before this one may have told it anything. */
  private toldProtected?: boolean;
  /** Whether the group's instances are protected from scale-in, as it was when the worker was started. */
  private protects = false;

  constructor(
    private readonly dependencies: ModelledInstanceDependencies,
    private readonly model: CheckedWorkerModel,
    private readonly instanceId: string,
    private readonly groupName: string,
  ) {}

  public start(): void {
    const { clock } = this.dependencies;
    // The group has it wait for its launch hooks once it has booted, which is just about to be over.
    clock.schedule(clock.now(), () => this.completeLaunch(), 'user data ends');
    this.startWorker();
  }

  /** Termination hooks hold the instance, or EC2 takes it back: at its next look the worker knows. */
  public leaving(): void {
    if (this.worker !== undefined) this.departure ??= this.atNextLook(() => this.depart());
    // It has drained before, as EC2 gave notice that it takes the instance back.
    else if (!this.gone) this.atNextLook(() => this.completeTermination());
  }

  /** Shuts it down: the worker may finish what it has in work, for as long as systemd would let it. */
  public async terminate(): Promise<void> {
    const { clock } = this.dependencies;
    this.cease();
    const { worker } = this;
    if (worker === undefined || !worker.busy) return worker?.stop();
    const deadline = clock.schedule(clock.now() + STOP_TIMEOUT, () => worker.kill(), 'a modelled worker is killed');
    await worker.stop();
    deadline.cancel();
  }

  /** Kills the worker; it is started again as a service is. */
  public crash(): void {
    const { clock } = this.dependencies;
    if (this.gone || this.worker === undefined) return;
    this.stopTimers();
    this.worker.kill();
    this.worker = undefined;
    this.restart = clock.schedule(
      clock.now() + RESTART_AFTER,
      () => this.startWorker(),
      'a modelled worker is started again',
    );
  }

  /** Ends it at once. */
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
    // A worker that was started again while the instance goes does not begin anew.
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
      // In a warm pool that keeps its instances running, systemd starts the worker again, which waits for its time.
      const target = this.dependencies.autoScaling.instance(this.instanceId)?.targetLifecycleState;
      if (target?.startsWith(WARM_POOL)) this.waitForGroup();
    });
  }

  /** The instance is in a warm pool: its worker begins when it joins the group. */
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

  /** Does something about each hook that the instance waits for. */
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
    return clock.schedule(
      this.startedAt + (looks + 1) * LOOK_INTERVAL,
      task,
      'a modelled worker looks at its instance',
    );
  }

  private cease(): void {
    this.gone = true;
    this.stopTimers();
  }

  private stopTimers(): void {
    for (const timer of [this.departure, this.protection, this.heartbeat, this.restart]) timer?.cancel();
    this.protection = undefined;
  }

  /** What is refused leaves the group to go on without the worker. */
  private attempt(request: () => void): void {
    try {
      request();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.dependencies.report(`lifecycle: ${error.message}`);
    }
  }
}

/** A lifecycle action, as calls name it. */
interface HeldBy {
  readonly AutoScalingGroupName: string;
  readonly InstanceId: string;
  readonly LifecycleHookName: string | undefined;
}
