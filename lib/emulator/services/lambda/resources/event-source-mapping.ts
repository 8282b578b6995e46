import type { Lambda } from '../lambda';
import type { EventSourceMappingMetric, FunctionResponseType } from '@aws-sdk/client-lambda';
import { formatArn, parseArn } from '../../../core';
import {
  emulated,
  flag,
  inert,
  integer,
  list,
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
  Enabled: emulated(flag),
  EventSourceArn: replacing(emulated(text)),
  FilterCriteria: emulated(record({ Filters: emulated(list(record({ Pattern: emulated(text) }))) })),
  FunctionName: required(emulated(text)),
  FunctionResponseTypes: emulated(list(text)),
  KmsKeyArn: inert(text, 'nothing is encrypted here'),
  MaximumBatchingWindowInSeconds: emulated(integer),
  MetricsConfig: emulated(record({ Metrics: emulated(list(text)) })),
  ProvisionedPollerConfig: emulated(
    record({ MaximumPollers: emulated(integer), MinimumPollers: emulated(integer), PollerGroupName: emulated(text) }),
  ),
  ScalingConfig: emulated(record({ MaximumConcurrency: emulated(integer) })),
  Tags: emulated(tagList),
};

/** The values of properties that an update removes from the template. */
const DEFAULTS = {
  BatchSize: 10,
  Enabled: true,
  FilterCriteria: { Filters: [] },
  FunctionResponseTypes: [],
  MaximumBatchingWindowInSeconds: 0,
  MetricsConfig: { Metrics: [] },
  ProvisionedPollerConfig: {},
  ScalingConfig: {},
};

/** The limit on provisioned pollers in older models of AWS, before it became 10,000. */
const MOST_POLLERS_ONCE = 2_000;

/**
 * Event source mappings for queues. A stack is complete when its mappings are Enabled or Disabled, and a deployment
 * takes no emulated time: so their state changes complete at its end. Properties for streams and Kafka are reported as
 * unsupported.
 */
export const lambdaEventSourceMapping = define({
  type: 'AWS::Lambda::EventSourceMapping',
  properties,
  create(resource, context: ResourceContext<Lambda>) {
    const { EventSourceArn, ...given } = resource.properties;
    if (EventSourceArn === undefined) throw new UnsupportedResource('it has no EventSourceArn');
    const service = parseArn(EventSourceArn)?.service;
    if (service !== 'sqs') {
      throw new UnsupportedResource(`its event source is of ${service ?? 'no service'}, not of sqs`);
    }
    checkQueue(EventSourceArn, context);
    const { UUID: uuid = '' } = context.service.createEventSourceMapping(
      { ...settingsOf(given), EventSourceArn, Tags: tagMap(given.Tags ?? []) },
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
    context.service.updateEventSourceMapping({ ...settingsOf({ ...DEFAULTS, ...given }), UUID }, context.call);
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

/** A queue that the app imports does not exist here unless somebody created it; AWS would then reject the stack. */
function checkQueue(queueArn: string, context: ResourceContext<Lambda>): void {
  if (context.service.readsQueue(queueArn)) return;
  throw new UnsupportedResource(`the queue ${queueArn} is not here, and the app does not make it`);
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
