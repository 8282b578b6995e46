import type { MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import { SECOND } from '../clock';
import { readDimensions } from './dimensions';
import { validationError } from './errors';
import {
  type Expression,
  MathError,
  evaluateMath,
  type MathScope,
  parseExpression,
  references,
  series,
  type Series,
  type Value,
} from './math';
import { type MetricIdentity, type MetricReader, NO_DATA } from './metric-store';
import { isAnyStatistic, statistic } from './statistics';

/** A metric and what to make of it. */
export interface MetricSource {
  readonly metric: MetricIdentity;
  readonly unit: string | undefined;
  readonly stat: string;
  /** In milliseconds. */
  readonly period: number;
}

/** One query of a list: a metric, or an expression over others. */
export interface ParsedQuery {
  readonly id: string;
  /** As the query gives it; undefined where it gives none. */
  readonly label: string | undefined;
  readonly returnData: boolean;
  readonly source?: MetricSource;
  readonly expression?: Expression;
  /** The expression as it was given. */
  readonly text?: string;
  /** In milliseconds: a metric's own, an expression's the longest of those that it uses. */
  readonly period: number;
}

/**
 * Where a series of a period is cut into its points, in milliseconds since the epoch: where each begins, and where the
 * last one ends.
 */
export type QueryRange = (period: number) => readonly number[];

const MOST_QUERIES = 500;

/** Whether a number of seconds is one that metrics may be read with: 1, 5, 10, 20, 30 or a multiple of 60. */
export function isPeriod(seconds: number): boolean {
  return [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0);
}

/**
 * Reads and checks a list of queries.
 * @param member what error messages call the list
 */
export function parseQueries(queries: readonly MetricDataQuery[], member: string): ParsedQuery[] {
  if (queries.length > MOST_QUERIES) {
    throw validationError(`${member} has ${queries.length} queries; at most ${MOST_QUERIES} are allowed.`);
  }
  const seen = new Set<string>();
  for (const { Id } of queries) {
    if (Id === undefined || !/^[a-z][a-zA-Z0-9_]{0,254}$/.test(Id)) {
      throw validationError(
        `The value ${String(Id)} for parameter ${member}.Id is invalid: an id begins with a lower-case letter and goes on with letters, digits and underscores.`,
      );
    }
    if (seen.has(Id)) throw validationError(`The id '${Id}' is used more than once in ${member}.`);
    seen.add(Id);
  }
  const metrics = new Map(
    queries.flatMap((query) => (query.MetricStat ? [[query.Id as string, parseMetric(query, member)]] : [])),
  );
  const parsed = queries.map((query) => metrics.get(query.Id as string) ?? parseMath(query, queries, metrics, member));
  checkMath(parsed);
  return parsed;
}

/** Metrics are those of the own account: others are not linked to it. */
export function refuseOtherAccounts(queries: readonly MetricDataQuery[] | undefined, account: string): void {
  const other = queries?.find(({ AccountId }) => AccountId !== undefined && AccountId !== account);
  if (other === undefined) return;
  throw validationError(
    `The AccountId ${String(other.AccountId)} of the query '${String(other.Id)}' is not supported: no other accounts are linked.`,
  );
}

function parseMetric(query: MetricDataQuery, member: string): ParsedQuery {
  const id = query.Id as string;
  if (query.Expression !== undefined) {
    throw validationError(`The query '${id}' has both MetricStat and Expression; exactly one is allowed.`);
  }
  const stat = query.MetricStat as MetricStat;
  const { Namespace, MetricName, Dimensions } = stat.Metric ?? {};
  if (!Namespace || !MetricName)
    throw validationError(`The query '${id}' must have a MetricStat.Metric with Namespace and MetricName.`);
  if (stat.Stat === undefined || !isAnyStatistic(stat.Stat)) {
    throw validationError(
      `The value ${String(stat.Stat)} for parameter ${member}.${id}.MetricStat.Stat is not supported.`,
    );
  }
  if (stat.Period === undefined || !isPeriod(stat.Period)) {
    throw validationError(
      `The value ${String(stat.Period)} for parameter ${member}.${id}.MetricStat.Period is invalid: 1, 5, 10, 20, 30 or a multiple of 60 is required.`,
    );
  }
  const period = stat.Period * SECOND;
  const dimensions = readDimensions(Dimensions, `${member}.${id}.MetricStat.Metric.Dimensions`);
  return {
    id,
    label: query.Label,
    returnData: query.ReturnData ?? true,
    source: {
      metric: { namespace: Namespace, name: MetricName, dimensions },
      unit: stat.Unit,
      stat: stat.Stat,
      period,
    },
    period,
  };
}

function parseMath(
  query: MetricDataQuery,
  queries: readonly MetricDataQuery[],
  metrics: ReadonlyMap<string, ParsedQuery>,
  member: string,
): ParsedQuery {
  const id = query.Id as string;
  if (query.Expression === undefined) {
    throw validationError(
      `The query '${id}' of ${member} has neither MetricStat nor Expression; exactly one is required.`,
    );
  }
  if (/^\s*SELECT\b/i.test(query.Expression)) {
    throw validationError(`Error in expression '${id}': Metrics Insights queries are not emulated.`);
  }
  const expression = explained(id, () => parseExpression(query.Expression as string));
  if (query.Period !== undefined && !isPeriod(query.Period)) {
    throw validationError(
      `The value ${query.Period} for parameter ${member}.${id}.Period is invalid: 1, 5, 10, 20, 30 or a multiple of 60 is required.`,
    );
  }
  const used = usedMetrics(id, expression, queries, metrics, new Set());
  const periods = (used.length > 0 ? used : [...metrics.values()]).map((metric) => metric.period);
  return {
    id,
    label: query.Label,
    returnData: query.ReturnData ?? true,
    expression,
    text: query.Expression,
    period:
      query.Period !== undefined
        ? query.Period * SECOND
        : Math.max(60 * SECOND * Number(periods.length === 0), ...periods),
  };
}

/** The metrics under an expression, through other expressions. */
function usedMetrics(
  id: string,
  expression: Expression,
  queries: readonly MetricDataQuery[],
  metrics: ReadonlyMap<string, ParsedQuery>,
  above: ReadonlySet<string>,
): ParsedQuery[] {
  if (above.has(id)) throw validationError(`Error in expression '${id}': it refers to itself.`);
  return [...references(expression)].flatMap((name) => {
    const metric = metrics.get(name);
    if (metric !== undefined) return [metric];
    const other = queries.find((query) => query.Id === name)?.Expression;
    if (other === undefined)
      throw validationError(`Error in expression '${id}': there is no metric or expression with the id '${name}'.`);
    return usedMetrics(
      name,
      explained(name, () => parseExpression(other)),
      queries,
      metrics,
      new Set([...above, id]),
    );
  });
}

/** Runs the expressions on no data at all: what they cannot be applied to does not depend on the data. */
function checkMath(queries: readonly ParsedQuery[]): void {
  const values = runQueries(queries, NO_DATA, () => [0]);
  for (const { id, expression } of queries) {
    const kind = values.get(id)?.kind;
    if (expression !== undefined && kind === 'text')
      throw validationError(`Error in expression '${id}': it is a text.`);
  }
}

/** The values of all queries. */
export function runQueries(
  queries: readonly ParsedQuery[],
  reader: MetricReader,
  range: QueryRange,
): Map<string, Value> {
  const metrics = new Map<string, Series>();
  for (const { id, source } of queries) if (source !== undefined) metrics.set(id, readMetric(source, reader, range));
  const values = new Map<string, Value>(metrics);
  const periodOf = (id: string) => {
    const metric = queries.find((query) => query.id === id && query.source !== undefined);
    return metric && metric.period / SECOND;
  };
  const valueOf = (id: string): Value | undefined => {
    const known = values.get(id);
    const query = known === undefined ? queries.find((one) => one.id === id) : undefined;
    if (query?.expression === undefined) return known;
    const { expression, period } = query;
    const scope: MathScope = { periodOf, grid: range(period).slice(0, -1), lookup: valueOf, metrics };
    const value = explained(id, () => evaluateMath(expression, scope));
    values.set(id, value);
    return value;
  };
  for (const { id } of queries) valueOf(id);
  return values;
}

function readMetric(source: MetricSource, reader: MetricReader, range: QueryRange): Series {
  const cuts = range(source.period);
  const points = new Map<number, number>();
  for (const [index, data] of reader.read(source.metric, source.unit, cuts, source.period).entries()) {
    const value = data === undefined ? undefined : statistic(source.stat, data);
    if (value !== undefined) points.set(cuts[index], value);
  }
  return series(points);
}

function explained<T>(id: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof MathError) throw validationError(`Error in expression '${id}': ${error.message}`);
    throw error;
  }
}
