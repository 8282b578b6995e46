import type { AutoScaling } from '../autoscaling';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import type { StartInstanceRefreshType } from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../../core';
import { emulated, flag, integer, list, record, text } from '../../../cloudformation/provider/shapes';

/** The part of a group's update policy that has its instances replaced when what they are launched from changes. */
export const instanceRefreshPolicy = record({
  Preferences: emulated(
    record({
      AlarmSpecification: emulated(record({ Alarms: emulated(list(text)) })),
      AutoRollback: emulated(flag),
      BakeTime: emulated(integer),
      CheckpointDelay: emulated(integer),
      CheckpointPercentages: emulated(list(integer)),
      InstanceWarmup: emulated(integer),
      MaxHealthyPercentage: emulated(integer),
      MinHealthyPercentage: emulated(integer),
      ScaleInProtectedInstances: emulated(text),
      SkipMatching: emulated(flag),
      StandbyInstances: emulated(text),
    }),
  ),
  Strategy: emulated(text),
});

/** Begins a refresh; one that goes on already is for a configuration that is the group's no longer, and is cancelled. */
export function refreshInstances(
  groupName: string,
  policy: ReturnType<typeof instanceRefreshPolicy.read>,
  context: ResourceContext<AutoScaling>,
): void {
  const name = { AutoScalingGroupName: groupName };
  // The service checks the names against the sets that the SDK's types know.
  const input = { ...policy, ...name } as StartInstanceRefreshType;
  try {
    context.service.startInstanceRefresh(input, context.call);
  } catch (error) {
    if (!(error instanceof AwsError && error.shape === 'InstanceRefreshInProgressFault')) throw error;
    context.service.cancelInstanceRefresh({ ...name, WaitForTransitioningInstances: false }, context.call);
    context.service.startInstanceRefresh(input, context.call);
  }
}
