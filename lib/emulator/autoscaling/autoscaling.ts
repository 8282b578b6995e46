import type {
  ActivitiesType,
  ActivityType,
  Alarm,
  AutoScalingGroupNamesType,
  AutoScalingGroupsType,
  AutoScalingInstancesType,
  CompleteLifecycleActionType,
  CreateAutoScalingGroupType,
  DeleteAutoScalingGroupType,
  DeleteLifecycleHookType,
  DeletePolicyType,
  DescribeAutoScalingInstancesType,
  DescribeLifecycleHooksAnswer,
  DescribeLifecycleHooksType,
  DescribePoliciesType,
  DescribeScalingActivitiesType,
  DisableMetricsCollectionQuery,
  EnableMetricsCollectionQuery,
  ExecutePolicyType,
  PoliciesType,
  PolicyARNType,
  PutLifecycleHookType,
  PutScalingPolicyType,
  RecordLifecycleActionHeartbeatType,
  SetDesiredCapacityType,
  SetInstanceHealthQuery,
  SetInstanceProtectionQuery,
  TerminateInstanceInAutoScalingGroupType,
  UpdateAutoScalingGroupType,
} from '@aws-sdk/client-auto-scaling';
import { AwsError, type Call, formatArn, type MetricDatum, page } from '../api';
import { type Clock, type Random, SECOND } from '../clock';
import type { Timeline } from '../timeline';
import { Activities, causeTime, describeActivity } from './activities';
import { checkOneOf, groupNotFound, invalidNextToken, missing, validationError } from './errors';
import type { Fleet, LaunchTemplateData } from './fleet';
import { Group } from './group';
import { defineGroup } from './group-definition';
import { GROUP_METRICS, groupMetrics } from './group-metrics';
import type { Instance, WaitingHook } from './instance';
import { Lifecycle, waitingHook } from './lifecycle';
import { defineHook, describeHook, type LifecycleHook } from './lifecycle-hook';
import { type AlarmSignal, checkDesired, Scaler } from './scaler';
import { alarmsOf, definePolicy, describePolicy, type ScalingPolicy } from './scaling-policy';
import { TargetTracker, tracks } from './target-tracker';
import { type PolicyAlarms, trackingAlarms } from './target-tracking';

/** What {@link AutoScaling} can be told of what AWS does not document. */
export interface AutoScalingLimits {
  /**
   * From launch until an instance has booted, in milliseconds.
   * @default 30_000
   */
  readonly bootTime: number;
  /**
   * Below which share of its target the low alarm of a target-tracking policy goes off: more than 0, at most 1. AWS
   * documents only that it is usually more than a tenth below; on groups it has been seen at 0.7 and, rarely, 0.9.
   * @default 0.7
   */
  readonly scaleInShare: number;
}

/** What {@link AutoScaling} needs of its surroundings. */
export interface AutoScalingPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly fleet: Fleet;
  /** The data of a launch template's version; throws AWS's error where there is none. */
  readonly launchTemplate: (idOrName: string, version: string) => LaunchTemplateData;
  /** Where target-tracking policies keep their alarms. */
  readonly alarms: PolicyAlarms;
  readonly limits?: Partial<AutoScalingLimits>;
}

/** What the instance-metadata service tells an instance about itself. */
export interface InstanceView {
  readonly instanceId: string;
  readonly groupName: string;
  readonly lifecycleState: string;
  /** What the instance is on its way to: `Terminated` from the moment that it is taken out of service. */
  readonly targetLifecycleState: 'InService' | 'Terminated';
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly instanceType: string | undefined;
  readonly imageId: string | undefined;
  /** The name or the ARN of the profile that gives it a role. */
  readonly iamInstanceProfile: string | undefined;
}

/** A group, for views. */
export interface GroupView {
  readonly name: string;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  readonly instances: readonly { readonly id: string; readonly state: string }[];
}

