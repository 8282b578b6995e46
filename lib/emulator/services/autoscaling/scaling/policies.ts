import type {
  Alarm,
  DeletePolicyType,
  DescribePoliciesType,
  ExecutePolicyType,
  PoliciesType,
  PolicyARNType,
  PutScalingPolicyType,
} from '@aws-sdk/client-auto-scaling';
import { formatArn, page } from '../../../core';
import type { Random } from '../../../clock';
import { checkRecords, invalidNextToken, missing, validationError } from '../errors';
import type { Group } from '../groups/group';
import type { Groups } from '../groups/groups';
import type { AlarmSignal, Scaler } from './scaler';
import { alarmsOf, definePolicy, describePolicy, type ScalingPolicy } from './scaling-policy';
import { type TargetTracker, tracks } from './target-tracker';
import { type PolicyAlarms, trackingAlarms } from './target-tracking';

/** The collaborators of {@link Policies}. */
export interface PoliciesDependencies {
  readonly random: Random;
  readonly account: string;
  readonly region: string;
  readonly groups: Groups;
  readonly scaler: Scaler;
  readonly tracker: TargetTracker;
  readonly alarms: PolicyAlarms;
  readonly scaleInShare: number;
}

/** The scaling policies of groups. */
export class Policies {
  constructor(private readonly dependencies: PoliciesDependencies) {}

  /** Executes a policy because of an alarm. Throws if there is no such policy. */
  public alarmed(policyArn: string, signal: AlarmSignal): void {
    for (const group of this.dependencies.groups.all()) {
      for (const policy of group.policies.values()) {
        if (policy.arn !== policyArn) continue;
        if (!group.runs('AlarmNotification')) return;
        if (tracks(policy)) return this.dependencies.tracker.alarmed(group, policy, signal);
        return this.dependencies.scaler.alarmed(group, policy, signal);
      }
    }
    throw validationError(`No scaling policy found with the ARN: ${policyArn}`);
  }

  /** Creates a policy, or replaces one of the same name and keeps its ARN. */
  public put(input: PutScalingPolicyType): PolicyARNType {
    const { account, region, random, groups, alarms, scaleInShare } = this.dependencies;
    const group = groups.find(input.AutoScalingGroupName);
    const resource = `scalingPolicy:${random.uuid()}:autoScalingGroupName/${group.name}:policyName/${input.PolicyName}`;
    const existing = group.policies.get(input.PolicyName ?? '');
    const arn = existing?.arn ?? formatArn('autoscaling', region, account, resource);
    const policy = definePolicy(input, group.name, arn, () => existing?.tracking ?? this.newAlarms(group));
    if (policy.tracking !== undefined) {
      for (const alarm of trackingAlarms(input, policy.tracking, arn, scaleInShare)) alarms.put(alarm);
    } else this.deleteAlarms(existing);
    group.policies.set(policy.name, policy);
    return { PolicyARN: arn, Alarms: alarmsOf(policy.tracking) };
  }

  public delete(input: DeletePolicyType): void {
    const { group, policy } = this.find(input.AutoScalingGroupName, input.PolicyName);
    group.policies.delete(policy.name);
    this.deleteAlarms(policy);
  }

  public describe(input: DescribePoliciesType): PoliciesType {
    const { AutoScalingGroupName: name, PolicyNames: names, PolicyTypes: types, MaxRecords = 50 } = input;
    checkRecords(MaxRecords);
    const { groups } = this.dependencies;
    const policies = (name === undefined ? groups.all() : [groups.find(name)])
      .flatMap((group) => [...group.policies.values()])
      .filter((policy) => !names?.length || names.includes(policy.name) || names.includes(policy.arn))
      .filter((policy) => !types?.length || types.includes(policy.type));
    const { items, nextToken } = page(policies, MaxRecords, input.NextToken, invalidNextToken);
    return { ScalingPolicies: items.map(describePolicy), NextToken: nextToken };
  }

  public execute(input: ExecutePolicyType): void {
    const { scaler } = this.dependencies;
    const { group, policy } = this.find(input.AutoScalingGroupName, input.PolicyName);
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
      if (HonorCooldown) scaler.refuseDuringCooldown(group);
      return scaler.executed(group, policy, undefined, HonorCooldown);
    }
    if (input.HonorCooldown !== undefined) {
      throw validationError('HonorCooldown cannot be specified for a policy of type StepScaling.');
    }
    if (value === undefined || threshold === undefined) {
      throw validationError('MetricValue and BreachThreshold are required for a policy of type StepScaling.');
    }
    scaler.executed(group, policy, { value, threshold }, false);
  }

  /** Deletes the alarms of a deleted group's policies. */
  public forget(group: Group): void {
    for (const policy of group.policies.values()) this.deleteAlarms(policy);
  }

  /** Names for the alarms of a new target-tracking policy. */
  private newAlarms(group: Group): { readonly high: Alarm; readonly low: Alarm } {
    const { account, region, random } = this.dependencies;
    const alarm = (kind: string): Alarm => {
      const name = `TargetTracking-${group.name}-${kind}-${random.uuid()}`;
      return { AlarmName: name, AlarmARN: formatArn('cloudwatch', region, account, `alarm:${name}`) };
    };
    return { high: alarm('AlarmHigh'), low: alarm('AlarmLow') };
  }

  private deleteAlarms(policy: ScalingPolicy | undefined): void {
    const names = alarmsOf(policy?.tracking).map(({ AlarmName }) => AlarmName as string);
    if (names.length > 0) this.dependencies.alarms.delete(names);
  }

  private find(groupName: string | undefined, policyName: string | undefined): { group: Group; policy: ScalingPolicy } {
    const { groups } = this.dependencies;
    if (policyName === undefined) throw missing('PolicyName');
    for (const group of groupName === undefined ? groups.all() : [groups.find(groupName)]) {
      for (const policy of group.policies.values()) {
        // A name is unique only within a group; an ARN names the group.
        if (policy.arn === policyName || (groupName !== undefined && policy.name === policyName))
          return { group, policy };
      }
    }
    throw validationError(`No scaling policy found with name: ${policyName}`);
  }
}
