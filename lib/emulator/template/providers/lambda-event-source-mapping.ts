import type { EventSourceMappingMetric, FunctionResponseType } from '@aws-sdk/client-lambda';
import { formatArn, parseArn } from '../../api';
import { emulated, flag, inert, integer, list, record, required, text } from '../shapes';
import { UnsupportedResource } from './contract';
import { define } from './define';
import { tagList } from './tags';

/** Mappings of queues; the properties of streams and of Kafka are reported as unsupported. */
export const lambdaEventSourceMapping = define({
  type: 'AWS::Lambda::EventSourceMapping',
  properties: {
    BatchSize: emulated(integer),
    Enabled: emulated(flag),
    EventSourceArn: emulated(text),
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
    Tags: inert(tagList),
  },
  create(resource, cloud) {
    const { EventSourceArn, FunctionResponseTypes, ...given } = resource.properties;
    if (EventSourceArn === undefined) throw new UnsupportedResource('it has no EventSourceArn');
    const service = parseArn(EventSourceArn)?.service;
    if (service !== 'sqs') {
      throw new UnsupportedResource(`its event source is of ${service ?? 'no service'}, not of sqs`);
    }
    const { UUID: uuid = '' } = cloud.lambda.createEventSourceMapping(
      {
        EventSourceArn,
        FunctionName: given.FunctionName,
        BatchSize: given.BatchSize,
        Enabled: given.Enabled,
        FilterCriteria: given.FilterCriteria,
        // Names from an open set: the service refuses those that it does not know.
        FunctionResponseTypes: FunctionResponseTypes as FunctionResponseType[] | undefined,
        KMSKeyArn: given.KmsKeyArn,
        MaximumBatchingWindowInSeconds: given.MaximumBatchingWindowInSeconds,
        MetricsConfig: given.MetricsConfig && { Metrics: given.MetricsConfig.Metrics as EventSourceMappingMetric[] },
        ProvisionedPollerConfig: given.ProvisionedPollerConfig,
        ScalingConfig: given.ScalingConfig,
      },
      cloud.call,
    );
    const arn = formatArn('lambda', cloud.region, cloud.account, `event-source-mapping:${uuid}`);
    return { ref: uuid, attributes: { Id: uuid, EventSourceMappingArn: arn } };
  },
});
