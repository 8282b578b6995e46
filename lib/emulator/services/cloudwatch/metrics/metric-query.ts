import type { MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import { SECOND } from '../../../clock';
import { readDimensions } from './dimensions';
import { checkLength, validationError } from '../errors';
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
} from '../math';
import { type MetricIdentity, type MetricReader, NO_DATA } from './metric-store';
import { isAnyStatistic, statistic } from './statistics';

/** A metric, its statistic and its period. */
export interface MetricSource {
  readonly metric: MetricIdentity;
  readonly unit: string | undefined;
  readonly stat: string;
  /** In milliseconds. */
  readonly period: number;
}

/** A query: a metric, or an expression. */
export interface ParsedQuery {
  readonly id: string;
  /** As given in the query; undefined if absent. */
  readonly label: string | undefined;
  readonly returnData: boolean;
  readonly source?: MetricSource;
  readonly expression?: Expression;
  /** The expression as given. */
  readonly text?: string;
  /** In milliseconds: the metric's own, or the longest of those that an expression uses. */
  readonly period: number;
}

/**
 * The boundaries of the points of a series, given its period: the start of each point, and the end of the last one. In
 * milliseconds since the epoch.
 */
export type QueryRange = (period: number) => readonly number[];

const MOST_QUERIES = 500;
const LONGEST_EXPRESSION = 2_048;

/** Whether a number of seconds is a valid period: 1, 5, 10, 20, 30 or a multiple of 60. */
export function isPeriod(seconds: number): boolean {
  return [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0);
}

/**
 * Parses and validates a list of queries.
 * @param member the list's name in error messages
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
  const math: MathQueries = {
    metrics,
    expressions: new Map(
      queries.flatMap((query) => {
        const { Id = '', Expression: text } = query;
        return text === undefined || metrics.has(Id) ? [] : [[Id, parseText(Id, text, member)] as const];
      }),
    ),
    used: new Map(),
  };
  const parsed = queries.map((query) => metrics.get(query.Id as string) ?? parseMath(query, math, member));
  checkMath(parsed);
  return parsed;
}

/** Metrics of other accounts are rejected: no accounts are linked. */
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

/** A list of queries by id. */
interface MathQueries {
  readonly metrics: ReadonlyMap<string, ParsedQuery>;
  readonly expressions: ReadonlyMap<string, Expression>;
  /** The metrics on which each expression depends; undefined while they are being determined. */
  readonly used: Map<string, ReadonlySet<ParsedQuery> | undefined>;
}

function parseText(id: string, text: string, member: string): Expression {
  checkLength(text, `${member}.${id}.Expression`, 1, LONGEST_EXPRESSION);
  if (/^\s*SELECT\b/i.test(text)) {
    throw validationError(`Error in expression '${id}': Metrics Insights queries are not emulated.`);
  }
  return explained(id, () => parseExpression(text));
}

function parseMath(query: MetricDataQuery, math: MathQueries, member: string): ParsedQuery {
  const id = query.Id as string;
  const expression = math.expressions.get(id);
  if (expression === undefined) {
    throw validationError(
      `The query '${id}' of ${member} has neither MetricStat nor Expression; exactly one is required.`,
    );
  }
  if (query.Period !== undefined && !isPeriod(query.Period)) {
    throw validationError(
      `The value ${query.Period} for parameter ${member}.${id}.Period is invalid: 1, 5, 10, 20, 30 or a multiple of 60 is required.`,
    );
  }
  const used = [...usedMetrics(id, expression, math)];
  const periods = (used.length > 0 ? used : [...math.metrics.values()]).map((metric) => metric.period);
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

/** The metrics on which an expression depends, also through other expressions. Each expression is visited once. */
function usedMetrics(id: string, expression: Expression, math: MathQueries): ReadonlySet<ParsedQuery> {
  const known = math.used.get(id);
  if (known !== undefined) return known;
  if (math.used.has(id)) throw validationError(`Error in expression '${id}': it refers to itself.`);
  math.used.set(id, undefined);
  const used = new Set<ParsedQuery>();
  for (const name of references(expression)) {
    const metric = math.metrics.get(name);
    const other = math.expressions.get(name);
    if (metric !== undefined) used.add(metric);
    else if (other !== undefined) for (const one of usedMetrics(name, other, math)) used.add(one);
    else throw validationError(`Error in expression '${id}': there is no metric or expression with the id '${name}'.`);
  }
  math.used.set(id, used);
  return used;
}

/** Evaluates the expressions without data: type errors do not depend on the data. */
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
