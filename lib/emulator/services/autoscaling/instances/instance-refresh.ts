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

/** An instance refresh of a group. */
export interface InstanceRefresh {
  readonly id: string;
  readonly startedAt: number;
  readonly preferences: RefreshPreferences;
  /** The desired configuration; undefined if it is the group's own. */
  readonly desired: DesiredConfiguration | undefined;
  status: InstanceRefreshStatus;
  reason?: string;
  endedAt?: number;
  /** The instances to be replaced in this phase, which is the refresh or its rollback. */
  todo: ReadonlySet<Instance>;
  /** When this phase began: instances launched since are up to date. */
  phaseBegan: number;
  /** The number of replacements before the next checkpoint, and its index. */
  checkpoint: number;
  /** When the wait at a checkpoint ends. */
  pausedUntil: number;
  /** When it last made progress. */
  progressedAt: number;
  /** The number of replaced instances at that time. */
  done: number;
  rollback?: RollbackDetails;
  timer?: Timer;
}

/** The statuses of a refresh that has not ended. */
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

/** Validates the input of StartInstanceRefresh, and adds the defaults of its preferences. */
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

/** Why a refresh cannot be rolled back; undefined if it can. */
export function whyIrreversible(group: Group, desired: DesiredConfiguration | undefined): string | undefined {
  if (desired === undefined) return 'no desired configuration is specified';
  const { Version = '$Default' } = launchSource(group.definition).specification;
  return Version.startsWith('$') ? `the Auto Scaling group uses the launch template version ${Version}` : undefined;
}

export function describeRefresh(group: Group, refresh: InstanceRefresh, left: number): DescribedRefresh {
  const { status, rollback } = refresh;
  const total = refresh.todo.size;
  // A rollback counts down to 0 %, from the percentage that the refresh had reached.
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

/** The number of instances that may be replaced at a time, launched before or after a termination. */
export function slots(
  group: Group,
  preferences: RefreshPreferences,
): { readonly before: number; readonly after: number } {
  const { MinHealthyPercentage: min = 90, MaxHealthyPercentage: max } = preferences;
  const size = group.size;
  const before = Math.floor((size * (max ?? 100)) / 100) - size;
  const after = size - Math.ceil((size * min) / 100);
  if (before + after > 0) return { before, after };
  // Impossible within the bounds: one at a time, and above the maximum only if the request sets one.
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
