import type { NewResource, UniqueName } from '../provider/contract';

type Named = { readonly AlarmName?: string };

export function alarmNameOf({ properties: { AlarmName }, name }: NewResource<Named>): string {
  return AlarmName ?? name({ longest: 255 });
}

/** Metric and composite alarms share their names. */
export const uniqueAlarmName: UniqueName<Named> = {
  among: 'alarm',
  name: alarmNameOf,
  exists: (resource, cloud) => cloud.cloudWatch.alarms().some(({ name }) => name === alarmNameOf(resource)),
};
