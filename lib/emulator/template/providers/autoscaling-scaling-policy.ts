import { emulated, integer, list, number, record, required, text } from '../shapes';
import { define } from './define';

export const autoScalingPolicy = define({
  type: 'AWS::AutoScaling::ScalingPolicy',
  properties: {
    AdjustmentType: emulated(text),
    AutoScalingGroupName: required(emulated(text)),
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
  },
  refusal({ PolicyType }) {
    const known = typeof PolicyType !== 'string' || ['StepScaling', 'SimpleScaling'].includes(PolicyType);
    return known ? undefined : `its PolicyType is ${PolicyType}; StepScaling and SimpleScaling are emulated`;
  },
  create(resource, cloud) {
    const given = resource.properties;
    const { PolicyType = 'SimpleScaling' } = given;
    const name = resource.name({ longest: 255 });
    const { PolicyARN: arn = '' } = cloud.autoScaling.putScalingPolicy(
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
      },
      cloud.call,
    );
    return { ref: arn, attributes: { Arn: arn, PolicyName: name } };
  },
});
