import type { Lambda } from '../lambda';
import type { EventSourceMappingMetric, EventSourcePosition, FunctionResponseType } from '@aws-sdk/client-lambda';
import { formatArn, parseArn } from '../../../core';
import {
  emulated,
  flag,
  inert,
  integer,
  list,
  number,
  record,
  replacing,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import type { PropertyReport } from '../../../cloudformation/provider/report';
import { UnsupportedResource, type ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { tagChanges, tagList, tagMap } from '../../../cloudformation/provider/tags';

const properties = {
  BatchSize: emulated(integer),
  BisectBatchOnFunctionError: emulated(flag),
  DestinationConfig: emulated(record({ OnFailure: emulated(record({ Destination: emulated(text) })) })),
  Enabled: emulated(flag),
  EventSourceArn: replacing(emulated(text)),
  FilterCriteria: emulated(record({ Filters: emulated(list(record({ Pattern: emulated(text) }))) })),
  FunctionName: required(emulated(text)),
  FunctionResponseTypes: emulated(list(text)),
  KmsKeyArn: inert(text, 'nothing is encrypted here'),
  MaximumBatchingWindowInSeconds: emulated(integer),
  MaximumRecordAgeInSeconds: emulated(integer),
  MaximumRetryAttempts: emulated(integer),
  MetricsConfig: emulated(record({ Metrics: emulated(list(text)) })),
  ParallelizationFactor: emulated(integer),
  ProvisionedPollerConfig: emulated(
    record({ MaximumPollers: emulated(integer), MinimumPollers: emulated(integer), PollerGroupName: emulated(text) }),
  ),
  ScalingConfig: emulated(record({ MaximumConcurrency: emulated(integer) })),
  StartingPosition: replacing(emulated(text)),
  StartingPositionTimestamp: replacing(emulated(number)),
  Tags: emulated(tagList),
  TumblingWindowInSeconds: emulated(integer),
};

/** The values of properties that an update removes from the template. */
const DEFAULTS = {
  Enabled: true,
  FilterCriteria: { Filters: [] },
  FunctionResponseTypes: [],
  MaximumBatchingWindowInSeconds: 0,
  MetricsConfig: { Metrics: [] },
};

const QUEUE_DEFAULTS = { ...DEFAULTS, BatchSize: 10, ProvisionedPollerConfig: {}, ScalingConfig: {} };

const STREAM_DEFAULTS = {
  ...DEFAULTS,
  BatchSize: 100,
  BisectBatchOnFunctionError: false,
  DestinationConfig: { OnFailure: {} },
  MaximumRecordAgeInSeconds: -1,
  MaximumRetryAttempts: -1,
  ParallelizationFactor: 1,
  TumblingWindowInSeconds: 0,
};

/** The limit on provisioned pollers in older models of AWS, before it became 10,000. */
const MOST_POLLERS_ONCE = 2_000;

/**
 * Event source mappings for queues and streams. A stack is complete when its mappings are Enabled or Disabled, and a deployment
 * takes no emulated time: so their state changes complete at its end. Properties for Kafka are reported as unsupported.
 */
export const lambdaEventSourceMapping = define({
  type: 'AWS::Lambda::EventSourceMapping',
  properties,
  create(resource, context: ResourceContext<Lambda>) {
    const { EventSourceArn, ...given } = resource.properties;
    if (EventSourceArn === undefined) throw new UnsupportedResource('it has no EventSourceArn');
    const service = parseArn(EventSourceArn)?.service;
    if (service !== 'sqs' && service !== 'kinesis' && service !== 'dynamodb') {
      throw new UnsupportedResource(
        `its event source is of ${service ?? 'no service'}, not of SQS, Kinesis or DynamoDB`,
      );
    }
    checkSource(EventSourceArn, context);
    const { UUID: uuid = '' } = context.service.createEventSourceMapping(
      { ...settingsOf(given), ...startOf(given), EventSourceArn, Tags: tagMap(given.Tags ?? []) },
      context.call,
    );
    const arn = formatArn('lambda', context.region, context.account, `event-source-mapping:${uuid}`);
    context.service.setSystemTags(arn, resource.systemTags);
    return {
      ref: uuid,
      attributes: { Id: uuid, EventSourceMappingArn: arn },
      review: reviewPollers(given, EventSourceArn),
      afterwards: () => context.service.settleEventSourceMapping(uuid),
    };
  },
  update({ ref: UUID, attributes, properties: given, previous }, context: ResourceContext<Lambda>) {
    // A user may just have changed it.
    context.service.settleEventSourceMapping(UUID);
    const defaults = parseArn(given.EventSourceArn ?? '')?.service === 'sqs' ? QUEUE_DEFAULTS : STREAM_DEFAULTS;
    context.service.updateEventSourceMapping({ ...settingsOf({ ...defaults, ...given }), UUID }, context.call);
    const { added, removed } = tagChanges(previous.Tags, given.Tags);
    const Resource = formatArn('lambda', context.region, context.account, `event-source-mapping:${UUID}`);
    if (removed.length > 0) context.service.untagResource({ Resource, TagKeys: removed }, context.call);
    if (Object.keys(added).length > 0) context.service.tagResource({ Resource, Tags: added }, context.call);
    return {
      ref: UUID,
      attributes,
      review: reviewPollers(given, given.EventSourceArn),
      afterwards: () => context.service.settleEventSourceMapping(UUID),
    };
  },
  delete({ ref: UUID }, context: ResourceContext<Lambda>) {
    unlessGone(() => {
      context.service.settleEventSourceMapping(UUID);
      context.service.deleteEventSourceMapping({ UUID }, context.call);
      context.service.settleEventSourceMapping(UUID);
    }, 'ResourceNotFoundException');
  },
});

/** What the app imports does not exist here unless somebody created it; AWS would then reject the stack. */
function checkSource(arn: string, context: ResourceContext<Lambda>): void {
  if (context.service.readsSource(arn)) return;
  const kind = parseArn(arn)?.service === 'sqs' ? 'queue' : 'stream';
  throw new UnsupportedResource(`the ${kind} ${arn} is not here, and the app does not make it`);
}

/** Where a new mapping of a stream starts. */
function startOf(given: Values<typeof properties>) {
  const { StartingPosition, StartingPositionTimestamp: seconds } = given;
  return {
    // A name from an open set: the service rejects those that it does not know.
    StartingPosition: StartingPosition as EventSourcePosition | undefined,
    StartingPositionTimestamp: seconds === undefined ? undefined : new Date(seconds * 1_000),
  };
}

/** Reports values that are accepted here, but that AWS may reject in some Regions. */
function reviewPollers(
  { ProvisionedPollerConfig: pollers }: Pick<Values<typeof properties>, 'ProvisionedPollerConfig'>,
  queueArn = '',
): PropertyReport[] {
  const name = 'ProvisionedPollerConfig';
  if (pollers === undefined) return [];
  if ((pollers.MaximumPollers ?? 0) > MOST_POLLERS_ONCE) {
    return [{ name, status: 'emulated', note: 'tools of before 2026 refuse more than 2,000 pollers' }];
  }
  if (!queueArn.endsWith('.fifo')) return [];
  return [{ name, status: 'emulated', note: 'AWS does not say whether FIFO queues can have provisioned pollers' }];
}

/** The input of the API's actions, without the mapping's id. */
function settingsOf(given: Omit<Values<typeof properties>, 'EventSourceArn'>) {
  const { FunctionResponseTypes, MetricsConfig } = given;
  return {
    FunctionName: given.FunctionName,
    BatchSize: given.BatchSize,
    BisectBatchOnFunctionError: given.BisectBatchOnFunctionError,
    DestinationConfig: given.DestinationConfig,
    MaximumRecordAgeInSeconds: given.MaximumRecordAgeInSeconds,
    MaximumRetryAttempts: given.MaximumRetryAttempts,
    ParallelizationFactor: given.ParallelizationFactor,
    TumblingWindowInSeconds: given.TumblingWindowInSeconds,
    Enabled: given.Enabled,
    FilterCriteria: given.FilterCriteria,
    // Names from open sets: the service rejects those that it does not know.
    FunctionResponseTypes: FunctionResponseTypes as FunctionResponseType[] | undefined,
    MetricsConfig: MetricsConfig && { Metrics: MetricsConfig.Metrics as EventSourceMappingMetric[] },
    KMSKeyArn: given.KmsKeyArn,
    MaximumBatchingWindowInSeconds: given.MaximumBatchingWindowInSeconds,
    ProvisionedPollerConfig: given.ProvisionedPollerConfig,
    ScalingConfig: given.ScalingConfig,
  };
}
