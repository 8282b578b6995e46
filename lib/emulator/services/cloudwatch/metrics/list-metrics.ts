import type { ListMetricsInput, ListMetricsOutput } from '@aws-sdk/client-cloudwatch';
import { page } from '../../../core';
import { DAY, HOUR } from '../../../clock';
import { writeDimensions } from './dimensions';
import { constraint, invalidNextToken, validationError } from '../errors';
import type { MetricStore } from './metric-store';

const PAGE = 500;
const LISTED_FOR = 14 * DAY;
const RECENT = 3 * HOUR;

/** Implements ListMetrics: the metrics with data in the last two weeks. */
export function listMetrics(input: ListMetricsInput, store: MetricStore, now: number): ListMetricsOutput {
  const { Namespace, MetricName, Dimensions = [], RecentlyActive } = input;
  if (RecentlyActive !== undefined && RecentlyActive !== 'PT3H') {
    throw constraint(RecentlyActive, 'recentlyActive', 'Member must satisfy enum value set: [PT3H]');
  }
  for (const member of ['OwningAccount', 'IncludeLinkedAccounts'] as const) {
    if (input[member]) throw validationError(`${member} is not supported: no other accounts are linked.`);
  }
  const metrics = [...store.since(now - (RecentlyActive === undefined ? LISTED_FOR : RECENT))]
    .filter(({ namespace, name }) => (Namespace ?? namespace) === namespace && (MetricName ?? name) === name)
    .filter(({ dimensions }) =>
      Dimensions.every(({ Name, Value }) => {
        const value = Name !== undefined && Object.hasOwn(dimensions, Name) ? dimensions[Name] : undefined;
        return value !== undefined && (Value ?? value) === value;
      }),
    );
  const { items, nextToken } = page(metrics, PAGE, input.NextToken, invalidNextToken);
  return {
    Metrics: items.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: writeDimensions(dimensions),
    })),
    NextToken: nextToken,
  };
}