/** EC2 Auto Scaling's groups, of an account in a Region. */
export class AutoScaling {
  private readonly groupsByName = new Map<string, Group>();
  private readonly random: Random;
  private readonly activities: Activities;
  private readonly lifecycle: Lifecycle;
  private readonly scaler: Scaler;
  private readonly tracker: TargetTracker;
  private readonly scaleInShare: number;

  constructor(private readonly ports: AutoScalingPorts) {
    const { clock, timeline, fleet, launchTemplate, alarms, limits } = ports;
    const bootTime = limits?.bootTime ?? 30_000;
    if (!(bootTime >= 0 && Number.isFinite(bootTime))) {
      throw new RangeError(`limits.bootTime must be 0 or more milliseconds, got ${bootTime}`);
    }
    this.scaleInShare = limits?.scaleInShare ?? 0.7;
    if (!(this.scaleInShare > 0 && this.scaleInShare <= 1)) {
      throw new RangeError(`limits.scaleInShare must be more than 0 and at most 1, got ${this.scaleInShare}`);
    }
    this.random = ports.random.fork('autoscaling');
    this.activities = new Activities(clock, this.random, timeline);
    this.lifecycle = new Lifecycle({
      clock,
      random: this.random,
      timeline,
      fleet,
      activities: this.activities,
      bootTime,
      settled: (group, instance) => this.settled(group, instance),
    });
    this.scaler = new Scaler({ clock, lifecycle: this.lifecycle, launchTemplate });
    this.tracker = new TargetTracker({ clock, scaler: this.scaler, alarms });
  }

  /** Runs a policy because an alarm went off. Throws where there is no policy of that ARN. */
  public alarmed(policyArn: string, notice: AlarmSignal): void {
    for (const group of this.groupsByName.values()) {
      for (const policy of group.policies.values()) {
        if (policy.arn !== policyArn) continue;
        if (tracks(policy)) return this.tracker.alarmed(group, policy, notice);
        return this.scaler.alarmed(group, policy, notice);
      }
    }
    throw validationError(`No scaling policy found with the ARN: ${policyArn}`);
  }

  /** The enabled metrics of all groups for the minute that began at `periodStart`; to be called at that minute's end. */
  public collectMetrics(periodStart: number): MetricDatum[] {
    return [...this.groupsByName.values()].flatMap((group) => groupMetrics(group, periodStart));
  }

  /** What the metadata service tells an instance; undefined when there is none of that id, or no longer. */
  public instance(instanceId: string): InstanceView | undefined {
    const found = this.findInstance(instanceId)?.instance;
    if (found === undefined) return undefined;
    const { groupName, availabilityZone, privateIp, state, launchTemplate } = found;
    return {
      instanceId,
      groupName,
      lifecycleState: state,
      targetLifecycleState: state.startsWith('Terminat') ? 'Terminated' : 'InService',
      availabilityZone,
      privateIp,
      instanceType: launchTemplate.instanceType,
      imageId: launchTemplate.imageId,
      iamInstanceProfile: launchTemplate.iamInstanceProfile,
    };
  }

  /** The groups in the order in which they were created, for views. */
  public groups(): GroupView[] {
    return [...this.groupsByName.values()].map(({ name, desired, definition: { min, max }, instances }) => ({
      name,
      desired,
      min,
      max,
      instances: [...instances.values()].map(({ instanceId: id, state }) => ({ id, state })),
    }));
  }

