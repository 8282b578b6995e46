import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EbsDeviceVolumeType } from 'aws-cdk-lib/aws-ec2';
import { Token } from 'aws-cdk-lib/core';
import { isOutside, known, knownGibibytes, knownSeconds, type Rule } from '../rules';
import { type AutoScalingGroupConsumerProps } from './auto-scaling-group-consumer-props';
import { UNSUPPORTED_NODE_VERSIONS } from './node-version';
import { type WorkerProgram } from './worker-program';

const MAX_PROCESSING = 43_200;
const MAX_WARMUP = 86_400;
const MIN_HOOK = 30;
const MAX_HOOK = 7_200;
const MIN_VOLUME = 8;
const MAX_VOLUME = 65_536;
const VOLUME_TYPES: readonly EbsDeviceVolumeType[] = [
  EbsDeviceVolumeType.GP3,
  EbsDeviceVolumeType.GP2,
  EbsDeviceVolumeType.STANDARD,
];
const MAX_SECURITY_GROUPS = 5;
const MIN_LIFETIME = 86_400;
const MAX_LIFETIME = 31_536_000;
const MAX_REFRESH_ALARMS = 10;
const MAX_REFRESH_WAIT = 172_800;
const MAX_PERCENTAGE = 100;
const MAX_HEALTHY_PERCENTAGE = 200;
/** EC2 Auto Scaling allows 40 overrides of a launch template; `instanceType` is one of them. */
const MAX_OTHER_TYPES = 39;
export const REFRESH_DEFAULTS = { minHealthyPercentage: 100, maxHealthyPercentage: 110 };

/** The variables that every worker gets. */
export const OWN_VARIABLES: readonly string[] = [
  'AWS_REGION',
  'QUEUE_URL',
  'AUTO_SCALING_GROUP_NAME',
  'LIFECYCLE_HOOK_NAME',
  'PROTECT_BUSY_INSTANCE',
];

type Facts = AutoScalingGroupConsumerProps &
  Required<Pick<AutoScalingGroupConsumerProps, 'instanceType' | 'maxCapacity'>>;
const foreignType = ({ instanceType, spot }: Facts) =>
  spot?.otherInstanceTypes?.find(({ architecture }) => architecture !== instanceType.architecture);
const refresh = ({ instanceRefresh }: Facts) => ({ ...REFRESH_DEFAULTS, ...instanceRefresh });
const badVariable = ({ environment = {} }: Facts) =>
  Object.keys(environment).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || OWN_VARIABLES.includes(name));
const brokenValue = ({ environment = {} }: Facts) =>
  Object.entries(environment).find(([, value]) => !Token.isUnresolved(value) && /[\r\n]/.test(value))?.[0];

function programFault({ _assetPath: path, _entry: entry }: WorkerProgram): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'which does not exist';
  if (!stats.isDirectory()) return /\.(zip|jar)$/.test(path) ? undefined : 'which is a file';
  return entry === undefined || existsSync(join(path, entry)) ? undefined : `a folder without ${entry}`;
}

