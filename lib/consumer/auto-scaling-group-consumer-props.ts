import {
  type EbsDeviceVolumeType,
  type IKeyPair,
  type IMachineImage,
  type InstanceType,
  type ISecurityGroup,
  type IVpc,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { type IRole } from 'aws-cdk-lib/aws-iam';
import { type Duration, type Size } from 'aws-cdk-lib/core';
import { type BacklogScaling } from './backlog-scaling';
import { type InstanceRefreshOptions } from './instance-refresh-options';
import { type SpotOptions } from './spot-options';
import { type WarmPoolOptions } from './warm-pool-options';
import { type WorkerProgram } from './worker-program';

/** Properties of an AutoScalingGroupConsumer. */
export interface AutoScalingGroupConsumerProps {
  /**
   * The network of the instances. They must reach SQS and EC2 Auto Scaling, and S3 for their program and for packages
   * of Amazon Linux: through VPC endpoints (see `createVpcEndpoints`) or a NAT gateway.
   */
  readonly vpc: IVpc;

  /**
   * Which of its subnets the instances are in.
   *
   * @default - all private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The type of the instances. A program with machine code of its own must suit its architecture.
   *
   * @default t4g.small: 2 vCPUs (arm64), 2 GiB
   */
  readonly instanceType?: InstanceType;

  /**
   * The image of the instances: one that was made from Amazon Linux 2023 (dnf, systemd, the AWS CLI, root volume
   * /dev/xvda) for the architecture of `instanceType`.
   *
   * @default - the latest Amazon Linux 2023 at each deployment
   */
  readonly machineImage?: IMachineImage;

  /**
   * The size of the root volume, which is encrypted: 8 GiB (that of the image) to 64 TiB.
   *
   * @default Size.gibibytes(8)
   */
  readonly volumeSize?: Size;

  /**
   * The type of the root volume: one that needs no further settings.
   *
   * @default EbsDeviceVolumeType.GP3
   */
  readonly volumeType?: EbsDeviceVolumeType;

  /**
   * The security groups of the instances, 1 to 5. They must be allowed to reach SQS, EC2 Auto Scaling and S3 on port 443.
   *
   * @default - one is created, which lets nothing in and everything out
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * What the instances may do; EC2 must be able to assume it. The rights on the queue and the group are added to it.
   *
   * @default - a role is created
   */
  readonly role?: IRole;

  /**
   * A key pair for SSH. The security groups must let it in; `ssmSessionPermissions` needs neither.
   *
   * @default - none
   */
  readonly keyPair?: IKeyPair;

  /**
   * The age at which an instance is replaced, 1 to 365 days: for security updates of the image, if that is the latest at
   * each deployment. Its worker is drained as on a scale-in.
   *
   * @default - none
   */
  readonly maxInstanceLifetime?: Duration;

  /**
   * Whether to create what instances without a way to the internet need in the VPC: interface endpoints for SQS, EC2 Auto
   * Scaling and, with `ssmSessionPermissions`, Systems Manager, and a gateway endpoint for S3. Those that the VPC has are
   * used, and consumers of one VPC share them.
   *
   * @default false
   */
  readonly createVpcEndpoints?: boolean;

  /** What each instance runs. */
  readonly worker: WorkerProgram;

  /**
   * Variables of the worker's environment, besides QUEUE_URL, AWS_REGION, AUTO_SCALING_GROUP_NAME and
   * LIFECYCLE_HOOK_NAME, which are always set, and PROTECT_BUSY_INSTANCE. They are readable in the launch template: no secrets.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * The longest that processing one message may take, from 1 second to 12 hours. The visibility timeout is derived from
   * it (6 times), and the time that a worker has to finish its message before its instance is terminated.
   *
   * @default Duration.minutes(5)
   */
  readonly processingTime?: Duration;

  /**
   * The fewest instances; 0 saves the most, and then the first of `scaling`'s steps must be at depth 1.
   *
   * @default 1
   */
  readonly minCapacity?: number;

  /**
   * The most instances, at least 1.
   *
   * @default 4
   */
  readonly maxCapacity?: number;

  /**
   * When instances are added and removed.
   *
   * @default - one more each minute from 100 visible messages on, two from 500, four from 1,000; one less each minute
   * once the queue has been empty for 5 minutes
   */
  readonly scaling?: BacklogScaling;

  /**
   * How long a new instance takes until it works: until then it counts neither for scaling out further nor for scaling
   * in.
   *
   * @default Duration.minutes(2)
   */
  readonly instanceWarmup?: Duration;

  /**
   * How long a new instance has until its worker runs, 30 seconds to 2 hours. One that takes longer, whose set-up fails,
   * or whose worker ends within 5 seconds is terminated and replaced; until then it does not count as in service.
   *
   * @default Duration.minutes(15)
   */
  readonly launchTimeout?: Duration;

  /**
   * Whether an instance is protected from scale-in while its worker processes a message, so that an idle one goes
   * instead. A worker of `WorkerProgram.node` that uses `runOnInstance` of `cdk-spillway/runtime` does its part. Any
   * other must call SetInstanceProtection (PROTECT_BUSY_INSTANCE is set in its environment): each instance starts
   * protected, and a group whose instances stay so never shrinks.
   *
   * Without it a busy instance may be chosen as well; it finishes its message before it goes.
   *
   * @default false
   */
  readonly protectBusyInstances?: boolean;

  /**
   * Uses spot instances, of several types, in place of those on demand.
   *
   * @default - on demand only, of `instanceType`
   */
  readonly spot?: SpotOptions;

  /**
   * Keeps instances that are set up, and stopped, ready to join; not with `spot`. Their worker must look at the
   * instance metadata's `autoscaling/target-lifecycle-state` and wait while it is `Warmed:…`; `runOnInstance` of
   * `cdk-spillway/runtime` does.
   *
   * @default - none
   */
  readonly warmPool?: WarmPoolOptions;

  /**
   * Replaces the instances, a few at a time, whenever a deployment changes what they run.
   *
   * @default - instances that run keep their program; those that start later have the new one
   */
  readonly instanceRefresh?: InstanceRefreshOptions;

  /**
   * Whether operators may open sessions on the instances with AWS Systems Manager, which needs no open port.
   *
   * @default false
   */
  readonly ssmSessionPermissions?: boolean;
}
