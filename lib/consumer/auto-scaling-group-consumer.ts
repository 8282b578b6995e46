import {
  AutoScalingGroup,
  DefaultResult,
  GroupMetrics,
  type IAutoScalingGroup,
  LifecycleTransition,
  TerminationPolicy,
} from 'aws-cdk-lib/aws-autoscaling';
import { type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
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
  SecurityGroup,
  UserData,
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
import { ArnFormat, Duration, Lazy, Names, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { enforce, type Rule } from '../rules';
import { type AutoScalingGroupConsumerProps } from './auto-scaling-group-consumer-props';
import { PROPS_RULES } from './auto-scaling-group-consumer-rules';
import { DepthScaling } from './depth-scaling';
import { type IQueueConsumer, type QueueConsumerConfig } from './queue-consumer';
import { QueueDepthScaling } from './queue-depth-scaling';
import { systemdUnit } from './systemd-unit';

const VISIBILITY_FACTOR = 6;
const HOOK_NAME = 'drain';
const MAX_HOOK_SECONDS = 7_200;
/** For what a worker does beside its message when it ends: a delete, the lifecycle action. */
const STOP_MARGIN_SECONDS = 30;
const PACKAGE_FILE = '/opt/spillway/worker.zip';
const PACKAGE_FOLDER = '/opt/spillway/worker';
const SERVICE = 'spillway-worker.service';
const ROOT_VOLUME_GIBIBYTES = 8;

const DEFAULTS = {
  instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.SMALL),
  processingTime: Duration.minutes(5),
  minCapacity: 1,
  maxCapacity: 4,
  instanceWarmup: Duration.minutes(2),
  scaling: DepthScaling.steps([
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
      `queue: got a second one, allowed is one; the workers know a single QUEUE_URL and consume ${bound?.node.path} already`,
  },
];

/**
 * A group of EC2 instances that processes a queue's messages with a program of yours, in any language. It grows with
 * the depth of the queue, and lets each worker finish its message before its instance goes.
 *
 * Instances that run keep their program when a new one is deployed; those that start later have the new one.
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
  private depthScaling?: QueueDepthScaling;

  constructor(scope: Construct, id: string, props: AutoScalingGroupConsumerProps) {
    super(scope, id);
    this.props = withDefaults(props);
    enforce(this, this.props, PROPS_RULES);
    // Named here rather than by CloudFormation: the launch template, on which the group depends, tells the worker.
    this.groupName = Names.uniqueResourceName(this, { maxLength: 255, separator: '-' });

    this.role = this.createRole();
    this.grantPrincipal = this.role;
    const group = this.createGroup(this.createLaunchTemplate());
    this.autoScalingGroup = group;
    this.connections = group.connections;
    this.node.addValidation({
      validate: () => (this.queue === undefined ? ['consumes no queue: pass it to addConsumer of one'] : []),
    });
  }

  /** The alarm that adds instances; undefined until a queue has this consumer. */
  public get scaleOutAlarm(): IAlarm | undefined {
    return this.depthScaling?.scaleOutAlarm;
  }

  /** The alarm that removes instances; undefined until a queue has this consumer. */
  public get scaleInAlarm(): IAlarm | undefined {
    return this.depthScaling?.scaleInAlarm;
  }

  /** Lets the instances consume the queue and scales the group on its depth. */
  public bind(_scope: Construct, queue: IQueue): QueueConsumerConfig {
    enforce(this, { bound: this.queue }, BIND_RULES);
    this.queue = queue;
    const { scaling, instanceWarmup, processingTime } = this.props;
    QueueGrants.fromQueue(queue).consumeMessages(this.role);
    this.depthScaling = new QueueDepthScaling(this, 'DepthScaling', {
      autoScalingGroup: this.autoScalingGroup,
      queue,
      scaling,
      instanceWarmup,
    });
    return {
      visibilityTimeout: Duration.seconds(VISIBILITY_FACTOR * processingTime.toSeconds()),
      minimumVisibilityTimeout: processingTime,
      reason: `SQS hands a message that is still being processed (processingTime: ${processingTime.toHumanString()}) to a second worker`,
    };
  }

  private createRole(): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      description: `What the workers of ${this.node.path} may do`,
    });
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['autoscaling:CompleteLifecycleAction', 'autoscaling:RecordLifecycleActionHeartbeat'],
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
    return role;
  }

  private createLaunchTemplate(): LaunchTemplate {
    const { vpc, vpcSubnets, instanceType } = this.props;
    const arm = instanceType.architecture === InstanceArchitecture.ARM_64;
    return new LaunchTemplate(this, 'LaunchTemplate', {
      instanceType,
      machineImage: MachineImage.latestAmazonLinux2023({
        cpuType: arm ? AmazonLinuxCpuType.ARM_64 : AmazonLinuxCpuType.X86_64,
      }),
      userData: this.userData(),
      role: this.role,
      securityGroup: new SecurityGroup(this, 'SecurityGroup', {
        vpc,
        description: `Workers of ${this.node.path}`,
      }),
      requireImdsv2: true,
      // In a public subnet the subnet decides: without a public address nothing would be reachable from there.
      associatePublicIpAddress: vpc.selectSubnets(vpcSubnets).hasPublic ? undefined : false,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: BlockDeviceVolume.ebs(ROOT_VOLUME_GIBIBYTES, {
            encrypted: true,
            volumeType: EbsDeviceVolumeType.GP3,
          }),
        },
      ],
    });
  }

  private userData(): UserData {
    const { worker, environment, processingTime } = this.props;
    const { region } = Stack.of(this);
    const asset = new Asset(this, 'Worker', { path: worker._assetPath });
    // All objects, so that instances of the previous launch template can still start while a deployment is under way.
    // Their names are hashes of their contents, and the role may not list them.
    this.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [asset.bucket.arnForObjects('*')] }),
    );
    const unit = systemdUnit({
      description: `${this.node.path} queue worker`,
      workingDirectory: PACKAGE_FOLDER,
      environment: {
        AWS_REGION: region,
        QUEUE_URL: Lazy.string({ produce: () => this.queue?.queueUrl }),
        AUTO_SCALING_GROUP_NAME: this.groupName,
        LIFECYCLE_HOOK_NAME: HOOK_NAME,
        ...environment,
      },
      command: worker._command,
      stopTimeout: processingTime.plus(Duration.seconds(STOP_MARGIN_SECONDS)),
    });
    const userData = UserData.forLinux({ shebang: '#!/bin/bash' });
    userData.addCommands('set -euo pipefail', ...worker._setup);
    userData.addS3DownloadCommand({ bucket: asset.bucket, bucketKey: asset.s3ObjectKey, localFile: PACKAGE_FILE });
    userData.addCommands(
      `unzip -oq '${PACKAGE_FILE}' -d '${PACKAGE_FOLDER}'`,
      `cat > /etc/systemd/system/${SERVICE} <<'UNIT'`,
      ...unit,
      'UNIT',
      'systemctl daemon-reload',
      `systemctl enable --now ${SERVICE}`,
    );
    return userData;
  }

  private createGroup(launchTemplate: LaunchTemplate): AutoScalingGroup {
    const { vpc, vpcSubnets, minCapacity, maxCapacity, instanceWarmup, processingTime } = this.props;
    const group = new AutoScalingGroup(this, 'Group', {
      autoScalingGroupName: this.groupName,
      vpc,
      vpcSubnets,
      launchTemplate,
      minCapacity,
      maxCapacity, // no desired capacity: each deployment would reset what the alarms have made of it
      defaultInstanceWarmup: instanceWarmup,
      groupMetrics: [GroupMetrics.all()],
      // Workers of an old launch template go first.
      terminationPolicies: [TerminationPolicy.OLDEST_LAUNCH_TEMPLATE, TerminationPolicy.DEFAULT],
    });
    // A worker that starts before it may do anything would only log errors.
    group.node.addDependency(this.role);
    const wait = processingTime.toSeconds() + 2 * STOP_MARGIN_SECONDS;
    group.addLifecycleHook('Drain', {
      lifecycleHookName: HOOK_NAME,
      lifecycleTransition: LifecycleTransition.INSTANCE_TERMINATING,
      heartbeatTimeout: Duration.seconds(Math.min(wait, MAX_HOOK_SECONDS)), // the worker renews it
      defaultResult: DefaultResult.CONTINUE,
    });
    return group;
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
    scaling: props.scaling ?? DEFAULTS.scaling,
  };
}
