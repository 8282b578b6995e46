import {
  AutoScalingGroup,
  type CfnAutoScalingGroup,
  DefaultResult,
  GroupMetrics,
  type IAutoScalingGroup,
  LifecycleTransition,
  type MixedInstancesPolicy,
  PoolState,
  SpotAllocationStrategy,
  TerminationPolicy,
} from 'aws-cdk-lib/aws-autoscaling';
import { type IAlarm, type Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AmazonLinuxCpuType,
  BlockDeviceVolume,
  type Connections,
  EbsDeviceVolumeType,
  type IConnectable,
  InstanceArchitecture,
  InstanceClass,
  InstanceSize,
  InstanceType,
  LaunchTemplate,
  MachineImage,
  OperatingSystemType,
  SecurityGroup,
  type UserData,
} from 'aws-cdk-lib/aws-ec2';
import {
  type IGrantable,
  type IPrincipal,
  type IRole,
  ManagedPolicy,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { type IQueue, QueueGrants } from 'aws-cdk-lib/aws-sqs';
import { ArnFormat, type CfnResource, Duration, Lazy, Names, Size, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { checkProps, enforce, type Rule, warn } from '../rules';
import { coverAgainst } from '../rules/coverage';
import { type AutoScalingGroupConsumerProps } from './auto-scaling-group-consumer-props';
import { ADVICE, PROPS_RULES, REFRESH_DEFAULTS } from './auto-scaling-group-consumer-rules';
import { autoScalingGroupTarget, instancesInService } from './auto-scaling-group-target';
import { BacklogScaling } from './backlog-scaling';
import { SCALING_RULES } from './backlog-scaling-rules';
import { AUTO_SCALING_GROUP_CONSUMER } from './consumer-types';
import { createVpcEndpoints, INSTANCE_ENDPOINTS, servicesOf, SESSION_ENDPOINTS } from './consumer-vpc-endpoints';
import { warnWithoutWayOut } from './network-rules';
import { type IQueueConsumer, type QueueConsumerConfig } from '../queue/queue-consumer';
import { type SpotOptions } from './spot-options';
import { StepBacklogScaling } from './step-backlog-scaling';
import { TrackedBacklogScaling } from './tracked-backlog-scaling';
import { workerQueueConfig } from './worker-queue-config';
import { workerAssetProps, workerMetadata } from './worker-asset';
import { workerUserData } from './worker-user-data';

const DRAIN_HOOK = 'drain';
const LAUNCH_HOOK = 'launch';
const MAX_HOOK_SECONDS = 7_200;
/** For what a worker does beside its message when it ends: a delete, the lifecycle action. */
const STOP_MARGIN_SECONDS = 30;

const DEFAULTS = {
  instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.SMALL),
  processingTime: Duration.minutes(5),
  minCapacity: 1,
  maxCapacity: 4,
  instanceWarmup: Duration.minutes(2),
  launchTimeout: Duration.minutes(15),
  volumeSize: Size.gibibytes(8),
  volumeType: EbsDeviceVolumeType.GP3,
  scaling: BacklogScaling.steps([
    { depth: 100, add: 1 },
    { depth: 500, add: 2 },
    { depth: 1_000, add: 4 },
  ]),
};

const BIND_RULES: readonly Rule<{ bound: IQueue | undefined }>[] = [
  {
    id: 'Spillway-AutoScalingGroupConsumer-QueueAlreadyBound',
    broken: ({ bound }) => bound !== undefined,
    message: ({ bound }) =>
      `queue must be the only one of this consumer, but was a second one; the workers know a single QUEUE_URL and consume ${bound?.node.path} already`,
  },
];

const IMAGE_RULES: readonly Rule<{ osType: OperatingSystemType | undefined }>[] = [
  {
    id: 'Spillway-AutoScalingGroupConsumer-ImageNotLinux',
    broken: ({ osType }) => osType === OperatingSystemType.WINDOWS,
    message: () =>
      'machineImage must be made from Amazon Linux 2023, but was an image of Windows; the script that sets up the worker runs on no other',
  },
];

/**
 * A group of EC2 instances that processes a queue's messages with a program of yours, in any language. It grows with
 * the depth of the queue, and lets each worker finish its message before its instance goes.
 *
 * Instances that run keep their program when a new one is deployed (unless `instanceRefresh` replaces them); those
 * that start later have the new one.
 *
 * @example
 * jobs.addConsumer(
 *   new AutoScalingGroupConsumer(this, 'Workers', { vpc, worker: WorkerProgram.node('dist/worker'), maxCapacity: 8 }),
 * );
 */
export class AutoScalingGroupConsumer extends Construct implements IQueueConsumer, IGrantable, IConnectable {
  /** The group. */
  public readonly autoScalingGroup: IAutoScalingGroup;

  /** What the instances may do. */
  public readonly role: IRole;

  /** The principal that grants go to: the role. */
  public readonly grantPrincipal: IPrincipal;

  /** The network connections of the instances; nothing may connect to them by default. */
  public readonly connections: Connections;

  private readonly props: AutoScalingGroupConsumerProps & typeof DEFAULTS;
  private readonly groupName: string;
  private queue?: IQueue;
  private stepScaling?: StepBacklogScaling;

  constructor(scope: Construct, id: string, props: AutoScalingGroupConsumerProps) {
    super(scope, id);
    checkProps(this, 'AutoScalingGroupConsumer', props, AUTO_SCALING_GROUP_CONSUMER);
    this.props = withDefaults(props);
    enforce(this, this.props, [...PROPS_RULES, ...SCALING_RULES]);
    warn(this, this.props, ADVICE);
    // Named here rather than by CloudFormation: the launch template, on which the group depends, tells the worker.
    this.groupName = Names.uniqueResourceName(this, { maxLength: 255, separator: '-' });

    this.role = props.role ?? this.createRole();
    this.allowLifecycle();
    this.grantPrincipal = this.role;
    const { vpc, vpcSubnets } = props;
    const needs = [...INSTANCE_ENDPOINTS, ...(props.ssmSessionPermissions ? SESSION_ENDPOINTS : [])];
    if (props.createVpcEndpoints) createVpcEndpoints(this, { vpc, subnets: vpcSubnets }, needs);
    warnWithoutWayOut(this, { vpc, vpcSubnets, publicAddress: false, needs: servicesOf(needs) });
    const group = this.createGroup(this.createLaunchTemplate());
    this.autoScalingGroup = group;
    this.connections = group.connections;
    this.node.addValidation({
      validate: () => (this.queue === undefined ? ['consumes no queue: pass it to addConsumer of one'] : []),
    });
  }

  /** The alarm that adds instances; undefined until a queue has this consumer, and with target tracking. */
  public get scaleOutAlarm(): IAlarm | undefined {
    return this.stepScaling?.scaleOutAlarm;
  }

  /** The alarm that removes instances; undefined until a queue has this consumer, and with target tracking. */
  public get scaleInAlarm(): IAlarm | undefined {
    return this.stepScaling?.scaleInAlarm;
  }

  /**
   * How many instances are in service.
   *
   * @default - average over 1 minute
   */
  public metricInServiceInstances(props?: MetricOptions): Metric {
    return instancesInService(this.groupName).with({ ...props });
  }

  /** Lets the instances consume the queue and scales the group on its backlog. */
  public bind(_scope: Construct, queue: IQueue): QueueConsumerConfig {
    enforce(this, { bound: this.queue }, BIND_RULES);
    this.queue = queue;
    const { scaling, instanceWarmup, processingTime, minCapacity } = this.props;
    QueueGrants.fromQueue(queue).consumeMessages(this.role);
    const target = autoScalingGroupTarget(this.autoScalingGroup, instanceWarmup);
    if (scaling._steps !== undefined) {
      this.stepScaling = new StepBacklogScaling(this, 'Scaling', { target, queue, plan: scaling._steps });
    }
    if (scaling._target !== undefined) {
      new TrackedBacklogScaling(this, 'Scaling', { target, queue, plan: scaling._target, minCapacity });
    }
    return workerQueueConfig(processingTime);
  }

  private createRole(): Role {
    return new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      description: `What the workers of ${this.node.path} may do`,
    });
  }

  private allowLifecycle(): void {
    const { role } = this;
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [
          'autoscaling:CompleteLifecycleAction',
          'autoscaling:RecordLifecycleActionHeartbeat',
          ...(this.props.protectBusyInstances ? ['autoscaling:SetInstanceProtection'] : []),
        ],
        resources: [
          Stack.of(this).formatArn({
            service: 'autoscaling',
            resource: 'autoScalingGroup',
            resourceName: `*:autoScalingGroupName/${this.groupName}`, // the star is an id that EC2 Auto Scaling makes up
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ],
      }),
    );
    if (this.props.ssmSessionPermissions) {
      role.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('AmazonSSMManagedInstanceCore'));
    }
  }

  private createLaunchTemplate(): LaunchTemplate {
    const { vpc, vpcSubnets, instanceType, machineImage, worker, keyPair, volumeSize, volumeType } = this.props;
    const [securityGroup, ...others] = this.props.securityGroups ?? [
      new SecurityGroup(this, 'SecurityGroup', { vpc, description: `Workers of ${this.node.path}` }),
    ];
    const asset = new Asset(this, 'Worker', workerAssetProps(worker));
    const arm = instanceType.architecture === InstanceArchitecture.ARM_64;
    const launchTemplate = new LaunchTemplate(this, 'LaunchTemplate', {
      instanceType,
      machineImage:
        machineImage ??
        MachineImage.latestAmazonLinux2023({
          cpuType: arm ? AmazonLinuxCpuType.ARM_64 : AmazonLinuxCpuType.X86_64,
        }),
      userData: this.userData(asset),
      role: this.role,
      securityGroup,
      keyPair,
      requireImdsv2: true,
      // In a public subnet the subnet decides: without a public address nothing would be reachable from there.
      associatePublicIpAddress: vpc.selectSubnets(vpcSubnets).hasPublic ? undefined : false,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: BlockDeviceVolume.ebs(volumeSize.toGibibytes(), { encrypted: true, volumeType }),
        },
      ],
    });
    for (const other of others) launchTemplate.addSecurityGroup(other);
    const metadata = workerMetadata(worker, asset);
    coverAgainst(launchTemplate, 'Spillway-AutoScaling-UserDataTooLarge');
    if (metadata !== undefined)
      (launchTemplate.node.defaultChild as CfnResource).addMetadata('spillway:worker', metadata);
    enforce(this, { osType: launchTemplate.osType }, IMAGE_RULES);
    return launchTemplate;
  }

  private userData(asset: Asset): UserData {
    const { worker, environment, processingTime, protectBusyInstances } = this.props;
    const { region } = Stack.of(this);
    // All objects, so that instances of the previous launch template can still start while a deployment is under way.
    // Their names are hashes of their contents, and the role may not list them.
    this.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [asset.bucket.arnForObjects('*')] }),
    );
    return workerUserData({
      description: `${this.node.path} queue worker`,
      worker,
      asset,
      environment: {
        AWS_REGION: region,
        QUEUE_URL: Lazy.string({ produce: () => this.queue?.queueUrl }),
        AUTO_SCALING_GROUP_NAME: this.groupName,
        LIFECYCLE_HOOK_NAME: DRAIN_HOOK,
        ...(protectBusyInstances ? { PROTECT_BUSY_INSTANCE: 'true' } : {}),
        ...environment,
      },
      stopTimeout: processingTime.plus(Duration.seconds(STOP_MARGIN_SECONDS)),
      launchHook: { autoScalingGroupName: this.groupName, lifecycleHookName: LAUNCH_HOOK, region },
    });
  }

  private createGroup(launchTemplate: LaunchTemplate): AutoScalingGroup {
    const { vpc, vpcSubnets, minCapacity, maxCapacity, instanceWarmup, spot, protectBusyInstances } = this.props;
    const group = new AutoScalingGroup(this, 'Group', {
      autoScalingGroupName: this.groupName,
      vpc,
      vpcSubnets,
      ...(spot === undefined ? { launchTemplate } : { mixedInstancesPolicy: this.mixed(spot, launchTemplate) }),
      capacityRebalance: spot && (spot.capacityRebalance ?? true),
      minCapacity,
      maxCapacity, // no desired capacity: each deployment would reset what the alarms have made of it
      defaultInstanceWarmup: instanceWarmup,
      newInstancesProtectedFromScaleIn: protectBusyInstances,
      maxInstanceLifetime: this.props.maxInstanceLifetime,
      groupMetrics: [GroupMetrics.all()],
      // Workers of an old launch template go first.
      terminationPolicies: [TerminationPolicy.OLDEST_LAUNCH_TEMPLATE, TerminationPolicy.DEFAULT],
    });
    // A worker that starts before it may do anything would only log errors.
    group.node.addDependency(this.role);
    this.addHooks(group);
    this.refresh(group);
    return group;
  }

  private mixed(spot: SpotOptions, launchTemplate: LaunchTemplate): MixedInstancesPolicy {
    const { otherInstanceTypes = [], onDemandBaseCapacity = 0, onDemandPercentage = 0 } = spot;
    const types = [this.props.instanceType, ...otherInstanceTypes];
    return {
      launchTemplate,
      launchTemplateOverrides: types.map((instanceType) => ({ instanceType })),
      instancesDistribution: {
        onDemandBaseCapacity,
        onDemandPercentageAboveBaseCapacity: onDemandPercentage,
        spotAllocationStrategy: SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED,
      },
    };
  }

  private addHooks(group: AutoScalingGroup): void {
    const { processingTime, launchTimeout, warmPool } = this.props;
    // A part of the group: as a resource of its own, it would miss the instances that the group begins with.
    (group.node.defaultChild as CfnAutoScalingGroup).lifecycleHookSpecificationList = [
      {
        lifecycleHookName: LAUNCH_HOOK,
        lifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
        heartbeatTimeout: launchTimeout.toSeconds(),
        defaultResult: 'ABANDON',
      },
    ];
    const wait = processingTime.toSeconds() + 2 * STOP_MARGIN_SECONDS;
    group.addLifecycleHook('Drain', {
      lifecycleHookName: DRAIN_HOOK,
      lifecycleTransition: LifecycleTransition.INSTANCE_TERMINATING,
      heartbeatTimeout: Duration.seconds(Math.min(wait, MAX_HOOK_SECONDS)), // the worker renews it
      defaultResult: DefaultResult.CONTINUE,
    });
    if (warmPool === undefined) return;
    const { minSize, maxPreparedCapacity: maxGroupPreparedCapacity } = warmPool;
    group.addWarmPool({ minSize, maxGroupPreparedCapacity, poolState: PoolState.STOPPED });
  }

  private refresh(group: AutoScalingGroup): void {
    const { instanceRefresh, protectBusyInstances } = this.props;
    if (instanceRefresh === undefined) return;
    const { minHealthyPercentage, maxHealthyPercentage } = { ...REFRESH_DEFAULTS, ...instanceRefresh };
    const { alarms, bakeTime, checkpointPercentages, checkpointDelay } = instanceRefresh;
    const resource = group.node.defaultChild as CfnAutoScalingGroup;
    // Raw, because the lowest version of aws-cdk-lib that we support does not know this policy.
    resource.addOverride('UpdatePolicy.AutoScalingInstanceRefresh', {
      Strategy: 'Rolling',
      Preferences: {
        MinHealthyPercentage: minHealthyPercentage,
        MaxHealthyPercentage: maxHealthyPercentage,
        ScaleInProtectedInstances: protectBusyInstances ? 'Wait' : undefined,
        AlarmSpecification: alarms && { Alarms: alarms.map(({ alarmName }) => alarmName) },
        BakeTime: bakeTime?.toSeconds(),
        CheckpointPercentages: checkpointPercentages,
        CheckpointDelay: checkpointDelay?.toSeconds(),
      },
    });
  }
}

function withDefaults(props: AutoScalingGroupConsumerProps): AutoScalingGroupConsumerProps & typeof DEFAULTS {
  return {
    ...props,
    instanceType: props.instanceType ?? DEFAULTS.instanceType,
    processingTime: props.processingTime ?? DEFAULTS.processingTime,
    minCapacity: props.minCapacity ?? DEFAULTS.minCapacity,
    maxCapacity: props.maxCapacity ?? DEFAULTS.maxCapacity,
    instanceWarmup: props.instanceWarmup ?? DEFAULTS.instanceWarmup,
    launchTimeout: props.launchTimeout ?? DEFAULTS.launchTimeout,
    volumeSize: props.volumeSize ?? DEFAULTS.volumeSize,
    volumeType: props.volumeType ?? DEFAULTS.volumeType,
    scaling: props.scaling ?? DEFAULTS.scaling,
  };
}
