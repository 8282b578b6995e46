import { type Deployment } from '../template/deployment';
import { list, numberIn } from '../template/json';
import { isFifo, type QueueEnd, queueEnd, regionOf } from '../template/queue-end';
import { type Resource } from '../template/resource';
import { isOutside } from '../known';
import { TEXTS } from '../texts';
import { check, type Subject, type TemplateRule } from './template-rule';
import { differ } from './wording';

const DEFAULT_FUNCTION_TIMEOUT = 3;
const DEFAULT_VISIBILITY = 30;
const DEFAULT_BATCH = 10;
const VISIBILITY_FACTOR = 6;
const SAFE_RECEIVES = 5;
const MAX_FILTERS = 10;
const STREAMS_ONLY = [
  'StartingPosition',
  'StartingPositionTimestamp',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'TumblingWindowInSeconds',
];

interface Mapping extends Subject {
  readonly source: QueueEnd;
  readonly handler?: Resource;
  /** In seconds, with SQS's and Lambda's defaults; undefined where it is known at deployment only. */
  readonly visibility?: number;
  readonly timeout?: number;
  readonly window?: number;
  readonly batchSize?: number;
  readonly maxConcurrency?: number;
  readonly reserved?: number;
  readonly maxReceiveCount?: number;
}

/** Each event source mapping of a queue. */
function* mappings(app: Deployment): Iterable<Mapping> {
  for (const resource of app.ofType('AWS::Lambda::EventSourceMapping')) {
    const source = queueEnd(app, resource.get('EventSourceArn'), resource.stack);
    if (source === undefined) continue;
    const handler = functionOf(app, resource);
    yield {
      resource,
      source,
      handler,
      visibility: source.queue && numberIn(source.queue.get('VisibilityTimeout') ?? DEFAULT_VISIBILITY),
      timeout: handler && numberIn(handler.get('Timeout') ?? DEFAULT_FUNCTION_TIMEOUT),
      window: numberIn(resource.get('MaximumBatchingWindowInSeconds') ?? 0),
      batchSize: numberIn(resource.get('BatchSize') ?? DEFAULT_BATCH),
      maxConcurrency: numberIn(resource.get('ScalingConfig', 'MaximumConcurrency')),
      reserved: numberIn(handler?.get('ReservedConcurrentExecutions')),
      maxReceiveCount: numberIn(source.queue?.get('RedrivePolicy', 'maxReceiveCount')),
    };
  }
}

/** The function behind a mapping, also when it names an alias or a version. */
function functionOf(app: Deployment, mapping: Resource): Resource | undefined {
  let found = app.target(mapping.get('FunctionName'), mapping.stack)?.resource;
  if (found?.type === 'AWS::Lambda::Alias' || found?.type === 'AWS::Lambda::Version') {
    found = app.target(found.get('FunctionName'), found.stack)?.resource;
  }
  return found?.type === 'AWS::Lambda::Function' ? found : undefined;
}

const recommended = ({ timeout, window }: Mapping) =>
  timeout === undefined || window === undefined ? undefined : VISIBILITY_FACTOR * timeout + window;
const isBelow = (value: number | undefined, limit: number | undefined) =>
  value !== undefined && limit !== undefined && value < limit;
const streamsOnly = ({ resource }: Subject) => STREAMS_ONLY.find((property) => resource.get(property) !== undefined);
const filters = ({ resource }: Subject) => list(resource.get('FilterCriteria', 'Filters')).length;

