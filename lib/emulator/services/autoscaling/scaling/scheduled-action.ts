import type { PutScheduledUpdateGroupActionType, ScheduledUpdateGroupAction } from '@aws-sdk/client-auto-scaling';
import { type Timer, TimeZone } from '../../../clock';
import { type CronSchedule, nextOccurrence, parseCron } from './cron';
import { checkInteger, missing, validationError } from '../errors';
import type { Group } from '../groups/group';

/** A scheduled change of a group's size. */
export interface ScheduledAction {
  readonly name: string;
  readonly arn: string;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly desired: number | undefined;
  readonly recurrence: string | undefined;
  readonly timeZone: string | undefined;
  readonly endsAt: number | undefined;
  /** The next occurrence after `after`; undefined if there is none. */
  readonly following: (after: number) => number | undefined;
  /** When it runs next. */
  next: number;
  timer?: Timer;
}

/** Validates the input of PutScheduledUpdateGroupAction, which replaces an existing action as a whole. */
export function defineScheduledAction(
  input: PutScheduledUpdateGroupActionType,
  now: number,
  arnOf: (name: string) => string,
): ScheduledAction {
  const { ScheduledActionName: name, Recurrence: recurrence, TimeZone: timeZone, Time, StartTime = Time } = input;
  if (name === undefined) throw missing('ScheduledActionName');
  if (name.length < 1 || name.length > 255 || name.includes(':')) {
    throw validationError(
      `The value ${name} for ScheduledActionName is invalid: 1 to 255 characters without a colon are allowed.`,
    );
  }
  if (Time !== undefined && StartTime?.getTime() !== Time.getTime())
    throw validationError('Time and StartTime must be the same where both are specified.');
  const startsAt = StartTime?.getTime();
  const endsAt = input.EndTime?.getTime();
  if (startsAt !== undefined && startsAt < now) throw validationError('Given start time is in the past');
  if (endsAt !== undefined && endsAt < now) throw validationError('Given end time is in the past');
  if (endsAt !== undefined && startsAt !== undefined && endsAt <= startsAt)
    throw validationError('Given end time is before the given start time');
  checkSizes(input);
  const following = recurrenceOf(recurrence, timeZone, endsAt);
  // The start time of a recurring action is its first run; its recurrence counts only from then on.
  const next = startsAt ?? following(now);
  if (next === undefined) {
    throw validationError(
      recurrence === undefined
        ? 'Either StartTime or Recurrence must be specified for a scheduled action.'
        : `Given recurrence string: ${recurrence} never comes up${endsAt === undefined ? '' : ' before the end time'}`,
    );
  }
  const { MinSize: min, MaxSize: max, DesiredCapacity: desired } = input;
  return { name, arn: arnOf(name), min, max, desired, recurrence, timeZone, endsAt, following, next };
}

/** The action as DescribeScheduledActions returns it: its start time is its next run. */
export function describeScheduledAction(group: Group, action: ScheduledAction): ScheduledUpdateGroupAction {
  return {
    AutoScalingGroupName: group.name,
    ScheduledActionName: action.name,
    ScheduledActionARN: action.arn,
    Time: new Date(action.next),
    StartTime: new Date(action.next),
    EndTime: action.endsAt === undefined ? undefined : new Date(action.endsAt),
    Recurrence: action.recurrence,
    TimeZone: action.timeZone,
    MinSize: action.min,
    MaxSize: action.max,
    DesiredCapacity: action.desired,
  };
}

function checkSizes({ MinSize, MaxSize, DesiredCapacity }: PutScheduledUpdateGroupActionType): void {
  checkInteger('MinSize', MinSize, 0);
  checkInteger('MaxSize', MaxSize, 0);
  checkInteger('DesiredCapacity', DesiredCapacity, 0);
  if (MinSize === undefined && MaxSize === undefined && DesiredCapacity === undefined) {
    throw validationError('At least one of MinSize, MaxSize and DesiredCapacity must be specified.');
  }
  if ((MaxSize ?? Infinity) < (MinSize ?? 0))
    throw validationError(`Max bound, ${MaxSize}, must be greater than or equal to min bound, ${MinSize}`);
  if (DesiredCapacity === undefined) return;
  if (DesiredCapacity < (MinSize ?? 0) || DesiredCapacity > (MaxSize ?? Infinity)) {
    throw validationError(
      `Desired capacity:${DesiredCapacity} must be between the specified min size:${MinSize ?? 0} and max size:${MaxSize ?? ''}`,
    );
  }
}

function recurrenceOf(
  recurrence: string | undefined,
  timeZone: string | undefined,
  endsAt = Infinity,
): ScheduledAction['following'] {
  const zone = zoneOf(timeZone);
  if (recurrence === undefined) return () => undefined;
  const schedule: CronSchedule | undefined = parseCron(recurrence);
  if (schedule === undefined) throw validationError(`Given recurrence string: ${recurrence} is invalid`);
  return (after) => {
    const next = nextOccurrence(schedule, after, zone);
    return next === undefined || next > endsAt ? undefined : next;
  };
}

function zoneOf(name = 'Etc/UTC'): TimeZone {
  try {
    return new TimeZone(name);
  } catch {
    throw validationError(
      `The value ${name} for TimeZone is invalid: names of the IANA Time Zone Database are allowed, such as Etc/GMT+9 or Pacific/Tahiti.`,
    );
  }
}
