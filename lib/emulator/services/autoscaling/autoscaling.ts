import type {
  ActivitiesType,
  ActivityType,
  AttachInstancesQuery,
  AutoScalingGroupNamesType,
  AutoScalingGroupsType,
  AutoScalingInstancesType,
  BatchDeleteScheduledActionAnswer,
  BatchDeleteScheduledActionType,
  BatchPutScheduledUpdateGroupActionAnswer,
  BatchPutScheduledUpdateGroupActionType,
  CancelInstanceRefreshAnswer,
  CancelInstanceRefreshType,
  CompleteLifecycleActionType,
  CreateAutoScalingGroupType,
  CreateOrUpdateTagsType,
  DeleteAutoScalingGroupType,
  DeleteLifecycleHookType,
  DeletePolicyType,
  DeleteScheduledActionType,
  DeleteTagsType,
  DeleteWarmPoolType,
  DescribeAccountLimitsAnswer,
  DescribeAdjustmentTypesAnswer,
  DescribeAutoScalingInstancesType,
  DescribeInstanceRefreshesAnswer,
  DescribeInstanceRefreshesType,
  DescribeLifecycleHookTypesAnswer,
  DescribeLifecycleHooksAnswer,
  DescribeLifecycleHooksType,
  DescribeMetricCollectionTypesAnswer,
  DescribePoliciesType,
  DescribeScalingActivitiesType,
  DescribeScheduledActionsType,
  DescribeTagsType,
  DescribeTerminationPolicyTypesAnswer,
  DescribeWarmPoolAnswer,
  DescribeWarmPoolType,
  DetachInstancesAnswer,
  DetachInstancesQuery,
  DisableMetricsCollectionQuery,
  EnableMetricsCollectionQuery,
  EnterStandbyAnswer,
  EnterStandbyQuery,
  ExecutePolicyType,
  ExitStandbyAnswer,
  ExitStandbyQuery,
  PoliciesType,
  PolicyARNType,
  ProcessesType,
  PutLifecycleHookType,
  PutScalingPolicyType,
  PutScheduledUpdateGroupActionType,
  PutWarmPoolType,
  RecordLifecycleActionHeartbeatType,
  RollbackInstanceRefreshAnswer,
  RollbackInstanceRefreshType,
  ScalingProcessQuery,
  ScheduledActionsType,
  SetDesiredCapacityType,
  SetInstanceHealthQuery,
  SetInstanceProtectionQuery,
  StartInstanceRefreshAnswer,
  StartInstanceRefreshType,
  TagsType,
  TerminateInstanceInAutoScalingGroupType,
  UpdateAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import type { RequestContext, MetricDatum, ServiceEvents } from '../../core';
import { type Clock, type Random } from '../../clock';
import type { Timeline } from '../../timeline';
import type { IdleParticipant, ServiceInstance } from '../service-definition';
import { Activities } from './instances/activities';
import type { Fleet, LaunchTemplateVersion } from './fleet';
import type { Group } from './groups/group';
import { GroupAdministration } from './groups/group-administration';
import {
  describeAccountLimits,
  describeAdjustmentTypes,
  describeLifecycleHookTypes,
  describeMetricCollectionTypes,
  describeTerminationPolicyTypes,
} from './groups/described-types';
import { disableMetrics, enableMetrics, groupMetrics } from './groups/group-metrics';
import { Groups, type Member } from './groups/groups';
import { Health } from './instances/health';
import type { Instance } from './instances/instance';
import { HookNotifications, type HookTargets } from './hooks/hook-notifications';
import { InstanceRefreshes } from './instances/instance-refreshes';
import { type InstanceView, viewInstance } from './instances/instance-view';
import { Lifecycle } from './instances/lifecycle';
import { LifecycleHooks } from './hooks/lifecycle-hooks';
import { Lifetimes } from './instances/lifetimes';
import { type AutoScalingLimits, readLimits } from './limits';
import { ManualScaling } from './instances/manual-scaling';
import { Policies } from './scaling/policies';
import { describeScalingProcessTypes, Processes } from './groups/processes';
import { isAtRest } from './groups/rest';
import { type AlarmSignal, Scaler } from './scaling/scaler';
import { ScalingEvents } from './instances/scaling-events';
import { ScheduledActions } from './scaling/scheduled-actions';
import { Spot } from './instances/spot';
import { refuseAttaching, Standby } from './instances/standby';
import { Tags } from './groups/tags';
import { TargetTracker } from './scaling/target-tracker';
import type { PolicyAlarms } from './scaling/target-tracking';
import { WarmPools } from './instances/warm-pools';
import { ZoneBalance } from './groups/zone-balance';

/** The collaborators and settings of {@link AutoScaling}. */
export interface AutoScalingDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly fleet: Fleet;
  /** Returns a launch template's version; throws AWS's error if there is none. */
  readonly launchTemplate: (idOrName: string, version: string) => LaunchTemplateVersion;
  /** The CloudWatch alarms of target-tracking policies. */
  readonly alarms: PolicyAlarms;
  /** The notification targets of lifecycle hooks. */
  readonly hookTargets: HookTargets;
  /**
   * Takes the events of groups.
   * @default - they go nowhere
   */
  readonly events?: ServiceEvents;
  readonly limits?: Partial<AutoScalingLimits>;
}

