import type { ScheduleGroupState } from '@aws-sdk/client-scheduler';
import { formatArn } from '../../../core';
import type { Schedule } from '../schedules/schedule';

/** The group of schedules without one. */
export const DEFAULT_GROUP = 'default';

/** A group of schedules. */
export class ScheduleGroup {
  public readonly arn: string;
  public readonly schedules = new Map<string, Schedule>();
  public readonly tags = new Map<string, string>();
  public state: ScheduleGroupState = 'ACTIVE';

  constructor(
    public readonly name: string,
    region: string,
    account: string,
    public readonly createdAt: number,
  ) {
    this.arn = formatArn('scheduler', region, account, `schedule-group/${name}`);
  }
}
