import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Token } from 'aws-cdk-lib/core';
import { isOutside, known, knownSeconds, type Rule } from '../rules';
import { type AutoScalingGroupConsumerProps } from './auto-scaling-group-consumer-props';
import { type WorkerProgram } from './worker-program';

const MAX_PROCESSING = 43_200;
const MAX_WARMUP = 86_400;
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
      `processingTime: got ${processingTime?.toHumanString()}, allowed are whole seconds from 1 to 12 hours; SQS keeps no message invisible for longer`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-WarmupOutOfRange',
    broken: ({ instanceWarmup }) => isOutside(knownSeconds(instanceWarmup), 0, MAX_WARMUP),
    message: ({ instanceWarmup }) =>
      `instanceWarmup: got ${instanceWarmup?.toHumanString()}, allowed are whole seconds from 0 to a day`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-VariableInvalid',
    broken: (facts) => badVariable(facts) !== undefined,
    message: (facts) =>
      `environment: got ${badVariable(facts)}, allowed are names of letters, digits and '_', except ${OWN_VARIABLES.join(', ')}, which are set for every worker`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-ValueInvalid',
    broken: (facts) => brokenValue(facts) !== undefined,
    message: (facts) =>
      `environment: the value of ${brokenValue(facts)} has a line break, allowed is a single line; systemd would take the rest for another setting`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-CommandInvalid',
    broken: ({ worker: { _command: command } }) =>
      command.length === 0 || !command[0].startsWith('/') || command.some((argument) => /[\r\n]/.test(argument)),
    message: ({ worker: { _command: command } }) =>
      `worker: got the command ${JSON.stringify(command)}, allowed is the absolute path of a program and its arguments, without line breaks; systemd starts no other`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-ProgramInvalid',
    broken: ({ worker }) => programFault(worker) !== undefined,
    message: ({ worker }) =>
      `worker: got '${worker._assetPath}', ${programFault(worker)}, allowed is a folder${worker._entry === undefined ? '' : ` with ${worker._entry}`}, or a zip file of one; instances would have nothing to start`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-SpotTypesInvalid',
    broken: (facts) => (facts.spot?.otherInstanceTypes?.length ?? 0) > MAX_OTHER_TYPES,
    message: ({ spot }) =>
      `spot.otherInstanceTypes: got ${spot?.otherInstanceTypes?.length} types, allowed are up to 39; EC2 Auto Scaling refuses more`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-SpotArchitecturesDiffer',
    broken: (facts) => foreignType(facts) !== undefined,
    message: (facts) =>
      `spot.otherInstanceTypes: got ${foreignType(facts)?.toString()}, allowed are types of the architecture of ${facts.instanceType.toString()} (${facts.instanceType.architecture}); EC2 could not start the group's image on it`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-OnDemandBaseInvalid',
    broken: ({ spot, maxCapacity }) => isOutside(known(spot?.onDemandBaseCapacity), 0, known(maxCapacity) ?? Infinity),
    message: ({ spot, maxCapacity }) =>
      `spot.onDemandBaseCapacity: got ${spot?.onDemandBaseCapacity}, allowed are whole numbers from 0 to maxCapacity (${maxCapacity}); EC2 Auto Scaling refuses less, and with more no instance would ever be spot`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-OnDemandPercentageOutOfRange',
    broken: ({ spot }) => isOutside(known(spot?.onDemandPercentage), 0, MAX_PERCENTAGE),
    message: ({ spot }) =>
      `spot.onDemandPercentage: got ${spot?.onDemandPercentage}, allowed are whole numbers from 0 to 100; EC2 Auto Scaling refuses others`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-WarmPoolWithSpot',
    broken: ({ spot, warmPool }) => spot !== undefined && warmPool !== undefined,
    message: () =>
      'warmPool: got one beside spot, allowed is one of the two; EC2 Auto Scaling keeps no warm pool for groups with spot or mixed instances',
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-WarmPoolSizeInvalid',
    broken: ({ warmPool }) =>
      isOutside(known(warmPool?.minSize), 0, Infinity) ||
      isOutside(known(warmPool?.maxPreparedCapacity), Math.max(1, known(warmPool?.minSize) ?? 0), Infinity),
    message: ({ warmPool }) =>
      `warmPool.minSize, warmPool.maxPreparedCapacity: got ${warmPool?.minSize} and ${warmPool?.maxPreparedCapacity}, allowed are whole numbers from 0, the second at least 1 and not below the first; EC2 Auto Scaling refuses others`,
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
      `instanceRefresh: got minHealthyPercentage ${refresh(facts).minHealthyPercentage} and maxHealthyPercentage ${refresh(facts).maxHealthyPercentage}, allowed are 0 to 100 and 100 to 200, at most 100 apart; EC2 Auto Scaling refuses others`,
  },
];
