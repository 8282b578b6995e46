import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  MessageData,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { page } from '../../../core';
import { SECOND } from '../../../clock';
import { constraint, invalidNextToken, missingParameter, validationError } from '../errors';
import type { Value } from '../math';
import { type MetricSource, type ParsedQuery, parseQueries, type QueryRange, runQueries } from './metric-query';
import type { MetricReader } from './metric-store';
import { rangeDisorder, requestedCuts } from './query-range';

const MOST_DATAPOINTS = 100_800;

interface DataPoint {
  readonly result: number;
  readonly timestamp: number;
  readonly value: number;
}

/** Implements GetMetricData. */
export function getMetricData(input: GetMetricDataInput, reader: MetricReader, now: number): GetMetricDataOutput {
  const { MetricDataQueries, StartTime, EndTime, ScanBy, MaxDatapoints = MOST_DATAPOINTS } = input;
  if (MetricDataQueries === undefined) throw missingParameter('MetricDataQueries');
  if (StartTime === undefined) throw missingParameter('StartTime');
  if (EndTime === undefined) throw missingParameter('EndTime');
  const disorder = rangeDisorder(StartTime, EndTime);
  if (disorder !== undefined) throw validationError(disorder);
  if (!(MaxDatapoints >= 1 && MaxDatapoints <= MOST_DATAPOINTS)) {
    throw constraint(MaxDatapoints, 'maxDatapoints', `Member must have value between 1 and ${MOST_DATAPOINTS}`);
  }
  if (ScanBy !== undefined && ScanBy !== 'TimestampAscending' && ScanBy !== 'TimestampDescending') {
    throw constraint(ScanBy, 'scanBy', 'Member must satisfy enum value set: [TimestampDescending, TimestampAscending]');
  }
  const queries = parseQueries(MetricDataQueries, 'MetricDataQueries');
  const range: QueryRange = (period) => requestedCuts(StartTime, EndTime, period, now);
  const values = runQueries(queries, reader, range);
  const labels = labelsOf(queries);
  const results: MetricDataResult[] = [];
  const points: DataPoint[] = [];
  const direction = ScanBy === 'TimestampAscending' ? 1 : -1;
  for (const query of queries.filter(({ returnData }) => returnData)) {
    for (const series of seriesOf(query, values.get(query.id) as Value)) {
      const sorted = [...series].sort(([a], [b]) => direction * (a - b));
      for (const [timestamp, value] of sorted) points.push({ result: results.length, timestamp, value });
      const messages = query.source === undefined ? [] : unitsOf(query.source, reader, range);
      results.push({
        Id: query.id,
        Label: labels.get(query.id),
        Timestamps: [],
        Values: [],
        StatusCode: 'Complete',
        ...(messages.length > 0 && { Messages: messages }),
      });
    }
  }
  const { items, nextToken } = page(points, MaxDatapoints, input.NextToken, invalidNextToken);
  for (const { result, timestamp, value } of items) {
    results[result].Timestamps?.push(new Date(timestamp));
    results[result].Values?.push(value);
  }
  // Data that did not fit on this page continues on the next.
  const cut = nextToken === undefined ? Infinity : (items.at(-1)?.result ?? 0);
  for (const [index, result] of results.entries()) if (index >= cut) result.StatusCode = 'PartialData';
  return { MetricDataResults: results, NextToken: nextToken, Messages: [] };
}

/** The series that a query returns: an expression whose result is an array returns several. */
function seriesOf(query: ParsedQuery, value: Value): ReadonlyMap<number, number>[] {
  if (value.kind === 'series') return [value.points];
  if (value.kind === 'array') return value.elements.map((element) => element.points);
  throw validationError(
    `Error in expression '${query.id}': the result must be a time series, and this is a ${value.kind}.`,
  );
}

/** The default label of a metric is its name, with statistic and period if these differ between the queries. */
function labelsOf(queries: readonly ParsedQuery[]): Map<string, string> {
  const unlabelled = queries.flatMap(({ label, source }) => (label === undefined && source ? [source] : []));
  const differ = (part: (source: MetricSource) => unknown) => new Set(unlabelled.map(part)).size > 1;
  const named = { stat: differ(({ stat }) => stat), period: differ(({ period }) => period) };
  const nameOf = ({ metric, stat, period }: MetricSource) =>
    [metric.name, ...(named.stat ? [stat] : []), ...(named.period ? [period / SECOND] : [])].join(' ');
  return new Map(queries.map(({ id, label, source }) => [id, label ?? (source === undefined ? id : nameOf(source))]));
}

/** The unit of a query that names none; if its data has several units, a message says so. */
function unitsOf({ metric, unit, period }: MetricSource, reader: MetricReader, range: QueryRange): MessageData[] {
  const units = unit === undefined ? reader.units(metric, range(period), period) : [];
  return units.length < 2 ? [] : [{ Code: 'MultipleUnits', Value: `Multiple units returned: '[${units.join(', ')}]'` }];
}
