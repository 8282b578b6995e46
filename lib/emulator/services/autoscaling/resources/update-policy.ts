import {
  emulated,
  flag,
  inert,
  integer,
  record,
  type Shape,
  unsupported,
  type Values,
  WrongShape,
} from '../../../cloudformation/provider/shapes';
import { instanceRefreshPolicy } from './instance-refresh';

const noSignals = 'instances do not signal: they are taken for ready when they are in service';

/** In seconds. */
const duration: Shape<number> = {
  expected: 'a duration such as PT5M',
  read(value, path) {
    const match = typeof value === 'string' ? /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(value) : null;
    if (match === null) throw new WrongShape(path, value, this.expected);
    const [hours, minutes, seconds] = match.slice(1).map((part?: string) => Number(part ?? 0));
    return hours * 3_600 + minutes * 60 + seconds;
  },
};

/** The parts of a group's `UpdatePolicy`: what an update does to its instances and its size. */
export const updatePolicy = {
  AutoScalingInstanceRefresh: emulated(instanceRefreshPolicy, 'the deployment does not wait for it'),
  AutoScalingReplacingUpdate: emulated(record({ WillReplace: emulated(flag) })),
  AutoScalingRollingUpdate: emulated(
    record({
      MaxBatchSize: emulated(integer),
      MinActiveInstancesPercent: inert(integer, noSignals),
      MinInstancesInService: emulated(integer),
      MinSuccessfulInstancesPercent: inert(integer, noSignals),
      PauseTime: emulated(duration),
      SuspendProcesses: unsupported('all processes go on during the update'),
      WaitOnResourceSignals: inert(flag, noSignals),
    }),
    'done as an instance refresh that keeps as many instances in service',
  ),
  AutoScalingScheduledAction: emulated(record({ IgnoreUnmodifiedGroupSizeProperties: emulated(flag) })),
};

/** The launch properties. Changing them affects running instances only if the update policy says so. */
export const LAUNCH_PROPERTIES = [
  'LaunchConfigurationName',
  'LaunchTemplate',
  'MixedInstancesPolicy',
  'VPCZoneIdentifier',
] as const;

/** How running instances are replaced after such a change; undefined if they stay. */
export function refreshOf(
  policy: Values<typeof updatePolicy>,
  desiredCapacity: number,
): ReturnType<typeof instanceRefreshPolicy.read> | undefined {
  const { AutoScalingInstanceRefresh: refresh, AutoScalingRollingUpdate: rolling } = policy;
  if (refresh !== undefined) return refresh;
  if (rolling === undefined || desiredCapacity === 0) return undefined;
  const { MaxBatchSize = 1, MinInstancesInService = 0, PauseTime } = rolling;
  const inService = Math.min(desiredCapacity, Math.max(MinInstancesInService, desiredCapacity - MaxBatchSize));
  return {
    Preferences: {
      MinHealthyPercentage: Math.floor((inService / desiredCapacity) * 100),
      ...(PauseTime !== undefined && { InstanceWarmup: PauseTime }),
      ScaleInProtectedInstances: 'Refresh',
    },
  };
}
