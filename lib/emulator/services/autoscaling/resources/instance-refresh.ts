import type { AutoScaling } from '../autoscaling';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import type { StartInstanceRefreshType } from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../../core';
import { emulated, flag, integer, list, record, text } from '../../../cloudformation/provider/shapes';

/** The part of an update policy that replaces instances when their launch properties change. */
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

/** Starts a refresh. A refresh in progress has an outdated configuration, and is cancelled. */
export function refreshInstances(
  groupName: string,
  policy: ReturnType<typeof instanceRefreshPolicy.read>,
  context: ResourceContext<AutoScaling>,
): void {
  const name = { AutoScalingGroupName: groupName };
  // The service validates the names against the enums of the SDK's types.
  const input = { ...policy, ...name } as StartInstanceRefreshType;
  try {
    context.service.startInstanceRefresh(input, context.call);
  } catch (error) {
    if (!(error instanceof AwsError && error.shape === 'InstanceRefreshInProgressFault')) throw error;
    context.service.cancelInstanceRefresh({ ...name, WaitForTransitioningInstances: false }, context.call);
    context.service.startInstanceRefresh(input, context.call);
  }
}
