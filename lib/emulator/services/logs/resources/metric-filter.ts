import type { StandardUnit } from '@aws-sdk/client-cloudwatch-logs';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import {
  emulated,
  list,
  number,
  record,
  replacing,
  required,
  text,
  unsupported,
  type Values,
} from '../../../cloudformation/provider/shapes';
import type { Logs } from '../logs';

const transformation = {
  DefaultValue: emulated(number),
  Dimensions: emulated(list(record({ Key: required(emulated(text)), Value: required(emulated(text)) }))),
  MetricName: required(emulated(text)),
  MetricNamespace: required(emulated(text)),
  MetricValue: required(emulated(text)),
  Unit: emulated(text),
};

const properties = {
  ApplyOnTransformedLogs: unsupported('log events are not transformed'),
  EmitSystemFieldDimensions: unsupported('metrics get no dimensions of system fields'),
  FieldSelectionCriteria: unsupported('events of all accounts and Regions are taken'),
  FilterName: replacing(emulated(text)),
  FilterPattern: required(emulated(text)),
  LogGroupName: replacing(required(emulated(text))),
  MetricTransformations: required(emulated(list(record(transformation)))),
};

/** A metric filter of a log group. */
export const metricFilter = define({
  type: 'AWS::Logs::MetricFilter',
  properties,
  create({ properties: given, name }, context: ResourceContext<Logs>) {
    const filterName = given.FilterName ?? name({ longest: 512 });
    put(filterName, given, context);
    return { ref: filterName, attributes: {} };
  },
  update({ ref, properties: given }, context: ResourceContext<Logs>) {
    put(ref, given, context);
    return { ref, attributes: {} };
  },
  delete({ ref: filterName, properties: { LogGroupName } }, { service, call }: ResourceContext<Logs>) {
    const remove = () => service.deleteMetricFilter({ logGroupName: LogGroupName, filterName }, call);
    unlessGone(remove, 'ResourceNotFoundException');
  },
});

function put(filterName: string, given: Values<typeof properties>, { service, call }: ResourceContext<Logs>): void {
  const { FilterPattern: filterPattern, LogGroupName: logGroupName, MetricTransformations } = given;
  const metricTransformations = MetricTransformations.map((one) => ({
    metricName: one.MetricName,
    metricNamespace: one.MetricNamespace,
    metricValue: one.MetricValue,
    ...(one.DefaultValue !== undefined && { defaultValue: one.DefaultValue }),
    ...(one.Dimensions && { dimensions: Object.fromEntries(one.Dimensions.map(({ Key, Value }) => [Key, Value])) }),
    ...(one.Unit !== undefined && { unit: one.Unit as StandardUnit }),
  }));
  service.putMetricFilter({ logGroupName, filterName, filterPattern, metricTransformations }, call);
}
