import type { DisableMetricsCollectionQuery, EnableMetricsCollectionQuery } from '@aws-sdk/client-auto-scaling';
import { gauge, type MetricDatum } from '../api';
import { checkOneOf, missing } from './errors';
import type { Group } from './group';

const GRANULARITY = '1Minute';

const inState = (prefix: string) => (group: Group) =>
  [...group.instances.values()].filter(({ state }) => state.startsWith(prefix)).length;

/** Instances have no weights here: capacities are counts of instances. Nothing is ever on standby. */
const METRICS: Readonly<Record<string, (group: Group) => number>> = {
  GroupMinSize: (group) => group.definition.min,
  GroupMaxSize: (group) => group.definition.max,
  GroupDesiredCapacity: (group) => group.desired,
  GroupInServiceInstances: inState('InService'),
  GroupPendingInstances: inState('Pending'),
  GroupStandbyInstances: () => 0,
  GroupTerminatingInstances: inState('Terminating'),
  GroupTotalInstances: (group) => group.instances.size,
  GroupInServiceCapacity: inState('InService'),
  GroupPendingCapacity: inState('Pending'),
  GroupStandbyCapacity: () => 0,
  GroupTerminatingCapacity: inState('Terminating'),
  GroupTotalCapacity: (group) => group.instances.size,
};

/** The names of the metrics that a group can publish. */
const GROUP_METRICS: readonly string[] = Object.keys(METRICS);

export function enableMetrics(group: Group, input: EnableMetricsCollectionQuery): void {
  if (input.Granularity === undefined) throw missing('Granularity');
  checkOneOf('Granularity', input.Granularity, [GRANULARITY]);
  for (const metric of named(input.Metrics)) group.enabledMetrics.add(metric);
}

export function disableMetrics(group: Group, input: DisableMetricsCollectionQuery): void {
  for (const metric of named(input.Metrics)) group.enabledMetrics.delete(metric);
}

/** The group's enabled metrics, as they stand now, for the minute that began at `periodStart`. */
export function groupMetrics(group: Group, periodStart: number): MetricDatum[] {
  const dimensions = { AutoScalingGroupName: group.name };
  return [...group.enabledMetrics].map((name) =>
    gauge('AWS/AutoScaling', name, dimensions, 'None', periodStart, METRICS[name](group)),
  );
}

function named(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined || names.length === 0) return GROUP_METRICS;
  for (const name of names) checkOneOf('Metrics', name, GROUP_METRICS);
  return names;
}
