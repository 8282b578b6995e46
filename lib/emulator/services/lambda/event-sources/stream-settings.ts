import type {
  CreateEventSourceMappingRequest,
  DestinationConfig,
  FilterCriteria,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import { checkRange, constraintViolation, invalidParameter } from '../errors';
import { parseRecordPattern } from './filter-pattern';
import { checkedFilters, readMetrics, readResponseTypes } from './mapping-settings';
import type { StartingPoint } from './stream-source';

/** The settings of an event source mapping for a stream. */
export interface StreamSettings {
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly parallelization: number;
  readonly bisects: boolean;
  /** −1: no limit. */
  readonly maximumAgeSeconds: number;
  /** −1: no limit. */
  readonly maximumRetries: number;
  readonly onFailure?: string;
  readonly tumblingSeconds: number;
  readonly reportsItemFailures: boolean;
  /** A record must match at least one of them; if empty, all records match. */
  readonly filters: readonly ((record: unknown) => boolean)[];
  readonly filterCriteria?: FilterCriteria;
  readonly kmsKeyArn?: string;
  readonly metrics: readonly 'EventCount'[];
  readonly start: StartingPoint;
}

const DEFAULTS: Omit<StreamSettings, 'start'> = {
  enabled: true,
  batchSize: 100,
  windowSeconds: 0,
  parallelization: 1,
  bisects: false,
  maximumAgeSeconds: -1,
  maximumRetries: -1,
  tumblingSeconds: 0,
  reportsItemFailures: false,
  filters: [],
  metrics: [],
};

const FOR_OTHER_SOURCES = [
  'AmazonManagedKafkaEventSourceConfig',
  'DocumentDBEventSourceConfig',
  'ProvisionedPollerConfig',
  'Queues',
  'ScalingConfig',
  'SelfManagedEventSource',
  'SelfManagedKafkaEventSourceConfig',
  'SourceAccessConfigurations',
  'Topics',
] as const;

type Input = Partial<CreateEventSourceMappingRequest> & UpdateEventSourceMappingRequest;

/**
 * Reads a request's settings. Settings that it omits keep their values, or are AWS's defaults for a new mapping. Throws
 * if AWS would reject them for a stream of this service.
 */
export function readStreamSettings(given: object, service: string, previous?: StreamSettings): StreamSettings {
  const input = given as Input;
  for (const name of FOR_OTHER_SOURCES) {
    if ((given as Readonly<Record<string, unknown>>)[name] !== undefined) {
      throw invalidParameter(`Unsupported ${name} parameter for given event source mapping type.`);
    }
  }
  checkRange('batchSize', input.BatchSize, 1, 10_000);
  checkRange('maximumBatchingWindowInSeconds', input.MaximumBatchingWindowInSeconds, 0, 300);
  checkRange('parallelizationFactor', input.ParallelizationFactor, 1, 10);
  checkRange('maximumRecordAgeInSeconds', input.MaximumRecordAgeInSeconds, -1, 604_800);
  checkRange('maximumRetryAttempts', input.MaximumRetryAttempts, -1, 10_000);
  checkRange('tumblingWindowInSeconds', input.TumblingWindowInSeconds, 0, 900);
  const age = input.MaximumRecordAgeInSeconds;
  if (age !== undefined && age !== -1 && age < 60) {
    throw invalidParameter('MaximumRecordAgeInSeconds must be -1 or between 60 and 604800 seconds.');
  }
  const before = previous ?? DEFAULTS;
  const criteria = input.FilterCriteria;
  const empty = criteria !== undefined && (criteria.Filters ?? []).length === 0;
  const filterCriteria = empty ? undefined : (criteria ?? before.filterCriteria);
  const onFailure = input.DestinationConfig === undefined ? before.onFailure : destinationOf(input.DestinationConfig);
  const kmsKeyArn = input.KMSKeyArn ?? before.kmsKeyArn;
  const settings: StreamSettings = {
    enabled: input.Enabled ?? before.enabled,
    batchSize: input.BatchSize ?? before.batchSize,
    windowSeconds: input.MaximumBatchingWindowInSeconds ?? before.windowSeconds,
    parallelization: input.ParallelizationFactor ?? before.parallelization,
    bisects: input.BisectBatchOnFunctionError ?? before.bisects,
    maximumAgeSeconds: age ?? before.maximumAgeSeconds,
    maximumRetries: input.MaximumRetryAttempts ?? before.maximumRetries,
    tumblingSeconds: input.TumblingWindowInSeconds ?? before.tumblingSeconds,
    reportsItemFailures: readResponseTypes(input.FunctionResponseTypes) ?? before.reportsItemFailures,
    filters: criteria === undefined ? before.filters : checkedFilters(criteria, parseRecordPattern),
    metrics: readMetrics(input.MetricsConfig?.Metrics) ?? before.metrics,
    start: previous?.start ?? readStart(input, service),
    ...(onFailure !== undefined && { onFailure }),
    ...(filterCriteria !== undefined && { filterCriteria }),
    ...(kmsKeyArn !== undefined && { kmsKeyArn }),
  };
  if (settings.tumblingSeconds > 0 && settings.parallelization > 1) {
    throw invalidParameter('ParallelizationFactor must be 1 with a tumbling window.');
  }
  return settings;
}

function destinationOf({ OnFailure, OnSuccess }: DestinationConfig): string | undefined {
  if (OnSuccess?.Destination !== undefined) {
    throw invalidParameter('Unsupported DestinationConfig parameter for given event source mapping type.');
  }
  const destination = OnFailure?.Destination;
  return destination === '' ? undefined : destination;
}

const POSITIONS = ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'] as const;

function readStart({ StartingPosition: type, StartingPositionTimestamp: time }: Input, service: string): StartingPoint {
  if (type === undefined) {
    throw invalidParameter(
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  }
  if (!POSITIONS.includes(type)) {
    throw constraintViolation(
      'startingPosition',
      type,
      `Member must satisfy enum value set: [${POSITIONS.join(', ')}]`,
    );
  }
  if (type !== 'AT_TIMESTAMP') return { type };
  if (service !== 'kinesis') throw invalidParameter('Unsupported starting position for arn type: AT_TIMESTAMP');
  if (time === undefined) throw invalidParameter('StartingPositionTimestamp must be given with AT_TIMESTAMP.');
  return { type, timestamp: time.getTime() };
}
