import type { CloudWatch } from '../cloudwatch';
import type { ComparisonOperator, EvaluationWindow, StandardUnit, Statistic } from '@aws-sdk/client-cloudwatch';
import { formatArn } from '../../../core';
import {
  document,
  emulated,
  flag,
  integer,
  list,
  naming,
  number,
  record,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import { alarmNameOf, uniqueAlarmName } from './alarm-name';
import { changeTags } from './tags';
import { type NewResource, type ResourceContext, UnsupportedResource } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { tagList } from '../../../cloudformation/provider/tags';

const dimensions = emulated(list(record({ Name: required(emulated(text)), Value: required(emulated(text)) })));

const metricStat = record({
  Metric: required(emulated(record({ Dimensions: dimensions, MetricName: emulated(text), Namespace: emulated(text) }))),
  Period: required(emulated(integer)),
  Stat: required(emulated(text)),
  Unit: emulated(text),
});

const metricDataQuery = record({
  AccountId: emulated(text, 'of the own account only'),
  Expression: emulated(text),
  Id: required(emulated(text)),
  Label: emulated(text),
  MetricStat: emulated(metricStat),
  Period: emulated(integer),
  ReturnData: emulated(flag),
});

const properties = {
  ActionsEnabled: emulated(flag),
  AlarmActions: emulated(list(text)),
  AlarmDescription: emulated(text),
  AlarmName: naming(emulated(text)),
  ComparisonOperator: required(emulated(text)),
  DatapointsToAlarm: emulated(integer),
  Dimensions: dimensions,
  EvaluateLowSampleCountPercentile: emulated(text),
  EvaluationPeriods: required(emulated(integer)),
  EvaluationWindow: emulated(
    record({ SlidingWindow: emulated(document), WallClockWindow: emulated(record({ Timezone: emulated(text) })) }),
  ),
  ExtendedStatistic: emulated(text),
  InsufficientDataActions: emulated(list(text)),
  MetricName: emulated(text),
  Metrics: emulated(list(metricDataQuery)),
  Namespace: emulated(text),
  OKActions: emulated(list(text)),
  Period: emulated(integer),
  Statistic: emulated(text),
  Tags: emulated(tagList),
  Threshold: emulated(number),
  ThresholdMetricId: emulated(text),
  TreatMissingData: emulated(text),
  Unit: emulated(text),
  WarmUpConfiguration: emulated(
    record({
      OnlyStartEvaluatingAfterWarmUpPeriodEnds: emulated(flag),
      WarmUpPeriodDurationInMinutes: required(emulated(integer)),
    }),
  ),
};

/** An alarm on one metric or on an expression. */
export const cloudWatchAlarm = define({
  type: 'AWS::CloudWatch::Alarm',
  properties,
  unique: uniqueAlarmName,
  create(resource, context: ResourceContext<CloudWatch>) {
    const other = resource.properties.Metrics?.find(({ AccountId = context.account }) => AccountId !== context.account);
    if (other !== undefined) throw new UnsupportedResource('its metrics are of another account');
    const created = put(resource, context);
    context.service.setSystemTags(created.attributes.Arn, resource.systemTags);
    return created;
  },
  // Replaces the configuration and keeps the state.
  update(resource, context: ResourceContext<CloudWatch>) {
    const updated = put(resource, context);
    changeTags(updated.attributes.Arn, resource.previous.Tags, resource.properties.Tags, context);
    return updated;
  },
  delete: ({ ref }, context: ResourceContext<CloudWatch>) =>
    context.service.deleteAlarms({ AlarmNames: [ref] }, context.call),
});

function put(resource: NewResource<Values<typeof properties>>, context: ResourceContext<CloudWatch>) {
  const { ComparisonOperator: operator, Statistic: statistic, Unit: unit, Metrics, ...others } = resource.properties;
  const { EvaluationWindow: window, ...given } = others;
  const name = alarmNameOf(resource);
  context.service.putMetricAlarm(
    {
      ...given,
      AlarmName: name,
      // The service validates these names against the enums of the SDK's types.
      ComparisonOperator: operator as ComparisonOperator,
      Statistic: statistic as Statistic | undefined,
      Unit: unit as StandardUnit | undefined,
      EvaluationWindow: window as EvaluationWindow | undefined,
      Metrics: Metrics?.map(({ MetricStat, ...query }) => ({
        ...query,
        ...(MetricStat && { MetricStat: { ...MetricStat, Unit: MetricStat.Unit as StandardUnit | undefined } }),
      })),
    },
    context.call,
  );
  const arn = formatArn('cloudwatch', context.region, context.account, `alarm:${name}`);
  return { ref: name, attributes: { Arn: arn } };
}
