import { type Duration } from 'aws-cdk-lib/core';
import { isOutside, known, knownSeconds, type Rule } from '../rules';
import { type BacklogScaling } from './backlog-scaling';

const MINUTES_OF_A_DAY = 1_440;
/** AWS's limit on the steps of a policy. */
const MAX_STEPS = 20;

/** What a consumer that scales knows of itself. */
export interface ScalingFacts {
  /** Defaults filled in. */
  readonly minCapacity: number;
  /** Defaults filled in. */
  readonly maxCapacity: number;
  /** The longest that a message may take. */
  readonly processingTime: Duration;
  /** Defaults filled in. */
  readonly scaling: BacklogScaling;
}

const steps = ({ scaling }: ScalingFacts) => scaling._steps?.steps;
const badStep = (facts: ScalingFacts) =>
  steps(facts)?.find(({ depth, add }) => isOutside(known(depth), 1, Infinity) || isOutside(known(add), 1, Infinity));
const longer = (one: Duration | undefined, other: Duration | undefined) =>
  (knownSeconds(one) ?? 0) > (knownSeconds(other) ?? Infinity);

/** What a number of workers and the way to scale them must agree on. */
export const SCALING_RULES: readonly Rule<ScalingFacts>[] = [
  {
    id: 'Spillway-BacklogScaling-CapacityInvalid',
    broken: ({ minCapacity, maxCapacity }) =>
      isOutside(known(minCapacity), 0, Infinity) ||
      isOutside(known(maxCapacity), Math.max(1, known(minCapacity) ?? 0), Infinity),
    message: ({ minCapacity, maxCapacity }) =>
      `minCapacity and maxCapacity must be whole numbers, from 0 and from 1, the second not below the first, but were ${minCapacity} and ${maxCapacity}; Auto Scaling refuses others`,
  },
  {
    id: 'Spillway-BacklogScaling-StuckAtZero',
    broken: (facts) =>
      known(facts.minCapacity) === 0 &&
      steps(facts)?.some(({ depth }) => known(depth) === undefined || depth <= 1) === false,
    message: (facts) =>
      `scaling must have a first step at depth 1 if minCapacity is 0, but it was at depth ${Math.min(...(steps(facts) ?? []).map(({ depth }) => depth))}; without workers fewer messages would wait for ever`,
  },
  {
    id: 'Spillway-BacklogScaling-StepsInvalid',
    broken: (facts) =>
      isOutside(steps(facts)?.length, 1, MAX_STEPS) ||
      badStep(facts) !== undefined ||
      new Set(steps(facts)?.map(({ depth }) => depth)).size < (steps(facts)?.length ?? 0),
    message: (facts) =>
      `scaling must have 1 to 20 steps of different depths, each of at least 1 message and 1 worker, but had ${JSON.stringify(badStep(facts) ?? steps(facts))}; Auto Scaling refuses overlapping steps`,
  },
  {
    id: 'Spillway-BacklogScaling-EmptyForOutOfRange',
    broken: ({ scaling }) => isOutside((knownSeconds(scaling._steps?.emptyFor) ?? 60) / 60, 1, MINUTES_OF_A_DAY),
    message: ({ scaling }) =>
      `scaling.emptyFor must be between 1 minute and 1 day, in whole minutes, but was ${scaling._steps?.emptyFor.toHumanString()}; CloudWatch refuses an alarm that looks back for longer`,
  },
  {
    id: 'Spillway-BacklogScaling-RemoveInvalid',
    broken: ({ scaling }) => isOutside(known(scaling._steps?.remove), 1, Infinity),
    message: ({ scaling }) =>
      `scaling.remove must be a whole number of 1 or more, but was ${scaling._steps?.remove}; with less nothing would ever shrink`,
  },
  {
    id: 'Spillway-BacklogScaling-AverageInvalid',
    broken: ({ scaling, processingTime }) => {
      const average = scaling._target?.processingTime;
      return (knownSeconds(average) ?? 1) <= 0 || longer(average, processingTime);
    },
    message: ({ scaling, processingTime }) =>
      `scaling.processingTime must be above 0 and at most the consumer's processingTime (${processingTime.toHumanString()}), but was ${scaling._target?.processingTime.toHumanString()}; an average can't exceed the longest, and nothing can be divided by 0`,
  },
  {
    id: 'Spillway-BacklogScaling-LatencyTooShort',
    broken: ({ scaling: { _target: target } }) => longer(target?.processingTime, target?.acceptableLatency),
    message: ({ scaling: { _target: target } }) =>
      `scaling.acceptableLatency must be at least scaling.processingTime (${target?.processingTime.toHumanString()}), but was ${target?.acceptableLatency.toHumanString()}; a message takes that long with any number of workers`,
  },
  {
    id: 'Spillway-BacklogScaling-ConcurrencyInvalid',
    broken: ({ scaling }) => isOutside(known(scaling._target?.concurrency), 1, Infinity),
    message: ({ scaling }) =>
      `scaling.concurrency must be a whole number of 1 or more, but was ${scaling._target?.concurrency}; it multiplies the backlog that one worker may have`,
  },
];
