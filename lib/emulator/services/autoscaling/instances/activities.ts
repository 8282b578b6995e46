import type {
  ActivitiesType,
  Activity as DescribedActivity,
  DescribeScalingActivitiesType,
  ScalingActivityStatusCode,
} from '@aws-sdk/client-auto-scaling';
import { page } from '../../../core';
import { DAY, type Clock, type Random } from '../../../clock';
import type { Timeline } from '../../../timeline';
import { checkRecords, invalidNextToken, validationError } from '../errors';
import type { Groups } from '../groups/groups';

/** A scaling activity: the launch or termination of an instance. */
export interface Activity {
  readonly id: string;
  readonly groupName: string;
  readonly groupArn: string;
  /** Empty if it concerns no instance. */
  readonly availabilityZone: string;
  readonly description: string;
  readonly cause: string;
  readonly startedAt: number;
  status: ScalingActivityStatusCode;
  /** In percent. */
  progress: number;
  statusMessage?: string;
  endedAt?: number;
}

/** AWS keeps activities for six weeks. */
const KEPT_FOR = 42 * DAY;
/** Our own limit on the activities of all groups. */
const MOST_ACTIVITIES = 10_000;

/** The scaling activities of an account in a Region, oldest first. */
export class Activities {
  private list: Activity[] = [];
  private first = 0;
  private starts = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly timeline: Timeline,
  ) {}

  /** The number of activities started so far. */
  public get started(): number {
    return this.starts;
  }

  public start(
    group: { readonly name: string; readonly arn: string },
    status: ScalingActivityStatusCode,
    availabilityZone: string,
    description: string,
    cause: string,
  ): Activity {
    const now = this.clock.now();
    const activity: Activity = {
      id: this.random.uuid(),
      groupName: group.name,
      groupArn: group.arn,
      availabilityZone,
      description,
      cause,
      startedAt: now,
      status,
      progress: status === 'PreInService' ? 30 : 0,
    };
    this.list.push(activity);
    this.starts++;
    while (this.list.length - this.first > MOST_ACTIVITIES || this.list[this.first].startedAt < now - KEPT_FOR)
      this.first++;
    if (this.first * 2 > this.list.length) {
      this.list = this.list.slice(this.first);
      this.first = 0;
    }
    this.timeline.record('autoscaling.activity', group.name, { description, cause });
    return activity;
  }

  public end(activity: Activity, status: ScalingActivityStatusCode, statusMessage?: string): void {
    activity.status = status;
    activity.progress = 100;
    activity.statusMessage = statusMessage;
    activity.endedAt = this.clock.now();
  }

  /** DescribeScalingActivities: newest first. */
  public describe(input: DescribeScalingActivitiesType, groups: Groups): ActivitiesType {
    const { ActivityIds: ids, AutoScalingGroupName: name, IncludeDeletedGroups, MaxRecords = 100 } = input;
    if (input.Filters?.length) throw validationError('Filters are not supported for DescribeScalingActivities.');
    checkRecords(MaxRecords);
    if (name !== undefined && !IncludeDeletedGroups) groups.find(name);
    const activities = this.list
      .slice(this.first)
      .reverse()
      .filter(({ id, groupName }) => (!ids?.length || ids.includes(id)) && (name ?? groupName) === groupName)
      .filter(({ groupArn, groupName }) => IncludeDeletedGroups || groups.get(groupName)?.arn === groupArn);
    const { items, nextToken } = page(activities, MaxRecords, input.NextToken, invalidNextToken);
    return { Activities: items.map(describeActivity), NextToken: nextToken };
  }
}

export function describeActivity(activity: Activity): DescribedActivity {
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: activity.groupName,
    AutoScalingGroupARN: activity.groupArn,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startedAt),
    EndTime: activity.endedAt === undefined ? undefined : new Date(activity.endedAt),
    StatusCode: activity.status,
    StatusMessage: activity.statusMessage,
    Progress: activity.progress,
    Details: JSON.stringify(activity.availabilityZone === '' ? {} : { 'Availability Zone': activity.availabilityZone }),
  };
}

/** `2030-01-01T00:03:00Z`: the format of times in causes. */
export function causeTime(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}