const RULES: readonly TemplateRule<Mapping>[] = [
  {
    id: 'Spillway-Mapping-SourceIsUrl',
    property: 'EventSourceArn',
    broken: ({ source }) => source.attribute === 'Ref' || source.attribute === 'QueueUrl',
    message: ({ source }) =>
      `must be the ARN of ${source.name} (Fn::GetAtt Arn), but was its URL; Lambda refuses other texts`,
  },
  {
    id: 'Spillway-Mapping-VisibilityBelowTimeout',
    property: 'EventSourceArn',
    broken: ({ visibility, timeout }) => isBelow(visibility, timeout),
    message: ({ source, visibility, timeout }) =>
      `must be a queue with a VisibilityTimeout of at least ${timeout} seconds (the function's Timeout), but ${source.name} has ${visibility}; Lambda refuses the mapping, and if the function changes later, messages are processed twice`,
  },
  {
    id: 'Spillway-Mapping-VisibilityTight',
    severity: 'warning',
    property: 'EventSourceArn',
    broken: (facts) => !isBelow(facts.visibility, facts.timeout) && isBelow(facts.visibility, recommended(facts)),
    message: (facts) =>
      TEXTS['Spillway-Mapping-VisibilityTight']({
        queue: facts.source.name,
        visibility: facts.visibility,
        recommended: recommended(facts),
      }),
  },
  {
    id: 'Spillway-Mapping-FewReceives',
    severity: 'warning',
    property: 'EventSourceArn',
    broken: ({ maxReceiveCount }) => isBelow(maxReceiveCount, SAFE_RECEIVES) && maxReceiveCount !== 1, // that has its own
    message: ({ source, maxReceiveCount }) =>
      `should be a queue with a maxReceiveCount of ${SAFE_RECEIVES} or more, but ${source.name} has ${maxReceiveCount}; a throttled function uses up receives, so sound messages become dead letters`,
  },
  {
    id: 'Spillway-Mapping-ConcurrencyOutOfRange',
    property: 'ScalingConfig.MaximumConcurrency',
    broken: ({ maxConcurrency }) => isOutside(maxConcurrency, 2, 1_000),
    message: ({ maxConcurrency }) => TEXTS['Spillway-Mapping-ConcurrencyOutOfRange']({ got: maxConcurrency }),
  },
  {
    id: 'Spillway-Mapping-ConcurrencyAboveReserved',
    property: 'ScalingConfig.MaximumConcurrency',
    broken: ({ maxConcurrency, reserved }) => isBelow(reserved, maxConcurrency),
    message: ({ maxConcurrency, reserved, handler }) =>
      TEXTS['Spillway-Mapping-ConcurrencyAboveReserved']({ got: maxConcurrency, reserved, handler: handler?.path }),
  },
  {
    id: 'Spillway-Mapping-ReservedOnly',
    severity: 'warning',
    property: 'ScalingConfig.MaximumConcurrency',
    broken: ({ resource, maxConcurrency, reserved }) =>
      reserved !== undefined &&
      maxConcurrency === undefined &&
      resource.get('ScalingConfig', 'MaximumConcurrency') === undefined &&
      resource.get('ProvisionedPollerConfig') === undefined,
    message: ({ reserved, handler }) =>
      `should be 2 to ${reserved}, the reserved concurrency of ${handler?.path}, but was not given; Lambda polls for more than the function may run, each throttled batch counts as a receive, and sound messages become dead letters`,
  },
  {
    id: 'Spillway-Mapping-PollersAndConcurrency',
    property: 'ProvisionedPollerConfig',
    broken: ({ resource, maxConcurrency }) =>
      resource.get('ProvisionedPollerConfig') !== undefined && maxConcurrency !== undefined,
    message: () => TEXTS['Spillway-Mapping-PollersAndConcurrency'](),
  },
  {
    id: 'Spillway-Mapping-BatchSizeOutOfRange',
    property: 'BatchSize',
    broken: ({ batchSize, source }) => isOutside(batchSize, 1, isFifo(source) ? 10 : 10_000),
    message: ({ batchSize, source }) =>
      TEXTS['Spillway-Mapping-BatchSizeOutOfRange']({ got: batchSize, fifo: isFifo(source) }),
  },
  {
    id: 'Spillway-Mapping-WindowOutOfRange',
    property: 'MaximumBatchingWindowInSeconds',
    broken: ({ window }) => isOutside(window, 0, 300),
    message: ({ window }) => TEXTS['Spillway-Mapping-WindowOutOfRange']({ got: window }),
  },
  {
    id: 'Spillway-Mapping-BatchNeedsWindow',
    property: 'MaximumBatchingWindowInSeconds',
    broken: ({ batchSize = 0, window, source }) => batchSize > 10 && window === 0 && isFifo(source) === false,
    message: ({ batchSize }) => TEXTS['Spillway-Mapping-BatchNeedsWindow']({ batchSize }),
  },
  {
    id: 'Spillway-Mapping-WindowOnFifo',
    property: 'MaximumBatchingWindowInSeconds',
    broken: ({ window = 0, source }) => window > 0 && isFifo(source) === true,
    message: ({ window }) => TEXTS['Spillway-Mapping-WindowOnFifo']({ got: window }),
  },
  {
    id: 'Spillway-Mapping-StreamsOnly',
    property: (facts) => streamsOnly(facts) ?? '',
    broken: (facts) => streamsOnly(facts) !== undefined,
    message: (facts) =>
      `must not be set for a queue, but was ${JSON.stringify(facts.resource.get(streamsOnly(facts) ?? ''))}; Lambda knows it for streams only and refuses it`,
  },
  {
    id: 'Spillway-Mapping-OtherRegion',
    property: 'EventSourceArn',
    broken: ({ resource, source }) => differ(resource.stack.region, regionOf(source)),
    message: ({ resource, source, handler }) =>
      TEXTS['Spillway-Mapping-OtherRegion']({
        handler: handler?.path ?? 'a function',
        handlerRegion: resource.stack.region,
        queue: source.name,
        queueRegion: regionOf(source),
      }),
  },
  {
    id: 'Spillway-Mapping-TooManyFilters',
    property: 'FilterCriteria.Filters',
    broken: (facts) => filters(facts) > MAX_FILTERS,
    message: (facts) => TEXTS['Spillway-Mapping-TooManyFilters']({ got: filters(facts) }),
  },
];

