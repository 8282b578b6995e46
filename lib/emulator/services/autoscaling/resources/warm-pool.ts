import type { AutoScaling } from '../autoscaling';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
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

/** A group's warm pool. */
export const autoScalingWarmPool = define({
  type: 'AWS::AutoScaling::WarmPool',
  properties,
  unique: {
    name: ({ properties: { AutoScalingGroupName } }) => AutoScalingGroupName,
    exists({ properties: { AutoScalingGroupName } }, context: ResourceContext<AutoScaling>) {
      const described = context.service.describeWarmPool({ AutoScalingGroupName }, context.call);
      return described.WarmPoolConfiguration !== undefined;
    },
  },
  create({ properties: given }, context: ResourceContext<AutoScaling>) {
    context.service.putWarmPool(inputOf(given), context.call);
    return { ref: given.AutoScalingGroupName, attributes: {} };
  },
  update({ ref, properties: given }, context: ResourceContext<AutoScaling>) {
    context.service.putWarmPool(inputOf(given), context.call);
    return { ref, attributes: {} };
  },
  delete({ ref: AutoScalingGroupName }, context: ResourceContext<AutoScaling>) {
    const remove = () => context.service.deleteWarmPool({ AutoScalingGroupName, ForceDelete: true }, context.call);
    // It may have been deleted with its group, or by a user.
    unlessGone(remove, 'ValidationError', 'ScalingActivityInProgressFault');
  },
});

/** All settings of a pool: the API would keep omitted ones. */
function inputOf(given: Values<typeof properties>): PutWarmPoolType {
  return {
    AutoScalingGroupName: given.AutoScalingGroupName,
    InstanceReusePolicy: { ReuseOnScaleIn: given.InstanceReusePolicy?.ReuseOnScaleIn ?? false },
    MaxGroupPreparedCapacity: given.MaxGroupPreparedCapacity ?? -1,
    MinSize: given.MinSize ?? 0,
    PoolState: (given.PoolState ?? 'Stopped') as PutWarmPoolType['PoolState'],
  };
}
