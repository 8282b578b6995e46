import type { PutWarmPoolType } from '@aws-sdk/client-auto-scaling';
import {
  emulated,
  flag,
  integer,
  record,
  replacing,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const properties = {
  AutoScalingGroupName: required(replacing(emulated(text))),
  InstanceReusePolicy: emulated(record({ ReuseOnScaleIn: emulated(flag) })),
  MaxGroupPreparedCapacity: emulated(integer),
  MinSize: emulated(integer),
  PoolState: emulated(text, 'a hibernated instance starts its programs anew, like a stopped one'),
};

/** The prepared instances of a group. */
export const autoScalingWarmPool = define({
  type: 'AWS::AutoScaling::WarmPool',
  properties,
  unique: {
    name: ({ properties: { AutoScalingGroupName } }) => AutoScalingGroupName,
    exists({ properties: { AutoScalingGroupName } }, cloud) {
      const described = cloud.autoScaling.describeWarmPool({ AutoScalingGroupName }, cloud.call);
      return described.WarmPoolConfiguration !== undefined;
    },
  },
  create({ properties: given }, cloud) {
    cloud.autoScaling.putWarmPool(inputOf(given), cloud.call);
    return { ref: given.AutoScalingGroupName, attributes: {} };
  },
  update({ ref, properties: given }, cloud) {
    cloud.autoScaling.putWarmPool(inputOf(given), cloud.call);
    return { ref, attributes: {} };
  },
  delete({ ref: AutoScalingGroupName }, cloud) {
    const remove = () => cloud.autoScaling.deleteWarmPool({ AutoScalingGroupName, ForceDelete: true }, cloud.call);
    // With its group, or by hand, it may have gone before.
    unlessGone(remove, 'ValidationError', 'ScalingActivityInProgressFault');
  },
});

/** All of a pool's settings: the API would leave what is not given as it is. */
function inputOf(given: Values<typeof properties>): PutWarmPoolType {
  return {
    AutoScalingGroupName: given.AutoScalingGroupName,
    InstanceReusePolicy: { ReuseOnScaleIn: given.InstanceReusePolicy?.ReuseOnScaleIn ?? false },
    MaxGroupPreparedCapacity: given.MaxGroupPreparedCapacity ?? -1,
    MinSize: given.MinSize ?? 0,
    PoolState: (given.PoolState ?? 'Stopped') as PutWarmPoolType['PoolState'],
  };
}