/** What can be judged from the props, defaults filled in. */
export const PROPS_RULES: readonly Rule<Facts>[] = [
  {
    id: 'Spillway-AutoScalingGroupConsumer-ProcessingTimeOutOfRange',
    broken: ({ processingTime }) => isOutside(knownSeconds(processingTime), 1, MAX_PROCESSING),
    message: ({ processingTime }) =>
      `processingTime must be between 1 second and 12 hours, in whole seconds, but was ${processingTime?.toHumanString()}; SQS keeps no message invisible for longer`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-WarmupOutOfRange',
    broken: ({ instanceWarmup }) => isOutside(knownSeconds(instanceWarmup), 0, MAX_WARMUP),
    message: ({ instanceWarmup }) =>
      `instanceWarmup must be between 0 seconds and 1 day, in whole seconds, but was ${instanceWarmup?.toHumanString()}`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-LaunchTimeoutOutOfRange',
    broken: ({ launchTimeout }) => isOutside(knownSeconds(launchTimeout), MIN_HOOK, MAX_HOOK),
    message: ({ launchTimeout }) =>
      `launchTimeout must be between 30 seconds and 2 hours, in whole seconds, but was ${launchTimeout?.toHumanString()}; EC2 Auto Scaling refuses others`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-VolumeSizeOutOfRange',
    broken: ({ volumeSize }) => isOutside(knownGibibytes(volumeSize), MIN_VOLUME, MAX_VOLUME),
    message: ({ volumeSize }) =>
      `volumeSize must be between 8 GiB, the size of the image, and 64 TiB, in whole GiB, but was ${knownGibibytes(volumeSize)} GiB; EC2 starts no instance with another`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-VolumeTypeInvalid',
    broken: ({ volumeType }) => volumeType !== undefined && !VOLUME_TYPES.includes(volumeType),
    message: ({ volumeType }) =>
      `volumeType must be one of ${VOLUME_TYPES.join(', ')}, but was ${volumeType}; the others can't be the root volume, or need a number of IOPS`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-SecurityGroupsInvalid',
    broken: ({ securityGroups }) => isOutside(securityGroups?.length, 1, MAX_SECURITY_GROUPS),
    message: ({ securityGroups }) =>
      `securityGroups must have 1 to 5 groups, but had ${securityGroups?.length}; EC2 allows an interface no more`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-LifetimeOutOfRange',
    broken: ({ maxInstanceLifetime }) => isOutside(knownSeconds(maxInstanceLifetime), MIN_LIFETIME, MAX_LIFETIME),
    message: ({ maxInstanceLifetime }) =>
      `maxInstanceLifetime must be between 1 and 365 days, in whole seconds, but was ${maxInstanceLifetime?.toHumanString()}; EC2 Auto Scaling refuses others`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-RefreshAlarmsInvalid',
    broken: ({ instanceRefresh }) => isOutside(instanceRefresh?.alarms?.length, 1, MAX_REFRESH_ALARMS),
    message: ({ instanceRefresh }) =>
      `instanceRefresh.alarms must have 1 to 10 alarms, but had ${instanceRefresh?.alarms?.length}; EC2 Auto Scaling refuses more`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-RefreshWaitOutOfRange',
    broken: ({ instanceRefresh: { bakeTime, checkpointDelay } = {} }) =>
      [bakeTime, checkpointDelay].some((wait) => isOutside(knownSeconds(wait), 0, MAX_REFRESH_WAIT)),
    message: ({ instanceRefresh: { bakeTime, checkpointDelay } = {} }) =>
      `instanceRefresh.bakeTime and instanceRefresh.checkpointDelay must be between 0 seconds and 2 days, in whole seconds, but were ${bakeTime?.toHumanString()} and ${checkpointDelay?.toHumanString()}; EC2 Auto Scaling refuses others`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-CheckpointsInvalid',
    broken: ({ instanceRefresh: { checkpointPercentages: all, checkpointDelay } = {} }) =>
      all === undefined
        ? checkpointDelay !== undefined
        : all.length === 0 ||
          all.some((one, index) => isOutside(known(one), (all[index - 1] ?? 0) + 1, MAX_PERCENTAGE)),
    message: ({ instanceRefresh: { checkpointPercentages: all } = {} }) =>
      `instanceRefresh.checkpointPercentages must be whole numbers from 1 to 100, each above the one before it, and be given with instanceRefresh.checkpointDelay, but was ${JSON.stringify(all)}; EC2 Auto Scaling refuses others`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-VariableInvalid',
    broken: (facts) => badVariable(facts) !== undefined,
    message: (facts) =>
      `environment must use names of letters, digits and '_', other than ${OWN_VARIABLES.join(', ')}, which every worker has, but had ${badVariable(facts)}`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-ValueInvalid',
    broken: (facts) => brokenValue(facts) !== undefined,
    message: (facts) =>
      `environment must have values of a single line, but ${brokenValue(facts)} has a line break; systemd would read the rest as another setting`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-CommandInvalid',
    broken: ({ worker: { _command: command } }) =>
      command.length === 0 || !command[0].startsWith('/') || command.some((argument) => /[\r\n]/.test(argument)),
    message: ({ worker: { _command: command } }) =>
      `worker must have a command that is the absolute path of a program and its arguments, without line breaks, but was ${JSON.stringify(command)}; systemd starts no other`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-ProgramInvalid',
    broken: ({ worker }) => programFault(worker) !== undefined,
    message: ({ worker }) =>
      `worker must be a folder${worker._entry === undefined ? '' : ` with ${worker._entry}`}, or a zip file of one, but was '${worker._assetPath}', ${programFault(worker)}; instances would have nothing to start`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-SpotTypesInvalid',
    broken: (facts) => (facts.spot?.otherInstanceTypes?.length ?? 0) > MAX_OTHER_TYPES,
    message: ({ spot }) =>
      `spot.otherInstanceTypes must have at most 39 types, but had ${spot?.otherInstanceTypes?.length}; EC2 Auto Scaling refuses more`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-SpotArchitecturesDiffer',
    broken: (facts) => foreignType(facts) !== undefined,
    message: (facts) =>
      `spot.otherInstanceTypes must have the architecture of ${facts.instanceType.toString()} (${facts.instanceType.architecture}), but had ${foreignType(facts)?.toString()}; EC2 can't start the group's image on it`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-OnDemandBaseInvalid',
    broken: ({ spot, maxCapacity }) => isOutside(known(spot?.onDemandBaseCapacity), 0, known(maxCapacity) ?? Infinity),
    message: ({ spot, maxCapacity }) =>
      `spot.onDemandBaseCapacity must be a whole number between 0 and maxCapacity (${maxCapacity}), but was ${spot?.onDemandBaseCapacity}; EC2 Auto Scaling refuses less, and with more no instance would ever be spot`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-OnDemandPercentageOutOfRange',
    broken: ({ spot }) => isOutside(known(spot?.onDemandPercentage), 0, MAX_PERCENTAGE),
    message: ({ spot }) =>
      `spot.onDemandPercentage must be a whole number between 0 and 100, but was ${spot?.onDemandPercentage}; EC2 Auto Scaling refuses others`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-WarmPoolWithSpot',
    broken: ({ spot, warmPool }) => spot !== undefined && warmPool !== undefined,
    message: () =>
      'warmPool and spot must not both be given; EC2 Auto Scaling keeps no warm pool for groups with spot or mixed instances',
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-WarmPoolSizeInvalid',
    broken: ({ warmPool }) =>
      isOutside(known(warmPool?.minSize), 0, Infinity) ||
      isOutside(known(warmPool?.maxPreparedCapacity), Math.max(1, known(warmPool?.minSize) ?? 0), Infinity),
    message: ({ warmPool }) =>
      `warmPool.minSize and warmPool.maxPreparedCapacity must be whole numbers, from 0 and from 1, the second not below the first, but were ${warmPool?.minSize} and ${warmPool?.maxPreparedCapacity}; EC2 Auto Scaling refuses others`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-RefreshPercentagesInvalid',
    broken: (facts) => {
      const { minHealthyPercentage: min, maxHealthyPercentage: max } = refresh(facts);
      return (
        isOutside(known(min), 0, MAX_PERCENTAGE) ||
        isOutside(known(max), MAX_PERCENTAGE, Math.min((known(min) ?? MAX_PERCENTAGE) + 100, MAX_HEALTHY_PERCENTAGE))
      );
    },
    message: (facts) =>
      `instanceRefresh must have a minHealthyPercentage between 0 and 100 and a maxHealthyPercentage between 100 and 200, at most 100 apart, but had ${refresh(facts).minHealthyPercentage} and ${refresh(facts).maxHealthyPercentage}; EC2 Auto Scaling refuses others`,
  },
];

const endOfSupport = ({ worker }: Facts) => UNSUPPORTED_NODE_VERSIONS.get(worker._nodeVersion ?? '');

/** What works, but not for long. */
export const ADVICE: readonly Rule<Facts>[] = [
  {
    id: 'Spillway-AutoScalingGroupConsumer-NodeVersionUnsupported',
    broken: (facts) => endOfSupport(facts) !== undefined,
    message: (facts) =>
      `worker should use Node.js 22 or 24, but was given Node.js ${facts.worker._nodeVersion}; it has had no security updates since ${endOfSupport(facts)}`,
  },
];
