import type { NewResource, ResourceContext, UniqueName } from '../../../cloudformation/provider/contract';
import type { CloudWatch } from '../cloudwatch';

type Named = { readonly AlarmName?: string };

export function alarmNameOf({ properties: { AlarmName }, name }: NewResource<Named>): string {
  return AlarmName ?? name({ longest: 255 });
}

/** Metric and composite alarms share one namespace of names. */
export const uniqueAlarmName: UniqueName<Named, ResourceContext<CloudWatch>> = {
  among: 'alarm',
  name: alarmNameOf,
  exists: (resource, { service }) => service.alarms().some(({ name }) => name === alarmNameOf(resource)),
};