/** A group, for views. */
export interface GroupView {
  readonly name: string;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  readonly instances: readonly InstanceState[];
  /** The instances in its warm pool, including those that are entering or leaving it for good. */
  readonly warmPool: readonly InstanceState[];
}

/** An instance of a group, for views. */
export interface InstanceState {
  readonly id: string;
  readonly state: string;
}

/**
 * EC2 Auto Scaling in one account and Region: the API's actions, and the connections between the classes that implement
 * them.
 */
export class AutoScaling implements ServiceInstance {
  private readonly groupBook = new Groups();
  private readonly activities: Activities;
  private readonly administration: GroupAdministration;
  private readonly manualScaling: ManualScaling;
  private readonly policies: Policies;
  private readonly hooks: LifecycleHooks;
  private readonly processes: Processes;
  private readonly scheduledActions: ScheduledActions;
  private readonly health: Health;
  private readonly spot: Spot;
  private readonly zoneBalance: ZoneBalance;
  private readonly lifetimes: Lifetimes;
  private readonly warmPools: WarmPools;
  private readonly standby: Standby;
  /** Instances that were detached: they keep running, and belong to no group. */
  private readonly detached = new Map<string, Member>();
  private readonly refreshes: InstanceRefreshes;
  private readonly tags: Tags;
  private readonly scaler: Scaler;
  private readonly fleet: Fleet;
  private readonly timeline: Timeline;
  private readonly clock: Clock;
  private startedBefore = 0;

  constructor(dependencies: AutoScalingDependencies) {
    this.clock = dependencies.clock;
    const { clock, timeline, account, region, fleet, launchTemplate, alarms } = dependencies;
    const { bootTime, warmStartTime, healthCheckDelay, scaleInShare, instanceLimit } = readLimits(dependencies.limits);
    const random = dependencies.random.fork('autoscaling');
    const groups = this.groupBook;
    this.fleet = fleet;
    this.timeline = timeline;
    const targets = dependencies.hookTargets;
    const notifications = new HookNotifications({ clock, random, timeline, account, targets });
    const activities = (this.activities = new Activities(clock, random, timeline));
    const events = new ScalingEvents({ account, region, events: dependencies.events });
    const lifecycle = new Lifecycle({
      ...{ clock, random, timeline, fleet, activities, events, bootTime, warmStartTime, instanceLimit },
      waits(...action) {
        notifications.tell(...action);
        events.waits(...action);
      },
      settled: (group, instance) => this.settled(group, instance),
    });
    const scaler = (this.scaler = new Scaler({
      clock,
      lifecycle,
      launchTemplate,
      capacityChanged: (group) => this.warmPools.reconcile(group),
    }));
    this.refreshes = new InstanceRefreshes({ clock, random, timeline, groups, lifecycle, scaler, alarms });
    this.warmPools = new WarmPools({ clock, groups, lifecycle, scaler });
    const tracker = new TargetTracker({ clock, scaler, alarms });
    this.policies = new Policies({ random, account, region, groups, scaler, tracker, alarms, scaleInShare });
    this.scheduledActions = new ScheduledActions({
      ...{ clock, random, timeline, account, region, groups, activities, scaler },
    });
    this.hooks = new LifecycleHooks({ groups, lifecycle, notifications });
    this.health = new Health({ clock, timeline, groups, scaler, checkDelay: healthCheckDelay });
    this.spot = new Spot({ clock, timeline, fleet, scaler, health: this.health });
    this.zoneBalance = new ZoneBalance({ clock, scaler });
    this.lifetimes = new Lifetimes({ clock, scaler });
    this.manualScaling = new ManualScaling({ clock, groups, lifecycle, scaler });
    this.standby = new Standby({
      ...{ clock, timeline, groups, activities, scaler },
      detached: (group, instance) => {
        lifecycle.detached();
        this.detached.set(instance.instanceId, { group, instance });
      },
      review: (group) => this.resumed(group),
    });
    this.tags = new Tags(groups);
    this.administration = new GroupAdministration({
      ...{ clock, random, account, region, groups, lifecycle, scaler, notifications },
      redefined: (group) => this.review(group),
      forgotten: (group) => {
        scaler.forget(group);
        this.policies.forget(group);
        this.scheduledActions.forget(group);
        this.lifetimes.forget(group);
        this.refreshes.forget(group);
      },
    });
    this.processes = new Processes({ clock, timeline, groups, resumed: (group) => this.resumed(group) });
  }

