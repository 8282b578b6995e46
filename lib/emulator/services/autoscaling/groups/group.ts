import type {
  AutoScalingGroup,
  DesiredConfiguration,
  Instance as DescribedInstance,
  Tag,
} from '@aws-sdk/client-auto-scaling';
import { type GroupDefinition, launchSource } from './group-definition';
import type { Instance } from '../instances/instance';
import type { InstanceRefresh } from '../instances/instance-refresh';
import type { LifecycleHook } from '../hooks/lifecycle-hook';
import type { ScalingProcess } from './processes';
import type { ScalingPolicy } from '../scaling/scaling-policy';
import type { ScheduledAction } from '../scaling/scheduled-action';
import { describeTag, readTags } from './tags';
import { describeWarmPool, type WarmPool } from '../instances/warm-pool';
import { unitsOf, weightOf } from '../weights';

/** A cooldown of simple scaling, which starts when the instances of its activity have launched or terminated. */
export interface Cooldown {
  /** In seconds. */
  readonly length: number;
  readonly pending: Set<string>;
}

/** An Auto Scaling group. */
export class Group {
  public desired: number;
  /** Oldest first. */
  public readonly instances = new Map<string, Instance>();
  public readonly hooks = new Map<string, LifecycleHook>();
  public readonly policies = new Map<string, ScalingPolicy>();
  public readonly scheduledActions = new Map<string, ScheduledAction>();
  public readonly enabledMetrics = new Set<string>();
  public readonly tags: Map<string, Tag>;
  /** The suspended processes, each with the reason that AWS returns. */
  public readonly suspended = new Map<ScalingProcess, string>();
  public warmPool?: WarmPool;
  /** Newest first. */
  public readonly refreshes: InstanceRefresh[] = [];
  /** The target of an instance refresh, which becomes the group's configuration when it succeeds. */
  public desiredConfiguration?: DesiredConfiguration;
  public deleting = false;
  public cooldown?: Cooldown;
  public cooldownUntil = -Infinity;
  /** When the desired capacity was last lowered. */
  public shrunkAt = -Infinity;

  constructor(
    public readonly name: string,
    public readonly arn: string,
    public definition: GroupDefinition,
    public readonly createdAt: number,
    tags: readonly Tag[] = [],
  ) {
    this.desired = definition.desired;
    this.tags = readTags(tags);
  }

  /** The instances that count towards the desired capacity: those that are launching or in service. */
  public get capacity(): Instance[] {
    return [...this.instances.values()].filter((instance) => instance.counts);
  }

  /** The instances of the capacity, without those that are about to be replaced by another that also counts. */
  public get staying(): Instance[] {
    return this.capacity.filter((instance) => instance.succession === undefined);
  }

  /** The size of the capacity: its number of instances, or of units if instances have weights. */
  public get size(): number {
    const { instanceType } = launchSource(this.definition);
    return Math.ceil(this.desired / weightOf(this, instanceType));
  }

  /** Whether instances are launching or terminating. */
  public get isScaling(): boolean {
    return [...this.instances.values()].some(({ state }) => /^(Pending|Terminating(?!:Retained))/.test(state));
  }

  /** Whether an instance whose termination hook is abandoned is retained for inspection. */
  public get retainsAbandoned(): boolean {
    return this.definition.instanceLifecyclePolicy?.RetentionTriggers?.TerminateHookAbandon === 'retain';
  }

  /** Whether a process is not suspended. */
  public runs(process: ScalingProcess): boolean {
    return !this.suspended.has(process);
  }

  /** The definition with the current capacity, as the basis of updates. */
  public get current(): GroupDefinition {
    return { ...this.definition, desired: this.desired };
  }

  /** The group as DescribeAutoScalingGroups returns it. */
  public describe(includeInstances: boolean): AutoScalingGroup {
    const { definition } = this;
    return {
      AutoScalingGroupName: this.name,
      AutoScalingGroupARN: this.arn,
      LaunchTemplate: definition.launchTemplate,
      MixedInstancesPolicy: definition.mixedInstancesPolicy,
      MinSize: definition.min,
      MaxSize: definition.max,
      DesiredCapacity: this.desired,
      DefaultCooldown: definition.defaultCooldown,
      DefaultInstanceWarmup: definition.defaultInstanceWarmup,
      AvailabilityZones: [...definition.zones],
      LoadBalancerNames: [],
      TargetGroupARNs: [],
      HealthCheckType: definition.healthCheckType,
      HealthCheckGracePeriod: definition.healthCheckGracePeriod,
      Instances: includeInstances
        ? [...this.instances.values()]
            .filter(({ inPool }) => !inPool)
            .map((instance) => this.describeInstance(instance))
        : [],
      CreatedTime: new Date(this.createdAt),
      SuspendedProcesses: [...this.suspended].map(([ProcessName, SuspensionReason]) => ({
        ProcessName,
        SuspensionReason,
      })),
      PlacementGroup: definition.placementGroup,
      VPCZoneIdentifier: definition.vpcZoneIdentifier,
      EnabledMetrics: [...this.enabledMetrics].map((Metric) => ({ Metric, Granularity: '1Minute' })),
      Status: this.deleting ? 'Delete in progress' : undefined,
      Tags: [...this.tags.values()].map((tag) => describeTag(this, tag)),
      TerminationPolicies: [...definition.terminationPolicies],
      NewInstancesProtectedFromScaleIn: definition.newInstancesProtected,
      CapacityRebalance: definition.capacityRebalance,
      InstanceLifecyclePolicy: definition.instanceLifecyclePolicy,
      MaxInstanceLifetime: definition.maxInstanceLifetime,
      ServiceLinkedRoleARN: definition.serviceLinkedRoleArn,
      Context: definition.context,
      TrafficSources: [],
      WarmPoolConfiguration: describeWarmPool(this),
      WarmPoolSize: this.warmPool && [...this.instances.values()].filter(({ inPool }) => inPool).length,
    };
  }

  private get isWeighted(): boolean {
    const { Overrides = [] } = this.definition.mixedInstancesPolicy?.LaunchTemplate ?? {};
    return Overrides.some(({ WeightedCapacity }) => WeightedCapacity !== undefined);
  }

  public describeInstance(instance: Instance): DescribedInstance {
    return {
      InstanceId: instance.instanceId,
      InstanceType: instance.launchTemplate.instanceType,
      WeightedCapacity: this.isWeighted ? String(unitsOf(this, [instance])) : undefined,
      ImageId: instance.launchTemplate.imageId,
      AvailabilityZone: instance.availabilityZone,
      LifecycleState: instance.state,
      HealthStatus: instance.isHealthy ? 'Healthy' : 'Unhealthy',
      LaunchTemplate: {
        LaunchTemplateId: instance.source.template.launchTemplateId,
        LaunchTemplateName: instance.source.template.launchTemplateName,
        Version: String(instance.source.template.version),
      },
      ProtectedFromScaleIn: instance.protectedFromScaleIn,
    };
  }
}
