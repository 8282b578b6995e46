import { type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type ISecurityGroup, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import {
  type CapacityProviderStrategy,
  type ContainerImage,
  type CpuArchitecture,
  type HealthCheck,
  type ICluster,
  type LogDriver,
  type Secret,
} from 'aws-cdk-lib/aws-ecs';
import { type IRole } from 'aws-cdk-lib/aws-iam';
import { type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { type Duration, type Size } from 'aws-cdk-lib/core';
import { type BacklogScaling } from './backlog-scaling';

/** Properties of a FargateConsumer. */
export interface FargateConsumerProps {
  /**
   * The image that each task runs. Its program reads QUEUE_URL from its environment, deletes messages that it has
   * processed, and ends on SIGTERM.
   */
  readonly image: ContainerImage;

  /**
   * The network of the tasks, for which a cluster is created; either this or `cluster`. Tasks must reach SQS, the
   * registry of their image and CloudWatch Logs: through VPC endpoints (see `createVpcEndpoints`) or a NAT gateway.
   *
   * @default - that of `cluster`
   */
  readonly vpc?: IVpc;

  /**
   * The cluster of the tasks; either this or `vpc`. With `spot` it must have the capacity provider FARGATE_SPOT.
   *
   * @default - one is created in `vpc`
   */
  readonly cluster?: ICluster;

  /**
   * Which subnets of the network the tasks are in.
   *
   * @default - all private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Whether to create what tasks without a way to the internet need in the VPC: interface endpoints for SQS, ECR,
   * CloudWatch Logs, Secrets Manager and, with `enableExecuteCommand`, Systems Manager, and a gateway endpoint for S3.
   * Those that the VPC has are used, and consumers of one VPC share them. The image must be one of ECR then.
   *
   * @default false
   */
  readonly createVpcEndpoints?: boolean;

  /**
   * The program and its arguments, in place of the image's own.
   *
   * @default - the image's
   */
  readonly command?: string[];

  /**
   * The CPU of each task, 1,024 units to a vCPU: 256, 512, 1024, 2048, 4096, 8192 or 16384.
   *
   * @default 256
   */
  readonly cpu?: number;

  /**
   * The memory of each task in MiB: 2 to 8 times the CPU's units, in the sizes that Fargate has for them.
   *
   * @default 512
   */
  readonly memoryLimitMiB?: number;

  /**
   * The architecture that the image was made for.
   *
   * @default CpuArchitecture.X86_64
   */
  readonly cpuArchitecture?: CpuArchitecture;

  /**
   * Variables of the program's environment, besides QUEUE_URL, which is always set, and PROTECT_BUSY_TASK. They are
   * readable in the task definition: for secrets there is `secrets`.
   *
   * @default - none
   */
  readonly environment?: { [name: string]: string };

  /**
   * Variables whose values come from Secrets Manager or Parameter Store when a task starts.
   *
   * @default - none
   */
  readonly secrets?: { [name: string]: Secret };

  /**
   * The longest that processing one message may take, from 1 second to 12 hours. The visibility timeout is derived from
   * it (6 times), and the time that a task has to finish its message before it is killed.
   *
   * @default Duration.minutes(1)
   */
  readonly processingTime?: Duration;

  /**
   * The fewest tasks; 0 saves the most, and then the first of `scaling`'s steps must be at depth 1.
   *
   * @default 1
   */
  readonly minCapacity?: number;

  /**
   * The most tasks, at least 1.
   *
   * @default 4
   */
  readonly maxCapacity?: number;

  /**
   * When tasks are added and removed.
   *
   * @default - one more each minute from 100 visible messages on, two from 500, four from 1,000; one less each minute
   * once the queue has been empty for 5 minutes
   */
  readonly scaling?: BacklogScaling;

  /**
   * How long a new task takes until it works: until then it counts for scaling out further as if it did.
   *
   * @default Duration.minutes(2)
   */
  readonly taskWarmup?: Duration;

  /**
   * How long a task may take to end after SIGTERM until it is killed, 2 to 120 seconds. A message that it has not
   * finished comes back after its visibility timeout.
   *
   * @default - `processingTime` and 30 seconds, up to 120 seconds
   */
  readonly stopTimeout?: Duration;

  /**
   * Whether the program may protect its task from scale-in and deployments while it processes a message (it calls
   * `$ECS_AGENT_URI/task-protection/v1/state`; PROTECT_BUSY_TASK is set in its environment). Needed where messages take
   * longer than the 120 seconds that Fargate gives a task to stop.
   *
   * @default false
   */
  readonly protectBusyTasks?: boolean;

  /**
   * Whether all tasks run on spare capacity at a discount, which Fargate takes back with a notice of two minutes; for a
   * mix there is `capacityProviderStrategies`.
   *
   * @default false
   */
  readonly spot?: boolean;

  /**
   * How tasks are divided between FARGATE and FARGATE_SPOT: a base on the one, and weights for the rest. Not with `spot`;
   * a `cluster` must have both providers.
   *
   * @default - all on FARGATE, or on FARGATE_SPOT with `spot`
   */
  readonly capacityProviderStrategies?: CapacityProviderStrategy[];

  /**
   * Where the output of the tasks goes. Not with `logging`.
   *
   * @default - a log group is created that keeps it for a month
   */
  readonly logGroup?: ILogGroup;

  /**
   * Another log driver for the output of the tasks, such as FireLens.
   *
   * @default - awslogs, to `logGroup`
   */
  readonly logging?: LogDriver;

  /**
   * What the program may do; ECS tasks must be able to assume it. The rights on the queue are added to it.
   *
   * @default - a role is created
   */
  readonly role?: IRole;

  /**
   * The security groups of the tasks, 1 to 5. They must be allowed to reach SQS, the registry and CloudWatch Logs on port
   * 443.
   *
   * @default - one is created, which lets nothing in and everything out
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * The size of the disk of each task, 21 to 200 GiB.
   *
   * @default - 20 GiB, which Fargate gives without a charge
   */
  readonly ephemeralStorage?: Size;

  /**
   * How ECS finds out that a task no longer works, and replaces it.
   *
   * @default - a task works until its program ends
   */
  readonly healthCheck?: HealthCheck;

  /**
   * Alarms that end a deployment of the service, which ECS then rolls back, such as the queue's oldest-message alarm.
   *
   * @default - a deployment is rolled back if its tasks don't start
   */
  readonly deploymentAlarms?: IAlarm[];

  /**
   * Whether operators may run commands in the tasks (`aws ecs execute-command`).
   *
   * @default false
   */
  readonly enableExecuteCommand?: boolean;
}