  /** Executes a policy because of an alarm. Throws if there is no such policy. */
  public alarmed(policyArn: string, notice: AlarmSignal): void {
    this.policies.alarmed(policyArn, notice);
  }

  /**
   * The enabled metrics of all groups for the minute that began at `periodStart`. Call it at the end of that minute.
   */
  public collectMetrics(periodStart: number): MetricDatum[] {
    return this.groupBook.all().flatMap((group) => groupMetrics(group, periodStart));
  }

  /** While no activity starts and every group is steady, repeated alarm actions change nothing. */
  public readonly idle: IdleParticipant = {
    probe: () => {
      this.startedBefore = this.activities.started;
    },
    steadyUntil: () => {
      const now = this.clock.now();
      const isSteady = this.activities.started === this.startedBefore;
      return isSteady && this.groupBook.all().every((group) => isAtRest(group, now)) ? Infinity : -Infinity;
    },
    skip: () => undefined,
  };

  /** The instance metadata; undefined if there is no such instance, or no longer. */
  public instance(instanceId: string): InstanceView | undefined {
    const member = this.groupBook.instance(instanceId) ?? this.detached.get(instanceId);
    return member && viewInstance(member);
  }

  /** Kills an instance, like a hardware failure. Returns false if there is no such instance. */
  public killInstance(instanceId: string): boolean {
    const member = this.groupBook.instance(instanceId) ?? this.detached.get(instanceId);
    if (member === undefined) return false;
    this.detached.delete(instanceId);
    this.timeline.record('ec2.vanished', member.group.name, { instance: instanceId });
    void this.fleet.kill(instanceId);
    this.health.vanished(member.group, member.instance);
    return true;
  }

  /**
   * Interrupts an instance as EC2 does, whether or not it is a Spot Instance. Returns false if there is no such
   * instance.
   * @param notice in milliseconds
   */
  public interruptInstance(instanceId: string, notice: number): boolean {
    const member = this.groupBook.instance(instanceId);
    if (member !== undefined) this.spot.interrupt(member.group, member.instance, notice);
    return member !== undefined;
  }

  /** Sends EC2's rebalance recommendation for an instance. Returns false if there is no such instance. */
  public recommendRebalance(instanceId: string): boolean {
    const member = this.groupBook.instance(instanceId);
    if (member !== undefined) this.spot.recommendRebalance(member.group, member.instance);
    return member !== undefined;
  }

  /** The groups in order of creation, for views. */
  public groups(): GroupView[] {
    return this.groupBook.all().map(({ name, desired, definition: { min, max }, instances }) => {
      const all = [...instances.values()];
      const states = (pooled: boolean) =>
        all.filter(({ inPool }) => inPool === pooled).map(({ instanceId: id, state }) => ({ id, state }));
      return { name, desired, min, max, instances: states(false), warmPool: states(true) };
    });
  }

  public createAutoScalingGroup(input: CreateAutoScalingGroupType, _context: RequestContext): void {
    this.administration.create(input);
  }

  public updateAutoScalingGroup(input: UpdateAutoScalingGroupType, _context: RequestContext): void {
    this.administration.update(input);
  }

  public deleteAutoScalingGroup(input: DeleteAutoScalingGroupType, _context: RequestContext): void {
    this.administration.delete(input);
  }