interface SharedQueue extends Subject {
  readonly source: QueueEnd;
  readonly others: readonly Mapping[];
  readonly filtered: boolean;
}

/** The mappings of queues that have several. */
function* sharedQueues(app: Deployment): Iterable<SharedQueue> {
  const all = [...mappings(app)];
  for (const mapping of all) {
    const others = all.filter(
      ({ source, resource }) => resource !== mapping.resource && isSame(source, mapping.source),
    );
    if (others.length === 0) continue;
    const filtered = [mapping, ...others].some((one) => filters(one) > 0);
    yield { resource: mapping.resource, source: mapping.source, others, filtered };
  }
}

const isSame = (one: QueueEnd, other: QueueEnd) =>
  one.queue === undefined ? one.arn === other.arn : one.queue === other.queue;
const handlers = ({ others }: SharedQueue) =>
  others.map(({ handler, resource }) => (handler ?? resource).path).join(', ');

const SHARING_RULES: readonly TemplateRule<SharedQueue>[] = [
  {
    id: 'Spillway-Mapping-FiltersShareQueue',
    property: 'EventSourceArn',
    broken: ({ filtered }) => filtered,
    message: (facts) =>
      `must be a queue without another mapping if there are filters, but ${facts.source.name} is mapped to ${handlers(facts)} as well; Lambda deletes what a mapping's filter doesn't match, even what another mapping's would`,
  },
  {
    id: 'Spillway-Mapping-QueueShared',
    severity: 'warning',
    property: 'EventSourceArn',
    broken: ({ filtered }) => !filtered,
    message: (facts) =>
      `should be a queue without another mapping, but ${facts.source.name} is mapped to ${handlers(facts)} as well; each message reaches one of the functions, not all`,
  },
];

/** What Lambda needs of a mapping, its queue and its function. */
export const MAPPINGS = [check(mappings, RULES), check(sharedQueues, SHARING_RULES)];
