import type { ActionAfterCompletion, FlexibleTimeWindow, ScheduleState, Target } from '@aws-sdk/client-scheduler';
import { formatArn } from '../../../core';
import type { Timer, Zone } from '../../../clock';
import type { Expression } from './expression';

/** What CreateSchedule and UpdateSchedule set: all of it each time. */
export interface ScheduleSettings {
  /** The expression as it was given. */
  readonly text: string;
  readonly expression: Expression;
  readonly zoneName: string;
  readonly zone: Zone;
  readonly window: FlexibleTimeWindow;
  readonly target: ScheduleTarget;
  /** In emulated milliseconds since the epoch. */
  readonly start?: number;
  readonly end?: number;
  readonly state: ScheduleState;
  readonly afterCompletion: ActionAfterCompletion;
  readonly description?: string;
  readonly kmsKeyArn?: string;
}

/** A target that has been checked. */
export type ScheduleTarget = Target & { readonly Arn: string; readonly RoleArn: string };

/** A schedule in a group. */
export class Schedule {
  public readonly arn: string;
  public modifiedAt: number;
  /** The next run: when it is due, without its flexible window. */
  public pending?: { readonly due: number; readonly timer: Timer };

  constructor(
    public readonly name: string,
    public readonly groupName: string,
    region: string,
    account: string,
    public readonly createdAt: number,
    public settings: ScheduleSettings,
  ) {
    this.arn = formatArn('scheduler', region, account, `schedule/${groupName}/${name}`);
    this.modifiedAt = createdAt;
  }

  /** The first run at or after an instant, without its flexible window; undefined if there is none. */
  public next(from: number): number | undefined {
    const { expression, zone, start, end } = this.settings;
    // StartDate and EndDate have no effect on one that runs once.
    if (expression.isOneTime) return expression.next(from, from, zone);
    const at = expression.next(Math.max(from, start ?? from), start ?? this.modifiedAt, zone);
    return at === undefined || (end !== undefined && at > end) ? undefined : at;
  }

  /** Whether its last run deletes it. A recurring one without an EndDate has no last run. */
  public get deletesItself(): boolean {
    const { afterCompletion, expression, end } = this.settings;
    return afterCompletion === 'DELETE' && (expression.isOneTime || end !== undefined);
  }
}
