import { EbsDeviceVolumeType } from 'aws-cdk-lib/aws-ec2';
import {
  computed,
  duration,
  FLAG,
  KEY,
  like,
  list,
  map,
  NUMBER,
  OBJECT,
  oneOf,
  type PropType,
  required,
  type Shape,
  SIZE,
  struct,
  TEXT,
  VPC,
} from '../rules';
import { type AutoScalingGroupConsumerProps } from './auto-scaling-group-consumer-props';
import { type StepsPlan, type TargetPlan } from './backlog-plan';
import { type BacklogScaling, type BacklogStep } from './backlog-scaling';
import { type FargateConsumerProps } from './fargate-consumer-props';
import { type InstanceRefreshOptions } from './instance-refresh-options';
import { type LambdaConsumerProps, type ProvisionedPollers } from './lambda-consumer-props';
import { type SpotOptions } from './spot-options';
import { type WarmPoolOptions } from './warm-pool-options';
import { type WorkerProgram } from './worker-program';

/** A function of the L2. */
export const FUNCTION = like('a function (IFunction)', 'functionArn', 'addEventSourceMapping');
/** Patterns for an event source mapping. */
export const FILTERS = list(like("a MessageFilter, such as MessageFilter.json({ kind: ['paid'] })", '_patternOf'));

const SECURITY_GROUP = like('a security group (ISecurityGroup)', 'securityGroupId', 'connections');
const ALARM = like('an alarm (IAlarm)', 'alarmArn', 'alarmName');
const ROLE = like('a role (IRole)', 'roleArn', 'addToPrincipalPolicy');

const POLLERS: Shape<ProvisionedPollers> = { minimum: NUMBER, maximum: NUMBER };

/** Of a LambdaConsumer. */
export const LAMBDA_CONSUMER: Shape<LambdaConsumerProps> = {
  batchSize: NUMBER,
  maxBatchingWindow: duration(),
  maxConcurrency: NUMBER,
  provisionedPollers: struct(POLLERS, 'an object with minimum and maximum'),
  filters: FILTERS,
  filterEncryption: KEY,
  reportBatchItemFailures: FLAG,
  eventMetrics: FLAG,
  enabled: FLAG,
  functionTimeout: duration(),
};

/** Bounds and thresholds are computed from it. */
const STEP: Shape<BacklogStep> = { depth: required(computed(NUMBER)), add: required(NUMBER) };
const STEPS_PLAN: Shape<StepsPlan> = {
  steps: required(list(struct(STEP, 'an object with depth and add'))),
  emptyFor: computed(duration('Duration.minutes(5)')),
  remove: computed(NUMBER),
};
/** The backlog per worker is computed from it. */
const TARGET_PLAN: Shape<TargetPlan> = {
  acceptableLatency: required(computed(duration('Duration.minutes(10)'))),
  processingTime: required(computed(duration())),
  concurrency: computed(NUMBER),
};
const SCALING: PropType = {
  ...like('a BacklogScaling, such as BacklogScaling.steps([{ depth: 100, add: 1 }])', '_steps', '_target'),
  parts: (value) => {
    const { _steps, _target } = value as BacklogScaling;
    return [
      ...(_steps === undefined ? [] : (struct(STEPS_PLAN).parts?.(_steps) ?? [])),
      ...(_target === undefined ? [] : (struct(TARGET_PLAN).parts?.(_target) ?? [])),
    ];
  },
};

