import type { Scheduler } from './scheduler';

/** A schedule's state. */
export interface ScheduleStatus {
  readonly name: string;
  readonly group: string;
  readonly enabled: boolean;
  /** The next run, without its flexible window, in emulated milliseconds since the epoch; undefined if there is none. */
  readonly nextRun?: number;
}

/** The schedules of all groups, as `Emulator.status()` shows them. */
export function scheduleStatus(service: Scheduler): ScheduleStatus[] {
  return service.schedules().map((schedule) => ({
    name: schedule.name,
    group: schedule.groupName,
    enabled: schedule.settings.state === 'ENABLED',
    nextRun: schedule.pending?.due,
  }));
}