  public createAutoScalingGroup(input: CreateAutoScalingGroupType, _call: Call): void {
    const { AutoScalingGroupName: name } = input;
    if (name === undefined) throw missing('AutoScalingGroupName');
    if (name.length < 1 || name.length > 255 || name.includes(':')) {
      throw validationError(
        `The value ${name} for AutoScalingGroupName is invalid: 1 to 255 characters without a colon are allowed.`,
      );
    }
    if (this.groupsByName.has(name)) {
      throw new AwsError(
        'AlreadyExistsFault',
        `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
        {
          queryCode: 'AlreadyExists',
        },
      );
    }
    const { clock, region, account } = this.ports;
    const definition = defineGroup(input, region);
    const hooks = (input.LifecycleHookSpecificationList ?? []).map((hook) =>
      defineHook({ ...hook, AutoScalingGroupName: name }),
    );
    // A template that is not there is told before anything has come into being.
    this.scaler.launchTemplateOf({ definition });
    const arn = formatArn(
      'autoscaling',
      region,
      account,
      `autoScalingGroup:${this.random.uuid()}:autoScalingGroupName/${name}`,
    );
    const group = new Group(name, arn, definition, input.Tags ?? [], clock.now());
    for (const hook of hooks) group.hooks.set(hook.name, hook);
    this.groupsByName.set(name, group);
    group.desired = 0;
    this.scaler.setDesired(group, definition.desired, 'a user request created an AutoScalingGroup');
  }

  public updateAutoScalingGroup(input: UpdateAutoScalingGroupType, _call: Call): void {
    const group = this.group(input.AutoScalingGroupName);
    const definition = defineGroup(input, this.ports.region, group.current);
    this.scaler.launchTemplateOf({ definition });
    group.definition = definition;
    const { min, max, desired } = definition;
    const who = `a user request update of AutoScalingGroup constraints to min: ${min}, max: ${max}, desired: ${desired}`;
    this.scaler.setDesired(group, desired, who);
  }

  public deleteAutoScalingGroup(input: DeleteAutoScalingGroupType, _call: Call): void {
    const group = this.group(input.AutoScalingGroupName);
    const { deletionProtection } = group.definition;
    if (
      deletionProtection === 'prevent-all-deletion' ||
      (input.ForceDelete && deletionProtection === 'prevent-force-deletion')
    ) {
      throw validationError(
        `The AutoScalingGroup ${group.name} cannot be deleted: its DeletionProtection is ${deletionProtection}.`,
      );
    }
    if (group.instances.size === 0) return this.forget(group);
    if (!input.ForceDelete) {
      throw new AwsError(
        'ResourceInUseFault',
        'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
        { queryCode: 'ResourceInUse' },
      );
    }
    group.deleting = true;
    group.desired = 0;
    group.definition = { ...group.definition, min: 0, max: 0 };
    const cause = `At ${causeTime(this.ports.clock.now())} a user request force deleted the AutoScalingGroup.`;
    for (const instance of [...group.instances.values()]) {
      // Nothing waits for lifecycle actions any more.
      if (instance.counts) this.lifecycle.terminate(group, instance, cause, false);
      else this.lifecycle.hurry(group, instance);
    }
  }

  public describeAutoScalingGroups(input: AutoScalingGroupNamesType, _call: Call): AutoScalingGroupsType {
    const { AutoScalingGroupNames: names, Filters = [], IncludeInstances = true, MaxRecords = 50 } = input;
    if (Filters.length > 0) throw validationError('Filters are not supported for DescribeAutoScalingGroups.');
    checkRecords(MaxRecords);
    const groups = [...this.groupsByName.values()].filter(({ name }) => !names?.length || names.includes(name));
    const { items, nextToken } = page(groups, MaxRecords, input.NextToken, invalidNextToken);
    return { AutoScalingGroups: items.map((group) => group.describe(IncludeInstances)), NextToken: nextToken };
  }

  public describeAutoScalingInstances(input: DescribeAutoScalingInstancesType, _call: Call): AutoScalingInstancesType {
    const { InstanceIds: ids, MaxRecords = 50 } = input;
    checkRecords(MaxRecords, 50);
    const all = [...this.groupsByName.values()].flatMap((group) =>
      [...group.instances.values()].map((instance) => ({
        ...group.describeInstance(instance),
        HealthStatus: instance.isHealthy ? 'HEALTHY' : 'UNHEALTHY', // unlike in DescribeAutoScalingGroups it is in capitals
        AutoScalingGroupName: group.name,
      })),
    );
    const wanted = all.filter(({ InstanceId }) => !ids?.length || ids.includes(InstanceId as string));
    const { items, nextToken } = page(wanted, MaxRecords, input.NextToken, invalidNextToken);
    return { AutoScalingInstances: items, NextToken: nextToken };
  }

  public describeScalingActivities(input: DescribeScalingActivitiesType, _call: Call): ActivitiesType {
    const {
      ActivityIds: ids,
      AutoScalingGroupName: name,
      IncludeDeletedGroups,
      Filters = [],
      MaxRecords = 100,
    } = input;
    if (Filters.length > 0) throw validationError('Filters are not supported for DescribeScalingActivities.');
    checkRecords(MaxRecords);
    if (name !== undefined && !IncludeDeletedGroups) this.group(name);
    const activities = this.activities
      .newestFirst()
      .filter(({ id, groupName }) => (!ids?.length || ids.includes(id)) && (name ?? groupName) === groupName)
      .filter(({ groupArn, groupName }) => IncludeDeletedGroups || this.groupsByName.get(groupName)?.arn === groupArn);
    const { items, nextToken } = page(activities, MaxRecords, input.NextToken, invalidNextToken);
    return { Activities: items.map(describeActivity), NextToken: nextToken };
  }

  /** Creates a policy, or replaces one of the same name, which keeps its ARN. */
  public putScalingPolicy(input: PutScalingPolicyType, _call: Call): PolicyARNType {
    const group = this.group(input.AutoScalingGroupName);
    const { region, account } = this.ports;
    const resource = `scalingPolicy:${this.random.uuid()}:autoScalingGroupName/${group.name}:policyName/${input.PolicyName}`;
    const existing = group.policies.get(input.PolicyName ?? '');
    const arn = existing?.arn ?? formatArn('autoscaling', region, account, resource);
    const policy = definePolicy(input, group.name, arn, () => existing?.tracking ?? this.newAlarms(group));
    if (policy.tracking !== undefined) {
      for (const alarm of trackingAlarms(input, policy.tracking, arn, this.scaleInShare)) this.ports.alarms.put(alarm);
    } else this.deleteAlarms(existing);
    group.policies.set(policy.name, policy);
    return { PolicyARN: arn, Alarms: alarmsOf(policy.tracking) };
  }

  public deletePolicy(input: DeletePolicyType, _call: Call): void {
    const { group, policy } = this.policy(input.AutoScalingGroupName, input.PolicyName);
    group.policies.delete(policy.name);
    this.deleteAlarms(policy);
  }

  public describePolicies(input: DescribePoliciesType, _call: Call): PoliciesType {
    const { AutoScalingGroupName: name, PolicyNames: names, PolicyTypes: types, MaxRecords = 50 } = input;
    checkRecords(MaxRecords);
    const groups = name === undefined ? [...this.groupsByName.values()] : [this.group(name)];
    const policies = groups
      .flatMap((group) => [...group.policies.values()])
      .filter((policy) => !names?.length || names.includes(policy.name) || names.includes(policy.arn))
      .filter((policy) => !types?.length || types.includes(policy.type));
    const { items, nextToken } = page(policies, MaxRecords, input.NextToken, invalidNextToken);
    return { ScalingPolicies: items.map(describePolicy), NextToken: nextToken };
  }

  public executePolicy(input: ExecutePolicyType, _call: Call): void {
    const { group, policy } = this.policy(input.AutoScalingGroupName, input.PolicyName);
    const { MetricValue: value, BreachThreshold: threshold, HonorCooldown = false } = input;
    if (tracks(policy)) {
      throw validationError(
        `The policy ${policy.name} is of type TargetTrackingScaling: only policies of type StepScaling and SimpleScaling can be executed.`,
      );
    }
    if (policy.type === 'SimpleScaling') {
      if (value !== undefined || threshold !== undefined) {
        throw validationError(
          'MetricValue and BreachThreshold cannot be specified for a policy of type SimpleScaling.',
        );
      }
      if (HonorCooldown) this.scaler.refuseDuringCooldown(group);
      return this.scaler.executed(group, policy, undefined, HonorCooldown);
    }
    if (input.HonorCooldown !== undefined) {
      throw validationError('HonorCooldown cannot be specified for a policy of type StepScaling.');
    }
    if (value === undefined || threshold === undefined) {
      throw validationError('MetricValue and BreachThreshold are required for a policy of type StepScaling.');
    }
    this.scaler.executed(group, policy, { value, threshold }, false);
  }

  public setDesiredCapacity(input: SetDesiredCapacityType, _call: Call): void {
    const group = this.group(input.AutoScalingGroupName);
    if (input.DesiredCapacity === undefined) throw missing('DesiredCapacity');
    checkDesired(group, input.DesiredCapacity);
    if (input.HonorCooldown) this.scaler.refuseDuringCooldown(group);
    this.scaler.setDesired(group, input.DesiredCapacity, 'a user request explicitly set group desired capacity');
  }

  public terminateInstanceInAutoScalingGroup(
    input: TerminateInstanceInAutoScalingGroupType,
    _call: Call,
  ): ActivityType {
    const { InstanceId, InstanceIds, ShouldDecrementDesiredCapacity: decrements } = input;
    if (InstanceIds !== undefined) throw validationError('InstanceIds is not supported: give one InstanceId.');
    if (InstanceId === undefined) throw missing('InstanceId');
    if (decrements === undefined) throw missing('ShouldDecrementDesiredCapacity');
    const { group, instance } = this.instanceIn(InstanceId);
    if (!instance.counts)
      throw validationError(`Instance Id not found - Instance ${InstanceId} is already being terminated.`);
    const { min } = group.definition;
    const before = group.capacity.length;
    if (decrements && group.desired - 1 < min) {
      throw validationError(
        `Currently, desiredSize equals minSize (${min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
      );
    }
    const now = this.ports.clock.now();
    if (decrements) {
      group.desired--;
      group.shrunkAt = now;
    }
    const at = causeTime(now);
    const shrinks = decrements ? `, shrinking the capacity from ${before} to ${before - 1}` : '';
    this.lifecycle.terminate(
      group,
      instance,
      `At ${at} instance ${InstanceId} was taken out of service in response to a user request${shrinks}.`,
    );
    const { activity } = instance;
    this.scaler.reconcile(group, `At ${at} an instance was terminated in response to a user request.`);
    return { Activity: describeActivity(activity) };
  }

  /** Tells that an instance is healthy, or is not: then it is terminated at once, and replaced. */
  public setInstanceHealth(input: SetInstanceHealthQuery, _call: Call): void {
    const { InstanceId, HealthStatus: status, ShouldRespectGracePeriod: respectsGrace = true } = input;
    if (InstanceId === undefined) throw missing('InstanceId');
    if (status === undefined) throw missing('HealthStatus');
    checkOneOf('HealthStatus', status, ['Healthy', 'Unhealthy']);
    const { group, instance } = this.instanceIn(InstanceId);
    if (!instance.counts)
      throw validationError(`Instance Id not found - Instance ${InstanceId} is already being terminated.`);
    if (status === 'Healthy') return;
    const now = this.ports.clock.now();
    // An instance that still starts cannot be expected to be healthy yet.
    const graceEnds = (instance.inServiceAt ?? Infinity) + group.definition.healthCheckGracePeriod * SECOND;
    if (respectsGrace && now < graceEnds) return;
    instance.isHealthy = false;
    const at = causeTime(now);
    const cause = `At ${at} an instance was taken out of service in response to a user health-check.`;
    this.lifecycle.terminate(group, instance, cause);
    this.scaler.reconcile(
      group,
      `At ${at} an instance was launched in response to an unhealthy instance needing to be replaced.`,
    );
  }

  public setInstanceProtection(input: SetInstanceProtectionQuery, _call: Call): Record<string, never> {
    const group = this.group(input.AutoScalingGroupName);
    const { InstanceIds: ids, ProtectedFromScaleIn: isProtected } = input;
    if (ids === undefined) throw missing('InstanceIds');
    if (isProtected === undefined) throw missing('ProtectedFromScaleIn');
    const instances = ids.map((id) => {
      const instance = group.instances.get(id);
      if (instance !== undefined) return instance;
      throw validationError(`The instance ${id} is not part of Auto Scaling group ${group.name}.`);
    });
    for (const instance of instances) instance.protectedFromScaleIn = isProtected;
    return {};
  }

  public putLifecycleHook(input: PutLifecycleHookType, _call: Call): Record<string, never> {
    const group = this.group(input.AutoScalingGroupName);
    const hook = defineHook(input, group.hooks.get(input.LifecycleHookName ?? ''));
    group.hooks.set(hook.name, hook);
    return {};
  }

  /** Deletes a hook; instances that wait for it go on as though it had been completed. */
  public deleteLifecycleHook(input: DeleteLifecycleHookType, _call: Call): Record<string, never> {
    const group = this.group(input.AutoScalingGroupName);
    const hook = this.hook(group, input.LifecycleHookName);
    group.hooks.delete(hook.name);
    this.lifecycle.forgetHook(group, hook.name);
    return {};
  }

  public describeLifecycleHooks(input: DescribeLifecycleHooksType, _call: Call): DescribeLifecycleHooksAnswer {
    const group = this.group(input.AutoScalingGroupName);
    const { LifecycleHookNames: names } = input;
    const hooks = [...group.hooks.values()].filter(({ name }) => !names?.length || names.includes(name));
    return { LifecycleHooks: hooks.map((hook) => describeHook(group.name, hook)) };
  }

  public completeLifecycleAction(input: CompleteLifecycleActionType, _call: Call): Record<string, never> {
    if (input.LifecycleActionResult === undefined) throw missing('LifecycleActionResult');
    checkOneOf('LifecycleActionResult', input.LifecycleActionResult, ['CONTINUE', 'ABANDON']);
    const { group, instance, waiting } = this.lifecycleAction(input);
    this.lifecycle.complete(group, instance, waiting, input.LifecycleActionResult);
    return {};
  }

  public recordLifecycleActionHeartbeat(input: RecordLifecycleActionHeartbeatType, _call: Call): Record<string, never> {
    const { group, instance, waiting } = this.lifecycleAction(input);
    this.lifecycle.heartbeat(group, instance, waiting);
    return {};
  }

  public enableMetricsCollection(input: EnableMetricsCollectionQuery, _call: Call): void {
    const group = this.group(input.AutoScalingGroupName);
    if (input.Granularity === undefined) throw missing('Granularity');
    checkOneOf('Granularity', input.Granularity, ['1Minute']);
    for (const metric of metricNames(input.Metrics)) group.enabledMetrics.add(metric);
  }

  public disableMetricsCollection(input: DisableMetricsCollectionQuery, _call: Call): void {
    const group = this.group(input.AutoScalingGroupName);
    for (const metric of metricNames(input.Metrics)) group.enabledMetrics.delete(metric);
  }

  /** Names for the alarms of a new target-tracking policy. */
  private newAlarms(group: Group): { readonly high: Alarm; readonly low: Alarm } {
    const alarm = (kind: string): Alarm => {
      const name = `TargetTracking-${group.name}-${kind}-${this.random.uuid()}`;
      const { region, account } = this.ports;
      return { AlarmName: name, AlarmARN: formatArn('cloudwatch', region, account, `alarm:${name}`) };
    };
    return { high: alarm('AlarmHigh'), low: alarm('AlarmLow') };
  }

  private deleteAlarms(policy: ScalingPolicy | undefined): void {
    const names = alarmsOf(policy?.tracking).map(({ AlarmName }) => AlarmName as string);
    if (names.length > 0) this.ports.alarms.delete(names);
  }

  /** A group is gone, and its policies with it. */
  private forget(group: Group): void {
    for (const policy of group.policies.values()) this.deleteAlarms(policy);
    this.groupsByName.delete(group.name);
  }

  private settled(group: Group, instance: Instance): void {
    this.scaler.settled(group, instance.instanceId);
    if (group.deleting) {
      if (group.instances.size === 0) this.forget(group);
      return;
    }
    // What failed to launch is replaced.
    this.scaler.reconcile(
      group,
      `At ${causeTime(this.ports.clock.now())} the capacity of the group was found to differ from the desired one.`,
    );
  }

  private group(name: string | undefined): Group {
    if (name === undefined) throw missing('AutoScalingGroupName');
    const group = this.groupsByName.get(name);
    if (group === undefined) throw groupNotFound(name);
    if (!group.deleting) return group;
    throw new AwsError('ScalingActivityInProgressFault', `The AutoScalingGroup ${name} is being deleted.`, {
      queryCode: 'ScalingActivityInProgress',
    });
  }

  private policy(
    groupName: string | undefined,
    policyName: string | undefined,
  ): { group: Group; policy: ScalingPolicy } {
    if (policyName === undefined) throw missing('PolicyName');
    const groups = groupName === undefined ? [...this.groupsByName.values()] : [this.group(groupName)];
    for (const group of groups) {
      for (const policy of group.policies.values()) {
        // By name only within a group; an ARN says which group it is.
        if (policy.arn === policyName || (groupName !== undefined && policy.name === policyName))
          return { group, policy };
      }
    }
    throw validationError(`No scaling policy found with name: ${policyName}`);
  }

  private hook(group: Group, name: string | undefined): LifecycleHook {
    if (name === undefined) throw missing('LifecycleHookName');
    const hook = group.hooks.get(name);
    if (hook === undefined) throw validationError(`No Lifecycle Hook found with name: ${name}`);
    return hook;
  }

  private findInstance(instanceId: string): { group: Group; instance: Instance } | undefined {
    for (const group of this.groupsByName.values()) {
      const instance = group.instances.get(instanceId);
      if (instance !== undefined) return { group, instance };
    }
    return undefined;
  }

  private instanceIn(instanceId: string): { group: Group; instance: Instance } {
    const found = this.findInstance(instanceId);
    if (found === undefined)
      throw validationError(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
    return found;
  }

  /** The lifecycle action that a call names: by its instance, or by its token. */
  private lifecycleAction(input: RecordLifecycleActionHeartbeatType): {
    group: Group;
    instance: Instance;
    waiting: WaitingHook;
  } {
    const group = this.group(input.AutoScalingGroupName);
    const { name } = this.hook(group, input.LifecycleHookName);
    const { InstanceId, LifecycleActionToken: token } = input;
    if (InstanceId !== undefined) {
      const instance = group.instances.get(InstanceId);
      if (instance === undefined)
        throw validationError(`No active Lifecycle Action found with instance ID ${InstanceId}`);
      return { group, instance, waiting: waitingHook(instance, name) };
    }
    if (token === undefined) throw validationError('Either InstanceId or LifecycleActionToken must be specified.');
    for (const instance of group.instances.values()) {
      const waiting = instance.waitingFor.get(name);
      if (waiting?.token === token) return { group, instance, waiting };
    }
    throw validationError(`No active Lifecycle Action found with token ${token}`);
  }
}

function metricNames(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined || names.length === 0) return GROUP_METRICS;
  for (const name of names) checkOneOf('Metrics', name, GROUP_METRICS);
  return names;
}

function checkRecords(count: number, most = 100): void {
  if (Number.isInteger(count) && count >= 1 && count <= most) return;
  throw validationError(`The value ${count} for MaxRecords is invalid: a whole number of 1 to ${most} is allowed.`);
}