const WORKER: PropType = {
  ...like("a WorkerProgram, such as WorkerProgram.node('dist/worker')", '_assetPath', '_command'),
  parts: (value) => {
    const { _assetPath, _command, _setup } = value as WorkerProgram;
    return [
      { suffix: '.assetPath', value: _assetPath, type: required(TEXT) },
      { suffix: '.command', value: _command, type: required(list(TEXT)) },
      { suffix: '.setup', value: _setup, type: list(TEXT) },
    ];
  },
};
const INSTANCE_TYPE = like("an InstanceType, such as new InstanceType('t4g.small')", 'architecture');
const SPOT: Shape<SpotOptions> = {
  otherInstanceTypes: list(INSTANCE_TYPE),
  onDemandBaseCapacity: NUMBER,
  onDemandPercentage: NUMBER,
  capacityRebalance: FLAG,
};
const WARM_POOL: Shape<WarmPoolOptions> = { minSize: NUMBER, maxPreparedCapacity: NUMBER };
const REFRESH: Shape<InstanceRefreshOptions> = {
  minHealthyPercentage: NUMBER,
  maxHealthyPercentage: NUMBER,
  alarms: list(ALARM),
  bakeTime: duration(),
  checkpointPercentages: list(NUMBER),
  checkpointDelay: duration(),
};

/** Of an AutoScalingGroupConsumer. Time-outs are computed from the processing time. */
export const AUTO_SCALING_GROUP_CONSUMER: Shape<AutoScalingGroupConsumerProps> = {
  vpc: required(VPC),
  vpcSubnets: OBJECT,
  instanceType: INSTANCE_TYPE,
  machineImage: like('an image (IMachineImage), such as MachineImage.latestAmazonLinux2023()', 'getImage'),
  volumeSize: computed(SIZE),
  volumeType: oneOf('EbsDeviceVolumeType', EbsDeviceVolumeType),
  securityGroups: list(SECURITY_GROUP),
  role: ROLE,
  keyPair: like('a key pair (IKeyPair)', 'keyPairName'),
  maxInstanceLifetime: computed(duration('Duration.hours(24)')),
  createVpcEndpoints: computed(FLAG),
  worker: required(WORKER),
  environment: map(TEXT),
  processingTime: computed(duration('Duration.minutes(5)')),
  minCapacity: NUMBER,
  maxCapacity: NUMBER,
  scaling: SCALING,
  instanceWarmup: duration('Duration.minutes(2)'),
  launchTimeout: duration(),
  protectBusyInstances: computed(FLAG),
  spot: struct(SPOT, 'an object of spot options, such as {}'),
  warmPool: struct(WARM_POOL, 'an object of warm pool options, such as {}'),
  instanceRefresh: struct(REFRESH, 'an object of refresh options, such as {}'),
  ssmSessionPermissions: computed(FLAG),
};

/** Of a FargateConsumer. Time-outs are computed from the processing time. */
export const FARGATE_CONSUMER: Shape<FargateConsumerProps> = {
  image: required(like("an image (ContainerImage), such as ContainerImage.fromAsset('worker')", 'bind')),
  vpc: VPC,
  cluster: like('a cluster (ICluster)', 'clusterArn', 'vpc'),
  vpcSubnets: OBJECT,
  createVpcEndpoints: computed(FLAG),
  command: list(TEXT),
  cpu: NUMBER,
  memoryLimitMiB: NUMBER,
  cpuArchitecture: like('a CpuArchitecture, such as CpuArchitecture.ARM64', '_cpuArchitecture'),
  environment: map(TEXT),
  secrets: map(like('a Secret of aws-ecs, such as Secret.fromSecretsManager(secret)', 'grantRead')),
  processingTime: computed(duration('Duration.minutes(1)')),
  minCapacity: NUMBER,
  maxCapacity: NUMBER,
  scaling: SCALING,
  taskWarmup: duration('Duration.minutes(2)'),
  stopTimeout: duration(),
  capacityProviderStrategies: list(like('a CapacityProviderStrategy', 'capacityProvider')),
  logging: like('a log driver, such as LogDrivers.firelens({})', 'bind'),
  role: ROLE,
  securityGroups: list(SECURITY_GROUP),
  ephemeralStorage: computed(SIZE),
  healthCheck: like("a HealthCheck, such as { command: ['CMD', '/healthy'] }", 'command'),
  deploymentAlarms: list(ALARM),
  enableExecuteCommand: computed(FLAG),
  protectBusyTasks: computed(FLAG),
  spot: computed(FLAG),
  logGroup: like('a log group (ILogGroup)', 'logGroupName'),
};
