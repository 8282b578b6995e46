import type { DisableMetricsCollectionQuery, EnableMetricsCollectionQuery } from '@aws-sdk/client-auto-scaling';
import { gauge, type MetricDatum } from '../../../core';
import { checkOneOf, missing } from '../errors';
import type { Group } from './group';
import { poolInstances, poolSize } from '../instances/warm-pool';
import { unitsOf } from '../weights';

export const GRANULARITY = '1Minute';

const inState = (prefix: string) => (group: Group) =>
  [...group.instances.values()].filter(({ state }) => state.startsWith(prefix)).length;

const unitsInState = (prefix: string) => (group: Group) =>
  unitsOf(
    group,
    [...group.instances.values()].filter(({ state }) => state.startsWith(prefix)),
  );

const outOfPool = (group: Group) => [...group.instances.values()].filter(({ inPool }) => !inPool).length;

/** A metric of groups with a warm pool. */
const ofPool = (metric: (group: Group) => number) => (group: Group) =>
  group.warmPool === undefined ? undefined : metric(group);

/** Capacities are in units if instances have weights. Groups with a warm pool have no such metrics. */
const METRICS: Readonly<Record<string, (group: Group) => number | undefined>> = {
  GroupMinSize: (group) => group.definition.min,
  GroupMaxSize: (group) => group.definition.max,
  GroupDesiredCapacity: (group) => group.desired,
  GroupInServiceInstances: inState('InService'),
  GroupPendingInstances: inState('Pending'),
  GroupStandbyInstances: inState('Standby'),
  GroupTerminatingInstances: inState('Terminating'),
  GroupTotalInstances: outOfPool,
  GroupInServiceCapacity: unitsInState('InService'),
  GroupPendingCapacity: unitsInState('Pending'),
  GroupStandbyCapacity: unitsInState('Standby'),
  GroupTerminatingCapacity: unitsInState('Terminating'),
  GroupTotalCapacity: (group) =>
    unitsOf(
      group,
      [...group.instances.values()].filter(({ inPool }) => !inPool),
    ),
  WarmPoolDesiredCapacity: ofPool(poolSize),
  WarmPoolWarmedCapacity: ofPool((group) => poolInstances(group).filter(({ isPrepared }) => isPrepared).length),
  WarmPoolPendingCapacity: ofPool(inState('Warmed:Pending')),
  WarmPoolTerminatingCapacity: ofPool(inState('Warmed:Terminating')),
  WarmPoolTotalCapacity: ofPool(inState('Warmed:')),
  GroupAndWarmPoolDesiredCapacity: ofPool((group) => group.desired + poolSize(group)),
  GroupAndWarmPoolTotalCapacity: ofPool((group) => group.instances.size),
};

/** The names of the metrics that a group can publish. */
export const GROUP_METRICS: readonly string[] = Object.keys(METRICS);

export function enableMetrics(group: Group, input: EnableMetricsCollectionQuery): void {
  if (input.Granularity === undefined) throw missing('Granularity');
  checkOneOf('Granularity', input.Granularity, [GRANULARITY]);
  for (const metric of named(input.Metrics)) group.enabledMetrics.add(metric);
}

export function disableMetrics(group: Group, input: DisableMetricsCollectionQuery): void {
  for (const metric of named(input.Metrics)) group.enabledMetrics.delete(metric);
}

/** The group's enabled metrics for the minute that began at `periodStart`. */
export function groupMetrics(group: Group, periodStart: number): MetricDatum[] {
  const dimensions = { AutoScalingGroupName: group.name };
  return [...group.enabledMetrics].flatMap((name) => {
    const value = METRICS[name](group);
    return value === undefined ? [] : [gauge('AWS/AutoScaling', name, dimensions, 'None', periodStart, value)];
  });
}

function named(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined || names.length === 0) return GROUP_METRICS;
  for (const name of names) checkOneOf('Metrics', name, GROUP_METRICS);
  return names;
}
