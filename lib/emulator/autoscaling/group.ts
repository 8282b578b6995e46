import type {
  AutoScalingGroup,
  Instance as DescribedInstance,
  LaunchTemplateSpecification,
  Tag,
} from '@aws-sdk/client-auto-scaling';
import { type GroupDefinition, launchSource } from './group-definition';
import type { Instance } from './instance';
import type { LifecycleHook } from './lifecycle-hook';
import type { ScalingPolicy } from './scaling-policy';

/** A cooldown of simple scaling: it begins when the instances of its activity have come or gone. */
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
  public readonly enabledMetrics = new Set<string>();
  public deleting = false;
  public cooldown?: Cooldown;
  public cooldownUntil = -Infinity;
  /** When the desired capacity last went down. */
  public shrunkAt = -Infinity;

  constructor(
    public readonly name: string,
    public readonly arn: string,
    public definition: GroupDefinition,
    public readonly tags: readonly Tag[],
    public readonly createdAt: number,
  ) {
    this.desired = definition.desired;
  }

  /** The instances that count towards the desired capacity: those on their way in and in service. */
  public get capacity(): Instance[] {
    return [...this.instances.values()].filter((instance) => instance.counts);
  }

  /** Whether instances are coming or going. */
  public get isScaling(): boolean {
    return [...this.instances.values()].some((instance) => instance.state !== 'InService');
  }

  /** Brings the definition's capacity to what it is now, for updates to go by. */
  public get current(): GroupDefinition {
    return { ...this.definition, desired: this.desired };
  }

  /** The group as DescribeAutoScalingGroups shows it. */
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
        ? [...this.instances.values()].map((instance) => this.describeInstance(instance))
        : [],
      CreatedTime: new Date(this.createdAt),
      SuspendedProcesses: [],
      PlacementGroup: definition.placementGroup,
      VPCZoneIdentifier: definition.vpcZoneIdentifier,
      EnabledMetrics: [...this.enabledMetrics].map((Metric) => ({ Metric, Granularity: '1Minute' })),
      Status: this.deleting ? 'Delete in progress' : undefined,
      Tags: this.tags.map((tag) => ({ ...tag, ResourceId: this.name, ResourceType: 'auto-scaling-group' })),
      TerminationPolicies: [...definition.terminationPolicies],
      NewInstancesProtectedFromScaleIn: definition.newInstancesProtected,
      ServiceLinkedRoleARN: definition.serviceLinkedRoleArn,
      Context: definition.context,
      TrafficSources: [],
    };
  }

  public describeInstance(instance: Instance): DescribedInstance {
    return {
      InstanceId: instance.instanceId,
      InstanceType: instance.launchTemplate.instanceType,
      ImageId: instance.launchTemplate.imageId,
      AvailabilityZone: instance.availabilityZone,
      LifecycleState: instance.state,
      HealthStatus: instance.isHealthy ? 'Healthy' : 'Unhealthy',
      LaunchTemplate: this.launchTemplate,
      ProtectedFromScaleIn: instance.protectedFromScaleIn,
    };
  }

  private get launchTemplate(): LaunchTemplateSpecification {
    return launchSource(this.definition).specification;
  }
}
