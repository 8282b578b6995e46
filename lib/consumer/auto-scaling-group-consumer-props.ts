import { type InstanceType, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { type Duration } from 'aws-cdk-lib/core';
import { type DepthScaling } from './depth-scaling';
import { type WorkerProgram } from './worker-program';

/** Properties of an AutoScalingGroupConsumer. */
export interface AutoScalingGroupConsumerProps {
  /**
   * The network of the instances. They must reach SQS and EC2 Auto Scaling, and S3 for their program and for packages
   * of Amazon Linux: through VPC endpoints or a NAT gateway.
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

  /** What each instance runs. */
  readonly worker: WorkerProgram;

  /**
   * Variables of the worker's environment, besides QUEUE_URL, AWS_REGION, AUTO_SCALING_GROUP_NAME and
   * LIFECYCLE_HOOK_NAME, which are always set. They are readable in the launch template: no secrets.
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
   * The fewest instances; 0 saves the most, and then the first step of `scaling` must be at depth 1.
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
  readonly scaling?: DepthScaling;

  /**
   * How long a new instance takes until it works: until then it counts neither for scaling out further nor for scaling
   * in.
   *
   * @default Duration.minutes(2)
   */
  readonly instanceWarmup?: Duration;

  /**
   * Whether operators may open sessions on the instances with AWS Systems Manager, which needs no open port.
   *
   * @default false
   */
  readonly ssmSessionPermissions?: boolean;
}
