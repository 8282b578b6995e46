import type {
  CreateEventSourceMappingRequest,
  DeleteEventSourceMappingRequest,
  EventSourceMappingConfiguration,
  GetEventSourceMappingRequest,
  ListEventSourceMappingsRequest,
  ListEventSourceMappingsResponse,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import { formatArn, type MetricDatum, parseArn } from '../../../core';
import type { Random, Timer } from '../../../clock';
import { functionNotFound, invalidParameter, mappingInUse, resourceConflict, resourceNotFound } from '../errors';
import type { Invocations } from '../invocations/invocations';
import type { LambdaLimits } from '../limits';
import { MappingMetrics } from './mapping-metrics';
import { readSettings, type MappingSettings } from './mapping-settings';
import { page } from '../page';
import type { FunctionAddress, FunctionRegistry, FunctionVersion } from '../functions/function-registry';
import type { LambdaDependencies } from '../dependencies';
import { newProgress, type StreamProgress } from './shard-progress';
import { SqsPoller } from './sqs-poller';
import { StreamPoller } from './stream-poller';
import { readStreamSettings, type StreamSettings } from './stream-settings';
import type { StreamSource } from './stream-source';

type MappingState = 'Creating' | 'Enabled' | 'Updating' | 'Enabling' | 'Disabling' | 'Disabled' | 'Deleting';

/** A state change of a mapping in progress. */
interface Transition {
  readonly timer: Timer;
  readonly take: () => void;
}

/** What a mapping polls, and how. */
type Origin = QueueOrigin | StreamOrigin;

interface QueueOrigin {
  readonly kind: 'queue';
  settings: MappingSettings;
  poller?: SqsPoller;
}

interface StreamOrigin {
  readonly kind: 'stream';
  readonly source: StreamSource;
  readonly progress: StreamProgress;
  settings: StreamSettings;
  poller?: StreamPoller;
  /** When the last poller's batches have ended. */
  ended: Promise<void>;
}

interface Mapping {
  readonly uuid: string;
  readonly sourceArn: string;
  /** As the caller named it: with a version, an alias, or neither. */
  fn: MappedFunction;
  readonly origin: Origin;
  state: MappingState;
  /** Set when its queue or stream is deleted: one created later with the same name is a different one. */
  sourceGone: boolean;
  lastModified: number;
  readonly metrics: MappingMetrics;
  transition?: Transition;
}

/** A function as a mapping refers to it. */
interface MappedFunction {
  readonly address: FunctionAddress;
  readonly arn: string;
}

/** The function of a mapping request, with `qualifier` and `arn` as the caller gave them. */
export type FunctionToMap = FunctionVersion & { readonly qualifier?: string; readonly arn: string };

const LARGEST_PAGE = 100;

/** The event source mappings of an account and Region, and their pollers. */
export class EventSourceMappings {
  private readonly mappings = new Map<string, Mapping>();
  private readonly uuids: Random;

  constructor(
    private readonly dependencies: LambdaDependencies,
    private readonly limits: LambdaLimits,
    private readonly invocations: Invocations,
    private readonly registry: FunctionRegistry,
  ) {
    this.uuids = dependencies.random.fork('lambda.mappings');
    dependencies.queues.onDeleted((queueArn) => this.sourceDeleted(queueArn, 'its queue was deleted'));
    for (const source of dependencies.streams ?? []) {
      source.onDeleted((streamArn) => this.sourceDeleted(streamArn, 'its stream was deleted'));
    }
  }

  public create(input: CreateEventSourceMappingRequest, fn: FunctionToMap): EventSourceMappingConfiguration {
    const sourceArn = this.checkSourceArn(input.EventSourceArn);
    const origin = this.originOf(sourceArn, input, fn);
    for (const other of this.mappings.values()) {
      if (other.sourceArn !== sourceArn || other.fn.arn !== fn.arn) continue;
      const text =
        origin.kind === 'queue'
          ? `An event source mapping with SQS arn (" ${sourceArn} ") and function (" ${nameOf(fn)} ") already exists. `
          : `The event source arn (" ${sourceArn} ") and function (" ${nameOf(fn)} ") provided mapping already exists. `;
      throw resourceConflict(`${text}Please update or delete the existing mapping with UUID ${other.uuid}`);
    }
    const { settings } = origin;
    const uuid = this.uuids.uuid();
    const mapping: Mapping = {
      uuid,
      sourceArn,
      fn: toMapped(fn),
      origin,
      state: settings.enabled ? 'Creating' : 'Disabled',
      sourceGone: false,
      lastModified: this.dependencies.clock.now(),
      metrics: new MappingMetrics(uuid, this.dependencies.clock),
    };
    this.mappings.set(mapping.uuid, mapping);
    if (settings.enabled) this.settleLater(mapping);
    return this.describe(mapping);
  }

  public has(uuid: string): boolean {
    return this.mappings.has(uuid);
  }

  public get({ UUID: uuid }: GetEventSourceMappingRequest): EventSourceMappingConfiguration {
    return this.describe(this.lookUp(uuid));
  }

  public list(input: ListEventSourceMappingsRequest, functionArn?: string): ListEventSourceMappingsResponse {
    const matching = [...this.mappings.values()].filter(
      (mapping) =>
        (input.EventSourceArn === undefined || mapping.sourceArn === input.EventSourceArn) &&
        (functionArn === undefined || mapping.fn.arn === functionArn),
    );
    const { items, nextMarker } = page(matching, input, LARGEST_PAGE);
    return {
      EventSourceMappings: items.map((mapping) => this.describe(mapping)),
      ...(nextMarker !== undefined && { NextMarker: nextMarker }),
    };
  }

  public update(input: UpdateEventSourceMappingRequest, newFunction?: FunctionToMap): EventSourceMappingConfiguration {
    const mapping = this.settled(input.UUID);
    const fn = newFunction ?? this.registry.versionAt(mapping.fn.address);
    if (fn === undefined) throw functionNotFound(mapping.fn.arn);
    const { origin, sourceArn } = mapping;
    const before = origin.settings;
    if (origin.kind === 'queue') {
      if (mapping.sourceGone) throw queueNotFound();
      origin.settings = readSettings(input, this.checkQueue(sourceArn, fn.spec.timeoutSeconds), origin.settings);
    } else {
      if (mapping.sourceGone) throw streamNotFound(sourceArn);
      origin.settings = readStreamSettings(input, origin.source.service, origin.settings);
    }
    if (newFunction !== undefined) mapping.fn = toMapped(newFunction);
    if (before.enabled === origin.settings.enabled) mapping.state = 'Updating';
    else mapping.state = origin.settings.enabled ? 'Enabling' : 'Disabling';
    this.touch(mapping);
    this.settleLater(mapping);
    return this.describe(mapping);
  }

  public delete({ UUID: uuid }: DeleteEventSourceMappingRequest): EventSourceMappingConfiguration {
    const mapping = this.settled(uuid);
    mapping.state = 'Deleting';
    this.touch(mapping);
    halt(mapping.origin);
    this.later(mapping, () => void this.mappings.delete(mapping.uuid), 'an event source mapping is gone');
    return this.describe(mapping);
  }

  /** Completes a mapping's state change, if one is in progress. */
  public settle(uuid: string): void {
    const { transition } = this.mappings.get(uuid) ?? {};
    transition?.timer.cancel();
    transition?.take();
  }

  /** Stops polling. Messages that were received but not processed return to their queues. */
  public abandon(): void {
    for (const mapping of this.mappings.values()) {
      mapping.transition?.timer.cancel();
      if (mapping.origin.kind === 'queue') mapping.origin.poller?.abandon();
      else void mapping.origin.poller?.stop();
    }
  }

  /** The metrics of the mappings for the minutes before `end`. */
  public collectMetrics(end: number): MetricDatum[] {
    return [...this.mappings.values()].flatMap(({ metrics, origin }) => {
      const pollers = origin.kind === 'queue' ? origin.poller?.takeProvisionedPollers() : undefined;
      if (pollers !== undefined) metrics.pollers(pollers, end - 1);
      return metrics.collect(end);
    });
  }

  /** Repeats empty polls for the skipped milliseconds. */
  public skip(milliseconds: number): void {
    for (const { metrics } of this.mappings.values()) metrics.skip(milliseconds);
  }

  private sourceDeleted(sourceArn: string, reason: string): void {
    for (const mapping of this.mappings.values()) {
      if (mapping.sourceArn !== sourceArn || mapping.sourceGone) continue;
      const { origin } = mapping;
      mapping.sourceGone = true;
      if (!origin.settings.enabled) continue;
      disable(origin);
      const detail = { [origin.kind]: sourceArn, reason };
      this.dependencies.timeline.record('lambda.mappingDisabled', mapping.fn.address.functionName, detail);
      // A mapping that is Updating or Deleting still becomes Disabled, or is deleted, when that is due.
      halt(origin);
      if (mapping.transition !== undefined) continue;
      origin.poller = undefined;
      mapping.state = 'Disabled';
      this.touch(mapping);
    }
  }

  private touch(mapping: Mapping): void {
    mapping.lastModified = this.dependencies.clock.now();
  }

  private later(mapping: Mapping, task: () => void, what: string): void {
    const take = () => {
      mapping.transition = undefined;
      task();
    };
    const at = this.dependencies.clock.now() + this.limits.mappingTransition;
    mapping.transition = { take, timer: this.dependencies.clock.schedule(at, take, what) };
  }

  /** Completes a state change later. Until then the mapping uses its old settings, or does nothing if it is new. */
  private settleLater(mapping: Mapping): void {
    const settle = () => {
      const { origin, metrics } = mapping;
      halt(origin);
      origin.poller = undefined;
      mapping.state = origin.settings.enabled ? 'Enabled' : 'Disabled';
      if (!origin.settings.enabled) return;
      metrics.counting = origin.settings.metrics.includes('EventCount');
      this.poll(mapping);
    };
    const what = `the event source mapping of ${mapping.fn.address.functionName} takes effect`;
    this.later(mapping, settle, what);
  }

  private poll({ origin, sourceArn, fn, metrics }: Mapping): void {
    const { dependencies, limits, invocations, registry } = this;
    if (origin.kind === 'queue') {
      const task = { queueArn: sourceArn, ...fn.address, settings: origin.settings, metrics };
      origin.poller = new SqsPoller(dependencies, limits, invocations, registry, task);
      origin.poller.start();
      return;
    }
    const { settings, source, progress } = origin;
    const task = { streamArn: sourceArn, functionArn: fn.arn, ...fn.address, settings, metrics, source, progress };
    origin.poller = new StreamPoller({ lambda: dependencies, limits, invocations, registry }, task);
    origin.poller.start(origin.ended);
  }

  private lookUp(uuid: string | undefined): Mapping {
    const mapping = this.mappings.get(uuid ?? '');
    if (mapping === undefined) throw resourceNotFound('The resource you requested does not exist.');
    return mapping;
  }

  private settled(uuid: string | undefined): Mapping {
    const mapping = this.lookUp(uuid);
    if (mapping.state !== 'Enabled' && mapping.state !== 'Disabled') throw mappingInUse();
    return mapping;
  }

  private checkSourceArn(text: string | undefined): string {
    if (text === undefined) throw invalidParameter('Unrecognized event source.');
    const arn = parseArn(text);
    if (arn?.service !== 'sqs' && this.sourceOf(text) === undefined) {
      throw invalidParameter(
        `Event source ${text} is not emulated: only queues of SQS and streams of Kinesis and DynamoDB are.`,
      );
    }
    if (arn?.region !== this.dependencies.region) {
      throw invalidParameter(
        `The event source ${text} must be in the same Region as the function, ${this.dependencies.region}.`,
      );
    }
    return text;
  }

  private sourceOf(arn: string): StreamSource | undefined {
    const service = parseArn(arn)?.service;
    return this.dependencies.streams?.find((source) => source.service === service);
  }

  private originOf(sourceArn: string, input: CreateEventSourceMappingRequest, { spec }: FunctionToMap): Origin {
    const source = this.sourceOf(sourceArn);
    if (source === undefined) {
      return { kind: 'queue', settings: readSettings(input, this.checkQueue(sourceArn, spec.timeoutSeconds)) };
    }
    const settings = readStreamSettings(input, source.service);
    if (!source.exists(sourceArn)) throw streamNotFound(sourceArn);
    const refusal = source.refusal(sourceArn, spec);
    if (refusal !== undefined) throw invalidParameter(refusal);
    return { kind: 'stream', source, settings, progress: newProgress(), ended: Promise.resolve() };
  }

  private checkQueue(queueArn: string, functionTimeout: number): { readonly fifo: boolean } {
    const queue = this.dependencies.queues.describe(queueArn);
    if (queue === undefined) throw queueNotFound();
    const { visibilityTimeoutSeconds: visibility } = queue;
    if (visibility < functionTimeout) {
      throw invalidParameter(
        `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${functionTimeout} seconds`,
      );
    }
    return queue;
  }

  private describe({ uuid, sourceArn, fn, origin, ...mapping }: Mapping): EventSourceMappingConfiguration {
    const { account, region } = this.dependencies;
    const { settings } = origin;
    return {
      UUID: uuid,
      EventSourceMappingArn: formatArn('lambda', region, account, `event-source-mapping:${uuid}`),
      EventSourceArn: sourceArn,
      FunctionArn: fn.arn,
      BatchSize: settings.batchSize,
      MaximumBatchingWindowInSeconds: settings.windowSeconds,
      FunctionResponseTypes: settings.reportsItemFailures ? ['ReportBatchItemFailures'] : [],
      ...(origin.kind === 'queue' ? describeQueue(origin) : describeStream(origin)),
      ...(settings.filterCriteria !== undefined && { FilterCriteria: settings.filterCriteria }),
      ...(settings.kmsKeyArn !== undefined && { KMSKeyArn: settings.kmsKeyArn }),
      ...(settings.metrics.length > 0 && { MetricsConfig: { Metrics: [...settings.metrics] } }),
      LastModified: new Date(mapping.lastModified),
      State: mapping.state,
      StateTransitionReason: mapping.sourceGone
        ? 'LAMBDA_INITIATED'
        : origin.kind === 'queue'
          ? 'USER_INITIATED'
          : 'User action',
    };
  }
}

function describeQueue({ settings }: QueueOrigin): Partial<EventSourceMappingConfiguration> {
  const { maximumConcurrency, pollers } = settings;
  return {
    ...(maximumConcurrency !== undefined && { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
    ...(pollers !== undefined && {
      ProvisionedPollerConfig: { MinimumPollers: pollers.minimum, MaximumPollers: pollers.maximum },
    }),
  };
}

function describeStream({ settings, progress }: StreamOrigin): Partial<EventSourceMappingConfiguration> {
  const { start, onFailure } = settings;
  return {
    BisectBatchOnFunctionError: settings.bisects,
    DestinationConfig: { OnFailure: onFailure === undefined ? {} : { Destination: onFailure } },
    LastProcessingResult: progress.lastResult,
    MaximumRecordAgeInSeconds: settings.maximumAgeSeconds,
    MaximumRetryAttempts: settings.maximumRetries,
    ParallelizationFactor: settings.parallelization,
    StartingPosition: start.type,
    ...(start.timestamp !== undefined && { StartingPositionTimestamp: new Date(start.timestamp) }),
    TumblingWindowInSeconds: settings.tumblingSeconds,
  };
}

/** Stops a mapping's poller. What it has received is still processed. */
function halt(origin: Origin): void {
  if (origin.kind === 'queue') origin.poller?.stop();
  else if (origin.poller !== undefined) origin.ended = origin.poller.stop();
}

function disable(origin: Origin): void {
  if (origin.kind === 'queue') origin.settings = { ...origin.settings, enabled: false };
  else origin.settings = { ...origin.settings, enabled: false };
}

const streamNotFound = (arn: string): Error => invalidParameter(`Stream not found: ${arn}`);

const queueNotFound = (): Error =>
  invalidParameter(
    'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. ' +
      'SQS Error Message: The specified queue does not exist.',
  );

function toMapped({ spec: { functionName }, qualifier, arn }: FunctionToMap): MappedFunction {
  return { address: { functionName, ...(qualifier !== undefined && { qualifier }) }, arn };
}

function nameOf({ spec: { functionName }, qualifier }: FunctionToMap): string {
  return qualifier === undefined ? functionName : `${functionName}:${qualifier}`;
}
