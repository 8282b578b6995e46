import type {
  DeleteMetricFilterRequest,
  DescribeMetricFiltersRequest,
  DescribeMetricFiltersResponse,
  MetricFilter as MetricFilterDescription,
  MetricTransformation,
  PutMetricFilterRequest,
  TestMetricFilterRequest,
  TestMetricFilterResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../../../clock';
import { ModelConstraints, page } from '../../../core';
import { invalidParameter, invalidToken, limitExceeded, notFound } from '../errors';
import type { LogGroup } from '../groups/log-group';
import type { LogStore } from '../groups/log-store';
import { LIMITS } from '../limits';
import { isSelector } from '../patterns/json-pattern';
import { readPattern } from '../patterns/filter-pattern';
import { checkLimit, checkNames } from '../validation';
import { MetricFilter } from './metric-filter';
import { checkRegexes } from './regex-quota';

const LARGEST_PAGE = 50;

/** The metric filters of all log groups. */
export class MetricFilters {
  constructor(
    private readonly store: LogStore,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  public put(input: PutMetricFilterRequest): void {
    const { logGroupName, filterName = '', filterPattern = '', metricTransformations = [] } = input;
    checkNames({ logGroupName, filterName });
    if (metricTransformations.length !== 1) throw wrongNumber(metricTransformations);
    const [transformation] = metricTransformations;
    checkTransformation(transformation);
    const pattern = readPattern(filterPattern);
    const group = this.store.find(logGroupName);
    if (group.logClass !== 'STANDARD') {
      throw invalidParameter(`Metric filters are not supported for log groups of the class ${group.logClass}.`);
    }
    const others = [...group.metricFilters.values()].filter(({ name }) => name !== filterName);
    if (others.length >= LIMITS.metricFiltersPerGroup) throw limitExceeded();
    checkRegexes(group, pattern, filterName, 'metric');
    const made = new MetricFilter(filterName, filterPattern, pattern, transformation, this.clock.now());
    group.metricFilters.set(filterName, made);
  }

  public describe(input: DescribeMetricFiltersRequest): DescribeMetricFiltersResponse {
    const { logGroupName, filterNamePrefix = '', metricName, metricNamespace, nextToken } = input;
    checkNames({ logGroupName });
    checkLimit(input.limit, LARGEST_PAGE);
    if ((metricName === undefined) !== (metricNamespace === undefined)) {
      throw invalidParameter('metricName and metricNamespace must be given together.');
    }
    const groups = logGroupName === undefined ? [...this.store.groups.values()] : [this.store.find(logGroupName)];
    const all = groups
      .flatMap((group) => [...group.metricFilters.values()].map((filter) => ({ group, filter })))
      .filter(
        ({ filter: { name, transformation } }) =>
          name.startsWith(filterNamePrefix) &&
          (metricName === undefined || transformation.metricName === metricName) &&
          (metricNamespace === undefined || transformation.metricNamespace === metricNamespace),
      )
      .sort((a, b) => (a.filter.name < b.filter.name ? -1 : 1));
    const { items, nextToken: next } = page(all, input.limit ?? LARGEST_PAGE, nextToken, invalidToken);
    return {
      metricFilters: items.map(({ group, filter }) => describe(group, filter)),
      ...(next !== undefined && { nextToken: next }),
    };
  }

  public delete({ logGroupName, filterName = '' }: DeleteMetricFilterRequest): void {
    checkNames({ logGroupName, filterName });
    const deleted = this.store.find(logGroupName).metricFilters.delete(filterName);
    if (!deleted) throw notFound('The specified metric filter does not exist.');
  }

  public test({ filterPattern = '', logEventMessages = [] }: TestMetricFilterRequest): TestMetricFilterResponse {
    new ModelConstraints().length('logEventMessages', logEventMessages, 1, 50).check('InvalidParameterException');
    const pattern = readPattern(filterPattern);
    return {
      matches: logEventMessages.flatMap((eventMessage, index) => {
        const match = pattern.match(eventMessage);
        return match === undefined
          ? []
          : [{ eventNumber: index + 1, eventMessage, extractedValues: match.extracted() }];
      }),
    };
  }
}

function describe(group: LogGroup, filter: MetricFilter): MetricFilterDescription {
  return {
    filterName: filter.name,
    filterPattern: filter.patternText,
    metricTransformations: [filter.transformation],
    creationTime: filter.creationTime,
    logGroupName: group.name,
    applyOnTransformedLogs: false,
  };
}

function checkTransformation(transformation: MetricTransformation): void {
  const { metricName, metricNamespace, metricValue = '', defaultValue, dimensions } = transformation;
  const at = 'metricTransformations.1.member';
  new ModelConstraints()
    .length(`${at}.metricName`, metricName, 0, 255)
    .pattern(`${at}.metricName`, metricName, '[^:*$]*')
    .length(`${at}.metricNamespace`, metricNamespace, 0, 255)
    .pattern(`${at}.metricNamespace`, metricNamespace, '[^:*$]*')
    .length(`${at}.metricValue`, metricValue, 0, 100)
    .check('InvalidParameterException');
  if (metricNamespace?.startsWith('AWS/') === true) {
    throw invalidParameter('The metric namespace cannot start with AWS/, which is reserved.');
  }
  const isField = /^\$[A-Za-z_]\w*$/.test(metricValue) || isSelector(metricValue);
  if (!isField && !Number.isFinite(Number(metricValue === '' ? NaN : metricValue))) {
    throw invalidParameter('Invalid metric transformation: metricValue must be a number or a field of the pattern.');
  }
  const count = Object.keys(dimensions ?? {}).length;
  if (count > LIMITS.dimensions) {
    throw invalidParameter(`A metric transformation can have at most ${LIMITS.dimensions} dimensions.`);
  }
  if (count > 0 && defaultValue !== undefined) {
    throw invalidParameter('Invalid metric transformation: dimensions and default value are mutually exclusive.');
  }
}

function wrongNumber(transformations: readonly MetricTransformation[]): Error {
  const shown = transformations.map(
    ({ metricName, metricNamespace, metricValue, defaultValue = null, unit = null, dimensions = null }) =>
      `MetricTransformation(metricName=${metricName}, metricNamespace=${metricNamespace}, metricValue=${metricValue}, ` +
      `defaultValue=${defaultValue}, unit=${unit}, dimensions=${dimensions === null ? null : JSON.stringify(dimensions)})`,
  );
  const bound = transformations.length === 0 ? 'greater' : 'less';
  return invalidParameter(
    `1 validation error detected: Value '[${shown.join(', ')}]' at 'metricTransformations' failed to satisfy ` +
      `constraint: Member must have length ${bound} than or equal to 1`,
  );
}
