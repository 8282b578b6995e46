import { Token } from 'aws-cdk-lib/core';
import { isOutside, known, knownSeconds, type Rule } from '../rules';
import { type AutoScalingGroupConsumerProps } from './auto-scaling-group-consumer-props';

const MAX_PROCESSING = 43_200;
const MAX_WARMUP = 86_400;
const MINUTES_OF_A_DAY = 1_440;
/** AWS's limit on the steps of a policy. */
const MAX_STEPS = 20;

/** The variables that every worker gets. */
export const OWN_VARIABLES: readonly string[] = [
  'AWS_REGION',
  'QUEUE_URL',
  'AUTO_SCALING_GROUP_NAME',
  'LIFECYCLE_HOOK_NAME',
];

type Facts = AutoScalingGroupConsumerProps;
const steps = ({ scaling }: Facts) => scaling?._steps ?? [];
const badStep = (facts: Facts) =>
  steps(facts).find(({ depth, add }) => isOutside(known(depth), 1, Infinity) || isOutside(known(add), 1, Infinity));
const badVariable = ({ environment = {} }: Facts) =>
  Object.keys(environment).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || OWN_VARIABLES.includes(name));
const brokenValue = ({ environment = {} }: Facts) =>
  Object.entries(environment).find(([, value]) => !Token.isUnresolved(value) && /[\r\n]/.test(value))?.[0];

/** What can be judged from the props, defaults filled in. */
export const PROPS_RULES: readonly Rule<Facts>[] = [
  {
    id: 'Spillway-AutoScalingGroupConsumer-CapacityInvalid',
    broken: ({ minCapacity, maxCapacity }) =>
      isOutside(known(minCapacity), 0, Infinity) ||
      isOutside(known(maxCapacity), Math.max(1, known(minCapacity) ?? 0), Infinity),
    message: ({ minCapacity, maxCapacity }) =>
      `minCapacity, maxCapacity: got ${minCapacity} and ${maxCapacity}, allowed are whole numbers from 0, the second at least 1 and not below the first; EC2 Auto Scaling refuses others`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-StuckAtZero',
    broken: (facts) =>
      known(facts.minCapacity) === 0 && !steps(facts).some(({ depth }) => known(depth) === undefined || depth <= 1),
    message: (facts) =>
      `scaling: got a first step at depth ${Math.min(...steps(facts).map(({ depth }) => depth))}, allowed with a minCapacity of 0 is depth 1; a group without instances would leave fewer messages waiting for ever`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-StepsInvalid',
    broken: (facts) =>
      isOutside(steps(facts).length, 1, MAX_STEPS) ||
      badStep(facts) !== undefined ||
      new Set(steps(facts).map(({ depth }) => depth)).size < steps(facts).length,
    message: (facts) =>
      `scaling: got steps ${JSON.stringify(badStep(facts) ?? steps(facts))}, allowed are 1 to 20 steps of different depths, each of at least 1 message and 1 instance; EC2 Auto Scaling refuses overlapping steps`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-EmptyForOutOfRange',
    broken: ({ scaling }) => isOutside((knownSeconds(scaling?._emptyFor) ?? 60) / 60, 1, MINUTES_OF_A_DAY),
    message: ({ scaling }) =>
      `scaling.emptyFor: got ${scaling?._emptyFor.toHumanString()}, allowed are whole minutes from 1 to a day; CloudWatch refuses an alarm that looks back for longer`,
  },
  {
    id: 'Spillway-AutoScalingGroupConsumer-RemoveInvalid',
    broken: ({ scaling }) => isOutside(known(scaling?._remove), 1, Infinity),
    message: ({ scaling }) =>
      `scaling.remove: got ${scaling?._remove}, allowed are whole numbers from 1; with less the group would never shrink`,
  },
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
];
