import type { AutoScaling } from '../autoscaling';
import type { MetricStatistic } from '@aws-sdk/client-auto-scaling';
import { isObject, type Json } from '../../../cloudformation/provider/json';
import {
  anything,
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
import type { CreatedResource, NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const dimensions = emulated(list(record({ Name: required(emulated(text)), Value: required(emulated(text)) })));

const metricStat = record({
  Metric: required(
    emulated(
      record({ Dimensions: dimensions, MetricName: required(emulated(text)), Namespace: required(emulated(text)) }),
    ),
  ),
  Period: emulated(integer),
  Stat: required(emulated(text)),
  Unit: emulated(text),
});

const customizedMetric = record({
  Dimensions: dimensions,
  MetricName: emulated(text),
  Metrics: emulated(
    list(
      record({
        Expression: emulated(text),
        Id: required(emulated(text)),
        Label: emulated(text),
        MetricStat: emulated(metricStat),
        Period: emulated(integer),
        ReturnData: emulated(flag),
      }),
    ),
  ),
  Namespace: emulated(text),
  Period: emulated(integer),
  Statistic: emulated(text),
  Unit: emulated(text),
});

const targetTracking = record({
  CustomizedMetricSpecification: emulated(customizedMetric),
  DisableScaleIn: emulated(flag),
  // Never read: a policy that has one is rejected as a whole.
  PredefinedMetricSpecification: inert(anything),
  TargetValue: required(emulated(number)),
});

const POLICY_TYPES = ['StepScaling', 'SimpleScaling', 'TargetTrackingScaling'];

const properties = {
  AdjustmentType: emulated(text),
  AutoScalingGroupName: replacing(required(emulated(text))),
  Cooldown: emulated(integer),
  EstimatedInstanceWarmup: emulated(integer),
  MetricAggregationType: emulated(text),
  MinAdjustmentMagnitude: emulated(integer),
  PolicyType: emulated(text),
  ScalingAdjustment: emulated(integer),
  StepAdjustments: emulated(
    list(
      record({
        MetricIntervalLowerBound: emulated(number),
        MetricIntervalUpperBound: emulated(number),
        ScalingAdjustment: required(emulated(integer)),
      }),
    ),
  ),
  TargetTrackingConfiguration: emulated(targetTracking),
};

export const autoScalingPolicy = define({
  type: 'AWS::AutoScaling::ScalingPolicy',
  properties,
  refusal({ PolicyType, TargetTrackingConfiguration }) {
    if (typeof PolicyType === 'string' && !POLICY_TYPES.includes(PolicyType))
      return `its PolicyType is ${PolicyType}; ${POLICY_TYPES.join(', ')} are emulated`;
    const predefined = predefinedMetric(TargetTrackingConfiguration);
    if (predefined === undefined) return undefined;
    return `it tracks ${predefined}, and instances have no CPU, network or load balancer of their own here; a CustomizedMetricSpecification is emulated`;
  },
  create: put,
  update: put,
  delete({ ref, properties: { AutoScalingGroupName } }, context: ResourceContext<AutoScaling>) {
    // It may have been deleted with its group.
    unlessGone(
      () => context.service.deletePolicy({ AutoScalingGroupName, PolicyName: ref }, context.call),
      'ValidationError',
    );
  },
});

function put(resource: NewResource<Values<typeof properties>>, context: ResourceContext<AutoScaling>): CreatedResource {
  const { TargetTrackingConfiguration: tracking, ...given } = resource.properties;
  const { PolicyType = 'SimpleScaling' } = given;
  const metric = tracking?.CustomizedMetricSpecification;
  const name = resource.name({ longest: 255 });
  const { PolicyARN: arn = '' } = context.service.putScalingPolicy(
    {
      PolicyName: name,
      PolicyType,
      AutoScalingGroupName: given.AutoScalingGroupName,
      AdjustmentType: given.AdjustmentType,
      Cooldown: given.Cooldown,
      EstimatedInstanceWarmup: given.EstimatedInstanceWarmup,
      MetricAggregationType: given.MetricAggregationType,
      MinAdjustmentMagnitude: given.MinAdjustmentMagnitude,
      ScalingAdjustment: given.ScalingAdjustment,
      StepAdjustments: given.StepAdjustments,
      TargetTrackingConfiguration: tracking && {
        TargetValue: tracking.TargetValue,
        DisableScaleIn: tracking.DisableScaleIn,
        // The service validates the statistic against the enum of the SDK's type.
        CustomizedMetricSpecification: metric && {
          ...metric,
          Statistic: metric.Statistic as MetricStatistic | undefined,
        },
      },
    },
    context.call,
  );
  return { ref: arn, attributes: { Arn: arn, PolicyName: name } };
}

/**
 * The predefined metric of a target-tracking policy; undefined if it has none, or its name is an unresolved expression.
 */
function predefinedMetric(configuration: Json | undefined): string | undefined {
  const specification = isObject(configuration) ? configuration.PredefinedMetricSpecification : undefined;
  if (specification === undefined) return undefined;
  const type = isObject(specification) ? specification.PredefinedMetricType : undefined;
  return typeof type === 'string' ? type : 'a predefined metric';
}
