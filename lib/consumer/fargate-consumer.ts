import { type IAlarm, type Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { type Connections, type IConnectable } from 'aws-cdk-lib/aws-ec2';
import {
  type CapacityProviderStrategy,
  CfnClusterCapacityProviderAssociations,
  Cluster,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  type ICluster,
  type IFargateService,
  LogDriver,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { type IGrantable, type IPrincipal, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type IQueue, QueueGrants } from 'aws-cdk-lib/aws-sqs';
import { Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct, Dependable, type IDependable } from 'constructs';
import { checkProps, enforce, type Rule, warn } from '../rules';
import { BacklogScaling } from './backlog-scaling';
import { SCALING_RULES } from './backlog-scaling-rules';
import { FARGATE_CONSUMER } from './consumer-types';
import { COMMAND_ENDPOINTS, createVpcEndpoints, servicesOf, TASK_ENDPOINTS } from './consumer-vpc-endpoints';
import { type FargateConsumerProps } from './fargate-consumer-props';
import { FARGATE_CONSUMER_RULES, MAX_STOP, STOP_CAUTIONS } from './fargate-consumer-rules';
import { fargateServiceTarget, tasksRunning } from './fargate-service-target';
import { warnWithoutWayOut } from './network-rules';
import { type IQueueConsumer, type QueueConsumerConfig } from '../queue/queue-consumer';
import { StepBacklogScaling } from './step-backlog-scaling';
import { TrackedBacklogScaling } from './tracked-backlog-scaling';
import { workerQueueConfig } from './worker-queue-config';

/** For what a program does beside its message when it ends, such as its delete. */
const STOP_MARGIN_SECONDS = 30;

const DEFAULTS = {
  cpu: 256,
  memoryLimitMiB: 512,
  cpuArchitecture: CpuArchitecture.X86_64,
  processingTime: Duration.minutes(1),
  minCapacity: 1,
  maxCapacity: 4,
  taskWarmup: Duration.minutes(2),
  scaling: BacklogScaling.steps([
    { depth: 100, add: 1 },
    { depth: 500, add: 2 },
    { depth: 1_000, add: 4 },
  ]),
};

const BIND_RULES: readonly Rule<{ bound: IQueue | undefined }>[] = [
  {
    id: 'Spillway-FargateConsumer-QueueAlreadyBound',
    broken: ({ bound }) => bound !== undefined,
    message: ({ bound }) =>
      `queue must be the only one of this consumer, but was a second one; the tasks know a single QUEUE_URL and consume ${bound?.node.path} already`,
  },
];

/**
 * A service of Fargate tasks that processes a queue's messages with a container of yours. It grows with the backlog of
 * the queue, and lets each task finish its message, within Fargate's 120 seconds, before it goes.
 *
 * @example
 * jobs.addConsumer(new FargateConsumer(this, 'Tasks', { vpc, image: ContainerImage.fromAsset('worker') }));
 */
export class FargateConsumer extends Construct implements IQueueConsumer, IGrantable, IConnectable {
  /** The cluster of the tasks: the one that was passed in, or the one that was created. */
  public readonly cluster: ICluster;

  /** What keeps the tasks running. */
  public readonly service: IFargateService;

  /** What each task is. Sidecars are added to it (`addContainer`). */
  // eslint-disable-next-line awscdk/no-construct-in-public-property-of-construct -- the interface has no addContainer
  public readonly taskDefinition: FargateTaskDefinition;

  /** What the program may do. */
  public readonly role: IRole;

  /** The principal that grants go to: the role. */
  public readonly grantPrincipal: IPrincipal;

  /** The network connections of the tasks; nothing may connect to them by default. */
  public readonly connections: Connections;

  private readonly props: FargateConsumerProps & typeof DEFAULTS;
  private queue?: IQueue;
  private stepScaling?: StepBacklogScaling;

  constructor(scope: Construct, id: string, props: FargateConsumerProps) {
    super(scope, id);
    checkProps(this, 'FargateConsumer', props, FARGATE_CONSUMER);
    this.props = withDefaults(props);
    enforce(this, this.props, [...FARGATE_CONSUMER_RULES, ...SCALING_RULES]);

    this.cluster =
      props.cluster ??
      new Cluster(this, 'Cluster', {
        vpc: props.vpc,
        enableFargateCapacityProviders: this.strategies !== undefined,
      });
    const { vpc } = this.cluster;
    const { vpcSubnets } = props;
    const needs = [...TASK_ENDPOINTS, ...(props.enableExecuteCommand ? COMMAND_ENDPOINTS : [])];
    if (props.createVpcEndpoints) createVpcEndpoints(this, { vpc, subnets: vpcSubnets }, needs);
    warnWithoutWayOut(this, { vpc, vpcSubnets, publicAddress: true, needs: servicesOf(needs) });
    const taskDefinition = this.createTaskDefinition();
    this.taskDefinition = taskDefinition;
    this.role = taskDefinition.taskRole;
    this.grantPrincipal = this.role;
    if (props.protectBusyTasks) this.allowProtection();
    const service = this.createService(taskDefinition);
    this.service = service;
    this.connections = service.connections;
    this.node.addValidation({
      validate: () => (this.queue === undefined ? ['consumes no queue: pass it to addConsumer of one'] : []),
    });
  }

  /** The alarm that adds tasks; undefined until a queue has this consumer, and with target tracking. */
  public get scaleOutAlarm(): IAlarm | undefined {
    return this.stepScaling?.scaleOutAlarm;
  }

  /** The alarm that removes tasks; undefined until a queue has this consumer, and with target tracking. */
  public get scaleInAlarm(): IAlarm | undefined {
    return this.stepScaling?.scaleInAlarm;
  }

  /**
   * How many tasks run. There is no data while none does.
   *
   * @default - number of samples in 1 minute
   */
  public metricRunningTasks(props?: MetricOptions): Metric {
    return tasksRunning(this.cluster, this.service).with({ ...props });
  }

  /** Lets the tasks consume the queue and scales the service on its backlog. */
  public bind(_scope: Construct, queue: IQueue): QueueConsumerConfig {
    enforce(this, { bound: this.queue }, BIND_RULES);
    this.queue = queue;
    const { scaling, processingTime, minCapacity } = this.props;
    QueueGrants.fromQueue(queue).consumeMessages(this.role);
    const target = fargateServiceTarget(this, this, this.props);
    if (scaling._steps !== undefined) {
      this.stepScaling = new StepBacklogScaling(this, 'Scaling', { target, queue, plan: scaling._steps });
    }
    if (scaling._target !== undefined) {
      new TrackedBacklogScaling(this, 'Scaling', { target, queue, plan: scaling._target, minCapacity });
    }
    return workerQueueConfig(processingTime);
  }

  private createTaskDefinition(): FargateTaskDefinition {
    const { cpu, memoryLimitMiB, cpuArchitecture, image, command, environment, secrets } = this.props;
    const taskDefinition = new FargateTaskDefinition(this, 'Task', {
      cpu,
      memoryLimitMiB,
      taskRole: this.props.role,
      ephemeralStorageGiB: this.props.ephemeralStorage?.toGibibytes(),
      runtimePlatform: { cpuArchitecture, operatingSystemFamily: OperatingSystemFamily.LINUX },
    });
    taskDefinition.addContainer('Worker', {
      image,
      command,
      environment: {
        QUEUE_URL: Lazy.string({ produce: () => this.queue?.queueUrl }),
        ...(this.props.protectBusyTasks ? { PROTECT_BUSY_TASK: 'true' } : {}),
        ...environment,
      },
      secrets,
      stopTimeout: this.stopTimeout(),
      healthCheck: this.props.healthCheck,
      logging: this.props.logging ?? this.toLogGroup(),
    });
    return taskDefinition;
  }

  private toLogGroup(): LogDriver {
    const logGroup =
      this.props.logGroup ??
      new LogGroup(this, 'Logs', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    return LogDriver.awsLogs({ logGroup, streamPrefix: 'worker' });
  }

  private get strategies(): CapacityProviderStrategy[] | undefined {
    const { spot, capacityProviderStrategies } = this.props;
    return spot ? [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] : capacityProviderStrategies;
  }

  private stopTimeout(): Duration {
    const { stopTimeout, processingTime, protectBusyTasks } = this.props;
    const wanted = processingTime.toSeconds() + STOP_MARGIN_SECONDS;
    const given = stopTimeout ?? Duration.seconds(Math.min(wanted, MAX_STOP));
    warn(this, { stopTimeout: given, processingTime, protectBusyTasks }, STOP_CAUTIONS);
    return given;
  }

  private allowProtection(): void {
    const tasks = Stack.of(this).formatArn({
      service: 'ecs',
      resource: 'task',
      resourceName: `${this.cluster.clusterName}/*`,
    });
    this.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['ecs:GetTaskProtection', 'ecs:UpdateTaskProtection'], resources: [tasks] }),
    );
  }

  private createService(taskDefinition: FargateTaskDefinition): FargateService {
    const { vpcSubnets, securityGroups, deploymentAlarms, enableExecuteCommand } = this.props;
    const { strategies } = this;
    const { vpc } = this.cluster;
    const service = new FargateService(this, 'Service', {
      cluster: this.cluster,
      taskDefinition, // no desired count: each deployment would reset what scaling has made of it
      vpcSubnets,
      // A task in a public subnet reaches the registry of its image with an address of its own only.
      assignPublicIp: vpc.selectSubnets(vpcSubnets).hasPublic,
      capacityProviderStrategies: strategies,
      securityGroups,
      enableExecuteCommand,
      deploymentAlarms: deploymentAlarms && { alarmNames: deploymentAlarms.map(({ alarmName }) => alarmName) },
      circuitBreaker: { rollback: true },
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
    });
    // ECS refuses a service whose provider its cluster hasn't yet, and takes none away from a cluster that still uses it.
    if (strategies !== undefined) service.node.addDependency(capacityProvidersOf(this.cluster));
    return service;
  }
}

/** What gives a cluster its capacity providers: CDK creates it last, when it has seen all of the app. */
function capacityProvidersOf({ node }: ICluster): IDependable {
  const dependable: IDependable = {};
  Dependable.implement(dependable, {
    get dependencyRoots() {
      return node.children.filter((child) => child instanceof CfnClusterCapacityProviderAssociations);
    },
  });
  return dependable;
}

function withDefaults(props: FargateConsumerProps): FargateConsumerProps & typeof DEFAULTS {
  return {
    ...props,
    cpu: props.cpu ?? DEFAULTS.cpu,
    memoryLimitMiB: props.memoryLimitMiB ?? DEFAULTS.memoryLimitMiB,
    cpuArchitecture: props.cpuArchitecture ?? DEFAULTS.cpuArchitecture,
    processingTime: props.processingTime ?? DEFAULTS.processingTime,
    minCapacity: props.minCapacity ?? DEFAULTS.minCapacity,
    maxCapacity: props.maxCapacity ?? DEFAULTS.maxCapacity,
    taskWarmup: props.taskWarmup ?? DEFAULTS.taskWarmup,
    scaling: props.scaling ?? DEFAULTS.scaling,
  };
}
