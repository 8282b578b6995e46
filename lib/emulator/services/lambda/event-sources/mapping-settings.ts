import type {
  CreateEventSourceMappingRequest,
  FilterCriteria,
  ProvisionedPollerConfig,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import { checkRange, constraintViolation, invalidParameter } from '../errors';
import { FilterPattern } from './filter-pattern';
import type { PollerBounds } from './provisioned-pollers';

/** The settings of an event source mapping for a queue. */
export interface MappingSettings {
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly maximumConcurrency?: number;
  /** Provisioned mode: the minimum and maximum number of pollers. */
  readonly pollers?: PollerBounds;
  readonly reportsItemFailures: boolean;
  /** A message must match at least one of them; if empty, all messages match. */
  readonly filters: readonly FilterPattern[];
  /** The criteria from which the filters were parsed. */
  readonly filterCriteria?: FilterCriteria;
  readonly kmsKeyArn?: string;
  /** The metrics in its MetricsConfig. */
  readonly metrics: readonly 'EventCount'[];
}

const DEFAULTS: MappingSettings = {
  enabled: true,
  batchSize: 10,
  windowSeconds: 0,
  reportsItemFailures: false,
  filters: [],
  metrics: [],
};

const FOR_OTHER_SOURCES = [
  'AmazonManagedKafkaEventSourceConfig',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'DocumentDBEventSourceConfig',
  'LoggingConfig',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'Queues',
  'SelfManagedEventSource',
  'SelfManagedKafkaEventSourceConfig',
  'SourceAccessConfigurations',
  'StartingPosition',
  'StartingPositionTimestamp',
  'Topics',
  'TumblingWindowInSeconds',
] as const satisfies readonly (keyof CreateEventSourceMappingRequest | keyof UpdateEventSourceMappingRequest)[];

const LARGEST_BATCH = 10_000;
const LARGEST_FIFO_BATCH = 10;
const LARGEST_BATCH_WITHOUT_WINDOW = 10;
const LONGEST_PATTERN = 4_096;
const MOST_FILTERS = 10;

/**
 * Reads a request's settings. Settings that it omits keep their values, or are AWS's defaults for a new mapping. Throws
 * if AWS would reject them for the queue.
 */
export function readSettings(
  input: Partial<CreateEventSourceMappingRequest> | UpdateEventSourceMappingRequest,
  queue: { readonly fifo: boolean },
  previous: MappingSettings = DEFAULTS,
): MappingSettings {
  refuseForeign(input);
  checkRange('batchSize', input.BatchSize, 1, LARGEST_BATCH);
  checkRange('maximumBatchingWindowInSeconds', input.MaximumBatchingWindowInSeconds, 0, 300);
  checkRange('scalingConfig.maximumConcurrency', input.ScalingConfig?.MaximumConcurrency, 2, 1_000);
  const criteria = input.FilterCriteria;
  const maximumConcurrency =
    input.ScalingConfig === undefined ? previous.maximumConcurrency : input.ScalingConfig.MaximumConcurrency;
  const provisioned = input.ProvisionedPollerConfig;
  const pollers = provisioned === undefined ? previous.pollers : readPollers(provisioned);
  const filterCriteria = criteria === undefined ? previous.filterCriteria : hasFilters(criteria) ? criteria : undefined;
  const kmsKeyArn = input.KMSKeyArn ?? previous.kmsKeyArn;
  const settings: MappingSettings = {
    enabled: input.Enabled ?? previous.enabled,
    batchSize: input.BatchSize ?? previous.batchSize,
    windowSeconds: input.MaximumBatchingWindowInSeconds ?? previous.windowSeconds,
    reportsItemFailures: readResponseTypes(input.FunctionResponseTypes) ?? previous.reportsItemFailures,
    filters: criteria === undefined ? previous.filters : readFilters(criteria),
    metrics: readMetrics(input.MetricsConfig?.Metrics) ?? previous.metrics,
    ...(maximumConcurrency !== undefined && { maximumConcurrency }),
    ...(pollers !== undefined && { pollers }),
    ...(filterCriteria !== undefined && { filterCriteria }),
    ...(kmsKeyArn !== undefined && { kmsKeyArn }),
  };
  checkTogether(settings, queue.fifo);
  return settings;
}

function refuseForeign(input: Partial<CreateEventSourceMappingRequest> | UpdateEventSourceMappingRequest): void {
  for (const name of FOR_OTHER_SOURCES) {
    if ((input as Record<string, unknown>)[name] !== undefined) {
      throw invalidParameter(`Unsupported ${name} parameter for given event source mapping type.`);
    }
  }
}

const FEWEST_POLLERS = 2;
const DEFAULT_MOST_POLLERS = 200;

/** Undefined if the configuration is empty, which turns provisioned mode off. */
function readPollers(config: ProvisionedPollerConfig): PollerBounds | undefined {
  const { MinimumPollers: given, MaximumPollers: maximum = DEFAULT_MOST_POLLERS, PollerGroupName } = config;
  if (PollerGroupName !== undefined) {
    throw invalidParameter('PollerGroupName is not supported for an Amazon SQS event source.');
  }
  if (given === undefined && config.MaximumPollers === undefined) return undefined;
  const minimum = given ?? FEWEST_POLLERS;
  checkRange('provisionedPollerConfig.minimumPollers', minimum, FEWEST_POLLERS, 200);
  checkRange('provisionedPollerConfig.maximumPollers', maximum, FEWEST_POLLERS, 10_000);
  if (minimum > maximum) {
    throw invalidParameter(`MinimumPollers, ${minimum}, must not be greater than MaximumPollers, ${maximum}.`);
  }
  return { minimum, maximum };
}

const METRIC_GROUPS = ['EventCount', 'ErrorCount', 'KafkaMetrics'];

export function readMetrics(groups: readonly string[] | undefined): 'EventCount'[] | undefined {
  return groups?.map((group) => {
    if (group === 'EventCount') return group;
    if (!METRIC_GROUPS.includes(group)) {
      const values = METRIC_GROUPS.join(', ');
      throw constraintViolation('metricsConfig.metrics', group, `Member must satisfy enum value set: [${values}]`);
    }
    throw invalidParameter(`${group} metrics are not supported for an Amazon SQS event source.`);
  });
}

export function readResponseTypes(types: readonly string[] | undefined): boolean | undefined {
  const unknown = types?.find((type) => type !== 'ReportBatchItemFailures');
  if (unknown !== undefined) {
    throw constraintViolation(
      'functionResponseTypes',
      unknown,
      'Member must satisfy enum value set: [ReportBatchItemFailures]',
    );
  }
  return types && types.length > 0;
}

const hasFilters = (criteria: FilterCriteria): boolean => (criteria.Filters ?? []).length > 0;

function readFilters(criteria: FilterCriteria): FilterPattern[] {
  return checkedFilters(criteria, (pattern) => FilterPattern.parse(pattern));
}

/** Parses each pattern. @throws AwsError for one that AWS would refuse */
export function checkedFilters<T>(criteria: FilterCriteria, parse: (pattern: string) => T): T[] {
  const filters = criteria.Filters ?? [];
  if (filters.length > MOST_FILTERS) {
    throw constraintViolation(
      'filterCriteria.filters',
      filters.length,
      `Member must have length less than or equal to ${MOST_FILTERS}`,
    );
  }
  return filters.map(({ Pattern: pattern = '' }) => {
    if (pattern.length > LONGEST_PATTERN) throw invalidFilter(`it is longer than ${LONGEST_PATTERN} characters`);
    try {
      return parse(pattern);
    } catch (error) {
      throw invalidFilter((error as Error).message);
    }
  });
}

// AWS returns only the first sentence.
const invalidFilter = (reason: string): Error => invalidParameter(`Invalid filter pattern definition. (${reason})`);

function checkTogether(settings: MappingSettings, fifo: boolean): void {
  const { batchSize, windowSeconds } = settings;
  if (settings.pollers !== undefined && settings.maximumConcurrency !== undefined) {
    throw invalidParameter(
      'ProvisionedPollerConfig and the MaximumConcurrency of ScalingConfig exclude each other: MaximumPollers bounds ' +
        'the concurrency of provisioned mode.',
    );
  }
  if (fifo && batchSize > LARGEST_FIFO_BATCH) {
    throw invalidParameter(
      `Batch size must be between 1 and ${LARGEST_FIFO_BATCH} for a FIFO queue, but it is ${batchSize}.`,
    );
  }
  if (fifo && windowSeconds > 0) throw invalidParameter('Batching window is not supported for FIFO queues');
  if (batchSize > LARGEST_BATCH_WITHOUT_WINDOW && windowSeconds === 0) {
    throw invalidParameter(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
  }
}
