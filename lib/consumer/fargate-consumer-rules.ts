import { type Duration } from 'aws-cdk-lib/core';
import { isOutside, known, knownGibibytes, knownSeconds, type Rule } from '../rules';
import { type FargateConsumerProps } from './fargate-consumer-props';

const MAX_PROCESSING = 43_200;
const MAX_WARMUP = 86_400;
const MIN_STOP = 2;
/** In seconds: Fargate kills what takes longer. */
export const MAX_STOP = 120;
const MIN_STORAGE = 21;
const MAX_STORAGE = 200;
const MAX_SECURITY_GROUPS = 5;
const PROVIDERS: readonly string[] = ['FARGATE', 'FARGATE_SPOT'];
const GIBIBYTE = 1_024;

const every = (step: number, from: number, to: number): number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);

/** The memory that Fargate has for each amount of CPU, in MiB. */
const MEMORY: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, GIBIBYTE, 2 * GIBIBYTE]],
  [512, every(GIBIBYTE, GIBIBYTE, 4 * GIBIBYTE)],
  [1_024, every(GIBIBYTE, 2 * GIBIBYTE, 8 * GIBIBYTE)],
  [2_048, every(GIBIBYTE, 4 * GIBIBYTE, 16 * GIBIBYTE)],
  [4_096, every(GIBIBYTE, 8 * GIBIBYTE, 30 * GIBIBYTE)],
  [8_192, every(4 * GIBIBYTE, 16 * GIBIBYTE, 60 * GIBIBYTE)],
  [16_384, every(8 * GIBIBYTE, 32 * GIBIBYTE, 120 * GIBIBYTE)],
  [32_768, [60 * GIBIBYTE, 120 * GIBIBYTE, 244 * GIBIBYTE]],
]);

/** The variables that tasks get. */
export const OWN_TASK_VARIABLES: readonly string[] = ['QUEUE_URL', 'PROTECT_BUSY_TASK'];

type Facts = FargateConsumerProps & { readonly cpu: number; readonly memoryLimitMiB: number };
const providers = ({ capacityProviderStrategies }: Facts) =>
  capacityProviderStrategies?.map(({ capacityProvider }) => capacityProvider);
const ownVariable = ({ environment = {}, secrets = {} }: Facts) =>
  [...Object.keys(environment), ...Object.keys(secrets)].find((name) => OWN_TASK_VARIABLES.includes(name));
const twice = ({ environment = {}, secrets = {} }: Facts) => Object.keys(environment).find((name) => name in secrets);

function hasMemory({ cpu, memoryLimitMiB }: Facts): boolean {
  if (known(cpu) === undefined || known(memoryLimitMiB) === undefined) return true;
  return MEMORY.get(cpu)?.includes(memoryLimitMiB) === true;
}

