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
import { SqsPoller } from './sqs-poller';

type MappingState = 'Creating' | 'Enabled' | 'Updating' | 'Enabling' | 'Disabling' | 'Disabled' | 'Deleting';

/** A state change of a mapping in progress. */
interface Transition {
  readonly timer: Timer;
  readonly take: () => void;
}

interface Mapping {
  readonly uuid: string;
  readonly queueArn: string;
  /** As the caller named it: with a version, an alias, or neither. */
  fn: MappedFunction;
  settings: MappingSettings;
  state: MappingState;
  /** Set when its queue is deleted: a queue created later with the same name is a different one. */
  queueGone: boolean;
  lastModified: number;
  readonly metrics: MappingMetrics;
  poller?: SqsPoller;
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
    dependencies.queues.onDeleted((queueArn) => this.queueDeleted(queueArn));
  }

  public create(input: CreateEventSourceMappingRequest, fn: FunctionToMap): EventSourceMappingConfiguration {
    const queueArn = this.checkQueueArn(input.EventSourceArn);
    const settings = readSettings(input, this.checkQueue(queueArn, fn.spec.timeoutSeconds));
    for (const other of this.mappings.values()) {
      if (other.queueArn !== queueArn || other.fn.arn !== fn.arn) continue;
      throw resourceConflict(
        `An event source mapping with SQS arn (" ${queueArn} ") and function (" ${nameOf(fn)} ") already exists. ` +
          `Please update or delete the existing mapping with UUID ${other.uuid}`,
      );
    }
    const uuid = this.uuids.uuid();
    const mapping: Mapping = {
      uuid,
      queueArn,
      fn: toMapped(fn),
      settings,
      state: settings.enabled ? 'Creating' : 'Disabled',
      queueGone: false,
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
        (input.EventSourceArn === undefined || mapping.queueArn === input.EventSourceArn) &&
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
    if (mapping.queueGone) throw queueNotFound();
    const before = mapping.settings;
    mapping.settings = readSettings(input, this.checkQueue(mapping.queueArn, fn.spec.timeoutSeconds), before);
    if (newFunction !== undefined) mapping.fn = toMapped(newFunction);
    if (before.enabled === mapping.settings.enabled) mapping.state = 'Updating';
    else mapping.state = mapping.settings.enabled ? 'Enabling' : 'Disabling';
    this.touch(mapping);
    this.settleLater(mapping);
    return this.describe(mapping);
  }

  public delete({ UUID: uuid }: DeleteEventSourceMappingRequest): EventSourceMappingConfiguration {
    const mapping = this.settled(uuid);
    mapping.state = 'Deleting';
    this.touch(mapping);
    mapping.poller?.stop();
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
      mapping.poller?.abandon();
    }
  }

  /** The metrics of the mappings for the minutes before `end`. */
  public collectMetrics(end: number): MetricDatum[] {
    return [...this.mappings.values()].flatMap(({ metrics, poller }) => {
      const pollers = poller?.takeProvisionedPollers();
      if (pollers !== undefined) metrics.pollers(pollers, end - 1);
      return metrics.collect(end);
    });
  }

  /** Repeats empty polls for the skipped milliseconds. */
  public skip(milliseconds: number): void {
    for (const { metrics } of this.mappings.values()) metrics.skip(milliseconds);
  }

  private queueDeleted(queueArn: string): void {
    for (const mapping of this.mappings.values()) {
      if (mapping.queueArn !== queueArn || mapping.queueGone) continue;
      mapping.queueGone = true;
      if (!mapping.settings.enabled) continue;
      mapping.settings = { ...mapping.settings, enabled: false };
      const reason = 'its queue was deleted';
      this.dependencies.timeline.record('lambda.mappingDisabled', mapping.fn.address.functionName, {
        queue: queueArn,
        reason,
      });
      // A mapping that is Updating or Deleting still becomes Disabled, or is deleted, when that is due.
      mapping.poller?.stop();
      if (mapping.transition !== undefined) continue;
      mapping.poller = undefined;
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
      const { queueArn, fn, settings, metrics } = mapping;
      mapping.poller?.stop();
      mapping.poller = undefined;
      mapping.state = settings.enabled ? 'Enabled' : 'Disabled';
      if (!settings.enabled) return;
      metrics.counting = settings.metrics.includes('EventCount');
      const task = { queueArn, ...fn.address, settings, metrics };
      mapping.poller = new SqsPoller(this.dependencies, this.limits, this.invocations, this.registry, task);
      mapping.poller.start();
    };
    const what = `the event source mapping of ${mapping.fn.address.functionName} takes effect`;
    this.later(mapping, settle, what);
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

  private checkQueueArn(text: string | undefined): string {
    if (text === undefined) throw invalidParameter('Unrecognized event source.');
    const arn = parseArn(text);
    if (arn?.service !== 'sqs') {
      throw invalidParameter(`Event source ${text} is not emulated: only Amazon SQS queues are.`);
    }
    if (arn.region !== this.dependencies.region) {
      throw invalidParameter(
        `The event source ${text} must be in the same Region as the function, ${this.dependencies.region}.`,
      );
    }
    return text;
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

  private describe({ uuid, queueArn, fn, settings, ...mapping }: Mapping): EventSourceMappingConfiguration {
    const { account, region } = this.dependencies;
    return {
      UUID: uuid,
      EventSourceMappingArn: formatArn('lambda', region, account, `event-source-mapping:${uuid}`),
      EventSourceArn: queueArn,
      FunctionArn: fn.arn,
      BatchSize: settings.batchSize,
      MaximumBatchingWindowInSeconds: settings.windowSeconds,
      FunctionResponseTypes: settings.reportsItemFailures ? ['ReportBatchItemFailures'] : [],
      ...(settings.maximumConcurrency !== undefined && {
        ScalingConfig: { MaximumConcurrency: settings.maximumConcurrency },
      }),
      ...(settings.pollers !== undefined && {
        ProvisionedPollerConfig: {
          MinimumPollers: settings.pollers.minimum,
          MaximumPollers: settings.pollers.maximum,
        },
      }),
      ...(settings.filterCriteria !== undefined && { FilterCriteria: settings.filterCriteria }),
      ...(settings.kmsKeyArn !== undefined && { KMSKeyArn: settings.kmsKeyArn }),
      ...(settings.metrics.length > 0 && { MetricsConfig: { Metrics: [...settings.metrics] } }),
      LastModified: new Date(mapping.lastModified),
      State: mapping.state,
      StateTransitionReason: mapping.queueGone ? 'LAMBDA_INITIATED' : 'USER_INITIATED',
    };
  }
}

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