  public describeAutoScalingGroups(input: AutoScalingGroupNamesType, _context: RequestContext): AutoScalingGroupsType {
    return this.administration.describe(input);
  }

  public describeAutoScalingInstances(
    input: DescribeAutoScalingInstancesType,
    _context: RequestContext,
  ): AutoScalingInstancesType {
    return this.administration.describeInstances(input);
  }

  public describeScalingActivities(input: DescribeScalingActivitiesType, _context: RequestContext): ActivitiesType {
    return this.activities.describe(input, this.groupBook);
  }

  public putScalingPolicy(input: PutScalingPolicyType, _context: RequestContext): PolicyARNType {
    return this.policies.put(input);
  }

  public deletePolicy(input: DeletePolicyType, _context: RequestContext): void {
    this.policies.delete(input);
  }

  public describePolicies(input: DescribePoliciesType, _context: RequestContext): PoliciesType {
    return this.policies.describe(input);
  }

  public executePolicy(input: ExecutePolicyType, _context: RequestContext): void {
    this.policies.execute(input);
  }

  public putScheduledUpdateGroupAction(input: PutScheduledUpdateGroupActionType, _context: RequestContext): void {
    this.scheduledActions.put(input);
  }

  public batchPutScheduledUpdateGroupAction(
    input: BatchPutScheduledUpdateGroupActionType,
    _context: RequestContext,
  ): BatchPutScheduledUpdateGroupActionAnswer {
    return this.scheduledActions.putBatch(input);
  }

  public deleteScheduledAction(input: DeleteScheduledActionType, _context: RequestContext): void {
    this.scheduledActions.delete(input);
  }

  public batchDeleteScheduledAction(
    input: BatchDeleteScheduledActionType,
    _context: RequestContext,
  ): BatchDeleteScheduledActionAnswer {
    return this.scheduledActions.deleteBatch(input);
  }

  public describeScheduledActions(input: DescribeScheduledActionsType, _context: RequestContext): ScheduledActionsType {
    return this.scheduledActions.describe(input);
  }

  public setDesiredCapacity(input: SetDesiredCapacityType, _context: RequestContext): void {
    this.manualScaling.setDesiredCapacity(input);
  }

  public terminateInstanceInAutoScalingGroup(
    input: TerminateInstanceInAutoScalingGroupType,
    _context: RequestContext,
  ): ActivityType {
    return this.manualScaling.terminate(input);
  }

  public setInstanceProtection(input: SetInstanceProtectionQuery, _context: RequestContext): Record<string, never> {
    this.manualScaling.setProtection(input);
    return {};
  }

  public setInstanceHealth(input: SetInstanceHealthQuery, _context: RequestContext): void {
    this.health.set(input);
  }

  public putLifecycleHook(input: PutLifecycleHookType, _context: RequestContext): Record<string, never> {
    this.hooks.put(input);
    return {};
  }

  /**
   * Lets the instances that a group is launching skip a hook. CloudFormation creates a hook when its group is stable,
   * and they would be in service by then; but here loading a stack takes no time.
   */
  public letPassHook(groupName: string, hookName: string): void {
    this.hooks.letPass(groupName, hookName);
  }

  public deleteLifecycleHook(input: DeleteLifecycleHookType, _context: RequestContext): Record<string, never> {
    this.hooks.delete(input);
    return {};
  }

  public describeLifecycleHooks(
    input: DescribeLifecycleHooksType,
    _context: RequestContext,
  ): DescribeLifecycleHooksAnswer {
    return this.hooks.describe(input);
  }

  public completeLifecycleAction(input: CompleteLifecycleActionType, _context: RequestContext): Record<string, never> {
    this.hooks.complete(input);
    return {};
  }

  public recordLifecycleActionHeartbeat(
    input: RecordLifecycleActionHeartbeatType,
    _context: RequestContext,
  ): Record<string, never> {
    this.hooks.heartbeat(input);
    return {};
  }

  public suspendProcesses(input: ScalingProcessQuery, _context: RequestContext): void {
    this.processes.suspend(input);
  }

  public resumeProcesses(input: ScalingProcessQuery, _context: RequestContext): void {
    this.processes.resume(input);
  }

  public describeScalingProcessTypes(_input: object, _context: RequestContext): ProcessesType {
    return describeScalingProcessTypes();
  }