/** What can be judged from the props, defaults filled in. */
export const FARGATE_CONSUMER_RULES: readonly Rule<Facts>[] = [
  {
    id: 'Spillway-FargateConsumer-NetworkInvalid',
    broken: ({ vpc, cluster }) => (vpc === undefined) === (cluster === undefined),
    message: ({ vpc }) =>
      `vpc or cluster must be given, and not both, but ${vpc === undefined ? 'neither was' : 'both were'}; a cluster has a VPC, and its tasks can be in no other`,
  },
  {
    id: 'Spillway-FargateConsumer-TaskSizeInvalid',
    broken: (facts) => !hasMemory(facts),
    message: ({ cpu, memoryLimitMiB }) =>
      `cpu and memoryLimitMiB must be 256 with 512, 1024 or 2048; 512 with 1024 to 4096; 1024 with 2048 to 8192; 2048 with 4096 to 16384; 4096 with 8192 to 30720, all in steps of 1024; 8192 with 16384 to 61440 in steps of 4096; 16384 with 32768 to 122880 in steps of 8192; 32768 with 61440, 122880 or 249856; but were ${cpu} and ${memoryLimitMiB}. Fargate has no other tasks`,
  },
  {
    id: 'Spillway-FargateConsumer-ProcessingTimeOutOfRange',
    broken: ({ processingTime }) => isOutside(knownSeconds(processingTime), 1, MAX_PROCESSING),
    message: ({ processingTime }) =>
      `processingTime must be between 1 second and 12 hours, in whole seconds, but was ${processingTime?.toHumanString()}; SQS keeps no message invisible for longer`,
  },
  {
    id: 'Spillway-FargateConsumer-StopTimeoutOutOfRange',
    broken: ({ stopTimeout }) => isOutside(knownSeconds(stopTimeout), MIN_STOP, MAX_STOP),
    message: ({ stopTimeout }) =>
      `stopTimeout must be between 2 and 120 seconds, in whole seconds, but was ${stopTimeout?.toHumanString()}; Fargate kills a task after that at the latest`,
  },
  {
    id: 'Spillway-FargateConsumer-WarmupOutOfRange',
    broken: ({ taskWarmup }) => isOutside(knownSeconds(taskWarmup), 0, MAX_WARMUP),
    message: ({ taskWarmup }) =>
      `taskWarmup must be between 0 seconds and 1 day, in whole seconds, but was ${taskWarmup?.toHumanString()}`,
  },
  {
    id: 'Spillway-FargateConsumer-SpotAndStrategies',
    broken: ({ spot, capacityProviderStrategies }) => spot === true && capacityProviderStrategies !== undefined,
    message: () =>
      'spot and capacityProviderStrategies must not both be given; spot is the strategy of FARGATE_SPOT alone',
  },
  {
    id: 'Spillway-FargateConsumer-StrategiesInvalid',
    broken: (facts) => providers(facts)?.every((provider) => PROVIDERS.includes(provider)) === false,
    message: (facts) =>
      `capacityProviderStrategies must be of ${PROVIDERS.join(' and ')}, but had ${providers(facts)?.join(', ')}; the task definition is one of Fargate, and ECS refuses other providers`,
  },
  {
    id: 'Spillway-FargateConsumer-LogGroupAndLogging',
    broken: ({ logGroup, logging }) => logGroup !== undefined && logging !== undefined,
    message: () =>
      'logGroup and logging must not both be given; logging is in place of the driver that writes to logGroup',
  },
  {
    id: 'Spillway-FargateConsumer-SecurityGroupsInvalid',
    broken: ({ securityGroups }) => isOutside(securityGroups?.length, 1, MAX_SECURITY_GROUPS),
    message: ({ securityGroups }) =>
      `securityGroups must have 1 to 5 groups, but had ${securityGroups?.length}; ECS allows a task no more`,
  },
  {
    id: 'Spillway-FargateConsumer-StorageOutOfRange',
    broken: ({ ephemeralStorage }) => isOutside(knownGibibytes(ephemeralStorage), MIN_STORAGE, MAX_STORAGE),
    message: ({ ephemeralStorage }) =>
      `ephemeralStorage must be between 21 and 200 GiB, in whole GiB, but was ${knownGibibytes(ephemeralStorage)} GiB; Fargate has 20 GiB without it, and no more than 200`,
  },
  {
    id: 'Spillway-FargateConsumer-VariableInvalid',
    broken: (facts) => (ownVariable(facts) ?? twice(facts)) !== undefined,
    message: (facts) =>
      `environment and secrets must have each name once, and not ${OWN_TASK_VARIABLES.join(' or ')}, which every task has, but had ${ownVariable(facts) ?? `${twice(facts)} in both`}; ECS refuses a name that is in both`,
  },
];

/** What becomes of a message when its task has to go. */
export interface StopFacts {
  /** The given one, or the default. */
  readonly stopTimeout: Duration;
  /** The longest that a message may take. */
  readonly processingTime: Duration;
  /** Whether the program protects its task while it works. */
  readonly protectBusyTasks?: boolean;
}

/** What works, but not as one would wish. */
export const STOP_CAUTIONS: readonly Rule<StopFacts>[] = [
  {
    id: 'Spillway-FargateConsumer-StopTimeoutTooShort',
    broken: ({ stopTimeout, processingTime, protectBusyTasks }) =>
      protectBusyTasks !== true && (knownSeconds(stopTimeout) ?? Infinity) < (knownSeconds(processingTime) ?? 0),
    message: ({ stopTimeout, processingTime }) =>
      `stopTimeout should be as long as a message may take (${processingTime.toHumanString()}), but was ${stopTimeout.toHumanString()}; otherwise set protectBusyTasks, with a program that protects its task: scale-in and deployments cut a message short, and it starts anew after its visibility timeout`,
  },
];
