import type {
  DesiredConfiguration,
  InstanceRefresh as DescribedRefresh,
  InstanceRefreshStatus,
  RefreshPreferences,
  RollbackDetails,
  StartInstanceRefreshType,
} from '@aws-sdk/client-auto-scaling';
import type { Timer } from '../../../clock';
import { checkInteger, checkOneOf, validationError } from '../errors';
import type { Group } from '../groups/group';
import { launchSource } from '../groups/group-definition';
import type { Instance } from './instance';

/** One replacement of a group's instances, a few at a time. */
export interface InstanceRefresh {
  readonly id: string;
  readonly startedAt: number;
  readonly preferences: RefreshPreferences;
  /** What the instances are to become; undefined if that is what the group has. */
  readonly desired: DesiredConfiguration | undefined;
  status: InstanceRefreshStatus;
  reason?: string;
  endedAt?: number;
  /** Those that are to be replaced, of this phase: on the way there, or back. */
  todo: ReadonlySet<Instance>;
  /** Where this phase began: instances launched since then are what is to be. */
  phaseBegan: number;
  /** How many instances may have been replaced before the next checkpoint, and which one that is. */
  checkpoint: number;
  /** Until when it waits at a checkpoint. */
  pausedUntil: number;
  /** When it last got on. */
  progressedAt: number;
  /** How many were done then. */
  done: number;
  rollback?: RollbackDetails;
  timer?: Timer;
}

/** Statuses in which a refresh still has something to do. */
const ACTIVE: readonly InstanceRefreshStatus[] = [
  'Pending',
  'InProgress',
  'Baking',
  'RollbackInProgress',
  'Cancelling',
];

const DAYS_2 = 172_800;

export function isActive(refresh: InstanceRefresh): boolean {
  return ACTIVE.includes(refresh.status);
}

/** Checks what StartInstanceRefresh was given, and fills in the defaults of its preferences. */
export function checkRefresh(input: StartInstanceRefreshType, group: Group): RefreshPreferences {
  checkOneOf('Strategy', input.Strategy, ['Rolling', 'ReplaceRootVolume']);
  if (input.Strategy === 'ReplaceRootVolume')
    throw validationError(
      'The strategy ReplaceRootVolume is not supported: instances have no volumes here. Rolling is.',
    );
  const { Preferences: given = {}, DesiredConfiguration: desired } = input;
  checkInteger('MinHealthyPercentage', given.MinHealthyPercentage, 0, 100);
  checkInteger('MaxHealthyPercentage', given.MaxHealthyPercentage, 100, 200);
  checkInteger('InstanceWarmup', given.InstanceWarmup, 0);
  checkInteger('CheckpointDelay', given.CheckpointDelay, 0, DAYS_2);
  checkInteger('BakeTime', given.BakeTime, 0, DAYS_2);
  checkOneOf('ScaleInProtectedInstances', given.ScaleInProtectedInstances, ['Refresh', 'Ignore', 'Wait']);
  checkOneOf('StandbyInstances', given.StandbyInstances, ['Terminate', 'Ignore', 'Wait']);
  checkHealthyRange(given);
  checkCheckpoints(given);
  if (given.AlarmSpecification?.Alarms !== undefined && given.AlarmSpecification.Alarms.length > 10)
    throw validationError('AlarmSpecification can have at most 10 alarms.');
  if (
    desired !== undefined &&
    (desired.LaunchTemplate === undefined) === (desired.MixedInstancesPolicy === undefined)
  ) {
    throw validationError(
      'A DesiredConfiguration must contain either LaunchTemplate or MixedInstancesPolicy, and not both.',
    );
  }
  if (given.AutoRollback === true) {
    const why = whyIrreversible(group, desired);
    if (why !== undefined) throw validationError(`AutoRollback cannot be specified: ${why}.`);
  }
  return {
    ...given,
    MinHealthyPercentage: given.MinHealthyPercentage ?? 90,
    SkipMatching: given.SkipMatching ?? false,
    AutoRollback: given.AutoRollback ?? false,
    ScaleInProtectedInstances: given.ScaleInProtectedInstances ?? 'Wait',
    StandbyInstances: given.StandbyInstances ?? 'Wait',
    ...(given.CheckpointPercentages?.length && { CheckpointDelay: given.CheckpointDelay ?? 3_600 }),
  };
}

/** Why a refresh to a configuration cannot be undone, if it cannot. */
export function whyIrreversible(group: Group, desired: DesiredConfiguration | undefined): string | undefined {
  if (desired === undefined) return 'no desired configuration is specified';
  const { Version = '$Default' } = launchSource(group.definition).specification;
  return Version.startsWith('$') ? `the Auto Scaling group uses the launch template version ${Version}` : undefined;
}

export function describeRefresh(group: Group, refresh: InstanceRefresh, left: number): DescribedRefresh {
  const { status, rollback } = refresh;
  const total = refresh.todo.size;
  // A rollback leads back to nothing, from as far as the refresh had come.
  const done = total === 0 ? 100 : Math.floor(((total - left) / total) * 100);
  const from = rollback?.PercentageCompleteOnRollback;
  const percentage = from === undefined ? done : Math.floor((from * (100 - done)) / 100);
  return {
    InstanceRefreshId: refresh.id,
    AutoScalingGroupName: group.name,
    Status: status,
    StatusReason: refresh.reason,
    StartTime: status === 'Pending' ? undefined : new Date(refresh.startedAt),
    EndTime: refresh.endedAt === undefined ? undefined : new Date(refresh.endedAt),
    PercentageComplete: status === 'Pending' ? 0 : percentage,
    InstancesToUpdate: status === 'Pending' ? group.capacity.length : left,
    Preferences: refresh.preferences,
    DesiredConfiguration: refresh.desired,
    RollbackDetails: rollback,
    Strategy: 'Rolling',
  };
}

/** How many instances of a group may be replaced at a time: launched before another goes, and after. */
export function slots(
  group: Group,
  preferences: RefreshPreferences,
): { readonly before: number; readonly after: number } {
  const { MinHealthyPercentage: min = 90, MaxHealthyPercentage: max } = preferences;
  const size = group.size;
  const before = Math.floor((size * (max ?? 100)) / 100) - size;
  const after = size - Math.ceil((size * min) / 100);
  if (before + after > 0) return { before, after };
  // It cannot be done within the bounds: one at a time, and only who has named the upper one may have one more.
  return max === undefined ? { before: 0, after: 1 } : { before: 1, after: 0 };
}

function checkHealthyRange({ MinHealthyPercentage: min, MaxHealthyPercentage: max }: RefreshPreferences): void {
  if (max === undefined) return;
  if (min === undefined)
    throw validationError('MinHealthyPercentage must be specified when MaxHealthyPercentage is specified.');
  if (max - min > 100) {
    throw validationError(
      `The difference between MaxHealthyPercentage, ${max}, and MinHealthyPercentage, ${min}, cannot be greater than 100.`,
    );
  }
}

function checkCheckpoints({
  CheckpointPercentages: percentages = [],
  CheckpointDelay: delay,
}: RefreshPreferences): void {
  if (percentages.length === 0) {
    if (delay === undefined) return;
    throw validationError('CheckpointPercentages must be specified when CheckpointDelay is specified.');
  }
  const rises = percentages.every((percentage, index) => index === 0 || percentage > percentages[index - 1]);
  if (!rises || percentages.some((percentage) => !Number.isInteger(percentage) || percentage < 1 || percentage > 100)) {
    throw validationError(
      `The value ${percentages.join(', ')} for CheckpointPercentages is invalid: whole numbers from 1 to 100 in ascending order are allowed.`,
    );
  }
}