  public putWarmPool(input: PutWarmPoolType, _context: RequestContext): Record<string, never> {
    this.warmPools.put(input);
    return {};
  }

  public describeWarmPool(input: DescribeWarmPoolType, _context: RequestContext): DescribeWarmPoolAnswer {
    return this.warmPools.describe(input);
  }

  public deleteWarmPool(input: DeleteWarmPoolType, _context: RequestContext): Record<string, never> {
    this.warmPools.delete(input);
    return {};
  }

  public startInstanceRefresh(input: StartInstanceRefreshType, _context: RequestContext): StartInstanceRefreshAnswer {
    return this.refreshes.start(input);
  }

  public describeInstanceRefreshes(
    input: DescribeInstanceRefreshesType,
    _context: RequestContext,
  ): DescribeInstanceRefreshesAnswer {
    return this.refreshes.describe(input);
  }

  public cancelInstanceRefresh(
    input: CancelInstanceRefreshType,
    _context: RequestContext,
  ): CancelInstanceRefreshAnswer {
    return this.refreshes.cancel(input);
  }

  public rollbackInstanceRefresh(
    input: RollbackInstanceRefreshType,
    _context: RequestContext,
  ): RollbackInstanceRefreshAnswer {
    return this.refreshes.rollBack(input);
  }

  public enterStandby(input: EnterStandbyQuery, _context: RequestContext): EnterStandbyAnswer {
    return this.standby.enter(input);
  }

  public exitStandby(input: ExitStandbyQuery, _context: RequestContext): ExitStandbyAnswer {
    return this.standby.exit(input);
  }

  public detachInstances(input: DetachInstancesQuery, _context: RequestContext): DetachInstancesAnswer {
    return this.standby.detach(input);
  }

  public attachInstances(_input: AttachInstancesQuery, _context: RequestContext): never {
    throw refuseAttaching();
  }

  public describeAccountLimits(_input: object, _context: RequestContext): DescribeAccountLimitsAnswer {
    return describeAccountLimits(this.groupBook.all().length);
  }

  public describeAdjustmentTypes(_input: object, _context: RequestContext): DescribeAdjustmentTypesAnswer {
    return describeAdjustmentTypes();
  }

  public describeTerminationPolicyTypes(
    _input: object,
    _context: RequestContext,
  ): DescribeTerminationPolicyTypesAnswer {
    return describeTerminationPolicyTypes();
  }

  public describeLifecycleHookTypes(_input: object, _context: RequestContext): DescribeLifecycleHookTypesAnswer {
    return describeLifecycleHookTypes();
  }

  public describeMetricCollectionTypes(_input: object, _context: RequestContext): DescribeMetricCollectionTypesAnswer {
    return describeMetricCollectionTypes();
  }

  public enableMetricsCollection(input: EnableMetricsCollectionQuery, _context: RequestContext): void {
    enableMetrics(this.groupBook.find(input.AutoScalingGroupName), input);
  }

  public disableMetricsCollection(input: DisableMetricsCollectionQuery, _context: RequestContext): void {
    disableMetrics(this.groupBook.find(input.AutoScalingGroupName), input);
  }

  public createOrUpdateTags(input: CreateOrUpdateTagsType, _context: RequestContext): void {
    this.tags.createOrUpdate(input);
  }

  /** Sets AWS's own tags on a group, such as CloudFormation's. */
  public setSystemTags(groupName: string, tags: Readonly<Record<string, string>>): void {
    this.tags.setSystem(groupName, tags);
  }

  public deleteTags(input: DeleteTagsType, _context: RequestContext): void {
    this.tags.delete(input);
  }

  public describeTags(input: DescribeTagsType, _context: RequestContext): TagsType {
    return this.tags.describe(input);
  }

  private settled(group: Group, instance: Instance): void {
    this.scaler.settled(group, instance);
    if (group.deleting) return this.administration.shrunk(group);
    // Replaces instances that failed to launch.
    this.scaler.reconcile(group);
    this.review(group);
  }

  private resumed(group: Group): void {
    this.health.resume(group);
    this.scaler.reconcile(group);
    this.review(group);
  }

  /** Reviews what else a group needs once it has its desired capacity. */
  private review(group: Group): void {
    this.refreshes.review(group);
    this.zoneBalance.review(group);
    this.lifetimes.review(group);
  }
}
